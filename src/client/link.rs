//! What is known about a connection from one call to the next.
//!
//! Knows whether a call can be made, what an earlier one may have left behind, and what it means for the next call that
//! the connection ends or fails. Knows nothing of the connection itself.

use super::doors::Asked;
use super::error::{CallError, Wrong};
use super::inlet::Inlet;
use super::way::Way;
use crate::http::body::Stripped;
use crate::stream::{WriteCause, WriteError, again};
use crate::{Reply, Text};
use embedded_io::{Error, ErrorKind};

/// A connection, as far as its state can be known without I/O.
#[derive(Clone, Copy)]
pub(super) struct Link {
    way: &'static Way,
    /// What becomes of the answer to the last call, if it went to its service.
    asked: Asked,
    state: State,
    /// On a line: the last byte received was not a newline.
    within_line: bool,
    /// On a line: the last call has not been answered yet.
    pending: bool,
    /// On a line: calls with the ID of the last one may be answered later.
    repeated: bool,
    /// Some of the last call may have been sent.
    has_begun: bool,
    /// A call has been answered on it.
    has_served: bool,
    /// The connection ended or failed before the first byte of the last answer.
    unanswered: bool,
    /// The other end takes no more of the last call, and may have said why before.
    cut_short: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The next thing to come is the reply to the next call.
    Clean,
    /// A line on which replies to earlier calls, or noise, may still arrive. They are recognised by their `callID`.
    OutOfStep,
    /// It has ended, or nothing is known about what comes next.
    Lost,
    /// It is to be connected in place.
    Unconnected,
}

impl Link {
    pub(super) const fn new(way: &'static Way) -> Self {
        // Nobody knows what was sent on a line before.
        let is_line = way.lines().is_some();
        Self {
            way,
            asked: Asked::NOTHING,
            state: if is_line { State::OutOfStep } else { State::Clean },
            within_line: false,
            pending: is_line,
            repeated: false,
            has_begun: true,
            has_served: false,
            unanswered: false,
            cut_short: false,
        }
    }

    pub(super) const fn is_line(&self) -> bool {
        self.way.lines().is_some()
    }

    /// Notes that there is no connection any more, or not yet.
    pub(super) const fn lose(&mut self) {
        self.state = State::Unconnected;
        self.unanswered = false;
    }

    /// Notes that the other end has closed it, before a call.
    pub(super) const fn end(&mut self) {
        self.state = State::Lost;
        self.unanswered = false;
    }

    /// Whether nothing may come before the next call is sent.
    pub(super) fn is_idle(&self) -> bool {
        self.state == State::Clean && !self.is_line()
    }

    /// Whether it has not been used since it was lost, nor replaced.
    pub(super) fn is_unconnected(&self) -> bool {
        self.state == State::Unconnected
    }

    /// Whether a call can be made.
    pub(super) fn is_ready(&self) -> bool {
        !matches!(self.state, State::Lost | State::Unconnected)
    }

    /// Whether it has served a call, and was lost before the first byte of another answer: then the other end may have
    /// closed it before that call was made.
    pub(super) fn is_spent(&self) -> bool {
        self.has_served && self.unanswered && self.state == State::Lost
    }

    /// Whether something other than the reply may come first.
    pub(super) fn is_out_of_step(&self) -> bool {
        self.state == State::OutOfStep
    }

    /// Notes that another call is to be made; `again` says that it has the ID of the one before.
    ///
    /// Replies come in the order of their calls, so what comes late for a call comes before the reply to a call with
    /// another ID. But if a call is repeated before it has been answered, its reply may come once more.
    ///
    /// Of the calls before one that was never sent, nobody knows the IDs any more.
    pub(super) const fn admit(&mut self, again: bool) {
        self.repeated = (again || !self.has_begun) && (self.repeated || self.pending);
        self.has_begun = false;
    }

