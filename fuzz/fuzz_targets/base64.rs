//! Base64 both ways, as the crate of that name has it.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| callcontainer_fuzz::base64::check(input));
