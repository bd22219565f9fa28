//! The HTTP answers that the gateway makes.
//!
//! Knows how one is put together. Knows nothing of when one is due.

use http_body_util::Full;
use hyper::body::{Body as _, Bytes};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

pub type Answer = Response<Full<Bytes>>;

pub fn json(status: StatusCode, bytes: Vec<u8>) -> Answer {
    with(response(status, bytes.into()), CONTENT_TYPE, "application/json")
}

pub fn plain(status: StatusCode, text: &'static str) -> Answer {
    with(response(status, Bytes::from_static(text.as_bytes())), CONTENT_TYPE, "text/plain")
}

pub fn response(status: StatusCode, body: Bytes) -> Answer {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
}

/// Sets a header.
pub fn with(mut response: Answer, name: HeaderName, value: &'static str) -> Answer {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

/// The length of the body in bytes.
pub fn length(answer: &Answer) -> usize {
    usize::try_from(answer.body().size_hint().lower()).unwrap_or(usize::MAX)
}
