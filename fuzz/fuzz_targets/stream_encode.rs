//! An envelope that goes out in pieces: the bytes of the slice encoder.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: callcontainer_fuzz::stream_encode::Input| input.check());
