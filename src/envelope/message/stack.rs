//! Finds what a console appends to a message: the stack of the error that carried it.
//!
//! A stack is recognized by its frames, and a frame by the location that it names. These are the formats of a frame:
//!
//! ```text
//! at NAME (FILE:LINE:COLUMN)    V8; the developer tools leave the column out
//! NAME@FILE:LINE:COLUMN         JavaScriptCore
//! NAME @ FILE:LINE              the console of the developer tools
//! ```

use super::tails::{step, tail};
use super::words::{is_space, label, peek, word};
use crate::json::text::{CharIndices, Text};

/// The maximum number of words between the `at` of a frame and its parenthesis, as in
/// `at async Object.fail [as callback] (`.
const NAME_WORDS: u8 = 4;

/// Returns where the appended part begins: at the end of the message, if there is none.
///
/// The message is read once, forwards. The characters read ahead are read only a few times each.
pub(super) fn find(message: Text<'_>) -> usize {
    let mut reader = Reader::default();
    let mut rest = message.char_indices();
    loop {
        let here = rest.clone();
        let stack = match rest.next() {
            Some((at, character)) => reader.read(message, at, character, &here, &rest),
            None => Some(reader.end_place().unwrap_or(message.as_raw().len())),
        };
        if let Some(stack) = stack {
            return stack;
        }
    }
}

#[derive(Default)]
struct Reader {
    line: Line,
    word: Word,
    /// Number of parentheses opened minus those closed.
    level: isize,
    /// The level around the open tail. Anything in a tail that looks like a stack is part of the tail.
    tail: Option<isize>,
}

/// What has been read of a line.
#[derive(Default)]
struct Line {
    /// Whether nothing has been read and it is not the first line.
    is_fresh: bool,
    /// Start of its first word. The first line has none, since the message begins there.
    start: Option<usize>,
    /// The frame that may have begun.
    frame: Option<Frame>,
    /// Position of a semicolon that is followed by `at`.
    aside: Option<usize>,
    /// Whether there is an `@` as a separate word.
    has_sign: bool,
    /// Whether a tail has just ended.
    is_behind_tail: bool,
}

/// A possible frame that `at` begins.
#[derive(Clone, Copy)]
struct Frame {
    start: usize,
    /// Whether any location will do, because a stack would begin here.
    is_expected: bool,
    /// Number of words that have begun since.
    words: u8,
    /// Whether the parenthesis of the location is open.
    is_inside: bool,
}

impl Frame {
    /// Returns whether the frame may have its location here: `at LOCATION`, `at async LOCATION` or `at NAME (LOCATION`.
    const fn has(&self, exact: bool) -> bool {
        self.is_expected || exact && (self.is_inside || self.words <= 2)
    }

    /// Returns the frame as it is after a parenthesis, if it is still possible.
    fn at_parenthesis(mut self, parenthesis: char) -> Option<Self> {
        let has_ended = self.is_inside && parenthesis == ')';
        self.is_inside = parenthesis == '(' && self.words <= NAME_WORDS.saturating_add(1);
        (self.is_expected || !has_ended).then_some(self)
    }
}

/// What has been read of a word.
#[derive(Default)]
struct Word {
    is_open: bool,
    /// Start of the word, if a frame may begin there. It may not begin directly after a tail.
    start: Option<usize>,
    /// Whether it begins with `code@`.
    is_code: bool,
    letters: usize,
    has_sign: bool,
    place: Place,
}

/// How much of a location has been read: `FILE:LINE` or `FILE:LINE:COLUMN`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Nothing,
    BeforeLine,
    Line,
    BeforeColumn,
    Column,
}

impl Word {
    fn read(&mut self, character: char) {
        self.letters = self.letters.saturating_add(usize::from(character.is_ascii_alphabetic()));
        self.has_sign |= character == '@';
        self.place = match (character, self.place) {
            (':', Place::Line | Place::Column) => Place::BeforeColumn,
            // A time, for example `T10:30:15`, has at most one.
            (':', _) if self.letters >= 2 => Place::BeforeLine,
            ('0'..='9', Place::BeforeLine | Place::Line) => Place::Line,
            ('0'..='9', Place::BeforeColumn | Place::Column) => Place::Column,
            _ => Place::Nothing,
        };
    }
}

