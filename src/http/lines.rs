//! The header lines of a head (RFC 9112, section 5), each of which ends with CR LF.
//!
//! Knows the syntax of a line. Knows nothing of its meaning.
//!
//! This is handwritten rather than taken from a library: no code that can panic may be linked into firmware, and the
//! lines need no memory.

use crate::octets;

/// A header line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line<'b> {
    /// A token.
    pub(crate) name: &'b [u8],
    /// Without surrounding white space, and without control characters except tab.
    pub(crate) value: &'b [u8],
}

impl<'b> Line<'b> {
    /// Splits off the first line, and returns it and the rest. No white space is allowed before or after the name, so
    /// no line continues on the next.
    pub(super) fn split(text: &'b [u8]) -> Option<(Self, &'b [u8])> {
        let (name, rest) = octets::split_token(text);
        let (value, rest) = octets::split_field_value(rest.strip_prefix(b":")?);
        let rest = rest.strip_prefix(END)?;
        if name.is_empty() { None } else { Some((Self { name, value: trim(value) }, rest)) }
    }

    /// Whether the line has this name, which is given in lower case.
    pub(crate) fn is(&self, name: &[u8]) -> bool {
        is(self.name, name)
    }
}

/// The end of a line.
pub(super) const END: &[u8] = b"\r\n";

/// Returns the lines of a head that has been parsed, in order.
#[cfg(any(feature = "gateway", test))]
pub(crate) fn lines_of(head: &[u8]) -> impl Iterator<Item = Line<'_>> + Clone {
    let (_, rest) = octets::split_field_value(head);
    let mut rest = rest.strip_prefix(END).unwrap_or_default();
    core::iter::from_fn(move || {
        let line;
        (line, rest) = Line::split(rest)?;
        Some(line)
    })
}

/// Whether the text equals this word, which is given in lower case, ignoring letter case.
#[inline(never)]
pub(super) fn is(text: &[u8], word: &[u8]) -> bool {
    text.eq_ignore_ascii_case(word)
}

/// Returns a value, or a part of one, without surrounding white space.
#[inline(never)]
pub(super) fn trim(value: &[u8]) -> &[u8] {
    let mut text = value;
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}
