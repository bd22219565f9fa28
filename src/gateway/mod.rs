//! The parts of a gateway that pass a call to its service and return the answer: who may call, how the caller is
//! identified, the HTTP request, and the reply.
//!
//! On the way out, an envelope is decoded, [`Access`] decides about it, and [`HttpRequest`] is made from it with the
//! [`identity_headers`] of the caller. On the way back, [`HttpReader`] reads the answer of the service, and
//! [`HttpResponse`] is the reply envelope made from it; or [`HttpParts`] for a caller that speaks HTTP itself. Anything
//! that is refused on the way is a [`Refusal`], which is a failure envelope. [`Identity`] is for the service: what it
//! may believe of the headers that it receives.
//!
//! For services over HTTP/1.1 nothing else is needed: [`HttpRequest::encode`] writes, and [`HttpReader`] reads. Any other
//! stack takes the parts of an [`HttpRequest`] and gives those of the response to [`HttpResponse::from_parts`]; with the
//! feature `http-v1`, both are types of the crate `http`.

mod access;
mod caller;
mod generated;
mod http;
#[cfg(feature = "http-v1")]
mod http_v1;
mod identity;
mod parts;
mod reader;
mod refusal;
mod response;
mod service;

pub use crate::http::HttpError;
pub use crate::http::lines::HeadLines;
pub use access::{Access, Env, Grant, Permission, Relation};
pub use caller::Caller;
pub use generated::HttpBytes;
pub use http::{HttpRequest, is_protected_header};
pub use identity::identity_headers;
pub use parts::HttpParts;
pub use reader::HttpReader;
pub use refusal::Refusal;
pub use response::HttpResponse;
pub use service::Identity;
