//! An `errMsg` of any text, taken apart as the model does.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| callcontainer_fuzz::message::check(input));
