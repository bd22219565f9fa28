//! The envelope as a state machine that can stop at any byte: which field comes next, and what is wrong.
//!
//! Knows the structure of both envelopes, and checks in exactly the same order as the slice decoder: the first error
//! from the first byte to the last is the one reported. Handles the bytes between names and values itself; the names
//! and values belong to the [token](super::token).

mod whole;

use super::direction::{Facts, Side};
use super::event::{Event, Field};
use super::found::Found;
use super::lookup::{HeaderNames, Headers};
use super::role::{Part, Role};
use super::token::Token;
use super::window::Window;
use crate::envelope::header_names::{is_forbidden, value_rule};
use crate::envelope::parts::Seen;
use crate::envelope::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::json::string::{Content, Stop};
use crate::json::text::Text;
use crate::json::walk::Kind;

/// What is expected next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value; its role is known.
    Value,
    /// A name or value, or the end of the object or array that has just begun.
    First,
    /// A comma, or the end of the object or array.
    Next,
    /// A name, after a comma.
    Name,
    Colon,
    /// More of a string.
    InString,
    /// More of a value that is only validated.
    InValue,
    /// Nothing: the envelope is closed.
    Closed,
}

pub(super) struct Machine<D: Side, P> {
    state: State,
    /// The name or value that comes next or is in progress.
    token: Token,
    /// The innermost object or array around the token. It determines the outer ones: only three levels of an envelope
    /// matter.
    place: Role,
    /// The member of the envelope that comes next or is in progress.
    key: D::Key,
    /// The keys seen so far: in the envelope, and in `config` or the current entry of `__nativeBuffers__`.
    seen: Seen,
    inner: Seen,
    has_data: bool,
    has_buffer: bool,
    pub(super) headers: Headers<P>,
    pub(super) facts: D::Facts,
}

impl<D: Side, P> Machine<D, P> {
    pub(super) const fn new() -> Self {
        Self {
            state: State::Value,
            token: Token::new(),
            place: Role::Envelope,
            key: D::UNKNOWN,
            seen: Seen::NEW,
            inner: Seen::NEW,
            has_data: false,
            has_buffer: false,
            headers: Headers::Names(HeaderNames::NEW),
            facts: D::Facts::NEW,
        }
    }

    /// Skips the rest of the current value: no more pieces of it are returned.
    pub(super) fn skip(&mut self) {
        self.token.skips = self.is_inside();
    }

    fn is_inside(&self) -> bool {
        matches!(self.state, State::InString | State::InValue)
    }

    /// Whether pieces of the body are still to come.
    #[cfg(feature = "embedded-io-v0_7")]
    pub(super) fn is_in_body(&self) -> bool {
        self.is_inside() && !self.token.skips && self.token.part.role.body().is_some()
    }

