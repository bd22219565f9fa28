//! A JSON value, and the content of a JSON string, read as `serde_json` reads them.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = callcontainer_fuzz::decode::check_value(input);
    callcontainer_fuzz::decode::check_string(input);
});
