//! What takes the bytes that are written, and holds or counts them.

use crate::error::{Error, ErrorKind};

/// Takes bytes. It never says no: it keeps count, and its owner asks at the end whether all of them found room.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]);

    /// Room that may be written into at once, if there is any; [`wrote`](Sink::wrote) then says how much of it was. What
    /// is written behind that does not count.
    #[inline]
    fn place(&mut self) -> Option<&mut [u8]> {
        None
    }

    /// So many bytes of [`place`](Sink::place) are written.
    #[inline]
    fn wrote(&mut self, _: usize) {}

    /// Takes something that may be long. A sink that has room for some of it only may leave off, and go on later.
    #[inline]
    fn put_long(&mut self, source: impl Source)
    where
        Self: Sized,
    {
        source.put_all(self);
    }
}

/// Something that may be long, and can be written in parts.
pub(crate) trait Source: Copy {
    /// Writes the whole.
    fn put_all(self, sink: &mut impl Sink);

    /// Writes on from a place, which it moves on by what has found room; says whether that was the rest.
    ///
    /// Where [`LEAST_ROOM`] is free it writes something.
    fn put_some(self, place: &mut Place, sink: &mut SliceSink<'_>) -> bool;
}

/// Room in which any source can write a part that it cannot take apart: an escape.
pub(crate) const LEAST_ROOM: usize = 6;

/// How far the writing of a source has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// Bytes of the source that are done with.
    pub(crate) at: usize,
    /// They end within a string of JSON.
    pub(crate) in_string: bool,
}

/// Writes into a slice. What finds no room is dropped, all of what follows it too, and counted; by default there is no
/// room.
#[derive(Default)]
pub(crate) struct SliceSink<'b> {
    buffer: &'b mut [u8],
    len: usize,
}

impl<'b> SliceSink<'b> {
    pub(crate) const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, len: 0 }
    }

    /// Bytes given so far, whether they found room or not.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Bytes that still find room.
    pub(crate) const fn room(&self) -> usize {
        self.buffer.len().saturating_sub(self.len)
    }

    /// How many bytes were given.
    ///
    /// # Errors
    /// This kind at the limit, when it was more than that.
    pub(crate) const fn len_within(&self, limit: usize, over: ErrorKind) -> Result<usize, Error> {
        if self.len > limit { Err(Error::new(over, limit)) } else { Ok(self.len) }
    }

    /// What was written.
    ///
    /// # Errors
    /// This kind at the limit, when more was given than that; otherwise as for [`finish`](SliceSink::finish).
    pub(crate) fn finish_within(self, limit: usize, over: ErrorKind) -> Result<&'b [u8], Error> {
        self.len_within(limit, over)?;
        self.finish()
    }

    /// What was written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when something found no room; the offset is the length of the buffer.
    pub(crate) fn finish(self) -> Result<&'b [u8], Error> {
        let size = self.buffer.len();
        self.buffer.get(..self.len).ok_or(Error::new(ErrorKind::BufferTooSmall, size))
    }
}

impl Sink for SliceSink<'_> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        // Taken in two steps, so that the compiler sees that the lengths are the same.
        let room = self.buffer.get_mut(self.len..).and_then(|rest| rest.get_mut(..bytes.len()));
        if let Some(room) = room {
            room.copy_from_slice(bytes);
        }
        self.len = self.len.saturating_add(bytes.len());
    }

    #[inline]
    fn place(&mut self) -> Option<&mut [u8]> {
        self.buffer.get_mut(self.len..)
    }

    #[inline]
    fn wrote(&mut self, len: usize) {
        self.len = self.len.wrapping_add(len);
    }
}
