//! The headers of an envelope: a borrowed slice of pairs, or an object that is still encoded.

use super::header_names::{FORBIDDEN_HEADER, is_forbidden, is_name, value_rule};
use super::list::{Iter, List, OF_REQUEST};
use super::members::{Members, key};
use super::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::read::Reader;
use crate::json::sink::Sink;
use crate::limits::{HEADERS_LIMIT, NAME_LIMIT};
use crate::target::WIDE;
use core::fmt;
use core::iter::FusedIterator;

/// The headers of an envelope, in order.
///
/// A name occurs at most once, ignoring letter case. A value that is a number or a boolean in the envelope reads as its
/// text.
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

const _: () =
    assert!(size_of::<Headers<'_>>() == 3 * size_of::<usize>(), "what is decoded is mostly headers and texts");

impl<'a> Headers<'a> {
    /// No headers.
    pub const EMPTY: Self = Self::new(&[]);

    /// Creates headers from pairs of name and value.
    #[must_use]
    pub const fn new(pairs: &'a [(&'a str, &'a str)]) -> Self {
        Self(List::Slice(pairs))
    }

    pub(crate) const fn from_span(span: &'a [u8], len: usize, request: bool) -> Self {
        Self(List::Span { span, len: if request { len | OF_REQUEST } else { len } })
    }

    /// Returns the number of headers.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no headers.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns an iterator over the names and values, in order.
    #[must_use]
    pub const fn iter(&self) -> HeadersIter<'a> {
        HeadersIter(match self.0 {
            List::Slice(pairs) => Iter::Slice(pairs),
            List::Span { span, .. } => Iter::Span(Reader::new(span), self.len()),
        })
    }

    /// Returns the value of the header with this name, ignoring letter case.
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

    /// Checks headers that will be encoded. `names` says that they are known to follow the rule of a name, without
    /// escapes.
    ///
    /// # Errors
    /// As for decoding; the offset is that in the name or value.
    #[inline]
    pub(crate) fn check(&self, request: bool, names: bool) -> Result<(), Error> {
        let pairs = match self.0 {
            List::Slice(pairs) => pairs,
            // Decoded headers have been checked, and have not changed.
            List::Span { span, len } if request && len & OF_REQUEST == 0 => {
                return check_reply_headers(Reader::new(span), self.len());
            }
            List::Span { .. } => return Ok(()),
        };
        if pairs.len() > HEADERS_LIMIT {
            return Err(Error::new(ErrorKind::TooManyHeaders, 0));
        }
        if WIDE && names && are_told_apart(pairs, request, length) {
            return Ok(());
        }
        Self::check_pairs(pairs, request, names)
    }

    #[inline(never)]
    fn check_pairs(pairs: &[(&str, &str)], request: bool, names: bool) -> Result<(), Error> {
        if WIDE && names && are_told_apart(pairs, request, length_and_ends) {
            return Ok(());
        }
        for (at, (name, value)) in pairs.iter().enumerate() {
            check_header(Text::new(name), Text::new(value), request, names)?;
            if pairs.iter().take(at).any(|(earlier, _)| is_name(Text::new(earlier), name.as_bytes())) {
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
                for header in pairs {
                    if !object.plain_header(sink, header.0.as_bytes(), header.1.as_bytes()) {
                        put_other(sink, &mut object, header);
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

/// Checks that headers of a reply, to which fewer rules apply than to those of a request, are valid in a request.
#[cold]
#[inline(never)]
fn check_reply_headers(mut span: Reader<'_>, len: usize) -> Result<(), Error> {
    for _ in 0..len {
        let (Some(name), Some(value)) = (span.scalar(), span.scalar()) else { break };
        check_header(name, value, true, false)?;
    }
    Ok(())
}

/// Checks one header.
#[inline]
fn check_header(name: Text<'_>, value: Text<'_>, request: bool, names: bool) -> Result<(), Error> {
    if !names {
        Rule::HeaderName.check_text(name)?;
    }
    if is_forbidden(name, request) {
        return Err(Error::new(ErrorKind::ForbiddenHeader, 0));
    }
    if !names {
        value_rule(name, request).check_text(value)?;
    }
    Ok(())
}

/// Writes a header that needs escapes, or has another name than most.
#[cold]
#[inline(never)]
fn put_other(sink: &mut impl Sink, object: &mut Members, header: &(&str, &str)) {
    let (name, value) = (Text::new(header.0), Text::new(header.1));
    // Without an early end, so that many bytes are looked at at once.
    let is_wrong = |wrong, byte: &u8| wrong | (*byte < 0x20) | (*byte == 0x7F);
    let names = header.1.len() <= NAME_LIMIT
        && !header.1.as_bytes().iter().fold(false, is_wrong)
        && Rule::HeaderName.check_text(name).is_ok();
    object.any_header(sink, name, value, names);
}

/// Returns whether this sum over a name, which letter case does not change, shows that no two names are the same, and in a
/// request that none is forbidden.
#[inline(always)]
fn are_told_apart(pairs: &[(&str, &str)], request: bool, sum: fn(&[u8]) -> u32) -> bool {
    // One bit for each sum. Sums that differ by a multiple of 64 count as the same.
    let bit = |name: &str| 1_u64.wrapping_shl(sum(name.as_bytes()));
    let mut seen = if request { bit(FORBIDDEN_HEADER) } else { 0 };
    pairs.iter().all(|(name, _)| {
        let bit = bit(name);
        let is_new = seen & bit == 0;
        seen |= bit;
        is_new
    })
}

/// The length of a name.
#[inline(always)]
fn length(name: &[u8]) -> u32 {
    name.len() as u32
}

/// The length and the ends of a name.
#[inline(always)]
fn length_and_ends(name: &[u8]) -> u32 {
    let end = |byte: Option<&u8>| u32::from(byte.unwrap_or(&0) | 0x20);
    let (first, last) = (end(name.first()), end(name.last()));
    length(name).wrapping_add(first.wrapping_mul(3)).wrapping_add(last.wrapping_mul(5))
}

impl Default for Headers<'_> {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// Converts pairs of name and value: a slice, or whatever holds one.
impl<'a, T: AsRef<[(&'a str, &'a str)]> + ?Sized> From<&'a T> for Headers<'a> {
    fn from(pairs: &'a T) -> Self {
        Self::new(pairs.as_ref())
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
    /// Compares names, including their letter case, and values, in order.
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

/// An iterator over headers; see [`Headers::iter`].
#[derive(Clone, Debug)]
pub struct HeadersIter<'a>(Iter<'a, (&'a str, &'a str)>);

impl<'a> Iterator for HeadersIter<'a> {
    type Item = (Text<'a>, Text<'a>);

    #[inline]
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

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.0.len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for HeadersIter<'_> {}

impl FusedIterator for HeadersIter<'_> {}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::string::String;
    use std::vec::Vec;

    /// Names of up to three of these, in pairs and in threes: whatever is told apart has no two that are the same.
    #[test]
    fn names_that_are_told_apart_are_different() {
        const PARTS: [&str; 7] = ["a", "A", "z-", "@", "`", "referer", "REFERER"];
        let names: Vec<String> = PARTS
            .iter()
            .flat_map(|one| PARTS.iter().flat_map(move |two| ["", two].map(|two| [one, two].concat())))
            .chain([String::new()])
            .collect();
        let mut told = 0;
        for one in &names {
            for two in &names {
                let pairs = [(one.as_str(), ""), ("x", ""), (two.as_str(), "")];
                for sum in [length as fn(&[u8]) -> u32, length_and_ends] {
                    for request in [false, true] {
                        if are_told_apart(&pairs, request, sum) {
                            told += 1;
                            assert!(!one.eq_ignore_ascii_case(two), "{one} {two}");
                            let is_forbidden = |name: &String| name.eq_ignore_ascii_case(FORBIDDEN_HEADER);
                            assert!(!request || !is_forbidden(one) && !is_forbidden(two), "{one} {two}");
                        }
                    }
                }
            }
        }
        assert!(told > names.len(), "{told}");
    }
}
