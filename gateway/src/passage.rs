//! What of an HTTP request reaches a service, and what of its response the caller.
//!
//! Knows headers and framing. Knows nothing of who calls, or of connections.

use callcontainer::gateway::{HttpParts, is_protected_header};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};

use super::answer::{Answer, response};

/// Writes the request that a service receives: this method, target and body, and the headers that may reach it.
///
/// These are all but those of [`is_protected_header`], those that concern the caller's own connection, and the token,
/// which is the gateway's. So the service sees neither who calls nor a second framing, in whatever spelling.
pub fn request(method: &Method, target: &str, headers: &HeaderMap, body: &[u8], host: &str) -> Vec<u8> {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\n").into_bytes();
    if !body.is_empty() {
        // A service may leave a body unread, and take it for the next request on the connection.
        bytes.extend_from_slice(b"Connection: close\r\n");
    }
    let is_dropped = |name: &HeaderName| {
        *name == AUTHORIZATION || is_protected_header(name.as_str()) || (*name != CONTENT_TYPE && lists(headers, name))
    };
    for (name, value) in headers.iter().filter(|(name, _)| !is_dropped(name)) {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    // A method that usually has a body states its length even if there is none (RFC 9110, section 8.6).
    if !body.is_empty() || matches!(*method, Method::POST | Method::PUT | Method::PATCH) {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// Whether `Connection` lists this name (RFC 9110, section 7.6.1). Names are folded as a service may fold them.
fn lists(headers: &HeaderMap, name: &HeaderName) -> bool {
    let fold = |byte: &u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' };
    let options = headers.get_all(CONNECTION).iter().flat_map(|list| list.as_bytes().split(|byte| *byte == b','));
    options.map(<[u8]>::trim_ascii).any(|option| option.iter().map(fold).eq(name.as_str().as_bytes().iter().map(fold)))
}

/// The response of a service as its caller receives it. `None` if it cannot be written.
pub fn answer(parts: &HttpParts<'_>, method: &Method) -> Option<Answer> {
    let status = StatusCode::from_u16(parts.status()).ok()?;
    let mut answer = response(status, Bytes::copy_from_slice(parts.body()));
    for (name, value) in parts.headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        if name != CONTENT_LENGTH {
            answer.headers_mut().append(name, HeaderValue::from_bytes(value).ok()?);
        } else if *method == Method::HEAD {
            // It says how long the body would be; a repeated one has been checked to be the same. With other methods it
            // is stated as the answer is sent.
            let first = value.split(|byte| *byte == b',').next().unwrap_or_default().trim_ascii();
            answer.headers_mut().insert(name, HeaderValue::from_bytes(first).ok()?);
        }
    }
    Some(answer)
}
