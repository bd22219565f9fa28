//! Reads what the walker has already validated: strings and scalars, one after another.
//!
//! Trusts its input, so it is short. On unexpected input it stops early, and never panics.

use super::string::{self, Alphabet};
use super::text::Text;
use crate::target::WIDE;

/// A position in a validated text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(valid: &'a [u8]) -> Self {
        Self { rest: valid }
    }

    /// Returns the next byte that is neither white space nor one of `:,[{`, which carry no information for a reader of
    /// scalars.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let (byte, rest) = self.rest.split_first()?;
            if !matches!(byte, 0..=b' ' | b':' | b',' | b'[' | b'{') {
                return Some(*byte);
            }
            self.rest = rest;
        }
    }

    /// Returns the string that comes first, if the first value is a string.
    pub(crate) fn string(&mut self) -> Option<Text<'a>> {
        let space = self.rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
        if self.rest.get(space)? == &b'"' { self.scalar() } else { None }
    }

    /// Returns the next string or scalar, or `None` at the end of the object or array.
    #[inline]
    pub(crate) fn scalar(&mut self) -> Option<Text<'a>> {
        // Most are short strings, with nothing but one comma or colon before them.
        if WIDE
            && let [b'"', content @ ..] | [b',' | b':', b'"', content @ ..] = self.rest
            && let Some((text, rest)) = string::short(content, Alphabet::Any)
        {
            self.rest = rest;
            return Some(Text::from_span(text, false));
        }
        self.any_scalar()
    }

    #[inline(never)]
    fn any_scalar(&mut self) -> Option<Text<'a>> {
        match self.peek()? {
            b'}' | b']' => None,
            b'"' => {
                let content = self.rest.get(1..)?;
                let (end, escaped) = string::end(content)?;
                self.rest = content.get(end.wrapping_add(1)..)?;
                Some(Text::from_span(content.get(..end)?, escaped))
            }
            _ => {
                let end = self
                    .rest
                    .iter()
                    .position(|byte| matches!(byte, 0..=b' ' | b',' | b'}' | b']'))
                    .unwrap_or(self.rest.len());
                let (scalar, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                Some(Text::from_span(scalar, false))
            }
        }
    }
}
