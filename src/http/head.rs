//! The head of a response: where it ends, and what it says about the body and the connection.
//!
//! A head is read byte by byte, in any pieces, and nothing of it is kept but what the framing needs. So it passes
//! through any window, however long it is and however many lines it has. Every byte is checked, whatever its line is
//! about.

use super::HttpError;
use super::body::Body;
use super::chunked::Chunked;
use super::element::{Element, Word};
use super::is_text;
use crate::octets;

/// The most interim responses (1xx) before the final one.
pub(crate) const INTERIM_LIMIT: u8 = 16;

/// What a head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// From 100 to 999, and never 101.
    pub(crate) status: u16,
    pub(crate) body: Body,
    /// Whether another request may be sent on the connection once the body has ended.
    pub(crate) keep_alive: bool,
    /// The seconds of `Retry-After`; of several the most. A date is left out.
    pub(crate) retry_after: Option<u32>,
}

impl Head {
    /// Whether another response to the same request follows.
    pub(crate) const fn is_interim(&self) -> bool {
        self.status < 200
    }
}

/// Reads the heads of the responses to one request: those of interim responses, and that of the final one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadReader {
    state: State,
    /// The number of interim responses so far.
    interim: u8,
    /// How many bytes all heads may still have.
    left: u16,
    /// The name of the line that is being read.
    name: Word,
    /// That name before its end, or an element of the value.
    element: Element,
    /// The minor version.
    version: u8,
    status: u16,
    /// How the end of the body is stated; `None` if it is not, or not in a way that is understood.
    end: Option<End>,
    /// The stated length, and how many digits it has.
    length: u64,
    digits: u16,
    /// The lines state two bodies, or one in a way that is not understood.
    unclear: bool,
    close: bool,
    keep_alive: bool,
    retry_after: Option<u32>,
}

/// How the end of a body is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Length,
    Chunked,
}

/// What is expected next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// This byte of the status line, up to the status.
    Status(u8),
    /// A space and the reason, or the end of the line.
    Reason,
    /// The name of a line, or the end of the head.
    Line,
    Name,
    /// A value that matters.
    Value,
    /// Text that does not matter, up to the end of the line.
    Text,
    LineLf,
    EndLf,
    Done,
}

impl HeadReader {
    /// Expects heads that are no longer than this, in bytes, together.
    pub(crate) const fn new(limit: u16) -> Self {
        Self {
            state: State::Status(0),
            interim: 0,
            left: limit,
            name: Word::Other,
            element: Element::NEW,
            version: 0,
            status: 0,
            end: None,
            length: 0,
            digits: 0,
            unclear: false,
            close: false,
            keep_alive: false,
            retry_after: None,
        }
    }

    /// Whether nothing has been received, not even an interim response.
    pub(crate) const fn is_new(&self) -> bool {
        matches!(self.state, State::Status(0)) && self.interim == 0
    }

    /// Takes the next bytes, up to the end of a head. Returns the head once it is complete, and how many of the bytes
    /// belong to it. `to_head` says that it answers a `HEAD`. After an interim head the reader expects the next one.
    ///
    /// # Errors
    /// [`HttpError::Head`] at the first byte that cannot be one of a head; [`HttpError::HeadTooLong`];
    /// [`HttpError::Switched`], [`HttpError::Length`], [`HttpError::TooManyInterim`].
    #[inline(never)]
    pub(crate) fn take(&mut self, piece: &[u8], to_head: bool) -> Result<Option<(usize, Head)>, HttpError> {
        let within = piece.get(..self.left.into()).unwrap_or(piece);
        let mut left = self.left;
        for byte in within {
            left = left.wrapping_sub(1);
            // Most of a head does not matter.
            if self.state == State::Text && is_text(*byte) {
                continue;
            }
            self.state = self.next(*byte).ok_or(HttpError::Head)?;
            if self.state == State::Done {
                let taken = self.left.wrapping_sub(left);
                self.left = left;
                return Ok(Some((taken.into(), self.conclude(to_head)?)));
            }
        }
        self.left = left;
        if left > 0 { Ok(None) } else { Err(HttpError::HeadTooLong) }
    }

    /// Returns the state after a byte, unless it cannot be one of a head.
    fn next(&mut self, byte: u8) -> Option<State> {
        Some(match (self.state, byte) {
            (State::Status(at), _) => return self.status_line(at, byte),
            (State::Reason, b' ') => State::Text,
            (State::Reason | State::Text, b'\r') => State::LineLf,
            (State::Value, b'\r') => {
                self.end_element();
                State::LineLf
            }
            (State::LineLf, b'\n') => State::Line,
            (State::Line, b'\r') => State::EndLf,
            (State::EndLf, b'\n') => State::Done,
            (State::Name, b':') => self.end_name(),
            // No blank is allowed before or after a name, so no line continues on the next.
            (State::Line | State::Name, _) if octets::is_token(byte) => {
                self.element.add_letter(byte);
                State::Name
            }
            (State::Value, _) if is_text(byte) => {
                self.value(byte);
                State::Value
            }
            _ => return None,
        })
    }

