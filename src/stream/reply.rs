//! The decoder of replies without a window of its own, for whoever has one that serves other ends too.

use super::decoder::Core;
use super::direction::Replies;
use super::found::Found;
use crate::envelope::reply::Outcome;
use crate::error::Error;

/// See [`Decoder`](super::Decoder): the same steps, with the window as an argument.
pub(crate) struct ReplyCore(Core<Replies>);

impl ReplyCore {
    pub(crate) const fn new() -> Self {
        Self(Core::new())
    }

    pub(crate) fn room<'b>(&mut self, bytes: &'b mut [u8]) -> &'b mut [u8] {
        self.0.room(bytes)
    }

    pub(crate) fn commit(&mut self, count: usize, size: usize) {
        self.0.commit(count, size);
    }

    pub(crate) fn end(&mut self) {
        self.0.end();
    }

    /// Where in the window the room begins, or would.
    pub(crate) const fn filled(&self) -> usize {
        self.0.window.end()
    }

    pub(crate) fn step(&mut self, bytes: &mut [u8]) -> Result<Found, Error> {
        self.0.step(bytes)
    }

    pub(crate) fn skip(&mut self) {
        self.0.skip();
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.0.is_done.then(|| self.0.machine.facts.outcome())
    }

    pub(crate) fn leave_body(&mut self) {
        self.0.leave_body();
    }

    pub(crate) fn wants_body(&self) -> bool {
        self.0.wants_body()
    }

    pub(crate) fn keep(&mut self, found: Found, bytes: &mut [u8]) {
        self.0.keep(found, bytes);
    }

    pub(crate) fn kept<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        self.0.kept(bytes)
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.0.consume(count);
    }
}
