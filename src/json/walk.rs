//! The one implementation of the JSON grammar: walks over one value of any depth and validates all of it.
//!
//! It knows RFC 8259, and holds the nesting in one bit a level, so there is no recursion. It must never know what a
//! value means. Pieces of text flow in; out comes how far it got. It can stop at the end of any piece and go on with
//! the next, so a slice is one piece and a stream is many, and both get the same answer.

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

// What a byte is to the grammar, outside strings.
const OTHER: u8 = 0;
const WHITE: u8 = 1;
const QUOTE: u8 = 2;
const OBJECT: u8 = 3;
const OBJECT_END: u8 = 4;
const ARRAY: u8 = 5;
const ARRAY_END: u8 = 6;
const COLON_SIGN: u8 = 7;
const COMMA_SIGN: u8 = 8;
const MINUS_SIGN: u8 = 9;
const PLUS_SIGN: u8 = 10;
const POINT_SIGN: u8 = 11;
const ZERO_DIGIT: u8 = 12;
const DIGIT: u8 = 13;
const EXPONENT_E: u8 = 14;
const LETTER: u8 = 15;

/// The class of each byte.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
static CLASS: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b' ' | b'\n' | b'\r' | b'\t' => WHITE,
            b'"' => QUOTE,
            b'{' => OBJECT,
            b'}' => OBJECT_END,
            b'[' => ARRAY,
            b']' => ARRAY_END,
            b':' => COLON_SIGN,
            b',' => COMMA_SIGN,
            b'-' => MINUS_SIGN,
            b'+' => PLUS_SIGN,
            b'.' => POINT_SIGN,
            b'0' => ZERO_DIGIT,
            b'1'..=b'9' => DIGIT,
            b'e' | b'E' => EXPONENT_E,
            b't' | b'f' | b'n' => LETTER,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

// What comes next: a state with a row in the table of moves is the place of its row there.
/// A value.
pub(super) const VALUE: u8 = 0x00;
/// A value, or the end of the array.
pub(super) const VALUE_OR_END: u8 = 0x10;
/// A name, or the end of the object.
pub(super) const KEY_OR_END: u8 = 0x20;
/// A name.
pub(super) const KEY: u8 = 0x30;
pub(super) const COLON: u8 = 0x40;
/// Behind a value in an object: a comma, or its end.
pub(super) const IN_OBJECT: u8 = 0x50;
/// Behind a value in an array: a comma, or its end.
pub(super) const IN_ARRAY: u8 = 0x60;
// More of a number, which ends with this so far.
pub(super) const MINUS: u8 = 0x70;
pub(super) const ZERO: u8 = 0x80;
pub(super) const INTEGER: u8 = 0x90;
const POINT: u8 = 0xA0;
pub(super) const FRACTION: u8 = 0xB0;
const EXPONENT: u8 = 0xC0;
const EXPONENT_SIGN: u8 = 0xD0;
pub(super) const EXPONENT_DIGITS: u8 = 0xE0;
/// What is not less than this has no row.
pub(super) const NO_ROW: u8 = 0xF0;
/// More of a string.
pub(super) const IN_STRING: u8 = 0xF0;
/// More of a name.
pub(super) const IN_KEY: u8 = 0xF1;
/// Nothing: the value has ended.
pub(super) const DONE: u8 = 0xF2;

// Moves that take more than going to a state; the first two are those to the states of the same name.
const SPACE: u8 = 0xF3;
const LITERAL: u8 = 0xF4;
const OPEN_OBJECT: u8 = 0xF5;
const OPEN_ARRAY: u8 = 0xF6;
const CLOSE: u8 = 0xF7;
/// A number ends before this byte.
const END_NUMBER: u8 = 0xF8;
const WRONG_NUMBER: u8 = 0xF9;
const WRONG: u8 = 0xFA;

/// Where each class of byte leads from each state: the grammar of RFC 8259, but for what is inside strings and literals.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
static MOVES: [u8; 256] = {
    let mut moves = [WRONG; 256];
    let mut place = 0;
    while place < NO_ROW as usize {
        moves[place] = move_of(place as u8 & 0xF0, place as u8 & 0x0F);
        place += 1;
    }
    moves
};

const fn move_of(state: u8, class: u8) -> u8 {
    match (state, class) {
        (VALUE..=IN_ARRAY, WHITE) => SPACE,
        (VALUE | VALUE_OR_END, QUOTE) => IN_STRING,
        (VALUE | VALUE_OR_END, OBJECT) => OPEN_OBJECT,
        (VALUE | VALUE_OR_END, ARRAY) => OPEN_ARRAY,
        (VALUE | VALUE_OR_END, LETTER) => LITERAL,
        (VALUE | VALUE_OR_END, MINUS_SIGN) => MINUS,
        (VALUE | VALUE_OR_END | MINUS, ZERO_DIGIT) => ZERO,
        (VALUE | VALUE_OR_END | MINUS, DIGIT) | (INTEGER, DIGIT | ZERO_DIGIT) => INTEGER,
        (KEY | KEY_OR_END, QUOTE) => IN_KEY,
        (COLON, COLON_SIGN) | (IN_ARRAY, COMMA_SIGN) => VALUE,
        (IN_OBJECT, COMMA_SIGN) => KEY,
        (IN_OBJECT | KEY_OR_END, OBJECT_END) | (IN_ARRAY | VALUE_OR_END, ARRAY_END) => CLOSE,
        (ZERO | INTEGER, POINT_SIGN) => POINT,
        (POINT | FRACTION, DIGIT | ZERO_DIGIT) => FRACTION,
        (ZERO | INTEGER | FRACTION, EXPONENT_E) => EXPONENT,
        (EXPONENT, PLUS_SIGN | MINUS_SIGN) => EXPONENT_SIGN,
        (EXPONENT | EXPONENT_SIGN | EXPONENT_DIGITS, DIGIT | ZERO_DIGIT) => EXPONENT_DIGITS,
        (ZERO, DIGIT | ZERO_DIGIT) | (MINUS | POINT | EXPONENT | EXPONENT_SIGN, _) => WRONG_NUMBER,
        (ZERO | INTEGER | FRACTION | EXPONENT_DIGITS, _) => END_NUMBER,
        _ => WRONG,
    }
}

