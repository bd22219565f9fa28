//! The maximum lengths of members, from the capacities of their parts.

use super::rules::Rule;
use crate::base64;
use crate::limits::{HEADERS_LIMIT, NAME_LIMIT, PATH_LIMIT};

/// Bytes that a control character takes in a JSON string, which is the maximum: `\u0001`.
pub(super) const ESCAPED: usize = 6;
/// Bytes that a quote or a backslash takes: the maximum where control characters are not allowed, or only tab is.
const QUOTED: usize = 2;

/// Checks that a capacity is at most the limit of its part.
const fn up_to(limit: usize, capacity: usize) -> usize {
    assert!(capacity <= limit, "a capacity is larger than the limit of its part: no envelope could reach it");
    capacity
}

/// Returns the length of a text with its key, if there may be one.
pub(super) const fn text_member(key: &str, rule: Rule, capacity: usize) -> usize {
    match rule {
        Rule::Any => string_member(key, capacity, ESCAPED),
        Rule::Name => string_member(key, up_to(NAME_LIMIT, capacity), QUOTED),
        // Its first byte is always a slash.
        Rule::Path => string_member(key, up_to(PATH_LIMIT, capacity), QUOTED).saturating_sub(1),
        // A token needs no escapes.
        Rule::HeaderName => string_member(key, up_to(NAME_LIMIT, capacity), 1),
        Rule::HeaderValue => string_member(key, capacity, QUOTED),
    }
}

/// Returns the length of a string with its quotes, of `capacity` bytes that take at most `each`.
pub(super) const fn string(capacity: usize, each: usize) -> usize {
    capacity.saturating_mul(each).saturating_add(2)
}

/// Returns the length of a member with the bracket or comma before it.
pub(super) const fn member(key: &str, value: usize) -> usize {
    value.saturating_add(key.len()).saturating_add(4)
}

/// Returns the length of a member with a string, if there may be one.
const fn string_member(key: &str, capacity: usize, each: usize) -> usize {
    if capacity == 0 { 0 } else { member(key, string(capacity, each)) }
}

pub(super) const fn headers_member(headers: usize, name: usize, value: usize) -> usize {
    if headers == 0 {
        return 0;
    }
    // A token needs no escapes. Its quotes are counted with those of the key.
    let header = member("", string(value, QUOTED)).saturating_add(up_to(NAME_LIMIT, name));
    member("header", header.saturating_mul(up_to(HEADERS_LIMIT, headers)).saturating_add(1))
}

pub(super) const fn data_member(text: usize, json: usize, bytes: usize) -> usize {
    let text = string_member("data", text, ESCAPED);
    let json = if json == 0 { 0 } else { member("data", json) };
    let entry = member("key", string("data".len(), 1))
        .saturating_add(member("base64", string(base64::encoded_len(bytes), 1)))
        .saturating_add("}[]".len());
    let bytes = if bytes == 0 { 0 } else { member("__nativeBuffers__", entry) };
    max(text, max(json, bytes))
}

pub(super) const fn max(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}

pub(super) const fn sum(parts: &[usize]) -> usize {
    let mut rest = parts;
    let mut sum = 0_usize;
    while let Some((part, others)) = rest.split_first() {
        sum = sum.saturating_add(*part);
        rest = others;
    }
    sum
}
