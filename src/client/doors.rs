//! The platform's own doors: a call goes out as the HTTP request for its service, with no gateway in between.
//!
//! Knows what may be sent there, and how. What comes back is turned into a reply by the [answer](super::answer). A call
//! reaches all this through the [`Doors`] of its framing, as it reaches [lines](super::lines), so that a firmware has no
//! code for doors that it does not use.

use super::answer::{self, Answer};
use super::collect::Collecting;
use super::error::Wrong;
use super::framing::{SERVICE_LIMIT, wrong_in_service};
use super::transcript::{self, Streaming};
use crate::envelope::header_names::{SERVICE_HEADER, eq_ignore_case};
use crate::error::{Error, ErrorKind};
use crate::http::protected::is_protected;
use crate::http::request::{Message, may_be_taken_for_a_request};
use crate::json::sink::Sink;
use crate::json::text;
use crate::json::window::Window;
use crate::limits::REQUEST_LIMIT;
use crate::stream::Body;
use crate::{Bytes, Data, DataKind, DataType, Json, Method, Request, ResponseType, Text};

/// One kind of doors.
pub(super) struct Doors {
    pub(super) name: &'static str,
    /// Whether what comes back may be an error object of the platform.
    pub(super) is_platform: bool,
    /// Checks a call, whose body may be supplied separately.
    pub(super) measure: fn(&Door<'_>, &Request<'_>, Option<Body>) -> Result<Measured, Error>,
    /// Writes a call that was checked, with a body of this length; of this kind, if it is supplied separately.
    pub(super) put: fn(&Door<'_>, &Request<'_>, Option<DataKind>, usize, &mut Window<'_>),
    /// Takes so many bytes of the answer, in the room that a reply would have. Returns whether it is complete.
    pub(super) take: fn(&mut Collecting<'_>, usize) -> Result<bool, Wrong>,
    /// Streams the answer.
    pub(super) stream: &'static Streaming,
}

pub(super) static DOMAIN: Doors = ANY;
pub(super) static OPEN_API: Doors = Doors { name: "OpenApi", is_platform: true, ..ANY };

const ANY: Doors =
    Doors { name: "Domain", is_platform: false, measure, put, take: answer::take, stream: &transcript::STREAMING };

/// A call that was checked.
pub(super) struct Measured {
    /// The length of the whole.
    pub(super) len: usize,
    pub(super) body_len: usize,
    /// What receives the answer.
    pub(super) answer: Answer,
}

/// A door, and what it takes to go through.
#[derive(Clone, Copy)]
pub(super) struct Door<'f> {
    pub(super) doors: &'static Doors,
    pub(super) host: &'f str,
    /// The name of the service and the token, at the open HTTP API.
    pub(super) pass: Option<(&'f str, &'f str)>,
}

/// What stands before the name of a service in the path.
const CLOUDRUN: &str = "/v1/cloudrun/";

fn measure(door: &Door<'_>, request: &Request<'_>, body: Option<Body>) -> Result<Measured, Error> {
    // The environment is not sent: host and name say where a call goes.
    let named = if request.target_env().is_some() { *request } else { request.with_env("") };
    named.check()?;
    if matches!(request.method(), Method::Connect | Method::Trace) {
        return Err(Error::new(ErrorKind::InvalidMethod, 0));
    }
    if door.pass.is_some() {
        if let Some(offset) = request.service().and_then(wrong_in_name) {
            return Err(Error::new(ErrorKind::InvalidName, offset));
        }
        if let Some(offset) = leaves_service(request.path()) {
            return Err(Error::new(ErrorKind::InvalidPath, offset));
        }
    }
    // Nobody behind this takes out what a caller must not say.
    let is_token = |name| door.pass.is_some() && eq_ignore_case(name, Text::new("authorization"));
    let is_refused = |name| is_protected(name) && !is_service(name) || is_token(name);
    if request.headers().iter().any(|(name, _)| is_refused(name)) {
        return Err(Error::new(ErrorKind::ForbiddenHeader, 0));
    }
    let kind = body.map(|body| body.kind());
    let filled = filled(request, kind, body.map_or(0, |body| body.plain_len()));
    let message = Message::new(&filled).ok_or(Error::new(ErrorKind::WrongType, 0))?;
    let body_len = body.map_or(message.body_len, |body| body.plain_len());
    let answer = Answer { doors: door.doors, asked: Asked::of(&filled) };
    let around = Window::measure(|window| put(door, request, kind, body_len, window));
    let len = around.saturating_add(body.map_or(0, |body| body.plain_len()));
    if len > REQUEST_LIMIT {
        return Err(Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT));
    }
    Ok(Measured { len, body_len, answer })
}

/// Whether this header names the service of a call. It is not sent: the host or the path says it.
fn is_service(name: Text<'_>) -> bool {
    eq_ignore_case(name, Text::new(SERVICE_HEADER))
}

/// Returns the first byte that the name of a service must not have.
fn wrong_in_name(name: Text<'_>) -> Option<usize> {
    let mut plain = [0; SERVICE_LIMIT + 1];
    let places = plain.iter_mut().zip(name.bytes());
    let len = places.map(|(place, byte)| *place = byte).count();
    wrong_in_service(plain.get(..len).unwrap_or_default())
}

