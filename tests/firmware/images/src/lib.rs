//! What the images work on, and what they must find in it.

#![no_std]

use board::{bytes, same};
use callcontainer::client::Framing;
use callcontainer::{Data, Error, Json, Method, Reply, Request, Text, Timeout};

mod connection;
mod whole;

pub use connection::{Connection, block_on};

include!(concat!(env!("OUT_DIR"), "/ends.rs"));
include!(concat!(env!("OUT_DIR"), "/totals.rs"));

macro_rules! envelopes {
    ($($name:ident $file:literal)*) => {
        $(
            pub fn $name() -> &'static [u8] {
                bytes!(include_bytes!(concat!(env!("OUT_DIR"), "/", $file)))
            }
        )*
    };
}

envelopes! {
    small_request "small_request"
    large_request "large_request"
    small_reply "small_reply"
    large_reply "large_reply"
    small_orders_request "small_orders_request"
    client_sends "client_sends"
    small_http_reply "small_http_reply"
    large_http_reply "large_http_reply"
    open_api_sends "open_api_sends"
    domain_sends "domain_sends"
    small_answer "small_answer"
    large_answer "large_answer"
    small_text "small_text"
    large_text "large_text"
    small_text_request "small_text_request"
    large_text_request "large_text_request"
}

/// Whether a text is this one, as it stands.
#[unsafe(link_section = ".check")]
#[inline(never)]
pub fn is(text: Text<'_>, expected: &[u8]) -> bool {
    text.as_bytes().is_some_and(|text| same(text, expected))
}

#[unsafe(link_section = ".check")]
#[inline(never)]
pub fn is_some(text: Option<Text<'_>>, expected: &[u8]) -> bool {
    text.is_some_and(|text| is(text, expected))
}

/// Whether everything in a request but its body is as the build script wrote it.
#[unsafe(link_section = ".check")]
#[inline(never)]
pub fn is_head(request: &Request<'_>) -> bool {
    let headers = request.headers();
    let mut headers = headers.iter();
    let is_header = |header: Option<(Text<'_>, Text<'_>)>, name, value| {
        header.is_some_and(|header| is(header.0, name) & is(header.1, value))
    };
    is_some(request.env(), bytes!(b"prod-01"))
        & is(request.path(), bytes!(b"/api/orders?page=2"))
        & is_some(request.service(), bytes!(b"shop"))
        & (request.method() == Method::Post)
        & is_header(headers.next(), bytes!(b"content-type"), bytes!(b"application/json"))
        & is_header(headers.next(), bytes!(b"X-Trace"), bytes!(b"7f2c"))
        & headers.next().is_none()
        & (request.timeout() == Timeout::Milliseconds(5000))
        & is_some(request.call_id(), bytes!(b"1700000000000-0.25"))
}

/// Whether the body is the JSON that stands in the envelope from this byte to the last but one.
#[unsafe(link_section = ".check")]
#[inline(never)]
pub fn is_json(data: Data<'_>, envelope: &[u8], head: usize) -> bool {
    match (data, envelope.get(head..envelope.len().wrapping_sub(1))) {
        (Data::Json(json), Some(expected)) => same(json.as_bytes(), expected),
        _ => false,
    }
}

/// How the images reach a gateway.
pub fn framing() -> Result<Framing<'static>, Error> {
    Framing::http("gateway.local", Some("s3cret"))
}

/// How they reach a service without one: through the platform's open HTTP API.
pub fn open_api() -> Result<Framing<'static>, Error> {
    Framing::open_api("api.local", "shop", "s3cret")
}

/// The same, at its own domain.
pub fn domain() -> Result<Framing<'static>, Error> {
    Framing::domain("shop.local")
}

/// The call that they make.
pub fn call() -> Result<Request<'static>, Error> {
    let json = Json::new(r#"{"id":7,"name":"two apples","paid":true}"#)?;
    let call = Request::new("/api/orders?page=2")
        .with_env("prod-01")
        .with_service("shop")
        .with_method(Method::Post)
        .with_headers(&[("content-type", "application/json"), ("X-Trace", "7f2c")])
        .with_timeout(5000)
        .with_call_id("1700000000000-0.25");
    Ok(call.with_data(json.into()))
}

/// Whether this is the reply in the answer, and that call went out.
#[unsafe(link_section = ".check")]
#[inline(never)]
pub fn is_answer(reply: &Reply<'_>, sent: &[u8], answer: &'static [u8]) -> bool {
    let Reply::Response(response) = reply else { return false };
    let small = same(answer, small_http_reply()) | same(answer, small_answer());
    let direct = same(answer, small_answer()) | same(answer, large_answer());
    let envelope = if small { small_reply() } else { large_reply() };
    let mut headers = response.headers().iter();
    (response.status() == 200)
        & headers.nth(1).is_some_and(|(name, value)| is(name, bytes!(b"x-request-id")) & is(value, bytes!(b"b7")))
        & is_some(response.call_id(), bytes!(b"1700000000000-0.25"))
        & is_json(response.data(), envelope, REPLY_HEAD)
        & if direct { same(sent, open_api_sends()) | same(sent, domain_sends()) } else { same(sent, client_sends()) }
}