    /// Takes a byte of the status line (RFC 9112, section 4), up to the status, which is from 100 to 999. If the reason
    /// behind it is empty, the space before it may be missing, as with many servers.
    fn status_line(&mut self, at: u8, byte: u8) -> Option<State> {
        const LEAST: &[u8] = b"HTTP/1.0 100";
        const MOST: &[u8] = b"HTTP/1.1 999";
        let index = usize::from(at);
        if byte < *LEAST.get(index)? || byte > *MOST.get(index)? {
            return None;
        }
        let digit = byte & 0x0F;
        match at {
            7 => self.version = digit,
            9.. => self.status = self.status.wrapping_mul(10).wrapping_add(digit.into()),
            _ => {}
        }
        Some(if index.wrapping_add(1) < MOST.len() { State::Status(at.wrapping_add(1)) } else { State::Reason })
    }

    /// Returns the state behind a name.
    fn end_name(&mut self) -> State {
        self.name = self.element.word();
        self.element = Element::NEW;
        if self.name == Word::Other { State::Text } else { State::Value }
    }

    /// Takes a byte of a value. Some values are lists.
    fn value(&mut self, byte: u8) {
        match (self.name, byte) {
            (Word::Connection | Word::ContentLength, b',') => self.end_element(),
            (Word::Connection | Word::TransferEncoding, _) => self.element.add_letter(byte),
            _ => self.element.add_digit(byte),
        }
    }

    /// Concludes from an element of a value.
    fn end_element(&mut self) {
        let element = core::mem::replace(&mut self.element, Element::NEW);
        match (self.name, element.word()) {
            (Word::ContentLength, _) => self.length(element.number()),
            // HTTP/1.0 has no transfer codings: a sender that uses one cannot be trusted about it.
            (Word::TransferEncoding, Word::Chunked) if self.version == 1 => self.ends_by(Some(End::Chunked)),
            (Word::TransferEncoding, _) => self.ends_by(None),
            (Word::Connection, Word::Close) => self.close = true,
            (Word::Connection, Word::KeepAlive) => self.keep_alive = true,
            (Word::RetryAfter, _) => {
                let seconds = element.number().map(|(number, _)| u32::try_from(number).unwrap_or(u32::MAX));
                self.retry_after = self.retry_after.max(seconds);
            }
            _ => {}
        }
    }

    /// Handles a stated length. Repeating it in the same digits adds nothing.
    fn length(&mut self, number: Option<(u64, u16)>) {
        if number != Some((self.length, self.digits)) {
            self.ends_by(number.map(|_| End::Length));
            (self.length, self.digits) = number.unwrap_or_default();
        }
    }

    /// Handles a line that states the end of the body; `None` stands for one that is not understood.
    fn ends_by(&mut self, end: Option<End>) {
        self.unclear |= end.is_none() || self.end.is_some();
        self.end = end;
    }

    /// Concludes from a complete head, and expects the next one if this one is interim.
    fn conclude(&mut self, to_head: bool) -> Result<Head, HttpError> {
        let status = self.status;
        if status == 101 {
            return Err(HttpError::Switched);
        }
        if status >= 200 && self.unclear {
            return Err(HttpError::Length);
        }
        let announced = match self.end {
            Some(End::Length) => Body::Exact(usize::try_from(self.length).unwrap_or(usize::MAX)),
            Some(End::Chunked) => Body::Chunked(Chunked::NEW),
            None => Body::UntilClose,
        };
        // These have no body, whatever the header says (RFC 9112, section 6.3, the first rule).
        let bodiless = to_head || matches!(status, 100..=199 | 204 | 304);
        let body = if bodiless { Body::Exact(0) } else { announced };
        // If there is no body but one is announced, some servers send it anyway, and it would be mistaken for the next
        // answer. For HEAD and 304 the announcement is correct (RFC 9110, section 8.6; RFC 9112, section 6.1), so it is
        // not an error.
        let trusted = !bodiless || matches!(announced, Body::Exact(0) | Body::UntilClose);
        let persistent = self.version > 0 || self.keep_alive;
        let keep_alive = persistent && trusted && !self.close && !matches!(body, Body::UntilClose);
        let head = Head { status, body, keep_alive, retry_after: self.retry_after };
        if head.is_interim() {
            if self.interim == INTERIM_LIMIT {
                return Err(HttpError::TooManyInterim);
            }
            *self = Self { interim: self.interim.wrapping_add(1), ..Self::new(self.left) };
        }
        Ok(head)
    }
}
