//! The request decoded by serde-json-core. It does less: the body is skipped without being validated, escapes are left
//! in the strings, nothing is checked but the types, and an error has no position.

#![no_std]
#![no_main]

use board::{Work, bytes, finish, measure, same};
use serde::Deserialize;

#[derive(Deserialize)]
struct Config<'a> {
    env: &'a str,
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(rename = "content-type")]
    content_type: &'a str,
    #[serde(rename = "X-Trace")]
    trace: &'a str,
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    config: Config<'a>,
    path: &'a str,
    service: &'a str,
    method: &'a str,
    #[serde(borrow)]
    header: Header<'a>,
    timeout: u32,
    #[serde(rename = "callID")]
    call_id: &'a str,
}

fn decode(envelope: &'static [u8]) -> Option<Request<'static>> {
    serde_json_core::from_slice(envelope).ok().map(|(request, _)| request)
}

#[unsafe(link_section = ".check")]
fn is_right(request: &Option<Request<'_>>, _: &'static [u8]) -> bool {
    request.as_ref().is_some_and(|request| {
        same(request.config.env.as_bytes(), bytes!(b"prod-01"))
            & same(request.path.as_bytes(), bytes!(b"/api/orders?page=2"))
            & same(request.service.as_bytes(), bytes!(b"shop"))
            & same(request.method.as_bytes(), bytes!(b"POST"))
            & same(request.header.content_type.as_bytes(), bytes!(b"application/json"))
            & same(request.header.trace.as_bytes(), bytes!(b"7f2c"))
            & (request.timeout == 5000)
            & same(request.call_id.as_bytes(), bytes!(b"1700000000000-0.25"))
    })
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    finish(measure(&Work { run: decode, is_right, small: images::small_request(), large: images::large_request() }))
}
