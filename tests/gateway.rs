//! The gateway's half: who may call, who is said to call, what a service gets to read, and how a call is refused.
#![cfg(feature = "gateway")]

/// Every outcome of a decision: row by row, then all combinations against a decision that was written apart.
#[path = "gateway/access.rs"]
mod access;
/// What `wx.request` makes of a call, row by row: the request line, the headers and the body.
#[path = "gateway/http.rs"]
mod http;
/// The headers that say who calls, written and read.
#[path = "gateway/identity.rs"]
mod identity;
/// What the random tests expect, computed from owned strings and nothing of the crate.
#[path = "gateway/model.rs"]
mod model;
/// Hostile calls: what is written parses as one request, the one that was meant.
#[path = "gateway/property.rs"]
mod property;
/// Percent-encoding and the merging of queries against their models.
#[path = "gateway/query.rs"]
mod query;
/// Refusals, and the failure envelopes that say them.
#[path = "gateway/refusal.rs"]
mod refusal;

use callcontainer::gateway::{Caller, Environment, HttpRequest, Permission, Refusal, Relation};
use callcontainer::{Error, ErrorKind, Request};

const HOST: &str = "shop.internal:8080";

static ENVIRONMENT: Environment<'static> =
    Environment { id: "prod-001", owner: "WXAAA", services: &["shop"], public: true };

const fn permission(relation: Relation) -> Permission<'static> {
    Permission { environment: &ENVIRONMENT, service: "shop", relation }
}

/// All that a request says, as a parser that no one here wrote reads it.
#[derive(Debug, PartialEq, Eq)]
struct Received {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    /// Everything behind the head.
    body: Vec<u8>,
}

impl Received {
    #[track_caller]
    fn parse(bytes: &[u8]) -> Self {
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(httparse::Status::Complete(head)) = request.parse(bytes) else {
            panic!("no request: {}", String::from_utf8_lossy(bytes));
        };
        assert_eq!(request.version, Some(1));
        let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
        Self {
            method: request.method.unwrap().to_owned(),
            target: request.path.unwrap().to_owned(),
            headers: request.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect(),
            body: bytes[head..].to_vec(),
        }
    }

    /// The values under this name, in any letter case.
    fn values(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// What is written, into a buffer of just the length that is said, a larger one and one that is a byte too small.
#[track_caller]
fn encoded(http: &HttpRequest<'_>) -> Vec<u8> {
    let length = http.encoded_len();
    let mut buffer = vec![0xAA; length];
    assert_eq!(http.encode(&mut buffer).unwrap().len(), length);
    let mut larger = vec![0xAA; length + 3];
    assert_eq!(http.encode(&mut larger).unwrap(), buffer);
    assert_eq!(larger[length..], [0xAA; 3]);
    assert_eq!(http.encode(&mut larger[..length - 1]), Err(Error::new(ErrorKind::BufferTooSmall, length - 1)));
    assert_eq!(http.encode(&mut []), Err(Error::new(ErrorKind::BufferTooSmall, 0)));
    buffer
}

#[track_caller]
fn written(request: &Request<'_>, relation: Relation, caller: Option<&Caller<'_>>) -> Result<Vec<u8>, Refusal> {
    let (request, permission) = (request.with_env(ENVIRONMENT.id), permission(relation));
    HttpRequest::new(&request, &permission, caller, HOST).map(|http| encoded(&http))
}

/// A request over the public network, which says nothing of the caller.
#[track_caller]
fn received(request: &Request<'_>) -> Received {
    Received::parse(&written(request, Relation::Public, None).unwrap_or_else(|refusal| panic!("{refusal}")))
}

/// The target for a path with this `data`, which is any JSON.
#[track_caller]
fn target(path: &str, data: &str) -> String {
    let data = callcontainer::Json::new(data).unwrap().into();
    received(&Request::new(path).with_env("prod-001").with_data(data)).target
}
