//! The way in over HTTP: which request is a call, whose it is, and that its body is no longer than it may be.
//!
//! It must never know what is in the envelope.

use std::net::IpAddr;
use std::time::Duration;

use callcontainer::gateway::Refusal;
use callcontainer::{Error, ErrorKind, REQUEST_LIMIT};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{ALLOW, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, WWW_AUTHENTICATE};
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::timeout;

use super::call::{self, Calls};
use super::record::Record;

/// How long the body of a request may take.
const BODY: Duration = Duration::from_secs(20);

/// Answers one HTTP request.
pub async fn answer(
    calls: &Calls,
    proxies: &[IpAddr],
    peer: IpAddr,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    match (request.method(), request.uri().path()) {
        (&Method::POST, "/") => take_call(calls, proxies, peer, request).await,
        (&Method::GET | &Method::HEAD, "/healthz") => plain(StatusCode::OK, "ok\n"),
        (_, "/") => with(plain(StatusCode::METHOD_NOT_ALLOWED, "a call is a POST\n"), ALLOW, "POST"),
        (_, "/healthz") => with(plain(StatusCode::METHOD_NOT_ALLOWED, "this can be read\n"), ALLOW, "GET, HEAD"),
        _ => plain(StatusCode::NOT_FOUND, "there is / and /healthz\n"),
    }
}

async fn take_call(
    calls: &Calls,
    proxies: &[IpAddr],
    peer: IpAddr,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let mut record = Record::new();
    let party = calls.party(token(request.headers()));
    let address = caller_address(request.headers(), proxies, peer).to_string();
    match (read(request.into_body(), &mut record).await, party) {
        (Ok(received), Ok(party)) => {
            envelope(StatusCode::OK, calls.call(&received, party, &address, &mut record).await)
        }
        (Ok(received), Err(refusal)) => unauthorized(call::refuse_envelope(&mut record, &refusal, &received)),
        (Err(Unread::TooLarge), Err(refusal)) => {
            with(unauthorized(call::refuse(&mut record, &refusal, None)), CONNECTION, "close")
        }
        // What is left of the request is not read, so nothing can follow it on this connection.
        (Err(Unread::TooLarge), Ok(_)) => {
            let refusal = Refusal::from(Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT));
            with(envelope(StatusCode::OK, call::refuse(&mut record, &refusal, None)), CONNECTION, "close")
        }
        (Err(Unread::TooSlow), _) => {
            record.trouble("the body took too long".into());
            with(plain(StatusCode::REQUEST_TIMEOUT, "the body took too long\n"), CONNECTION, "close")
        }
        (Err(Unread::Broken), _) => {
            record.trouble("the body is broken".into());
            with(plain(StatusCode::BAD_REQUEST, "the body is broken\n"), CONNECTION, "close")
        }
    }
}

/// The bearer token (RFC 6750, section 2.1), if there is just one.
fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}

/// Where a call comes from. Only a proxy that is known may say that it is not from the proxy itself; what it says is the
/// last address in the list, since the ones before came from others.
fn caller_address(headers: &HeaderMap, proxies: &[IpAddr], peer: IpAddr) -> IpAddr {
    if !proxies.contains(&peer) {
        return peer;
    }
    let list = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let last = list.and_then(|list| list.rsplit(',').next()).map(str::trim);
    last.and_then(|address| address.parse().ok()).unwrap_or(peer)
}

/// Why a body was not read to its end.
enum Unread {
    TooLarge,
    TooSlow,
    Broken,
}

/// Reads a body, as long as it is not too long: not at all when its length is told and is.
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
        // Trailers say nothing here.
        let Ok(bytes) = frame.into_data() else { continue };
        record.received(received.len() + bytes.len());
        if bytes.len() > REQUEST_LIMIT - received.len() {
            return Err(Unread::TooLarge);
        }
        received.extend_from_slice(&bytes);
    }
    Ok(())
}

fn unauthorized(bytes: Vec<u8>) -> Response<Full<Bytes>> {
    with(envelope(StatusCode::UNAUTHORIZED, bytes), WWW_AUTHENTICATE, "Bearer")
}

fn envelope(status: StatusCode, bytes: Vec<u8>) -> Response<Full<Bytes>> {
    with(response(status, bytes.into()), CONTENT_TYPE, "application/json")
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    with(response(status, Bytes::from_static(text.as_bytes())), CONTENT_TYPE, "text/plain")
}

fn response(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
}

fn with(mut response: Response<Full<Bytes>>, name: HeaderName, value: &'static str) -> Response<Full<Bytes>> {
    response.headers_mut().insert(name, hyper::header::HeaderValue::from_static(value));
    response
}
