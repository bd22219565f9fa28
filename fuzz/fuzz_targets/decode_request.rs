//! A request envelope, decoded as `serde_json` and the model over it say.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = callcontainer_fuzz::decode::check_request(input);
});
