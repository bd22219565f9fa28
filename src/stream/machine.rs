//! The envelope as a machine that can stop at any byte: which field comes next, and what is wrong.
//!
//! It knows the structure of both envelopes and the order in which the slice decoder checks them, and follows it to the
//! letter: the first thing that is wrong, from the first byte to the last. Grammar, rules and names are those of the
//! slice decoder. Bytes come in through a window; what goes out is a place in it, or a small value. It must never know
//! how the bytes came into the window.

use super::direction::{Service, Side};
use super::event::{DataKind, Event, Field};
use super::window::Window;
use crate::base64;
use crate::envelope::fields::Number;
use crate::envelope::headers::{FORBIDDEN_HEADER, SERVICE_HEADER};
use crate::envelope::names::BEHIND;
use crate::envelope::parts::{self, Seen};
use crate::envelope::reply::{self, Outcome, Status};
use crate::envelope::request;
use crate::envelope::rules::{Fingerprint, Rule};
use crate::error::{Error, ErrorKind};
use crate::json::integer::Integer;
use crate::json::sink::SliceSink;
use crate::json::string::{self, Stop};
use crate::json::text::{self, Text};
use crate::json::walk::{Kind, Walker};
use crate::limits::HEADERS_LIMIT;
use crate::{ErrorCode, Method, ResponseType, Timeout};

/// What a value is to the envelope. A key that must not stand twice is marked under its role.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Role {
    /// The envelope itself.
    Envelope,
    /// A name, other than that of a header.
    Key,
    /// Of no interest.
    Skip,
    Config,
    Headers,
    Cookies,
    Data,
    Buffers,
    Method,
    Timeout,
    ResponseType,
    Status,
    ErrCode,
    Errno,
    ResourceAppid,
    ResourceEnv,
    Path,
    Service,
    DataType,
    CallId,
    ErrMsg,
    /// In `config`.
    Env,
    /// In `header`.
    HeaderName,
    HeaderValue,
    /// The value of `X-WX-SERVICE`.
    HeaderService,
    /// In `cookies`.
    Cookie,
    /// In `__nativeBuffers__`.
    Buffer,
    BufferKey,
    Base64,
}

const _: () = assert!((Role::Base64 as u32) < u32::BITS, "each role has a bit of its own in what has been seen");

impl Role {
    /// The field, of a text, and its rule.
    const fn text(self) -> Option<(Field, Rule)> {
        Some(match self {
            Self::Env => (Field::Env, Rule::Name),
            Self::ResourceAppid => (Field::ResourceAppid, Rule::Name),
            Self::ResourceEnv => (Field::ResourceEnv, Rule::Name),
            Self::Path => (Field::Path, Rule::Path),
            Self::Service => (Field::Service, Rule::Name),
            Self::DataType => (Field::DataType, Rule::Name),
            Self::CallId => (Field::CallId, Rule::Name),
            Self::ErrMsg => (Field::ErrMsg, Rule::Any),
            Self::HeaderName => (Field::HeaderName, Rule::HeaderName),
            Self::HeaderValue => (Field::HeaderValue, Rule::HeaderValue),
            Self::HeaderService => (Field::HeaderValue, Rule::Name),
            Self::Cookie => (Field::Cookie, Rule::Any),
            Self::Data => (Field::Data, Rule::Any),
            _ => return None,
        })
    }

    const fn names_service(self) -> bool {
        matches!(self, Self::Service | Self::HeaderService)
    }
}

/// What the envelope says that its end is judged by.
pub(super) struct Facts {
    seen: Seen,
    reply: reply::Facts,
}

impl Facts {
    /// Whether this has been there.
    pub(super) const fn has(&self, role: Role) -> bool {
        self.seen.has(role as u32)
    }

