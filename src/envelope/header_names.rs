//! The headers that an envelope knows by name, and the comparison of header names.

use super::rules::Rule;
use crate::json::Text;
use crate::target::{self, WIDE};

/// The header that a request must not have.
pub(crate) const FORBIDDEN_HEADER: &str = "referer";

/// The header that names the service of a call.
pub(crate) const SERVICE_HEADER: &str = "x-wx-service";

/// Returns whether a header of this name is forbidden in a request, or in a reply. Used by slice decoders, stream
/// decoders and the encoder alike.
#[inline(always)]
pub(crate) fn is_forbidden(name: Text<'_>, request: bool) -> bool {
    request && is_name(name, FORBIDDEN_HEADER.as_bytes())
}

/// Returns the rule for the value of the header of this name, in a request or in a reply. Only for the header that
/// names the service is it the rule of a name.
#[inline(always)]
pub(crate) fn value_rule(name: Text<'_>, request: bool) -> Rule {
    if request && is_name(name, SERVICE_HEADER.as_bytes()) { Rule::Name } else { Rule::HeaderValue }
}

/// Returns whether two names are equal, ignoring ASCII case.
#[inline]
pub(crate) fn eq_ignore_case(name: Text<'_>, other: Text<'_>) -> bool {
    match other.as_bytes() {
        Some(other) => is_name(name, other),
        None => name.eq_by_bytes(other, true),
    }
}

/// Returns whether a name equals a known name without escapes, ignoring ASCII case. Most names differ in length.
#[inline(always)]
pub(crate) fn is_name(name: Text<'_>, known: &[u8]) -> bool {
    target::door!(is_any_name, &name, known)
}

#[inline(always)]
fn is_any_name(name: &Text<'_>, known: &[u8]) -> bool {
    match name.as_bytes() {
        Some(name) if WIDE => name.eq_ignore_ascii_case(known),
        Some(name) => eq_ignore_ascii_case(name, known),
        None => is_escaped_name(name.as_raw(), known),
    }
}

/// Compares as [`is_name`] does, for a name with escapes.
#[cold]
#[inline(never)]
fn is_escaped_name(name: &[u8], known: &[u8]) -> bool {
    Text::from_span(name, true).eq_by_bytes(Text::from_span(known, false), true)
}

/// Equivalent to the method of the standard library, in less than half the code.
#[inline]
fn eq_ignore_ascii_case(name: &[u8], known: &[u8]) -> bool {
    name.len() == known.len()
        && name.iter().zip(known).all(|(one, other)| match one ^ other {
            0 => true,
            0x20 => one.is_ascii_alphabetic(),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_is_ignored_as_the_standard_library_does() {
        for one in 0..=u8::MAX {
            for other in 0..=u8::MAX {
                let expected = one.eq_ignore_ascii_case(&other);
                assert_eq!(eq_ignore_ascii_case(&[b'a', one], &[b'A', other]), expected, "{one} {other}");
            }
        }
        assert!(!eq_ignore_ascii_case(b"a", b"ab") && eq_ignore_ascii_case(b"", b""));
    }
}
