//! What a service believes of the headers that it receives.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: callcontainer_fuzz::identity::Headers| input.check());
