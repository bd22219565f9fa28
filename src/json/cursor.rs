//! Reads a text that is whole in one slice, token by token, and returns spans of it.
//!
//! Knows only the rest of the text, not what a token means. Values that are not inspected are passed to the walker.
//!
//! The first error ends the text for the cursor: no further token is found, so the caller can read on without effect
//! and ask for the error once, at the end. Whatever was read after the error is meaningless.
//!
//! Each step has a fast path for the common case, without white space. On a wide processor it is inlined into the
//! caller, so that the cursor stays in registers. The other cases are out of line and work on a copy.

use super::string::{self, Alphabet, Stop};
use super::text::Text;
use super::tokens;
use super::walk::{Walker, is_space};
use crate::error::{Error, ErrorKind};
use crate::target::{self, WIDE};

#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    /// Length of the text.
    len: usize,
    wrong: Option<Error>,
}

/// A value as written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span<'a> {
    pub(crate) raw: &'a [u8],
    /// Bytes of white space between the tokens.
    pub(crate) spaces: usize,
}

/// A string as written, up to the first error.
pub(crate) struct Quoted<'a> {
    pub(crate) text: Text<'a>,
    /// Whether the string is known to be printable ASCII without escapes.
    pub(crate) printable: bool,
}

impl<'a> Cursor<'a> {
    #[inline(always)]
    pub(crate) const fn new(text: &'a [u8]) -> Self {
        Self { rest: text, len: text.len(), wrong: None }
    }

    /// Returns the offset of the next byte.
    #[inline(always)]
    pub(crate) const fn offset(&self) -> usize {
        self.len.wrapping_sub(self.rest.len())
    }

