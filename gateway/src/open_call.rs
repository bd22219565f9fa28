//! One call of the open API, from the request of its caller to the response of the service.
//!
//! Knows the time that it may take, and how each end of it is told. Knows nothing of the connection that it came over.

use std::time::Duration;

use callcontainer::gateway::HttpReader;
use callcontainer::{ErrorCode, REPLY_LIMIT, Request, TIMEOUT_LIMIT};
use hyper::Method;
use hyper::http::request::Parts;
use tokio::time::timeout;

use super::answer::{Answer, length};
use super::fault::Fault;
use super::passage;
use super::record::Record;
use super::upstream::{Failed, Upstream};

/// The methods that reach a service.
pub const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Returns the method of an envelope that is as this one: whether it may be repeated, and has a body. `None` for those
/// that are not for services.
pub fn like(method: &Method) -> Option<callcontainer::Method> {
    Some(match *method {
        Method::GET => callcontainer::Method::Get,
        Method::HEAD => callcontainer::Method::Head,
        // An envelope has no PATCH, which is no more idempotent than a POST (RFC 5789, section 2).
        Method::POST | Method::PATCH => callcontainer::Method::Post,
        Method::PUT => callcontainer::Method::Put,
        Method::DELETE => callcontainer::Method::Delete,
        Method::OPTIONS => callcontainer::Method::Options,
        _ => return None,
    })
}

/// Makes a call to a service, which sees this target.
///
/// Cancel safe: when this is dropped, the connection to the service is closed, and no other call is affected.
///
/// # Errors
/// There is no answer of the service that can be returned.
pub async fn call(
    service: &Upstream,
    head: &Parts,
    target: &str,
    body: &[u8],
    record: &mut Record,
) -> Result<Answer, Fault> {
    let like = like(&head.method).ok_or(Fault::METHOD)?;
    if !body.is_empty() && matches!(head.method, Method::GET | Method::HEAD) {
        return Err(Fault::BAD_REQUEST);
    }
    let bytes = passage::request(&head.method, target, &head.headers, body, service.address());
    let request = Request::new("/").with_method(like).with_data(body.into());
    let finish = |reader: HttpReader<'_>| {
        let parts = reader.finish_parts()?;
        let fits = parts.body().len() <= REPLY_LIMIT;
        Ok(if fits {
            passage::answer(&parts, &head.method).ok_or(Fault::SYSTEM)
        } else {
            Err(Fault::RESPONSE_TOO_LARGE)
        })
    };
    let patience = Duration::from_millis(TIMEOUT_LIMIT.into());
    let failed = match timeout(patience, service.exchange(&request, &bytes, finish)).await {
        Err(_) => return Err(Fault::SERVICE_TIMEOUT),
        Ok(Ok(answer)) => {
            let answer = answer?;
            record.answered(answer.status().as_u16(), length(&answer));
            return Ok(answer);
        }
        Ok(Err(failed)) => failed,
    };
    let (fault, trouble) = match failed {
        Failed::Refused(refusal) if refusal.code() == ErrorCode::RESPONSE_TOO_LARGE => {
            return Err(Fault::RESPONSE_TOO_LARGE);
        }
        Failed::Refused(refusal) => (Fault::SYSTEM, refusal.to_string()),
        Failed::Unreachable(trouble) => (Fault::SERVICE_NOT_READY, trouble),
        Failed::Dead(trouble) => (Fault::SYSTEM, trouble),
    };
    record.trouble(trouble);
    Err(fault)
}
