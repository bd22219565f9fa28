//! The headers and cookies of an envelope: a borrowed slice, or an object or array that is still encoded.

use super::members::{Members, key};
use super::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::read::Reader;
use crate::json::sink::Sink;
use crate::json::write;
use crate::limits::HEADERS_LIMIT;
use core::fmt;
use core::iter::FusedIterator;

/// A borrowed list: as a slice, or as the span of an envelope that holds it.
#[derive(Clone, Copy)]
enum List<'a, T> {
    Slice(&'a [T]),
    Span {
        /// From behind the opening bracket on, and past the closing one; validated.
        span: &'a [u8],
        /// And [`OF_REQUEST`], for headers of a request. To say so apart from this would take a third more room.
        len: usize,
    },
}

/// Headers of a request keep more rules than those of a reply. No span has so many.
const OF_REQUEST: usize = !(usize::MAX >> 1);

const _: () =
    assert!(size_of::<Headers<'_>>() == 3 * size_of::<usize>(), "what is decoded is mostly headers and texts");

impl<T> List<'_, T> {
    const fn len(&self) -> usize {
        match self {
            List::Slice(slice) => slice.len(),
            List::Span { len, .. } => *len & !OF_REQUEST,
        }
    }
}

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

    pub(crate) const fn from_span(span: &'a [u8], len: usize, request: bool) -> Self {
        Self(List::Span { span, len: if request { len | OF_REQUEST } else { len } })
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
            List::Span { span, .. } => Iter::Span(Reader::new(span), self.len()),
        })
    }

    /// The value under this name, in whatever letter case.
    #[must_use]
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub fn get(&self, name: &str) -> Option<Text<'a>> {
        match self.0 {
            List::Slice(pairs) => {
                pairs.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| Text::new(value))
            }
            List::Span { .. } => self.get_in_span(name),
        }
    }

    #[cfg_attr(target_pointer_width = "64", inline(never))]
    fn get_in_span(&self, name: &str) -> Option<Text<'a>> {
        self.iter().find(|(other, _)| is_name(*other, name.as_bytes())).map(|(_, value)| value)
    }

    /// Checks headers that are to be encoded, of which it may be known that all are such as names are, without escapes.
    ///
    /// # Errors
    /// As decoding gives; the offset is that in the name or value.
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub(crate) fn check(&self, request: bool, names: bool) -> Result<(), Error> {
        let pairs = match self.0 {
            List::Slice(pairs) => pairs,
            // What was decoded has been checked, and is what it was.
            List::Span { span, len } if request && len & OF_REQUEST == 0 => {
                return check_reply_headers(Reader::new(span), self.len());
            }
            List::Span { .. } => return Ok(()),
        };
        if pairs.len() > HEADERS_LIMIT {
            return Err(Error::new(ErrorKind::TooManyHeaders, 0));
        }
        if cfg!(target_pointer_width = "64") && names && are_told_apart_by_length(pairs, request) {
            return Ok(());
        }
        Self::check_pairs(pairs, request, names)
    }

    #[cfg_attr(target_pointer_width = "64", inline(never))]
    #[cfg_attr(not(target_pointer_width = "64"), inline)]
    fn check_pairs(pairs: &[(&str, &str)], request: bool, names: bool) -> Result<(), Error> {
        for (at, (name, value)) in pairs.iter().enumerate() {
            check_header(Text::new(name), Text::new(value), request, names)?;
            if pairs.iter().take(at).any(|(earlier, _)| earlier.eq_ignore_ascii_case(name)) {
                return Err(Error::new(ErrorKind::DuplicateHeader, 0));
            }
        }
        Ok(())
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline)]
    pub(crate) fn put(&self, sink: &mut impl Sink, members: &mut Members) {
        if self.is_empty() {
            return;
        }
        members.key(sink, key!("header"));
        let mut object = Members::new();
        match self.0 {
            List::Slice(pairs) if cfg!(target_pointer_width = "64") => {
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

    #[cfg_attr(target_pointer_width = "64", inline(never))]
    #[cfg_attr(not(target_pointer_width = "64"), inline)]
    fn put_each(&self, sink: &mut impl Sink, object: &mut Members) {
        for (name, value) in self.iter() {
            object.header(sink, name, value);
        }
    }
}

/// Checks headers of a reply, which keep fewer rules than those of a request, to be such.
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
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
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

/// The header that a request may not have.
pub(crate) const FORBIDDEN_HEADER: &str = "referer";

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

/// The header that names the service of a call.
pub(crate) const SERVICE_HEADER: &str = "x-wx-service";

/// Whether the header of this name may not be in a request, or in a reply. Slices, streams and the encoder ask here alike.
#[inline(always)]
pub(crate) fn is_forbidden(name: Text<'_>, request: bool) -> bool {
    request && is_name(name, FORBIDDEN_HEADER.as_bytes())
}

/// The rule of the value of the header of this name, in a request or in a reply. It is that of a name for the header that
/// names the service, and for no other.
#[inline(always)]
pub(crate) fn value_rule(name: Text<'_>, request: bool) -> Rule {
    if request && is_name(name, SERVICE_HEADER.as_bytes()) { Rule::Name } else { Rule::HeaderValue }
}

/// Whether a name is this one, in whatever case its letters of ASCII are.
#[inline]
pub(crate) fn eq_ignore_case(name: Text<'_>, other: Text<'_>) -> bool {
    match other.as_bytes() {
        Some(other) => is_name(name, other),
        None => name.eq_by_bytes(other, true),
    }
}

/// The same of a name without escapes. Most are told apart by their lengths.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(crate) fn is_name(name: Text<'_>, known: &[u8]) -> bool {
    match name.as_bytes() {
        Some(name) if cfg!(target_pointer_width = "64") => name.eq_ignore_ascii_case(known),
        Some(name) => eq_ignore_ascii_case(name, known),
        None => is_escaped_name(name.as_raw(), known),
    }
}

/// As that of the standard library, in less than half the code.
#[inline]
fn eq_ignore_ascii_case(name: &[u8], known: &[u8]) -> bool {
    name.len() == known.len()
        && name.iter().zip(known).all(|(one, other)| match one ^ other {
            0 => true,
            0x20 => one.is_ascii_alphabetic(),
            _ => false,
        })
}

/// As [`is_name`], of a name with escapes.
#[cold]
#[inline(never)]
fn is_escaped_name(name: &[u8], known: &[u8]) -> bool {
    Text::from_span(name, true).eq_by_bytes(Text::from_span(known, false), true)
}

impl Default for Headers<'_> {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// Pairs of name and value: a slice, or whatever holds one.
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

#[derive(Clone, Debug)]
enum Iter<'a, T> {
    Slice(&'a [T]),
    /// What is left of the span, and how many of it.
    Span(Reader<'a>, usize),
}

impl<T> Iter<'_, T> {
    const fn len(&self) -> usize {
        match self {
            Self::Slice(rest) => rest.len(),
            Self::Span(_, left) => *left,
        }
    }
}

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

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.0.len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for HeadersIter<'_> {}

impl FusedIterator for HeadersIter<'_> {}

/// The cookies of a reply: one text for each `Set-Cookie` of the service.
///
/// ```
/// use callcontainer::Reply;
///
/// let reply = Reply::decode(br#"{"statusCode":200,"cookies":["a=1; Path=/"]}"#).unwrap();
/// let Reply::Response(response) = reply else { panic!() };
/// assert!(response.cookies().iter().eq(["a=1; Path=/"]));
/// ```
#[derive(Clone, Copy)]
pub struct Cookies<'a>(List<'a, &'a str>);

impl<'a> Cookies<'a> {
    /// No cookies.
    pub const EMPTY: Self = Self::new(&[]);

    /// Cookies as texts.
    #[must_use]
    pub const fn new(cookies: &'a [&'a str]) -> Self {
        Self(List::Slice(cookies))
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

    /// Each in order.
    #[must_use]
    pub const fn iter(&self) -> CookiesIter<'a> {
        CookiesIter(match self.0 {
            List::Slice(cookies) => Iter::Slice(cookies),
            List::Span { span, .. } => Iter::Span(Reader::new(span), self.len()),
        })
    }

    #[inline]
    pub(crate) fn put(&self, sink: &mut impl Sink, members: &mut Members) {
        if !self.is_empty() {
            self.put_each(sink, members);
        }
    }

    #[cfg_attr(target_pointer_width = "64", inline(never))]
    #[cfg_attr(not(target_pointer_width = "64"), inline)]
    fn put_each(&self, sink: &mut impl Sink, members: &mut Members) {
        for (at, cookie) in self.iter().enumerate() {
            if at == 0 {
                members.key(sink, key!("cookies"));
            }
            sink.put(if at == 0 { b"[" } else { b"," });
            write::string(sink, cookie);
        }
        sink.put(b"]");
    }
}