    /// Begins a call; `asked` says what becomes of the answer, if it goes to its service. The state set here remains if
    /// the call is abandoned.
    pub(super) const fn begin(&mut self, asked: Asked) {
        self.asked = asked;
        self.unanswered = false;
        self.cut_short = false;
        self.pending = true;
        self.has_begun = true;
        self.state = if self.is_line() { State::OutOfStep } else { State::Lost };
    }

    /// Returns what receives the reply to a call that has begun.
    pub(super) const fn inlet(&self) -> Inlet {
        Inlet::new(self.way, self.asked, self.within_line)
    }

    /// Removes the framing from a piece of a reply, in place: see [`Inlet::strip`].
    ///
    /// # Errors
    /// As for [`Inlet::strip`].
    pub(super) fn take(&mut self, inlet: &mut Inlet, piece: &mut [u8]) -> Result<Stripped, Wrong> {
        if let Some(last) = piece.last() {
            self.within_line = *last != b'\n';
        }
        inlet.strip(piece)
    }

    /// Notes that the reply is complete; `alone` says that nothing came behind it, `own` that it belongs to the call.
    pub(super) fn complete(&mut self, inlet: &Inlet, alone: bool, own: bool) {
        self.has_served = true;
        self.unanswered = false;
        self.pending = !own;
        let reusable = if self.is_line() { own && !self.repeated } else { inlet.keeps_alive() && !self.cut_short };
        if alone && reusable {
            self.state = State::Clean;
        }
    }

    /// Handles the end of the connection, and with it of the reply.
    ///
    /// # Errors
    /// The reply must not end there.
    pub(super) fn ended(&mut self, inlet: &Inlet) -> Result<(), Wrong> {
        if inlet.end() {
            return Ok(());
        }
        self.state = State::Lost;
        self.unanswered = !inlet.has_begun();
        Err(if self.unanswered { Wrong::NoAnswer } else { Wrong::Eof })
    }

    /// Handles an error of a read. Returns why the call has failed, unless the read is to be tried again.
    pub(super) fn read_failed<E: Error>(&mut self, inlet: &Inlet, error: E) -> Result<(), CallError<E>> {
        let Err(error) = again(error) else { return Ok(()) };
        self.failed(error.kind());
        self.unanswered = !inlet.has_begun();
        Err(if self.unanswered { CallError::NoAnswer(Some(error)) } else { CallError::Io(error) })
    }

    /// Handles a call that was not written completely.
    pub(super) fn write_failed<E: Error, B>(&mut self, error: WriteError<E, B>) -> CallError<E, B> {
        self.unanswered = true;
        match &error.cause {
            WriteCause::Io(cause) => {
                self.cut_short = self.failed(cause.kind()) && !self.is_line() && error.written > 0;
            }
            WriteCause::WriteZero => self.state = State::Lost,
            WriteCause::Body(_) | WriteCause::Envelope(_) => {}
        }
        CallError::Write(error)
    }

    /// Handles an error. Returns whether it says that the connection is gone: a line may continue after others, such as
    /// an overrun byte.
    fn failed(&mut self, kind: ErrorKind) -> bool {
        use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
        let is_gone = matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected);
        if is_gone {
            self.state = State::Lost;
        }
        is_gone
    }

    /// Takes the result of sending a call. If the other end takes no more of it, the reason is returned: it may have
    /// answered all the same, since a server that refuses a call need not wait for all of it.
    ///
    /// # Errors
    /// That of sending, where no answer can come.
    pub(super) fn unsent<E>(&self, sent: Result<(), CallError<E>>) -> Result<Option<CallError<E>>, CallError<E>> {
        match sent {
            Err(error) if !self.cut_short => Err(error),
            sent => Ok(sent.err()),
        }
    }

    /// Whether a reply may be that of the call with this ID.
    pub(super) fn owns(&self, reply: &Reply<'_>, call: Text<'_>) -> bool {
        reply.call_id_member().map_or(!self.is_line(), |id| id == call)
    }
}
