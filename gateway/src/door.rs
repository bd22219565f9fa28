//! The entrance over HTTP: which request is a call, who it belongs to, and the limit on its body.
//!
//! A request is rejected on its head alone, before its body is read. Knows nothing of what is in the envelope.

use std::net::IpAddr;
use std::time::Duration;

use callcontainer::gateway::Refusal;
use callcontainer::{Error, ErrorKind, REQUEST_LIMIT};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE};
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::timeout;

use super::call::{self, Calls};
use super::directory::Party;
use super::record::{self, Record};
use super::{forwarded, head};

/// How long the body of a request may take.
const BODY: Duration = Duration::from_secs(20);

type Answer = Response<Full<Bytes>>;

/// Answers one HTTP request.
pub async fn answer(calls: &Calls, proxies: &[IpAddr], peer: IpAddr, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let answer = if !head::has_host(&head) {
        with(
            reject(StatusCode::BAD_REQUEST, peer, "it takes one header Host, with a host in it\n"),
            CONNECTION,
            "close",
        )
    } else {
        match (&head.method, head.uri.path()) {
            (&Method::POST, "/") => match calls.party(head::token(&head.headers)) {
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
            _ => reject(StatusCode::NOT_FOUND, peer, "there is / and /healthz\n"),
        }
    };
    // The body is not read, so nothing can follow it on this connection.
    if body.is_end_stream() { answer } else { with(answer, CONNECTION, "close") }
}

async fn take_call(calls: &Calls, party: Party<'_>, peer: IpAddr, address: &str, body: Incoming) -> Answer {
    let mut record = Record::new();
    let (status, why) = match read(body, &mut record).await {
        Ok(received) => {
            return envelope(StatusCode::OK, calls.call(&received, party, address, &mut record).await);
        }
        Err(Unread::TooLarge) => {
            let refusal = Refusal::from(Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT));
            let answer = envelope(StatusCode::OK, call::refuse(&mut record, &refusal, None));
            return with(answer, CONNECTION, "close");
        }
        Err(Unread::TooSlow) => (StatusCode::REQUEST_TIMEOUT, "the body took too long\n"),
        Err(Unread::Broken) => (StatusCode::BAD_REQUEST, "the body is broken\n"),
    };
    record.rejected(status.as_u16(), peer, why.trim_end());
    with(plain(status, why), CONNECTION, "close")
}

/// Why a body was not read to its end.
enum Unread {
    TooLarge,
    TooSlow,
    Broken,
}

/// Reads a body, unless it is too long. A body whose stated length is too long is not read at all.
async fn read(body: Incoming, record: &mut Record) -> Result<Vec<u8>, Unread> {
    let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if told > REQUEST_LIMIT {
        return Err(Unread::TooLarge);
    }
    let mut received = Vec::with_capacity(told);
    timeout(BODY, collect(body, &mut received, record)).await.unwrap_or(Err(Unread::TooSlow))?;
    Ok(received)
}

async fn collect(mut body: Incoming, received: &mut Vec<u8>, record: &mut Record) -> Result<(), Unread> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        // Trailers have no meaning here.
        let Ok(bytes) = frame.into_data() else { continue };
        record.received(received.len() + bytes.len());
        if bytes.len() > REQUEST_LIMIT - received.len() {
            return Err(Unread::TooLarge);
        }
        received.extend_from_slice(&bytes);
    }
    Ok(())
}

/// The caller is unknown. The envelope has not been read, so the answer does not contain the ID of the call; a client
/// recognises it as its own by the connection.
fn unauthorized(peer: IpAddr, refusal: &Refusal) -> Answer {
    record::rejected(401, peer, &refusal.to_string());
    with(envelope(StatusCode::UNAUTHORIZED, call::failure(refusal, None)), WWW_AUTHENTICATE, "Bearer")
}

/// Rejects a request that is not a call.
fn reject(status: StatusCode, peer: IpAddr, why: &'static str) -> Answer {
    record::rejected(status.as_u16(), peer, why.trim_end());
    plain(status, why)
}

fn envelope(status: StatusCode, bytes: Vec<u8>) -> Answer {
    with(response(status, bytes.into()), CONTENT_TYPE, "application/json")
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    with(response(status, Bytes::from_static(text.as_bytes())), CONTENT_TYPE, "text/plain")
}

fn response(status: StatusCode, body: Bytes) -> Answer {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
}

fn with(mut response: Answer, name: HeaderName, value: &'static str) -> Answer {
    response.headers_mut().insert(name, hyper::header::HeaderValue::from_static(value));
    response
}