    /// Returns the rest of the text.
    #[inline(always)]
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Returns what has been read since `before` was the rest of the text.
    #[inline(always)]
    pub(crate) fn since(&self, before: &'a [u8]) -> &'a [u8] {
        before.get(..before.len().wrapping_sub(self.rest.len())).unwrap_or_default()
    }

    /// Moves to where `rest` is the rest of the text.
    #[inline(always)]
    pub(crate) const fn go_to(&mut self, rest: &'a [u8]) {
        self.rest = rest;
    }

    /// Runs an out-of-line step on a copy of the cursor, so that a wide processor can keep the cursor in registers. On
    /// a narrow processor a copy would cost more.
    #[inline(always)]
    pub(crate) fn apart<T>(&mut self, step: impl FnOnce(&mut Self) -> T) -> T {
        if !WIDE {
            return step(self);
        }
        let mut cursor = *self;
        let result = step(&mut cursor);
        *self = cursor;
        result
    }

    /// Returns the first error, if there was one.
    ///
    /// # Errors
    /// The first error.
    #[inline(always)]
    pub(crate) const fn result(&self) -> Result<(), Error> {
        match self.wrong {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    /// Records an error at this offset, unless there is an earlier error.
    #[inline(always)]
    pub(crate) fn fail(&mut self, kind: ErrorKind, offset: usize) {
        self.apart(|cursor| cursor.fail_first(kind, offset));
    }

    #[inline(never)]
    #[cold]
    fn fail_first(&mut self, kind: ErrorKind, offset: usize) {
        if self.wrong.is_none() {
            self.fail_now(kind, offset);
        }
    }

    /// Records an error at this offset that takes precedence over an error in the string, name or value just read.
    #[inline(always)]
    pub(crate) fn fail_before(&mut self, kind: ErrorKind, offset: usize) {
        self.apart(|cursor| cursor.fail_now(kind, offset));
    }

    #[inline(never)]
    #[cold]
    const fn fail_now(&mut self, kind: ErrorKind, offset: usize) {
        self.wrong = Some(Error::new(kind, offset));
        self.rest = &[];
    }

    /// Records that the next byte is unexpected, or that the text has ended if there is none.
    #[inline(never)]
    #[cold]
    pub(crate) fn unexpected(&mut self) {
        let kind = if self.rest.is_empty() { ErrorKind::UnexpectedEnd } else { ErrorKind::UnexpectedByte };
        self.fail(kind, self.offset());
    }

    /// Returns the next byte that is not white space, without consuming it. Returns 0 at the end; no token begins with
    /// 0.
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> u8 {
        match self.rest.first() {
            // Most bytes are above all white space.
            Some(byte @ 0x21..) => *byte,
            _ => {
                target::rarely();
                self.rest = behind_spaces(self.rest);
                self.rest.first().copied().unwrap_or(0)
            }
        }
    }

    #[inline(always)]
    fn advance(&mut self) {
        if let [_, behind @ ..] = self.rest {
            self.rest = behind;
        }
    }

    /// Consumes the first byte of the next value, which must be `first`.
    #[inline(always)]
    pub(crate) fn expect(&mut self, first: u8) {
        if WIDE
            && let [byte, behind @ ..] = self.rest
            && *byte == first
        {
            self.rest = behind;
            return;
        }
        target::rarely();
        self.apart(|cursor| cursor.expect_spaced(first));
    }

    #[inline(never)]
    fn expect_spaced(&mut self, first: u8) {
        if self.peek() != first {
            self.another_type();
        }
        self.advance();
    }

    /// Moves to the next value, which must be a number.
    #[inline(always)]
    pub(crate) fn expect_number(&mut self) {
        target::door!(Self::number, self);
    }

    #[inline(always)]
    fn number(&mut self) {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            self.apart(Self::another_type);
        }
    }

    /// Records that the next value has the wrong type, or that there is no value.
    #[inline(never)]
    #[cold]
    pub(crate) fn another_type(&mut self) {
        match self.peek() {
            b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                self.fail(ErrorKind::WrongType, self.offset());
            }
            _ => self.unexpected(),
        }
    }

    /// Consumes the opening quote of the next name in an object, or the brace that closes the object. `first` says that
    /// no name has been read yet. Returns whether there is a name.
    #[inline(always)]
    pub(crate) fn next_name(&mut self, first: bool) -> bool {
        if WIDE {
            match self.rest {
                [b',', b'"', behind @ ..] if !first => {
                    self.rest = behind;
                    return true;
                }
                [b'"', behind @ ..] if first => {
                    self.rest = behind;
                    return true;
                }
                [b'}', behind @ ..] => {
                    self.rest = behind;
                    return false;
                }
                _ => {}
            }
        }
        target::rarely();
        self.apart(|cursor| cursor.next_name_spaced(first))
    }

    #[inline(never)]
    fn next_name_spaced(&mut self, first: bool) -> bool {
        let mut byte = self.peek();
        if byte == b'}' {
            self.advance();
            return false;
        }
        if !first {
            if byte == b',' {
                self.advance();
                byte = self.peek();
            } else {
                byte = 0;
            }
        }
        if byte != b'"' {
            self.unexpected();
        }
        self.advance();
        byte == b'"'
    }

    /// Moves to the next value in an array, where `count` values have been read, or past the end of the array. Returns
    /// whether there is a value; for the first one, this says only that the array does not end here.
    pub(crate) fn next_value(&mut self, count: usize) -> bool {
        let byte = self.peek();
        if byte == b']' {
            self.advance();
            return false;
        }
        if count > 0 {
            if byte != b',' {
                self.unexpected();
                return false;
            }
            self.advance();
        }
        true
    }

    /// Consumes the colon after a name.
    #[inline(always)]
    pub(crate) fn colon(&mut self) {
        if WIDE && let [b':', behind @ ..] = self.rest {
            self.rest = behind;
            return;
        }
        target::rarely();
        self.apart(Self::colon_spaced);
    }

    #[inline(never)]
    fn colon_spaced(&mut self) {
        if self.peek() != b':' {
            self.unexpected();
        }
        self.advance();
    }

    /// Reads the string whose opening quote has been consumed, and returns its content up to the first error. A caller
    /// with rules for the content reports a violation of them before the error that follows.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> Quoted<'a> {
        target::door!(Self::quoted, self)
    }

