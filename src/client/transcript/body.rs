//! The body of a response, as the last member of an envelope.
//!
//! Knows what a body may become, and how much of it must be known for that. What is all there becomes what it would in a
//! gateway; longer text is taken for JSON if it begins like that.

use super::Step;
use super::head::Lines;
use crate::base64;
use crate::client::doors::Asked;
use crate::client::error::Wrong;
use crate::client::platform;
use crate::http::HttpError;
use crate::http::text::{Body, REPLACEMENT, is_text};
use crate::json::sink::{LEAST_ROOM, Sink, SliceSink};
use crate::json::string::{self, Stop};
use crate::json::walk::{Walker, is_space};
use crate::json::{scan, write};
use crate::{Data, Text};

/// The byte order mark.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// What becomes of a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Text.
    Text,
    /// JSON, which may be a text with its own quotes. It is sent on as it is, but for invalid UTF-8.
    Raw,
    Bytes,
}

/// The body while it is being looked at.
pub(super) struct Ahead {
    walker: Walker,
    /// How much of the body the walker has walked over.
    walked: usize,
}

/// What a look at a body has found.
pub(super) enum Judged {
    /// Nothing: more of it must be known.
    Open,
    /// It is an error object of the platform.
    Failure,
    /// It becomes this, without so many bytes at its beginning.
    Body { mode: Mode, mark: usize },
}

impl Ahead {
    pub(super) const NEW: Self = Self { walker: Walker::new(1), walked: 0 };

    /// Looks at what there is of a body; `(ended, is_full)` say that this is all of it, and that no more can be looked at.
    ///
    /// # Errors
    /// [`HttpError::Coded`].
    #[inline(never)]
    pub(super) fn judge(
        &mut self,
        asked: Asked,
        lines: &Lines,
        body: &[u8],
        (ended, is_full): (bool, bool),
    ) -> Result<Judged, Wrong> {
        let status = lines.status();
        let may_be_error = asked.is_platform() && (400..600).contains(&status);
        let is_coded = lines.is_coded();
        let mode = if ended {
            let data = Body::new(body, asked.data_type(), asked.response_type());
            if is_coded && is_text(body, asked.response_type()) {
                return Err(Wrong::Http(HttpError::Coded));
            }
            if asked.is_platform() && platform::is_error(status, body) {
                return Ok(Judged::Failure);
            }
            match data {
                // It is text whose quotes are not its own.
                Body::Clean(Data::Text(other)) if other.as_raw().len() == without_mark(body).len() => Mode::Text,
                Body::Clean(Data::Text(_) | Data::Json(_)) | Body::BrokenJson(_) => Mode::Raw,
                Body::Clean(_) => Mode::Bytes,
                Body::BrokenText(_) => Mode::Text,
            }
        } else {
            let wants_json = asked.wants_json();
            let may_be_json = (wants_json || may_be_error) && self.may_be_json(body);
            let may_be_mark = !asked.wants_bytes() && MARK.starts_with(body);
            if !is_full && (may_be_json || may_be_mark) {
                return Ok(Judged::Open);
            }
            if asked.wants_bytes() {
                Mode::Bytes
            } else if is_coded {
                return Err(Wrong::Http(HttpError::Coded));
            } else if wants_json && may_be_json && may_be_text(without_mark(body)) {
                Mode::Raw
            } else {
                Mode::Text
            }
        };
        let mark = if mode == Mode::Bytes { 0 } else { body.len().saturating_sub(without_mark(body).len()) };
        Ok(Judged::Body { mode, mark })
    }

    /// Whether this may be the beginning of JSON, once invalid UTF-8 is replaced.
    fn may_be_json(&mut self, body: &[u8]) -> bool {
        if self.walked == 0 {
            if MARK.starts_with(body) {
                return true;
            }
            self.walked = body.len().saturating_sub(without_mark(body).len());
        }
        loop {
            let rest = body.get(self.walked..).unwrap_or_default();
            if self.walker.is_done() {
                let spaces = rest.iter().take_while(|byte| is_space(**byte)).count();
                self.walked = self.walked.saturating_add(spaces);
                return spaces == rest.len();
            }
            let Some(chunk) = rest.utf8_chunks().next() else { return true };
            let (valid, wrong) = (chunk.valid().as_bytes(), chunk.invalid());
            let is_cut = is_cut(rest.get(valid.len()..).unwrap_or_default());
            let Ok(used) = self.walker.feed(valid) else { return false };
            self.walked = self.walked.saturating_add(used);
            if self.walker.is_done() {
                continue;
            }
            if used < valid.len() {
                // It is cut: nothing like that goes on with U+FFFD.
                return wrong.is_empty() || is_cut;
            }
            if is_cut || wrong.is_empty() {
                return true;
            }
            if self.walker.feed(REPLACEMENT.as_bytes()) != Ok(REPLACEMENT.len()) {
                return false;
            }
            self.walked = self.walked.saturating_add(wrong.len());
        }
    }
}

fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(MARK).unwrap_or(body)
}

/// Whether a text begins with a character that its end cuts.
fn is_cut(text: &[u8]) -> bool {
    core::str::from_utf8(text).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

/// Whether JSON that begins like this is no string, or one that can be read as a text.
fn may_be_text(json: &[u8]) -> bool {
    let spaces = json.iter().take_while(|byte| is_space(**byte)).count();
    let Some([b'"', content @ ..]) = json.get(spaces..) else { return true };
    let mut chunks = content.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        let is_last = chunks.peek().is_none() && (chunk.invalid().is_empty() || is_cut(chunk.invalid()));
        match string::content(chunk.valid().as_bytes()).stop {
            Stop::Wrong(..) => return false,
            Stop::Quote => return true,
            Stop::Cut if is_last => {}
            Stop::Cut if Text::from_escaped(chunk.valid()).is_err() => return false,
            Stop::Cut => {}
        }
    }
    true
}

impl Mode {
    /// What comes before a body.
    pub(super) const fn before(self) -> &'static [u8] {
        match self {
            Self::Text => b",\"data\":\"",
            Self::Raw => b",\"data\":",
            Self::Bytes => b",\"__nativeBuffers__\":[{\"key\":\"data\",\"base64\":\"",
        }
    }

    /// What comes behind a body; it ends the envelope.
    pub(super) const fn behind(self) -> &'static [u8] {
        match self {
            Self::Text => b"\"}",
            Self::Raw => b"}",
            Self::Bytes => b"\"}]}",
        }
    }

    /// Writes more of a body; `ended` says that nothing follows. `None` if nothing can be written.
    #[inline(never)]
    pub(super) fn step(self, input: &[u8], room: &mut [u8], ended: bool) -> Option<Step> {
        let (read, wrote) = match self {
            Self::Text => put_text(room, input, ended),
            Self::Raw => put_raw(room, input, ended),
            Self::Bytes => {
                let groups = (input.len() / 3).min(room.len() / 4);
                let mut read = groups.saturating_mul(3);
                if read == 0 && ended {
                    read = input.len();
                }
                let mut sink = SliceSink::new(room);
                base64::encode(&mut sink, input.get(..read).unwrap_or_default());
                (read, sink.len())
            }
        };
        if read == 0 { None } else { Some(Step { read, wrote, literal: b"" }) }
    }
}

/// Writes more of a text as the content of a string, with invalid UTF-8 replaced; `ended` says that nothing follows.
/// Returns how many bytes it has read and written.
pub(super) fn put_text(room: &mut [u8], text: &[u8], ended: bool) -> (usize, usize) {
    put(room, text, ended, |sink, valid| {
        let some = sink.room() / LEAST_ROOM;
        let mut len = scan::plain(valid.as_bytes()).max(some).min(valid.len());
        while !valid.is_char_boundary(len) {
            len = len.saturating_sub(1);
        }
        let valid = valid.get(..len).unwrap_or_default();
        write::escape(sink, valid.as_bytes());
        len
    })
}

/// As [`put_text`], for JSON. A character that is cut is left to what follows.
fn put_raw(room: &mut [u8], json: &[u8], ended: bool) -> (usize, usize) {
    let done = put(room, json, ended, |sink, valid| {
        sink.put(valid.as_bytes());
        valid.len()
    });
    match done {
        (0, 0) => (json.len(), super::copy(json, room)),
        done => done,
    }
}

/// Writes the next valid part of a text with `put_some`, which returns how much of it that was, or what replaces an
/// invalid one.
fn put(
    room: &mut [u8],
    text: &[u8],
    ended: bool,
    put_some: impl FnOnce(&mut SliceSink<'_>, &str) -> usize,
) -> (usize, usize) {
    let near = text.get(..room.len()).unwrap_or(text);
    let Some(chunk) = near.utf8_chunks().next() else { return (0, 0) };
    let (valid, wrong) = (chunk.valid(), chunk.invalid());
    let mut sink = SliceSink::new(room);
    if !valid.is_empty() {
        let read = put_some(&mut sink, valid);
        return (read, sink.len());
    }
    if is_cut(near) && !ended {
        return (0, 0);
    }
    sink.put(REPLACEMENT.as_bytes());
    (wrong.len(), sink.len())
}
