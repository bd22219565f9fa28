//! Decodes a request envelope.

#![no_std]
#![no_main]

use board::{Work, finish, measure};
use callcontainer::{Error, Request};

#[unsafe(link_section = ".check")]
fn is_right(request: &Result<Request<'_>, Error>, envelope: &'static [u8]) -> bool {
    request
        .as_ref()
        .is_ok_and(|request| images::is_head(request) & images::is_json(request.data(), envelope, images::REQUEST_HEAD))
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    finish(measure(&Work {
        run: Request::decode,
        is_right,
        small: images::small_request(),
        large: images::large_request(),
    }))
}
