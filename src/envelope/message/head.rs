//! The beginning of a message: the names of the calls that failed, and the codes.

use super::words::{is_bar, is_space, label, peek, position, skip_space, word};
use crate::envelope::code::ErrorCode;
use crate::json::text::{CharIndices, Text};
use core::ops::Range;

/// Returns the part of a text that comes from the platform, without what a console or a wrapper put before it, and
/// without quotation marks around it. If this cannot be determined, it is the whole text.
pub(super) fn find(text: Text<'_>) -> Range<usize> {
    let len = text.as_raw().len();
    let start = text.char_indices();
    let rest = unnamed(&start);
    if names_failure(&rest) {
        return 0..len;
    }
    let Some((start, before)) = search(&rest) else { return 0..len };
    let end = before.filter(|before| matches!(before, '"' | '\'' | '`')).and_then(|quote| closing(text, start, quote));
    start..end.unwrap_or(len)
}

/// Returns where the platform's part begins, and the character before it: at the name of a call, or at a code that is
/// followed by `| errMsg:` on the same line, outside quotation marks.
fn search(rest: &CharIndices<'_>) -> Option<(usize, Option<char>)> {
    let mut rest = rest.clone();
    let mut before: Option<char> = None;
    let mut code = None;
    loop {
        let here = rest.clone();
        let (at, character) = rest.next()?;
        if !before.is_some_and(|before| before.is_ascii_alphanumeric()) {
            if matches!(character, 'c' | 'C') && fail(&here).is_some() {
                return Some((at, before));
            }
            if matches!(character, 'e' | 'E') && code.is_none() && coded(&here).is_some() {
                code = Some((at, before));
            }
        }
        match character {
            '|' | '｜' if code.is_some() && label(&rest, "errMsg").is_some() => return code,
            '"' | '\'' | '`' | '\n' | '\r' => code = None,
            _ => {}
        }
        before = Some(character);
    }
}

/// Returns where the quotation ends whose content starts here.
fn closing(text: Text<'_>, start: usize, quote: char) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip_while(|(at, _)| *at < start).find(|(_, character)| {
        let ends = *character == quote && !escaped;
        escaped = *character == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| at)
}

/// Removes the known beginnings, and returns the code in them and where the text after them starts.
pub(super) fn peel(head: Text<'_>) -> (Option<ErrorCode>, usize) {
    let mut code = None;
    let mut rest = unnamed(&head.char_indices());
    loop {
        rest = if let Some(after) = fail(&rest) {
            match number(&after) {
                Some((found, after)) => {
                    code = Some(found);
                    after
                }
                None => after,
            }
        } else if let Some((found, after)) = coded(&rest) {
            code = Some(found);
            let Some(after) = message_label(&after) else {
                // Going on would mean searching for `| errMsg:` again and again, in vain, and not in linear time.
                rest = separator(&after);
                break;
            };
            after
        } else {
            break;
        };
        rest = unnamed(&rest);
    }
    (code, position(head, &rest))
}

/// Returns whether the name of a call or a code comes next.
fn names_failure(rest: &CharIndices<'_>) -> bool {
    fail(rest).is_some() || coded(rest).is_some()
}

/// Skips the beginnings without information.
fn unnamed<'a>(rest: &CharIndices<'a>) -> CharIndices<'a> {
    let mut rest = rest.clone();
    loop {
        rest = if let Some(after) = label(&rest, "all failed") {
            word(&after, ",").unwrap_or(after)
        } else if let Some(after) = label(&rest, "Error").or_else(|| label(&rest, "errMsg")) {
            after
        } else {
            return rest;
        };
    }
}

/// Skips `cloud.callContainer:fail` or `cloud:fail`, if that comes next.
fn fail<'a>(rest: &CharIndices<'a>) -> Option<CharIndices<'a>> {
    let after = label(rest, "cloud.callContainer").or_else(|| label(rest, "cloud"))?;
    let after = word(&after, "fail")?;
    let ends = !peek(&after).is_some_and(|character| character.is_ascii_alphanumeric());
    ends.then_some(after)
}

/// Returns the code after the `errCode:` that comes next, and what comes after it.
fn coded<'a>(rest: &CharIndices<'a>) -> Option<(ErrorCode, CharIndices<'a>)> {
    number(&label(rest, "errCode")?)
}

/// Returns the code that comes next, and what comes after it.
fn number<'a>(rest: &CharIndices<'a>) -> Option<(ErrorCode, CharIndices<'a>)> {
    let minus = word(rest, "-");
    let negative = minus.is_some();
    let mut rest = minus.unwrap_or_else(|| skip_space(rest));
    // Accumulated as a negative number, since there is one more negative number than positive ones.
    let mut value = None;
    while let Some(digit) = peek(&rest).and_then(|character| character.to_digit(10)) {
        value = Some(value.unwrap_or(0_i32).checked_mul(10)?.checked_sub_unsigned(digit)?);
        rest.next();
    }
    if !peek(&rest).is_none_or(ends_number) {
        return None;
    }
    let value = if negative { value? } else { value?.checked_neg()? };
    Some((ErrorCode(value), rest))
}

/// Returns whether a number may end before this character. It may not end before a letter, a point or a colon: `404ms`,
/// `5.5` and `10:30` are not codes.
fn ends_number(character: char) -> bool {
    !character.is_ascii() || is_space(character) || matches!(character, '|' | ',' | ';')
}

/// Skips to the end of the next `| errMsg:`, wherever it is.
fn message_label<'a>(rest: &CharIndices<'a>) -> Option<CharIndices<'a>> {
    let mut rest = rest.clone();
    loop {
        let (_, character) = rest.next()?;
        if is_bar(character) {
            let after = label(&rest, "errMsg");
            if after.is_some() {
                return after;
            }
        }
    }
}

/// Skips the bar, comma or semicolon that comes next, if there is one.
fn separator<'a>(rest: &CharIndices<'a>) -> CharIndices<'a> {
    let mut rest = skip_space(rest);
    if peek(&rest).is_some_and(|character| is_bar(character) || matches!(character, ',' | ';')) {
        rest.next();
    }
    rest
}
