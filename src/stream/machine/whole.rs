//! Names and values that lie in the window as a whole, read by the steps of the slice decoder.
//!
//! Knows which of them are common. Whatever is wrong, cut, rare, or part of the body is left to the machine, before it has
//! had any effect. Only for wide processors: a narrow one has small windows, and no flash for a second way.

use super::{Machine, State, header_value, inner_part};
use crate::envelope::header_names::is_forbidden;
use crate::envelope::rules::Rule;
use crate::envelope::values;
use crate::error::ErrorKind;
use crate::json::cursor::Cursor;
use crate::json::text::Text;
use crate::stream::direction::{Facts, Side};
use crate::stream::event::{Event, Field};
use crate::stream::found::{Found, Piece, PieceKind};
use crate::stream::role::{Part, Role};
use crate::stream::window::Window;
use crate::target::WIDE;

/// What comes next.
enum Whole<'a> {
    Nothing,
    Event(Event<'static>),
    /// A text, and the offset of its closing quote at the cursor.
    Text(Field, Text<'a>, usize),
}

impl<D: Side, P> Machine<D, P> {
    /// Advances over names and values that lie in the window as a whole, to the next thing that is reported.
    pub(super) fn step_whole(&mut self, window: &mut Window, bytes: &[u8]) -> Option<Found> {
        if !WIDE || self.headers.is_trusted() {
            return None;
        }
        let start = window.scan;
        let mut cursor = Cursor::new(window.rest(bytes));
        let mut end = 0;
        let found = loop {
            let whole = self.whole(&mut cursor);
            if whole.is_some() {
                end = cursor.offset();
            }
            match whole {
                Some(Whole::Nothing) => {}
                Some(Whole::Event(event)) => break Some(Found::Event(event)),
                Some(Whole::Text(field, text, quote)) => {
                    let quote = start.wrapping_add(quote);
                    break Some(Found::Piece(Piece {
                        kind: PieceKind::Text(field),
                        start: quote.wrapping_sub(text.as_raw().len()),
                        end: quote,
                        escaped: text.as_bytes().is_none(),
                        last: true,
                    }));
                }
                None => break None,
            }
        };
        window.look(end);
        window.release();
        found
    }

    /// Reads the next name or value, or leaves an object or array. Returns nothing if this is for the machine; the cursor
    /// is of no use then.
    #[inline(always)]
    fn whole<'a>(&mut self, cursor: &mut Cursor<'a>) -> Option<Whole<'a>> {
        let is_first = match self.state {
            State::Value => return self.whole_value(cursor),
            State::First => true,
            State::Next => false,
            _ => return None,
        };
        match self.place {
            Role::Envelope => {
                if cursor.next_name(is_first) {
                    return self.whole_key(cursor);
                }
                return None;
            }
            Role::Headers => {
                if cursor.next_name(is_first) {
                    return self.whole_header_name(cursor);
                }
            }
            Role::Config => {
                if cursor.next_name(is_first) {
                    return self.whole_inner_key(cursor);
                }
            }
            Role::Cookies => {
                if cursor.next_value(usize::from(!is_first)) {
                    if cursor.peek() != b'"' {
                        return None;
                    }
                    self.token.part.role = Role::Text;
                    self.state = State::Value;
                    return Some(Whole::Nothing);
                }
            }
            _ => return None,
        }
        cursor.result().ok()?;
        self.place = Role::Envelope;
        self.state = State::Next;
        Some(Whole::Nothing)
    }

    /// Reads a key of the envelope whose opening quote has been read, and its colon.
    #[inline(always)]
    fn whole_key<'a>(&mut self, cursor: &mut Cursor<'a>) -> Option<Whole<'a>> {
        let key = D::strip_key(cursor)?;
        let part = D::part(key);
        let is_data = part.role == Role::Data;
        if (is_data && self.has_buffer) || !self.seen.add(D::place(key)) {
            return None;
        }
        self.has_data |= is_data;
        self.key = key;
        self.token.part = part;
        self.state = State::Value;
        Some(Whole::Nothing)
    }

    /// Reads the name of a header whose opening quote has been read, and its colon.
    #[inline(always)]
    fn whole_header_name<'a>(&mut self, cursor: &mut Cursor<'a>) -> Option<Whole<'a>> {
        let name = values::string(cursor, Rule::HeaderName);
        let end = cursor.offset().wrapping_sub(1);
        cursor.colon();
        if cursor.result().is_err() || is_forbidden(name, D::IS_REQUEST) || !self.headers.add_whole(name) {
            return None;
        }
        self.token.part = header_value::<D>(name);
        self.state = State::Value;
        Some(Whole::Text(Field::HeaderName, name, end))
    }

    /// Reads a key in `config` whose opening quote has been read, and its colon.
    #[inline(always)]
    fn whole_inner_key<'a>(&mut self, cursor: &mut Cursor<'a>) -> Option<Whole<'a>> {
        let name = cursor.string().text;
        cursor.colon();
        cursor.result().ok()?;
        let (part, key) = inner_part(self.place, name.as_bytes()?);
        if part.role == Role::Skip || !self.inner.add(key) {
            return None;
        }
        self.token.part = part;
        self.state = State::Value;
        Some(Whole::Nothing)
    }

    #[inline(always)]
    fn whole_value<'a>(&mut self, cursor: &mut Cursor<'a>) -> Option<Whole<'a>> {
        let Part { role, field, rule } = self.token.part;
        match (role, cursor.peek()) {
            (Role::Envelope | Role::Config | Role::Headers, bracket @ b'{') | (Role::Cookies, bracket @ b'[') => {
                cursor.expect(bracket);
                self.open(role);
                return Some(Whole::Nothing);
            }
            (Role::Text | Role::Env | Role::HeaderValue, b'"') => {
                let text = values::text(cursor, rule);
                cursor.result().ok()?;
                if role == Role::Env {
                    self.facts.has_env();
                }
                self.state = State::Next;
                return Some(Whole::Text(field, text, cursor.offset().wrapping_sub(1)));
            }
            _ => {}
        }
        let (name, number) = match role {
            Role::Number => (Text::default(), values::integer(cursor, Some, ErrorKind::UnexpectedByte)),
            Role::Choice => {
                cursor.expect(b'"');
                (cursor.string().text, None)
            }
            _ => return None,
        };
        cursor.result().ok()?;
        let event = self.facts.scalar(self.key, name, number).ok()?;
        self.state = State::Next;
        Some(Whole::Event(event))
    }
}
