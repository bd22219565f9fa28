//! An envelope that decodes, encoded and decoded again: the same from then on.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    callcontainer_fuzz::reencode::check_request(input);
    callcontainer_fuzz::reencode::check_reply(input);
});
