//! Encodes a request whose body is text, of which some characters must be escaped.

#![no_std]
#![no_main]

use board::{Scratch, Work, finish, measure, same};
use callcontainer::{Error, Method, Request};

#[unsafe(link_section = ".scratch")]
static ENVELOPE: Scratch<{ 96 * 1024 }> = Scratch::new();

fn encode(text: &'static [u8]) -> Result<&'static [u8], Error> {
    // SAFETY: the input is text, and what was taken before has been looked at.
    let (text, buffer) = unsafe { (core::str::from_utf8_unchecked(text), ENVELOPE.take()) };
    let request = Request::new("/api/orders?page=2")
        .with_env("prod-01")
        .with_service("shop")
        .with_method(Method::Post)
        .with_headers(&[("content-type", "application/json"), ("X-Trace", "7f2c")])
        .with_timeout(5000)
        .with_call_id("1700000000000-0.25")
        .with_data(text.into());
    request.encode(buffer)
}

#[unsafe(link_section = ".check")]
fn is_right(envelope: &Result<&'static [u8], Error>, text: &'static [u8]) -> bool {
    let small = same(text, images::small_text());
    let expected = if small { images::small_text_request() } else { images::large_text_request() };
    envelope.as_ref().is_ok_and(|envelope| same(envelope, expected))
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    finish(measure(&Work { run: encode, is_right, small: images::small_text(), large: images::large_text() }))
}
