//! Decodes the object `header` where the cursor stands.

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

/// `header`. Where the way is that of a request, the value of `X-WX-SERVICE` in it, which must agree with `service`,
/// goes to `named`.
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
            // Whatever is no string is wrong.
            _ => text(cursor, rule),
        };
        if rule == Rule::Name {
            *named = Some(value);
            agree(cursor, service, *named, at);
        }
    }
    Headers::from_span(members, names.count, request)
}

/// Where the header names so far begin, and a few bits of each, which tell most of them from a new one.
struct Earlier {
    /// Three bytes of each, since this is most of what decoding takes of the stack.
    places: [u8; 3 * HEADERS_LIMIT],
    count: usize,
}

/// Bits of a place that say where: enough for the longest envelope. The others are those of the tag.
const PLACE_BITS: u32 = 20;
const _: () = assert!(REPLY_LIMIT <= 1 << PLACE_BITS && REQUEST_LIMIT <= REPLY_LIMIT);

impl Earlier {
    /// Adds a name, which begins here among the members, and says whether it is among the earlier ones. Only those that
    /// the tag does not tell from it are read again, so that the values between them never are.
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

/// The tag of what may be any name.
const ANY: u32 = 0x0F;

/// Four bits of a header name, the same in whatever letter case.
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

/// Whether the name that begins here is this one.
#[inline(never)]
fn is_at(members: &[u8], place: u32, name: Text<'_>) -> bool {
    let earlier = Reader::new(members.get(place as usize..).unwrap_or_default()).string();
    earlier.is_some_and(|earlier| eq_ignore_case(earlier, name))
}
