//! Borrowed lists of headers or cookies: a slice, or an object or array that is still encoded.

use crate::json::read::Reader;

/// A borrowed list: as a slice, or as the span of an envelope that holds it.
#[derive(Clone, Copy)]
pub(super) enum List<'a, T> {
    Slice(&'a [T]),
    Span {
        /// From after the opening bracket on, and past the closing one; validated.
        span: &'a [u8],
        /// The length, combined with [`OF_REQUEST`] for headers of a request. A separate flag would take a third more
        /// room.
        len: usize,
    },
}

/// Marks headers of a request, to which more rules apply than to those of a reply. No span has this many entries.
pub(super) const OF_REQUEST: usize = !(usize::MAX >> 1);

impl<T> List<'_, T> {
    pub(super) const fn len(&self) -> usize {
        match self {
            List::Slice(slice) => slice.len(),
            List::Span { len, .. } => *len & !OF_REQUEST,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Iter<'a, T> {
    Slice(&'a [T]),
    /// The rest of the span, and the number of entries in it.
    Span(Reader<'a>, usize),
}

impl<T> Iter<'_, T> {
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::Slice(rest) => rest.len(),
            Self::Span(_, left) => *left,
        }
    }
}
