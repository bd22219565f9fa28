//! The headers of an envelope: a borrowed slice of pairs, or an object that is still encoded.

use super::header_names::{FORBIDDEN_HEADER, is_forbidden, is_name, value_rule};
use super::list::{Iter, List};
use super::members::{Members, key};
use super::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::read::Reader;
use crate::json::sink::Sink;
use crate::limits::HEADERS_LIMIT;
use crate::target::WIDE;
use core::fmt;

/// The headers of an envelope, in order.
///
/// A name stands at most once, in whatever letter case. A value that is a number or a boolean in the envelope reads as
/// its text.
///
/// ```
/// use callcontainer::Headers;
///
/// let headers = Headers::new(&[("X-WX-SERVICE", "shop"), ("X-Trace", "7")]);
/// assert_eq!(headers.get("x-wx-service").unwrap(), "shop");
/// assert_eq!(headers.iter().count(), 2);
/// ```
#[derive(Clone, Copy)]
pub struct Headers<'a>(List<'a, (&'a str, &'a str)>);

impl<'a> Headers<'a> {
    /// No headers.
    pub const EMPTY: Self = Self::new(&[]);

    /// Headers as pairs of name and value.
    #[must_use]
    pub const fn new(pairs: &'a [(&'a str, &'a str)]) -> Self {
        Self(List::Slice(pairs))
    }

    pub(crate) const fn from_span(span: &'a [u8], len: usize) -> Self {
        Self(List::Span { span, len })
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Name and value of each, in order.
    #[must_use]
    pub const fn iter(&self) -> HeadersIter<'a> {
        HeadersIter(match self.0 {
            List::Slice(pairs) => Iter::Slice(pairs),
            List::Span { span, len } => Iter::Span(Reader::new(span), len),
        })
    }

    /// The value under this name, in whatever letter case.
    #[must_use]
    #[inline]
    pub fn get(&self, name: &str) -> Option<Text<'a>> {
        match self.0 {
            List::Slice(pairs) => {
                pairs.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| Text::new(value))
            }
            List::Span { .. } => self.get_in_span(name),
        }
    }

    fn get_in_span(&self, name: &str) -> Option<Text<'a>> {
        self.iter().find(|(other, _)| is_name(*other, name.as_bytes())).map(|(_, value)| value)
    }

    /// Checks headers that are to be encoded, of which it may be known that all are such as names are, without escapes.
    ///
    /// # Errors
    /// As decoding gives; the offset is that in the name or value.
    #[inline]
    pub(crate) fn check(&self, request: bool, names: bool) -> Result<(), Error> {
        // What was decoded has been checked, and is what it was.
        let List::Slice(pairs) = self.0 else { return Ok(()) };
        if pairs.len() > HEADERS_LIMIT {
            return Err(Error::new(ErrorKind::TooManyHeaders, 0));
        }
        if WIDE && names && are_told_apart_by_length(pairs, request) {
            return Ok(());
        }
        Self::check_pairs(pairs, request, names)
    }

    #[inline(never)]
    fn check_pairs(pairs: &[(&str, &str)], request: bool, names: bool) -> Result<(), Error> {
        for (at, (name, value)) in pairs.iter().enumerate() {
            if !names {
                Rule::HeaderName.check_text(Text::new(name))?;
            }
            if is_forbidden(Text::new(name), request) {
                return Err(Error::new(ErrorKind::ForbiddenHeader, 0));
            }
            if !names {
                value_rule(Text::new(name), request).check_text(Text::new(value))?;
            }
            if pairs.iter().take(at).any(|(earlier, _)| earlier.eq_ignore_ascii_case(name)) {
                return Err(Error::new(ErrorKind::DuplicateHeader, 0));
            }
        }
        Ok(())
    }

    #[inline(always)]
    pub(crate) fn put(&self, sink: &mut impl Sink, members: &mut Members) {
        if self.is_empty() {
            return;
        }
        members.key(sink, key!("header"));
        let mut object = Members::new();
        match self.0 {
            List::Slice(pairs) if WIDE => {
                for (name, value) in pairs {
                    // What is seldom needed takes no time here.
                    if !object.plain_header(sink, name.as_bytes(), value.as_bytes()) {
                        object.any_header(sink, Text::new(name), Text::new(value));
                    }
                }
            }
            _ => self.put_each(sink, &mut object),
        }
        members.object(sink, object);
    }

    #[inline]
    fn put_each(&self, sink: &mut impl Sink, object: &mut Members) {
        for (name, value) in self.iter() {
            object.header(sink, name, value);
        }
    }
}

/// Whether the lengths of the names say that no two are the same, and in a request that none is forbidden.
#[inline]
fn are_told_apart_by_length(pairs: &[(&str, &str)], request: bool) -> bool {
    // One bit for each length. Names of which 64 bytes more tell them apart count as the same.
    let mut seen = if request { 1_u64 << FORBIDDEN_HEADER.len() } else { 0 };
    pairs.iter().all(|(name, _)| {
        let length = 1_u64.wrapping_shl(name.len() as u32);
        let is_new = seen & length == 0;
        seen |= length;
        is_new
    })
}

impl Default for Headers<'_> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<'a> From<&'a [(&'a str, &'a str)]> for Headers<'a> {
    fn from(pairs: &'a [(&'a str, &'a str)]) -> Self {
        Self::new(pairs)
    }
}

impl<'a> IntoIterator for Headers<'a> {
    type Item = (Text<'a>, Text<'a>);
    type IntoIter = HeadersIter<'a>;

    fn into_iter(self) -> HeadersIter<'a> {
        self.iter()
    }
}

impl PartialEq for Headers<'_> {
    /// The same names, in the same letter case, with the same values in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers<'_> {}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Headers<'_> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        for (name, value) in self.iter() {
            defmt::write!(fmt, "{}: {}; ", name, value);
        }
    }
}

/// The headers one by one; see [`Headers::iter`].
#[derive(Clone, Debug)]
pub struct HeadersIter<'a>(Iter<'a, (&'a str, &'a str)>);

impl<'a> Iterator for HeadersIter<'a> {
    type Item = (Text<'a>, Text<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Iter::Slice(pairs) => {
                let ((name, value), rest) = pairs.split_first()?;
                *pairs = rest;
                Some((Text::new(name), Text::new(value)))
            }
            Iter::Span(reader, left) => {
                *left = left.checked_sub(1)?;
                Some((reader.scalar()?, reader.scalar()?))
            }
        }
    }
}
