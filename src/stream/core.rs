//! The control flow of a stream decoder: room, commit, step, and what happens to a message after an error.
//!
//! Knows when the envelope is complete, and which error is reported. Knows nothing of who reads, or from where.

use super::direction::{Replies, Side};
use super::found::Found;
#[cfg(feature = "embedded-io-v0_7")]
use super::found::Piece;
use super::machine::Machine;
use super::window::Window;
use crate::envelope::reply::Outcome;
use crate::error::{Error, ErrorKind};
#[cfg(feature = "embedded-io-v0_7")]
use crate::json::text;
use core::convert::Infallible;

/// A decoder without its window, which is passed to each step. So the same code serves windows of all sizes, and a
/// window can be shared with other users.
///
/// `P` makes the envelope, if this crate does.
pub(crate) struct Core<D: Side, P = Infallible> {
    machine: Machine<D, P>,
    window: Window,
    /// The first error.
    failed: Option<Error>,
    /// The envelope is complete and valid.
    is_done: bool,
    /// A reader of the body has started.
    reads_body: bool,
    /// The reader is partway through the token in the window.
    keeps: bool,
}

impl<D: Side, P> Core<D, P> {
    pub(crate) const fn new() -> Self {
        Self {
            machine: Machine::new(),
            window: Window::new(D::LIMIT),
            failed: None,
            is_done: false,
            reads_body: false,
            keeps: false,
        }
    }

    pub(super) const fn set_limit(&mut self, limit: usize) {
        self.window.set_limit(limit);
        self.judge_length();
    }

    pub(super) const fn set_length(&mut self, length: usize) {
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

    /// Returns the error, as far as it is known, once there is one.
    pub(super) fn failure(&self) -> Option<Error> {
        self.failed.map(|error| if self.window.is_over() { self.too_large() } else { error })
    }

    /// Bytes of the message received so far.
    pub(super) const fn received(&self) -> usize {
        self.window.received()
    }

    /// Whether all of the message has been received.
    pub(super) const fn is_ended(&self) -> bool {
        self.window.is_ended()
    }

    /// Whether the length of the message is known.
    #[cfg(feature = "embedded-io-v0_7")]
    pub(super) const fn has_length(&self) -> bool {
        self.window.has_length()
    }

    /// Where in the window the room begins, or would begin.
    #[cfg(feature = "client")]
    pub(crate) const fn filled(&self) -> usize {
        self.window.end()
    }

    pub(crate) fn room<'b>(&mut self, bytes: &'b mut [u8]) -> &'b mut [u8] {
        if self.failed.is_some() {
            self.window.clear();
        }
        self.window.room(bytes)
    }

    pub(crate) fn commit(&mut self, count: usize, size: usize) {
        self.window.commit(count, size);
    }

    pub(crate) fn end(&mut self) {
        self.window.set_ended();
    }

    pub(crate) fn skip(&mut self) {
        self.machine.skip();
    }

    /// Returns from a reader of the body to events.
    pub(crate) fn leave_body(&mut self) {
        if self.reads_body {
            self.reads_body = false;
            self.keeps = false;
            self.window.release();
            self.machine.skip();
        }
    }

    pub(crate) fn step(&mut self, bytes: &mut [u8]) -> Result<Found, Error> {
        if let Some(error) = self.failure() {
            return Err(error);
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

impl<P> Core<Replies, P> {
    /// Returns the outcome of the reply, once the reply is known to be valid.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.is_done.then(|| self.machine.facts.outcome())
    }

    /// Returns what makes the envelope as it is decoded, which is this if it has not been asked for before; never `None`.
    /// From then on, names may repeat, and nothing may follow `data`.
    #[cfg(feature = "client")]
    pub(crate) fn producer(&mut self, new: P) -> Option<&mut P> {
        self.machine.headers.trust(new)
    }

    /// Makes the reply a failure, whatever status it has.
    #[cfg(feature = "client")]
    pub(crate) const fn fail(&mut self) {
        self.machine.facts.status = None;
    }
}

/// For a reader of the body, which may consume a piece in parts.
#[cfg(feature = "embedded-io-v0_7")]
impl<D: Side, P> Core<D, P> {
    /// Whether the body has more data, and none of it is kept.
    pub(crate) fn wants_body(&self) -> bool {
        !self.keeps && self.machine.is_in_body()
    }

    /// Keeps the decoded bytes of a piece until they are consumed.
    pub(crate) fn keep(&mut self, found: Found, bytes: &mut [u8]) {
        let Found::Piece(Piece { start, mut end, escaped, .. }) = found else { return };
        if let (true, Some(span)) = (escaped, bytes.get_mut(start..end)) {
            end = start.wrapping_add(text::unescape_in_place(span));
        }
        self.window.start = start;
        self.window.filled = end;
        self.reads_body = true;
        self.keeps = true;
        self.consume(0);
    }

    /// Returns the kept bytes.
    pub(crate) fn kept<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        if self.keeps { bytes.get(self.window.start..self.window.filled).unwrap_or_default() } else { &[] }
    }

    /// Consumes `count` of the kept bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        if self.keeps {
            self.window.start = self.window.start.saturating_add(count).min(self.window.filled);
            if self.window.start == self.window.filled {
                self.window.release();
                self.keeps = false;
            }
        }
    }
}
