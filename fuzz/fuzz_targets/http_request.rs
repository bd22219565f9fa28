//! The HTTP request of a call, parsed back by `httparse`: one request, and the one that was meant.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: callcontainer_fuzz::http::Hop| input.check());
