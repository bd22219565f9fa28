//! Envelopes over a stream, in constant memory: a window of a few hundred bytes, whatever the size of the envelope.
//!
//! A [`Decoder`] does no I/O. It provides a window to read into ([`window`](Decoder::window)), takes the number of
//! bytes read ([`commit`](Decoder::commit)) and the end of the message ([`end`](Decoder::end)), and returns one
//! [`Event`] after another ([`step`](Decoder::step)). With the feature `embedded-io-v0_7` it does so over any
//! embedded-io connection, blocking and async: `next`, `finish`, and a `Body` that is itself a reader.
//!
//! It accepts and refuses the same envelopes as decoding a slice, at the same bytes. The events depend on the envelope
//! and on the size of the window, never on the sizes of the reads.
//!
//! ```
//! use callcontainer::stream::{DecodeStep, Event, Outcome, ReplyDecoder};
//!
//! let envelope = br#"{"statusCode":200,"callID":"7-0.5","data":{"celsius":21.5}}"#;
//! let mut bytes = envelope.chunks(10); // they come in any pieces
//! let mut decoder = ReplyDecoder::<64>::new();
//! let mut body = Vec::new();
//! loop {
//!     match decoder.step()? {
//!         DecodeStep::More => match bytes.next() {
//!             Some(piece) => {
//!                 decoder.window()[..piece.len()].copy_from_slice(piece);
//!                 decoder.commit(piece.len());
//!             }
//!             None => decoder.end(),
//!         },
//!         DecodeStep::Event(Event::Json { json, .. }) => body.extend_from_slice(json),
//!         DecodeStep::Event(_) => {}
//!         DecodeStep::End => break,
//!     }
//! }
//! assert_eq!(decoder.outcome(), Some(Outcome::Response { status: 200 }));
//! assert_eq!(body, br#"{"celsius":21.5}"#);
//! # Ok::<(), callcontainer::Error>(())
//! ```
//!
//! An [`Encoder`] is the counterpart: it says which bytes to write, the same bytes as encoding into a slice, and takes
//! the body from memory or piece by piece.

mod body;
#[cfg(feature = "embedded-io-v0_7")]
mod body_reader;
mod core;
mod decoder;
mod direction;
mod encode;
mod event;
mod found;
mod lookup;
mod machine;
mod measure;
#[cfg(feature = "c")]
#[doc(hidden)]
pub mod outside;
#[cfg(feature = "embedded-io-v0_7")]
mod read;
mod role;
mod token;
mod window;
#[cfg(feature = "embedded-io-v0_7")]
mod write;

pub use crate::envelope::reply::Outcome;
pub use body::Body;
#[cfg(feature = "embedded-io-v0_7")]
pub use body_reader::BodyReader;
pub use decoder::{Decoder, ReplyDecoder, RequestDecoder};
pub use direction::{Direction, Replies, Requests};
pub use encode::{EncodeStep, Encoder};
pub use event::{DecodeStep, Event, Field};
pub use measure::Measure;
#[cfg(feature = "embedded-io-v0_7")]
pub use read::{Connected, ReadError};
#[cfg(feature = "embedded-io-v0_7")]
pub use write::{WriteCause, WriteError};
#[cfg(feature = "client")]
pub(crate) use {
    self::core::Core,
    body_reader::{Find, FindAsync, Source},
    encode::{Fill, Flow, LEAST_WINDOW, NoBody, Slot},
    found::{Found, event},
    lookup::PRODUCER_ROOM,
    write::again,
};