pub(crate) struct Walker {
    /// One bit for each level, the lowest for the outermost: 1 for an object.
    pub(super) levels: [u32; 4],
    pub(super) depth: u8,
    pub(super) limit: u8,
    pub(super) state: u8,
    /// The state behind the next value that ends on this level.
    pub(super) after: u8,
    /// White space between tokens so far, in bytes.
    pub(super) spaces: usize,
}

impl Walker {
    /// A walker over a value that stands at this level of an envelope.
    #[inline]
    pub(crate) const fn new(level: u8) -> Self {
        let limit = (DEPTH_LIMIT as u8).saturating_sub(level);
        Self { levels: [0; 4], depth: 0, limit, state: VALUE, after: DONE, spaces: 0 }
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
        self.depth == 0 && matches!(self.state, DONE | ZERO | INTEGER | FRACTION | EXPONENT_DIGITS)
    }

    /// Steps into an object or array, if there is room.
    fn open(&mut self, inside: u8) -> bool {
        if self.depth >= self.limit {
            return false;
        }
        if let Some(word) = self.levels.get_mut(usize::from(self.depth >> 5)) {
            let bit = 1_u32.wrapping_shl(u32::from(self.depth));
            *word = if inside == IN_OBJECT { *word | bit } else { *word & !bit };
        }
        self.depth = self.depth.wrapping_add(1);
        self.after = inside;
        true
    }

    /// Steps out of an object or array.
    fn close(&mut self) {
        self.depth = self.depth.wrapping_sub(1);
        self.after = self.around();
    }

    /// The state behind a value on this level.
    pub(super) fn around(&self) -> u8 {
        let level = self.depth.wrapping_sub(1);
        match self.levels.get(usize::from(level >> 5)) {
            None => DONE,
            Some(word) if word.wrapping_shr(u32::from(level)) & 1 == 1 => IN_OBJECT,
            Some(_) => IN_ARRAY,
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
    pub(super) fn walk(&mut self, piece: &[u8], from: usize) -> Result<usize, Error> {
        let mut state = self.state;
        let mut at = from;
        let wrong = loop {
            if state >= NO_ROW {
                if state == DONE {
                    break None;
                }
                let rest = piece.get(at..).unwrap_or_default();
                let content = string::content(rest);
                match content.stop {
                    Stop::Wrong(kind, wrong) => {
                        at = at.wrapping_add(wrong);
                        break Some(kind);
                    }
                    Stop::Cut => {
                        at = at.wrapping_add(content.len);
                        break None;
                    }
                    Stop::Quote => at = at.wrapping_add(content.len).wrapping_add(1),
                }
                state = if state == IN_KEY { COLON } else { self.after };
                continue;
            }
            // The hot path: a table says where a byte leads.
            let action = loop {
                let Some(byte) = piece.get(at) else { break DONE };
                let class = CLASS.get(usize::from(*byte)).copied().unwrap_or(OTHER);
                let next = MOVES.get(usize::from(state | class)).copied().unwrap_or(WRONG);
                if next >= NO_ROW {
                    break next;
                }
                at = at.wrapping_add(1);
                state = next;
            };
            match action {
                IN_STRING | IN_KEY => state = action,
                SPACE => self.spaces = self.spaces.wrapping_add(1),
                OPEN_OBJECT => {
                    if !self.open(IN_OBJECT) {
                        break Some(ErrorKind::TooDeep);
                    }
                    state = KEY_OR_END;
                }
                OPEN_ARRAY => {
                    if !self.open(IN_ARRAY) {
                        break Some(ErrorKind::TooDeep);
                    }
                    state = VALUE_OR_END;
                }
                CLOSE => {
                    self.close();
                    state = self.after;
                }
                END_NUMBER => {
                    // The byte belongs to what follows.
                    state = self.after;
                    continue;
                }
                LITERAL => {
                    let (right, whole) = literal(piece.get(at..).unwrap_or_default());
                    at = at.wrapping_add(right);
                    match whole {
                        Some(true) => state = self.after,
                        Some(false) => break Some(ErrorKind::InvalidLiteral),
                        None => break None,
                    }
                    continue;
                }
                // The piece ends here.
                DONE => break None,
                WRONG_NUMBER => break Some(ErrorKind::InvalidNumber),
                _ => break Some(ErrorKind::UnexpectedByte),
            }
            at = at.wrapping_add(1);
        };
        self.state = state;
        match wrong {
            Some(kind) => Err(Error::new(kind, at)),
            None => Ok(at),
        }
    }
}

/// How far the literal that begins here is right, and whether it is: `None` says that the piece cuts it, and that none
/// of it is done with.
fn literal(rest: &[u8]) -> (usize, Option<bool>) {
    let word: &[u8] = match rest.first() {
        Some(b't') => b"true",
        Some(b'f') => b"false",
        _ => b"null",
    };
    let right = rest.iter().zip(word).take_while(|(byte, expected)| byte == expected).count();
    if right == word.len() {
        (right, Some(true))
    } else if right < rest.len() {
        (right, Some(false))
    } else {
        (0, None)
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
