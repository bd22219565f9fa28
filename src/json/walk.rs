//! The one implementation of the JSON grammar: walks over one value of any depth and validates all of it.
//!
//! It knows RFC 8259, and holds the nesting in one bit a level, so there is no recursion. It must never know what a
//! value means. Pieces of text flow in; out comes how far it got. It can stop at the end of any piece and go on with
//! the next, so a slice is one piece and a stream is many, and both get the same answer.

use super::scan;
use super::simd;
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

/// What comes next. A word and not a byte, since a small processor compares words.
type State = u32;

/// A value.
pub(super) const VALUE: State = 0;
/// A value, or the end of the array.
pub(super) const VALUE_OR_END: State = 1;
/// Behind a value in an object: a comma, or its end.
pub(super) const IN_OBJECT: State = 2;
/// Behind a value in an array: a comma, or its end.
pub(super) const IN_ARRAY: State = 3;
/// A name.
pub(super) const KEY: State = 4;
/// A name, or the end of the object.
pub(super) const KEY_OR_END: State = 5;
pub(super) const COLON: State = 6;
/// Nothing: the value has ended.
pub(super) const DONE: State = 7;
// More of a number, which ends with this so far.
pub(super) const MINUS: State = 8;
pub(super) const POINT: State = 9;
pub(super) const EXPONENT: State = 10;
pub(super) const EXPONENT_SIGN: State = 11;
// From here on the number may end.
pub(super) const ZERO: State = 12;
pub(super) const INTEGER: State = 13;
pub(super) const FRACTION: State = 14;
pub(super) const EXPONENT_DIGITS: State = 15;
/// More of a string.
pub(super) const IN_STRING: State = 16;
/// More of a name.
pub(super) const IN_KEY: State = 17;

pub(crate) struct Walker {
    /// One bit for each level, the lowest for the innermost: 1 for an object.
    pub(super) levels: u128,
    pub(super) depth: u8,
    pub(super) limit: u8,
    pub(super) state: State,
    /// The state behind the next value that ends on this level.
    pub(super) after: State,
    /// White space between tokens so far, in bytes.
    pub(super) spaces: usize,
}

impl Walker {
    /// A walker over a value that stands at this level of an envelope.
    #[inline]
    pub(crate) const fn new(level: u8) -> Self {
        let limit = (DEPTH_LIMIT as u8).saturating_sub(level);
        Self { levels: 0, depth: 0, limit, state: VALUE, after: DONE, spaces: 0 }
    }

    /// White space between tokens so far, in bytes.
    #[inline]
    pub(crate) const fn spaces(&self) -> usize {
        self.spaces
    }

    /// Whether the value has ended.
    #[inline]
    pub(crate) const fn is_done(&self) -> bool {
        self.state == DONE
    }

    /// Whether the value may end where the text ends: a number that stands alone has no end of its own.
    pub(crate) const fn may_end(&self) -> bool {
        self.depth == 0 && matches!(self.state, DONE | ZERO..=EXPONENT_DIGITS)
    }

    /// Steps into an object or array, for which there must be room, and says what comes next.
    #[inline(never)]
    fn open(&mut self, object: bool) -> State {
        self.levels = (self.levels << 1) | u128::from(object);
        self.depth = self.depth.wrapping_add(1);
        let next;
        (self.after, next) = if object { (IN_OBJECT, KEY_OR_END) } else { (IN_ARRAY, VALUE_OR_END) };
        next
    }

    /// Steps out of an object or array, and says what comes next.
    #[inline(never)]
    fn close(&mut self) -> State {
        self.levels >>= 1;
        self.depth = self.depth.wrapping_sub(1);
        self.after = self.around();
        self.after
    }

