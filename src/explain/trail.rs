//! Which member of an envelope a byte is in, and what JSON allows there.

use super::glyphs::{Glyphs, decimal};
use super::tokens::{Token, Tokens, content};
use super::words::{Language, Words};
use crate::limits::DEPTH_LIMIT;
use core::fmt::{self, Write};

/// How many levels are named. What is deeper is in the last of them.
const NAMED: usize = 16;

/// One level on the way to a byte.
#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    /// In an object, before its first name.
    Object,
    /// In the member of this name, as it is written.
    Member(&'a [u8]),
    /// In the element of this index.
    Element(usize),
}

/// What comes next in a text that is valid so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The first value, or one behind a colon, or behind a comma in an array.
    Value,
    /// A name, or the end of an object.
    NameOrEnd,
    /// A name.
    Name,
    Colon,
    /// A value, or the end of an array.
    ValueOrEnd,
    /// A comma or the end of an object.
    CommaOrBrace,
    /// A comma or the end of an array.
    CommaOrBracket,
    /// The rest of a string.
    Content,
    Nothing,
}

/// The way from the outermost value of a JSON text to one of its bytes.
#[derive(Clone, Debug)]
pub(super) struct Trail<'a> {
    steps: [Step<'a>; NAMED],
    depth: usize,
    /// A bit for each level that is an object.
    objects: u128,
    next: Next,
}

const _: () = assert!(DEPTH_LIMIT <= u128::BITS as usize);

impl<'a> Trail<'a> {
    /// Follows a text, valid so far, to its end.
    pub(super) fn of(text: &'a [u8]) -> Self {
        let mut trail = Self { steps: [Step::Object; NAMED], depth: 0, objects: 0, next: Next::Value };
        for (token, range) in Tokens::new(text) {
            trail.take(token, content(text, range));
        }
        trail
    }

    const fn bit(&self) -> u128 {
        match 1_u128.checked_shl((self.depth as u32).wrapping_sub(1)) {
            Some(bit) => bit,
            None => 0,
        }
    }

    /// Whether the level is an object.
    const fn in_object(&self) -> bool {
        self.depth > 0 && self.objects & self.bit() != 0
    }

    fn step(&mut self) -> Option<&mut Step<'a>> {
        self.steps.get_mut(self.depth.wrapping_sub(1))
    }

    fn take(&mut self, token: Token, content: &'a [u8]) {
        match token {
            Token::Open { object } => {
                self.depth = self.depth.saturating_add(1);
                self.objects = if object { self.objects | self.bit() } else { self.objects & !self.bit() };
                if let Some(step) = self.step() {
                    *step = if object { Step::Object } else { Step::Element(0) };
                }
                self.next = if object { Next::NameOrEnd } else { Next::ValueOrEnd };
            }
            Token::Close => {
                self.depth = self.depth.saturating_sub(1);
                self.behind_value();
            }
            Token::Colon => self.next = Next::Value,
            Token::Comma => {
                let in_object = self.in_object();
                if let Some(Step::Element(index)) = self.step() {
                    *index = index.saturating_add(1);
                }
                self.next = if in_object { Next::Name } else { Next::Value };
            }
            Token::Text { whole: false } => self.next = Next::Content,
            Token::Text { whole: true } if matches!(self.next, Next::NameOrEnd | Next::Name) => {
                if let Some(step) = self.step() {
                    *step = Step::Member(content);
                }
                self.next = Next::Colon;
            }
            Token::Text { .. } | Token::Scalar => self.behind_value(),
        }
    }

    const fn behind_value(&mut self) {
        self.next = if self.depth == 0 {
            Next::Nothing
        } else if self.in_object() {
            Next::CommaOrBrace
        } else {
            Next::CommaOrBracket
        };
    }

    /// Returns the steps that are known.
    fn known(&self) -> &[Step<'a>] {
        self.steps.get(..self.depth).unwrap_or(&self.steps)
    }

    /// Returns what JSON allows here.
    pub(super) const fn allowed(&self) -> Words {
        match self.next {
            Next::Value => Words::new("a value", "一个值"),
            Next::NameOrEnd => Words::new("a name in double quotes, or }", "双引号括起的键名，或 }"),
            Next::Name => Words::new("a name in double quotes", "双引号括起的键名"),
            Next::Colon => Words::new("a colon", "冒号"),
            Next::ValueOrEnd => Words::new("a value, or ]", "一个值，或 ]"),
            Next::CommaOrBrace => Words::new("a comma, or }", "逗号，或 }"),
            Next::CommaOrBracket => Words::new("a comma, or ]", "逗号，或 ]"),
            Next::Content => Words::new("the rest of a string, and its closing quote", "字符串的其余部分和结尾的引号"),
            Next::Nothing => Words::new("nothing more", "没有更多内容"),
        }
    }

    /// Returns which type the value here has in an envelope, if that is laid down.
    pub(super) fn wanted(&self) -> Option<Words> {
        let string = Words::new("a string", "字符串");
        let object = Words::new("an object", "对象");
        Some(match self.known() {
            [] => object,
            [Step::Member(name)] => match *name {
                b"config" | b"header" => object,
                b"cookies" => Words::new("an array of strings", "字符串数组"),
                b"__nativeBuffers__" => Words::new("an array with at most one object", "最多含一个对象的数组"),
                b"timeout" => Words::new("a whole number of milliseconds", "整数毫秒"),
                b"statusCode" | b"errCode" | b"errno" => Words::new("a whole number", "整数"),
                b"data" => return None,
                _ => string,
            },
            [Step::Member(b"header"), Step::Member(_)] => {
                Words::new("a string, a number or a boolean", "字符串、数字或布尔值")
            }
            [Step::Member(b"__nativeBuffers__"), Step::Element(_)] => object,
            [Step::Member(b"data"), ..] => return None,
            _ => string,
        })
    }

    /// Whether this is the outermost level.
    pub(super) fn is_outermost(&self) -> bool {
        matches!(self.known(), [] | [Step::Object])
    }

    /// Writes the way: names with points between them, and indexes in brackets, as in `data.items[3]`.
    ///
    /// # Errors
    /// Those of `out`.
    pub(super) fn put(&self, out: &mut impl Write) -> fmt::Result {
        let mut first = true;
        for step in self.known() {
            match step {
                Step::Object => {}
                Step::Member(name) => {
                    if !core::mem::take(&mut first) {
                        out.write_char('.')?;
                    }
                    Glyphs::new(name).put(out)?;
                }
                Step::Element(index) => {
                    first = false;
                    out.write_char('[')?;
                    decimal(out, *index)?;
                    out.write_char(']')?;
                }
            }
        }
        if self.depth > NAMED {
            out.write_char('…')?;
        }
        Ok(())
    }
}

/// Returns the text of words, where there is a better one than another.
pub(super) const fn better(words: Option<Words>, otherwise: Words, language: Language) -> &'static str {
    match words {
        Some(words) => words.text(language),
        None => otherwise.text(language),
    }
}
