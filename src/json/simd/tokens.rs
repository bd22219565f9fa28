//! The same walk token by token, for a value that is so short that blocks would not gain what they cost.
//!
//! It knows what most values look like: no white space, no exponents. Of all others, and of what is wrong, it says
//! nothing.

use super::short;
use crate::json::scan;
use crate::json::string::{self, Alphabet, Stop};

/// What follows the value that begins here, if it ends here as well and is like most are.
#[inline(never)]
pub(super) fn behind_value(text: &[u8]) -> Option<&[u8]> {
    // One bit for each open bracket, the lowest for the innermost: 1 for an object. Above them stands a one.
    let mut levels = 1_u32;
    let mut rest = text;
    loop {
        rest = match rest {
            [b'"', behind @ ..] => behind_string(behind)?,
            [b'{', b'"', behind @ ..] => {
                levels = open(levels, 1)?;
                rest = behind_name(behind)?;
                continue;
            }
            [b'{', b'}', behind @ ..] | [b'[', b']', behind @ ..] => behind,
            [b'[', behind @ ..] => {
                levels = open(levels, 0)?;
                rest = behind;
                continue;
            }
            _ => behind_scalar(rest)?,
        };
        // Behind a value.
        loop {
            if levels == 1 {
                return Some(rest);
            }
            let object = levels & 1 == 1;
            rest = match rest {
                [b',', b'"', behind @ ..] if object => {
                    rest = behind_name(behind)?;
                    break;
                }
                [b',', behind @ ..] if !object => {
                    rest = behind;
                    break;
                }
                [b'}', behind @ ..] if object => behind,
                [b']', behind @ ..] if !object => behind,
                _ => return None,
            };
            levels >>= 1;
        }
    }
}

/// One level more, unless there are too many for a word. The limit is higher wherever a value may stand.
#[inline(always)]
fn open(levels: u32, object: u32) -> Option<u32> {
    (levels.leading_zeros() > 0).then_some(levels << 1 | object)
}

/// What follows the string whose opening quote is before this.
#[inline(always)]
fn behind_string(text: &[u8]) -> Option<&[u8]> {
    match short(text, Alphabet::Printable) {
        Some((_, behind)) => Some(behind),
        None => behind_any_string(text),
    }
}

/// The same of a string that is not known to be short.
#[inline(never)]
fn behind_any_string(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.iter();
    loop {
        match scan::skip_special(&mut rest)? {
            b'"' => return Some(rest.as_slice()),
            byte if scan::is_plain(byte) => {}
            _ => break,
        }
    }
    let content = string::content(text);
    if content.stop == Stop::Quote { text.get(content.len.wrapping_add(1)..) } else { None }
}

/// What follows the name whose opening quote is before this, and its colon.
#[inline(always)]
fn behind_name(text: &[u8]) -> Option<&[u8]> {
    behind_string(text)?.strip_prefix(b":")
}

/// What follows the number or literal that begins here.
#[inline(always)]
fn behind_scalar(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b'0'..=b'9', ..] => behind_number(text),
        [b'-', digits @ ..] => behind_number(digits),
        [b't', b'r', b'u', b'e', behind @ ..]
        | [b'n', b'u', b'l', b'l', behind @ ..]
        | [b'f', b'a', b'l', b's', b'e', behind @ ..] => Some(behind),
        _ => None,
    }
}

/// What follows the number whose first digit must be here. It ends where a value may end, and not with the text.
#[inline(always)]
fn behind_number(text: &[u8]) -> Option<&[u8]> {
    let mut behind = match text {
        [b'0', behind @ ..] => behind,
        _ => behind_digits(text)?,
    };
    if let [b'.', fraction @ ..] = behind {
        behind = behind_digits(fraction)?;
    }
    matches!(behind, [b',' | b'}' | b']', ..]).then_some(behind)
}

/// What follows the digits, of which there must be one.
#[inline(always)]
fn behind_digits(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    while let [b'0'..=b'9', behind @ ..] = rest {
        rest = behind;
    }
    (rest.len() < text.len()).then_some(rest)
}
