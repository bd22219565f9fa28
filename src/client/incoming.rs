//! Takes a reply piece by piece, in a window.
//!
//! It knows what is to be done next: read, or look at what was found. It owns no I/O and no memory.

use super::error::{CallError, Wrong};
use super::inlet::Inlet;
use super::link::Link;
use crate::Text;
use crate::error::{Error, ErrorKind};
use crate::limits::REPLY_LIMIT;
use crate::shift::shift;
use crate::stream::{Event, Field, Found, Outcome, ReplyCore, event};

/// A reply that comes.
pub(super) struct Incoming {
    inlet: Inlet,
    pub(super) decoder: ReplyCore,
    phase: Phase,
    id: OwnId,
    /// Bytes of the reply that have come.
    total: usize,
    /// The reply has come whole.
    ended: bool,
    /// Where in the window lies what came behind it.
    surplus: (usize, usize),
}

#[derive(Clone, Copy)]
enum Phase {
    /// It is looked at as it comes.
    Decoding,
    /// It is not the reply. The rest of it is dropped, so that the connection stands behind it.
    Draining(Wrong),
    /// It was not the reply, which may come on the next line.
    Passed,
    /// Nothing more can come of it.
    Failed(Wrong),
    Done,
}

/// What is to be done.
pub(super) enum Progress {
    /// Read into the room.
    Read,
    Found(Found),
    Done,
}

impl Incoming {
    pub(super) const fn new(inlet: Inlet) -> Self {
        Self {
            inlet,
            decoder: ReplyCore::new(),
            phase: Phase::Decoding,
            id: OwnId { compared: 0, differs: false, whole: false },
            total: 0,
            ended: false,
            surplus: (0, 0),
        }
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        if matches!(self.phase, Phase::Done) { self.decoder.outcome() } else { None }
    }

    /// Where the next bytes go.
    pub(super) fn room<'w>(&mut self, window: &'w mut [u8]) -> &'w mut [u8] {
        if let Inlet::Head { filled, .. } = self.inlet {
            return window.get_mut(filled..).unwrap_or_default();
        }
        match self.phase {
            Phase::Decoding => self.decoder.room(window),
            _ => window,
        }
    }

    /// A read has failed.
    ///
    /// # Errors
    /// That of the read, unless it is to be tried again.
    pub(super) fn failed<E: embedded_io::Error>(&self, link: &mut Link, error: E) -> Result<(), CallError<E>> {
        link.read_failed(&self.inlet, error)
    }

    /// So many bytes have come; none where the connection has ended.
    ///
    /// # Errors
    /// What is wrong with the framing.
    pub(super) fn came(&mut self, link: &mut Link, window: &mut [u8], count: usize) -> Result<(), Wrong> {
        let outcome = self.take(link, window, count);
        if let Err(wrong) = outcome {
            self.phase = Phase::Failed(wrong);
        }
        outcome
    }

    fn take(&mut self, link: &mut Link, window: &mut [u8], count: usize) -> Result<(), Wrong> {
        if count == 0 {
            if !self.inlet.end() {
                return Err(link.ended(&self.inlet));
            }
            self.end();
            return Ok(());
        }
        let (start, count) = match self.inlet {
            Inlet::Head { .. } => match self.inlet.head(window, count)? {
                None => return Ok(()),
                Some(behind) => (0, behind),
            },
            _ if matches!(self.phase, Phase::Decoding) => (self.decoder.filled(), count),
            _ => (0, count),
        };
        self.strip(link, window, start, start.saturating_add(count))
    }

    /// Takes apart what lies here in the window, where the decoder has its room.
    fn strip(&mut self, link: &mut Link, window: &mut [u8], start: usize, end: usize) -> Result<(), Wrong> {
        let size = window.len();
        let piece = window.get_mut(start..end).unwrap_or_default();
        link.came(piece);
        let stripped = self.inlet.strip(piece)?;
        self.total = self.total.saturating_add(stripped.data);
        if self.total > REPLY_LIMIT {
            return Err(Wrong::Reply(Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT)));
        }
        if matches!(self.phase, Phase::Decoding) {
            self.decoder.commit(stripped.data, size);
        }
        if stripped.ended {
            self.surplus = (end.saturating_sub(stripped.surplus), end);
            self.end();
        }
        Ok(())
    }

    fn end(&mut self) {
        self.ended = true;
        self.decoder.end();
    }

    /// Goes on.
    ///
    /// # Errors
    /// What is wrong with the reply. On a line, whoever asks again gets what comes on the next one.
    pub(super) fn step(&mut self, link: &mut Link, call: Text<'_>, window: &mut [u8]) -> Result<Progress, Wrong> {
        loop {
            match self.phase {
                Phase::Done => return Ok(Progress::Done),
                Phase::Failed(wrong) => return Err(wrong),
                Phase::Draining(wrong) if self.ended => {
                    link.complete(&self.inlet, self.is_alone(), false);
                    self.phase = Phase::Failed(wrong);
                }
                Phase::Draining(_) => return Ok(Progress::Read),
                Phase::Passed => self.next_line(link, window)?,
                Phase::Decoding if matches!(self.inlet, Inlet::Head { .. }) => return Ok(Progress::Read),
                Phase::Decoding => match self.decode(link, call, window) {
                    Ok(Progress::Done) => {
                        link.complete(&self.inlet, self.is_alone(), true);
                        self.phase = Phase::Done;
                    }
                    Ok(progress) => return Ok(progress),
                    Err(wrong) if link.is_line() => {
                        self.phase = Phase::Passed;
                        return Err(wrong);
                    }
                    Err(wrong) => self.phase = Phase::Draining(wrong),
                },
            }
        }
    }

    fn decode(&mut self, link: &Link, call: Text<'_>, window: &mut [u8]) -> Result<Progress, Wrong> {
        let found = self.decoder.step(window).map_err(|error| match self.inlet.status() {
            None | Some(200) => Wrong::Reply(error),
            Some(status) => Wrong::Status(status),
        })?;
        match found {
            Found::More => return Ok(Progress::Read),
            Found::End if link.is_line() && !self.id.whole => return Err(Wrong::Foreign),
            Found::End => return Ok(Progress::Done),
            _ => {}
        }
        if let Some(Event::Text { field: Field::CallId, text, last }) = event(found, window) {
            self.id.compare(text, last, call);
            if self.id.differs {
                return Err(Wrong::Foreign);
            }
        }
        Ok(Progress::Found(found))
    }

    /// Begins again with the next line, of which something may have come already.
    fn next_line(&mut self, link: &mut Link, window: &mut [u8]) -> Result<(), Wrong> {
        let (start, end) = self.surplus;
        shift(window, start..end, 0);
        *self = Self::new(Inlet::line(!self.ended));
        self.strip(link, window, 0, end.saturating_sub(start))
    }

    const fn is_alone(&self) -> bool {
        self.surplus.0 == self.surplus.1
    }
}

/// Holds the `callID` of a reply, as it comes, against that of the call.
struct OwnId {
    /// Characters that are the same.
    compared: usize,
    differs: bool,
    /// It has been there whole.
    whole: bool,
}

impl OwnId {
    fn compare(&mut self, piece: Text<'_>, last: bool, call: Text<'_>) {
        let mut own = call.chars().skip(self.compared);
        for character in piece.chars() {
            self.differs |= own.next() != Some(character);
            self.compared = self.compared.saturating_add(1);
        }
        self.differs |= last && own.next().is_some();
        self.whole |= last;
    }
}
