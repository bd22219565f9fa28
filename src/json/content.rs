//! The result of scanning the content of a string: its extent, and why the scan stopped.

use crate::error::ErrorKind;

/// The extent of a string's content within a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// Length up to the closing quote, to the cut or invalid part, or to the end of the piece.
    pub(crate) len: usize,
    /// Whether an escape was seen.
    pub(crate) escaped: bool,
    /// Whether the content is known to be printable ASCII without escapes.
    pub(crate) printable: bool,
    pub(crate) stop: Stop,
}

impl Content {
    /// The content with this many bytes before it, which are printable.
    pub(crate) const fn behind(self, before: usize) -> Self {
        let stop = match self.stop {
            Stop::Wrong(kind, at) => Stop::Wrong(kind, at.wrapping_add(before)),
            stop => stop,
        };
        Self { len: self.len.wrapping_add(before), stop, ..self }
    }
}

/// Why the scan stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Quote,
    /// The piece ends, possibly within an escape or a character.
    Cut,
    /// The content is invalid at this position in the piece.
    Wrong(ErrorKind, usize),
}

/// The longest string that [`short`](super::string::short) finds. Longer strings repay the cost of a faster reader.
pub(crate) const SHORT: usize = 128;

/// The characters allowed in a string that is [`short`](super::string::short).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// Everything except `"` and `\`: for a string that is known to be valid. Without blocks, as `Printable`.
    Any,
    /// Printable ASCII except `"` and `\`.
    Printable,
    /// Printable ASCII except `"`, `\` and the space.
    Visible,
    /// Letters, digits and hyphens.
    Token,
}

/// Whether a backslash starts an escape. A word rather than a `bool`: a small processor copies words, but copies
/// padding byte by byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Form {
    #[default]
    Plain,
    Escaped,
}

impl Form {
    pub(super) const fn new(escaped: bool) -> Self {
        if escaped { Self::Escaped } else { Self::Plain }
    }

    pub(super) const fn is_escaped(self) -> bool {
        matches!(self, Self::Escaped)
    }
}
