//! The one implementation of the JSON grammar: walks over one value of any depth and validates all of it.
//!
//! It knows RFC 8259, and holds the nesting in one bit a level, so there is no recursion. It must never know what a
//! value means. Pieces of text flow in; out comes how far it got. It can stop at the end of any piece and go on with
//! the next, so a slice is one piece and a stream is many, and both get the same answer.

use super::scan;
use super::string::{self, Stop};
use crate::error::{Error, ErrorKind};
use crate::limits::DEPTH_LIMIT;

/// The JSON type of a value, told by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

impl Kind {
    /// The type of the value that begins with this byte.
    #[inline]
    pub(crate) const fn of(first: u8) -> Option<Self> {
        match first {
            b'{' => Some(Self::Object),
            b'[' => Some(Self::Array),
            b'"' => Some(Self::String),
            b'-' | b'0'..=b'9' => Some(Self::Number),
            b't' | b'f' => Some(Self::Bool),
            b'n' => Some(Self::Null),
            _ => None,
        }
    }
}

/// White space between tokens.
#[inline]
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A value.
    Value,
    /// A value, or the end of the array.
    ValueOrEnd,
    /// A name, or the end of the object.
    KeyOrEnd,
    /// A name.
    Key,
    Colon,
    /// What may stand behind a value: a comma, or the end of what holds it.
    After,
    /// More of a name.
    InKey,
    /// More of a string.
    InString,
    /// More of a number; the others say what it ends with so far.
    Minus,
    Zero,
    Integer,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
    /// Nothing: the value has ended.
    Done,
}

pub(crate) struct Walker {
    /// One bit for each level, the innermost lowest: 1 for an object.
    levels: u128,
    depth: u8,
    limit: u8,
    state: State,
    /// White space between tokens so far, in bytes.
    spaces: usize,
}

impl Walker {
    /// A walker over a value that stands at this level of an envelope.
    #[inline]
    pub(crate) const fn new(level: u8) -> Self {
        let limit = (DEPTH_LIMIT as u8).saturating_sub(level);
        Self { levels: 0, depth: 0, limit, state: State::Value, spaces: 0 }
    }

    /// White space between tokens so far, in bytes.
    #[inline]
    pub(crate) const fn spaces(&self) -> usize {
        self.spaces
    }

    /// Whether the value has ended.
    #[inline]
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Whether the value may end where the text ends: a number that stands alone has no end of its own.
    pub(crate) const fn may_end(&self) -> bool {
        match self.state {
            State::Done => true,
            State::Zero | State::Integer | State::Fraction | State::ExponentDigits => self.depth == 0,
            _ => false,
        }
    }

