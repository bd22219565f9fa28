//! An envelope that comes in pieces: the events and the error of any other split, and of the slice.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: callcontainer_fuzz::stream::Input<'_>| input.check());
