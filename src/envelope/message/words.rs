//! The words of a message, which may still have its JSON escapes. Letter case and the white space between words do not
//! matter.

use crate::json::text::{CharIndices, Text};
use core::ops::Range;

/// Skips this word and a colon, if they come next.
pub(super) fn label<'a>(rest: &CharIndices<'a>, name: &str) -> Option<CharIndices<'a>> {
    word(&word(rest, name)?, ":")
}

/// Skips this word, in any letter case, if it comes next.
pub(super) fn word<'a>(rest: &CharIndices<'a>, word: &str) -> Option<CharIndices<'a>> {
    let mut rest = skip_space(rest);
    for expected in word.bytes() {
        if !rest.next()?.1.eq_ignore_ascii_case(&char::from(expected)) {
            return None;
        }
    }
    Some(rest)
}

/// Skips any white space that comes next.
pub(super) fn skip_space<'a>(rest: &CharIndices<'a>) -> CharIndices<'a> {
    let mut rest = rest.clone();
    while peek(&rest).is_some_and(is_space) {
        rest.next();
    }
    rest
}

/// Returns the character that comes next.
pub(super) fn peek(rest: &CharIndices<'_>) -> Option<char> {
    rest.clone().next().map(|(_, character)| character)
}

/// Returns where in the text the rest of it starts.
pub(super) fn position(text: Text<'_>, rest: &CharIndices<'_>) -> usize {
    rest.clone().next().map_or(text.as_raw().len(), |(at, _)| at)
}

/// Returns a part of the text, without the white space around it.
pub(super) fn part(text: Text<'_>, range: Range<usize>) -> Text<'_> {
    let part = text.part(range).unwrap_or_default();
    let length = part.as_raw().len();
    let mut start = length;
    let mut end = length;
    let mut after_space = true;
    for (at, character) in part.char_indices() {
        if !is_space(character) {
            start = start.min(at);
            end = length;
        } else if !after_space {
            end = at;
        }
        after_space = is_space(character);
    }
    part.part(start..end.max(start)).unwrap_or_default()
}

pub(super) const fn is_bar(character: char) -> bool {
    matches!(character, '|' | '｜')
}

/// Returns whether this is white space that occurs in these messages, without the table of all white space in Unicode.
pub(super) const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r' | '\u{a0}' | '\u{3000}')
}
