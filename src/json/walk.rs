//! The only full implementation of the JSON grammar: walks over one value and validates all of it, at any depth.
//!
//! Implements RFC 8259, and keeps one bit per nesting level, so there is no recursion. Knows nothing of what a value
//! means, so it accepts a string by the grammar alone: half of a surrogate pair is an escape like any other. It takes
//! pieces of text and returns how far it got. It can stop at the end of any piece and continue with the next, so a
//! slice is one piece, a stream is many, and both give the same result.

use super::byte::is_short_escape;
pub(crate) use super::byte::is_space;
use super::scan;
use super::simd;
pub(crate) use super::state::Walker;
use super::state::{
    COLON, DONE, EXPONENT, EXPONENT_DIGITS, EXPONENT_SIGN, FRACTION, IN_ARRAY, IN_KEY, IN_OBJECT, IN_STRING, INTEGER,
    KEY, KEY_OR_END, MINUS, POINT, State, VALUE, VALUE_OR_END, ZERO,
};
use super::string;
use super::tokens;
use crate::error::{Error, ErrorKind};
use core::slice::Iter;

/// The JSON type of a value, determined by its first byte.
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
    /// Returns the type of the value that begins with this byte.
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

impl Walker {
    /// Walks over the next piece, and returns how many of its bytes are done: all of them, or those up to the end of
    /// the value, or all except the beginning of something that the piece cuts in two, at most five bytes. That
    /// beginning must be passed again, with more after it, at the start of the next piece.
    ///
    /// # Errors
    /// The errors of JSON, and [`ErrorKind::TooDeep`], at the position in the piece of the offending byte. A walker
    /// that has returned an error must not be used again.
    pub(crate) fn feed(&mut self, piece: &[u8]) -> Result<usize, Error> {
        if self.depth == 0
            && self.state == VALUE
            && let Some(behind) = tokens::behind_value(piece)
        {
            self.state = DONE;
            return Ok(piece.len().wrapping_sub(behind.len()));
        }
        self.feed_long(piece)
    }

    /// Walks over a piece as [`feed`](Walker::feed) does, where the value is not known to be short.
    ///
    /// # Errors
    /// As for [`feed`](Walker::feed).
    pub(crate) fn feed_long(&mut self, piece: &[u8]) -> Result<usize, Error> {
        let mut from = 0;
        if simd::pays(piece) {
            from = self.rest_of_number(piece)?;
            from = from.wrapping_add(simd::walk(self, piece.get(from..).unwrap_or_default()));
        }
        self.walk(piece, from)
    }

    /// Walks over the rest of a number that an earlier piece has begun, if this piece goes on after it, and returns the
    /// length of that rest.
    ///
    /// # Errors
    /// The errors of a number, as for [`feed`](Walker::feed).
    pub(super) fn rest_of_number(&mut self, piece: &[u8]) -> Result<usize, Error> {
        if !matches!(self.state, MINUS..=EXPONENT_DIGITS) {
            return Ok(0);
        }
        let is_more = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let len = piece.iter().position(|byte| !is_more(byte)).unwrap_or(piece.len());
        // The number may end earlier, and the value with it: `1-2`.
        let len = self.walk(piece.get(..len).unwrap_or_default(), 0)?;
        if len < piece.len() && matches!(self.state, ZERO..=EXPONENT_DIGITS) {
            self.state = self.after;
        }
        Ok(len)
    }

