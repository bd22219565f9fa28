//! What a gateway needs to hand a call to its service and the answer back: who may call, who is said to call, the HTTP
//! request, and the reply.
//!
//! Data goes one way out: an envelope is decoded, [`Access`] decides about it, [`HttpRequest`] is written from it with
//! the [`identity_headers`] of the caller. It goes one way back: [`HttpReader`] takes in what the service answers, and
//! [`HttpResponse`] is the reply envelope made of it. Whatever is refused on the way is a [`Refusal`], which is a failure
//! envelope. [`Identity`] is the other end: what a service may believe of the headers that it receives.

mod access;
mod caller;
mod http;
mod identity;
mod protected;
mod query;
mod reader;
mod refusal;
mod response;
mod service;
mod text;

pub use crate::http::HttpError;
pub use access::{Access, Env, Grant, Permission, Relation};
pub use caller::Caller;
pub use http::HttpRequest;
pub use identity::identity_headers;
pub use reader::HttpReader;
pub use refusal::Refusal;
pub use response::HttpResponse;
pub use service::Identity;