impl Default for Cookies<'_> {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// Texts: a slice, or whatever holds one.
impl<'a, T: AsRef<[&'a str]> + ?Sized> From<&'a T> for Cookies<'a> {
    fn from(cookies: &'a T) -> Self {
        Self::new(cookies.as_ref())
    }
}

impl<'a> IntoIterator for Cookies<'a> {
    type Item = Text<'a>;
    type IntoIter = CookiesIter<'a>;

    fn into_iter(self) -> CookiesIter<'a> {
        self.iter()
    }
}

impl PartialEq for Cookies<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Cookies<'_> {}

impl fmt::Debug for Cookies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Cookies<'_> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        for cookie in self.iter() {
            defmt::write!(fmt, "{}; ", cookie);
        }
    }
}

/// The cookies one by one; see [`Cookies::iter`].
#[derive(Clone, Debug)]
pub struct CookiesIter<'a>(Iter<'a, &'a str>);

impl<'a> Iterator for CookiesIter<'a> {
    type Item = Text<'a>;

    fn next(&mut self) -> Option<Text<'a>> {
        match &mut self.0 {
            Iter::Slice(cookies) => {
                let (cookie, rest) = cookies.split_first()?;
                *cookies = rest;
                Some(Text::new(cookie))
            }
            Iter::Span(reader, left) => {
                *left = left.checked_sub(1)?;
                reader.scalar()
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.0.len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for CookiesIter<'_> {}

impl FusedIterator for CookiesIter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_is_ignored_as_the_standard_library_does() {
        for one in 0..=u8::MAX {
            for other in 0..=u8::MAX {
                let expected = one.eq_ignore_ascii_case(&other);
                assert_eq!(eq_ignore_ascii_case(&[b'a', one], &[b'A', other]), expected, "{one} {other}");
            }
        }
        assert!(!eq_ignore_ascii_case(b"a", b"ab") && eq_ignore_ascii_case(b"", b""));
    }
}