    /// Walks byte by byte, from this position on. The function is long because it is one loop: calling another function
    /// for a state would pass what is in registers here, the state and the rest of the piece, through memory.
    #[inline(never)]
    pub(super) fn walk(&mut self, piece: &[u8], from: usize) -> Result<usize, Error> {
        let mut state = self.state;
        let mut rest = piece.get(from..).unwrap_or_default().iter();
        // Whether blocks are worth trying.
        let mut blocks = true;
        // The loop follows the usual order of tokens in a piece.
        let (wrong, left) = 'walk: loop {
            if state == IN_OBJECT && rest.as_slice().first_chunk() == Some(b",\"") {
                rest.nth(1);
                state = IN_KEY;
            } else if state | 1 == IN_ARRAY {
                let Some(byte) = rest.as_slice().first() else { break 'walk (None, rest.len()) };
                if *byte == b',' {
                    rest.nth(0);
                    state = if state == IN_OBJECT { KEY } else { VALUE };
                } else if *byte == if state == IN_OBJECT { b'}' } else { b']' } {
                    rest.nth(0);
                    self.close();
                    state = self.after;
                    continue;
                }
            }
            if state >= IN_STRING {
                loop {
                    let Some(byte) = scan::skip_special(&mut rest) else { break 'walk (None, rest.len()) };
                    if byte == b'"' {
                        if state == IN_STRING {
                            state = self.after;
                            continue 'walk;
                        }
                        match rest.as_slice() {
                            [b':', b'"', ..] => {
                                rest.nth(1);
                                state = IN_STRING;
                                continue;
                            }
                            [b':', _, ..] => {
                                rest.nth(0);
                                state = VALUE;
                            }
                            _ => state = COLON,
                        }
                        break;
                    }
                    if let (b'\\', Some(letter)) = (byte, rest.as_slice().first())
                        && is_short_escape(*letter)
                    {
                        rest.nth(0);
                        continue;
                    }
                    if blocks {
                        let at = piece.len().wrapping_sub(rest.len()).wrapping_sub(1);
                        if let Some(content) = simd::content(piece.get(at..).unwrap_or_default())
                            && let Some(len) = content.len.checked_sub(1)
                        {
                            skip(&mut rest, len);
                            continue;
                        }
                        blocks = false;
                    }
                    let (len, wrong) = string::atom(byte, rest.as_slice());
                    if len == 0 || wrong.is_some() {
                        break 'walk (wrong, rest.len().wrapping_add(1).wrapping_sub(len));
                    }
                    skip(&mut rest, len.wrapping_sub(1));
                }
            }
            let mut behind = rest.clone();
            let Some(byte) = behind.next() else { break 'walk (None, rest.len()) };
            if state <= VALUE_OR_END {
                if matches!(byte, b'1'..=b'9') {
                    (state, rest) = (INTEGER, behind);
                    skip_digits(&mut rest);
                    match rest.as_slice() {
                        [b'.', b'0'..=b'9', ..] => {
                            rest.nth(1);
                            skip_digits(&mut rest);
                            state = match rest.as_slice() {
                                [] | [b'e' | b'E', ..] => FRACTION,
                                _ => self.after,
                            };
                        }
                        [] | [b'.' | b'e' | b'E', ..] => {}
                        _ => state = self.after,
                    }
                    continue;
                }
                match byte {
                    b'"' => {
                        (state, rest) = (IN_STRING, behind);
                        continue;
                    }
                    b'{' | b'[' => {
                        if self.depth >= self.limit {
                            break 'walk (Some(ErrorKind::TooDeep), rest.len());
                        }
                        rest = behind;
                        // The bit that distinguishes a brace from a bracket.
                        let object = u32::from(*byte >> 5) & 1;
                        self.open(object);
                        state = if object == 1 { KEY_OR_END } else { VALUE_OR_END };
                        if let (KEY_OR_END, [b'"', ..]) = (state, rest.as_slice()) {
                            rest.nth(0);
                            state = IN_KEY;
                        }
                        continue;
                    }
                    b't' | b'f' | b'n' => {
                        // What follows the first letter.
                        let (mut letters, bits) = match byte {
                            b't' => (u32::from_le_bytes(*b"\0rue"), 8),
                            b'f' => (u32::from_le_bytes(*b"alse"), 0),
                            _ => (u32::from_le_bytes(*b"\0ull"), 8),
                        };
                        if let Some(word) = behind.as_slice().first_chunk()
                            && u32::from_le_bytes(*word) << bits == letters
                        {
                            rest = behind;
                            rest.nth(if bits > 0 { 2 } else { 3 });
                            state = self.after;
                            continue;
                        }
                        letters >>= bits;
                        while letters != 0 {
                            let here = behind.clone();
                            let Some(byte) = behind.next() else { break 'walk (None, rest.len()) };
                            if *byte != letters as u8 {
                                break 'walk (Some(ErrorKind::InvalidLiteral), here.len());
                            }
                            letters >>= 8;
                        }
                        (state, rest) = (self.after, behind);
                        continue;
                    }
                    b'0' | b'-' => {
                        (state, rest) = (if *byte == b'0' { ZERO } else { MINUS }, behind);
                        continue;
                    }
                    b']' if state == VALUE_OR_END => {
                        state = IN_ARRAY;
                        continue;
                    }
                    _ => {}
                }
            } else if state >= MINUS {
                let next = in_number(state, *byte);
                if next != 0 {
                    (state, rest) = (next, behind);
                    if next >= INTEGER {
                        skip_digits(&mut rest);
                    }
                    continue;
                }
                if state < ZERO || (state == ZERO && byte.is_ascii_digit()) {
                    break 'walk (Some(ErrorKind::InvalidNumber), rest.len());
                }
                state = self.after;
                continue;
            }
            match byte {
                _ if state == DONE => break 'walk (None, rest.len()),
                b'"' if state == KEY || state == KEY_OR_END => state = IN_KEY,
                b':' if state == COLON => state = VALUE,
                b'}' if state == KEY_OR_END => {
                    state = IN_OBJECT;
                    continue;
                }
                _ => {
                    let spaces = self.count_spaces(rest.as_slice());
                    if spaces == 0 {
                        break 'walk (Some(ErrorKind::UnexpectedByte), rest.len());
                    }
                    rest.nth(spaces.wrapping_sub(1));
                    continue;
                }
            }
            rest = behind;
        };
        self.state = state;
        let at = piece.len().wrapping_sub(left);
        match wrong {
            Some(kind) => Err(Error::new(kind, at)),
            None => Ok(at),
        }
    }
}

/// Skips this many bytes.
#[inline]
fn skip(rest: &mut Iter<'_, u8>, count: usize) {
    if let Some(last) = count.checked_sub(1) {
        rest.nth(last);
    }
}

/// Skips the digits.
#[inline]
fn skip_digits(rest: &mut Iter<'_, u8>) {
    while let Some(b'0'..=b'9') = rest.as_slice().first() {
        rest.next();
    }
}

/// Packs a table that maps each of these states of a number to the next.
const fn states(pairs: &[(State, State)]) -> u32 {
    let mut states = 0;
    let mut rest = pairs;
    while let [(state, next), behind @ ..] = rest {
        states |= next.wrapping_shl((*state & 7) << 2);
        rest = behind;
    }
    states
}

/// Returns the state of a number after this byte, or 0 if the byte is not part of it.
#[inline]
const fn in_number(state: State, byte: u8) -> State {
    const DIGITS: u32 = states(&[
        (MINUS, INTEGER),
        (INTEGER, INTEGER),
        (POINT, FRACTION),
        (FRACTION, FRACTION),
        (EXPONENT, EXPONENT_DIGITS),
        (EXPONENT_SIGN, EXPONENT_DIGITS),
        (EXPONENT_DIGITS, EXPONENT_DIGITS),
    ]);
    let next = match byte {
        b'0' if state == MINUS => return ZERO,
        b'0'..=b'9' => DIGITS,
        b'.' => const { states(&[(ZERO, POINT), (INTEGER, POINT)]) },
        b'e' | b'E' => const { states(&[(ZERO, EXPONENT), (INTEGER, EXPONENT), (FRACTION, EXPONENT)]) },
        b'+' | b'-' => const { states(&[(EXPONENT, EXPONENT_SIGN)]) },
        _ => 0,
    };
    next.wrapping_shr((state & 7) << 2) & 15
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::Walker;
    use crate::error::Error;
    use std::vec::Vec;

    /// The result for a text: the length of the value and of the white space in it, or the error.
    type Answer = Result<(usize, usize), Error>;

    /// Feeds a text in pieces that end at these positions. What a piece leaves is fed again with the next.
    fn feed(text: &[u8], cuts: &[usize]) -> Answer {
        let mut walker = Walker::new(1);
        let mut done = 0;
        for cut in cuts.iter().copied().chain([text.len()]) {
            if walker.is_done() {
                break;
            }
            let used = walker.feed(&text[done..cut]).map_err(|error| error.behind(done))?;
            assert!(walker.is_done() || cut - done - used < 6, "a piece leaves five bytes at most");
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
