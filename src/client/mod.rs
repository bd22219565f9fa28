//! `callContainer` over any embedded-io connection, blocking or async.
//!
//! A [`Cloud`] makes calls. The parts between the bytes of a connection and the calls do no I/O: the [`Framing`]
//! determines how an envelope is sent, an inlet finds the reply in the incoming bytes, and the reply is collected in a
//! buffer or processed piece by piece. The blocking and async drivers are a few lines around them, and hold no state.
//!
//! Without a gateway, by [`Framing::domain`] or [`Framing::open_api`], there is no envelope on the connection: the call is
//! an HTTP request for its service, and the reply is made of the response, in the buffer or as it arrives.
//!
//! ```text
//!   Request ──▶ Framing ──▶ window ──▶ connection
//!   Reply ◀── buffer or events ◀── inlet ◀────┘
//! ```

mod answer;
mod attempt;
mod call;
mod callbacks;
mod cloud;
mod collect;
mod deadline;
mod doors;
mod error;
mod exchange;
mod framing;
mod given;
mod host;
mod incoming;
mod inlet;
mod lines;
mod link;
mod platform;
mod reply;
mod response_error;
mod retries;
mod retrying;
#[cfg(feature = "std")]
mod std_tcp;
mod steps;
mod transcript;
#[cfg(feature = "serde")]
mod typed;
mod way;

pub use crate::http::HttpError;
pub use attempt::{Attempt, Cause, NoHook, Retried, RetryError};
pub use call::Call;
pub use cloud::Cloud;
pub use deadline::Deadline;
pub use error::CallError;
pub use framing::Framing;
pub use host::OpenApiHost;
pub use inlet::HEAD_LIMIT;
pub use reply::ReplyStream;
pub use response_error::ResponseError;
pub use retries::{Retriable, Retries};
pub use retrying::Retrying;
#[cfg(feature = "std")]
pub use std_tcp::{StdDelay, StdTcp};
pub use steps::{ClientStep, Detached};
#[cfg(feature = "serde")]
pub use typed::Typed;