/// Returns where a path has a segment `.` or `..`, as the most lenient server would see it: one that resolves them would
/// leave the service. A server that unescapes a path first may end it at a `?`, `#` or NUL that was escaped, and a second one
/// behind it may unescape it once more.
fn leaves_service(path: Text<'_>) -> Option<usize> {
    let mut bytes = path.bytes();
    let mut start = 0;
    // The dots of the segment so far, if it has nothing else.
    let mut dots = Some(0_u8);
    loop {
        match unescaped(&mut bytes) {
            Some(b'.') => dots = dots.map(|dots| dots.saturating_add(1)),
            None | Some(b'/' | b'\\' | b';' | b'?' | b'#' | 0) if matches!(dots, Some(1 | 2)) => return Some(start),
            None => return None,
            Some(b'/' | b'\\') => (start, dots) = (bytes.position(), Some(0)),
            Some(_) => dots = None,
        }
    }
}

/// Returns the next byte of a path, or the one that an escape stands for, or an escape of its `%`; `None` where the path ends
/// or a query begins.
fn unescaped(bytes: &mut text::Bytes<'_>) -> Option<u8> {
    let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
    let mut byte = bytes.next().filter(|byte| !matches!(byte, b'?' | b'#'))?;
    while byte == b'%' {
        let mut ahead = bytes.clone();
        let (Some(high), Some(low)) = (digit(ahead.next()), digit(ahead.next())) else { break };
        *bytes = ahead;
        byte = u8::try_from((high << 4) | low).ok()?;
    }
    Some(byte)
}

/// Returns the request with a body of this kind, which is supplied separately and so long: how a body is sent depends on
/// nothing else.
fn filled<'r>(request: &Request<'r>, body: Option<DataKind>, body_len: usize) -> Request<'r> {
    const NUMBER: Json<'_> = Json::from_span(b"0", 0);
    let some = if body_len > 0 { "x" } else { "" };
    match body {
        None => *request,
        Some(DataKind::Text) => request.with_data(Data::Text(Text::new(some))),
        Some(DataKind::Json) => request.with_data(Data::Json(NUMBER)),
        Some(DataKind::Bytes) => request.with_data(Data::Bytes(Bytes::new(some.as_bytes()))),
    }
}

fn put(door: &Door<'_>, request: &Request<'_>, body: Option<DataKind>, body_len: usize, window: &mut Window<'_>) {
    let request = &filled(request, body, body_len);
    let message = Message::checked(request, body_len);
    let named = |service| [Text::new(CLOUDRUN), request.service().unwrap_or(Text::new(service))];
    let before = door.pass.map(|(service, _)| named(service));
    message.put_start(window, before.as_ref().map_or(&[], |before| before), door.host);
    if let Some((_, token)) = door.pass {
        window.put(b"Authorization: Bearer ");
        window.put(token.as_bytes());
        window.put(b"\r\n");
    }
    message.put_rest(window, |name| !is_service(name));
    if body.is_some() { window.gap() } else { message.put_body(window) }
}

/// What becomes of the answer to a call depends on this: on the call, and on the head of the answer.
#[derive(Clone, Copy)]
pub(super) struct Asked(u8);

impl Asked {
    const HEAD: u8 = 1;
    const JSON: u8 = 2;
    const BYTES: u8 = 4;
    const BODY: u8 = 8;
    const LAST: u8 = 16;
    const CODED: u8 = 32;

    fn of(request: &Request<'_>) -> Self {
        let is_head = request.method() == Method::Head;
        let has_body = !is_head && request.method() != Method::Get && !request.data().is_empty();
        let flags = [
            (is_head, Self::HEAD),
            (request.data_type().as_text() == "json", Self::JSON),
            (request.response_type() == ResponseType::ArrayBuffer, Self::BYTES),
            (has_body, Self::BODY),
            (may_be_taken_for_a_request(request), Self::LAST),
        ];
        Self(flags.iter().filter(|(holds, _)| *holds).fold(0, |all, (_, flag)| all | flag))
    }

    const fn has(self, flag: u8) -> bool {
        self.0 & flag != 0
    }

    /// Whether the call is a `HEAD`.
    pub(super) const fn is_head(self) -> bool {
        self.has(Self::HEAD)
    }

    /// Whether the answer is to be JSON, if it is text and can be.
    pub(super) const fn wants_json(self) -> bool {
        self.has(Self::JSON) && !self.wants_bytes()
    }

    /// Whether the answer is to be bytes.
    pub(super) const fn wants_bytes(self) -> bool {
        self.has(Self::BYTES)
    }

    pub(super) const fn data_type(self) -> DataType<'static> {
        if self.has(Self::JSON) { DataType::Json } else { DataType::Other(Text::new("")) }
    }

    pub(super) const fn response_type(self) -> ResponseType {
        if self.wants_bytes() { ResponseType::ArrayBuffer } else { ResponseType::Text }
    }

    /// Notes whether the body has a content coding.
    pub(super) const fn note_coding(&mut self, is_coded: bool) {
        if is_coded {
            self.0 |= Self::CODED;
        }
    }

    pub(super) const fn is_coded(self) -> bool {
        self.has(Self::CODED)
    }

    /// Whether another call may be made on the connection behind an answer with this status: the body of this one cannot
    /// be left on it.
    pub(super) const fn may_go_on(self, status: u16) -> bool {
        !(self.has(Self::LAST) || self.has(Self::BODY) && status >= 400)
    }
}
