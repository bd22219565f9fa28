//! Writes the members of one JSON object, and the commas between them.

use crate::json::Text;
use crate::json::sink::Sink;
use crate::json::write;
use crate::limits::NAME_LIMIT;
use crate::target::{self, WIDE};

/// A key as it is written, for a name that needs no escapes.
pub(crate) struct Key {
    /// Room for the bracket or comma, followed by the key with its quotes and its colon.
    bytes: [u8; LONGEST],
    len: u8,
}

const LONGEST: usize = 3 * STEP;

/// The longest string that is written at once.
const MOST: usize = if WIDE { write::SHORT } else { NAME_LIMIT };

/// Room for a key and such a string.
const ROOM: usize = LONGEST + write::SHORT_QUOTED;

/// Returns the room in which a member is written at once. Where it pays off, this is the most that any member may need,
/// so that its parts need no further checks.
#[inline]
fn room_at_once(room: &mut [u8]) -> Option<&mut [u8]> {
    if WIDE { room.get_mut(..ROOM) } else { Some(room) }
}

/// Bytes copied at once.
const STEP: usize = 8;

impl Key {
    /// Creates a key from what follows the bracket or comma. Does not compile if that is too long.
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

    /// Writes the key after this bracket or comma.
    #[inline]
    fn put(&self, sink: &mut impl Sink, separator: u8) {
        if sink.place().and_then(|room| self.copy(room, separator)).is_some() {
            return sink.wrote(self.len());
        }
        self.put_bytes(sink, separator);
    }

    /// Writes the key in whatever room there is.
    #[cold]
    #[inline(never)]
    fn put_bytes(&self, sink: &mut impl Sink, separator: u8) {
        let mut bytes = self.bytes;
        let [first, ..] = &mut bytes;
        *first = separator;
        sink.put(bytes.get(..self.len()).unwrap_or_default());
    }

    /// Writes the key if there is room, in two or three overlapping steps, and returns the room after it.
    #[inline(always)]
    fn copy<'r>(&self, room: &'r mut [u8], separator: u8) -> Option<&'r mut [u8]> {
        let bytes = self.bytes.get(..self.len())?;
        let (place, behind) = room.split_at_mut_checked(self.len())?;
        if self.len() > 2 * STEP {
            *place.get_mut(STEP..)?.first_chunk_mut::<STEP>()? = *bytes.get(STEP..)?.first_chunk()?;
        }
        *place.last_chunk_mut::<STEP>()? = *bytes.last_chunk()?;
        let first = place.first_chunk_mut::<STEP>()?;
        *first = *bytes.first_chunk()?;
        let [first, ..] = first;
        *first = separator;
        Some(behind)
    }
}

/// Makes the [`Key`] of this name.
macro_rules! key {
    ($name:literal) => {
        const { &$crate::envelope::members::Key::new(concat!("\"", $name, "\":")) }
    };
}
pub(crate) use key;

/// The object being written. Its bracket and the commas are written with its members.
pub(crate) struct Members {
    /// What comes before the next member.
    separator: u8,
    /// Whether all strings written here so far are known to follow the rule of a name and to need no escape.
    names: bool,
}

impl Members {
    pub(crate) const fn new() -> Self {
        Self { separator: b'{', names: true }
    }

    /// Continues an object that has members.
    #[cfg(feature = "client")]
    pub(crate) const fn further() -> Self {
        Self { separator: b',', names: true }
    }

    /// Returns whether all strings written here so far are known to follow the rule of a name and to need no escape, so
    /// that they need no further check. This is true for most objects.
    pub(crate) const fn are_names(&self) -> bool {
        self.names
    }

    /// Writes a key; its value must follow.
    #[inline(always)]
    pub(crate) fn key(&mut self, sink: &mut impl Sink, key: &Key) {
        target::door!(Self::put_key, self, sink, key);
    }

    #[inline(always)]
    fn put_key(&mut self, sink: &mut impl Sink, key: &Key) {
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
        self.names &= write::string(sink, value) && value.as_raw().len() <= NAME_LIMIT;
    }

