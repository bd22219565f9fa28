//! Decodes single values where the cursor stands: a text that follows a rule, one of a few names, a whole number.
//!
//! It tells the cursor the first thing that is wrong, from the first byte to the last. Behind that it reads on to no effect.

use super::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::json::cursor::{Cursor, Quoted};
use crate::json::integer::Integer;
use crate::json::text::Text;
use crate::target::{self, WIDE};

/// A string that follows a rule.
#[inline(always)]
pub(crate) fn text<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    target::door!(quoted, cursor, rule)
}

#[inline(always)]
fn quoted<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    cursor.expect(b'"');
    string(cursor, rule)
}

/// The same where the opening quote has been read.
#[inline(always)]
pub(super) fn string<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    let short = if WIDE { cursor.short_string(rule.alphabet(), |short| rule.allows_short(short)) } else { None };
    match short {
        Some(text) => text,
        None => cursor.apart(|cursor| any_string(cursor, rule)),
    }
}

/// The same of any string.
#[inline(never)]
fn any_string<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    let start = cursor.offset();
    let Quoted { text, printable } = cursor.string();
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

/// What in a part that begins here breaks a rule. It stands before what is wrong behind it.
#[inline(never)]
fn broken(rule: Rule, part: Text<'_>, start: usize) -> Option<Error> {
    rule.check(part, 0).err().map(|error| error.behind(start))
}

/// A number or boolean that follows a rule, as it is written.
pub(super) fn scalar<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    let start = cursor.offset();
    let text = Text::from_span(cursor.value(2).raw, false);
    if let Some(error) = broken(rule, text, start) {
        cursor.fail_before(error.kind(), error.offset());
    }
    text
}

/// One of a few names, such as a method, which `lookup` finds; this is wrong when it is none of them.
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

/// An integer without fraction or exponent; what 32 bits do not hold is the nearest that they do. This is wrong when it
/// is no such integer, or one that `convert` refuses.
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

/// The number that a text begins with, and what follows it, if it is written with a few digits alone.
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
    // A minus leaves no digits, and the dot or letter of what is no integer ends nothing.
    (is_short && matches!(rest.first(), Some(b',' | b'}'))).then_some((number, rest))
}

#[inline(never)]
fn any_integer(cursor: &mut Cursor<'_>) -> Option<i64> {
    let mut integer = Integer::NEW;
    integer.add(cursor.value(1).raw);
    integer.value()
}
