//! Decodes a reply envelope.

#![no_std]
#![no_main]

use board::{Work, bytes, finish, measure};
use callcontainer::{Error, Reply};
use images::{is, is_some};

#[unsafe(link_section = ".check")]
fn is_right(reply: &Result<Reply<'_>, Error>, envelope: &'static [u8]) -> bool {
    let Ok(Reply::Response(response)) = reply else { return false };
    let (headers, cookies) = (response.headers(), response.cookies());
    let (mut headers, mut cookies) = (headers.iter(), cookies.iter());
    (response.status() == 200)
        & headers.next().is_some_and(|(name, value)| {
            is(name, bytes!(b"content-type")) & is(value, bytes!(b"application/json; charset=utf-8"))
        })
        & headers.next().is_some_and(|(name, value)| is(name, bytes!(b"x-request-id")) & is(value, bytes!(b"b7")))
        & headers.next().is_none()
        & is_some(cookies.next(), bytes!(b"session=41; Path=/"))
        & cookies.next().is_none()
        & is_some(response.call_id(), bytes!(b"1700000000000-0.25"))
        & is(response.err_msg(), bytes!(b"cloud.callContainer:ok"))
        & images::is_json(response.data(), envelope, images::REPLY_HEAD)
}

#[unsafe(link_section = ".check")]
fn is_failure(reply: &Result<Reply<'_>, Error>) -> bool {
    let Ok(Reply::Failure(failure)) = reply else { return false };
    is(failure.err_msg(), bytes!(b"no")) & is_some(failure.call_id(), bytes!(b"1"))
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let failure = Reply::decode(bytes!(br#"{"errCode":-1,"errMsg":"no","callID":"1"}"#));
    let failure = is_failure(&core::hint::black_box(failure));
    let right =
        measure(&Work { run: Reply::decode, is_right, small: images::small_reply(), large: images::large_reply() });
    finish(right & failure)
}
