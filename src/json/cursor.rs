//! Reads a text that lies whole in one slice, a token at a time, so that its user gets spans of it.
//!
//! It knows where the next token is. It must never know what one means. Values that nobody looks into go to the walker.
//!
//! The first thing that is wrong ends the text for it: nothing comes next any more, so its user reads on to no effect,
//! and asks once, at the end, what it was. What was read behind it is of no meaning.

use super::string::{self, Stop};
use super::text::Text;
use super::walk::{Kind, Walker, is_space};
use crate::error::{Error, ErrorKind};

pub(crate) struct Cursor<'a> {
    input: &'a [u8],
    at: usize,
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
    #[inline]
    pub(crate) const fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0, wrong: None }
    }

    /// Offset of the next byte.
    #[inline]
    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    /// What stands between an offset and the next byte.
    #[inline]
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.between(start, self.at)
    }

    /// What stands between two offsets.
    #[inline]
    pub(crate) fn between(&self, start: usize, end: usize) -> &'a [u8] {
        self.input.get(start..end).unwrap_or_default()
    }

    /// What was wrong.
    ///
    /// # Errors
    /// The first thing that was.
    #[inline]
    pub(crate) const fn result(&self) -> Result<(), Error> {
        match self.wrong {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    /// Something is wrong, at this offset, if nothing was before.
    #[cold]
    #[inline(never)]
    pub(crate) fn fail(&mut self, kind: ErrorKind, offset: usize) {
        if self.wrong.is_none() {
            self.fail_before(kind, offset);
        }
    }

    /// The same before what was wrong in the string or value that has just been read.
    #[cold]
    #[inline(never)]
    pub(crate) fn fail_before(&mut self, kind: ErrorKind, offset: usize) {
        self.wrong = Some(Error::new(kind, offset));
        self.input = &[];
    }

    /// The next byte is wrong: the end, if there is none.
    #[cold]
    #[inline(never)]
    fn unexpected(&mut self) {
        let kind = if self.at < self.input.len() { ErrorKind::UnexpectedByte } else { ErrorKind::UnexpectedEnd };
        self.fail(kind, self.at);
    }

    /// The next byte that is not white space; it stays the next. 0 at the end, which no token begins with.
    #[inline]
    pub(crate) fn peek(&mut self) -> u8 {
        match self.input.get(self.at) {
            // Most bytes are past all white space.
            Some(byte @ 0x21..) => *byte,
            _ => self.skip(),
        }
    }

    /// The same behind white space, if there is any.
    #[inline(never)]
    fn skip(&mut self) -> u8 {
        loop {
            let byte = self.input.get(self.at).copied().unwrap_or(0);
            if !is_space(byte) {
                return byte;
            }
            self.at = self.at.wrapping_add(1);
        }
    }

    #[inline]
    fn advance(&mut self) {
        self.at = self.at.wrapping_add(1);
    }

    /// Goes to the next value, which must begin with this byte.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn expect(&mut self, first: u8) {
        if self.peek() != first {
            self.another_type();
        }
    }

    /// Goes to the next value, which must be a number.
    pub(crate) fn expect_number(&mut self) {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            self.another_type();
        }
    }

    /// The next value has another type than it must, if there is a value.
    #[cold]
    #[inline(never)]
    pub(crate) fn another_type(&mut self) {
        match Kind::of(self.peek()) {
            Some(_) => self.fail(ErrorKind::WrongType, self.at),
            None => self.unexpected(),
        }
    }

    /// Steps into what must be an object or array, by its bracket.
    #[inline]
    pub(crate) fn enter(&mut self, bracket: u8) {
        self.expect(bracket);
        self.advance();
    }

    /// Goes to the next name in an object, which is its `count`th, or out of the object at its end. Says whether there
    /// is one.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn next_key(&mut self, count: usize) -> bool {
        let mut byte = self.peek();
        if count > 0 && byte == b',' {
            self.advance();
            byte = self.peek();
        } else if byte == b'}' {
            self.advance();
            return false;
        } else if count > 0 {
            byte = 0;
        }
        if byte != b'"' {
            self.unexpected();
        }
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
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn colon(&mut self) {
        if self.peek() != b':' {
            self.unexpected();
        }
        self.advance();
    }

    /// Reads the string whose opening quote is the next byte: its content, as far as it is right. Who has rules for the
    /// content tells what breaks them before what is wrong behind it.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn string(&mut self) -> Quoted<'a> {
        let start = self.at.wrapping_add(1);
        let rest = self.input.get(start..).unwrap_or_default();
        let content = string::content(rest);
        let text = Text::from_span(rest.get(..content.len).unwrap_or_default(), content.escaped);
        self.at = start.wrapping_add(content.len);
        match content.stop {
            Stop::Quote => self.advance(),
            Stop::Cut => self.fail(ErrorKind::UnexpectedEnd, self.input.len()),
            Stop::Wrong(kind, wrong) => self.fail(kind, start.wrapping_add(wrong)),
        }
        Quoted { text, printable: content.printable }
    }

    /// Reads the next value, which stands at this level and is not the last thing in the text, as a whole.
    #[inline]
    pub(crate) fn value(&mut self, level: u8) -> Span<'a> {
        self.walk(level, false)
    }

    /// Reads the value that is the text, but for white space around it. It stands at this level once it is put into an
    /// envelope.
    #[inline]
    pub(crate) fn whole(&mut self, level: u8) -> Span<'a> {
        self.walk(level, true)
    }

    /// As far as the value is right.
    #[inline(never)]
    fn walk(&mut self, level: u8, whole: bool) -> Span<'a> {
        self.peek();
        let start = self.at;
        let rest = self.input.get(start..).unwrap_or_default();
        let mut walker = Walker::new(level);
        let result = walker.feed(rest);
        let len = match result {
            Ok(len) => len,
            Err(error) => error.offset(),
        };
        self.at = start.wrapping_add(len);
        let ended = if whole { walker.may_end() } else { walker.is_done() };
        match result {
            Ok(_) if ended => {}
            Ok(_) => self.fail(ErrorKind::UnexpectedEnd, self.input.len()),
            Err(error) => self.fail(error.kind(), self.at),
        }
        Span { raw: rest.get(..len).unwrap_or_default(), spaces: walker.spaces() }
    }

    /// Makes sure that nothing but white space follows.
    pub(crate) fn end(&mut self) {
        self.peek();
        if self.at < self.input.len() {
            self.fail(ErrorKind::TrailingData, self.at);
        }
    }
}
