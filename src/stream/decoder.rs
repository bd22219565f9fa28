//! The stream decoder as its user sees it: a window, and a [`Core`] that does not depend on its size.

use super::core::Core;
use super::direction::{Direction, Replies, Requests};
use super::event::DecodeStep;
use super::found::{Found, event};
use crate::envelope::reply::Outcome;
use crate::error::Error;
use crate::limits::{assert_reply_limit, assert_request_limit};

/// Decodes an envelope that comes in pieces, through a window of `WINDOW` bytes. It owns no I/O: see
/// [`stream`](crate::stream) for how it is driven.
///
/// A decoder is for one message. All of it is in the struct, so a decoder can be left at any time and taken up again.
/// Beside the window it takes about 700 bytes.
///
/// A window of less than 16 bytes does not compile, because the longest escape, of twelve bytes, has to fit:
///
/// ```compile_fail
/// let decoder = callcontainer::stream::ReplyDecoder::<15>::new();
/// ```
///
/// # The limit
///
/// A slice that is longer than the limit is refused before anything in it is looked at. A stream can do the same only
/// if it is told the length ([`with_length`](Decoder::with_length)). Otherwise the first thing wrong is told when it is
/// met, and a message that is too long is an error at the limit. Who wants the verdict of the slice decoder on a message
/// of unknown length that is both malformed and too long reads on after the error until the message has ended: then
/// [`step`](Decoder::step) gives [`RequestTooLarge`](crate::ErrorKind::RequestTooLarge) or
/// [`ReplyTooLarge`](crate::ErrorKind::ReplyTooLarge) instead of the first error. (With embedded-io, `finish` does so.)
///
/// # After an error
///
/// The rest of the message is never looked at: what is committed is counted and dropped, until the message ends.
pub struct Decoder<D: Direction, const WINDOW: usize> {
    core: Core<D>,
    bytes: [u8; WINDOW],
}

/// Decodes a request envelope that comes in pieces, through a window of `WINDOW` bytes.
pub type RequestDecoder<const WINDOW: usize> = Decoder<Requests, WINDOW>;

/// Decodes a reply envelope that comes in pieces, through a window of `WINDOW` bytes.
pub type ReplyDecoder<const WINDOW: usize> = Decoder<Replies, WINDOW>;

impl<D: Direction, const WINDOW: usize> Decoder<D, WINDOW> {
    /// A decoder for one message of unknown length, with the platform's limit of its direction.
    #[must_use]
    pub const fn new() -> Self {
        const {
            assert!(WINDOW >= 16, "the longest escape takes twelve bytes: choose a window of at least 16");
        }
        Self { core: Core::new(), bytes: [0; WINDOW] }
    }

    /// With a lower limit, in bytes of whole envelope; a higher one has no effect.
    #[must_use]
    pub const fn with_limit(mut self, limit: usize) -> Self {
        self.core.set_limit(limit);
        self
    }

    /// With the length of the message, as `Content-Length` gives it. [`window`](Decoder::window) then never reaches
    /// past it, and the message ends by itself.
    #[must_use]
    pub const fn with_length(mut self, length: usize) -> Self {
        self.core.set_length(length);
        self
    }

    /// Where the next bytes of the message go. It is empty when nothing more is wanted: the message has ended, or is
    /// too long. It is not empty after [`DecodeStep::More`].
    ///
    /// It never reaches past the end of the message, if its length is known, and at most one byte past the limit.
    #[must_use]
    pub fn window(&mut self) -> &mut [u8] {
        self.core.room(&mut self.bytes)
    }

    /// The first `count` bytes of the window have come. More than there are count as all of them.
    pub fn commit(&mut self, count: usize) {
        self.core.commit(count, WINDOW);
    }

    /// The message ends with what has come.
    pub fn end(&mut self) {
        self.core.end();
    }

    /// Whether the message has ended: all of it has come.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        self.core.is_ended()
    }

    /// Goes on to the next event.
    ///
    /// # Errors
    /// Those of decoding a slice, of the same kind and at the same offset; see [above](Decoder#the-limit) for a message
    /// that is too long. Each further step gives the verdict on as much as has come by then.
    pub fn step(&mut self) -> Result<DecodeStep<'_>, Error> {
        self.core.leave_body();
        Ok(match self.core.step(&mut self.bytes)? {
            Found::More => DecodeStep::More,
            Found::End => DecodeStep::End,
            found => event(found, &self.bytes).map_or(DecodeStep::More, DecodeStep::Event),
        })
    }

    /// Passes over what is left of the text or body of which the last event told: no more pieces of it come. It is
    /// validated all the same.
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
    /// With a limit of `N` bytes, which does not compile when it is over [`REQUEST_LIMIT`](crate::REQUEST_LIMIT).
    #[must_use]
    pub const fn with_bound<const N: usize>(self) -> Self {
        const { assert_request_limit(N) }
        self.with_limit(N)
    }
}

impl<const WINDOW: usize> Decoder<Replies, WINDOW> {
    /// With a limit of `N` bytes, which does not compile when it is over [`REPLY_LIMIT`](crate::REPLY_LIMIT).
    #[must_use]
    pub const fn with_bound<const N: usize>(self) -> Self {
        const { assert_reply_limit(N) }
        self.with_limit(N)
    }

    /// What the reply comes to, after [`DecodeStep::End`]; before it `None`.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.core.outcome()
    }
}
