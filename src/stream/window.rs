//! The bytes of a message that have been received but not fully processed, and how many may still follow.
//!
//! Knows only positions: where the current token begins, how far it has been processed, and where the message ends.
//! Knows nothing of what the bytes mean. The bytes are in a slice that the owner keeps separately, so that nothing here
//! depends on the size of the window.
//!
//! ```text
//!   0        start      filled       scan            end          the whole window
//!   | done    | token    | (nothing)  | not looked at | room       |
//! ```

use crate::json::walk::is_space;
use crate::shift::shift;

pub(super) struct Window {
    /// Where the current token begins.
    pub(super) start: usize,
    /// Where its content ends so far. This is `scan`, except for bytes, which are shorter than their base64.
    pub(super) filled: usize,
    /// Everything before this has been processed.
    pub(super) scan: usize,
    /// Everything before this has been received.
    end: usize,
    /// Bytes of the message received so far.
    received: usize,
    /// The most bytes that the message may have.
    limit: usize,
    /// The length of the message, if it is known.
    length: Option<usize>,
    /// No more bytes follow.
    ended: bool,
    /// More bytes than the limit have been received, or will be.
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
    }

    /// Sets the length of the message.
    pub(super) const fn set_length(&mut self, length: usize) {
        self.length = Some(length);
        self.over = length > self.limit;
        self.ended = length <= self.received;
    }

    /// Returns where the received bytes end.
    #[cfg(feature = "client")]
    pub(super) const fn end(&self) -> usize {
        self.end
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes of the message received so far.
    pub(super) const fn received(&self) -> usize {
        self.received
    }

    pub(super) const fn is_ended(&self) -> bool {
        self.ended
    }

    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    /// Whether the message is refused for its length alone.
    pub(super) const fn is_length_over(&self) -> bool {
        matches!(self.length, Some(length) if length > self.limit)
    }

    /// Reports that the message ends with the bytes received so far.
    pub(super) const fn set_ended(&mut self) {
        self.ended = true;
    }

    /// Whether the length of the message is known.
    #[cfg(feature = "embedded-io-v0_7")]
    pub(super) const fn has_length(&self) -> bool {
        self.length.is_some()
    }

    /// Returns where the next bytes go. Never past the end of the message, if that is known, and never more than one
    /// byte past the limit.
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

    /// Reports that `count` bytes were read into the room, or all of it if it is smaller. Those past the limit are not
    /// kept.
    pub(super) fn commit(&mut self, count: usize, size: usize) {
        if self.ended {
            return;
        }
        let count = count.min(size.saturating_sub(self.end));
        let kept = count.min(self.length.unwrap_or(self.limit).saturating_sub(self.received));
        // The room reaches past the limit, but never past a length that is known.
        self.over |= self.length.is_none() && kept < count;
        self.end = self.end.wrapping_add(kept);
        self.received = self.received.wrapping_add(kept);
        self.ended |= self.length == Some(self.received);
    }

    /// Releases everything that has been received.
    pub(super) const fn clear(&mut self) {
        self.scan = self.end;
        self.release();
    }

    /// Releases everything that has been processed.
    pub(super) const fn release(&mut self) {
        self.start = self.scan;
        self.filled = self.scan;
    }

    /// Returns the offset in the message of the next byte to process.
    pub(super) const fn offset(&self) -> usize {
        self.received.wrapping_sub(self.end).wrapping_add(self.scan)
    }

    /// Whether there is no room until the current token has been returned.
    pub(super) const fn is_full(&self, bytes: &[u8]) -> bool {
        self.start == 0 && self.end == bytes.len()
    }

    /// Returns the bytes that have not been processed.
    pub(super) fn rest<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.scan..self.end).unwrap_or_default()
    }

    /// Marks `count` more bytes as processed.
    pub(super) const fn look(&mut self, count: usize) {
        self.scan = self.scan.wrapping_add(count);
    }

    /// Returns the next byte that is not white space, without consuming it. The white space before it is released.
    pub(super) fn peek(&mut self, bytes: &[u8]) -> Option<u8> {
        let rest = self.rest(bytes);
        let spaces = rest.iter().position(|byte| !is_space(*byte)).unwrap_or(rest.len());
        let next = rest.get(spaces).copied();
        self.look(spaces);
        self.release();
        next
    }
}
