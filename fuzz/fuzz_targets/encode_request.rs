//! A request of any parts, encoded to what `serde_json` writes and decoded to the same value.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: callcontainer_fuzz::encode::Call| input.check());
