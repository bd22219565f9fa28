//! Writes the members of one JSON object, with the commas where they belong.

use crate::json::Text;
use crate::json::sink::Sink;
use crate::json::write;

/// A key as it is written, of a name that needs no escapes.
pub(crate) struct Key {
    /// Room for the bracket or comma, then the key with its quotes and its colon.
    bytes: [u8; LONGEST],
    len: u8,
}

const LONGEST: usize = 23;

/// Bytes that are copied at once.
const STEP: usize = 8;

impl Key {
    /// Of what stands behind the bracket or comma. Does not compile when that is too long.
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
    pub(crate) const fn new(written: &str) -> Self {
        let written = written.as_bytes();
        let mut bytes = [0; LONGEST];
        let mut len = 1;
        while len <= written.len() {
            bytes[len] = written[len - 1];
            len += 1;
        }
        Self { bytes, len: len as u8 }
    }

    const fn len(&self) -> usize {
        self.len as usize
    }

    /// Writes the key behind this bracket or comma.
    #[inline]
    fn put(&self, sink: &mut impl Sink, separator: u8) {
        if self.copy(sink.place(), separator).is_some() {
            return sink.wrote(self.len());
        }
        self.put_bytes(sink, separator);
    }

    /// The same in whatever room there is.
    #[cold]
    #[inline(never)]
    fn put_bytes(&self, sink: &mut impl Sink, separator: u8) {
        let mut bytes = self.bytes;
        let [first, ..] = &mut bytes;
        *first = separator;
        sink.put(bytes.get(..self.len()).unwrap_or_default());
    }

    /// Writes it where there is room, in two or three steps that overlap.
    #[inline]
    fn copy(&self, room: &mut [u8], separator: u8) -> Option<()> {
        let bytes = self.bytes.get(..self.len())?;
        let place = room.get_mut(..self.len())?;
        if self.len() > 2 * STEP {
            *place.get_mut(STEP..)?.first_chunk_mut::<STEP>()? = *bytes.get(STEP..)?.first_chunk()?;
        }
        *place.last_chunk_mut::<STEP>()? = *bytes.last_chunk()?;
        let first = place.first_chunk_mut::<STEP>()?;
        *first = *bytes.first_chunk()?;
        let [first, ..] = first;
        *first = separator;
        Some(())
    }
}

/// The [`Key`] of this name.
macro_rules! key {
    ($name:literal) => {
        const { &$crate::envelope::members::Key::new(concat!("\"", $name, "\":")) }
    };
}
pub(crate) use key;

/// The object being written; its bracket and the commas are written with its members.
pub(crate) struct Members {
    /// What comes before the next member.
    separator: u8,
    /// All strings that were written here so far are known to be of printable characters alone that need no escape.
    printable: bool,
}

impl Members {
    pub(crate) const fn new() -> Self {
        Self { separator: b'{', printable: true }
    }

    /// Whether all strings that were written here so far are known to be of printable characters alone that need no escape, so that nobody has
    /// to look at them again.
    pub(crate) const fn is_printable(&self) -> bool {
        self.printable
    }

    /// Writes a key; its value must follow.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn key(&mut self, sink: &mut impl Sink, key: &Key) {
        key.put(sink, self.separator);
        self.separator = b',';
    }

    /// Writes a key that may need escapes; its value must follow.
    #[inline]
    pub(crate) fn text_key(&mut self, sink: &mut impl Sink, key: Text<'_>) {
        sink.put(&[self.separator]);
        self.separator = b',';
        self.value(sink, key);
        sink.put(b":");
    }

    /// Writes the value of a key, a string.
    #[inline]
    pub(crate) fn value(&mut self, sink: &mut impl Sink, value: Text<'_>) {
        self.printable &= write::string(sink, value);
    }

    #[inline(never)]
    pub(crate) fn string(&mut self, sink: &mut impl Sink, key: &Key, value: Text<'_>) {
        self.key(sink, key);
        self.value(sink, value);
    }

    #[inline]
    pub(crate) fn string_if(&mut self, sink: &mut impl Sink, key: &Key, value: Option<Text<'_>>) {
        if let Some(value) = value {
            self.string(sink, key, value);
        }
    }

    pub(crate) fn integer(&mut self, sink: &mut impl Sink, key: &Key, value: i32) {
        self.key(sink, key);
        write::integer(sink, value);
    }

    /// Writes an object that is the value of a key and has been written but for its bracket.
    pub(crate) fn object(&mut self, sink: &mut impl Sink, object: Self) {
        self.printable &= object.printable;
        object.end(sink);
    }

    /// Writes the closing bracket.
    pub(crate) fn end(self, sink: &mut impl Sink) {
        sink.put(if self.separator == b'{' { b"{}" } else { b"}" });
    }
}
