//! A client's calls against a peer that sends anything.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: callcontainer_fuzz::client::Input<'_>| input.check());
