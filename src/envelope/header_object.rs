//! Decodes the object `header` at the cursor.

use super::header_names::{eq_ignore_case, is_forbidden, value_rule};
use super::headers::Headers;
use super::parts::agree;
use super::rules::Rule;
use super::values::{scalar, string, text};
use crate::error::ErrorKind;
use crate::json::cursor::Cursor;
use crate::json::read::Reader;
use crate::json::text::Text;
use crate::limits::{HEADERS_LIMIT, REPLY_LIMIT, REQUEST_LIMIT};
use crate::target;

/// Decodes `header` at the cursor; see [`headers`]. In the C interface, a program has the code for those directions alone
/// that it decodes; in Rust, the compiler sees to that.
#[cfg(not(feature = "c"))]
macro_rules! decode_headers {
    ($cursor:expr, $request:literal, $service:expr, $named:expr) => {
        $crate::target::door!($crate::envelope::header_object::headers, $cursor, $request, $service, $named)
    };
}
#[cfg(feature = "c")]
macro_rules! decode_headers {
    ($cursor:expr, $request:literal, $service:expr, $named:expr) => {
        $crate::target::door!(
            |cursor, service, named| $crate::envelope::header_object::headers(cursor, $request, service, named),
            $cursor,
            $service,
            $named
        )
    };
}
pub(crate) use decode_headers;

/// Decodes `header`. In a request, the value of `X-WX-SERVICE`, which must agree with `service`, is stored in `named`.
#[inline(always)]
pub(crate) fn headers<'a>(
    cursor: &mut Cursor<'a>,
    request: bool,
    service: Option<Text<'a>>,
    named: &mut Option<Text<'a>>,
) -> Headers<'a> {
    cursor.expect(b'{');
    let members = cursor.rest();
    let start = cursor.offset();
    let mut names = Earlier { places: [0; 3 * HEADERS_LIMIT], count: 0 };
    while cursor.next_name(names.count == 0) {
        let at = cursor.offset().wrapping_sub(1);
        if names.count >= HEADERS_LIMIT {
            cursor.fail(ErrorKind::TooManyHeaders, at);
        }
        let name = string(cursor, Rule::HeaderName);
        if is_forbidden(name, request) {
            cursor.fail(ErrorKind::ForbiddenHeader, at);
        }
        if target::door!(Earlier::holds, &mut names, members, &name, at.wrapping_sub(start)) {
            cursor.fail(ErrorKind::DuplicateHeader, at);
        }
        cursor.colon();
        let rule = value_rule(name, request);
        let first = cursor.peek();
        let at = cursor.offset();
        let value = match first {
            b'-' | b'0'..=b'9' | b't' | b'f' => scalar(cursor, rule),
            // Anything other than a string is an error.
            _ => text(cursor, rule),
        };
        if rule == Rule::Name {
            *named = Some(value);
            agree(cursor, service, *named, at);
        }
    }
    Headers::from_span(members, names.count, request)
}

/// Where the header names so far begin, with a few bits of each, which distinguish most of them from a new name.
struct Earlier {
    /// Three bytes for each, since this is most of the stack that decoding takes.
    places: [u8; 3 * HEADERS_LIMIT],
    count: usize,
}

/// The bits of an entry that hold the position: enough for the longest envelope. The others hold the tag.
const PLACE_BITS: u32 = 20;
const _: () = assert!(REPLY_LIMIT <= 1 << PLACE_BITS && REQUEST_LIMIT <= REPLY_LIMIT);

impl Earlier {
    /// Adds a name, which begins at this position among the members, and returns whether it is among the earlier ones.
    /// Only names that the tag does not distinguish from it are read again, so the values between them never are.
    #[inline(always)]
    fn holds(&mut self, members: &[u8], name: &Text<'_>, at: usize) -> bool {
        let tag = tag(*name);
        let (places, _) = self.places.as_chunks();
        for [high, middle, low] in places.iter().take(self.count) {
            let earlier = u32::from_be_bytes([0, *high, *middle, *low]);
            let may_be_same = earlier >> PLACE_BITS == tag || tag == ANY || earlier >> PLACE_BITS == ANY;
            if may_be_same && is_at(members, earlier & ((1 << PLACE_BITS) - 1), *name) {
                return true;
            }
        }
        let (places, _) = self.places.as_chunks_mut();
        if let Some(place) = places.get_mut(self.count) {
            let [_, high, middle, low] = ((tag << PLACE_BITS) | at as u32).to_be_bytes();
            *place = [high, middle, low];
        }
        self.count = self.count.wrapping_add(1);
        false
    }
}

/// The tag that may be any name's.
const ANY: u32 = 0x0F;

/// Returns four bits of a header name, independent of letter case.
#[inline]
fn tag(name: Text<'_>) -> u32 {
    match name.as_bytes() {
        Some(bytes @ [first, .., last]) => {
            let (first, last) = (u32::from(first | 0x20), u32::from(last | 0x20));
            let len = bytes.len() as u32;
            len.wrapping_add(first.wrapping_mul(3)).wrapping_add(last.wrapping_mul(5)) & 0x0F
        }
        // Escaped, or a single byte.
        _ => ANY,
    }
}

/// Returns whether the name that begins at this position is equal to `name`.
#[inline(never)]
fn is_at(members: &[u8], place: u32, name: Text<'_>) -> bool {
    let earlier = Reader::new(members.get(place as usize..).unwrap_or_default()).string();
    earlier.is_some_and(|earlier| eq_ignore_case(earlier, name))
}
