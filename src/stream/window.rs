//! The bytes of a message that have been received and not yet processed, and how many may still come.
//!
//! Holds positions only: where the current token begins, how far it has been scanned, and where the message ends. The
//! bytes themselves are in a slice that the owner keeps beside it, so nothing here depends on the size of the window.
//!
//! ```text
//!   0        start      filled       scan            end          the whole window
//!   | done    | token    | (nothing)  | not looked at | room       |
//! ```

use crate::json::walk::is_space;
use crate::shift::shift;

pub(super) struct Window {
    /// Where the token under way begins.
    pub(super) start: usize,
    /// Where it ends so far. That is `scan`, but for bytes, which are shorter than their base64.
    pub(super) filled: usize,
    /// What is before this has been looked at.
    pub(super) scan: usize,
    /// What is before this has come.
    end: usize,
    /// Bytes of the message that have come.
    received: usize,
    /// Most bytes that the message may have.
    limit: usize,
    /// The bytes that it has, where they are known.
    length: Option<usize>,
    /// Nothing more comes.
    ended: bool,
    /// More than the limit has come, or will.
    over: bool,
}

impl Window {
    pub(super) const fn new(limit: usize) -> Self {
        Self { start: 0, filled: 0, scan: 0, end: 0, received: 0, limit, length: None, ended: false, over: false }
    }

    /// Lowers the limit.
    pub(super) const fn set_limit(&mut self, limit: usize) {
        if limit < self.limit {
            self.limit = limit;
        }
        self.measure();
    }

    /// Says how many bytes the message has.
    pub(super) const fn set_length(&mut self, length: usize) {
        self.length = Some(length);
        self.measure();
    }

    const fn measure(&mut self) {
        if let Some(length) = self.length {
            self.over = length > self.limit;
            self.ended = length <= self.received;
        }
    }

    /// Where what has come ends.
    #[cfg(feature = "client")]
    pub(super) const fn end(&self) -> usize {
        self.end
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes of the message that have come.
    pub(super) const fn received(&self) -> usize {
        self.received
    }

    pub(super) const fn is_ended(&self) -> bool {
        self.ended
    }

    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    /// Whether nothing is known of the message but its length.
    pub(super) const fn is_length_over(&self) -> bool {
        matches!(self.length, Some(length) if length > self.limit)
    }

    /// The message ends with what has come.
    pub(super) const fn set_ended(&mut self) {
        self.ended = true;
    }

    /// Whether the length of the message is known.
    #[cfg(feature = "embedded-io-v0_7")]
    pub(super) const fn has_length(&self) -> bool {
        self.length.is_some()
    }

    /// Where the next bytes go. Never past the end of the message, if that is known, and never more than one byte past
    /// the limit.
    pub(super) fn room<'b>(&mut self, bytes: &'b mut [u8]) -> &'b mut [u8] {
        if self.start == self.end {
            (self.start, self.filled, self.scan, self.end) = (0, 0, 0, 0);
        } else if self.end == bytes.len() {
            shift(bytes, self.start..self.end, 0);
            self.filled = self.filled.wrapping_sub(self.start);
            self.scan = self.scan.wrapping_sub(self.start);
            self.end = self.end.wrapping_sub(self.start);
            self.start = 0;
        }
        let wanted = match self.length {
            _ if self.ended => 0,
            Some(length) => length.saturating_sub(self.received),
            None if self.over => 0,
            None => self.limit.saturating_sub(self.received).saturating_add(1),
        };
        let room = bytes.get_mut(self.end..).unwrap_or_default();
        let wanted = wanted.min(room.len());
        room.get_mut(..wanted).unwrap_or_default()
    }

    /// So many bytes came into the room. Those past the limit are not kept.
    pub(super) fn commit(&mut self, count: usize, size: usize) {
        let count = count.min(size.saturating_sub(self.end));
        let kept = match self.length {
            Some(length) => count.min(length.saturating_sub(self.received)),
            None => count.min(self.limit.saturating_sub(self.received)),
        };
        self.over |= kept < count;
        self.end = self.end.wrapping_add(kept);
        self.received = self.received.wrapping_add(kept);
        self.ended |= self.length == Some(self.received);
    }

    /// Done with everything that has come.
    pub(super) const fn clear(&mut self) {
        self.scan = self.end;
        self.release();
    }

    /// Done with all that has been looked at.
    pub(super) const fn release(&mut self) {
        self.start = self.scan;
        self.filled = self.scan;
    }

    /// Offset in the message of the next byte to look at.
    pub(super) const fn offset(&self) -> usize {
        self.received.wrapping_sub(self.end).wrapping_add(self.scan)
    }

    /// Whether there is room only once the token under way has been handed out.
    pub(super) const fn is_full(&self, bytes: &[u8]) -> bool {
        self.start == 0 && self.end == bytes.len()
    }

    /// What has not been looked at.
    pub(super) fn rest<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.scan..self.end).unwrap_or_default()
    }

    /// Has looked at so many bytes more.
    pub(super) const fn look(&mut self, count: usize) {
        self.scan = self.scan.wrapping_add(count);
    }

    /// The next byte that is not white space; it stays the next. What comes before it is done with.
    pub(super) fn peek(&mut self, bytes: &[u8]) -> Option<u8> {
        let rest = self.rest(bytes);
        let spaces = rest.iter().position(|byte| !is_space(*byte)).unwrap_or(rest.len());
        let next = rest.get(spaces).copied();
        self.look(spaces);
        self.release();
        next
    }
}
