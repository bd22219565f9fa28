//! JSON walked in blocks and byte by byte: the same values and errors.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: callcontainer_fuzz::blocks::Input<'_>| input.check());
