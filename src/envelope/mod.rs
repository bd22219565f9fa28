//! The transmitted data: the parts of requests and replies, their rules, and the two envelopes made of them.
//!
//! Implements the platform's documented call object and result, and reads and writes them through the JSON engine.

mod bounded;
mod buffer;
mod bytes;
mod code;
mod cookies;
pub(crate) mod data;
pub(crate) mod fields;
pub(crate) mod fingerprint;
pub(crate) mod header_names;
mod header_object;
pub(crate) mod headers;
pub(crate) mod held;
pub(crate) mod layout;
mod lengths;
mod list;
pub(crate) mod members;
mod message;
pub(crate) mod names;
pub(crate) mod native_buffers;
mod parameters;
pub(crate) mod parts;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod table;
pub(crate) mod texts;
pub(crate) mod values;

pub use bounded::{BoundedReply, BoundedRequest, ReplyCapacity, RequestCapacity};
pub use buffer::{ReplyBuffer, RequestBuffer};
pub use bytes::Bytes;
pub use code::{ErrorCode, Retry};
pub use cookies::{Cookies, CookiesIter};
pub use data::{Data, DataKind};
pub use headers::{Headers, HeadersIter};
#[cfg(feature = "c")]
pub use held::{Find, Means};
pub use message::Message;
pub use parameters::{DataType, Method, ResponseType, Timeout};
pub use reply::{Failure, Reply, Response};
pub use request::Request;
#[cfg(feature = "c")]
pub use request::RequestParts;
