//! The ways of a call: in an envelope, over HTTP or on a line, or to the service itself.
//!
//! A call reaches all the code of its way through the [`Way`] of its framing, so that a firmware has no code for others.
//! With branches instead, a firmware that makes its calls over HTTP takes 398 bytes or 1.8 % more flash on a Cortex-M3.

use super::collect::Collecting;
use super::error::Wrong;
use super::framing::Outgoing;
use super::lines::Lines;
use super::transcript::Streaming;
use crate::envelope::data::DataKind;
use crate::error::Error;
use crate::json::window::Window;
use crate::stream::Body;

/// One way.
pub(super) struct Way {
    pub(super) name: &'static str,
    /// Writes what precedes an envelope whose length is known.
    pub(super) put_before: fn(&Outgoing<'_>, &mut Window<'_>),
    /// Writes the rest of a call; with a gap for a body of this kind, if it is supplied separately.
    pub(super) put: fn(&Outgoing<'_>, &mut Window<'_>, Option<DataKind>),
    /// Takes so many bytes of the reply, which are in the [room](Collecting::room) for them; 0 means that the connection
    /// has ended. Returns whether the reply is complete.
    pub(super) take: fn(&mut Collecting<'_>, usize) -> Result<bool, Wrong>,
    pub(super) kind: Kind,
}

/// What is special about a way.
pub(super) enum Kind {
    /// Envelopes in HTTP.
    Http,
    /// Envelopes on lines.
    Line(Lines),
    /// No envelopes.
    Door(Door),
}

/// What takes the place of envelopes.
pub(super) struct Door {
    /// Checks and measures a call, whose body may be supplied separately. Returns the length of the whole.
    pub(super) measure: fn(&mut Outgoing<'_>, Option<Body>) -> Result<usize, Error>,
    /// Streams an answer.
    pub(super) streaming: Streaming,
}

impl Way {
    /// Returns how lines end, if envelopes are lines.
    pub(super) const fn lines(&self) -> Option<&Lines> {
        if let Kind::Line(lines) = &self.kind { Some(lines) } else { None }
    }

    /// Returns what takes the place of envelopes, if there are none.
    pub(super) const fn door(&self) -> Option<&Door> {
        if let Kind::Door(door) = &self.kind { Some(door) } else { None }
    }
}