    #[inline(always)]
    fn quoted(&mut self) -> Quoted<'a> {
        match self.short_string(Alphabet::Printable, |_| true) {
            Some(text) => Quoted { text, printable: true },
            None => self.apart(Self::any_string),
        }
    }

    /// Reads a string as [`string`](Self::string) does, if it is short, in this alphabet, and allowed. Otherwise
    /// consumes nothing.
    #[inline(always)]
    pub(crate) fn short_string(&mut self, of: Alphabet, is_allowed: impl FnOnce(&[u8]) -> bool) -> Option<Text<'a>> {
        let (span, behind) = string::short(self.rest, of).filter(|(span, _)| is_allowed(span))?;
        self.rest = behind;
        Some(Text::from_span(span, false))
    }

    /// Reads a string without escapes, if `before_quote` tells its length. Otherwise consumes nothing.
    pub(crate) fn string_of(&mut self, before_quote: impl FnOnce(&[u8]) -> Option<usize>) -> Option<Text<'a>> {
        let (span, behind) = self.rest.split_at_checked(before_quote(self.rest)?)?;
        self.rest = behind;
        self.advance();
        Some(Text::from_span(span, false))
    }

    /// Reads a string as [`string`](Self::string) does, which is not expected to be short.
    #[inline(never)]
    pub(crate) fn any_string(&mut self) -> Quoted<'a> {
        let start = self.offset();
        let content = string::long_content(self.rest);
        let (span, behind) = self.rest.split_at_checked(content.len).unwrap_or_default();
        self.rest = behind;
        match content.stop {
            Stop::Quote => self.advance(),
            Stop::Cut => self.fail(ErrorKind::UnexpectedEnd, self.len),
            Stop::Wrong(kind, wrong) => self.fail(kind, start.wrapping_add(wrong)),
        }
        Quoted { text: Text::from_span(span, content.escaped), printable: content.printable }
    }

    /// Reads the next value as a whole. It is at this nesting level and is not the last thing in the text.
    #[inline(always)]
    pub(crate) fn value(&mut self, level: u8) -> Span<'a> {
        target::door!(Self::walk, self, level, false)
    }

    /// Reads the value that makes up the whole text, except for white space around it. `level` is its nesting level
    /// once it is in an envelope.
    #[inline(always)]
    pub(crate) fn whole(&mut self, level: u8) -> Span<'a> {
        target::door!(Self::walk, self, level, true)
    }

    /// Reads a value up to the first error.
    #[inline(always)]
    fn walk(&mut self, level: u8, whole: bool) -> Span<'a> {
        self.peek();
        if let Some(behind) = tokens::behind_value(self.rest) {
            let before = core::mem::replace(&mut self.rest, behind);
            return Span { raw: self.since(before), spaces: 0 };
        }
        let start = self.offset();
        let walked = walk(self.rest, level, whole);
        let (raw, behind) = self.rest.split_at_checked(walked.len).unwrap_or_default();
        self.rest = behind;
        match walked.wrong {
            None => {}
            Some(ErrorKind::UnexpectedEnd) => self.fail(ErrorKind::UnexpectedEnd, self.len),
            Some(kind) => self.fail(kind, start.wrapping_add(walked.len)),
        }
        Span { raw, spaces: walked.spaces }
    }

    /// Checks that nothing but white space follows.
    #[inline(always)]
    pub(crate) fn end(&mut self) {
        self.peek();
        if !self.rest.is_empty() {
            self.fail(ErrorKind::TrailingData, self.offset());
        }
    }
}

/// Returns what follows the white space.
#[inline(never)]
fn behind_spaces(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first()
        && is_space(*byte)
    {
        rest = behind;
    }
    rest
}

/// How far a value is valid, and the error that follows.
struct Walked {
    len: usize,
    spaces: usize,
    wrong: Option<ErrorKind>,
}

#[inline(never)]
fn walk(text: &[u8], level: u8, whole: bool) -> Walked {
    let mut walker = Walker::new(level);
    // Scalars other than strings mostly end before blocks gain what they cost.
    let result = match text.first() {
        Some(b'-' | b'0'..=b'9' | b'f' | b'n' | b't') => walker.walk(text, 0),
        _ => walker.feed_long(text),
    };
    let (len, wrong) = match result {
        Ok(len) if walker.is_done() || (whole && walker.may_end()) => (len, None),
        Ok(len) => (len, Some(ErrorKind::UnexpectedEnd)),
        Err(error) => (error.offset(), Some(error.kind())),
    };
    Walked { len, spaces: walker.spaces(), wrong }
}
