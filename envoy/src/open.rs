//! The open HTTP API: which request is a call to which service, what of it reaches the service, and what of the response
//! the caller.
//!
//! Whoever calls here is another client: the service is told nothing of it.

use callcontainer::TIMEOUT_LIMIT;
use callcontainer::gateway::is_protected_header;

use super::call::{KEPT, TIME, time};
use super::configuration::{Configuration, Service, is_service_name};
use super::head::Head;
use super::host::Map;

/// An error, with one of the platform's codes.
#[derive(Clone, Copy)]
pub struct Fault {
    pub status: u16,
    pub code: &'static str,
    pub message: &'static str,
}

impl Fault {
    pub const BAD_REQUEST: Self = Self::new(400, "BAD_REQUEST", "the request is not valid");
    pub const MISSING_CREDENTIALS: Self = Self::new(401, "MISSING_CREDENTIALS", "the header Authorization is missing");
    pub const INVALID_CREDENTIALS: Self = Self::new(401, "INVALID_CREDENTIALS", "the token belongs to no caller");
    pub const SERVICE_NOT_FOUND: Self = Self::new(404, "SERVICE_NOT_FOUND", "there is no service of this name");
    pub const METHOD: Self = Self::new(405, "BAD_REQUEST", "the method is not for services");
    pub const REQUEST_TOO_LARGE: Self = Self::new(413, "EXCEED_REQUEST_SIZE_LIMIT", "the body is longer than 100 KiB");
    pub const RESPONSE_TOO_LARGE: Self =
        Self::new(502, "EXCEED_MAX_RESPONSE_SIZE", "the service's body is longer than 1000 KiB");
    pub const SYSTEM: Self = Self::new(502, "SYS_ERR", "the service has given no valid answer");
    pub const SERVICE_NOT_READY: Self = Self::new(503, "SERVICE_NOT_READY", "the service takes no connection");
    pub const SERVICE_TIMEOUT: Self = Self::new(504, "SERVICE_TIMEOUT", "the service has not answered in time");

    const fn new(status: u16, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message }
    }

    /// The body of the answer that tells of it.
    pub fn body(&self, id: &str) -> String {
        let Self { code, message, .. } = self;
        // None of the three has anything that JSON escapes.
        format!(r#"{{"code":"{code}","message":"{message}","requestId":"{id}"}}"#)
    }

    /// The headers of the answer that tells of it.
    pub fn headers<'a>(&self, id: &'a str) -> Vec<(&'static str, &'a str)> {
        let mut headers = vec![("content-type", "application/json"), (REQUEST_ID, id)];
        match self.status {
            401 => headers.push(("www-authenticate", "Bearer")),
            405 => headers.push(("allow", METHODS)),
            _ => {}
        }
        headers
    }
}

/// The methods that reach a service.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const REQUEST_ID: &str = "x-request-id";
const ATTACHMENT: (&str, &str) = ("content-disposition", "attachment");
/// The types of content that a browser may show.
const SHOWN: [&str; 3] = ["application/json", "application/x-www-form-urlencoded", "text/plain"];

/// What concerns the connection to a service and the framing on it (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A call: the ID of it, and what decides about its answer.
pub struct OpenCall {
    pub id: String,
    pub is_get: bool,
    pub is_head: bool,
}

/// Whether a request is one of the open API.
pub fn is_open(path: &[u8]) -> bool {
    path.starts_with(PREFIX)
}

const PREFIX: &[u8] = b"/v1/cloudrun/";

/// Returns the name that a request calls and the target that the service sees.
fn target(path: &[u8]) -> Option<(&str, &str)> {
    let path = std::str::from_utf8(path.strip_prefix(PREFIX)?).ok()?;
    path.split_at_checked(path.find(['/', '?']).unwrap_or(path.len()))
}

/// Finds the service that a request is for. The name is returned for the log, if it is one.
///
/// # Errors
/// The request is not valid, or for no service.
pub fn find<'a>(configuration: &'a Configuration, head: &'a Head) -> (Option<&'a str>, Result<&'a Service, Fault>) {
    let target = head.one(":path").and_then(target);
    // With the platform, a name has two characters at least.
    let target = target.filter(|(name, _)| name.len() >= 2 && is_service_name(name));
    let Some((name, rest)) = target else { return (None, Err(Fault::BAD_REQUEST)) };
    let find = || {
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Fault::BAD_REQUEST);
        }
        let service = configuration.services.iter().find(|service| service.name == name);
        let service = service.ok_or(Fault::SERVICE_NOT_FOUND)?;
        let method = head.one(":method").unwrap_or_default();
        let is_for_services = METHODS.split(", ").any(|known| known.as_bytes() == method);
        if is_for_services { Ok(service) } else { Err(Fault::METHOD) }
    };
    (Some(name), find())
}

