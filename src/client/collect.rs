//! Collects a reply in a buffer.
//!
//! Knows where the next bytes go and when the reply is complete. Owns no connection and no memory: the window takes the
//! head, and whatever does not fit into the buffer.

use super::error::{CallError, Wrong, at};
use super::inlet::{Inlet, Part};
use super::link::Link;
use crate::error::{Error, ErrorKind};
use crate::shift::shift;
use crate::{Reply, Retry, Text};

/// A reply that is being collected.
pub(super) struct Collect {
    pub(super) inlet: Inlet,
    /// Bytes of the reply in the buffer.
    pub(super) filled: usize,
    /// More has been received than the buffer holds; the rest is dropped.
    pub(super) over: bool,
    /// Bytes were received behind the reply.
    pub(super) surplus: bool,
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

    /// Returns the advice for a call with this reply, of which the platform itself may have said how long to wait.
    #[inline(never)] // Inside the closures of both drivers it takes 200 bytes more flash on a Cortex-M3.
    pub(super) const fn advised(&self, advice: Option<Retry>) -> Option<Retry> {
        match &self.inlet.part {
            Part::Body { retry_after, .. } if self.inlet.way.door().is_some() => at(advice, *retry_after),
            _ => advice,
        }
    }

    /// Reads until the reply is complete.
    ///
    /// # Errors
    /// The connection's; as for [`came`](Collecting::came).
    #[inline(never)]
    pub(super) fn collect<C: embedded_io::Read>(
        &mut self,
        connection: &mut C,
        link: &mut Link,
        call: Text<'_>,
        window: &mut [u8],
        buffer: &mut [u8],
    ) -> Result<(), CallError<C::Error>> {
        let mut collecting = Collecting { collect: self, link, call, window, buffer };
        loop {
            let read = connection.read(collecting.room());
            if collecting.came(read)? {
                return Ok(());
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
        let mut collecting = Collecting { collect: self, link, call, window, buffer };
        loop {
            let read = connection.read(collecting.room()).await;
            if collecting.came(read)? {
                return Ok(());
            }
        }
    }

    /// Copies data from the window into the buffer.
    pub(super) fn copy(&mut self, window: &[u8], buffer: &mut [u8], start: usize, count: usize) {
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

/// A reply that is being collected, and everything that it takes: one pointer for what runs between two reads.
pub(super) struct Collecting<'c> {
    pub(super) collect: &'c mut Collect,
    pub(super) link: &'c mut Link,
    pub(super) call: Text<'c>,
    pub(super) window: &'c mut [u8],
    pub(super) buffer: &'c mut [u8],
}

impl Collecting<'_> {
    /// Whether the next bytes go into the buffer.
    pub(super) fn to_buffer(&self) -> bool {
        let collect = &self.collect;
        !collect.inlet.in_head() && !collect.over && collect.filled < self.buffer.len()
    }

    /// Returns where the next bytes go.
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.to_buffer() {
            return self.buffer.get_mut(self.collect.filled..).unwrap_or_default();
        }
        self.window
    }

    /// Takes the result of a read into the room; 0 means that the connection has ended. Returns whether the reply is
    /// complete.
    ///
    /// # Errors
    /// The connection's; what is wrong with the framing; a line that does not fit.
    fn came<E: embedded_io::Error>(&mut self, read: Result<usize, E>) -> Result<bool, CallError<E>> {
        match read {
            Ok(count) => Ok((self.collect.inlet.way.take)(self, count)?),
            Err(error) => self.link.read_failed(&self.collect.inlet, error).map(|()| false),
        }
    }
}

/// Takes bytes of an HTTP response with an envelope: see [`Way::take`](super::way::Way).
pub(super) fn take_envelope(collecting: &mut Collecting<'_>, count: usize) -> Result<bool, Wrong> {
    if count == 0 {
        return collecting.link.ended(&collecting.collect.inlet).map(|()| true);
    }
    let to_buffer = collecting.to_buffer();
    let Collecting { collect, window, buffer, .. } = collecting;
    let mut count = count;
    if collect.inlet.in_head() {
        let Some(behind) = collect.inlet.head(window, count.min(window.len()))? else { return Ok(false) };
        count = behind;
    }
    let place = if to_buffer { buffer.get_mut(collect.filled..).unwrap_or_default() } else { &mut **window };
    let count = count.min(place.len());
    let stripped = collect.inlet.strip(place.get_mut(..count).unwrap_or_default())?;
    if !to_buffer && !collect.over {
        collect.copy(window, buffer, 0, stripped.data);
    }
    collect.filled = collect.filled.saturating_add(if collect.over { 0 } else { stripped.data });
    collect.surplus = stripped.surplus > 0;
    Ok(stripped.ended)
}

/// Takes bytes of lines: see [`Way::take`](super::way::Way).
pub(super) fn take_lines(collecting: &mut Collecting<'_>, count: usize) -> Result<bool, Wrong> {
    if count == 0 {
        return collecting.link.ended(&collecting.collect.inlet).map(|()| true);
    }
    let to_buffer = collecting.to_buffer();
    let count = count.min(collecting.room().len());
    let Collecting { collect, link, call, window, buffer } = collecting;
    let mut start = if to_buffer { collect.filled } else { 0 };
    let end = start.saturating_add(count);
    loop {
        let place = if to_buffer { &mut **buffer } else { &mut **window };
        let piece = place.get_mut(start..end).unwrap_or_default();
        let stripped = link.take(&mut collect.inlet, piece)?;
        if to_buffer && start > collect.filled {
            // These bytes came behind the end of a line.
            shift(buffer, start..start.saturating_add(stripped.data), collect.filled);
        } else if !to_buffer && !collect.over {
            collect.copy(window, buffer, start, stripped.data);
        }
        if collect.over {
            return Err(Wrong::Reply(too_small(buffer)));
        }
        collect.filled = collect.filled.saturating_add(stripped.data);
        if !stripped.ended {
            return Ok(false);
        }
        collect.surplus = stripped.surplus > 0;
        let reply = buffer.get(..collect.filled).unwrap_or_default();
        let check = collect.inlet.check();
        if !collect.waits {
            return check.map(|()| true);
        }
        if check.is_ok() && Reply::decode(reply).is_ok_and(|reply| link.owns(&reply, *call)) {
            return Ok(true);
        }
        // Expect another line: it begins with the bytes behind this one.
        **collect = Collect::new(collect.inlet.next_line(false), true);
        start = end.saturating_sub(stripped.surplus);
        if start == end {
            return Ok(false);
        }
    }
}

const fn too_small(buffer: &[u8]) -> Error {
    Error::new(ErrorKind::BufferTooSmall, buffer.len())
}
