//! The head of a response: where it ends, and what it says of the body and the connection.

use super::HttpError;
use super::body::Body;
use super::chunked::Chunked;
use super::lines::{self, Line};
use crate::octets;

/// The most interim responses (1xx) before the final one.
pub(crate) const INTERIM_LIMIT: u8 = 16;

/// Looks for the end of a head whose bytes come in pieces. No byte is looked at twice.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Search {
    scanned: usize,
    interim: u8,
}

impl Search {
    /// Whether nothing has come, not even an interim response.
    #[cfg(feature = "client")]
    pub(crate) const fn is_new(&self) -> bool {
        self.scanned == 0 && self.interim == 0
    }

    /// The length of the head, once all of it has come. `received` is what has come of it so far and what follows it;
    /// a head longer than `limit` is refused.
    ///
    /// # Errors
    /// [`HttpError::Head`] as soon as what has come cannot be a head; [`HttpError::HeadTooLong`].
    #[inline(never)]
    pub(crate) fn find(&mut self, received: &[u8], limit: usize) -> Result<Option<usize>, HttpError> {
        const BEGINNING: &[u8] = b"HTTP/1.";
        if received.iter().zip(BEGINNING).any(|(byte, expected)| byte != expected) {
            return Err(HttpError::Head);
        }
        let head = received.get(..limit).unwrap_or(received);
        while let Some(byte) = head.get(self.scanned) {
            self.scanned = self.scanned.wrapping_add(1);
            if *byte == b'\n' {
                let lines = head.get(..self.scanned).unwrap_or_default();
                if lines.ends_with(b"\r\n\r\n") {
                    return Ok(Some(self.scanned));
                }
                if !lines.ends_with(lines::END) {
                    return Err(HttpError::Head);
                }
            }
        }
        if received.len() < limit { Ok(None) } else { Err(HttpError::HeadTooLong) }
    }

    /// Begins again for the head that follows that of an interim response.
    ///
    /// # Errors
    /// [`HttpError::TooManyInterim`].
    pub(crate) fn pass_interim(&mut self) -> Result<(), HttpError> {
        if self.interim == INTERIM_LIMIT {
            return Err(HttpError::TooManyInterim);
        }
        *self = Self { scanned: 0, interim: self.interim.wrapping_add(1) };
        Ok(())
    }
}

/// What a head says of itself; its lines are [`lines::lines_of`](super::lines::lines_of).
#[derive(Debug)]
pub(crate) struct Head {
    /// From 100 to 999, and never 101.
    pub(crate) status: u16,
    pub(crate) body: Body,
    /// Whether another request may be sent on the connection once the body has ended.
    pub(crate) keep_alive: bool,
}

impl Head {
    /// Parses a whole head, of the length that [`Search::find`] gave. `to_head` says that it answers a `HEAD`.
    ///
    /// # Errors
    /// [`HttpError::Head`], [`HttpError::Switched`], [`HttpError::Length`]; [`HttpError::TooManyHeaders`] when there are
    /// more than `limit` lines.
    pub(crate) fn parse(head: &[u8], to_head: bool, limit: usize) -> Result<Self, HttpError> {
        let (version, status, lines) = status_line(head).ok_or(HttpError::Head)?;
        let stated = Stated::by(version, lines, limit)?;
        if status == 101 {
            return Err(HttpError::Switched);
        }
        if status >= 200 && stated.unclear {
            return Err(HttpError::Length);
        }
        let announced = stated.body;
        // What has no body whatever the header says (RFC 9112, section 6.3, the first rule).
        let bodiless = to_head || matches!(status, 100..=199 | 204 | 304);
        let body = if bodiless { Body::Exact(0) } else { announced };
        // Where there is none and one is announced, some send it all the same, and it would be taken for the next answer.
        // For HEAD and 304 the announcement is right (RFC 9110, section 8.6; RFC 9112, section 6.1), so it is no error.
        let trusted = !bodiless || matches!(announced, Body::Exact(0) | Body::UntilClose);
        let persistent = version > 0 || stated.keep_alive;
        let keep_alive = persistent && trusted && !stated.close && !matches!(body, Body::UntilClose);
        Ok(Self { status, body, keep_alive })
    }