    /// What a reply comes to, when nothing follows.
    pub(super) fn outcome(&self) -> Outcome {
        self.reply.outcome()
    }
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value, whose role is known.
    Value,
    /// A name or value, or the end of the object or array that has just begun.
    First,
    /// A comma, or the end of the object or array.
    Next,
    /// A name, behind a comma.
    Name,
    Colon,
    /// More of a string.
    InString,
    /// More of a value that is walked over.
    InValue,
    /// Nothing: the envelope is closed.
    Closed,
}

/// A place in the window that holds a piece of something.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    pub(super) kind: PieceKind,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escaped: bool,
    pub(super) last: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum PieceKind {
    Text(Field),
    Json,
    Bytes,
}

#[derive(Clone, Copy)]
pub(crate) enum Found {
    /// The window holds nothing more to look at.
    More,
    /// The same, and the envelope is whole.
    End,
    Event(Event<'static>),
    Piece(Piece),
}

pub(super) struct Machine<D: Side> {
    state: State,
    /// That of the value that comes or is under way, or of the name that is under way.
    role: Role,
    /// What encloses it, and what encloses that: an envelope nests three levels that matter.
    place: Role,
    /// Where the name or value under way begins.
    at: usize,
    /// Its bytes so far, after unescaping, where its rule counts them.
    len: usize,
    /// Something in what has not been handed out of it is escaped.
    escaped: bool,
    /// Its rest is not handed out.
    skips: bool,
    /// Its beginning, where it is looked up.
    name: Lookup,
    walker: Walker,
    integer: Integer,
    base64: base64::Decoder,
    /// What has been there: in the envelope, and in `config` or the entry of `__nativeBuffers__` under way.
    pub(super) facts: Facts,
    inner: Seen,
    names: Names,
    service: D::Service,
}

impl<D: Side> Machine<D> {
    pub(super) const fn new() -> Self {
        Self {
            state: State::Value,
            role: Role::Envelope,
            place: Role::Envelope,
            at: 0,
            len: 0,
            escaped: false,
            skips: false,
            name: Lookup::NEW,
            walker: Walker::new(1),
            integer: Integer::NEW,
            base64: base64::Decoder::NEW,
            facts: Facts { seen: Seen::NEW, reply: reply::Facts::NONE },
            inner: Seen::NEW,
            names: Names { known: [Fingerprint::ZERO; HEADERS_LIMIT], count: 0, name: Fingerprint::NEW },
            service: D::Service::NEW,
        }
    }

    /// The rest of the value under way is not handed out.
    pub(super) fn skip(&mut self) {
        self.skips = self.is_inside();
    }

    fn is_inside(&self) -> bool {
        matches!(self.state, State::InString | State::InValue)
    }

    /// Whether pieces of the body are still to come.
    #[cfg(feature = "embedded-io-v0_7")]
    pub(super) fn is_in_body(&self) -> bool {
        self.is_inside() && !self.skips && matches!(self.role, Role::Data | Role::Base64)
    }

    /// Goes on to the next thing that is worth telling.
    ///
    /// # Errors
    /// Those of decoding, but for what can be told only when nothing more comes.
    pub(super) fn step(&mut self, window: &mut Window, bytes: &mut [u8]) -> Result<Found, Error> {
        loop {
            let found = if self.is_inside() {
                self.inside(window, bytes)?
            } else {
                match window.peek(bytes) {
                    Some(byte) => self.between(byte, window)?,
                    None if self.state == State::Closed => Some(Found::End),
                    None => Some(Found::More),
                }
            };
            if let Some(found) = found {
                return Ok(found);
            }
        }
    }

