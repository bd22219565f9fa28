//! The request encoded by serde-json-core. It does less: nothing is checked but that the buffer holds it.

#![no_std]
#![no_main]

use board::{Scratch, Work, finish, measure, same};
use serde::Serialize;

#[unsafe(link_section = ".scratch")]
static ENVELOPE: Scratch<{ 96 * 1024 }> = Scratch::new();

#[derive(Serialize)]
struct Config<'a> {
    env: &'a str,
}

#[derive(Serialize)]
struct Header<'a> {
    #[serde(rename = "content-type")]
    content_type: &'a str,
    #[serde(rename = "X-Trace")]
    trace: &'a str,
}

#[derive(Serialize)]
struct Request<'a> {
    config: Config<'a>,
    path: &'a str,
    service: &'a str,
    method: &'a str,
    header: Header<'a>,
    timeout: u32,
    #[serde(rename = "callID")]
    call_id: &'a str,
    data: &'a str,
}

fn encode(text: &'static [u8]) -> Option<&'static [u8]> {
    // SAFETY: the input is text, and what was taken before has been looked at.
    let (text, buffer) = unsafe { (core::str::from_utf8_unchecked(text), ENVELOPE.take()) };
    let request = Request {
        config: Config { env: "prod-01" },
        path: "/api/orders?page=2",
        service: "shop",
        method: "POST",
        header: Header { content_type: "application/json", trace: "7f2c" },
        timeout: 5000,
        call_id: "1700000000000-0.25",
        data: text,
    };
    let len = serde_json_core::to_slice(&request, buffer).ok()?;
    buffer.get(..len)
}

#[unsafe(link_section = ".check")]
fn is_right(envelope: &Option<&'static [u8]>, text: &'static [u8]) -> bool {
    let small = same(text, images::small_text());
    let expected = if small { images::small_text_request() } else { images::large_text_request() };
    envelope.is_some_and(|envelope| same(envelope, expected))
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    finish(measure(&Work { run: encode, is_right, small: images::small_text(), large: images::large_text() }))
}