    /// Whether another response to the same request follows.
    pub(crate) const fn is_interim(&self) -> bool {
        self.status < 200
    }
}

/// The version of HTTP/1 and the status that the first line gives, from 100 to 999, and the lines behind it (RFC 9112,
/// section 4). The space before a reason that is left out may be left out as well, as many a server does.
fn status_line(head: &[u8]) -> Option<(u8, u16, &[u8])> {
    let (digit, rest) = head.strip_prefix(b"HTTP/1.")?.split_first()?;
    let version = match digit {
        b'0' => 0,
        b'1' => 1,
        _ => return None,
    };
    let [b' ', a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = rest else { return None };
    let (reason, rest) = octets::split_field_value(rest);
    let rest = rest.strip_prefix(lines::END)?;
    if !matches!(reason, [] | [b' ', ..]) {
        return None;
    }
    let digit = |byte: &u8| u16::from(byte & 0x0F);
    let status = digit(a).wrapping_mul(100).wrapping_add(digit(b).wrapping_mul(10)).wrapping_add(digit(c));
    Some((version, status, rest))
}

/// What the lines state that the framing and the connection go by.
struct Stated<'b> {
    version: u8,
    body: Body,
    /// The digits of the length; empty where none is stated.
    digits: &'b [u8],
    /// They state two bodies, or one in a way that is not understood.
    unclear: bool,
    close: bool,
    keep_alive: bool,
}

impl<'b> Stated<'b> {
    /// Reads all lines, `limit` at most, and makes sure of each.
    fn by(version: u8, lines: &'b [u8], limit: usize) -> Result<Self, HttpError> {
        let body = Body::UntilClose;
        let mut stated = Self { version, body, digits: &[], unclear: false, close: false, keep_alive: false };
        let mut rest = lines;
        let mut count = 0_usize;
        while !rest.starts_with(lines::END) {
            if count == limit {
                return Err(HttpError::TooManyHeaders);
            }
            count = count.wrapping_add(1);
            let line;
            (line, rest) = Line::split(rest).ok_or(HttpError::Head)?;
            stated.add(line);
        }
        // The empty line ends the head, and nothing is behind it.
        if rest.len() == lines::END.len() { Ok(stated) } else { Err(HttpError::Head) }
    }

    #[inline(never)]
    fn add(&mut self, line: Line<'b>) {
        if line.is(b"content-length") {
            line.value.split(|byte| *byte == b',').for_each(|digits| self.length(lines::trim(digits)));
        } else if line.is(b"transfer-encoding") {
            // HTTP/1.0 has no transfer codings: whoever sends one does not know what it says.
            let is_chunked = self.version == 1 && lines::is(line.value, b"chunked");
            self.state(if is_chunked { Body::Chunked(Chunked::NEW) } else { Body::UntilClose });
        } else if line.is(b"connection") {
            for option in line.value.split(|byte| *byte == b',') {
                let option = lines::trim(option);
                self.close |= lines::is(option, b"close");
                self.keep_alive |= lines::is(option, b"keep-alive");
            }
        }
    }

    /// A line states a body of this length. The same once more says nothing new.
    fn length(&mut self, digits: &'b [u8]) {
        if self.digits.is_empty() || self.digits != digits {
            self.state(exact(digits).unwrap_or(Body::UntilClose));
            self.digits = digits;
        }
    }

    /// A line states this body, or one that is not understood, which then is none.
    fn state(&mut self, body: Body) {
        self.unclear |= matches!(body, Body::UntilClose) || !matches!(self.body, Body::UntilClose);
        self.body = body;
    }
}

/// The body of a length that is nothing but digits, one at least, and takes no more than 64 bits; none, where it is not.
fn exact(digits: &[u8]) -> Option<Body> {
    let mut number = 0_u64;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    if digits.is_empty() { None } else { Some(Body::Exact(usize::try_from(number).unwrap_or(usize::MAX))) }
}