    /// Between names and values, where this byte comes next.
    fn between(&mut self, byte: u8, window: &mut Window) -> Result<Option<Found>, Error> {
        let at = window.offset();
        let is_array = matches!(self.place, Role::Cookies | Role::Buffers);
        match self.state {
            State::Value => return self.value(byte, window),
            State::Colon if byte == b':' => {
                window.look(1);
                self.state = State::Value;
            }
            State::First | State::Next if byte == if is_array { b']' } else { b'}' } => {
                window.look(1);
                self.close(at)?;
            }
            State::Next if byte == b',' => {
                window.look(1);
                self.state = if is_array { State::Value } else { State::Name };
                self.role = self.element();
            }
            State::First if is_array => {
                self.state = State::Value;
                self.role = self.element();
            }
            State::First | State::Name if byte == b'"' => {
                window.look(1);
                window.release();
                let is_header = self.place == Role::Headers;
                if is_header && self.names.count >= HEADERS_LIMIT {
                    return Err(Error::new(ErrorKind::TooManyHeaders, at));
                }
                self.begin(State::InString, if is_header { Role::HeaderName } else { Role::Key }, at);
            }
            State::Closed => return Err(Error::new(ErrorKind::TrailingData, at)),
            _ => return Err(Error::new(ErrorKind::UnexpectedByte, at)),
        }
        Ok(None)
    }

    /// What the values of the array are.
    fn element(&self) -> Role {
        if self.place == Role::Cookies { Role::Cookie } else { Role::Buffer }
    }

    fn begin(&mut self, state: State, role: Role, at: usize) {
        self.state = state;
        self.role = role;
        self.at = at;
        self.len = 0;
        self.escaped = false;
        self.skips = false;
        self.name.clear();
    }

    /// The value that begins with this byte.
    fn value(&mut self, byte: u8, window: &mut Window) -> Result<Option<Found>, Error> {
        let at = window.offset();
        let Some(kind) = Kind::of(byte) else {
            return Err(Error::new(ErrorKind::UnexpectedByte, at));
        };
        let fits = match self.role {
            Role::Envelope | Role::Config | Role::Headers | Role::Buffer => kind == Kind::Object,
            Role::Cookies | Role::Buffers => kind == Kind::Array,
            Role::Timeout | Role::Status | Role::ErrCode | Role::Errno => kind == Kind::Number,
            Role::HeaderValue | Role::HeaderService => {
                matches!(kind, Kind::String | Kind::Number | Kind::Bool)
            }
            Role::Data | Role::Skip => true,
            _ => kind == Kind::String,
        };
        if !fits {
            return Err(Error::new(ErrorKind::WrongType, at));
        }
        match self.role {
            Role::Envelope | Role::Config | Role::Headers | Role::Cookies | Role::Buffers => {
                window.look(1);
                self.open(self.role);
                return Ok(None);
            }
            Role::Buffer => {
                if self.facts.has(Role::Data) {
                    return Err(Error::new(ErrorKind::DataConflict, at));
                }
                if !self.facts.seen.add(Role::Buffer as u32) {
                    return Err(Error::new(ErrorKind::DuplicateKey, at));
                }
                window.look(1);
                self.open(Role::Buffer);
                return Ok(None);
            }
            _ => {}
        }
        let is_string = kind == Kind::String && self.role != Role::Skip;
        self.begin(if is_string { State::InString } else { State::InValue }, self.role, at);
        if is_string {
            window.look(1);
            window.release();
        } else {
            let level = match self.place {
                Role::Envelope => 1,
                Role::Buffer => 3,
                _ => 2,
            };
            self.walker = Walker::new(level);
            self.integer = Integer::NEW;
        }
        self.base64 = base64::Decoder::NEW;
        let data = match self.role {
            Role::Base64 => DataKind::Bytes,
            Role::Data if is_string => DataKind::Text,
            Role::Data => DataKind::Json,
            _ => return Ok(None),
        };
        Ok(Some(Found::Event(Event::Data(data))))
    }

    /// Inside an object or array that has just begun.
    fn open(&mut self, place: Role) {
        self.place = place;
        self.state = State::First;
        self.inner = Seen::NEW;
    }

    /// The object or array closes with this bracket.
    fn close(&mut self, bracket: usize) -> Result<(), Error> {
        self.state = State::Next;
        match self.place {
            Role::Envelope => {
                D::close(&mut self.facts, bracket)?;
                self.state = State::Closed;
            }
            Role::Buffer => {
                if !self.inner.has(Role::BufferKey as u32) || !self.inner.has(Role::Base64 as u32) {
                    return Err(Error::new(ErrorKind::MissingField, bracket));
                }
                self.place = Role::Buffers;
            }
            _ => self.place = Role::Envelope,
        }
        Ok(())
    }

