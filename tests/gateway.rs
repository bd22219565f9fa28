//! The gateway's half: who may call, who is said to call, what a service gets to read, and how a call is refused.
#![cfg(feature = "gateway")]

/// Every outcome of a decision: row by row, then all combinations against a decision that was written apart.
#[path = "gateway/access.rs"]
mod access;
/// What is written for a call, held against the model. The fuzzers use it too.
#[path = "gateway/check.rs"]
#[macro_use]
mod check;
/// What work costs, beside other work.
#[path = "resources/cost.rs"]
mod cost;
/// What `wx.request` makes of a call, row by row: the request line, the headers and the body.
#[path = "gateway/http.rs"]
mod http;
/// The same as types of the crate `http`.
#[cfg(feature = "http-v1")]
#[path = "gateway/http_v1.rs"]
mod http_v1;
/// The headers that say who calls, written and read.
#[path = "gateway/identity.rs"]
mod identity;
/// What the random tests expect, computed from owned strings and nothing of the crate.
#[path = "gateway/model.rs"]
mod model;
/// What `serde_json` says of half a surrogate pair.
#[path = "json_oracle/oracle.rs"]
#[allow(dead_code, reason = "what else it says matters elsewhere")]
mod oracle;
/// Hostile calls: what is written parses as one request, the one that was meant.
#[path = "gateway/property.rs"]
mod property;
/// Percent-encoding and the merging of queries against their models.
#[path = "gateway/query.rs"]
mod query;
/// Refusals, and the failure envelopes that say them.
#[path = "gateway/refusal.rs"]
mod refusal;
/// What a service answers, row by row, and what of it gets to the caller.
#[path = "gateway/response.rs"]
mod response;
/// What the random tests expect of a response, computed from owned strings and nothing of the crate.
#[path = "gateway/response_model.rs"]
mod response_model;
/// Random responses against their oracles, cut and broken everywhere.
#[path = "gateway/response_property.rs"]
mod response_property;
/// Reads a response, and makes sure of what holds for every reply.
#[path = "gateway/responses.rs"]
mod responses;
/// A table of responses, and what another parser makes of each.
#[path = "gateway/vectors.rs"]
mod vectors;
/// Writers that take what is written slowly, fail, or are full.
#[cfg(feature = "embedded-io-v0_7")]
#[path = "gateway/writer.rs"]
mod writer;

use callcontainer::Request;
use callcontainer::gateway::{Caller, HttpRequest, Refusal, Relation};
use check::{ENV, Received, encoded, permission};

const HOST: &str = "shop.internal:8080";

#[track_caller]
fn written(request: &Request<'_>, relation: Relation, caller: Option<&Caller<'_>>) -> Result<Vec<u8>, Refusal> {
    let (request, permission) = (request.with_env(ENV.id), permission(relation));
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
