//! What becomes of an envelope, and of a response. Knows nothing of the proxy in between.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use callcontainer::gateway::{Access, Env, Grant, HttpBytes, HttpRequest, HttpResponse, Refusal, Relation};
use callcontainer::{DataType, ErrorCode, Method, Request, ResponseType, TIMEOUT_LIMIT, Text};

use super::caller::Party;
use super::configuration::{Configuration, Service};
use super::head::Head;
use super::host::Map;
use super::open;

/// What the proxy itself says about the caller's request, and has no route without.
pub const KEPT: [&str; 2] = [":scheme", "x-forwarded-proto"];

/// What the proxy is to send.
pub struct Outgoing<'a> {
    /// As in HTTP/2: pseudo-header fields first, and names in lower case.
    pub headers: Map,
    /// Most stand in the envelope.
    pub body: Cow<'a, [u8]>,
    pub service: String,
    pub relation: Relation,
    pub wanted: Wanted,
}

/// What of a call decides about its reply.
#[derive(Clone, Copy)]
pub struct Wanted {
    method: Method,
    is_json: bool,
    response_type: ResponseType,
}

pub const SYSTEM_ERROR: Refusal = platform(ErrorCode::CLOUD_SYSTEM_ERROR);
pub const TIMEOUT: Refusal = platform(ErrorCode::REQUEST_TIMEOUT);
pub const RESPONSE_TOO_LARGE: Refusal = platform(ErrorCode::RESPONSE_TOO_LARGE);

/// A refusal with the platform's own message.
const fn platform(code: ErrorCode) -> Refusal {
    let message = match code.message() {
        Some(message) => message,
        None => "",
    };
    Refusal::new(code, message)
}

/// What a service answers with a 304 (RFC 9110, section 13.1).
const CONDITIONS: [&str; 2] = ["if-none-match", "if-modified-since"];

/// The header with the time of a call, which Envoy counts from the beginning of the caller's request.
pub const TIME: &str = "grpc-timeout";

/// Returns its value, for a call that has this many milliseconds from now on. Envoy's clock ticks in milliseconds, so that
/// it may be early by one.
pub fn time(patience: u32, elapsed: u64) -> Vec<u8> {
    // The header has eight digits at most.
    let time = u64::from(patience).saturating_add(elapsed).saturating_add(1).min(99_999_999);
    format!("{time}m").into_bytes()
}

/// Decides about a call, and gives what its service is to receive.
///
/// # Errors
/// The call is not allowed, or no request can be made of it.
pub fn admit<'a>(
    configuration: &Configuration,
    envelope: &'a [u8],
    request: &Request<'_>,
    party: &Party,
    address: Option<&str>,
    head: &Head,
) -> Result<Outgoing<'a>, Refusal> {
    let services: Vec<&str> = configuration.services.iter().map(|service| service.name.as_str()).collect();
    let Configuration { env, owner, .. } = configuration;
    let envs = [Env::new(env, owner, &services).with_public(configuration.public)];
    let grants: Vec<Grant<'_>> = configuration.share.iter().map(|to| Grant::new(env, owner, to)).collect();
    let caller = party.caller(configuration, address);
    let permission = Access::new(&envs, &grants).decide(request, caller.as_ref())?;
    let service = configuration.services.iter().find(|service| service.name == permission.service);
    let host = service.map_or(permission.service, Service::host);
    let is_http1 = service.is_none_or(|service| !service.http2);
    let http = HttpRequest::new(request, &permission, caller.as_ref(), host)?;

    let body = match http.body().as_slice().and_then(|body| place(body, envelope)) {
        Some(place) => Cow::Borrowed(envelope.get(place).unwrap_or_default()),
        None => Cow::Owned(copy(http.body())?),
    };
    let target = copy(http.target())?;
    let mut headers = Map::new();
    for name in KEPT {
        head.all(name).for_each(|value| headers.add(name, value));
    }
    headers.add(":method", http.method().as_str());
    headers.add(":authority", http.host());
    headers.add(":path", &target);
    let mut lower = String::new();
    let mut has_condition = false;
    for (name, value) in http.headers() {
        lower.clear();
        let _ = write!(lower, "{name}");
        lower.make_ascii_lowercase();
        has_condition |= CONDITIONS.contains(&lower.as_str());
        // On these the proxy would act.
        if open::is_of_proxy(&lower) {
            continue;
        }
        match value.as_bytes() {
            Some(value) => headers.add(&lower, value),
            None => headers.add(&lower, value.to_string()),
        }
    }
    // A service may leave a body unread and take it for another request, whatever it answers; and it may send a body behind
    // a 304, where the next answer should be. Routes give such requests a connection of their own.
    if is_http1 && (has_condition || !body.is_empty()) {
        headers.add("connection", "close");
    }
    // Without a length, the proxy would send no bytes in chunks.
    headers.add("content-length", body.len().to_string());
    headers.add(configuration.service_header.to_ascii_lowercase(), permission.service);
    let patience = request.timeout().milliseconds().unwrap_or(TIMEOUT_LIMIT);
    headers.add(TIME, time(patience, head.elapsed()));
    Ok(Outgoing {
        headers,
        body,
        service: permission.service.to_owned(),
        relation: permission.relation,
        wanted: Wanted::by(request),
    })
}