    /// Advances to the next thing that is reported.
    ///
    /// # Errors
    /// Those of decoding, except the ones that depend on the end of the message.
    pub(super) fn step(&mut self, window: &mut Window, bytes: &mut [u8]) -> Result<Found, Error> {
        loop {
            let found = if self.is_inside() {
                self.inside(window, bytes)?
            } else if let Some(found) = self.step_whole(window, bytes) {
                Some(found)
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

    /// Handles this byte between names and values.
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
            // Nothing that a body says may become a member.
            State::Next if byte == b',' && !self.is_behind_trusted_body() => {
                window.look(1);
                self.state = if is_array { State::Value } else { State::Name };
                self.token.part.role = self.element();
            }
            State::First if is_array => {
                self.state = State::Value;
                self.token.part.role = self.element();
            }
            State::First | State::Name if byte == b'"' => {
                window.look(1);
                window.release();
                let is_header = self.place == Role::Headers;
                if is_header && self.headers.is_full() {
                    return Err(Error::new(ErrorKind::TooManyHeaders, at));
                }
                let role = if is_header { Role::HeaderName } else { Role::Key };
                self.token.begin(Part::of(role, Field::HeaderName, Rule::HeaderName), at);
                self.state = State::InString;
            }
            State::Closed => return Err(Error::new(ErrorKind::TrailingData, at)),
            _ => return Err(Error::new(ErrorKind::UnexpectedByte, at)),
        }
        Ok(None)
    }

    /// Whether the body of an envelope that is made as it is decoded has ended. It was the last member.
    fn is_behind_trusted_body(&self) -> bool {
        self.headers.is_trusted() && self.has_data && self.place == Role::Envelope
    }

    /// Returns the role of the elements of the current array.
    fn element(&self) -> Role {
        if self.place == Role::Cookies { Role::Text } else { Role::Buffer }
    }

    /// Begins the value whose first byte this is.
    fn value(&mut self, byte: u8, window: &mut Window) -> Result<Option<Found>, Error> {
        let at = window.offset();
        let Some(kind) = Kind::of(byte) else {
            return Err(Error::new(ErrorKind::UnexpectedByte, at));
        };
        let mut part = self.token.part;
        if !part.role.allows(kind) {
            return Err(Error::new(ErrorKind::WrongType, at));
        }
        if part.role.is_open() {
            if part.role == Role::Buffer {
                self.begin_buffer(at)?;
            }
            window.look(1);
            self.open(part.role);
            return Ok(None);
        }
        let is_string = kind == Kind::String && part.role != Role::Skip;
        if is_string && part.role == Role::Data {
            part.role = Role::DataText;
        }
        self.token.begin_value(part, at, self.place.level());
        if is_string {
            self.state = State::InString;
            window.look(1);
            window.release();
        } else {
            self.state = State::InValue;
        }
        Ok(part.role.body().map(|data| Found::Event(Event::Data(data))))
    }

    /// Begins an entry of `__nativeBuffers__`. Only one is allowed, and none if there is already `data`.
    fn begin_buffer(&mut self, at: usize) -> Result<(), Error> {
        if self.has_data {
            return Err(Error::new(ErrorKind::DataConflict, at));
        }
        if self.has_buffer {
            return Err(Error::new(ErrorKind::DuplicateKey, at));
        }
        self.has_buffer = true;
        Ok(())
    }

    /// Enters an object or array that has just begun.
    fn open(&mut self, place: Role) {
        self.place = place;
        self.state = State::First;
        self.inner = Seen::NEW;
    }

    /// Leaves the object or array that this bracket closes.
    fn close(&mut self, bracket: usize) -> Result<(), Error> {
        self.state = State::Next;
        match self.place {
            Role::Envelope => {
                if let Some(missing) = D::missing(&self.facts, self.seen) {
                    return Err(Error::new(missing, bracket));
                }
                self.state = State::Closed;
            }
            Role::Buffer => {
                if !self.inner.has(BUFFER_KEY) || !self.inner.has(BUFFER_BASE64) {
                    return Err(Error::new(ErrorKind::MissingField, bracket));
                }
                self.place = Role::Buffers;
            }
            _ => self.place = Role::Envelope,
        }
        Ok(())
    }

    /// Processes more of the current name or value.
    fn inside(&mut self, window: &mut Window, bytes: &mut [u8]) -> Result<Option<Found>, Error> {
        let offset = window.offset();
        let in_string = self.state == State::InString;
        let rest = window.rest(bytes);
        let Content { len, escaped, printable, stop } = self.token.scan(in_string, rest);
        // The rules check the content before an error, so that the first error is the one reported.
        if self.token.part.role == Role::Base64 {
            self.token
                .decode(len, escaped, window, bytes)
                .map_err(|wrong| Error::new(ErrorKind::InvalidBase64, offset.wrapping_add(wrong)))?;
        } else {
            self.take(Text::from_span(rest.get(..len).unwrap_or_default(), escaped), printable)
                .map_err(|error| error.behind(offset))?;
            window.look(len);
            window.filled = window.scan;
            self.token.escaped |= escaped;
        }
        let ends = match stop {
            Stop::Wrong(kind, wrong) => return Err(Error::new(kind, offset.wrapping_add(wrong))),
            Stop::Quote => true,
            Stop::Cut => false,
        };
        let piece = self.token.piece(ends, window);
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
            self.token.escaped = false;
            return Ok(piece.map(Found::Piece));
        }
        Ok(Some(Found::More))
    }

