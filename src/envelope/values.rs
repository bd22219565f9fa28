//! Decodes single values at the cursor: a text that follows a rule, one of a set of names, an integer.
//!
//! Reports the first error in byte order to the cursor. After an error it reads on without effect.

use super::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::json::cursor::{Cursor, Quoted};
use crate::json::integer::Integer;
use crate::json::text::Text;
use crate::target::{self, WIDE};

/// Decodes a string that follows a rule.
#[inline(always)]
pub(crate) fn text<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    target::door!(quoted, cursor, rule)
}

#[inline(always)]
fn quoted<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    cursor.expect(b'"');
    string(cursor, rule)
}

/// Decodes a string whose opening quote has been read.
#[inline(always)]
pub(crate) fn string<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    let short = if WIDE { cursor.short_string(rule.alphabet(), |short| rule.allows_short(short)) } else { None };
    match short {
        Some(text) => text,
        None => cursor.apart(|cursor| any_string(cursor, rule)),
    }
}

/// Decodes any string whose opening quote has been read.
#[inline(never)]
fn any_string<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    let start = cursor.offset();
    // On a wide processor it is not short.
    let Quoted { text, printable } = if WIDE { cursor.any_string() } else { cursor.string() };
    if !printable || !rule.allows_printable(text.as_raw()) {
        if let Some(error) = broken(rule, text, start) {
            cursor.fail_before(error.kind(), error.offset());
        }
        if let Err(kind) = rule.check_end(text.is_empty()) {
            cursor.fail(kind, start.wrapping_sub(1));
        }
    }
    text
}

/// Returns what breaks a rule in a part that begins here. It takes precedence over any error after it.
#[inline(never)]
fn broken(rule: Rule, part: Text<'_>, start: usize) -> Option<Error> {
    rule.check(part, 0).err().map(|error| error.behind(start))
}

/// Decodes a number or boolean that follows a rule, as written.
pub(super) fn scalar<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    let start = cursor.offset();
    let text = Text::from_span(cursor.value(2).raw, false);
    if let Some(error) = broken(rule, text, start) {
        cursor.fail_before(error.kind(), error.offset());
    }
    text
}

/// Decodes one of a set of names, for example a method, which `lookup` finds. `wrong` is the error for any other.
#[inline(always)]
pub(crate) fn name<T>(cursor: &mut Cursor<'_>, lookup: impl Fn(Text<'_>) -> Option<T>, wrong: ErrorKind) -> Option<T> {
    cursor.expect(b'"');
    let start = cursor.offset();
    let found = lookup(cursor.string().text);
    if found.is_none() {
        cursor.fail(wrong, start.wrapping_sub(1));
    }
    found
}

/// Decodes an integer without fraction or exponent, saturated to 32 bits and a sign. `wrong` is the error if it is not
/// such an integer, or if `convert` refuses it.
#[inline(always)]
pub(crate) fn integer<T>(cursor: &mut Cursor<'_>, convert: impl Fn(i64) -> Option<T>, wrong: ErrorKind) -> Option<T> {
    cursor.expect_number();
    let start = cursor.offset();
    let converted = match short_integer(cursor.rest()) {
        Some((number, behind)) => {
            cursor.go_to(behind);
            convert(i64::from(number))
        }
        None => cursor.apart(any_integer).and_then(convert),
    };
    if converted.is_none() {
        cursor.fail(wrong, start);
    }
    converted
}

/// Returns the number that a text begins with, and what follows it, if it consists of only a few digits.
#[inline]
fn short_integer(text: &[u8]) -> Option<(u32, &[u8])> {
    if !WIDE {
        return None;
    }
    let mut number = 0_u32;
    let mut rest = text;
    while let Some((digit @ b'0'..=b'9', behind)) = rest.split_first() {
        number = number.wrapping_mul(10).wrapping_add(u32::from(digit & 0x0F));
        rest = behind;
    }
    let len = text.len().wrapping_sub(rest.len());
    let is_short = len == 1 || (len < 10 && text.first() != Some(&b'0'));
    // A minus leaves no digits, and the point or letter of a number that is not an integer is not an end.
    (is_short && matches!(rest.first(), Some(b',' | b'}'))).then_some((number, rest))
}

#[inline(never)]
fn any_integer(cursor: &mut Cursor<'_>) -> Option<i64> {
    let mut integer = Integer::NEW;
    integer.add(cursor.value(1).raw);
    integer.value()
}