/// Returns the headers that the service is to receive with a body of this length; `None` if the request has none. What
/// tells who calls, the token, what concerns the caller's own connection, and what the proxy acts on stays behind.
///
/// # Errors
/// The method has no body, but the request does.
pub fn headers(
    configuration: &Configuration,
    service: &Service,
    head: &Head,
    body: Option<usize>,
) -> Result<Map, Fault> {
    let method = head.one(":method").unwrap_or_default();
    let has_body = body.is_some_and(|length| length > 0);
    if has_body && matches!(method, b"GET" | b"HEAD") {
        return Err(Fault::BAD_REQUEST);
    }
    let (_, rest) = head.one(":path").and_then(target).unwrap_or_default();
    let root = if rest.starts_with('/') { "" } else { "/" };
    let mut headers = Map::new();
    let mut add = |name: &str, value: &[u8]| headers.add(name, value);
    for name in KEPT {
        head.all(name).for_each(|value| add(name, value));
    }
    add(":method", method);
    add(":authority", service.host().as_bytes());
    add(":path", format!("{root}{rest}").as_bytes());
    add("accept-encoding", b"identity");
    if has_body && !service.http2 {
        // As with a call by an envelope.
        add("connection", b"close");
    }
    let listed = |name: &str| name != "content-type" && lists(head, name);
    for (name, value) in head.headers.iter() {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        let is_dropped = name == "authorization" || is_protected_header(name) || is_of_proxy(name) || listed(name);
        if !name.starts_with(':') && !is_dropped {
            add(name, value);
        }
    }
    // A method that usually has a body states its length even if there is none (RFC 9110, section 8.6), and without one
    // the proxy would send no bytes in chunks.
    if body.is_some() || matches!(method, b"POST" | b"PUT" | b"PATCH") {
        add("content-length", body.unwrap_or_default().to_string().as_bytes());
    }
    add(&configuration.service_header.to_ascii_lowercase(), service.name.as_bytes());
    add(TIME, &time(TIMEOUT_LIMIT, head.elapsed()));
    Ok(headers)
}

/// Whether Envoy acts on a header of this name.
pub fn is_of_proxy(name: &str) -> bool {
    name.eq_ignore_ascii_case(TIME) || name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("x-envoy-"))
}

/// Whether `Connection` lists this name. Names are folded as a service may fold them.
fn lists(head: &Head, name: &str) -> bool {
    let fold = |byte: &u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' };
    let options = head.all("connection").flat_map(|list| list.split(|byte| *byte == b','));
    options.map(<[u8]>::trim_ascii).any(|option| option.iter().map(fold).eq(name.as_bytes().iter().map(fold)))
}

impl OpenCall {
    /// Returns the headers of the response as its caller receives it, with a body of this length; `None` if there is
    /// none.
    pub fn answer(&self, head: &Head, body: Option<usize>) -> Map {
        let is_kept = |name: &str| {
            let is_framing = body.is_some() && name == "content-length";
            let is_own = name == REQUEST_ID || name == ATTACHMENT.0 && self.is_attachment(head);
            !is_framing && !is_own && !is_of_proxy(name) && !HOP_BY_HOP.contains(&name) && !lists(head, name)
        };
        let headers = head.headers.iter().filter(|(name, _)| std::str::from_utf8(name).is_ok_and(is_kept));
        let mut headers: Map = headers.collect();
        let mut add = |name: &str, value: &str| headers.add(name, value);
        if let Some(length) = body {
            add("content-length", &length.to_string());
        }
        add(REQUEST_ID, &self.id);
        if self.is_attachment(head) {
            add(ATTACHMENT.0, ATTACHMENT.1);
        }
        headers
    }

    /// What a fault adds to its headers.
    pub fn fault_headers(&self, fault: &Fault) -> Vec<(&'static str, &str)> {
        let mut headers = fault.headers(&self.id);
        if self.is_get {
            headers.push(ATTACHMENT);
        }
        headers
    }

    /// Whether a browser must not show the answer.
    fn is_attachment(&self, head: &Head) -> bool {
        let content_type = head.all("content-type").next().unwrap_or_default();
        let media_type = content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        // With the value of another encoding, `to_str` of a gateway would see none.
        let is_shown =
            content_type.is_ascii() && SHOWN.iter().any(|shown| media_type.eq_ignore_ascii_case(shown.as_bytes()));
        self.is_get || !is_shown
    }
}
