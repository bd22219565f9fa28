//! Splits the header lines of a head (RFC 9112, section 5). Every line ends with CR LF.
//!
//! This is our own code where a library would do, because nothing that can panic may be linked into firmware, and the
//! lines need no memory.

use crate::octets;

/// A header line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line<'b> {
    /// A token.
    pub(crate) name: &'b [u8],
    /// Without the white space around it, and without control characters but tab.
    pub(crate) value: &'b [u8],
}

impl<'b> Line<'b> {
    /// The line that this begins with, and what follows its end. Nothing stands before or behind the name, so no line
    /// goes on with the next.
    pub(super) fn split(text: &'b [u8]) -> Option<(Self, &'b [u8])> {
        let (name, rest) = octets::split_token(text);
        let (value, rest) = octets::split_field_value(rest.strip_prefix(b":")?);
        let rest = rest.strip_prefix(END)?;
        if name.is_empty() { None } else { Some((Self { name, value: trim(value) }, rest)) }
    }

    /// Whether it has this name, which is written in lower case.
    pub(crate) fn is(&self, name: &[u8]) -> bool {
        is(self.name, name)
    }
}

/// What a line ends with.
pub(super) const END: &[u8] = b"\r\n";

/// The lines of a head that has been parsed, in order.
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

/// Whether this is the word that is written in lower case here, whatever its own letter case.
#[inline(never)]
pub(super) fn is(text: &[u8], word: &[u8]) -> bool {
    text.eq_ignore_ascii_case(word)
}

/// A value, or a part of one, without the white space around it.
#[inline(never)]
pub(super) fn trim(value: &[u8]) -> &[u8] {
    let mut text = value;
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}
