//! Finds the reply in the bytes from a connection.
//!
//! Knows where a reply begins and ends, over HTTP and on a line, but not what is in it. Owns no memory: bytes are
//! stripped of their framing in place.

use super::error::Wrong;
use crate::error::{Error, ErrorKind};
use crate::http::HttpError;
use crate::http::body::{Body, Stripped};
use crate::http::head::{Head, Search};
use crate::limits::REPLY_LIMIT;
use crate::shift::shift;

/// The most header lines of a response.
const LINES_LIMIT: usize = 24;

/// A reply that comes in.
pub(super) struct Inlet {
    part: Part,
    /// Bytes of the envelope that have come.
    total: usize,
}

/// What comes next of it.
enum Part {
    /// The head of an HTTP response, of which so many bytes are there.
    Head { search: Search, filled: usize },
    /// Its body.
    Body { body: Body, status: u16, keep_alive: bool },
    /// A line.
    Line {
        /// It is not the one that is looked for, and goes on until its newline.
        skips: bool,
        /// Something of the one that is looked for has been there.
        begun: bool,
    },
}

impl Inlet {
    /// The reply to a call on a fresh or clean connection.
    pub(super) fn http() -> Self {
        Self { part: Part::Head { search: Search::default(), filled: 0 }, total: 0 }
    }

    /// The next line, behind the end of the one that is under way if there is one.
    pub(super) const fn line(under_way: bool) -> Self {
        Self { part: Part::Line { skips: under_way, begun: false }, total: 0 }
    }

    /// How many bytes of the head are in the window, while it is the head that comes.
    pub(super) const fn head_filled(&self) -> Option<usize> {
        if let Part::Head { filled, .. } = self.part { Some(filled) } else { None }
    }

    /// So many bytes more of the head have come into the window, behind those that were there. When the head is
    /// complete, says how many bytes came behind it, which then are the first ones of the window.
    ///
    /// # Errors
    /// A head that is none, or does not fit in the window.
    #[inline(never)]
    pub(super) fn head(&mut self, window: &mut [u8], count: usize) -> Result<Option<usize>, HttpError> {
        let Part::Head { search, filled } = &mut self.part else { return Ok(None) };
        *filled = filled.saturating_add(count).min(window.len());
        loop {
            let received = window.get(..*filled).unwrap_or_default();
            let Some(len) = search.find(received, window.len())? else { return Ok(None) };
            let head = Head::parse(received.get(..len).unwrap_or_default(), false, LINES_LIMIT)?;
            let (interim, status, body, keep_alive) = (head.is_interim(), head.status, head.body, head.keep_alive);
            shift(window, len..*filled, 0);
            *filled = filled.saturating_sub(len);
            if !interim {
                let behind = *filled;
                self.part = Part::Body { body, status, keep_alive };
                return Ok(Some(behind));
            }
            search.pass_interim()?;
            if *filled == 0 {
                return Ok(None);
            }
        }
    }

    /// Takes a piece of the reply apart, behind its head, where it lies: its data become its beginning.
    ///
    /// # Errors
    /// What is wrong with the framing; a reply that is longer than any may be.
    pub(super) fn strip(&mut self, piece: &mut [u8]) -> Result<Stripped, Wrong> {
        let stripped = match &mut self.part {
            Part::Head { .. } => Stripped::default(),
            Part::Body { body, .. } => body.strip(piece)?,
            Part::Line { skips, begun } => strip_line(skips, begun, piece),
        };
        self.total = self.total.saturating_add(stripped.data);
        if self.total > REPLY_LIMIT {
            return Err(Wrong::Reply(Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT)));
        }
        Ok(stripped)
    }

    /// The connection has ended; says whether the reply may end with it.
    pub(super) const fn end(&self) -> bool {
        matches!(&self.part, Part::Body { body, .. } if body.end().is_ok())
    }

    /// Whether something of the reply has come. What was passed over on a line was of other replies.
    pub(super) const fn has_begun(&self) -> bool {
        match &self.part {
            Part::Head { search, .. } => !search.is_new(),
            Part::Body { .. } => true,
            Part::Line { begun, .. } => *begun,
        }
    }

    /// Why the call has failed when its reply has this error: an answer with another status than 200 need hold none.
    pub(super) const fn wrong(&self, error: Error) -> Wrong {
        match self.part {
            Part::Body { status, .. } if status != 200 => Wrong::Status(status),
            _ => Wrong::Reply(error),
        }
    }

    /// Whether another call can be made on the connection, once the reply has ended and nothing has come behind it.
    pub(super) const fn keeps_alive(&self) -> bool {
        match &self.part {
            Part::Body { body, keep_alive, .. } => *keep_alive && body.is_done(),
            Part::Head { .. } => false,
            Part::Line { .. } => true,
        }
    }
}

fn strip_line(skips: &mut bool, begun: &mut bool, piece: &mut [u8]) -> Stripped {
    let mut at = 0_usize;
    loop {
        let rest = piece.get(at..).unwrap_or_default();
        let newline = rest.iter().position(|byte| *byte == b'\n');
        let data = newline.unwrap_or(rest.len());
        let surplus = rest.len().saturating_sub(data).saturating_sub(1);
        if !*skips && (newline.is_none() || data > 0 || *begun) {
            *begun |= data > 0;
            shift(piece, at..at.saturating_add(data), 0);
            return Stripped { data, ended: newline.is_some(), surplus };
        }
        if newline.is_none() {
            return Stripped::default();
        }
        // The line that was skipped ends here, or is empty, which means nothing.
        *skips = false;
        at = at.saturating_add(data).saturating_add(1);
    }
}
