//! What a gateway needs to hand a call to its service: who may call, who is said to call, and the HTTP request.
//!
//! Data goes one way: an envelope is decoded, [`Access`] decides about it, [`HttpRequest`] is written from it with the
//! [`identity_headers`] of the caller. Whatever is refused on the way is a [`Refusal`], which is a failure envelope.
//! [`Identity`] is the other end: what a service may believe of the headers that it receives.

mod access;
mod caller;
mod http;
mod identity;
mod query;
mod refusal;
mod service;

pub use access::{Access, Environment, Grant, Permission, Relation};
pub use caller::Caller;
pub use http::HttpRequest;
pub use identity::identity_headers;
pub use refusal::Refusal;
pub use service::Identity;