    /// Walks on, and returns how many bytes of the piece are done with: all of them, or those up to the end of the
    /// value, or all but the beginning of something that the piece cuts in two, eleven bytes at most. That beginning
    /// must come again, with more behind it, at the start of the next piece.
    ///
    /// # Errors
    /// Those of JSON, and [`ErrorKind::TooDeep`], at the position in the piece of the byte that is wrong. A walker that
    /// has given an error must not be used again.
    pub(crate) fn feed(&mut self, piece: &[u8]) -> Result<usize, Error> {
        let mut at = 0_usize;
        let mut state = self.state;
        let mut levels = self.levels;
        let mut depth = self.depth;
        let mut spaces = self.spaces;
        let wrong = loop {
            let Some(&byte) = piece.get(at) else { break None };
            let next = at.wrapping_add(1);
            match state {
                State::Value | State::ValueOrEnd => {
                    state = match byte {
                        b'"' => State::InString,
                        b'{' | b'[' => {
                            if depth >= self.limit {
                                break Some(ErrorKind::TooDeep);
                            }
                            depth = depth.wrapping_add(1);
                            let object = byte == b'{';
                            levels = (levels << 1) | u128::from(object);
                            if object { State::KeyOrEnd } else { State::ValueOrEnd }
                        }
                        b'1'..=b'9' => State::Integer,
                        b'0' => State::Zero,
                        b'-' => State::Minus,
                        b't' | b'f' | b'n' => match literal(piece, at) {
                            Ok(0) => break None,
                            Ok(len) => {
                                at = at.wrapping_add(len);
                                state = State::After;
                                if depth == 0 {
                                    state = State::Done;
                                    break None;
                                }
                                continue;
                            }
                            Err(wrong) => {
                                at = wrong;
                                break Some(ErrorKind::InvalidLiteral);
                            }
                        },
                        b']' if state == State::ValueOrEnd => {
                            state = State::After;
                            continue;
                        }
                        _ if is_space(byte) => {
                            spaces = spaces.wrapping_add(1);
                            state
                        }
                        _ => break Some(ErrorKind::UnexpectedByte),
                    };
                    at = next;
                }
                State::InString | State::InKey => {
                    let plain = scan::plain(piece.get(at..).unwrap_or_default());
                    at = at.wrapping_add(plain);
                    if piece.get(at) != Some(&b'"') {
                        let content = string::content(piece, at);
                        at = content.end;
                        match content.stop {
                            Stop::Quote => {}
                            Stop::Cut => break None,
                            Stop::Wrong(error) => return Err(error),
                        }
                    }
                    at = at.wrapping_add(1);
                    if state == State::InKey {
                        state = State::Colon;
                        if let Some(b':') = piece.get(at) {
                            at = at.wrapping_add(1);
                            state = State::Value;
                        }
                    } else if depth == 0 {
                        state = State::Done;
                        break None;
                    } else {
                        state = State::After;
                    }
                }
                State::After => match byte {
                    b',' => {
                        at = next;
                        state = if levels & 1 == 1 { State::Key } else { State::Value };
                    }
                    b'}' | b']' => {
                        if (byte == b'}') != (levels & 1 == 1) {
                            break Some(ErrorKind::UnexpectedByte);
                        }
                        at = next;
                        levels >>= 1;
                        depth = depth.wrapping_sub(1);
                        if depth == 0 {
                            state = State::Done;
                            break None;
                        }
                    }
                    _ if is_space(byte) => {
                        at = next;
                        spaces = spaces.wrapping_add(1);
                    }
                    _ => break Some(ErrorKind::UnexpectedByte),
                },
                State::Key | State::KeyOrEnd => match byte {
                    b'"' => {
                        at = next;
                        state = State::InKey;
                    }
                    b'}' if state == State::KeyOrEnd => state = State::After,
                    _ if is_space(byte) => {
                        at = next;
                        spaces = spaces.wrapping_add(1);
                    }
                    _ => break Some(ErrorKind::UnexpectedByte),
                },
                State::Colon => {
                    at = next;
                    if byte == b':' {
                        state = State::Value;
                    } else if is_space(byte) {
                        spaces = spaces.wrapping_add(1);
                    } else {
                        at = at.wrapping_sub(1);
                        break Some(ErrorKind::UnexpectedByte);
                    }
                }
                State::Done => break None,
                _ => match number(state, piece, &mut at) {
                    State::Done => {
                        state = State::After;
                        if depth == 0 {
                            state = State::Done;
                            break None;
                        }
                    }
                    State::Value => break Some(ErrorKind::InvalidNumber),
                    cut => {
                        state = cut;
                        break None;
                    }
                },
            }
        };
        if let Some(kind) = wrong {
            return Err(Error::new(kind, at));
        }
        self.state = state;
        self.levels = levels;
        self.depth = depth;
        self.spaces = spaces;
        Ok(at)
    }
}

/// Reads on in a number: `Done` behind it, `Value` when it is none, otherwise what the piece ends with.
fn number(from: State, piece: &[u8], at: &mut usize) -> State {
    let mut state = from;
    while let Some(byte) = piece.get(*at) {
        state = match (state, byte) {
            (State::Integer, b'0'..=b'9') => State::Integer,
            (State::Integer | State::Zero, b'.') => State::Point,
            (State::Point | State::Fraction, b'0'..=b'9') => State::Fraction,
            (State::Integer | State::Zero | State::Fraction, b'e' | b'E') => State::Exponent,
            (State::Exponent, b'+' | b'-') => State::ExponentSign,
            (State::Exponent | State::ExponentSign | State::ExponentDigits, b'0'..=b'9') => State::ExponentDigits,
            (State::Minus, b'0') => State::Zero,
            (State::Minus, b'1'..=b'9') => State::Integer,
            (State::Zero, b'0'..=b'9') => return State::Value,
            (State::Integer | State::Zero | State::Fraction | State::ExponentDigits, _) => return State::Done,
            _ => return State::Value,
        };
        *at = at.wrapping_add(1);
    }
    state
}

