//! Receives a reply piece by piece, in a window.
//!
//! Knows what to do next: read, or process what was found. Does no I/O and owns no memory.

use super::error::{CallError, Wrong};
use super::inlet::Inlet;
use super::link::Link;
use super::transcript::Transcript;
use crate::Text;
use crate::shift::shift;
use crate::stream::{Core, Event, Field, Found, Outcome, Replies, event};

/// A reply that is being received.
pub(super) struct Incoming {
    pub(super) inlet: Inlet,
    pub(super) decoder: Core<Replies, Transcript>,
    phase: Phase,
    id: OwnId,
    /// The whole reply has been received.
    pub(super) ended: bool,
    /// The range of the window with the bytes that came behind the reply.
    pub(super) surplus: (usize, usize),
}

#[derive(Clone, Copy)]
enum Phase {
    /// The reply is decoded as it arrives.
    Decoding,
    /// This is not the reply. The rest of it is dropped, so that the connection is positioned behind it.
    Draining(Wrong),
    /// This was not the reply, which may come on the next line.
    Passed,
    /// No reply is possible any more.
    Failed(Wrong),
    Done,
}

impl Incoming {
    pub(super) const fn new(inlet: Inlet) -> Self {
        Self {
            inlet,
            decoder: Core::new(),
            phase: Phase::Decoding,
            id: OwnId { compared: 0, differs: false, whole: false },
            ended: false,
            surplus: (0, 0),
        }
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        if matches!(self.phase, Phase::Done) { self.decoder.outcome() } else { None }
    }

    /// Returns where the next bytes go.
    pub(super) fn room<'w>(&mut self, window: &'w mut [u8]) -> &'w mut [u8] {
        match (self.phase, self.inlet.way.door()) {
            (Phase::Decoding, Some(door)) => (door.streaming.room)(self, window),
            (Phase::Decoding, None) if !self.inlet.in_head() => self.decoder.room(window),
            _ => window,
        }
    }

    /// Handles an error of a read.
    ///
    /// # Errors
    /// That of the read, unless the read is to be tried again.
    pub(super) fn failed<E: embedded_io::Error>(&self, link: &mut Link, error: E) -> Result<(), CallError<E>> {
        link.read_failed(&self.inlet, error)
    }

    /// Takes the `count` bytes that were read; 0 means that the connection has ended.
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
        if let (Phase::Decoding, Some(door)) = (self.phase, self.inlet.way.door()) {
            return (door.streaming.came)(self, link, window, count);
        }
        if count == 0 {
            link.ended(&self.inlet)?;
            self.end();
            return Ok(());
        }
        let (start, count) = if self.inlet.in_head() {
            match self.inlet.head(window, count)? {
                None => return Ok(()),
                Some(behind) => (0, behind),
            }
        } else if matches!(self.phase, Phase::Decoding) {
            (self.decoder.filled(), count)
        } else {
            (0, count)
        };
        self.strip(link, window, start, start.saturating_add(count))
    }

    /// Removes the framing from the bytes at this position of the window, where the decoder has its room.
    fn strip(&mut self, link: &mut Link, window: &mut [u8], start: usize, end: usize) -> Result<(), Wrong> {
        let size = window.len();
        let piece = window.get_mut(start..end).unwrap_or_default();
        let stripped = link.take(&mut self.inlet, piece)?;
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

    /// Advances to the next thing found: [`Found::More`] means that more must be read into the room, [`Found::End`]
    /// that the reply is valid and that of the call.
    ///
    /// # Errors
    /// What is wrong with the reply. On a line, the next step continues with the next line.
    pub(super) fn step(&mut self, link: &mut Link, call: Text<'_>, window: &mut [u8]) -> Result<Found, Wrong> {
        loop {
            match self.phase {
                Phase::Done => return Ok(Found::End),
                Phase::Failed(wrong) => return Err(wrong),
                Phase::Draining(wrong) if self.ended => {
                    link.complete(&self.inlet, self.is_alone(), false);
                    self.phase = Phase::Failed(wrong);
                }
                Phase::Draining(_) => return Ok(Found::More),
                Phase::Passed => self.next_line(link, window)?,
                Phase::Decoding => match self.find(link, call, window) {
                    Ok(Found::End) => {
                        link.complete(&self.inlet, self.is_alone(), true);
                        self.phase = Phase::Done;
                    }
                    Ok(found) => return Ok(found),
                    Err(wrong) if link.is_line() => {
                        self.phase = Phase::Passed;
                        return Err(wrong);
                    }
                    // Where a head ends is known to nobody who does not read all of it.
                    Err(wrong) if self.inlet.in_head() => self.phase = Phase::Failed(wrong),
                    Err(wrong) => self.phase = Phase::Draining(wrong),
                },
            }
        }
    }

    fn find(&mut self, link: &Link, call: Text<'_>, window: &mut [u8]) -> Result<Found, Wrong> {
        if let Some(door) = self.inlet.way.door() {
            // It is passed so that only who streams has the code of the decoder.
            return (door.streaming.find)(self, link, call, window, Self::decode);
        }
        if self.inlet.in_head() { Ok(Found::More) } else { self.decode(link, call, window) }
    }

    /// Advances the decoder.
    fn decode(&mut self, link: &Link, call: Text<'_>, window: &mut [u8]) -> Result<Found, Wrong> {
        self.inlet.check()?;
        let found = self.decoder.step(window).map_err(|error| self.inlet.wrong(error))?;
        if matches!(found, Found::End) && link.is_line() && !self.id.whole {
            return Err(Wrong::Foreign);
        }
        if let Some(Event::Text { field: Field::CallId, text, last }) = event(found, window) {
            self.id.compare(text, last, call);
            if self.id.differs {
                return Err(Wrong::Foreign);
            }
        }
        Ok(found)
    }

    /// Starts again with the next line, of which some bytes may have been received already.
    fn next_line(&mut self, link: &mut Link, window: &mut [u8]) -> Result<(), Wrong> {
        let (start, end) = self.surplus;
        shift(window, start..end, 0);
        *self = Self::new(self.inlet.next_line(!self.ended));
        self.strip(link, window, 0, end.saturating_sub(start))
    }

    const fn is_alone(&self) -> bool {
        self.surplus.0 == self.surplus.1
    }
}

/// Compares the `callID` of a reply, as it arrives, with that of the call.
struct OwnId {
    /// The number of characters compared.
    compared: usize,
    differs: bool,
    /// The ID has been received completely.
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
