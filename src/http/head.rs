//! The head of a response: where it ends, and what it says about the body and the connection.

use super::HttpError;
use super::body::Body;
use super::chunked::Chunked;
use super::lines::{self, Line};
use crate::octets;

/// The most interim responses (1xx) before the final one.
pub(crate) const INTERIM_LIMIT: u8 = 16;

/// Searches for the end of a head that arrives in pieces. Looks at no byte twice.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Search {
    scanned: usize,
    interim: u8,
}

impl Search {
    /// Whether nothing has been received, not even an interim response.
    #[cfg(feature = "client")]
    pub(crate) const fn is_new(&self) -> bool {
        self.scanned == 0 && self.interim == 0
    }

    /// Returns the length of the head, once it is complete. `received` is the part of it received so far, and what
    /// follows it; a head longer than `limit` is refused.
    ///
    /// # Errors
    /// [`HttpError::Head`] as soon as the bytes cannot be a head; [`HttpError::HeadTooLong`].
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

    /// Starts again for the head that follows an interim response.
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

/// What a head says; its lines are [`lines::lines_of`](super::lines::lines_of).
#[derive(Debug)]
pub(crate) struct Head {
    /// From 100 to 999, and never 101.
    pub(crate) status: u16,
    pub(crate) body: Body,
    /// Whether another request may be sent on the connection once the body has ended.
    pub(crate) keep_alive: bool,
}

impl Head {
    /// Parses a complete head, of the length returned by [`Search::find`]. `to_head` says that it answers a `HEAD`.
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
        // These have no body, whatever the header says (RFC 9112, section 6.3, the first rule).
        let bodiless = to_head || matches!(status, 100..=199 | 204 | 304);
        let body = if bodiless { Body::Exact(0) } else { announced };
        // If there is no body but one is announced, some servers send it anyway, and it would be mistaken for the next
        // answer. For HEAD and 304 the announcement is correct (RFC 9110, section 8.6; RFC 9112, section 6.1), so it is
        // not an error.
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

/// Parses the first line: the version of HTTP/1, the status, from 100 to 999, and the lines after it (RFC 9112, section
/// 4). If the reason is empty, the space before it may be missing, as with many servers.
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

/// What the lines say about the framing and the connection.
struct Stated<'b> {
    version: u8,
    body: Body,
    /// The digits of the length; empty if none is stated.
    digits: &'b [u8],
    /// The lines state two bodies, or one in a way that is not understood.
    unclear: bool,
    close: bool,
    keep_alive: bool,
}

impl<'b> Stated<'b> {
    /// Reads all lines, at most `limit`, and checks each.
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
        // The empty line ends the head, and nothing follows it.
        if rest.len() == lines::END.len() { Ok(stated) } else { Err(HttpError::Head) }
    }

    #[inline(never)]
    fn add(&mut self, line: Line<'b>) {
        if line.is(b"content-length") {
            line.value.split(|byte| *byte == b',').for_each(|digits| self.length(lines::trim(digits)));
        } else if line.is(b"transfer-encoding") {
            // HTTP/1.0 has no transfer codings: a sender that uses one cannot be trusted about it.
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

    /// Handles a line that states a body of this length. Repeating the same length adds nothing.
    fn length(&mut self, digits: &'b [u8]) {
        if self.digits.is_empty() || self.digits != digits {
            self.state(exact(digits).unwrap_or(Body::UntilClose));
            self.digits = digits;
        }
    }

    /// Handles a line that states this body; `UntilClose` stands for one that is not understood.
    fn state(&mut self, body: Body) {
        self.unclear |= matches!(body, Body::UntilClose) || !matches!(self.body, Body::UntilClose);
        self.body = body;
    }
}

/// Returns the body for a length of one or more digits, and nothing else, that fits into 64 bits; otherwise `None`.
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
