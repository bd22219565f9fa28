//! The tokens of a JSON text, or of the part of one that is valid.
//!
//! No judge of the grammar: it cuts what has been judged, and takes any other bytes for something, so that it never fails.

use core::ops::Range;

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `{` or `[`.
    Open {
        /// Whether it is `{`.
        object: bool,
    },
    /// `}` or `]`.
    Close,
    Colon,
    Comma,
    /// A string with its quotes.
    Text {
        /// Whether its closing quote is there.
        whole: bool,
    },
    /// A number or a word, or what stands in its place.
    Scalar,
}

/// The tokens, each with its bytes.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Moves behind all bytes that are like this, and returns how many there are.
    fn skip(&mut self, is: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let count = rest.iter().position(|byte| !is(*byte)).unwrap_or(rest.len());
        self.at = self.at.saturating_add(count);
        count
    }

    fn next_byte(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at).copied()?;
        self.at = self.at.saturating_add(1);
        Some(byte)
    }

    /// Moves behind the closing quote of a string, and returns whether there is one.
    fn close(&mut self) -> bool {
        loop {
            self.skip(|byte| !matches!(byte, b'"' | b'\\'));
            match self.next_byte() {
                Some(b'"') => return true,
                Some(_) => _ = self.next_byte(),
                None => return false,
            }
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = (Token, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        let start = self.at;
        let token = match self.next_byte()? {
            b'{' => Token::Open { object: true },
            b'[' => Token::Open { object: false },
            b'}' | b']' => Token::Close,
            b':' => Token::Colon,
            b',' => Token::Comma,
            b'"' => Token::Text { whole: self.close() },
            _ => {
                self.skip(|byte| {
                    !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'[' | b'}' | b']' | b':' | b',' | b'"')
                });
                Token::Scalar
            }
        };
        Some((token, start..self.at))
    }
}

/// The content of a string, without its quotes.
pub(super) fn content(text: &[u8], quoted: Range<usize>) -> &[u8] {
    let quoted = text.get(quoted).unwrap_or_default();
    let opened = quoted.strip_prefix(b"\"").unwrap_or(quoted);
    opened.strip_suffix(b"\"").unwrap_or(opened)
}
