//! What a reader finds in the content of a string: how far it goes, and why it stops there.

use crate::error::ErrorKind;

/// How far the content of a string goes in a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// Length up to the closing quote, to what is cut or wrong, or to the end of the piece.
    pub(crate) len: usize,
    /// An escape has been there.
    pub(crate) escaped: bool,
    /// Known to be nothing but printable ASCII, and no escapes.
    pub(crate) printable: bool,
    pub(crate) stop: Stop,
}

/// Why the content stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Quote,
    /// The piece ends, perhaps within an escape or a character.
    Cut,
    /// Something is wrong, at this position in the piece.
    Wrong(ErrorKind, usize),
}

/// The longest string that [`short`](super::string::short) finds: a faster reader pays for what is longer.
pub(crate) const SHORT: usize = 128;

/// What a string that is [`short`](super::string::short) may be made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// Printable ASCII but `"` and `\`.
    Printable,
    /// The same without the space.
    Visible,
    /// Letters, digits and hyphens.
    Token,
}

/// What a backslash is. A word and not a `bool`, since a small processor copies words, and padding byte by byte.
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
