//! What begins a message: the names of the calls that failed, and the codes.

use super::words::{is_bar, is_space, label, peek, position, skip_space, word};
use crate::envelope::code::ErrorCode;
use crate::json::text::{CharIndices, Text};
use core::ops::Range;

/// Where in a text what the platform says stands, without what a console or a wrapper put before it, and without the
/// quotation marks that it may be in. The whole text, where there is no telling.
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

/// Where what the platform says begins, and the character before it: where the name of a call stands, or a code that a
/// `| errMsg:` follows on the same line, outside quotation marks.
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

/// Where the quotation ends whose content starts here.
fn closing(text: Text<'_>, start: usize, quote: char) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip_while(|(at, _)| *at < start).find(|(_, character)| {
        let ends = *character == quote && !escaped;
        escaped = *character == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| at)
}

/// Takes the known beginnings off: the code in them, and where the text after them starts.
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
                // To go on would be to look for `| errMsg:` again and again, in vain, and not in linear time.
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

/// Whether the name of a call or a code comes next.
fn names_failure(rest: &CharIndices<'_>) -> bool {
    fail(rest).is_some() || coded(rest).is_some()
}

/// Past the beginnings that say nothing.
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

/// Past `cloud.callContainer:fail` or `cloud:fail`, if that is what comes next.
fn fail<'a>(rest: &CharIndices<'a>) -> Option<CharIndices<'a>> {
    let after = label(rest, "cloud.callContainer").or_else(|| label(rest, "cloud"))?;
    let after = word(&after, "fail")?;
    let ends = !peek(&after).is_some_and(|character| character.is_ascii_alphanumeric());
    ends.then_some(after)
}

/// The code after the `errCode:` that comes next, and what comes after it.
fn coded<'a>(rest: &CharIndices<'a>) -> Option<(ErrorCode, CharIndices<'a>)> {
    number(&label(rest, "errCode")?)
}

/// The code that comes next, and what comes after it.
fn number<'a>(rest: &CharIndices<'a>) -> Option<(ErrorCode, CharIndices<'a>)> {
    let minus = word(rest, "-");
    let negative = minus.is_some();
    let mut rest = minus.unwrap_or_else(|| skip_space(rest));
    // Built downwards, as there is one more negative number than there are positive ones.
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

/// Whether a number may end before this character. It may not before a letter, a point or a colon: `404ms`, `5.5` and
/// `10:30` are no codes.
fn ends_number(character: char) -> bool {
    !character.is_ascii() || is_space(character) || matches!(character, '|' | ',' | ';')
}

/// Past the next `| errMsg:`, wherever it is.
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

/// Past the bar, the comma or the semicolon that comes next, if one does.
fn separator<'a>(rest: &CharIndices<'a>) -> CharIndices<'a> {
    let mut rest = skip_space(rest);
    if peek(&rest).is_some_and(|character| is_bar(character) || matches!(character, ',' | ';')) {
        rest.next();
    }
    rest
}
