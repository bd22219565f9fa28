//! Finds the reply in the bytes that come from a connection.
//!
//! Knows where a reply begins and ends, in HTTP and on a line. Owns no memory: the bytes are processed in place. Knows
//! nothing of what a reply says.

use super::doors::Asked;
use super::error::Wrong;
use super::lines::Receiving;
use super::way::Way;
use crate::error::{Error, ErrorKind};
use crate::http::HttpError;
use crate::http::body::{Body, Stripped};
use crate::http::head::{Head, HeadReader};
use crate::limits::REPLY_LIMIT;
use crate::shift::shift;

/// The maximum length of the head of an HTTP response in bytes, including the interim responses (status 1xx) before it.
///
/// A head may have any number of lines, and passes through a window of any size: what the framing does not need is
/// checked, but not kept.
pub const HEAD_LIMIT: usize = LIMIT as usize;

const LIMIT: u16 = 16 * 1024;

/// A reply that is being received.
pub(super) struct Inlet {
    pub(super) part: Part,
    pub(super) way: &'static Way,
    /// What becomes of the answer of a service.
    pub(super) asked: Asked,
    /// Bytes of the envelope received so far.
    total: usize,
}

/// The part of the reply that comes next.
pub(super) enum Part {
    /// The head of an HTTP response.
    Head(HeadReader),
    /// The body of an HTTP response.
    Body { body: Body, status: u16, keep_alive: bool, retry_after: Option<u32> },
    /// A line.
    Line(Receiving),
}

impl Inlet {
    /// Expects a reply; on a line, behind the end of the current one if it is still under way.
    pub(super) const fn new(way: &'static Way, asked: Asked, under_way: bool) -> Self {
        let part = match way.lines() {
            Some(_) => Part::Line(Receiving::new(under_way)),
            None => Part::Head(HeadReader::new(LIMIT)),
        };
        Self { part, way, asked, total: 0 }
    }

    /// Expects the line behind this one, which may still be under way.
    pub(super) const fn next_line(&self, under_way: bool) -> Self {
        Self::new(self.way, self.asked, under_way)
    }

    /// Returns how many bytes of data have been received.
    pub(super) const fn total(&self) -> usize {
        self.total
    }

    /// Whether the head is being received.
    pub(super) const fn in_head(&self) -> bool {
        matches!(self.part, Part::Head(_))
    }

    /// Takes the next bytes of the head: the first `count` of the window, of which nothing is kept. When the head is
    /// complete, returns the number of bytes behind it, which are then at the beginning of the window.
    ///
    /// # Errors
    /// A head that is not valid, or too long.
    #[inline(never)]
    pub(super) fn head(&mut self, window: &mut [u8], count: usize) -> Result<Option<usize>, HttpError> {
        let Part::Head(reader) = &mut self.part else { return Ok(None) };
        let mut at = 0_usize;
        loop {
            let piece = window.get(at..count).unwrap_or_default();
            let Some((taken, head)) = reader.take(piece, false)? else { return Ok(None) };
            at = at.saturating_add(taken);
            if !head.is_interim() {
                let Head { status, body, keep_alive, retry_after } = head;
                self.part = Part::Body { body, status, keep_alive, retry_after };
                shift(window, at..count, 0);
                return Ok(Some(count.saturating_sub(at)));
            }
        }
    }

    /// Takes the next bytes of the head of an answer. When a head is complete, returns how many of them belong to it, and
    /// whether another one follows it.
    ///
    /// # Errors
    /// A head that is not valid, or too long.
    #[inline(never)]
    pub(super) fn answer_head(&mut self, piece: &[u8]) -> Result<Option<(usize, bool)>, HttpError> {
        let Part::Head(reader) = &mut self.part else { return Ok(None) };
        let Some((taken, head)) = reader.take(piece, self.asked.is_head())? else { return Ok(None) };
        let is_interim = head.is_interim();
        if !is_interim {
            let Head { status, body, keep_alive, retry_after } = head;
            let keep_alive = keep_alive && self.asked.may_go_on(status);
            self.part = Part::Body { body, status, keep_alive, retry_after };
        }
        Ok(Some((taken, is_interim)))
    }

    /// Removes the framing from a piece of the reply behind its head, in place: moves the data to the beginning of the
    /// piece.
    ///
    /// # Errors
    /// What is wrong with the framing; a reply that is longer than any may be.
    pub(super) fn strip(&mut self, piece: &mut [u8]) -> Result<Stripped, Wrong> {
        let stripped = match &mut self.part {
            Part::Head(_) => Stripped::default(),
            Part::Body { body, .. } => body.strip(piece)?,
            Part::Line(line) => self.way.lines().map_or_else(Stripped::default, |lines| (lines.strip)(line, piece)),
        };
        self.total = self.total.saturating_add(stripped.data);
        if self.total > REPLY_LIMIT {
            return Err(Wrong::Reply(Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT)));
        }
        Ok(stripped)
    }

    /// Checks a line, once it has ended and if it should have a check.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidCheck`], behind what would be the reply.
    pub(super) const fn check(&self) -> Result<(), Wrong> {
        match &self.part {
            Part::Line(line) if line.is_wrong() => Err(Wrong::Reply(Error::new(ErrorKind::InvalidCheck, self.total))),
            _ => Ok(()),
        }
    }

    /// Handles the end of the connection; returns whether the reply may end with it.
    pub(super) const fn end(&self) -> bool {
        matches!(&self.part, Part::Body { body, .. } if body.end().is_ok())
    }

    /// Whether some of the reply has been received. Whatever was skipped on a line belonged to other replies.
    pub(super) const fn has_begun(&self) -> bool {
        match &self.part {
            Part::Head(reader) => !reader.is_new(),
            Part::Body { .. } => true,
            Part::Line(line) => line.has_begun(),
        }
    }

    /// Returns why the call has failed if its reply has this error: an answer with a status other than 200 need not
    /// contain a reply.
    pub(super) const fn wrong(&self, error: Error) -> Wrong {
        match self.part {
            Part::Body { status, retry_after, .. } if status != 200 && self.way.door().is_none() => {
                Wrong::Status { status, retry_after }
            }
            _ => Wrong::Reply(error),
        }
    }

    /// Whether another call can be made on the connection, provided that the reply has ended and nothing came behind
    /// it.
    pub(super) const fn keeps_alive(&self) -> bool {
        match &self.part {
            Part::Body { body, keep_alive, .. } => *keep_alive && body.is_done(),
            Part::Head(_) => false,
            Part::Line(_) => true,
        }
    }
}

impl Part {
    /// Returns the status of the answer, once its head is complete.
    pub(super) const fn status(&self) -> u16 {
        if let Self::Body { status, .. } = self { *status } else { 0 }
    }
}