    /// More of the name or value under way.
    fn inside(&mut self, window: &mut Window, bytes: &mut [u8]) -> Result<Option<Found>, Error> {
        let offset = window.offset();
        let rest = window.rest(bytes);
        let in_string = self.state == State::InString;
        let mut printable = false;
        let (len, escaped, stop) = if in_string {
            let content = string::content(rest);
            printable = content.printable;
            (content.len, content.escaped, content.stop)
        } else {
            match self.walker.feed(rest) {
                Err(error) => (error.offset(), false, Stop::Wrong(error.kind(), error.offset())),
                Ok(used) => (used, false, if self.walker.is_done() { Stop::Quote } else { Stop::Cut }),
            }
        };
        let run = Text::from_span(rest.get(..len).unwrap_or_default(), escaped);
        // The rules look at what comes before an error, so that the first thing wrong is the one that is told.
        if self.role == Role::Base64 {
            self.take_base64(run.as_raw().len(), escaped, window, bytes)
                .map_err(|wrong| Error::new(ErrorKind::InvalidBase64, offset.wrapping_add(wrong)))?;
        } else {
            self.take(run, printable).map_err(|error| error.behind(offset))?;
            window.look(len);
            window.filled = window.scan;
            self.escaped |= escaped;
        }
        let ends = match stop {
            Stop::Wrong(kind, wrong) => return Err(Error::new(kind, offset.wrapping_add(wrong))),
            Stop::Quote => true,
            Stop::Cut => false,
        };
        let piece = self.piece(ends, window);
        if ends {
            let end = window.offset();
            if in_string {
                window.look(1);
            }
            let event = self.finish(end)?;
            window.release();
            return Ok(event.map(Found::Event).or(piece.map(Found::Piece)));
        }
        if piece.is_none() {
            window.release();
        } else if window.is_full(bytes) {
            window.release();
            self.escaped = false;
            return Ok(piece.map(Found::Piece));
        }
        Ok(Some(Found::More))
    }

    /// What there is in the window of the value under way, if it is to be handed out.
    fn piece(&self, last: bool, window: &Window) -> Option<Piece> {
        let kind = match self.role {
            _ if self.skips => return None,
            Role::Base64 => PieceKind::Bytes,
            Role::Data if self.state == State::InValue => PieceKind::Json,
            role => PieceKind::Text(role.text()?.0),
        };
        Some(Piece { kind, start: window.start, end: window.filled, escaped: self.escaped, last })
    }

    /// Looks at more of the name or value under way, which may be known to be printable.
    fn take(&mut self, run: Text<'_>, printable: bool) -> Result<(), Error> {
        match self.role {
            Role::Key | Role::Method | Role::ResponseType | Role::BufferKey => self.name.add(run),
            Role::Timeout | Role::Status | Role::ErrCode | Role::Errno => self.integer.add(run.as_raw()),
            role => {
                let Some((_, rule)) = role.text() else { return Ok(()) };
                let before = self.len;
                // To a small processor the code costs more than the time.
                let is_fine = cfg!(target_pointer_width = "64")
                    && printable
                    && before == 0
                    && rule.allows_printable(run.as_raw());
                self.len = if is_fine { run.as_raw().len() } else { rule.check(run, before)? };
                if role == Role::HeaderName {
                    self.name.add(run);
                    self.names.add(run);
                } else if role.names_service() {
                    let mut len = before;
                    for segment in run.segments() {
                        segment.with(|bytes| self.service.add(bytes, len));
                        len = len.wrapping_add(segment.len());
                    }
                }
            }
        }
        Ok(())
    }

