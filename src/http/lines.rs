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
    /// Splits off the first line, and returns it and the rest.
    fn split(text: &'b [u8]) -> Option<(Self, &'b [u8])> {
        let (name, rest) = octets::split_token(text);
        let (value, rest) = octets::split_field_value(rest.strip_prefix(b":")?);
        Some((Self { name, value: trim(value) }, rest.strip_prefix(END)?))
    }

    /// Whether the line has this name, which is given in lower case.
    // Inlined everywhere, it takes 296 bytes more flash on a Cortex-M3.
    #[inline(never)]
    pub(crate) fn is(&self, name: &[u8]) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The end of a line.
const END: &[u8] = b"\r\n";

/// Returns the lines of a head that a [`HeadReader`](super::head::HeadReader) has accepted, in order.
pub(crate) fn lines_of(head: &[u8]) -> impl Iterator<Item = Line<'_>> + Clone {
    let (_, rest) = octets::split_field_value(head);
    let mut rest = rest.strip_prefix(END).unwrap_or_default();
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
