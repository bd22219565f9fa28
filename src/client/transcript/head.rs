//! The lines of a head, as the beginning of an envelope: the status, headers and cookies.
//!
//! Knows which headers pass, as the [fields](crate::http::fields) do that are made of a whole head. Keeps nothing of a
//! line but what it takes to go on at any byte. What a [reader](crate::http::head::HeadReader) refuses never comes here.

use super::Step;
use super::body::put_text;
use crate::client::error::Wrong;
use crate::error::{Error, ErrorKind};
use crate::http::HttpError;
use crate::http::fields::{LINES_LIMIT, is_dropped};
use crate::http::lines::Line;
use crate::json::sink::{Sink, SliceSink};
use crate::limits::{HEADERS_LIMIT, NAME_LIMIT};

/// A name that is so long is none of those that matter, but for what it begins with.
const LOOKED_UP: usize = "transfer-encoding:".len();

/// The lines of the heads of one answer.
pub(super) struct Lines {
    state: State,
    status: u16,
    lines: u8,
    headers: u8,
    /// The member that has begun, and not ended.
    inside: Inside,
    kind: Kind,
    /// The length of the body has been told.
    has_length: bool,
    /// How long the name of the line is so far.
    name_len: u8,
    /// The blanks that came last in the value: this one, so often. They belong to it only if something follows.
    blank: u8,
    blanks: u16,
    codings: Codings,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The status line.
    Status,
    /// The rest of a line, which does not matter.
    Skip,
    /// A line, or the end of the head.
    Line,
    Name,
    /// The value, or blanks before it.
    Blanks,
    Value,
    Ended,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Envelope,
    Header,
    Cookies,
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Header,
    Cookie,
    /// A header that is a list, of which one element is told.
    Length,
    /// A header that names the codings of the body.
    Codings,
}

impl Lines {
    pub(super) const NEW: Self = Self {
        state: State::Status,
        status: 0,
        lines: 0,
        headers: 0,
        inside: Inside::Envelope,
        kind: Kind::Header,
        has_length: false,
        name_len: 0,
        blank: 0,
        blanks: 0,
        codings: Codings { matched: 0, has_ended: false, is_coded: false },
    };

    pub(super) fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Returns the status, once there is one.
    pub(super) const fn status(&self) -> u16 {
        self.status
    }

    /// Whether the body has a content coding, once the head has ended.
    pub(super) const fn is_coded(&self) -> bool {
        self.codings.is_coded
    }

    /// As the step of a transcript.
    ///
    /// # Errors
    /// A head with more lines or headers than a reply can have, or a longer name.
    #[inline(never)]
    pub(super) fn step(&mut self, input: &[u8], room: &mut [u8], is_full: bool) -> Result<Option<Step>, Wrong> {
        let is_interim = self.status < 200;
        Ok(match self.state {
            State::Status => self.status_line(input, room),
            State::Skip => match input.iter().position(|byte| *byte == b'\n') {
                None if input.is_empty() => None,
                None => Some(Step::read(input.len())),
                Some(at) => {
                    self.state = State::Line;
                    Some(Step::read(at.saturating_add(1)))
                }
            },
            State::Line => match input {
                [] | [b'\r'] => None,
                [b'\r', ..] => {
                    self.state = if is_interim { State::Status } else { State::Ended };
                    let end: &[u8] = match self.inside {
                        Inside::Envelope => b"",
                        Inside::Header => b"}",
                        Inside::Cookies => b"]",
                    };
                    Some(Step::then(2, end))
                }
                _ if is_interim => {
                    self.state = State::Skip;
                    Some(Step::default())
                }
                _ => self.line(input)?,
            },
            State::Name => self.name(input, room)?,
            State::Blanks => match input.iter().position(|byte| !is_blank(*byte)) {
                None if input.is_empty() => None,
                None => Some(Step::read(input.len())),
                Some(at) => {
                    self.state = State::Value;
                    Some(Step::read(at))
                }
            },
            State::Value => self.value(input, room, is_full),
            State::Ended => None,
        })
    }

    fn status_line(&mut self, input: &[u8], room: &mut [u8]) -> Option<Step> {
        let digits: &[u8; 3] = input.get("HTTP/1.1 ".len()..)?.first_chunk()?;
        self.status =
            digits.iter().fold(0, |status: u16, digit| status.wrapping_mul(10).wrapping_add((*digit & 0x0F).into()));
        self.state = State::Skip;
        let mut sink = SliceSink::new(room);
        if self.status >= 200 {
            sink.put(b"{\"statusCode\":");
            sink.put(digits);
        }
        Some(Step { wrote: sink.len(), ..Step::default() })
    }

    /// Finds out what the line is that begins here.
    fn line(&mut self, input: &[u8]) -> Result<Option<Step>, Wrong> {
        let near = input.get(..LOOKED_UP).unwrap_or(input);
        let len = match near.iter().position(|byte| *byte == b':') {
            Some(len) => len,
            None if near.len() < LOOKED_UP => return Ok(None),
            None => LOOKED_UP,
        };
        self.lines = self.lines.saturating_add(1);
        if usize::from(self.lines) > LINES_LIMIT {
            return Err(Wrong::Http(HttpError::TooManyHeaders));
        }
        let line = Line { name: near.get(..len).unwrap_or_default(), value: b"" };
        self.state = State::Name;
        self.name_len = 0;
        if line.is(b"set-cookie") {
            self.kind = Kind::Cookie;
            self.state = State::Blanks;
            let before = self.enter(Inside::Cookies);
            return Ok(Some(Step::then(len.saturating_add(1), before)));
        }
        let is_length = line.is(b"content-length");
        // A repeated one has been checked: its value is the same.
        if is_dropped(&line) || is_length && self.has_length {
            self.state = State::Skip;
            return Ok(Some(Step::default()));
        }
        self.headers = self.headers.saturating_add(1);
        if usize::from(self.headers) > HEADERS_LIMIT {
            return Err(Wrong::Reply(Error::new(ErrorKind::TooManyHeaders, 0)));
        }
        self.has_length |= is_length;
        self.kind = if is_length {
            Kind::Length
        } else if line.is(b"content-encoding") {
            Kind::Codings
        } else {
            Kind::Header
        };
        Ok(Some(Step::then(0, self.enter(Inside::Header))))
    }

