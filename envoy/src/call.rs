//! What becomes of an envelope, and of a response. Knows nothing of the proxy in between.

use callcontainer::gateway::{Access, Env, Grant, HttpRequest, HttpResponse, Refusal, Relation};
use callcontainer::{DataType, ErrorCode, Method, Request, ResponseType, TIMEOUT_LIMIT, Text};

use super::caller::Party;
use super::configuration::{Configuration, Service};
use super::head::Head;
use super::open;

/// What the proxy itself says about the caller's request, and has no route without.
pub const KEPT: [&str; 2] = [":scheme", "x-forwarded-proto"];

/// What the proxy is to send.
pub struct Outgoing {
    /// As in HTTP/2: pseudo-header fields first, and names in lower case.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
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
pub fn admit(
    configuration: &Configuration,
    request: &Request<'_>,
    party: &Party,
    address: Option<&str>,
    head: &Head,
) -> Result<Outgoing, Refusal> {
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

    let mut body = vec![0; http.body().encoded_len()];
    http.body().encode(&mut body)?;
    let mut target = vec![0; http.target().encoded_len()];
    http.target().encode(&mut target)?;
    let mut headers = Vec::with_capacity(32);
    let mut add = |name: &str, value: Vec<u8>| headers.push((name.as_bytes().to_vec(), value));
    for name in KEPT {
        head.all(name).for_each(|value| add(name, value.to_vec()));
    }
    add(":method", http.method().as_str().into());
    add(":authority", http.host().as_bytes().to_vec());
    add(":path", target);
    for (name, value) in http.headers() {
        let mut name = name.to_string();
        name.make_ascii_lowercase();
        // On these the proxy would act.
        if !open::is_of_proxy(&name) {
            add(&name, value.to_string().into_bytes());
        }
    }
    // A service may leave a body unread and take it for another request, whatever it answers. Routes give such requests a
    // connection of their own.
    if is_http1 && !body.is_empty() {
        add("connection", b"close".to_vec());
    }
    // Without a length, the proxy would send no bytes in chunks.
    add("content-length", body.len().to_string().into_bytes());
    add(&configuration.service_header.to_ascii_lowercase(), permission.service.into());
    let patience = request.timeout().milliseconds().unwrap_or(TIMEOUT_LIMIT);
    add(TIME, time(patience, head.elapsed()));
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
    pub fn reply(
        self,
        status: u16,
        headers: &[(Vec<u8>, Vec<u8>)],
        body: &[u8],
        call_id: &str,
    ) -> Result<Vec<u8>, Refusal> {
        let data_type = if self.is_json { DataType::Json } else { DataType::Other(Text::new("text")) };
        let call =
            Request::new("/").with_method(self.method).with_data_type(data_type).with_response_type(self.response_type);
        let headers = headers.iter().map(|(name, value)| (name, value));
        let response = HttpResponse::from_parts(&call, status, headers, body, Some(Text::new(call_id)))?;
        let mut envelope = vec![0; response.encoded_len()];
        response.encode(&mut envelope)?;
        Ok(envelope)
    }
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
