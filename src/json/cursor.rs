//! Reads a text that lies whole in one slice, a token at a time, so that its user gets spans of it.
//!
//! It knows where the next token is. It must never know what one means. Values that nobody looks into go to the walker.

use super::string::{self, Stop};
use super::text::Text;
use super::walk::{Kind, Walker, is_space};
use crate::error::{Error, ErrorKind};

pub(crate) struct Cursor<'a> {
    input: &'a [u8],
    at: usize,
}

/// A value as it stands.
pub(crate) struct Span<'a> {
    pub(crate) raw: &'a [u8],
    /// White space between its tokens, in bytes.
    pub(crate) spaces: usize,
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(crate) const fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0 }
    }

    /// Offset of the next byte.
    #[inline]
    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    /// What stands between an offset and the next byte.
    #[inline]
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.input.get(start..self.at).unwrap_or_default()
    }

    /// What stands between two offsets.
    #[inline]
    pub(crate) fn between(&self, start: usize, end: usize) -> &'a [u8] {
        self.input.get(start..end).unwrap_or_default()
    }

    /// An error at the next byte: the end, if there is none.
    #[cold]
    fn unexpected(&self) -> Error {
        let kind = if self.at < self.input.len() { ErrorKind::UnexpectedByte } else { ErrorKind::UnexpectedEnd };
        Error::new(kind, self.at)
    }

    /// The next byte that is not white space; it stays the next. 0 at the end, which no token begins with.
    #[inline]
    fn peek(&mut self) -> u8 {
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

    /// The type of the next value, whose first byte is then the next.
    ///
    /// # Errors
    /// When none begins here.
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub(crate) fn kind(&mut self) -> Result<Kind, Error> {
        match Kind::of(self.peek()) {
            Some(kind) => Ok(kind),
            None => Err(self.unexpected()),
        }
    }

    /// The same where only one type will do.
    ///
    /// # Errors
    /// When none begins here, or [`ErrorKind::WrongType`].
    #[inline]
    pub(crate) fn expect(&mut self, expected: Kind) -> Result<(), Error> {
        if Kind::of(self.peek()) == Some(expected) { Ok(()) } else { Err(self.another_type()) }
    }

    /// What is wrong with a value that is not of the one type.
    #[cold]
    fn another_type(&mut self) -> Error {
        match self.kind() {
            Ok(_) => Error::new(ErrorKind::WrongType, self.at),
            Err(error) => error,
        }
    }

    /// Steps into an object.
    ///
    /// # Errors
    /// When it is none.
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub(crate) fn begin_object(&mut self) -> Result<(), Error> {
        self.expect(Kind::Object)?;
        self.advance();
        Ok(())
    }

    /// Goes to the next name in an object, which is its `count`th, or out of the object at its end.
    ///
    /// # Errors
    /// When neither comes next.
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub(crate) fn next_key(&mut self, count: usize) -> Result<bool, Error> {
        let mut byte = self.peek();
        if count > 0 && byte == b',' {
            self.advance();
            byte = self.peek();
        } else if byte == b'}' {
            self.advance();
            return Ok(false);
        } else if count > 0 {
            return Err(self.unexpected());
        }
        if byte == b'"' { Ok(true) } else { Err(self.unexpected()) }
    }

    /// Steps into an array.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn begin_array(&mut self) -> Result<(), Error> {
        self.expect(Kind::Array)?;
        self.advance();
        Ok(())
    }

    /// Goes to the next value in an array, which is its `count`th, or out of the array at its end.
    ///
    /// # Errors
    /// When neither comes next.
    pub(crate) fn next_value(&mut self, count: usize) -> Result<bool, Error> {
        match self.peek() {
            b']' => {
                self.advance();
                return Ok(false);
            }
            b',' if count > 0 => self.advance(),
            _ if count > 0 => return Err(self.unexpected()),
            _ => {}
        }
        Ok(true)
    }

    /// Goes over the colon behind a name.
    ///
    /// # Errors
    /// When there is none.
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub(crate) fn colon(&mut self) -> Result<(), Error> {
        if self.peek() != b':' {
            return Err(self.unexpected());
        }
        self.advance();
        Ok(())
    }

    /// Reads the string whose opening quote is the next byte: its content, as far as it goes, and what is wrong with
    /// it. Who has rules for the content must look at it first, so that the first thing wrong is the one that is told.
    #[cfg_attr(target_pointer_width = "64", inline)]
    pub(crate) fn string(&mut self) -> (Text<'a>, Result<(), Error>) {
        let start = self.at.wrapping_add(1);
        let rest = self.input.get(start..).unwrap_or_default();
        let content = string::content(rest);
        self.at = start.wrapping_add(content.len);
        let result = match content.stop {
            Stop::Quote => {
                self.advance();
                Ok(())
            }
            Stop::Cut => Err(Error::new(ErrorKind::UnexpectedEnd, self.input.len())),
            Stop::Wrong(kind, wrong) => Err(Error::new(kind, wrong).behind(start)),
        };
        (Text::from_span(rest.get(..content.len).unwrap_or_default(), content.escaped), result)
    }

    /// Reads the next value, which stands at this level and is not the last thing in the text, as a whole.
    ///
    /// # Errors
    /// Those of JSON.
    pub(crate) fn value(&mut self, level: u8) -> Result<Span<'a>, Error> {
        self.walk(Walker::new(level), Walker::is_done)
    }

    /// Reads the value that is the text, but for white space around it. It stands at this level once it is put into an
    /// envelope.
    ///
    /// # Errors
    /// Those of JSON.
    pub(crate) fn whole(&mut self, level: u8) -> Result<Span<'a>, Error> {
        self.walk(Walker::new(level), Walker::may_end)
    }

    #[inline]
    fn walk(&mut self, mut walker: Walker, ends: impl Fn(&Walker) -> bool) -> Result<Span<'a>, Error> {
        self.peek();
        let start = self.at;
        let used = walker.feed(self.input.get(start..).unwrap_or_default()).map_err(|error| error.behind(start))?;
        if !ends(&walker) {
            return Err(Error::new(ErrorKind::UnexpectedEnd, self.input.len()));
        }
        self.at = start.wrapping_add(used);
        Ok(Span { raw: self.since(start), spaces: walker.spaces() })
    }

    /// Makes sure that nothing but white space follows.
    ///
    /// # Errors
    /// [`ErrorKind::TrailingData`].
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        self.peek();
        if self.at < self.input.len() { Err(Error::new(ErrorKind::TrailingData, self.at)) } else { Ok(()) }
    }
}