impl Reader {
    /// Reads a character, between `here` and `rest`. Returns where the stack begins, once one is recognized.
    fn read(
        &mut self,
        message: Text<'_>,
        at: usize,
        character: char,
        here: &CharIndices<'_>,
        rest: &CharIndices<'_>,
    ) -> Option<usize> {
        let outside = self.level;
        self.level = step(outside, character);
        if self.tail.is_some() {
            self.read_tail(character);
            return None;
        }
        if is_space(character) {
            let stack = self.end_place();
            self.word = Word::default();
            if is_line_end(character) {
                self.line = Line { is_fresh: true, ..Line::default() };
            }
            return stack;
        }
        if self.word.is_open && self.line.is_behind_tail && matches!(character, '"' | '\'' | '`') {
            return Some(at);
        }
        if !self.word.is_open {
            self.word = Word { is_open: true, start: Some(at).filter(stands_behind), ..Word::default() };
            if self.begin_word(at, here) {
                return self.line.aside;
            }
        }
        self.line.is_behind_tail = false;
        let place = match character {
            '(' if word(rest, "native)").is_some() => self.end_place().or(self.place(false)),
            '(' | ')' | ',' | ';' => self.end_place(),
            '<' if word(rest, "anonymous>").is_some() => self.place(false),
            '[' if word(rest, "native code]").is_some() => self.place(true),
            _ => None,
        };
        if place.is_some() {
            return place;
        }
        match character {
            '(' if tail(message, rest).is_some() => {
                self.tail = Some(outside);
                self.line.frame = None;
            }
            '(' if stands_behind(&at) && is_environment(rest) => return Some(at),
            '(' | ')' => self.line.frame = self.line.frame.and_then(|frame| frame.at_parenthesis(character)),
            ';' if is_at(rest) => self.line.aside = self.line.aside.or(Some(at).filter(stands_behind)),
            _ => {}
        }
        self.word.read(character);
        None
    }

    fn read_tail(&mut self, character: char) {
        if is_line_end(character) {
            self.line = Line::default();
        }
        self.word = Word { is_open: !is_space(character), ..Word::default() };
        if character == ')' && self.tail == Some(self.level) {
            self.tail = None;
            self.line.is_behind_tail = true;
        }
    }

    /// Begins a word. Returns whether it shows that everything from the semicolon on was appended to the message.
    fn begin_word(&mut self, at: usize, here: &CharIndices<'_>) -> bool {
        let Line { is_fresh, is_behind_tail, frame, aside, .. } = self.line;
        if is_fresh {
            self.line.is_fresh = false;
            self.line.start = Some(at);
        }
        self.word.is_code = word(here, "code@").is_some();
        self.line.has_sign |= word(here, "@").is_some_and(|after| peek(&after).is_some_and(is_space));
        if is_at(here) && !frame.is_some_and(|frame| frame.is_expected || frame.is_inside) {
            let is_expected = is_fresh || is_behind_tail;
            let frame = Frame { start: at, is_expected, words: 0, is_inside: false };
            self.line.frame = Some(frame).filter(|frame| stands_behind(&frame.start));
        } else if let Some(frame) = &mut self.line.frame {
            frame.words = frame.words.saturating_add(1);
        }
        aside.is_some() && ["function", "api"].into_iter().filter_map(|last| word(here, last)).any(ends_line)
    }

    /// Ends a possible location.
    fn end_place(&self) -> Option<usize> {
        match self.word.place {
            Place::Line => self.place(false),
            Place::Column => self.place(true),
            _ => None,
        }
    }

    /// Returns where the stack begins whose first frame has a location here, if there is such a frame.
    fn place(&self, exact: bool) -> Option<usize> {
        let Line { start, frame, aside, has_sign, .. } = self.line;
        let found = if let Some(frame) = frame.filter(|frame| frame.has(exact)) {
            frame.start
        } else if exact && self.word.has_sign {
            // `global code@…` is the only name that contains white space.
            start.filter(|_| self.word.is_code).or(self.word.start)?
        } else {
            start.filter(|_| has_sign)?
        };
        Some(aside.map_or(found, |aside| aside.min(found)))
    }
}

/// Returns whether a stack may begin here: only after something else.
const fn stands_behind(at: &usize) -> bool {
    *at > 0
}

/// Returns whether the word `at` comes next, followed by another word.
fn is_at(rest: &CharIndices<'_>) -> bool {
    word(rest, "at").is_some_and(|after| peek(&after).is_some_and(is_space))
}

/// Returns whether the line ends here, apart from a semicolon and white space.
fn ends_line(rest: CharIndices<'_>) -> bool {
    let mut rest = word(&rest, ";").unwrap_or(rest);
    rest.find(|(_, character)| !is_space(*character) || is_line_end(*character))
        .is_none_or(|(_, character)| is_line_end(character))
}

/// Returns whether `env: …; lib: …)` comes next, which the developer tools add about themselves.
fn is_environment(rest: &CharIndices<'_>) -> bool {
    let Some(mut rest) = label(rest, "env") else { return false };
    while let Some((_, character)) = rest.next() {
        match character {
            ';' if label(&rest, "lib").is_some() => return true,
            '(' | ')' => return false,
            _ => {}
        }
    }
    false
}

const fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r')
}