    /// Looks at more base64, and decodes it where it stands.
    ///
    /// # Errors
    /// The position in it of the first byte that is wrong.
    fn take_base64(&mut self, len: usize, escaped: bool, window: &mut Window, bytes: &mut [u8]) -> Result<(), usize> {
        let scan = window.scan;
        window.look(len);
        let Some(span) = bytes.get_mut(scan..window.scan) else { return Ok(()) };
        let mut symbols = len;
        if escaped || self.skips {
            let mut checker = self.base64;
            parts::check_base64(Text::from_span(span, escaped), &mut checker)?;
            if self.skips {
                self.base64 = checker;
                return Ok(());
            }
            symbols = text::unescape_in_place(span);
        }
        let end = scan.wrapping_add(symbols);
        window.filled = self.base64.decode_in_place(bytes, scan..end, window.filled)?;
        Ok(())
    }

    /// The name or value under way ends here: before this offset.
    fn finish(&mut self, end: usize) -> Result<Option<Event<'static>>, Error> {
        let at = self.at;
        if let Some((_, rule)) = self.role.text() {
            rule.check_end(self.len == 0).map_err(|kind| Error::new(kind, at))?;
        }
        let name = self.name.bytes();
        let wrong = |kind| Err(Error::new(kind, at));
        self.state = State::Next;
        let event = match self.role {
            Role::Key => {
                let role = self.role_of_name();
                if role != Role::Skip {
                    let seen = if self.place == Role::Envelope { &mut self.facts.seen } else { &mut self.inner };
                    if !seen.add(role as u32) {
                        return wrong(ErrorKind::DuplicateKey);
                    }
                }
                if role == Role::Data && self.facts.has(Role::Buffer) {
                    return wrong(ErrorKind::DataConflict);
                }
                self.state = State::Colon;
                self.role = role;
                return Ok(None);
            }
            Role::HeaderName => {
                if D::IS_REQUEST && name.eq_ignore_ascii_case(FORBIDDEN_HEADER.as_bytes()) {
                    return wrong(ErrorKind::ForbiddenHeader);
                }
                if !self.names.end() {
                    return wrong(ErrorKind::DuplicateHeader);
                }
                let names_service = D::IS_REQUEST && name.eq_ignore_ascii_case(SERVICE_HEADER.as_bytes());
                self.state = State::Colon;
                self.role = if names_service { Role::HeaderService } else { Role::HeaderValue };
                return Ok(None);
            }
            Role::Service | Role::HeaderService => {
                if !self.service.end(self.len) {
                    return wrong(ErrorKind::ServiceConflict);
                }
                return Ok(None);
            }
            Role::Env => {
                self.facts.seen.add(Role::Env as u32);
                return Ok(None);
            }
            Role::Base64 if !self.base64.is_complete() => {
                return Err(Error::new(ErrorKind::InvalidBase64, end));
            }
            Role::BufferKey if name != b"data" => return wrong(ErrorKind::InvalidBufferKey),
            Role::Method => {
                Method::from_text(Text::from_span(name, false)).map(Event::Method).ok_or(ErrorKind::InvalidMethod)
            }
            Role::ResponseType => ResponseType::from_text(Text::from_span(name, false))
                .map(Event::ResponseType)
                .ok_or(ErrorKind::InvalidResponseType),
            Role::Timeout => {
                self.integer.value().and_then(Timeout::decoded).map(Event::Timeout).ok_or(ErrorKind::InvalidTimeout)
            }
            Role::Status => {
                let status = self.integer.value().and_then(Status::of);
                self.facts.reply.status = status;
                status.map(|status| Event::Status(status.0)).ok_or(ErrorKind::InvalidStatus)
            }
            Role::ErrCode | Role::Errno => {
                let code = self.integer.value().and_then(ErrorCode::of);
                let is_errno = self.role == Role::Errno;
                let place = if is_errno { &mut self.facts.reply.errno } else { &mut self.facts.reply.code };
                *place = code;
                let event = if is_errno { Event::Errno } else { Event::ErrCode };
                code.map(event).ok_or(ErrorKind::InvalidErrorCode)
            }
            _ => return Ok(None),
        };
        event.map(Some).map_err(|kind| Error::new(kind, at))
    }

