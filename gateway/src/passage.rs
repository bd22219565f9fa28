//! What of an HTTP request reaches a service, and what of its response the caller.
//!
//! Knows headers and framing. Knows nothing of who calls, or of connections.

use callcontainer::gateway::is_protected_header;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use hyper::{Method, Request, Response, Uri};

use super::answer::Answer;
use super::upstream::{Outgoing, Reuse};

/// Makes the request that a service receives: this method, target and body, and the headers that may reach it. `None` if
/// the target is too long.
///
/// These are all but those of [`is_protected_header`], those that concern the caller's own connection, and the token,
/// which is the gateway's. So the service sees neither who calls nor a second framing, in whatever spelling.
pub fn request(method: &Method, target: &str, headers: &HeaderMap, body: Bytes, host: &str) -> Option<Outgoing> {
    let length = body.len();
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method.clone();
    *request.uri_mut() = Uri::try_from(target).ok()?;
    let sent = request.headers_mut();
    sent.insert(HOST, HeaderValue::from_str(host).ok()?);
    sent.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if length > 0 {
        // A service may leave a body unread, and take it for the next request on the connection.
        sent.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let is_dropped = |name: &HeaderName| {
        *name == AUTHORIZATION || is_protected_header(name.as_str()) || (*name != CONTENT_TYPE && lists(headers, name))
    };
    for (name, value) in headers.iter().filter(|(name, _)| !is_dropped(name)) {
        sent.append(name, value.clone());
    }
    // A method that usually has a body states its length even if there is none (RFC 9110, section 8.6).
    if length > 0 || matches!(*method, Method::POST | Method::PUT | Method::PATCH) {
        sent.insert(CONTENT_LENGTH, length.into());
    }
    Some(Outgoing { request, reuse: Reuse { success: length == 0, failure: length == 0 } })
}

/// Whether `Connection` lists this name (RFC 9110, section 7.6.1). Names are folded as a service may fold them.
fn lists(headers: &HeaderMap, name: &HeaderName) -> bool {
    let fold = |byte: &u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' };
    let options = headers.get_all(CONNECTION).iter().flat_map(|list| list.as_bytes().split(|byte| *byte == b','));
    options.map(<[u8]>::trim_ascii).any(|option| option.iter().map(fold).eq(name.as_str().as_bytes().iter().map(fold)))
}

/// The response of a service as its caller receives it: without what concerns the service's own connection.
pub fn answer(response: Response<Bytes>, method: &Method) -> Answer {
    let (head, body) = response.into_parts();
    let is_dropped = |name: &HeaderName| {
        let is_named = [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE].contains(name);
        let told = name.as_str();
        is_named || told == "keep-alive" || told.starts_with("proxy-") || lists(&head.headers, name)
    };
    let mut headers = HeaderMap::with_capacity(head.headers.len());
    for (name, value) in head.headers.iter().filter(|(name, _)| !is_dropped(name)) {
        if name != CONTENT_LENGTH {
            headers.append(name, value.clone());
        } else if *method == Method::HEAD {
            // It says how long the body would be; a repeated one has been checked to be the same. With other methods it
            // is stated as the answer is sent.
            let first = value.as_bytes().split(|byte| *byte == b',').next().unwrap_or_default().trim_ascii();
            if let Ok(first) = HeaderValue::from_bytes(first) {
                headers.insert(CONTENT_LENGTH, first);
            }
        }
    }
    let mut answer = super::answer::response(head.status, body);
    *answer.headers_mut() = headers;
    answer
}
