//! One call of the open API, from the request of its caller to the response of the service.
//!
//! Knows the time that it may take, and how each end of it is told. Knows nothing of the connection that it came over.

use std::time::Duration;

use callcontainer::TIMEOUT_LIMIT;
use hyper::Method;
use hyper::body::Bytes;
use hyper::http::request::Parts;
use tokio::time::timeout;

use super::answer::{Answer, length};
use super::fault::Fault;
use super::passage;
use super::record::Record;
use super::upstream::{Failed, Upstream};

/// The methods that reach a service.
pub const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Whether a request with this method reaches a service.
pub fn takes(method: &Method) -> bool {
    METHODS.split(", ").any(|name| name == method.as_str())
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
    body: Bytes,
    record: &mut Record,
) -> Result<Answer, Fault> {
    if !body.is_empty() && matches!(head.method, Method::GET | Method::HEAD) {
        return Err(Fault::BAD_REQUEST);
    }
    let outgoing = passage::request(&head.method, target, &head.headers, body, service.origin().address());
    let outgoing = outgoing.ok_or(Fault::BAD_REQUEST)?;
    let patience = Duration::from_millis(TIMEOUT_LIMIT.into());
    let (fault, trouble) = match timeout(patience, service.exchange(outgoing)).await {
        Err(_) => return Err(Fault::SERVICE_TIMEOUT),
        Ok(Ok(response)) => {
            let answer = passage::answer(response, &head.method);
            record.answered(answer.status().as_u16(), length(&answer));
            return Ok(answer);
        }
        Ok(Err(Failed::TooLarge)) => return Err(Fault::RESPONSE_TOO_LARGE),
        Ok(Err(Failed::Unreachable(trouble))) => (Fault::SERVICE_NOT_READY, trouble),
        Ok(Err(Failed::Broken(trouble) | Failed::Dead(trouble) | Failed::Unsent(trouble))) => (Fault::SYSTEM, trouble),
    };
    record.trouble(trouble);
    Err(fault)
}
