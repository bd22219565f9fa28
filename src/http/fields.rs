//! The header lines of a response, as the members `header` and `cookies` of a reply.
//!
//! Knows which headers pass, and how those of the same name are combined. Knows nothing of the body.

use super::HttpError;
use super::lines::Line;
use super::names::CONNECTION;
use super::text::put_content;
use crate::Text;
use crate::envelope::fingerprint::Fingerprint;
use crate::envelope::members::{Members, key};
use crate::error::{Error, ErrorKind};
use crate::json::sink::Sink;
use crate::limits::{HEADERS_LIMIT, NAME_LIMIT};
use crate::octets::{self, FIELD_VALUE, allowed_run};

/// The most header lines in a response.
pub(crate) const LINES_LIMIT: usize = 128;

/// The most names listed by `Connection` that are taken into account.
const NOMINATED_LIMIT: usize = 16;

/// The header lines of a response.
pub(crate) struct Fields<F> {
    /// Returns an iterator over them, each time the same.
    lines: F,
    /// The name of each line, as a fingerprint like everywhere in this crate: so a decoder, which compares only
    /// fingerprints, never sees a name twice. Zero if the line does not become a header of the reply, and after the last
    /// line.
    names: [Fingerprint; LINES_LIMIT],
}

impl<'b, F: Fn() -> L, L: Iterator<Item = Line<'b>>> Fields<F> {
    /// Nothing is known of the lines before they are [read](Fields::read), which happens in place: they take a kilobyte.
    pub(crate) const fn of(lines: F) -> Self {
        Self { lines, names: [Fingerprint::ZERO; LINES_LIMIT] }
    }

    /// Finds out which of the lines become headers of the reply.
    pub(crate) fn read(&mut self) -> &Self {
        let mut nominated = [Fingerprint::ZERO; NOMINATED_LIMIT];
        let listed = (self.lines)()
            .filter(|line| line.is(b"connection"))
            .flat_map(|line| line.value.split(|byte| *byte == b','));
        for (slot, option) in nominated.iter_mut().zip(listed) {
            *slot = Fingerprint::of_plain_name(option.trim_ascii());
        }
        for (slot, line) in self.names.iter_mut().zip((self.lines)()) {
            let name = Fingerprint::of_plain_name(line.name);
            if !is_cookie(&line) && !is_dropped(&line) && !nominated.contains(&name) {
                *slot = name;
            }
        }
        self
    }

    /// Returns the lines that become headers of the reply, each with its position and its name.
    fn headers(&self) -> impl Iterator<Item = (usize, Fingerprint, Line<'b>)> {
        let lines = (self.lines)().zip(&self.names).enumerate();
        lines.filter(|(_, (_, name))| **name != Fingerprint::ZERO).map(|(at, (line, name))| (at, *name, line))
    }

    /// Returns the first line of each name.
    fn first_lines(&self) -> impl Iterator<Item = (usize, Fingerprint, Line<'b>)> {
        self.headers().filter(|(at, name, _)| !self.names.iter().take(*at).any(|earlier| earlier == name))
    }

    /// Checks the limits that apply to a reply but not to a response.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (_, _, line) in self.headers() {
            if line.name.len() > NAME_LIMIT {
                return Err(Error::new(ErrorKind::TooLong, NAME_LIMIT));
            }
        }
        if self.first_lines().count() > HEADERS_LIMIT { Err(Error::new(ErrorKind::TooManyHeaders, 0)) } else { Ok(()) }
    }

    /// Writes the members `header` and `cookies`.
    pub(crate) fn put(&self, sink: &mut impl Sink, members: &mut Members) {
        let mut object = None;
        for (first, name, line) in self.first_lines() {
            if object.is_none() {
                members.key(sink, key!("header"));
            }
            object.get_or_insert(Members::new()).text_key(sink, Text::from_span(line.name, false));
            sink.put(b"\"");
            if line.is(b"content-length") {
                // A repeated one has been checked: its value is the same.
                put_content(sink, first_of_list(line.value));
            } else {
                put_content(sink, line.value);
                // Most names are there once. Only for others are the lines gone through again.
                let more = self.names.iter().skip(first).filter(|other| **other == name).count();
                let lines = self.headers().filter(|(_, other, _)| *other == name);
                for (_, _, line) in lines.take(more).skip(1) {
                    sink.put(b", ");
                    put_content(sink, line.value);
                }
            }
            sink.put(b"\"");
        }
        if let Some(object) = object {
            object.end(sink);
        }
        let mut separator: &[u8] = b"[";
        for line in (self.lines)().take(LINES_LIMIT).filter(is_cookie) {
            if separator == b"[" {
                members.key(sink, key!("cookies"));
            }
            sink.put(separator);
            separator = b",";
            sink.put(b"\"");
            put_content(sink, line.value);
            sink.put(b"\"");
        }
        if separator == b"," {
            sink.put(b"]");
        }
    }
}

/// Returns the part before the first comma, without surrounding white space.
fn first_of_list(list: &[u8]) -> &[u8] {
    list.split(|byte| *byte == b',').next().unwrap_or_default().trim_ascii()
}

/// Whether these lines name a content coding other than `identity` or an empty one.
pub(crate) fn is_coded<'b>(lines: impl Iterator<Item = Line<'b>>) -> bool {
    lines.filter(|line| line.is(b"content-encoding")).any(|line| {
        let mut codings = line.value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        codings.any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
    })
}

/// Checks lines that no reader of this crate has read, with a body of this length; `bodiless` says that a length that
/// they state is not that of the body.
///
/// # Errors
/// As for the head of an HTTP/1.1 response: [`HttpError::TooManyHeaders`], [`HttpError::Head`], [`HttpError::Length`].
pub(crate) fn check_lines<'b>(
    lines: impl Iterator<Item = Line<'b>>,
    body_len: usize,
    bodiless: bool,
) -> Result<(), HttpError> {
    let (mut length, mut codings) = (None, 0_usize);
    for (at, line) in lines.enumerate() {
        if at >= LINES_LIMIT {
            return Err(HttpError::TooManyHeaders);
        }
        let (name, behind) = octets::split_token(line.name);
        if name.is_empty() || !behind.is_empty() || allowed_run(&FIELD_VALUE, line.value) < line.value.len() {
            return Err(HttpError::Head);
        }
        if line.is(b"content-length") {
            for digits in line.value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                if *length.get_or_insert(digits) != digits {
                    return Err(HttpError::Length);
                }
            }
        }
        if line.is(b"transfer-encoding") {
            codings = codings.saturating_add(1);
            if codings > 1 || !line.value.eq_ignore_ascii_case(b"chunked") {
                return Err(HttpError::Length);
            }
        }
    }
    let fits = match length {
        None => !bodiless || body_len == 0,
        Some(_) if codings > 0 => false,
        Some(digits) => number(digits).is_some_and(|length| if bodiless { body_len == 0 } else { length == body_len }),
    };
    if fits { Ok(()) } else { Err(HttpError::Length) }
}

/// Returns the number that these digits are; the maximum if it is larger.
fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = core::str::from_utf8(digits).ok()?.parse::<u64>().ok()?;
    Some(usize::try_from(number).unwrap_or(usize::MAX))
}

fn is_cookie(line: &Line<'_>) -> bool {
    line.is(b"set-cookie")
}

/// Whether a header is about the connection or the framing of the response (RFC 9110, section 7.6.1).
pub(crate) fn is_dropped(line: &Line<'_>) -> bool {
    const PREFIX: &[u8] = b"proxy-";
    CONNECTION.iter().any(|other| line.is(other.as_bytes()))
        || line.name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}
