//! What is known of a connection from one call to the next.
//!
//! It knows whether a call can be made, and what an earlier one may have left behind. It must never know the connection
//! itself.

use super::inlet::Inlet;
use crate::{Reply, Text};

/// A connection, as far as it can be known without I/O.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// Envelopes are lines, not HTTP.
    is_line: bool,
    state: State,
    /// On a line: what came last was no newline.
    within_line: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The next thing to come is the reply to the next call.
    Clean,
    /// A line on which the replies to earlier calls, or noise, may still come. They are told by their `callID`.
    OutOfStep,
    /// Nothing is known of what comes next.
    Lost,
}

impl Link {
    pub(super) const fn new(is_line: bool) -> Self {
        // Nobody knows what a line has seen before.
        let state = if is_line { State::OutOfStep } else { State::Clean };
        Self { is_line, state, within_line: false }
    }

    pub(super) const fn is_line(&self) -> bool {
        self.is_line
    }

    /// Whether a call can be made.
    pub(super) fn is_ready(&self) -> bool {
        self.state != State::Lost
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

    /// This has come.
    pub(super) fn came(&mut self, piece: &[u8]) {
        if let Some(last) = piece.last() {
            self.within_line = *last != b'\n';
        }
    }

    /// The reply has come whole; `alone` says that nothing came behind it, `own` that it was that of the call.
    pub(super) fn complete(&mut self, inlet: &Inlet, alone: bool, own: bool) {
        let in_step = alone && if self.is_line { own } else { inlet.keeps_alive() };
        if in_step {
            self.state = State::Clean;
        }
    }

    /// Whether a reply may be that of the call with this ID.
    pub(super) fn owns(&self, reply: &Reply<'_>, call: Text<'_>) -> bool {
        reply.call_id_member().map_or(!self.is_line, |id| id == call)
    }
}
