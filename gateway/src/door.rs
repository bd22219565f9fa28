//! The entrance over HTTP: which request is a call, who it belongs to, and the limit on its body.
//!
//! A request is rejected on its head alone, before its body is read. Knows nothing of what is in the envelope.

use std::net::IpAddr;

use callcontainer::gateway::Refusal;
use callcontainer::{Error, ErrorCode, ErrorKind, REQUEST_LIMIT};
use hyper::body::{Body as _, Incoming};
use hyper::header::{ALLOW, CONNECTION, WWW_AUTHENTICATE};
use hyper::http::request::Parts;
use hyper::{Method, Request, StatusCode};

use super::answer::{Answer, json, plain, with};
use super::body::{self, Unread};
use super::call::{self, Calls};
use super::certificate::Certificate;
use super::directory::Party;
use super::record::{self, Record};
use super::{forwarded, head, open_door};

/// Answers one HTTP request.
pub async fn answer(
    calls: &Calls,
    proxies: &[IpAddr],
    peer: IpAddr,
    certificate: Option<&Certificate>,
    request: Request<Incoming>,
) -> Answer {
    let (head, body) = request.into_parts();
    if let Some(target) = open_door::target(&head) {
        return open_door::answer(calls, peer, certificate, &head, target, body).await;
    }
    let answer = if !head::has_host(&head) {
        with(
            reject(StatusCode::BAD_REQUEST, peer, "it takes one header Host, with a host in it\n"),
            CONNECTION,
            "close",
        )
    } else {
        match (&head.method, head.uri.path()) {
            (&Method::POST, "/") => match party(calls, certificate, &head) {
                Ok(party) => {
                    let lines = head.headers.get_all("x-forwarded-for").iter().map(|line| line.as_bytes());
                    let address = forwarded::caller(lines, proxies, peer);
                    return take_call(calls, party, peer, &address.to_string(), body).await;
                }
                Err(refusal) => unauthorized(peer, &refusal),
            },
            (&Method::GET | &Method::HEAD, "/healthz") => plain(StatusCode::OK, "ok\n"),
            (_, "/") => with(reject(StatusCode::METHOD_NOT_ALLOWED, peer, "a call is a POST\n"), ALLOW, "POST"),
            (_, "/healthz") => {
                with(reject(StatusCode::METHOD_NOT_ALLOWED, peer, "this can be read\n"), ALLOW, "GET, HEAD")
            }
            _ => reject(StatusCode::NOT_FOUND, peer, "there is /, /v1/cloudrun/NAME/PATH and /healthz\n"),
        }
    };
    // The body is not read, so nothing can follow it on this connection.
    if body.is_end_stream() { answer } else { with(answer, CONNECTION, "close") }
}

/// Returns the party that a request belongs to.
fn party<'c>(calls: &'c Calls, certificate: Option<&Certificate>, head: &Parts) -> Result<Party<'c>, Refusal> {
    calls.directory.party(head::credentials(&head.headers), certificate, head::is_of_page(&head.headers))
}

async fn take_call(calls: &Calls, party: Party<'_>, peer: IpAddr, address: &str, body: Incoming) -> Answer {
    let mut record = Record::new();
    let (status, unread) = match body::read(body, &mut record).await {
        Ok(received) => {
            return json(StatusCode::OK, calls.call(&received, party, address, &mut record).await);
        }
        Err(Unread::TooLarge) => {
            let refusal = Refusal::from(Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT));
            let answer = json(StatusCode::OK, call::refuse(&mut record, &refusal, None));
            return with(answer, CONNECTION, "close");
        }
        Err(unread @ Unread::TooSlow) => (StatusCode::REQUEST_TIMEOUT, unread),
        Err(unread @ Unread::Broken) => (StatusCode::BAD_REQUEST, unread),
    };
    record.rejected(status.as_u16(), peer, unread.why().trim_end());
    with(plain(status, unread.why()), CONNECTION, "close")
}

/// Answers a request on a connection whose client would not be accepted any more.
pub fn turn_out(peer: IpAddr) -> Answer {
    let refusal = Refusal::new(ErrorCode::ACCESS_DENIED, "Authorization mismatch uin");
    record::rejected(401, peer, "its certificate is not accepted any more");
    let answer = json(StatusCode::UNAUTHORIZED, call::failure(&refusal, None));
    with(with(answer, WWW_AUTHENTICATE, "Bearer"), CONNECTION, "close")
}

/// The caller is unknown. The envelope has not been read, so the answer does not contain the ID of the call; a client
/// recognises it as its own by the connection.
fn unauthorized(peer: IpAddr, refusal: &Refusal) -> Answer {
    record::rejected(401, peer, &refusal.to_string());
    with(json(StatusCode::UNAUTHORIZED, call::failure(refusal, None)), WWW_AUTHENTICATE, "Bearer")
}

/// Rejects a request that is not a call.
fn reject(status: StatusCode, peer: IpAddr, why: &'static str) -> Answer {
    record::rejected(status.as_u16(), peer, why.trim_end());
    plain(status, why)
}
