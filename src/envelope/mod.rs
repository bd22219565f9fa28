//! What travels: the parts of requests and replies, their rules, and the two envelopes made of them.
//!
//! It knows the platform's documented call object and result, and writes and reads them through the JSON engine.

mod bounded;
mod buffer;
mod code;
pub(crate) mod data;
pub(crate) mod fields;
pub(crate) mod headers;
pub(crate) mod layout;
pub(crate) mod members;
mod message;
pub(crate) mod names;
mod parameters;
pub(crate) mod parts;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod table;
pub(crate) mod texts;
mod values;

pub use bounded::{BoundedReply, BoundedRequest, ReplyCapacity, RequestCapacity};
pub use buffer::{ReplyBuffer, RequestBuffer};
pub use code::{ErrorCode, Retry};
pub use data::{Bytes, Data, DataKind};
pub use headers::{Cookies, CookiesIter, Headers, HeadersIter};
pub use message::Message;
pub use parameters::{DataType, Method, ResponseType, Timeout};
pub use reply::{Failure, Reply, Response};
pub use request::Request;
