//! Reads the HTTP response to a call into memory, without doing I/O.
//!
//! Knows where the next bytes go and when the response is complete. Knows nothing of what a response means to the
//! caller.

use super::parts::HttpParts;
use super::refusal::Refusal;
use super::response::{HttpResponse, Wanted};
use crate::http::HttpError;
use crate::http::body::Body;
use crate::http::fields::LINES_LIMIT;
use crate::http::head::HeadReader;
use crate::http::lines::{HeadLines, lines_of};
use crate::http::request::{may_be_left_unread, may_be_taken_for_a_request};
use crate::limits::REPLY_LIMIT;
use crate::{ErrorCode, Method, Request, Text};

/// Reads the HTTP/1.1 response to a call into a buffer, and makes an [`HttpResponse`] of it.
///
/// It provides a [`window`](HttpReader::window) to read into, and takes the number of bytes read. Chunks are joined in
/// place, interim responses (1xx) skipped. All state is in the reader, so abandoning a read loses nothing.
///
/// A response that two recipients could read in two ways is refused: one that states two lengths, or a length together
/// with chunks, that ends a line with a bare LF, or that uses a coding that was not requested.
///
/// ```
/// use callcontainer::Request;
/// use callcontainer::gateway::HttpReader;
/// use std::{error::Error, io::Read};
///
/// /// Answers a call with what its service says on a connection; says whether the connection may be used again.
/// fn answer(call: &Request<'_>, mut service: impl Read, out: &mut [u8]) -> Result<(usize, bool), Box<dyn Error>> {
///     let mut memory = vec![0; HttpReader::BUFFER];
///     let mut reader = HttpReader::new(call, &mut memory);
///     loop {
///         let len = service.read(reader.window())?;
///         if reader.commit(len)? {
///             break;
///         }
///     }
///     let again = reader.keeps_alive();
///     let response = reader.finish(call.call_id())?;
///     Ok((response.encode(out)?.len(), again))
/// }
///
/// let call = Request::new("/").with_env("prod-01").with_call_id("17-0.5");
/// let http = b"HTTP/1.1 200 OK\r\nX-A: \"7\"\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"id\": 7\r\n1\r\n}\r\n0\r\n\r\n";
/// let mut out = [0; 256];
/// let (len, again) = answer(&call, &http[..], &mut out).unwrap();
/// assert_eq!(&out[..len], br#"{"statusCode":200,"header":{"X-A":"\"7\""},"callID":"17-0.5","data":{"id":7}}"#);
/// assert!(again);
/// ```
#[derive(Debug)]
pub struct HttpReader<'b> {
    buffer: &'b mut [u8],
    /// Where the head begins, where the body begins, and where the kept part of either ends.
    head: usize,
    body: usize,
    end: usize,
    state: State,
    status: u16,
    /// Neither the call nor, so far, the response rules out using the connection again.
    keep_alive: bool,
    /// Whether the call has a body, which a service that rejects the call may have left unread.
    sends_body: bool,
    /// Whether the call was a `HEAD`.
    to_head: bool,
    wanted: Wanted,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Head(HeadReader),
    Body(Body),
    Done,
    /// Nothing that follows can be trusted.
    Refused(Refusal),
}

impl<'b> HttpReader<'b> {
    /// The maximum length of a head in bytes, including the interim responses before it. A head has at most 128 lines.
    pub const HEAD_LIMIT: usize = 32 * 1024;

    /// The length of a buffer in bytes that is large enough for every response that fits into an envelope, unless much
    /// of it is white space between the tokens of JSON.
    pub const BUFFER: usize = REPLY_LIMIT.saturating_add(Self::HEAD_LIMIT);

    /// Creates a reader for the response to this call.
    #[must_use]
    pub fn new(request: &Request<'_>, buffer: &'b mut [u8]) -> Self {
        let limit = u16::try_from(Self::HEAD_LIMIT.min(buffer.len())).unwrap_or(u16::MAX);
        Self {
            buffer,
            head: 0,
            body: 0,
            end: 0,
            state: State::Head(HeadReader::new(limit)),
            status: 0,
            keep_alive: !may_be_taken_for_a_request(request),
            sends_body: may_be_left_unread(request),
            to_head: request.method() == Method::Head,
            wanted: Wanted::by(request),
        }
    }

    /// Returns where the next bytes from the connection go: never empty until the response is complete or refused,
    /// unless the buffer itself is empty.
    pub fn window(&mut self) -> &mut [u8] {
        match self.state {
            State::Head(_) | State::Body(_) => self.buffer.get_mut(self.end..).unwrap_or_default(),
            State::Done | State::Refused(_) => &mut [],
        }
    }

    /// Takes the `len` bytes that were read into the window; 0 means that the connection has ended. Returns whether the
    /// response is complete.
    ///
    /// # Errors
    /// [`ErrorCode::RESPONSE_TOO_LARGE`] when the buffer has no room for the body, and as soon as that is known; for a
    /// body that does not state its length, the buffer must have room for one byte more.
    /// [`ErrorCode::CLOUD_SYSTEM_ERROR`] when the bytes are not an HTTP response, or the connection ended before it
    /// did. An error is permanent, and the connection must not be used again.
    pub fn commit(&mut self, len: usize) -> Result<bool, Refusal> {
        let result = match self.state {
            State::Refused(refusal) => Err(refusal),
            State::Done => Ok(true),
            State::Head(_) if len == 0 => Err(Refusal::of_response(HttpError::Truncated)),
            State::Body(body) if len == 0 => body.end().map(|()| true).map_err(Refusal::of_response),
            State::Head(reader) => self.take_head(reader, len),
            State::Body(body) => self.take_body(body, self.end.saturating_add(len)),
        };
        match result {
            Ok(true) => self.state = State::Done,
            Ok(false) => {}
            Err(refusal) => self.state = State::Refused(refusal),
        }
        result
    }

