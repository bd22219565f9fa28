//! The call parameters that have a fixed set of legal values, or a default.

use super::fields::{Choice, Number, TextSlot};
use super::header_names::is_name;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::limits::TIMEOUT_LIMIT;
use crate::target::WIDE;
use core::fmt;
use core::str::FromStr;

/// The HTTP method of a call, one of the eight that the platform knows. The default is `GET`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[allow(missing_docs, reason = "the names are those of HTTP")]
pub enum Method {
    Options,
    #[default]
    Get,
    Head,
    Post,
    Put,
    Delete,
    Trace,
    Connect,
}

impl Method {
    /// All eight methods.
    pub const ALL: [Method; 8] = [
        Method::Options,
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Delete,
        Method::Trace,
        Method::Connect,
    ];

    /// Length of the longest name.
    pub(crate) const LONGEST: usize = {
        let mut longest = 0;
        let mut rest: &[Method] = &Self::ALL;
        while let Some((method, others)) = rest.split_first() {
            if method.as_str().len() > longest {
                longest = method.as_str().len();
            }
            rest = others;
        }
        longest
    };

    /// Returns the name in upper case, as it is encoded.
    // Inlined, each caller would have a table of its own, and those that are not called be linked with the others.
    #[cfg_attr(feature = "c", inline(never))]
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Options => "OPTIONS",
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Trace => "TRACE",
            Method::Connect => "CONNECT",
        }
    }

    #[inline(always)]
    pub(crate) fn from_text(name: Text<'_>) -> Option<Self> {
        if WIDE
            && let Some(name) = name.as_bytes()
            && let Some(method) = Self::ALL.into_iter().find(|method| method.as_str().as_bytes() == name)
        {
            return Some(method);
        }
        Self::from_any_text(name)
    }

    fn from_any_text(name: Text<'_>) -> Option<Self> {
        Self::ALL.into_iter().find(|method| is_name(name, method.as_str().as_bytes()))
    }

    /// Returns whether two calls have the same effect as one (RFC 9110, section 9.2.2).
    #[must_use]
    pub const fn is_idempotent(self) -> bool {
        !matches!(self, Method::Post | Method::Connect)
    }
}

impl FromStr for Method {
    type Err = Error;

    /// Parses the name of a method, in any letter case, as in an envelope.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMethod`] at 0 for any other name.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::from_text(Text::new(name)).ok_or(Error::new(ErrorKind::InvalidMethod, 0))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How the text that the service returns is processed. The default is `json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum DataType<'a> {
    /// It is parsed as JSON once; if it does not parse, it stays text.
    #[default]
    Json,
    /// Any other value: it stays text.
    Other(Text<'a>),
}

impl<'a> DataType<'a> {
    /// Returns the value as it is written, for example `json` or `text`.
    #[must_use]
    pub const fn as_text(&self) -> Text<'a> {
        match self {
            DataType::Json => Text::new("json"),
            DataType::Other(other) => *other,
        }
    }
}

impl<'a> From<Text<'a>> for DataType<'a> {
    fn from(text: Text<'a>) -> Self {
        if text == "json" { DataType::Json } else { DataType::Other(text) }
    }
}

impl fmt::Display for DataType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_text().fmt(f)
    }
}

impl<'a> From<&'a str> for DataType<'a> {
    fn from(text: &'a str) -> Self {
        Text::new(text).into()
    }
}

/// How the bytes that the service returns are passed on. The default is `text`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ResponseType {
    /// As text.
    #[default]
    Text,
    /// As bytes.
    ArrayBuffer,
}

impl ResponseType {
    /// Length of the longest value.
    pub(crate) const LONGEST: usize = Self::ArrayBuffer.as_str().len();

    /// Returns the value as it is written: `text` or `arraybuffer`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ResponseType::Text => "text",
            ResponseType::ArrayBuffer => "arraybuffer",
        }
    }

    pub(crate) fn from_text(name: Text<'_>) -> Option<Self> {
        [ResponseType::Text, ResponseType::ArrayBuffer].into_iter().find(|kind| name == kind.as_str())
    }
}

