//! On what the bytes of an envelope are spent.

use super::tokens::{Token, Tokens, content};
use super::words::Words;
use crate::envelope::Data;

/// A part of an envelope. Together the parts are all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// `data`, or `__nativeBuffers__`.
    Data,
    /// `header`.
    Headers,
    /// `cookies`.
    Cookies,
    /// `path`.
    Path,
    /// `errMsg`.
    Message,
    /// All other members, commas, braces, and white space around these.
    Rest,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Data, Self::Headers, Self::Cookies, Self::Path, Self::Message, Self::Rest];

    /// Returns the name of the part.
    #[must_use]
    pub const fn words(self) -> Words {
        match self {
            Self::Data => Words::new("data", "data 包体"),
            Self::Headers => Words::new("headers", "header"),
            Self::Cookies => Words::new("cookies", "cookies 列表"),
            Self::Path => Words::new("path", "path 路径"),
            Self::Message => Words::new("errMsg", "errMsg 提示"),
            Self::Rest => Words::new("the rest", "其余"),
        }
    }

    fn of(name: &[u8]) -> Self {
        match name {
            b"data" | b"__nativeBuffers__" => Self::Data,
            b"header" => Self::Headers,
            b"cookies" => Self::Cookies,
            b"path" => Self::Path,
            b"errMsg" => Self::Message,
            _ => Self::Rest,
        }
    }
}

/// Bytes that could be fewer for the same content. They are in the parts, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Overhead {
    /// What escapes take more than the characters that they stand for.
    Escapes,
    /// The share of those that JSON does not need, such as `\u4f60` for `你`.
    NeedlessEscapes,
    /// What base64 takes more than its bytes.
    Base64,
    /// White space between tokens.
    Spaces,
}

impl Overhead {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Escapes, Self::NeedlessEscapes, Self::Base64, Self::Spaces];

    /// Returns what it is.
    #[must_use]
    pub const fn words(self) -> Words {
        match self {
            Self::Escapes => Words::new("more for escapes", "转义多占"),
            Self::NeedlessEscapes => Words::new("of these needless", "其中不必要的"),
            Self::Base64 => Words::new("more for base64", "base64 多占"),
            Self::Spaces => Words::new("white space", "空白"),
        }
    }
}

/// On what the bytes of an envelope are spent.
///
/// ```
/// use callcontainer::explain::{Overhead, Part, Spent};
/// use callcontainer::Reply;
///
/// let envelope = br#"{"statusCode":200, "data":"\u4f60"}"#;
/// let Reply::Response(response) = Reply::decode(envelope)? else { panic!() };
/// let spent = Spent::of(envelope, response.data());
/// assert_eq!((spent.total(), spent.part(Part::Data), spent.part(Part::Rest)), (35, 15, 20));
/// assert_eq!((spent.overhead(Overhead::NeedlessEscapes), spent.overhead(Overhead::Spaces)), (3, 1));
/// # Ok::<(), callcontainer::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    total: usize,
    parts: [usize; Part::ALL.len()],
    overheads: [usize; Overhead::ALL.len()],
}

impl Spent {
    /// Counts the bytes of an envelope that decodes, and whose data are these.
    #[must_use]
    pub fn of(envelope: &[u8], data: Data<'_>) -> Self {
        let mut spent = Self { total: envelope.len(), parts: [0; 6], overheads: [0; 4] };
        if let Data::Bytes(bytes) = data
            && let Some(base64) = bytes.as_base64()
        {
            spent.more(Overhead::Base64, base64.as_raw().len().saturating_sub(bytes.decoded_len()));
        }
        let mut depth = 0_usize;
        // Where the last token ended.
        let mut end = 0;
        let mut part = Part::Rest;
        let mut expects_name = false;
        for (token, range) in Tokens::new(envelope) {
            let mut begins = false;
            match token {
                Token::Open { .. } => {
                    depth = depth.saturating_add(1);
                    expects_name = depth == 1;
                }
                Token::Close => depth = depth.saturating_sub(1),
                Token::Comma if depth == 1 => expects_name = true,
                Token::Text { .. } => {
                    let content = content(envelope, range.clone());
                    begins = depth == 1 && core::mem::take(&mut expects_name);
                    if begins {
                        part = Part::of(content);
                    }
                    spent.escapes(content);
                }
                _ => {}
            }
            if depth == 0 || expects_name {
                part = Part::Rest;
            }
            let spaces = range.start.saturating_sub(end);
            spent.more(Overhead::Spaces, spaces);
            // White space inside a member is its own, and what stands before it is not.
            spent.add(if begins { Part::Rest } else { part }, spaces);
            spent.add(part, range.len());
            end = range.end;
        }
        let spaces = envelope.len().saturating_sub(end);
        spent.more(Overhead::Spaces, spaces);
        spent.add(Part::Rest, spaces);
        spent
    }

    fn add(&mut self, part: Part, bytes: usize) {
        if let Some(sum) = self.parts.get_mut(part as usize) {
            *sum = sum.saturating_add(bytes);
        }
    }

    fn more(&mut self, overhead: Overhead, bytes: usize) {
        if let Some(sum) = self.overheads.get_mut(overhead as usize) {
            *sum = sum.saturating_add(bytes);
        }
    }

    /// Counts the escapes in the content of a string.
    fn escapes(&mut self, content: &[u8]) {
        let mut rest = content;
        while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
            let escape = rest.get(at..).unwrap_or_default();
            let (len, stands_for, needless): (usize, usize, bool) = match escape {
                [_, b'u', digits @ ..] => {
                    let unit = hex(digits);
                    match unit {
                        // Both halves of a pair, or one alone, which has no other form.
                        0xD800..=0xDBFF if digits.get(4..6) == Some(b"\\u") => (12, 4, true),
                        0xD800..=0xDFFF => (6, 6, false),
                        0x00..=0x1F => (6, 1, false),
                        0x22 | 0x5C => (6, 1, false),
                        0x20..=0x7F => (6, 1, true),
                        0x80..=0x7FF => (6, 2, true),
                        _ => (6, 3, true),
                    }
                }
                [_, b'/', ..] => (2, 1, true),
                _ => (2, 1, false),
            };
            let more = len.saturating_sub(stands_for);
            self.more(Overhead::Escapes, more);
            if needless {
                self.more(Overhead::NeedlessEscapes, more);
            }
            rest = escape.get(len..).unwrap_or_default();
        }
    }

    /// Returns the length of the envelope.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.total
    }

    /// Returns the bytes of a part.
    #[must_use]
    pub fn part(&self, part: Part) -> usize {
        self.parts.get(part as usize).copied().unwrap_or(0)
    }

    /// Returns the bytes of an overhead.
    #[must_use]
    pub fn overhead(&self, overhead: Overhead) -> usize {
        self.overheads.get(overhead as usize).copied().unwrap_or(0)
    }
}

/// Returns the number that four hex digits are.
fn hex(digits: &[u8]) -> u32 {
    digits.iter().take(4).fold(0, |number, digit| (number << 4) | char::from(*digit).to_digit(16).unwrap_or(0))
}
