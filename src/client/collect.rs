//! Collects a reply in a buffer.
//!
//! It knows where the next bytes go and when the reply is whole. It owns no connection and no memory: the window takes
//! the head, and what finds no room in the buffer.

use super::error::{CallError, Wrong};
use super::inlet::Inlet;
use super::link::Link;
use crate::error::{Error, ErrorKind};
use crate::limits::REPLY_LIMIT;
use crate::shift::shift;
use crate::{Reply, Text};

/// A reply that is being collected.
pub(super) struct Collect {
    pub(super) inlet: Inlet,
    /// Bytes of the reply in the buffer.
    filled: usize,
    /// More has come than the buffer holds; the rest is dropped.
    over: bool,
    /// Bytes of the reply that have come.
    total: usize,
    /// Something came behind it.
    surplus: bool,
    /// Replies to other calls may come first, and are passed over.
    waits: bool,
}

impl Collect {
    pub(super) const fn new(inlet: Inlet, waits: bool) -> Self {
        Self { inlet, filled: 0, over: false, total: 0, surplus: false, waits }
    }

    /// Bytes of the reply in the buffer.
    pub(super) const fn len(&self) -> usize {
        self.filled
    }

    /// Whether what comes next goes into the buffer.
    fn to_buffer(&self, buffer: &[u8]) -> bool {
        !matches!(self.inlet, Inlet::Head { .. }) && !self.over && self.filled < buffer.len()
    }

    /// Where the next bytes go.
    fn room<'w>(&self, window: &'w mut [u8], buffer: &'w mut [u8]) -> &'w mut [u8] {
        if self.to_buffer(buffer) {
            return buffer.get_mut(self.filled..).unwrap_or_default();
        }
        match self.inlet {
            Inlet::Head { filled, .. } => window.get_mut(filled..).unwrap_or_default(),
            _ => window,
        }
    }

    /// Reads until the reply is whole.
    ///
    /// # Errors
    /// The connection's; as for [`came`](Collect::came).
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
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

    /// As [`collect`](Collect::collect), async.
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

    /// So many bytes have come; none where the connection has ended. Says whether the reply is whole.
    ///
    /// # Errors
    /// What is wrong with the framing; a line that has no room.
    fn came(
        &mut self,
        link: &mut Link,
        call: Text<'_>,
        window: &mut [u8],
        buffer: &mut [u8],
        count: usize,
    ) -> Result<bool, Wrong> {
        if count == 0 {
            return if self.inlet.end() { Ok(true) } else { Err(link.ended(&self.inlet)) };
        }
        let to_buffer = self.to_buffer(buffer);
        let (mut start, mut end) = (0, count);
        if to_buffer {
            start = self.filled;
            end = start.saturating_add(count);
        } else if matches!(self.inlet, Inlet::Head { .. }) {
            let Some(behind) = self.inlet.head(window, count)? else { return Ok(false) };
            end = behind;
        }
        loop {
            let place = if to_buffer { &mut *buffer } else { &mut *window };
            let piece = place.get_mut(start..end).unwrap_or_default();
            link.came(piece);
            let stripped = self.inlet.strip(piece)?;
            self.total = self.total.saturating_add(stripped.data);
            if self.total > REPLY_LIMIT {
                return Err(Wrong::Reply(Error::new(ErrorKind::ReplyTooLarge, REPLY_LIMIT)));
            }
            if to_buffer && start > self.filled {
                // What came behind the end of a line.
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
            // Another line: what came behind this one is the beginning of it.
            *self = Self::new(Inlet::line(false), true);
            start = end.saturating_sub(stripped.surplus);
            if start == end {
                return Ok(false);
            }
        }
    }

    /// Copies what came into the window.
    fn copy(&mut self, window: &[u8], buffer: &mut [u8], start: usize, count: usize) {
        let data = window.get(start..start.saturating_add(count)).unwrap_or_default();
        match buffer.get_mut(self.filled..).and_then(|rest| rest.get_mut(..data.len())) {
            Some(room) => room.copy_from_slice(data),
            None => self.over = true,
        }
    }

    /// The reply, which is whole.
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
            Err(error) => Err(match self.inlet.status() {
                None | Some(200) => CallError::Reply(error),
                Some(status) => CallError::Status(status),
            }),
        }
    }
}

const fn too_small(buffer: &[u8]) -> Error {
    Error::new(ErrorKind::BufferTooSmall, buffer.len())
}
