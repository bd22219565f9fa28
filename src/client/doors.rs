//! The platform's own doors: a call goes out as the HTTP request for its service, with no gateway in between.
//!
//! Knows what may be sent there, and how. What comes back is turned into a reply by the [answer](super::answer). A call
//! reaches all this through its [way](super::way), so that a firmware has no code for doors that it does not use.

use super::answer;
use super::framing::{Outgoing, SERVICE_LIMIT, wrong_in_service};
use super::transcript::STREAMING;
use super::way::{Door, Kind, Way};
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

pub(super) static DOMAIN: Way = ANY;
pub(super) static OPEN_API: Way = Way { name: "OpenApi", ..ANY };

const ANY: Way = Way {
    name: "Domain",
    put_before: |_, _| {},
    put,
    take: answer::take,
    kind: Kind::Door(Door { measure, streaming: STREAMING }),
};

/// What stands before the name of a service in the path.
const CLOUDRUN: &str = "/v1/cloudrun/";

fn measure(outgoing: &mut Outgoing<'_>, body: Option<Body>) -> Result<usize, Error> {
    let request = &outgoing.request;
    let is_open_api = outgoing.framing.token.is_some();
    // The environment is not sent: host and name say where a call goes.
    let named = if request.target_env().is_some() { *request } else { request.with_env("") };
    named.check()?;
    if matches!(request.method(), Method::Connect | Method::Trace) {
        return Err(Error::new(ErrorKind::InvalidMethod, 0));
    }
    if is_open_api {
        if let Some(offset) = request.service().and_then(wrong_in_name) {
            return Err(Error::new(ErrorKind::InvalidName, offset));
        }
        if let Some(offset) = leaves_service(request.path()) {
            return Err(Error::new(ErrorKind::InvalidPath, offset));
        }
    }
    // Nobody behind this takes out what a caller must not say.
    let is_token = |name| is_open_api && eq_ignore_case(name, Text::new("authorization"));
    let is_refused = |name| is_protected(name) && !is_service(name) || is_token(name);
    if request.headers().iter().any(|(name, _)| is_refused(name)) {
        return Err(Error::new(ErrorKind::ForbiddenHeader, 0));
    }
    let kind = body.map(|body| body.kind());
    let filled = filled(request, kind, body.map_or(0, |body| body.plain_len()));
    let message = Message::new(&filled).ok_or(Error::new(ErrorKind::WrongType, 0))?;
    let body_len = body.map_or(message.body_len, |body| body.plain_len());
    outgoing.asked = Asked::of(&filled, is_open_api);
    outgoing.len = body_len;
    let around = Window::measure(|window| put(outgoing, window, kind));
    let len = around.saturating_add(body.map_or(0, |body| body.plain_len()));
    if len > REQUEST_LIMIT {
        return Err(Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT));
    }
    Ok(len)
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

/// Returns where a path has a segment `.` or `..`, as the most lenient servers would see it: one that resolves them would
/// leave the service. A server that undoes escapes may end the path at a `?`, `#` or NUL that was escaped; and up to three
/// of them, one behind the other, may each undo the escapes that are left.
fn leaves_service(path: Text<'_>) -> Option<usize> {
    let mut bytes = Unescaped(Unescaped(Unescaped(Path(path.bytes()))));
    let mut start = 0;
    // The dots of the segment so far, if it has nothing else.
    let mut dots = Some(0_u8);
    loop {
        match bytes.next() {
            Some(b'.') => dots = dots.map(|dots| dots.saturating_add(1)),
            None | Some(b'/' | b'\\' | b';' | b'?' | b'#' | 0) if matches!(dots, Some(1 | 2)) => return Some(start),
            None => return None,
            Some(b'/' | b'\\') => {
                let Unescaped(Unescaped(Unescaped(Path(rest)))) = &bytes;
                (start, dots) = (rest.position(), Some(0));
            }
            Some(_) => dots = None,
        }
    }
}

/// The bytes of a path, without its query.
#[derive(Clone)]
struct Path<'a>(text::Bytes<'a>);

impl Iterator for Path<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.0.next().filter(|byte| !matches!(byte, b'?' | b'#'))
    }
}

/// Bytes with their escapes undone, as most servers do it: a `%` that begins none stands for itself.
#[derive(Clone)]
struct Unescaped<I>(I);

impl<I: Iterator<Item = u8> + Clone> Iterator for Unescaped<I> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let byte = self.0.next()?;
        if byte != b'%' {
            return Some(byte);
        }
        let mut ahead = self.0.clone();
        let mut digit = || ahead.next().and_then(|byte| char::from(byte).to_digit(16));
        let Some((high, low)) = digit().zip(digit()) else { return Some(byte) };
        self.0 = ahead;
        u8::try_from((high << 4) | low).ok()
    }
}

/// Returns the request with a body of this kind, which is supplied separately and so long: how a body is sent depends on
/// nothing else.
#[inline(never)]
fn filled<'r>(request: &Request<'r>, body: Option<DataKind>, body_len: usize) -> Request<'r> {
    const NUMBER: Json<'_> = Json::from_span(b"0", 0);
    let some = if body_len > 0 { "x" } else { "" };
    match body {
        None => *request,
        Some(DataKind::Text) => request.with_unwritten(Data::Text(Text::new(some))),
        Some(DataKind::Json) => request.with_unwritten(Data::Json(NUMBER)),
        Some(DataKind::Bytes) => request.with_unwritten(Data::Bytes(Bytes::new(some.as_bytes()))),
    }
}

fn put(outgoing: &Outgoing<'_>, window: &mut Window<'_>, body: Option<DataKind>) {
    let Outgoing { framing, len, .. } = outgoing;
    let request = &filled(&outgoing.request, body, *len);
    let message = Message::checked(request, *len);
    let before = [Text::new(CLOUDRUN), request.service().unwrap_or(Text::new(framing.path))];
    message.put_start(window, if framing.token.is_some() { &before } else { &[] }, framing.host);
    if let Some(token) = framing.token {
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
    const PLATFORM: u8 = 64;

    /// What a call asks for in an envelope.
    pub(super) const NOTHING: Self = Self(0);

    fn of(request: &Request<'_>, is_open_api: bool) -> Self {
        let is_head = request.method() == Method::Head;
        let has_body = !is_head && request.method() != Method::Get && !request.data().is_empty();
        let flags = [
            (is_head, Self::HEAD),
            (request.data_type().as_text() == "json", Self::JSON),
            (request.response_type() == ResponseType::ArrayBuffer, Self::BYTES),
            (has_body, Self::BODY),
            (may_be_taken_for_a_request(request), Self::LAST),
            (is_open_api, Self::PLATFORM),
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

    /// Whether the answer may be an error object of the platform.
    pub(super) const fn is_platform(self) -> bool {
        self.has(Self::PLATFORM)
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
