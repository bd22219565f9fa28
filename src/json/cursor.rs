//! Reads a text that lies whole in one slice, a token at a time, so that its user gets spans of it.
//!
//! It knows what is left of the text. It must never know what a token means. Values that nobody looks into go to the
//! walker.
//!
//! The first thing that is wrong ends the text for it: nothing comes next any more, so its user reads on to no effect,
//! and asks once, at the end, what it was. What was read behind it is of no meaning.
//!
//! Each step has a way for what mostly comes, without white space, which on a wide processor is part of its user's own
//! code, so that the cursor stays in registers. All else is apart, and works on a copy there.

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

/// A value as it stands.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span<'a> {
    pub(crate) raw: &'a [u8],
    /// White space between its tokens, in bytes.
    pub(crate) spaces: usize,
}

/// A string as it stands, as far as it is right.
pub(crate) struct Quoted<'a> {
    pub(crate) text: Text<'a>,
    /// Known to hold nothing but printable ASCII, and no escapes.
    pub(crate) printable: bool,
}

impl<'a> Cursor<'a> {
    #[inline(always)]
    pub(crate) const fn new(text: &'a [u8]) -> Self {
        Self { rest: text, len: text.len(), wrong: None }
    }

    /// Offset of the next byte.
    #[inline(always)]
    pub(crate) const fn offset(&self) -> usize {
        self.len.wrapping_sub(self.rest.len())
    }

    /// What is left of the text.
    #[inline(always)]
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// What has been read since this was left.
    #[inline(always)]
    pub(crate) fn since(&self, before: &'a [u8]) -> &'a [u8] {
        before.get(..before.len().wrapping_sub(self.rest.len())).unwrap_or_default()
    }

    /// Goes on to where this is left.
    #[inline(always)]
    pub(crate) const fn go_to(&mut self, rest: &'a [u8]) {
        self.rest = rest;
    }

    /// Does something that has code of its own, to a copy, so that a wide processor can keep the cursor in registers. To
    /// a narrow one a copy would cost more.
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

    /// What was wrong.
    ///
    /// # Errors
    /// The first thing that was.
    #[inline(always)]
    pub(crate) const fn result(&self) -> Result<(), Error> {
        match self.wrong {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    /// Something is wrong, at this offset, if nothing was before.
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

    /// The same before what was wrong in the string, name or value that has just been read.
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

    /// The next byte is wrong: the end, if there is none.
    #[inline(never)]
    #[cold]
    pub(crate) fn unexpected(&mut self) {
        let kind = if self.rest.is_empty() { ErrorKind::UnexpectedEnd } else { ErrorKind::UnexpectedByte };
        self.fail(kind, self.offset());
    }

    /// The next byte that is not white space; it stays the next. 0 at the end, which no token begins with.
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> u8 {
        match self.rest.first() {
            // Most bytes are past all white space.
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

    /// Steps over the first byte of the next value, which must be this one.
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

    /// Goes to the next value, which must be a number.
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

    /// The next value has another type than it must, if there is a value.
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

    /// Steps over the opening quote of the next name in an object, which may be the `first`, or out of the object at its
    /// end. Says whether there is a name.
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

    /// Goes to the next value in an array, which is its `count`th, or out of the array at its end. Says whether there is
    /// one, unless the first is none.
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

    /// Goes over the colon behind a name.
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

    /// Reads the string whose opening quote has been read: its content, as far as it is right. Who has rules for the
    /// content tells what breaks them before what is wrong behind it.
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

    /// The same of a string that is short, made of these, and allowed. Of another, nothing is read.
    #[inline(always)]
    pub(crate) fn short_string(&mut self, of: Alphabet, is_allowed: impl FnOnce(&[u8]) -> bool) -> Option<Text<'a>> {
        let (span, behind) = string::short(self.rest, of).filter(|(span, _)| is_allowed(span))?;
        self.rest = behind;
        Some(Text::from_span(span, false))
    }

    #[inline(never)]
    fn any_string(&mut self) -> Quoted<'a> {
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

    /// Reads the next value, which stands at this level and is not the last thing in the text, as a whole.
    #[inline(always)]
    pub(crate) fn value(&mut self, level: u8) -> Span<'a> {
        target::door!(Self::walk, self, level, false)
    }

    /// Reads the value that is the text, but for white space around it. It stands at this level once it is put into an
    /// envelope.
    #[inline(always)]
    pub(crate) fn whole(&mut self, level: u8) -> Span<'a> {
        target::door!(Self::walk, self, level, true)
    }

    /// As far as the value is right.
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

    /// Makes sure that nothing but white space follows.
    #[inline(always)]
    pub(crate) fn end(&mut self) {
        self.peek();
        if !self.rest.is_empty() {
            self.fail(ErrorKind::TrailingData, self.offset());
        }
    }
}

/// What follows the white space.
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

/// How far a value is right, and what is wrong behind that.
struct Walked {
    len: usize,
    spaces: usize,
    wrong: Option<ErrorKind>,
}

#[inline(never)]
fn walk(text: &[u8], level: u8, whole: bool) -> Walked {
    let mut walker = Walker::new(level);
    // What is neither object, array nor string mostly ends before blocks have gained what they cost.
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
