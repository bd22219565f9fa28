//! The destination of written bytes, which stores or counts them.

use crate::error::{Error, ErrorKind};
use crate::target::WIDE;

/// Takes bytes. A sink never fails: it counts, and its owner checks at the end whether everything fitted.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]);

    /// Whether the next put is dropped without being looked at: then any other will do in its place.
    #[cfg(any(feature = "client", feature = "gateway"))]
    #[inline]
    fn drops(&self) -> bool {
        false
    }

    /// Returns room that may be written to directly, if there is any. [`wrote`](Sink::wrote) then says how much of it
    /// was used. Bytes written beyond that do not count.
    #[inline]
    fn place(&mut self) -> Option<&mut [u8]> {
        None
    }

    /// Commits this many bytes that were written to [`place`](Sink::place).
    #[inline]
    fn wrote(&mut self, _: usize) {}

    /// Takes something that may be long. A sink with room for only a part of it may stop, and continue later.
    #[inline]
    fn put_long(&mut self, source: impl Source)
    where
        Self: Sized,
    {
        source.put_all(self);
    }
}

/// Whether everything long is written in parts, as a window needs it: then no other way of writing it is linked. That is
/// smaller, and slower.
pub(crate) const IN_PARTS: bool = cfg!(feature = "c") && !WIDE;

/// Writes something long in parts.
pub(crate) fn put_in_parts(sink: &mut SliceSink<'_>, put_some: &mut dyn FnMut(&mut Place, &mut SliceSink<'_>) -> bool) {
    let mut place = Place::default();
    // All of it, if there is room.
    if !put_some(&mut place, sink) {
        put_rest(sink, place, put_some);
    }
}

/// Writes the rest of something long: parts that still fit, and what is only counted.
#[inline(never)]
fn put_rest(
    sink: &mut SliceSink<'_>,
    mut place: Place,
    put_some: &mut dyn FnMut(&mut Place, &mut SliceSink<'_>) -> bool,
) {
    let mut room = [0; 16];
    let mut whole = false;
    while !whole {
        let mut piece = SliceSink::new(&mut room);
        whole = put_some(&mut place, &mut piece);
        let len = piece.len;
        sink.put(room.get(..len).unwrap_or_default());
    }
}

/// Output that may be long and can be written in parts.
pub(crate) trait Source: Copy {
    /// Writes all of it.
    fn put_all(self, sink: &mut impl Sink);

    /// Writes from `place` on, and advances `place` by what fitted. Returns whether that was the rest.
    ///
    /// Writes at least something if [`LEAST_ROOM`] bytes are free.
    fn put_some(self, place: &mut Place, sink: &mut SliceSink<'_>) -> bool;

    /// Returns the length of all of it.
    #[inline]
    fn len(self) -> usize {
        let mut sink = SliceSink::default();
        sink.put_long(self);
        sink.len()
    }
}

/// Room that suffices for any indivisible part of a source. The longest such part is an escape.
pub(crate) const LEAST_ROOM: usize = 6;

/// How much of a source has been written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// Bytes of the source that are done.
    pub(crate) at: usize,
    /// Whether they end within a JSON string.
    pub(crate) in_string: bool,
}

impl Place {
    /// Nothing has been written.
    #[cfg(feature = "client")]
    pub(crate) const START: Self = Self { at: 0, in_string: false };
}

/// Writes into a slice. Whatever does not fit is dropped but counted, and so is everything after it. The default has no
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

    /// Returns the number of bytes given so far, including those that did not fit.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Returns how many more bytes fit.
    pub(crate) const fn room(&self) -> usize {
        self.buffer.len().saturating_sub(self.len)
    }

    /// Returns the number of bytes given.
    ///
    /// # Errors
    /// The kind `over`, at the limit, when more bytes were given than that.
    pub(crate) const fn len_within(&self, limit: usize, over: ErrorKind) -> Result<usize, Error> {
        if self.len > limit { Err(Error::new(over, limit)) } else { Ok(self.len) }
    }

    /// Returns what was written.
    ///
    /// # Errors
    /// The kind `over`, at the limit, when more bytes were given than that; otherwise as for
    /// [`finish`](SliceSink::finish).
    pub(crate) fn finish_within(self, limit: usize, over: ErrorKind) -> Result<&'b [u8], Error> {
        self.len_within(limit, over)?;
        self.finish()
    }

    /// Returns what was written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when something did not fit; the offset is the length of the buffer.
    pub(crate) fn finish(self) -> Result<&'b [u8], Error> {
        let size = self.buffer.len();
        self.buffer.get(..self.len).ok_or(Error::new(ErrorKind::BufferTooSmall, size))
    }
}

impl Sink for SliceSink<'_> {
    #[inline]
    fn put_long(&mut self, source: impl Source) {
        if IN_PARTS {
            put_in_parts(self, &mut |place, piece| source.put_some(place, piece));
        } else {
            source.put_all(self);
        }
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        // Sliced in two steps, so that the compiler sees that the lengths are equal.
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
