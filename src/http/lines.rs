//! The header lines of a head that has been read (RFC 9112, section 5).

use crate::octets;

/// A header line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'b> {
    /// A token.
    pub(crate) name: &'b [u8],
    /// Without surrounding white space, and without control characters except tab.
    pub(crate) value: &'b [u8],
}

impl<'b> Line<'b> {
    /// Takes a name, and a value that may have white space around it.
    pub(crate) fn new(name: &'b [u8], value: &'b [u8]) -> Self {
        Self { name, value: trim(value) }
    }

    /// Splits off the first line, and returns it and the rest.
    fn split(text: &'b [u8]) -> Option<(Self, &'b [u8])> {
        let (name, rest) = octets::split_token(text);
        let (value, rest) = octets::split_field_value(rest.strip_prefix(b":")?);
        Some((Self::new(name, value), rest.strip_prefix(END)?))
    }

    /// Whether the line has this name, which is given in lower case.
    // Inlined everywhere, it takes 296 bytes more flash on a Cortex-M3.
    #[inline(never)]
    pub(crate) fn is(&self, name: &[u8]) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The header lines of an HTTP/1.1 response that an `HttpReader` has read: an iterator over names and values, without
/// white space around them.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "gateway"), allow(unreachable_pub, reason = "the client does not show it"))]
pub struct HeadLines<'a> {
    rest: &'a [u8],
}

impl<'a> HeadLines<'a> {
    /// Goes through a head that a [`HeadReader`](super::head::HeadReader) has accepted.
    pub(crate) fn of(head: &'a [u8]) -> Self {
        let (_, rest) = octets::split_field_value(head);
        Self { rest: rest.strip_prefix(END).unwrap_or_default() }
    }
}

impl<'a> Iterator for HeadLines<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let line;
        (line, self.rest) = Line::split(self.rest)?;
        Some((line.name, line.value))
    }
}

/// The end of a line.
const END: &[u8] = b"\r\n";

/// Returns the lines of a head that a [`HeadReader`](super::head::HeadReader) has accepted, in order.
pub(crate) fn lines_of(head: &[u8]) -> impl Iterator<Item = Line<'_>> + Clone {
    let HeadLines { mut rest } = HeadLines::of(head);
    core::iter::from_fn(move || {
        let line;
        (line, rest) = Line::split(rest)?;
        Some(line)
    })
}

/// Returns a value without surrounding white space.
fn trim(value: &[u8]) -> &[u8] {
    let mut text = value;
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}
