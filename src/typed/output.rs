//! Writes pieces of JSON into a slice, and keeps the first error.
//!
//! Knows tokens and nesting. Knows nothing of types. The first error is permanent: whatever a type does after it,
//! nothing more is written and no JSON is returned.

use super::error::{Error, ErrorKind};
use super::leaf::Leaf;
use crate::json::Text;
use crate::json::sink::Sink;
use crate::json::write;
use crate::limits::DEPTH_LIMIT;
use core::fmt;
use serde::Serialize;

/// Levels that a value may nest and still fit into an envelope.
const DEEPEST: usize = DEPTH_LIMIT.saturating_sub(1);

pub(super) struct Output<'b> {
    buffer: &'b mut [u8],
    /// Bytes written.
    length: usize,
    /// Arrays and objects that are open.
    depth: usize,
    failed: Option<Error>,
}

/// Receives tokens in parts; a part that does not fit completely is not written.
impl Sink for Output<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        let room = self.buffer.get_mut(self.length..).unwrap_or_default();
        match room.get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.length = self.length.saturating_add(bytes.len());
            }
            None => {
                let _ = self.fail(ErrorKind::BufferTooSmall);
            }
        }
    }
}

impl<'b> Output<'b> {
    pub(super) const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0, depth: 0, failed: None }
    }

    /// Returns the bytes written, if nothing went wrong.
    pub(super) fn finish(self, outcome: Result<(), Error>) -> Result<&'b [u8], Error> {
        outcome?;
        Ok(self.buffer.get(..self.length).unwrap_or_default())
    }

    /// Returns the error to report: this one, at the current offset, unless there was an earlier one.
    pub(super) fn keep(&mut self, error: Error) -> Error {
        let length = self.length;
        *self.failed.get_or_insert_with(|| error.or_at(length))
    }

    pub(super) fn fail(&mut self, kind: ErrorKind) -> Error {
        self.keep(Error::new(kind))
    }

    /// Returns the first error, if there was one.
    fn check(&self) -> Result<(), Error> {
        self.failed.map_or(Ok(()), Err)
    }

    pub(super) fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self).map_err(|error| self.keep(error))?;
        self.check()
    }

    pub(super) fn token(&mut self, token: &str) -> Result<(), Error> {
        self.put(token.as_bytes());
        self.check()
    }

    /// Writes a string with its quotes.
    pub(super) fn string(&mut self, text: Text<'_>) -> Result<(), Error> {
        write::string(self, text);
        self.check()
    }

    /// Writes a boolean, number or `null`.
    pub(super) fn leaf(&mut self, value: impl Leaf) -> Result<(), Error> {
        self.check()?;
        let place = self.buffer.get_mut(self.length..).unwrap_or_default();
        match value.write(place) {
            Some(length) => {
                self.length = self.length.saturating_add(length);
                Ok(())
            }
            None => Err(self.fail(ErrorKind::BufferTooSmall)),
        }
    }

    /// Writes the content of a string.
    pub(super) fn display<T: fmt::Display + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let outcome = fmt::write(&mut Escaping(self), format_args!("{value}"));
        self.check()?;
        // The writer did not fail, so the value did.
        outcome.map_err(|fmt::Error| self.fail(ErrorKind::Custom))
    }

    /// Opens `levels` nested arrays or objects.
    pub(super) fn open(&mut self, levels: usize, token: &str) -> Result<(), Error> {
        self.depth = self.depth.saturating_add(levels);
        if self.depth > DEEPEST {
            return Err(self.fail(ErrorKind::TooDeep));
        }
        self.token(token)
    }

    pub(super) fn close(&mut self, levels: usize, token: &str) -> Result<(), Error> {
        self.depth = self.depth.saturating_sub(levels);
        self.token(token)
    }

    /// Opens the object of an enum's variant, up to its value.
    pub(super) fn variant(&mut self, levels: usize, name: &str, value: &str) -> Result<(), Error> {
        self.open(levels, "{")?;
        self.string(Text::new(name))?;
        self.token(value)
    }
}

/// Escapes what a [`fmt::Display`] writes.
struct Escaping<'a, 'b>(&'a mut Output<'b>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write::content(self.0, Text::new(text));
        self.0.check().map_err(|_| fmt::Error)
    }
}