    /// Returns what comes before the next string of a member.
    fn enter(&mut self, next: Inside) -> &'static [u8] {
        match (core::mem::replace(&mut self.inside, next), next) {
            (Inside::Envelope, Inside::Header) => b",\"header\":{\"",
            (Inside::Cookies, Inside::Header) => b"],\"header\":{\"",
            (Inside::Envelope, Inside::Cookies) => b",\"cookies\":[\"",
            (Inside::Header, Inside::Cookies) => b"},\"cookies\":[\"",
            _ => b",\"",
        }
    }

    /// Tells more of the name of a header, which needs no escape.
    fn name(&mut self, input: &[u8], room: &mut [u8]) -> Result<Option<Step>, Wrong> {
        let len = input.iter().position(|byte| *byte == b':').unwrap_or(input.len());
        let fits = len.min(room.len());
        if usize::from(self.name_len).saturating_add(fits) > NAME_LIMIT {
            return Err(Wrong::Reply(Error::new(ErrorKind::TooLong, NAME_LIMIT)));
        }
        if fits == len && len < input.len() {
            self.state = State::Blanks;
        } else if fits == 0 {
            return Ok(None);
        }
        self.name_len = self.name_len.saturating_add(fits as u8);
        let mut sink = SliceSink::new(room);
        sink.put(input.get(..fits).unwrap_or_default());
        let step = Step { read: fits, wrote: fits, literal: b"" };
        let is_whole = self.state == State::Blanks;
        Ok(Some(if is_whole { Step { read: fits.saturating_add(1), literal: b"\":\"", ..step } } else { step }))
    }

    /// Tells more of the value of a header or cookie.
    fn value(&mut self, input: &[u8], room: &mut [u8], is_full: bool) -> Option<Step> {
        match *input.first()? {
            b'\r' => return Some(self.end_value()),
            b',' if self.kind == Kind::Length => return Some(self.end_value()),
            blank if is_blank(blank) => {
                if self.blanks == 0 {
                    self.blank = blank;
                }
                let same = input.iter().take_while(|byte| **byte == self.blank).count();
                if same > 0 {
                    self.blanks = self.blanks.saturating_add(same as u16);
                    self.note(&[blank]);
                    return Some(Step::read(same));
                }
                // Others come behind them.
                let others = input.iter().position(|byte| !is_blank(*byte));
                match others.map(|at| (at, input.get(at))) {
                    Some((at, Some(b'\r'))) => {
                        self.blanks = 0;
                        return Some(Step::read(at));
                    }
                    // A longer mix of blanks counts as a part of the value, although nothing may follow.
                    None if !is_full => return None,
                    _ => {}
                }
            }
            _ => {}
        }
        if self.blanks > 0 {
            return Some(self.put_blanks(room));
        }
        let is_end = |byte: &u8| is_blank(*byte) || *byte == b'\r' || *byte == b',' && self.kind == Kind::Length;
        let len = input.iter().position(is_end).unwrap_or(input.len());
        let text = input.get(..len).unwrap_or_default();
        let (read, wrote) = put_text(room, text, len < input.len());
        self.note(text.get(..read).unwrap_or_default());
        if read == 0 { None } else { Some(Step { read, wrote, literal: b"" }) }
    }

    fn put_blanks(&mut self, room: &mut [u8]) -> Step {
        let blank: &[u8] = if self.blank == b'\t' { b"\\t" } else { b" " };
        let mut sink = SliceSink::new(room);
        while self.blanks > 0 && sink.room() >= blank.len() {
            sink.put(blank);
            self.blanks = self.blanks.saturating_sub(1);
        }
        Step { wrote: sink.len(), ..Step::default() }
    }

    fn end_value(&mut self) -> Step {
        self.note(b",");
        self.blanks = 0;
        self.state = State::Skip;
        Step::then(0, b"\"")
    }

    /// Notes more of a value, if it names codings.
    fn note(&mut self, value: &[u8]) {
        if self.kind == Kind::Codings {
            value.iter().for_each(|byte| self.codings.note(*byte));
        }
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Whether a list names a content coding other than `identity`, as it comes.
struct Codings {
    /// How many bytes of that word the element has so far; [`OTHER`](Codings::OTHER) if it is another.
    matched: u8,
    /// A blank came behind it.
    has_ended: bool,
    is_coded: bool,
}

impl Codings {
    const WORD: &'static [u8] = b"identity";
    const OTHER: u8 = u8::MAX;

    fn note(&mut self, byte: u8) {
        if byte == b',' {
            self.is_coded |= self.matched > 0 && usize::from(self.matched) != Self::WORD.len();
            self.matched = 0;
            self.has_ended = false;
        } else if is_blank(byte) {
            self.has_ended = self.matched > 0;
        } else if !self.has_ended && Self::WORD.get(usize::from(self.matched)) == Some(&byte.to_ascii_lowercase()) {
            self.matched = self.matched.saturating_add(1);
        } else {
            self.matched = Self::OTHER;
        }
    }
}
