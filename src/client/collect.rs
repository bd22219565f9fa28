//! Collects a reply in a buffer.
//!
//! Knows where the next bytes go and when the reply is complete. Owns no connection and no memory: the window takes the
//! head, and whatever does not fit into the buffer.

use super::error::{CallError, Wrong};
use super::inlet::Inlet;
use super::link::Link;
use crate::error::{Error, ErrorKind};
use crate::shift::shift;
use crate::{Reply, Text};

/// A reply that is being collected.
pub(super) struct Collect {
    pub(super) inlet: Inlet,
    /// Bytes of the reply in the buffer.
    filled: usize,
    /// More has been received than the buffer holds; the rest is dropped.
    over: bool,
    /// Bytes were received behind the reply.
    surplus: bool,
    /// Replies to other calls may come first, and are skipped.
    waits: bool,
}

impl Collect {
    pub(super) const fn new(inlet: Inlet, waits: bool) -> Self {
        Self { inlet, filled: 0, over: false, surplus: false, waits }
    }

    /// Returns the number of bytes of the reply in the buffer.
    pub(super) const fn len(&self) -> usize {
        self.filled
    }

    /// Whether the next bytes go into the buffer.
    fn to_buffer(&self, buffer: &[u8]) -> bool {
        self.inlet.head_filled().is_none() && !self.over && self.filled < buffer.len()
    }

    /// Returns where the next bytes go.
    fn room<'w>(&self, window: &'w mut [u8], buffer: &'w mut [u8]) -> &'w mut [u8] {
        if self.to_buffer(buffer) {
            return buffer.get_mut(self.filled..).unwrap_or_default();
        }
        window.get_mut(self.inlet.head_filled().unwrap_or(0)..).unwrap_or_default()
    }

    /// Reads until the reply is complete.
    ///
    /// # Errors
    /// The connection's; as for [`came`](Collect::came).
    #[inline(never)]
    pub(super) fn collect<C: embedded_io::Read>(
        &mut self,
        connection: &mut C,
        link: &mut Link,
        call: Text<'_>,
        window: &mut [u8],
        buffer: &mut [u8],
    ) -> Result<(), CallError<C::Error>> {
        loop {
            let room = self.room(window, buffer);
            let size = room.len();
            match connection.read(room) {
                Ok(count) => {
                    if self.came(link, call, window, buffer, count.min(size))? {
                        return Ok(());
                    }
                }
                Err(error) => link.read_failed(&self.inlet, error)?,
            }
        }
    }

    /// Async version of [`collect`](Collect::collect).
    pub(super) async fn collect_async<C: embedded_io_async::Read>(
        &mut self,
        connection: &mut C,
        link: &mut Link,
        call: Text<'_>,
        window: &mut [u8],
        buffer: &mut [u8],
    ) -> Result<(), CallError<C::Error>> {
        loop {
            let room = self.room(window, buffer);
            let size = room.len();
            match connection.read(room).await {
                Ok(count) => {
                    if self.came(link, call, window, buffer, count.min(size))? {
                        return Ok(());
                    }
                }
                Err(error) => link.read_failed(&self.inlet, error)?,
            }
        }
    }

    /// Takes the `count` bytes that were read; 0 means that the connection has ended. Returns whether the reply is
    /// complete.
    ///
    /// # Errors
    /// What is wrong with the framing; a line that does not fit.
    fn came(
        &mut self,
        link: &mut Link,
        call: Text<'_>,
        window: &mut [u8],
        buffer: &mut [u8],
        count: usize,
    ) -> Result<bool, Wrong> {
        if count == 0 {
            return link.ended(&self.inlet).map(|()| true);
        }
        let to_buffer = self.to_buffer(buffer);
        let (mut start, mut end) = (0, count);
        if to_buffer {
            start = self.filled;
            end = start.saturating_add(count);
        } else if self.inlet.head_filled().is_some() {
            let Some(behind) = self.inlet.head(window, count)? else { return Ok(false) };
            end = behind;
        }
        loop {
            let place = if to_buffer { &mut *buffer } else { &mut *window };
            let piece = place.get_mut(start..end).unwrap_or_default();
            let stripped = link.take(&mut self.inlet, piece)?;
            if to_buffer && start > self.filled {
                // These bytes came behind the end of a line.
                shift(buffer, start..start.saturating_add(stripped.data), self.filled);
            } else if !to_buffer && !self.over {
                self.copy(window, buffer, start, stripped.data);
            }
            self.filled = self.filled.saturating_add(if self.over { 0 } else { stripped.data });
            if self.over && link.is_line() {
                return Err(Wrong::Reply(too_small(buffer)));
            }
            if !stripped.ended {
                return Ok(false);
            }
            self.surplus = stripped.surplus > 0;
            let reply = buffer.get(..self.filled).unwrap_or_default();
            if !self.waits || Reply::decode(reply).is_ok_and(|reply| link.owns(&reply, call)) {
                return Ok(true);
            }
            // Expect another line: it begins with the bytes behind this one.
            *self = Self::new(Inlet::line(false), true);
            start = end.saturating_sub(stripped.surplus);
            if start == end {
                return Ok(false);
            }
        }
    }

    /// Copies data from the window into the buffer.
    fn copy(&mut self, window: &[u8], buffer: &mut [u8], start: usize, count: usize) {
        let data = window.get(start..start.saturating_add(count)).unwrap_or_default();
        match buffer.get_mut(self.filled..).and_then(|rest| rest.get_mut(..data.len())) {
            Some(room) => room.copy_from_slice(data),
            None => self.over = true,
        }
    }

    /// Returns the complete reply.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn finish<'b, E>(
        &self,
        link: &mut Link,
        call: Text<'_>,
        buffer: &'b [u8],
    ) -> Result<Reply<'b>, CallError<E>> {
        let reply = match buffer.get(..self.filled).filter(|_| !self.over) {
            Some(envelope) => Reply::decode(envelope),
            None => Err(too_small(buffer)),
        };
        let own = reply.as_ref().is_ok_and(|reply| link.owns(reply, call));
        link.complete(&self.inlet, !self.surplus, own);
        match reply {
            Ok(reply) if own => Ok(reply),
            Ok(_) => Err(CallError::ForeignReply),
            Err(error) => Err(self.inlet.wrong(error).into()),
        }
    }
}

const fn too_small(buffer: &[u8]) -> Error {
    Error::new(ErrorKind::BufferTooSmall, buffer.len())
}
