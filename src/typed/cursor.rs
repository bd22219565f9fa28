//! A position in a JSON text that is known to be valid, and how to move on from it.
//!
//! Knows tokens, where a value ends and how a string is passed on. Knows nothing of types. Since the text is valid, the
//! next byte determines what comes next. On an invalid text the results would be wrong, but the cursor always advances
//! and never panics.

use super::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::sink::SliceSink;
use crate::json::string;
use serde::de::Visitor;

pub(super) struct Cursor<'de> {
    text: &'de str,
    offset: usize,
    /// The rest of the scratch.
    scratch: &'de mut [u8],
    /// The start of the last value that was read to its end.
    walked: Option<usize>,
    /// The value at `offset` was not read to its end: it must be stepped over before anything else.
    left: bool,
    /// The start of the last name of a member.
    name: usize,
}

impl<'de> Cursor<'de> {
    pub(super) const fn new(valid: &'de str, scratch: &'de mut [u8]) -> Self {
        Self { text: valid, offset: 0, scratch, walked: None, left: false, name: 0 }
    }

    pub(super) const fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the current byte; at the end 0, which no valid text contains between strings.
    pub(super) fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.offset).copied().unwrap_or(0)
    }

    const fn advance(&mut self, bytes: usize) {
        self.offset = self.offset.saturating_add(bytes);
    }

    /// Moves to the next token and returns its first byte.
    pub(super) fn token(&mut self) -> u8 {
        if self.left {
            self.left = false;
            self.step_over();
        }
        while matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t') {
            self.advance(1);
        }
        self.byte()
    }

    /// Returns the first byte of the next element or name, or `None` at the end of the array or object.
    pub(super) fn item(&mut self) -> Option<u8> {
        let mut byte = self.token();
        if byte == b',' {
            self.advance(1);
            byte = self.token();
        }
        if matches!(byte, b']' | b'}' | 0) { None } else { Some(byte) }
    }

    /// Reads the next value.
    ///
    /// Whatever `read` does or leaves undone, the cursor continues behind the value. Stepping over an unread rest is
    /// deferred until the next operation, because after an error there is rarely one.
    pub(super) fn value<R>(&mut self, read: impl FnOnce(&mut Self) -> Result<R, Error>) -> Result<R, Error> {
        let _ = self.token();
        let start = self.offset;
        let result = read(self);
        if self.walked != Some(start) {
            self.offset = start;
            self.left = true;
        }
        result.map_err(|error| error.or_at(start))
    }

    /// Reads the value after the last name that was read.
    pub(super) fn member<R>(&mut self, read: impl FnOnce(&mut Self) -> Result<R, Error>) -> Result<R, Error> {
        if self.token() != b':' {
            return Err(Error::at(ErrorKind::OutOfTurn, self.offset));
        }
        self.advance(1);
        self.value(read)
    }

    /// Returns the name of the member that begins here, as written between its quotes.
    pub(super) fn name(&mut self) -> Result<&'de str, Error> {
        self.name = self.offset;
        self.string()
    }

    /// Returns the start of the last name.
    pub(super) const fn name_offset(&self) -> usize {
        self.name
    }

    /// Enters the array or object that begins here; returns the argument for [`leave`](Self::leave).
    pub(super) const fn enter(&mut self) -> usize {
        let start = self.offset;
        self.advance(1);
        start
    }

    /// Leaves the array or object that began at `start`, which must have been read completely.
    pub(super) fn leave(&mut self, start: usize) -> Result<(), Error> {
        if self.token() == b':' {
            // A name was read, its value was not.
            self.advance(1);
        }
        if self.item().is_some() {
            return Err(Error::at(ErrorKind::TrailingElements, self.offset));
        }
        self.advance(1);
        self.walked = Some(start);
        Ok(())
    }

    /// Returns the leaf that begins here, if it is one other than a string.
    pub(super) fn scalar(&mut self) -> Result<&'de str, Error> {
        if matches!(self.byte(), b'"' | b'[' | b'{') {
            return Err(Error::new(ErrorKind::WrongType));
        }
        let start = self.offset;
        self.step_over();
        Ok(self.text.get(start..self.offset).unwrap_or_default())
    }

    /// Returns the number that begins here, if it is one.
    pub(super) fn number(&mut self) -> Result<&'de str, Error> {
        if matches!(self.byte(), b'-' | b'0'..=b'9') { self.scalar() } else { Err(Error::new(ErrorKind::WrongType)) }
    }

    /// Returns the string that begins here, if it is one, as written between its quotes.
    pub(super) fn string(&mut self) -> Result<&'de str, Error> {
        if self.byte() != b'"' {
            return Err(Error::new(ErrorKind::WrongType));
        }
        let start = self.offset.saturating_add(1);
        self.step_over();
        Ok(self.text.get(start..self.offset.saturating_sub(1)).unwrap_or_default())
    }

    /// Steps over the value that begins here.
    pub(super) fn step_over(&mut self) {
        self.walked = Some(self.offset);
        let mut depth = 0_usize;
        loop {
            let rest = self.text.as_bytes().get(self.offset..).unwrap_or_default();
            let Some((first, after)) = rest.split_first() else { return };
            match first {
                b'"' => self.advance(string::end(after).map_or(rest.len(), |(end, _)| end.saturating_add(2))),
                b'[' | b'{' => {
                    depth = depth.saturating_add(1);
                    self.advance(1);
                }
                b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    self.advance(1);
                }
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' => self.advance(1),
                _ => {
                    let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
                    self.advance(rest.iter().position(ends).unwrap_or(rest.len()));
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Returns the decoded text of the string that has just been read: the string itself if it contains no escapes, or
    /// else a text in the scratch, which keeps it.
    pub(super) fn lend(&mut self, raw: &'de str) -> Result<&'de str, Error> {
        let Some(text) = escaped(raw) else { return Ok(raw) };
        let length = self.decode(text)?;
        let (place, rest) = core::mem::take(&mut self.scratch).split_at_mut_checked(length).unwrap_or_default();
        self.scratch = rest;
        Ok(core::str::from_utf8(place).unwrap_or_default())
    }

    /// Passes the decoded text of the string that has just been read to `look`. The scratch does not keep it.
    pub(super) fn show<R>(
        &mut self,
        raw: &'de str,
        look: impl FnOnce(Shown<'de, '_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let Some(text) = escaped(raw) else { return look(Shown::Whole(raw)) };
        let length = self.decode(text)?;
        let decoded = self.scratch.get(..length).unwrap_or_default();
        look(Shown::Passing(core::str::from_utf8(decoded).unwrap_or_default()))
    }

    /// Decodes the string that has just been read, which contains escapes, into the beginning of the scratch, and
    /// returns its length there. The string is valid JSON, but not a text if an escape in it is an unpaired half of a
    /// surrogate pair.
    #[inline(never)]
    fn decode(&mut self, string: Text<'de>) -> Result<usize, Error> {
        // The closing quote is in between.
        let start = self.offset.saturating_sub(string.as_raw().len()).saturating_sub(1);
        let half = |at| Error::at(ErrorKind::Json(crate::ErrorKind::LoneSurrogate), start.saturating_add(at));
        let mut sink = SliceSink::new(self.scratch);
        string.put_read(&mut sink).map_err(half)?;
        sink.finish().map(<[u8]>::len).map_err(|_| Error::new(ErrorKind::ScratchTooSmall))
    }

    /// Visits a string. One of a single character takes no scratch.
    pub(super) fn character<V: Visitor<'de>>(&mut self, raw: &'de str, visitor: V) -> Result<V::Value, Error> {
        let text = escaped(raw).unwrap_or_else(|| Text::new(raw));
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) if text.put_read(&mut SliceSink::default()).is_ok() => {
                visitor.visit_char(character)
            }
            _ => self.show(raw, |text| text.visit(visitor)),
        }
    }
}

/// Returns a string of a valid text, as written between its quotes, if it contains an escape.
pub(super) fn escaped(raw: &str) -> Option<Text<'_>> {
    raw.contains('\\').then(|| Text::from_span(raw.as_bytes(), true))
}

/// A decoded text.
pub(super) enum Shown<'de, 's> {
    /// Lives as long as the JSON text.
    Whole(&'de str),
    /// Will be overwritten soon.
    Passing(&'s str),
}

impl<'de> Shown<'de, '_> {
    pub(super) fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Whole(text) => visitor.visit_borrowed_str(text),
            Self::Passing(text) => visitor.visit_str(text),
        }
    }

    pub(super) fn visit_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Whole(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Self::Passing(text) => visitor.visit_bytes(text.as_bytes()),
        }
    }
}