    /// The state behind a value on this level.
    #[inline]
    pub(super) const fn around(&self) -> State {
        match (self.depth, self.levels & 1) {
            (0, _) => DONE,
            (_, 1) => IN_OBJECT,
            _ => IN_ARRAY,
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
        let from = simd::walk(self, piece)?;
        self.walk(piece, from)
    }

    /// The same byte by byte, from this one on.
    #[inline(never)]
    pub(super) fn walk(&mut self, piece: &[u8], from: usize) -> Result<usize, Error> {
        let mut state = self.state;
        let mut rest = piece.get(from..).unwrap_or_default();
        let wrong = loop {
            if state >= IN_STRING {
                let plain = scan::nearly_plain(rest);
                // A name mostly has its colon right behind it.
                match rest.get(plain..) {
                    Some([b'"', b':', behind @ ..]) if state == IN_KEY => (state, rest) = (VALUE, behind),
                    Some([b'"', behind @ ..]) => (state, rest) = (self.behind_string(state), behind),
                    _ => {
                        let content = string::any_content(rest, plain);
                        let (len, wrong) = match content.stop {
                            Stop::Quote => (content.len.wrapping_add(1), None),
                            Stop::Cut => (content.len, None),
                            Stop::Wrong(kind, wrong) => (wrong, Some(kind)),
                        };
                        rest = rest.get(len..).unwrap_or_default();
                        if content.stop != Stop::Quote {
                            break wrong;
                        }
                        state = self.behind_string(state);
                    }
                }
            }
            let Some((byte, behind)) = rest.split_first() else { break None };
            if state <= VALUE_OR_END {
                match byte {
                    b'"' => {
                        (state, rest) = (IN_STRING, behind);
                        continue;
                    }
                    b'1'..=b'9' => {
                        rest = past_digits(behind);
                        state = match rest.first() {
                            None | Some(b'.' | b'e' | b'E') => INTEGER,
                            _ => self.after,
                        };
                        continue;
                    }
                    b'0' | b'-' => {
                        (state, rest) = (if *byte == b'0' { ZERO } else { MINUS }, behind);
                        continue;
                    }
                    b'{' | b'[' => {
                        if self.depth >= self.limit {
                            break Some(ErrorKind::TooDeep);
                        }
                        (state, rest) = (self.open(*byte == b'{'), behind);
                        continue;
                    }
                    b't' | b'f' | b'n' => {
                        match rest.split_first_chunk() {
                            Some((b"true" | b"null", behind)) => rest = behind,
                            Some((b"fals", [b'e', behind @ ..])) => rest = behind,
                            _ => {
                                let (right, wrong) = literal(rest);
                                rest = rest.get(right..).unwrap_or_default();
                                break wrong;
                            }
                        }
                        state = self.after;
                        continue;
                    }
                    b']' if state == VALUE_OR_END => {
                        (state, rest) = (self.close(), behind);
                        continue;
                    }
                    _ => {}
                }
            } else if state <= IN_ARRAY {
                let (end, next) = if state == IN_OBJECT { (b'}', KEY) } else { (b']', VALUE) };
                if *byte == b',' {
                    (state, rest) = (next, behind);
                    // Nor does white space mostly come before a name.
                    if let (KEY, Some((b'"', behind))) = (state, rest.split_first()) {
                        (state, rest) = (IN_KEY, behind);
                    }
                    continue;
                }
                if *byte == end {
                    (state, rest) = (self.close(), behind);
                    continue;
                }
            } else if state >= MINUS {
                (state, rest) = number(state, rest);
                if rest.is_empty() {
                    break None;
                }
                if state < ZERO || (state == ZERO && rest.first().is_some_and(u8::is_ascii_digit)) {
                    break Some(ErrorKind::InvalidNumber);
                }
                state = self.after;
                continue;
            } else if state == DONE {
                break None;
            } else {
                let next = match byte {
                    b':' if state == COLON => Some(VALUE),
                    b'"' if state != COLON => Some(IN_KEY),
                    b'}' if state == KEY_OR_END => Some(self.close()),
                    _ => None,
                };
                if let Some(next) = next {
                    (state, rest) = (next, behind);
                    continue;
                }
            }
            if !is_space(*byte) {
                break Some(ErrorKind::UnexpectedByte);
            }
            self.spaces = self.spaces.wrapping_add(1);
            rest = behind;
        };
        self.state = state;
        let at = piece.len().wrapping_sub(rest.len());
        match wrong {
            Some(kind) => Err(Error::new(kind, at)),
            None => Ok(at),
        }
    }

    /// What comes behind a string that is a name or a value.
    #[inline]
    const fn behind_string(&self, state: State) -> State {
        if state == IN_KEY { COLON } else { self.after }
    }
}

/// More of a number that is in this state: the state at the byte that is no more of it, and what is there.
#[inline(never)]
fn number(state: State, piece: &[u8]) -> (State, &[u8]) {
    let mut state = state;
    let mut rest = piece;
    loop {
        if state >= INTEGER {
            rest = past_digits(rest);
        }
        let Some((byte, behind)) = rest.split_first() else { break };
        state = match (state, byte) {
            (MINUS, b'0') => ZERO,
            (MINUS, b'1'..=b'9') => INTEGER,
            (POINT, b'0'..=b'9') => FRACTION,
            (EXPONENT | EXPONENT_SIGN, b'0'..=b'9') => EXPONENT_DIGITS,
            (EXPONENT, b'+' | b'-') => EXPONENT_SIGN,
            (ZERO | INTEGER, b'.') => POINT,
            (ZERO | INTEGER | FRACTION, b'e' | b'E') => EXPONENT,
            _ => break,
        };
        rest = behind;
    }
    (state, rest)
}

/// What follows the digits.
#[inline]
fn past_digits(piece: &[u8]) -> &[u8] {
    let mut rest = piece;
    while let Some((b'0'..=b'9', behind)) = rest.split_first() {
        rest = behind;
    }
    rest
}

/// How far something that is no literal as a whole is one, and whether that is wrong: if the piece cuts it, none of it is
/// done with.
#[cold]
fn literal(rest: &[u8]) -> (usize, Option<ErrorKind>) {
    let word: &[u8] = match rest.first() {
        Some(b't') => b"true",
        Some(b'f') => b"false",
        _ => b"null",
    };
    let right = rest.iter().zip(word).take_while(|(byte, expected)| byte == expected).count();
    if right < rest.len() { (right, Some(ErrorKind::InvalidLiteral)) } else { (0, None) }
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