    /// Checks more of the current name or value.
    fn take(&mut self, run: Text<'_>, printable: bool) -> Result<(), Error> {
        let before = self.token.take(run, printable)?;
        match self.token.part.role {
            Role::HeaderName => self.headers.add(run),
            Role::Service | Role::HeaderService => {
                let mut len = before;
                for segment in run.segments() {
                    segment.with(|bytes| self.facts.add_service(bytes, len));
                    len = len.wrapping_add(segment.len());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends the current name or value, before this offset.
    fn finish(&mut self, end: usize) -> Result<Option<Event<'static>>, Error> {
        let at = self.token.at;
        let wrong = |kind| Err(Error::new(kind, at));
        self.state = State::Next;
        self.token.end(end)?;
        match self.token.part.role {
            Role::Key => {
                if let Some(kind) = self.finish_key() {
                    return wrong(kind);
                }
            }
            Role::HeaderName => {
                if let Some(kind) = self.finish_header_name() {
                    return wrong(kind);
                }
            }
            Role::Choice | Role::Number => {
                return match self.facts.scalar(self.key, self.token.name(), self.token.number()) {
                    Ok(event) => Ok(Some(event)),
                    Err(kind) => wrong(kind),
                };
            }
            Role::Service | Role::HeaderService if !self.facts.end_service(self.token.len) => {
                return wrong(ErrorKind::ServiceConflict);
            }
            Role::Env => self.facts.has_env(),
            _ => {}
        }
        Ok(None)
    }

    /// Ends a key; the value under it comes next. Returns what is wrong with the key.
    fn finish_key(&mut self) -> Option<ErrorKind> {
        self.state = State::Colon;
        let (part, is_new) = match self.place {
            Role::Envelope => {
                self.key = D::key(self.token.lookup.closed());
                let part = D::part(self.key);
                (part, part.role == Role::Skip || self.seen.add(D::place(self.key)) || self.headers.is_trusted())
            }
            place => {
                let (part, key) = inner_part(place, self.token.lookup.bytes());
                (part, part.role == Role::Skip || self.inner.add(key))
            }
        };
        self.token.part = part;
        if !is_new {
            return Some(ErrorKind::DuplicateKey);
        }
        if part.role == Role::Data {
            self.has_data = true;
            return self.has_buffer.then_some(ErrorKind::DataConflict);
        }
        None
    }

    /// Ends the name of a header; its value comes next. Returns what is wrong with the name.
    fn finish_header_name(&mut self) -> Option<ErrorKind> {
        let name = self.token.name();
        if is_forbidden(name, D::IS_REQUEST) {
            return Some(ErrorKind::ForbiddenHeader);
        }
        if !self.headers.end() {
            return Some(ErrorKind::DuplicateHeader);
        }
        self.state = State::Colon;
        self.token.part = header_value::<D>(name);
        None
    }
}

/// Returns the kind of value that a header of this name has.
fn header_value<D: Side>(name: Text<'_>) -> Part {
    let rule = value_rule(name, D::IS_REQUEST);
    let role = if rule == Rule::Name { Role::HeaderService } else { Role::HeaderValue };
    Part::of(role, Field::HeaderValue, rule)
}

/// The positions of the keys of an entry of `__nativeBuffers__` in [`Seen`].
const BUFFER_KEY: u32 = 0;
const BUFFER_BASE64: u32 = 1;

/// Returns the kind of value under a key of an inner object, and the position of the key in [`Seen`].
fn inner_part(inside: Role, key: &[u8]) -> (Part, u32) {
    match (inside, key) {
        (Role::Config, b"env") => (Part::of(Role::Env, Field::Env, Rule::Name), 0),
        (Role::Buffer, b"key") => (Part::bare(Role::BufferKey), BUFFER_KEY),
        (Role::Buffer, b"base64") => (Part::bare(Role::Base64), BUFFER_BASE64),
        _ => (Part::SKIP, 0),
    }
}