    fn take_head(&mut self, mut reader: HeadReader, len: usize) -> Result<bool, Refusal> {
        let mut behind = self.end;
        self.end = self.end.saturating_add(len).min(self.buffer.len());
        loop {
            let piece = self.buffer.get(behind..self.end).unwrap_or_default();
            let Some((taken, head)) = reader.take(piece, self.to_head).map_err(Refusal::of_response)? else {
                self.state = State::Head(reader);
                return Ok(false);
            };
            behind = behind.saturating_add(taken);
            let lines = lines_of(self.buffer.get(self.head..behind).unwrap_or_default());
            if lines.count() > LINES_LIMIT {
                return Err(Refusal::of_response(HttpError::TooManyHeaders));
            }
            if head.is_interim() {
                self.head = behind;
                continue;
            }
            self.status = head.status;
            self.keep_alive &= head.keep_alive && !(self.sends_body && head.status >= 400);
            let body = head.body;
            let room = self.buffer.len().saturating_sub(behind);
            if matches!(body, Body::Exact(length) if length > room) {
                return Err(TOO_LARGE);
            }
            let end = self.end;
            (self.body, self.end) = (behind, behind);
            return self.take_body(body, end);
        }
    }

    /// Takes the next bytes of the body, which are behind the data so far and end at `end`.
    fn take_body(&mut self, mut body: Body, end: usize) -> Result<bool, Refusal> {
        let end = end.min(self.buffer.len());
        let piece = self.buffer.get_mut(self.end..end).unwrap_or_default();
        let stripped = body.strip(piece).map_err(Refusal::of_response)?;
        self.end = self.end.saturating_add(stripped.data);
        self.state = State::Body(body);
        if stripped.ended {
            // Whatever follows is not an answer to anything.
            self.keep_alive &= stripped.surplus == 0;
            return Ok(true);
        }
        if self.end < self.buffer.len() { Ok(false) } else { Err(TOO_LARGE) }
    }

    /// Whether another request may be sent on the connection. All of this must hold: the response is complete, and its
    /// end was certain; nothing came behind it or, if it has no body, was announced; the service has not announced that
    /// it closes the connection; and the call had no body for which [`HttpRequest`](super::HttpRequest) closes it, or
    /// which the service rejected with a status of 400 or above and may not have read. Any bytes that arrive before
    /// that request is sent are not an answer to anything, and make the connection unusable too.
    #[must_use]
    pub const fn keeps_alive(&self) -> bool {
        matches!(self.state, State::Done) && self.keep_alive
    }

    /// Returns the response, as the reply to the call with this ID. An ID that is not a valid `callID` is left out.
    ///
    /// # Errors
    /// The error that [`commit`](HttpReader::commit) returned. [`ErrorCode::RESPONSE_TOO_LARGE`] when the envelope
    /// would be longer than [`REPLY_LIMIT`]. [`ErrorCode::CLOUD_SYSTEM_ERROR`] when the response is not complete yet,
    /// has more than [`HEADERS_LIMIT`](crate::HEADERS_LIMIT) headers or one whose name is longer than
    /// [`NAME_LIMIT`](crate::NAME_LIMIT), or is to be text and has a `Content-Encoding` other than `identity`: nothing
    /// is decoded, and [`HttpRequest`](super::HttpRequest) asks for `identity`.
    pub fn finish(self, call_id: Option<Text<'b>>) -> Result<HttpResponse<'b>, Refusal> {
        let wanted = self.wanted;
        let (status, head, body) = self.whole()?;
        HttpResponse::new(wanted, status, HeadLines::of(head), body, call_id)
    }

    /// Returns the response as it came, for a caller that speaks HTTP itself.
    ///
    /// ```
    /// use callcontainer::Request;
    /// use callcontainer::gateway::HttpReader;
    ///
    /// let (call, mut memory) = (Request::new("/"), [0; 256]);
    /// let mut reader = HttpReader::new(&call, &mut memory);
    /// let http = b"HTTP/1.1 404 Not Found\r\nX-A: 7\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n";
    /// reader.window()[..http.len()].copy_from_slice(http);
    /// assert!(reader.commit(http.len()).unwrap());
    /// let parts = reader.finish_parts().unwrap();
    /// assert_eq!((parts.status(), parts.body()), (404, &b"no"[..]));
    /// assert!(parts.headers().eq([("X-A", &b"7"[..])]));
    /// ```
    ///
    /// # Errors
    /// The error that [`commit`](HttpReader::commit) returned, or [`ErrorCode::CLOUD_SYSTEM_ERROR`] when the response
    /// is not complete yet.
    pub fn finish_parts(self) -> Result<HttpParts<'b>, Refusal> {
        let (status, head, body) = self.whole()?;
        Ok(HttpParts::new(status, head, body))
    }

    /// Returns the status, the head and the body of a complete response.
    fn whole(self) -> Result<(u16, &'b [u8], &'b [u8]), Refusal> {
        match self.state {
            State::Done => {}
            State::Refused(refusal) => return Err(refusal),
            State::Head(_) | State::Body(_) => return Err(Refusal::of_response(HttpError::Truncated)),
        }
        let buffer: &'b [u8] = self.buffer;
        let head = buffer.get(self.head..self.body).unwrap_or_default();
        let body = buffer.get(self.body..self.end).unwrap_or_default();
        Ok((self.status, head, body))
    }
}

const TOO_LARGE: Refusal = match ErrorCode::RESPONSE_TOO_LARGE.message() {
    Some(message) => Refusal::new(ErrorCode::RESPONSE_TOO_LARGE, message),
    None => Refusal::new(ErrorCode::RESPONSE_TOO_LARGE, ""),
};
