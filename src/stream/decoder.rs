//! The public stream decoder: a window, and a [`Core`] that does not depend on its size.

use super::core::Core;
use super::direction::{Direction, Replies, Requests};
use super::event::DecodeStep;
use super::found::{Found, event};
use crate::envelope::reply::Outcome;
use crate::error::Error;
use crate::limits::{assert_reply_limit, assert_request_limit};

/// Decodes an envelope that arrives in pieces, through a window of `WINDOW` bytes. Does no I/O: see
/// [`stream`](crate::stream) for how to drive it.
///
/// A decoder is for one message. All of its state is in the struct, so decoding can be suspended at any time and
/// resumed. The state takes about 700 bytes in addition to the window.
///
/// A window of less than 16 bytes does not compile, because the longest escape, of twelve bytes, must fit:
///
/// ```compile_fail
/// let decoder = callcontainer::stream::ReplyDecoder::<15>::new();
/// ```
///
/// # The limit
///
/// A slice that is longer than the limit is refused before anything in it is looked at. A stream can do the same only
/// if it knows the length ([`with_length`](Decoder::with_length)). Otherwise the first error is reported as soon as it
/// is found, and a message that is too long is an error at the limit. To get the verdict of the slice decoder on a
/// message of unknown length that is both malformed and too long, read on after the error until the message has ended:
/// then [`step`](Decoder::step) returns [`RequestTooLarge`](crate::ErrorKind::RequestTooLarge) or
/// [`ReplyTooLarge`](crate::ErrorKind::ReplyTooLarge) instead of the first error. (With embedded-io, `finish` does so.)
///
/// # After an error
///
/// The rest of the message is never looked at: committed bytes are counted and dropped until the message ends.
pub struct Decoder<D: Direction, const WINDOW: usize> {
    core: Core<D>,
    bytes: [u8; WINDOW],
}

/// Decodes a request envelope that arrives in pieces, through a window of `WINDOW` bytes.
pub type RequestDecoder<const WINDOW: usize> = Decoder<Requests, WINDOW>;

/// Decodes a reply envelope that arrives in pieces, through a window of `WINDOW` bytes.
pub type ReplyDecoder<const WINDOW: usize> = Decoder<Replies, WINDOW>;

impl<D: Direction, const WINDOW: usize> Decoder<D, WINDOW> {
    /// Creates a decoder for one message of unknown length, with the platform's limit for its direction.
    #[must_use]
    pub const fn new() -> Self {
        const {
            assert!(WINDOW >= 16, "the longest escape takes twelve bytes: choose a window of at least 16");
        }
        Self { core: Core::new(), bytes: [0; WINDOW] }
    }

    /// Sets a lower limit for the whole envelope, in bytes; a higher one has no effect.
    #[must_use]
    pub const fn with_limit(mut self, limit: usize) -> Self {
        self.core.set_limit(limit);
        self
    }

    /// Sets the length of the message, as given by `Content-Length`. [`window`](Decoder::window) then never reaches
    /// past the end of the message, and the message ends without a call of [`end`](Decoder::end).
    #[must_use]
    pub const fn with_length(mut self, length: usize) -> Self {
        self.core.set_length(length);
        self
    }

    /// Returns where to put the next bytes of the message. The window is empty when no more bytes are wanted: the
    /// message has ended, or is too long. It is not empty after [`DecodeStep::More`].
    ///
    /// It never reaches past the end of the message, if its length is known, and at most one byte past the limit.
    #[must_use]
    pub fn window(&mut self) -> &mut [u8] {
        self.core.room(&mut self.bytes)
    }

    /// Reports that the first `count` bytes of the window have been filled. A `count` larger than the window means all
    /// of it.
    pub fn commit(&mut self, count: usize) {
        self.core.commit(count, WINDOW);
    }

    /// Reports that the message ends with the bytes committed so far.
    pub fn end(&mut self) {
        self.core.end();
    }

    /// Whether all of the message has been received.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        self.core.is_ended()
    }

    /// Advances to the next event.
    ///
    /// # Errors
    /// Those of decoding a slice, of the same kind and at the same offset; see [above](Decoder#the-limit) for a message
    /// that is too long. Each further step returns the verdict on the bytes received by then.
    pub fn step(&mut self) -> Result<DecodeStep<'_>, Error> {
        self.core.leave_body();
        Ok(match D::step(&mut self.core, &mut self.bytes)? {
            Found::More => DecodeStep::More,
            Found::End => DecodeStep::End,
            found => event(found, &self.bytes).map_or(DecodeStep::More, DecodeStep::Event),
        })
    }

    /// Skips the rest of the text or body that the last event belongs to: no more pieces of it are returned. It is
    /// still validated.
    pub fn skip(&mut self) {
        self.core.skip();
    }
}

#[cfg(feature = "embedded-io-v0_7")]
impl<D: Direction, const WINDOW: usize> Decoder<D, WINDOW> {
    pub(super) fn parts(&mut self) -> (&mut Core<D>, &mut [u8]) {
        (&mut self.core, &mut self.bytes)
    }
}

impl<D: Direction, const WINDOW: usize> Default for Decoder<D, WINDOW> {
    fn default() -> Self {
        Self::new()
    }
}

impl<D: Direction, const WINDOW: usize> core::fmt::Debug for Decoder<D, WINDOW> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Decoder").field("received", &self.core.received()).finish_non_exhaustive()
    }
}

impl<const WINDOW: usize> Decoder<Requests, WINDOW> {
    /// Sets a limit of `N` bytes. Does not compile if `N` is over [`REQUEST_LIMIT`](crate::REQUEST_LIMIT).
    #[must_use]
    pub const fn with_bound<const N: usize>(self) -> Self {
        const { assert_request_limit(N) }
        self.with_limit(N)
    }
}

impl<const WINDOW: usize> Decoder<Replies, WINDOW> {
    /// Sets a limit of `N` bytes. Does not compile if `N` is over [`REPLY_LIMIT`](crate::REPLY_LIMIT).
    #[must_use]
    pub const fn with_bound<const N: usize>(self) -> Self {
        const { assert_reply_limit(N) }
        self.with_limit(N)
    }

    /// Returns the outcome of the reply after [`DecodeStep::End`], and `None` before it.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.core.outcome()
    }
}