/// Length of the literal that begins here, 0 when the piece cuts it; or the position of the byte that is wrong.
fn literal(piece: &[u8], at: usize) -> Result<usize, usize> {
    let rest = piece.get(at..).unwrap_or_default();
    let word: &[u8] = match rest.first() {
        Some(b't') => b"true",
        Some(b'f') => b"false",
        _ => b"null",
    };
    match rest.iter().zip(word).position(|(byte, expected)| byte != expected) {
        Some(wrong) => Err(at.wrapping_add(wrong)),
        None if rest.len() < word.len() => Ok(0),
        None => Ok(word.len()),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::Walker;
    use crate::error::Error;
    use std::vec::Vec;

    /// What comes of a text: how long the value is and how much white space is in it, or the error.
    type Answer = Result<(usize, usize), Error>;

    /// Feeds a text in pieces that end at these positions, and what a piece leaves again with the next.
    fn feed(text: &[u8], cuts: &[usize]) -> Answer {
        let mut walker = Walker::new(1);
        let mut done = 0;
        for cut in cuts.iter().copied().chain([text.len()]) {
            if walker.is_done() {
                break;
            }
            let used = walker.feed(&text[done..cut]).map_err(|error| error.behind(done))?;
            assert!(walker.is_done() || cut - done - used < 12, "a piece leaves eleven bytes at most");
            done += used;
        }
        let ended = walker.is_done() || (walker.may_end() && done == text.len());
        if ended { Ok((done, walker.spaces())) } else { Err(Error::new(crate::ErrorKind::UnexpectedEnd, text.len())) }
    }

    const TEXTS: &[&[u8]] = &[
        br#" {"a" : [1, -0.5e+10, true ,false,null, "x"], "b":{} ,"c":[ ] , "\u0041\ud83d\ude00\n":"\"\\"} "#,
        "[\"\u{e9}\u{4e2d}\u{6587}\u{1f600}\u{7ff}\u{800}\u{ffff}\u{10ffff}\", \"\u{d7ff}\u{e000}\"]".as_bytes(),
        b"-120.75E-3",
        b"0",
        b"12",
        b"true",
        b"nul",
        b"nulL",
        b"[1,]",
        b"[01]",
        b"[1.]",
        b"[-]",
        b"[1e]",
        b"{\"a\"}",
        b"{\"a\":1,}",
        b"{a:1}",
        b"[1 2]",
        b"[}",
        b"{]",
        b"\"\\u12x4\"",
        b"\"\\ud800\"",
        b"\"\\ud800\\n\"",
        b"\"\\ud800\\ud800\"",
        b"\"\\udc00\"",
        b"\"\\q\"",
        b"\"a\nb\"",
        b"\"\xc3(\"",
        b"\"\xe0\x9f\x80\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xf0\x8f\xbf\xbf\"",
        b"\"\xf4\x90\x80\x80\"",
        b"\"\xe4\xb8\"",
        b"\"\x80\"",
        b"\"\xff\"",
    ];

    #[test]
    fn every_pair_of_cuts_gives_the_same_answer() {
        for text in TEXTS {
            let whole = feed(text, &[]);
            for first in 0..=text.len() {
                for second in first..=text.len() {
                    assert_eq!(feed(text, &[first, second]), whole, "{:?} cut at {first} and {second}", text);
                }
            }
        }
    }

    #[test]
    fn one_byte_at_a_time_gives_the_same_answer() {
        for text in TEXTS {
            let cuts: Vec<usize> = (0..text.len()).collect();
            assert_eq!(feed(text, &cuts), feed(text, &[]), "{:?}", text);
        }
    }

    #[test]
    fn every_prefix_cut_anywhere_gives_the_same_answer() {
        for text in TEXTS {
            for end in 0..text.len() {
                let prefix = &text[..end];
                let whole = feed(prefix, &[]);
                for cut in 0..=end {
                    assert_eq!(feed(prefix, &[cut]), whole, "{:?} cut at {cut}", prefix);
                }
            }
        }
    }
}