    #[inline(always)]
    pub(crate) fn string(&mut self, sink: &mut impl Sink, key: &Key, value: &Text<'_>) {
        target::door!(Self::put_string, self, sink, key, value);
    }

    #[inline(always)]
    fn put_string(&mut self, sink: &mut impl Sink, key: &Key, value: &Text<'_>) {
        let written = sink.place().and_then(|room| {
            let plain = value.as_bytes().filter(|plain| plain.len() <= MOST)?;
            let room = key.copy(room_at_once(room)?, self.separator)?;
            if WIDE {
                write::quote_short(plain, room.first_chunk_mut()?)
            } else {
                write::quote(plain, room, write::copy)
            }
        });
        match written {
            Some(len) => {
                sink.wrote(key.len().wrapping_add(len));
                self.separator = b',';
            }
            None => self.any_string(sink, key, value),
        }
    }

    /// Writes a member with any string, in whatever room there is.
    #[inline(never)]
    fn any_string(&mut self, sink: &mut impl Sink, key: &Key, value: &Text<'_>) {
        self.key(sink, key);
        self.value(sink, *value);
    }

    #[inline]
    pub(crate) fn string_if(&mut self, sink: &mut impl Sink, key: &Key, value: Option<&Text<'_>>) {
        if let Some(value) = value {
            self.string(sink, key, value);
        }
    }

    /// Writes a header.
    #[inline]
    pub(crate) fn header(&mut self, sink: &mut impl Sink, name: Text<'_>, value: Text<'_>) {
        let plain = (name.as_bytes(), value.as_bytes());
        if !matches!(plain, (Some(name), Some(value)) if self.plain_header(sink, name, value)) {
            self.any_header(sink, name, value, false);
        }
    }

    /// Writes a header if there is room for it and it is like most: a name of letters, digits and hyphens, and a value
    /// that follows the rule of a name. Returns whether it did.
    #[inline(always)]
    pub(crate) fn plain_header(&mut self, sink: &mut impl Sink, name: &[u8], value: &[u8]) -> bool {
        if name.is_empty() || name.len().max(value.len()) > NAME_LIMIT || name.len() > MOST {
            return false;
        }
        let written = sink.place().and_then(|room| self.copy_header(room, name, value));
        let Some(len) = written else { return false };
        sink.wrote(len);
        self.separator = b',';
        true
    }

    #[inline(always)]
    fn copy_header(&self, room: &mut [u8], name: &[u8], value: &[u8]) -> Option<usize> {
        room_at_once(room)?;
        let (first, room) = room.split_first_mut()?;
        *first = self.separator;
        let name = write::quote(name, room, write::copy_token)?;
        let (colon, room) = room.get_mut(name..)?.split_first_mut()?;
        *colon = b':';
        let value = write::quote(value, room, write::copy)?;
        Some(name.wrapping_add(value).wrapping_add(2))
    }

    /// Writes any header, in whatever room there is. `names` says that its name is a token and its value follows the rule of
    /// a name.
    #[cold]
    #[inline(never)]
    pub(crate) fn any_header(&mut self, sink: &mut impl Sink, name: Text<'_>, value: Text<'_>, names: bool) {
        let names = self.names && names;
        self.text_key(sink, name);
        self.value(sink, value);
        self.names = names;
    }

    #[inline(always)]
    pub(crate) fn integer(&mut self, sink: &mut impl Sink, key: &Key, value: i32) {
        let written =
            sink.place().and_then(|room| write::digits(value, key.copy(room_at_once(room)?, self.separator)?));
        match written {
            Some(len) => {
                sink.wrote(key.len().wrapping_add(len));
                self.separator = b',';
            }
            None => {
                self.key(sink, key);
                write::any_integer(sink, value);
            }
        }
    }

    /// Ends an object that is the value of a key and has been written except for its closing bracket.
    #[inline]
    pub(crate) fn object(&mut self, sink: &mut impl Sink, object: Self) {
        self.names &= object.names;
        object.end(sink);
    }

    /// Writes the closing bracket.
    #[inline]
    pub(crate) fn end(self, sink: &mut impl Sink) {
        sink.put(if self.separator == b'{' { b"{}" } else { b"}" });
    }
}
