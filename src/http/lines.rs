//! The header lines of a head (RFC 9112, section 5), which ends each line with CR LF.
//!
//! It knows what a line is made of. It must never know what one means.
//!
//! Written out here, where a library would do: nothing may be linked into firmware that can panic, and the lines take no
//! memory.

use crate::envelope::rules;

/// A header line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line<'b> {
    /// A token.
    pub(crate) name: &'b [u8],
    /// Without the white space around it, and without control characters but tab.
    pub(crate) value: &'b [u8],
}

impl<'b> Line<'b> {
    /// The parts of a line that is right.
    pub(super) fn of(line: &'b [u8]) -> Option<Self> {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at_checked(colon)?;
        Some(Self { name, value: value.get(1..)?.trim_ascii() })
    }

    /// The same of one that may be anything. Nothing stands before or behind the name, so no line goes on with the next.
    pub(super) fn checked(line: &'b [u8]) -> Option<Self> {
        let parts = Self::of(line).filter(|parts| !parts.name.is_empty() && rules::is_token(parts.name))?;
        // White space other than spaces and tabs is refused before it is taken off.
        rules::is_field_value(line).then_some(parts)
    }

    /// Whether it has this name, which is written in lower case.
    pub(crate) fn is(&self, name: &[u8]) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The lines of a head that has been parsed, in order.
#[cfg(any(feature = "gateway", test))]
pub(crate) fn lines_of(head: &[u8]) -> impl Iterator<Item = Line<'_>> + Clone {
    let mut rest = split_line(head).map_or(head, |(_, lines)| lines);
    core::iter::from_fn(move || {
        let (line, behind) = split_line(rest)?;
        rest = behind;
        Line::of(line)
    })
}

/// The first line without its end, and what follows it.
pub(super) fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = text.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r")?, rest.get(1..)?))
}
