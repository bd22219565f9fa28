//! What a container answers, whatever the bytes: a reply that decodes.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: callcontainer_fuzz::container::Input<'_>| input.check());
