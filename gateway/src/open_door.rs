//! The entrance of the open API: which request is a call to which service, whether its caller may call, and what is
//! added to every answer.
//!
//! A request is rejected on its head alone, before its body is read. Whoever calls here is another client: the service
//! is told nothing of it. Knows nothing of services but their names.

use std::net::IpAddr;

use callcontainer::Text;
use callcontainer::gateway::Relation;
use hyper::body::{Body as _, Incoming};
use hyper::header::{ALLOW, CONNECTION, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use super::answer::{Answer, length, with};
use super::body::{self, Unread};
use super::call::{self, Calls};
use super::certificate::Certificate;
use super::directory::Party;
use super::fault::Fault;
use super::record::{self, Record};
use super::settings::Environment;
use super::upstream::Upstream;
use super::{head, open_call, values};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The types of content that a browser may show.
const SHOWN: [&str; 3] = ["application/json", "application/x-www-form-urlencoded", "text/plain"];

/// What a call is for: `/v1/cloudrun/NAME` and the rest.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    name: &'a str,
    /// The path and query that the service sees, from behind the name on.
    rest: &'a str,
}

/// Returns what a request is for, if it is one of the open API.
pub fn target(head: &Parts) -> Option<Target<'_>> {
    let target = head.uri.path_and_query()?.as_str().strip_prefix("/v1/cloudrun/")?;
    let (name, rest) = target.split_at(target.find(['/', '?']).unwrap_or(target.len()));
    Some(Target { name, rest })
}

/// Answers a request of the open API.
pub async fn answer(
    calls: &Calls,
    peer: IpAddr,
    certificate: Option<&Certificate>,
    head: &Parts,
    target: Target<'_>,
    body: Incoming,
) -> Answer {
    let id = call::new_call_id();
    let answer = match admit(calls, certificate, head) {
        Ok(env) => take_call(calls, env, peer, head, target, body, &id).await,
        Err(fault) => {
            record::rejected(fault.status.as_u16(), peer, fault.code);
            // The body is not read, so nothing can follow it on this connection.
            closing(!body.is_end_stream(), tell(&fault, &id))
        }
    };
    finish(answer, &head.method, &id)
}

/// Checks that a request is valid and comes from a known caller, and returns the environment that it is for. Even if
/// public access is open, a call needs a token or a certificate.
fn admit<'a>(calls: &'a Calls, certificate: Option<&Certificate>, head: &Parts) -> Result<&'a Environment, Fault> {
    if !head::has_host(head) {
        return Err(Fault::BAD_REQUEST);
    }
    let token = head::credentials(&head.headers);
    let caller = match calls.directory.party(token, certificate, head::is_of_page(&head.headers)) {
        Ok(Party::Known(caller)) => caller,
        _ if token.is_none() => return Err(Fault::MISSING_CREDENTIALS),
        Ok(Party::Other) | Err(_) => return Err(Fault::INVALID_CREDENTIALS),
    };
    let env = calls.directory.environment(head::host(head)).ok_or(Fault::NO_ENVIRONMENT)?;
    if calls.directory.admits(env, caller) { Ok(env) } else { Err(Fault::INVALID_CREDENTIALS) }
}

/// Takes a call of a known caller, and logs it.
async fn take_call(
    calls: &Calls,
    env: &Environment,
    peer: IpAddr,
    head: &Parts,
    target: Target<'_>,
    body: Incoming,
    id: &str,
) -> Answer {
    let has_body = !body.is_end_stream();
    let mut record = Record::new();
    record.names(Text::new(id), Some(Text::new(&env.name)), Some(Text::new(target.name)).filter(|_| target.is_named()));
    let service = match find(calls, env, head, target) {
        Ok(service) => service,
        Err(fault) => return closing(has_body, failed(&mut record, &fault, id)),
    };
    record.permitted(Relation::Public);
    let fault = match body::read(body, &mut record).await {
        Ok(received) => {
            return match open_call::call(service, head, &target.seen(), received, &mut record).await {
                Ok(answer) => answer,
                Err(fault) => failed(&mut record, &fault, id),
            };
        }
        Err(Unread::TooLarge) => return closing(true, failed(&mut record, &Fault::REQUEST_TOO_LARGE, id)),
        Err(Unread::TooSlow) => Fault::BODY_TOO_SLOW,
        Err(Unread::Broken) => Fault::BODY_BROKEN,
    };
    record.rejected(fault.status.as_u16(), peer, fault.message);
    closing(true, tell(&fault, id))
}

/// Finds the service that a call is for, if the call may reach it.
fn find<'a>(calls: &'a Calls, env: &Environment, head: &Parts, target: Target<'_>) -> Result<&'a Upstream, Fault> {
    // `hyper` lets bytes pass that no URI has.
    if !target.is_named() || !target.rest.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Fault::BAD_REQUEST);
    }
    let service = calls.service(env, target.name).ok_or(Fault::SERVICE_NOT_FOUND)?;
    if !open_call::takes(&head.method) {
        return Err(Fault::METHOD);
    }
    Ok(service)
}

impl Target<'_> {
    /// Whether the name is one that a service can have: with the platform, of two characters at least.
    fn is_named(self) -> bool {
        self.name.len() >= 2 && values::is_service_name(self.name)
    }

    /// The target that the service sees.
    fn seen(self) -> String {
        let root = if self.rest.starts_with('/') { "" } else { "/" };
        format!("{root}{}", self.rest)
    }
}

fn failed(record: &mut Record, fault: &Fault, id: &str) -> Answer {
    let answer = tell(fault, id);
    record.failed(fault.code, fault.message, length(&answer));
    answer
}

/// The answer that tells of an error, with what its status requires.
fn tell(fault: &Fault, id: &str) -> Answer {
    let answer = fault.answer(id);
    match fault.status {
        StatusCode::UNAUTHORIZED => with(answer, WWW_AUTHENTICATE, "Bearer"),
        StatusCode::METHOD_NOT_ALLOWED => with(answer, ALLOW, open_call::METHODS),
        _ => answer,
    }
}

/// Adds what every answer has.
fn finish(mut answer: Answer, method: &Method, id: &str) -> Answer {
    if let Ok(id) = HeaderValue::from_str(id) {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    if *method == Method::GET || !is_shown(&answer) {
        answer = with(answer, CONTENT_DISPOSITION, "attachment");
    }
    answer
}

/// Whether a browser may show an answer, by its type.
fn is_shown(answer: &Answer) -> bool {
    let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    SHOWN.iter().any(|shown| media_type.eq_ignore_ascii_case(shown))
}

/// Says that the connection ends, if a body has been left unread on it.
fn closing(is_unread: bool, answer: Answer) -> Answer {
    if is_unread { with(answer, CONNECTION, "close") } else { answer }
}