    /// What stands under the key whose name is under way.
    fn role_of_name(&mut self) -> Role {
        let key = self.name.bytes();
        match self.place {
            Role::Envelope => D::role(self.name.closed()),
            Role::Config if key == b"env" => Role::Env,
            Role::Buffer if key == b"key" => Role::BufferKey,
            Role::Buffer if key == b"base64" => Role::Base64,
            _ => Role::Skip,
        }
    }
}

/// Room for the longest of the strings that are looked up: a key with what stands behind it, the name of a header, a
/// parameter. The keys inside `config` and `__nativeBuffers__` are shorter than that of the latter.
const ROOM: usize = {
    let mut room = 0;
    let mut rest: &[usize] = &[
        request::Key::LONGEST,
        reply::Key::LONGEST,
        FORBIDDEN_HEADER.len(),
        SERVICE_HEADER.len(),
        Method::LONGEST,
        ResponseType::LONGEST,
    ];
    while let Some((len, others)) = rest.split_first() {
        if *len > room {
            room = *len;
        }
        rest = others;
    }
    room
};

/// A string that may be a known name. One that has no room is none of them, and comes out empty.
struct Lookup {
    room: [u8; ROOM],
    len: usize,
}

impl Lookup {
    const NEW: Self = Self { room: [0; ROOM], len: 0 };

    fn clear(&mut self) {
        self.len = 0;
    }

    fn add(&mut self, run: Text<'_>) {
        let before = self.len;
        let mut sink = SliceSink::new(self.room.get_mut(before..).unwrap_or_default());
        run.segments().for_each(|segment| segment.put(&mut sink));
        self.len = before.saturating_add(sink.len());
    }

    /// With the closing quote and colon of a key.
    fn closed(&mut self) -> &[u8] {
        let end = self.len.saturating_add(BEHIND.len());
        match self.room.get_mut(self.len..end) {
            Some(behind) => {
                behind.iter_mut().zip(BEHIND.bytes()).for_each(|(place, byte)| *place = byte);
                self.room.get(..end).unwrap_or_default()
            }
            None => &[],
        }
    }

    fn bytes(&self) -> &[u8] {
        self.room.get(..self.len).unwrap_or_default()
    }
}

/// The header names so far.
struct Names {
    /// Those that are whole. Nothing but zeros at first, which are written where they stand.
    known: [Fingerprint; HEADERS_LIMIT],
    count: usize,
    /// That under way.
    name: Fingerprint,
}

impl Names {
    /// More of the name under way.
    fn add(&mut self, run: Text<'_>) {
        self.name.add_name(run);
    }

    /// The name under way ends. Says whether it is a new one.
    fn end(&mut self) -> bool {
        let name = core::mem::replace(&mut self.name, Fingerprint::NEW);
        let is_new = !self.known.get(..self.count).unwrap_or_default().contains(&name);
        if let Some(place) = self.known.get_mut(self.count) {
            *place = name;
        }
        self.count = self.count.wrapping_add(1);
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_that_is_looked_up_has_room() {
        let names = ["\"__nativeBuffers__\":".len() - 1, "x-wx-service".len(), "referer".len(), "arraybuffer".len()];
        for len in names.into_iter().chain(Method::ALL.map(|method| method.as_str().len())) {
            assert!(len <= ROOM, "{len} bytes in {ROOM}");
        }
        let mut lookup = Lookup::NEW;
        lookup.add(Text::new("__nativeBuffers__"));
        assert_eq!(lookup.closed(), b"__nativeBuffers__\":");
        lookup.clear();
        lookup.add(Text::new("__nativeBuffers__and_more"));
        assert!(lookup.closed().is_empty());
        assert!(lookup.bytes().is_empty());
    }
}
