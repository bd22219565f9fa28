//! Where in a text an error is: line and column, what stands around it, and what was expected.

use super::glyphs::Glyphs;
use super::kinds;
use super::trail::{Trail, better};
use super::words::Language;
use crate::error::{Error, ErrorKind};
use core::fmt::{self, Write};

/// Columns that are shown before and behind a place.
const AROUND: usize = 36;

/// The place of an error in a text.
///
/// ```
/// use callcontainer::explain::{Language, Place};
/// use callcontainer::Request;
///
/// let envelope = b"{\"config\":{\"env\":\"p\"},\n\"path\":7}";
/// let place = Place::new(envelope, Request::decode(envelope).unwrap_err());
/// assert_eq!((place.line(), place.column()), (2, 8));
/// let mut member = String::new();
/// place.put_member(&mut member).unwrap();
/// assert_eq!(member, "path");
/// assert_eq!(place.expected(Language::English), "a string");
/// ```
#[derive(Clone, Debug)]
pub struct Place<'a> {
    error: Error,
    line: usize,
    column: usize,
    before: &'a [u8],
    after: &'a [u8],
    is_cut_before: bool,
    is_cut_after: bool,
    trail: Trail<'a>,
}

impl<'a> Place<'a> {
    /// Finds the place of an error in the text that it was found in. An offset beyond the text is at its end.
    #[must_use]
    pub fn new(text: &'a [u8], error: Error) -> Self {
        let (before, after) = text.split_at_checked(error.offset()).unwrap_or((text, &[]));
        let is_break = |byte: &u8| *byte == b'\n';
        let line = before.iter().filter(|byte| is_break(byte)).count().saturating_add(1);
        let in_line = before.iter().rposition(is_break).and_then(|at| before.get(at.saturating_add(1)..));
        let in_line = in_line.unwrap_or(before);
        let starts_character = |byte: &&u8| !matches!(**byte, 0x80..=0xBF);
        let column = in_line.iter().filter(starts_character).count().saturating_add(1);
        // An error may be at the break itself, which is shown then.
        let rest_of_line = after.iter().skip(1).position(is_break).and_then(|at| after.get(..at.saturating_add(1)));
        let rest_of_line = rest_of_line.unwrap_or(after);
        let (before_shown, after_shown) = (tail(in_line), head(rest_of_line));
        Self {
            error,
            line,
            column,
            before: before_shown,
            after: after_shown,
            is_cut_before: before_shown.len() < in_line.len(),
            is_cut_after: after_shown.len() < rest_of_line.len(),
            trail: Trail::of(before),
        }
    }

    /// Returns the error.
    #[must_use]
    pub const fn error(&self) -> Error {
        self.error
    }

    /// Returns the line, from 1. Lines end with a newline.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// Returns the column, from 1, in characters.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }

    /// Writes what stands before the place in its line, or the end of that behind `…`. Control characters, and what
    /// would turn the direction of text, are written as escapes, here and below.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn put_before(&self, out: &mut impl Write) -> fmt::Result {
        if self.is_cut_before {
            out.write_char('…')?;
        }
        Glyphs::new(self.before).put(out)
    }

    /// Writes the character at the place: nothing at the end of the text.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn put_at(&self, out: &mut impl Write) -> fmt::Result {
        Glyphs::new(self.after).next().map_or(Ok(()), |glyph| glyph.put(out))
    }

    /// Writes what stands behind that character in its line, or the beginning of that and `…`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn put_after(&self, out: &mut impl Write) -> fmt::Result {
        let mut glyphs = Glyphs::new(self.after);
        glyphs.next();
        glyphs.put(out)?;
        if self.is_cut_after { out.write_char('…') } else { Ok(()) }
    }

    /// Returns the number of columns that [`put_before`](Self::put_before) takes on a terminal, where characters of
    /// East Asia take two.
    #[must_use]
    pub fn columns_before(&self) -> usize {
        columns(self.before).saturating_add(usize::from(self.is_cut_before))
    }

    /// Writes which member of the envelope the place is in, such as `header.X-Trace` or `data.items[3]`: nothing if it
    /// is in none.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn put_member(&self, out: &mut impl Write) -> fmt::Result {
        if self.trail.is_outermost() { Ok(()) } else { self.trail.put(out) }
    }

    /// Returns what was expected at the place.
    #[must_use]
    pub fn expected(&self, language: Language) -> &'static str {
        let of_kind = kinds::of(self.error.kind()).expected;
        let here = match self.error.kind() {
            ErrorKind::UnexpectedByte | ErrorKind::UnexpectedEnd => Some(self.trail.allowed()),
            ErrorKind::WrongType => self.trail.wanted(),
            _ => None,
        };
        better(here, of_kind, language)
    }
}

fn columns(text: &[u8]) -> usize {
    Glyphs::new(text).fold(0, |sum, glyph| sum.saturating_add(glyph.width()))
}

/// Returns the end of a text that takes no more columns than are shown.
fn tail(text: &[u8]) -> &[u8] {
    // No column takes more than four bytes, but for what is put over others.
    let start = text.len().saturating_sub(AROUND.saturating_mul(4));
    let mut glyphs = Glyphs::new(text.get(start..).unwrap_or_default());
    let is_inside = |byte: Option<&u8>| start > 0 && matches!(byte, Some(0x80..=0xBF));
    while is_inside(glyphs.rest().first()) {
        glyphs.next();
    }
    let mut left = columns(glyphs.rest());
    while left > AROUND {
        let Some(glyph) = glyphs.next() else { break };
        left = left.saturating_sub(glyph.width());
    }
    glyphs.rest()
}

/// Returns the beginning of a text that takes no more columns than are shown; at least one character.
fn head(text: &[u8]) -> &[u8] {
    let text = text.get(..AROUND.saturating_mul(4)).unwrap_or(text);
    let mut glyphs = Glyphs::new(text);
    let mut taken = 0_usize;
    let mut end = 0;
    while let Some(glyph) = glyphs.next() {
        taken = taken.saturating_add(glyph.width());
        if taken > AROUND && end > 0 {
            break;
        }
        end = text.len().saturating_sub(glyphs.rest().len());
    }
    text.get(..end).unwrap_or_default()
}