impl Wanted {
    fn by(request: &Request<'_>) -> Self {
        Self {
            method: request.method(),
            is_json: matches!(request.data_type(), DataType::Json),
            response_type: request.response_type(),
        }
    }

    /// Whether the response has no body, whatever length it states.
    pub fn is_head(self) -> bool {
        self.method == Method::Head
    }

    /// Makes the reply envelope of a response.
    ///
    /// # Errors
    /// No reply can be made of it.
    pub fn reply(self, status: u16, headers: &[(&[u8], &[u8])], body: &[u8], call_id: &str) -> Result<Reply, Refusal> {
        let data_type = if self.is_json { DataType::Json } else { DataType::Other(Text::new("text")) };
        let call =
            Request::new("/").with_method(self.method).with_data_type(data_type).with_response_type(self.response_type);
        let headers = headers.iter().map(|(name, value)| (*name, *value));
        let response = HttpResponse::from_parts(&call, status, headers, body, Some(Text::new(call_id)))?;
        let room = if body.len() < LONG { response.encoded_len() } else { 1024 };
        let mut reply = Reply { before: Vec::with_capacity(room), behind: None };
        response.for_each_chunk(|chunk| match &mut reply.behind {
            None if body.len() >= LONG && std::ptr::eq(chunk, body) => reply.behind = Some(Vec::new()),
            None => reply.before.extend_from_slice(chunk),
            Some(behind) => behind.extend_from_slice(chunk),
        });
        Ok(reply)
    }
}

/// A body of this length in bytes is not copied if it need not be.
const LONG: usize = 16 * 1024;

/// A reply envelope.
pub struct Reply {
    pub before: Vec<u8>,
    /// What comes behind the body of the response, if that stands as it is in the middle.
    pub behind: Option<Vec<u8>>,
}

impl Reply {
    /// Returns all of it, with the body that it was made of.
    pub fn whole(self, body: &[u8]) -> Vec<u8> {
        match self.behind {
            None => self.before,
            Some(behind) => [&self.before, body, &behind].concat(),
        }
    }

    /// Returns its length, if the body that it was made of has this one.
    pub fn length(&self, body: usize) -> usize {
        let rest = self.behind.as_ref().map_or(0, |behind| behind.len().saturating_add(body));
        self.before.len().saturating_add(rest)
    }
}

/// Returns the target or the body of a request.
fn copy(bytes: HttpBytes<'_>) -> Result<Vec<u8>, Refusal> {
    let mut copy = vec![0; bytes.encoded_len()];
    bytes.encode(&mut copy)?;
    Ok(copy)
}

/// Returns where a slice is in the envelope, if it is a part of it.
fn place(slice: &[u8], envelope: &[u8]) -> Option<Range<usize>> {
    let start = slice.as_ptr().addr().checked_sub(envelope.as_ptr().addr())?;
    let end = start.checked_add(slice.len())?;
    (end <= envelope.len()).then_some(start..end)
}

/// Makes the failure envelope of a call that is refused.
pub fn failure(refusal: &Refusal, call_id: Option<&str>) -> Vec<u8> {
    let call_id = call_id.map(Text::new);
    let mut envelope = vec![0; refusal.encoded_len(call_id)];
    // The buffer has exactly the length that it takes.
    let written = refusal.encode(call_id, &mut envelope).map_or(0, <[u8]>::len);
    envelope.truncate(written);
    envelope
}

/// Makes an ID that no other call has: the time in milliseconds, and a number below 1 that is made of the time in
/// nanoseconds and of what tells this call from all others in the same one.
pub fn new_call_id(now: u64, distinct: &[&[u8]]) -> String {
    // FNV-1a, and the last steps of MurmurHash3, by which every bit depends on all the others.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in now.to_le_bytes().iter().chain(distinct.iter().copied().flatten()) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    let milliseconds = now.checked_div(1_000_000).unwrap_or_default();
    let fraction = hash.checked_rem(10_000_000_000_000_000).unwrap_or_default();
    format!("{milliseconds}-0.{fraction:016}")
}
