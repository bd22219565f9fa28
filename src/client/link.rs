//! The state of a connection from one call to the next.
//!
//! Knows whether a call can be made, what an earlier call may have left unread, and what the end or an error of the
//! connection means for the next call. Does not hold the connection itself.

use super::error::{CallError, Wrong};
use super::inlet::Inlet;
use crate::http::body::Stripped;
use crate::stream::{WriteCause, WriteError, again};
use crate::{Reply, Text};
use embedded_io::{Error, ErrorKind};

/// A connection, as far as it can be known without I/O.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// Envelopes are lines, not HTTP.
    is_line: bool,
    state: State,
    /// On a line: what came last was no newline.
    within_line: bool,
    /// A call has been answered on it.
    has_served: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The next thing to come is the reply to the next call.
    Clean,
    /// A line on which the replies to earlier calls, or noise, may still come. They are told by their `callID`.
    OutOfStep,
    /// It has ended, or nothing is known of what comes next.
    Lost,
}

impl Link {
    pub(super) const fn new(is_line: bool) -> Self {
        // Nobody knows what a line has seen before.
        let state = if is_line { State::OutOfStep } else { State::Clean };
        Self { is_line, state, within_line: false, has_served: false }
    }

    pub(super) const fn is_line(&self) -> bool {
        self.is_line
    }

    /// Whether a call can be made.
    pub(super) fn is_ready(&self) -> bool {
        self.state != State::Lost
    }

    /// Whether it has served before, and is lost: then the other end may have closed it before the last call was made.
    pub(super) fn is_spent(&self) -> bool {
        self.has_served && self.state == State::Lost
    }

    /// Whether what comes first may be something other than the reply.
    pub(super) fn is_out_of_step(&self) -> bool {
        self.state == State::OutOfStep
    }

    /// A call begins. However it is left, without a word, this is what is known of the connection then.
    pub(super) fn begin(&mut self) -> Inlet {
        if self.is_line {
            self.state = State::OutOfStep;
            return Inlet::line(self.within_line);
        }
        self.state = State::Lost;
        Inlet::http()
    }

    /// Takes a piece of a reply that has come apart, where it lies: see [`Inlet::strip`].
    ///
    /// # Errors
    /// As for that.
    pub(super) fn take(&mut self, inlet: &mut Inlet, piece: &mut [u8]) -> Result<Stripped, Wrong> {
        if let Some(last) = piece.last() {
            self.within_line = *last != b'\n';
        }
        inlet.strip(piece)
    }

    /// The reply has come whole; `alone` says that nothing came behind it, `own` that it was that of the call.
    pub(super) fn complete(&mut self, inlet: &Inlet, alone: bool, own: bool) {
        self.has_served = true;
        let in_step = alone && if self.is_line { own } else { inlet.keeps_alive() };
        if in_step {
            self.state = State::Clean;
        }
    }

    /// The connection has ended, and with it the reply.
    ///
    /// # Errors
    /// It may not end there.
    pub(super) fn ended(&mut self, inlet: &Inlet) -> Result<(), Wrong> {
        if inlet.end() {
            return Ok(());
        }
        self.state = State::Lost;
        Err(if inlet.has_begun() { Wrong::Eof } else { Wrong::NoAnswer })
    }

    /// A read of a reply has failed: why the call has, unless the read is to be tried again.
    pub(super) fn read_failed<E: Error>(&mut self, inlet: &Inlet, error: E) -> Result<(), CallError<E>> {
        let Err(error) = again(error) else { return Ok(()) };
        self.failed(error.kind());
        Err(if inlet.has_begun() { CallError::Io(error) } else { CallError::NoAnswer(Some(error)) })
    }

    /// A call has not been written whole.
    pub(super) fn write_failed<E: Error, B>(&mut self, error: WriteError<E, B>) -> CallError<E, B> {
        match &error.cause {
            WriteCause::Io(error) => self.failed(error.kind()),
            WriteCause::WriteZero => self.state = State::Lost,
            WriteCause::Body(_) | WriteCause::Envelope(_) => {}
        }
        CallError::Write(error)
    }

    /// A line may go on behind an error, such as a byte that was overrun, unless the error says that it is gone.
    fn failed(&mut self, kind: ErrorKind) {
        use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
        if matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected) {
            self.state = State::Lost;
        }
    }

    /// Whether a reply may be that of the call with this ID.
    pub(super) fn owns(&self, reply: &Reply<'_>, call: Text<'_>) -> bool {
        reply.call_id_member().map_or(!self.is_line, |id| id == call)
    }
}
