//! The cookies of a reply.

use super::list::{Iter, List};
use super::members::{Members, key};
use crate::json::Text;
use crate::json::read::Reader;
use crate::json::sink::Sink;
use crate::json::write;
use core::fmt;
use core::iter::FusedIterator;

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

    /// Creates cookies from texts.
    #[must_use]
    pub const fn new(cookies: &'a [&'a str]) -> Self {
        Self(List::Slice(cookies))
    }

    pub(crate) const fn from_span(span: &'a [u8], len: usize) -> Self {
        Self(List::Span { span, len })
    }

    /// Returns the number of cookies.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no cookies.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns an iterator over the cookies, in order.
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

    #[inline(never)]
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

/// Converts texts: a slice, or whatever holds one.
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

/// An iterator over cookies; see [`Cookies::iter`].
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
