//! Decodes the parts that both envelopes have, each at the cursor.
//!
//! Knows the types and rules of the parts, and reports to the cursor the first error in byte order. After an error it
//! reads on without effect.

use super::cookies::Cookies;
use super::data::Data;
use super::rules::Rule;
use super::values::text;
use crate::error::ErrorKind;
use crate::json::Json;
use crate::json::cursor::Cursor;
use crate::json::text::Text;

/// The keys seen so far, one bit each.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen(u32);

impl Seen {
    pub(crate) const NEW: Self = Self(0);

    /// Adds a key, and returns whether it is new.
    #[inline]
    pub(crate) const fn add(&mut self, key: u32) -> bool {
        let is_new = !self.has(key);
        self.0 |= 1_u32.wrapping_shl(key);
        is_new
    }

    #[inline]
    pub(crate) const fn has(self, key: u32) -> bool {
        self.0 & 1_u32.wrapping_shl(key) != 0
    }
}

/// Decodes `data`: a string is text, anything else stays as written.
#[inline(always)]
pub(crate) fn data<'a>(cursor: &mut Cursor<'a>) -> Data<'a> {
    if cursor.peek() == b'"' {
        cursor.expect(b'"');
        return Data::Text(cursor.string().text);
    }
    let span = cursor.value(1);
    Data::Json(Json::from_span(span.raw, span.spaces))
}

/// Checks that the two places that name a service agree. The later one is at `at`.
#[inline(always)]
pub(crate) fn agree(cursor: &mut Cursor<'_>, one: Option<Text<'_>>, other: Option<Text<'_>>, at: usize) {
    if let (Some(one), Some(other)) = (one, other)
        && one != other
    {
        cursor.fail(ErrorKind::ServiceConflict, at);
    }
}

/// Decodes `cookies`.
pub(crate) fn cookies<'a>(cursor: &mut Cursor<'a>) -> Cookies<'a> {
    cursor.expect(b'[');
    let values = cursor.rest();
    let mut count = 0_usize;
    while cursor.next_value(count) {
        text(cursor, Rule::Any);
        count = count.wrapping_add(1);
    }
    Cookies::from_span(values, count)
}