impl FromStr for ResponseType {
    type Err = Error;

    /// Parses the name of a response type, in lower case, as in an envelope.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidResponseType`] at 0 for any other name.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::from_text(Text::new(name)).ok_or(Error::new(ErrorKind::InvalidResponseType, 0))
    }
}

impl fmt::Display for ResponseType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How long a call may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Timeout {
    /// Not set, or set to 0, which is the same.
    #[default]
    NotSet,
    /// This many milliseconds, at least 1. Encoding refuses more than [`TIMEOUT_LIMIT`].
    Milliseconds(u32),
    /// The requested timeout is over [`TIMEOUT_LIMIT`], so it has no effect. Encoding leaves it out.
    NoEffect,
}

impl Timeout {
    /// Returns the effective timeout in milliseconds, if any.
    #[must_use]
    pub const fn milliseconds(self) -> Option<u32> {
        match self {
            Timeout::Milliseconds(milliseconds @ 1..=TIMEOUT_LIMIT) => Some(milliseconds),
            _ => None,
        }
    }

    /// Creates a timeout of this many milliseconds.
    pub(crate) const fn of(milliseconds: u32) -> Self {
        if milliseconds == 0 { Timeout::NotSet } else { Timeout::Milliseconds(milliseconds) }
    }

    /// Converts a decoded number of milliseconds; `None` if it is negative.
    pub(crate) fn decoded(milliseconds: i64) -> Option<Self> {
        let milliseconds = u64::try_from(milliseconds).ok()?;
        let fits = u32::try_from(milliseconds).ok().filter(|milliseconds| *milliseconds <= TIMEOUT_LIMIT);
        Some(fits.map_or(Timeout::NoEffect, Timeout::of))
    }
}

/// Converts a number of milliseconds; 0 means that no timeout is set.
impl From<u32> for Timeout {
    fn from(milliseconds: u32) -> Self {
        Self::of(milliseconds)
    }
}

impl Choice for Method {
    const WRONG: ErrorKind = ErrorKind::InvalidMethod;
    const LONGEST: usize = Self::LONGEST + 2;

    #[inline(always)]
    fn of(name: Text<'_>) -> Option<Self> {
        Self::from_text(name)
    }

    fn name(self) -> &'static str {
        self.as_str()
    }
}

impl Choice for ResponseType {
    const WRONG: ErrorKind = ErrorKind::InvalidResponseType;
    const LONGEST: usize = Self::LONGEST + 2;

    #[inline(always)]
    fn of(name: Text<'_>) -> Option<Self> {
        Self::from_text(name)
    }

    fn name(self) -> &'static str {
        self.as_str()
    }
}

impl Number for Timeout {
    const WRONG: ErrorKind = ErrorKind::InvalidTimeout;
    const LONGEST: usize = TIMEOUT_LIMIT.ilog10() as usize + 1;

    #[inline(always)]
    fn of(number: i64) -> Option<Self> {
        Self::decoded(number)
    }

    fn number(self) -> Option<i32> {
        self.milliseconds().map(u32::cast_signed)
    }

    fn check(self) -> Result<(), Error> {
        match self {
            Self::Milliseconds(TIMEOUT_OVER..) => Err(Error::new(ErrorKind::TimeoutTooLong, 0)),
            _ => Ok(()),
        }
    }
}

/// The smallest timeout that is too long.
const TIMEOUT_OVER: u32 = TIMEOUT_LIMIT + 1;

impl<'a> TextSlot<'a> for DataType<'a> {
    #[inline(always)]
    fn of(text: Text<'a>) -> Self {
        text.into()
    }

    #[inline(always)]
    fn text(self) -> Option<Text<'a>> {
        match self {
            Self::Json => None,
            Self::Other(other) => Some(other),
        }
    }

    /// Returns nothing if the value is the default, however it was created.
    #[inline(always)]
    fn member(self) -> Option<Text<'a>> {
        self.text().filter(|text| *text != "json")
    }
}
