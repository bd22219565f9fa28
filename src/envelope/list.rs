//! Borrowed lists, of headers or of cookies: a slice, or an object or array that is still encoded.

use crate::json::read::Reader;

/// A borrowed list: as a slice, or as the span of an envelope that holds it.
#[derive(Clone, Copy)]
pub(super) enum List<'a, T> {
    Slice(&'a [T]),
    Span {
        /// From behind the opening bracket on, and past the closing one; validated.
        span: &'a [u8],
        /// And [`OF_REQUEST`], for headers of a request. To say so apart from this would take a third more room.
        len: usize,
    },
}

/// Headers of a request keep more rules than those of a reply. No span has so many.
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
    /// What is left of the span, and how many of it.
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
