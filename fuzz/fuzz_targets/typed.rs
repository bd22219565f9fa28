//! JSON read into many types and written from them, as `serde_json` does.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| callcontainer_fuzz::typed::check(input));
