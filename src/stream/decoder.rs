//! The stream decoder as its user sees it: a thin shell around a window and a machine.
//!
//! It knows the order of things: read, commit, step, and what becomes of a message after an error. Everything that works
//! is in the [`Core`], which does not depend on the size of the window.

use super::direction::{Direction, Replies, Requests, Side};
use super::event::Next;
use super::found::{Found, event};
use super::machine::Machine;
use super::window::Window;
use crate::envelope::reply::Outcome;
use crate::error::{Error, ErrorKind};
#[cfg(feature = "embedded-io-v0_7")]
use crate::json::text;
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
/// [`step`](Decoder::step) gives [`ErrorKind::RequestTooLarge`] or [`ErrorKind::ReplyTooLarge`] instead of the first
/// error. (With embedded-io, `finish` does so.)
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
    /// too long. It is not empty after [`Next::More`].
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
        self.core.window.is_ended()
    }

    /// Goes on to the next event.
    ///
    /// # Errors
    /// Those of decoding a slice, of the same kind and at the same offset; see [above](Decoder#the-limit) for a message
    /// that is too long. Each further step gives the verdict on as much as has come by then.
    pub fn step(&mut self) -> Result<Next<'_>, Error> {
        self.core.leave_body();
        Ok(match self.core.step(&mut self.bytes)? {
            Found::More => Next::More,
            Found::End => Next::End,
            found => event(found, &self.bytes).map_or(Next::More, Next::Event),
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
        f.debug_struct("Decoder").field("received", &self.core.window.received()).finish_non_exhaustive()
    }
}

impl<const WINDOW: usize> Decoder<Requests, WINDOW> {
    /// With a limit of `N` bytes, which does not compile when it is over [`REQUEST_LIMIT`](crate::REQUEST_LIMIT).
    #[must_use]
    pub const fn bounded<const N: usize>(self) -> Self {
        const { assert_request_limit(N) }
        self.with_limit(N)
    }
}

impl<const WINDOW: usize> Decoder<Replies, WINDOW> {
    /// With a limit of `N` bytes, which does not compile when it is over [`REPLY_LIMIT`](crate::REPLY_LIMIT).
    #[must_use]
    pub const fn bounded<const N: usize>(self) -> Self {
        const { assert_reply_limit(N) }
        self.with_limit(N)
    }

    /// What the reply comes to, after [`Next::End`]; before it `None`.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.core.is_done.then(|| self.core.machine.facts.outcome())
    }
}

/// What does not depend on the size of the window.
pub(super) struct Core<D: Side> {
    pub(super) machine: Machine<D>,
    pub(super) window: Window,
    /// The first thing wrong.
    failed: Option<Error>,
    /// The envelope is whole and valid.
    pub(super) is_done: bool,
    /// A reader of the body has begun.
    reads_body: bool,
    /// It is half way through the token in the window.
    keeps: bool,
}

impl<D: Side> Core<D> {
    pub(super) const fn new() -> Self {
        Self {
            machine: Machine::new(),
            window: Window::new(D::LIMIT),
            failed: None,
            is_done: false,
            reads_body: false,
            keeps: false,
        }
    }

    const fn set_limit(&mut self, limit: usize) {
        self.window.set_limit(limit);
        self.judge_length();
    }

    const fn set_length(&mut self, length: usize) {
        self.window.set_length(length);
        self.judge_length();
    }

    const fn judge_length(&mut self) {
        if self.window.is_length_over() {
            self.failed = Some(self.too_large());
        }
    }

    const fn too_large(&self) -> Error {
        Error::new(D::TOO_LARGE, self.window.limit())
    }

    pub(super) fn room<'b>(&mut self, bytes: &'b mut [u8]) -> &'b mut [u8] {
        if self.failed.is_some() {
            self.window.clear();
        }
        self.window.room(bytes)
    }

    pub(super) fn commit(&mut self, count: usize, size: usize) {
        self.window.commit(count, size);
    }

    pub(super) fn end(&mut self) {
        self.window.set_ended();
    }

    pub(super) fn skip(&mut self) {
        self.machine.skip();
    }

    /// Goes back from a reader of the body to events.
    pub(super) fn leave_body(&mut self) {
        if self.reads_body {
            self.reads_body = false;
            self.keeps = false;
            self.window.release();
            self.machine.skip();
        }
    }

    pub(super) fn step(&mut self, bytes: &mut [u8]) -> Result<Found, Error> {
        if let Some(error) = self.failed {
            return Err(if self.window.is_over() { self.too_large() } else { error });
        }
        let result = match self.machine.step(&mut self.window, bytes) {
            Ok(Found::More | Found::End) if self.window.is_over() => Err(self.too_large()),
            Ok(Found::More) if self.window.is_ended() => {
                Err(Error::new(ErrorKind::UnexpectedEnd, self.window.received()))
            }
            Ok(Found::End) if !self.window.is_ended() => Ok(Found::More),
            result => result,
        };
        match &result {
            Ok(Found::End) => self.is_done = true,
            Err(error) => self.failed = Some(*error),
            Ok(_) => {}
        }
        result
    }
}

/// For a reader of the body, who may take a piece in parts.
#[cfg(feature = "embedded-io-v0_7")]
impl<D: Side> Core<D> {
    /// Whether there is more of the body, and none of it kept.
    pub(super) fn wants_body(&self) -> bool {
        !self.keeps && self.machine.is_in_body()
    }

    /// Keeps a piece until it is consumed: the bytes that it stands for.
    pub(super) fn keep(&mut self, found: Found, bytes: &mut [u8]) {
        let Found::Piece(super::found::Piece { start, mut end, escaped, .. }) = found else { return };
        if let (true, Some(span)) = (escaped, bytes.get_mut(start..end)) {
            end = start.wrapping_add(text::unescape_in_place(span));
        }
        self.window.start = start;
        self.window.filled = end;
        self.reads_body = true;
        self.keeps = true;
        self.consume(0);
    }

    /// What is kept.
    pub(super) fn kept<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        if self.keeps { bytes.get(self.window.start..self.window.filled).unwrap_or_default() } else { &[] }
    }

    /// Done with so many bytes of what is kept.
    pub(super) fn consume(&mut self, count: usize) {
        if self.keeps {
            self.window.start = self.window.start.saturating_add(count).min(self.window.filled);
            if self.window.start == self.window.filled {
                self.window.release();
                self.keeps = false;
            }
        }
    }
}
