//! Decodes the parts that both envelopes have, each where the cursor stands.
//!
//! It knows the types and rules of the parts, and tells the cursor the first thing that is wrong, from the first byte to
//! the last. Behind that it reads on to no effect.

use super::data::{Bytes, Data};
use super::headers::{Cookies, Headers, eq_ignore_case, is_forbidden, value_rule};
use super::names::Names;
use super::rules::Rule;
use super::values::{name, scalar, string, text};
use crate::base64;
use crate::error::ErrorKind;
use crate::json::Json;
use crate::json::cursor::Cursor;
use crate::json::read::Reader;
use crate::json::text::Text;
use crate::limits::{HEADERS_LIMIT, REPLY_LIMIT, REQUEST_LIMIT};

/// The keys that have been there, one bit for each.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen(u32);

impl Seen {
    pub(crate) const NEW: Self = Self(0);

    /// Adds a key, and says whether it is a new one.
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

/// `data`: a string is text, anything else stays as it stands.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) fn data<'a>(cursor: &mut Cursor<'a>) -> Data<'a> {
    if cursor.peek() == b'"' {
        cursor.expect(b'"');
        return Data::Text(cursor.string().text);
    }
    let span = cursor.value(1);
    Data::Json(Json::from_span(span.raw, span.spaces))
}

/// Makes sure that the two places that name a service agree, of which the later one stands here.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) fn agree(cursor: &mut Cursor<'_>, one: Option<Text<'_>>, other: Option<Text<'_>>, at: usize) {
    if let (Some(one), Some(other)) = (one, other)
        && one != other
    {
        cursor.fail(ErrorKind::ServiceConflict, at);
    }
}

/// `header`. Where the way is that of a request, the value of `X-WX-SERVICE` in it, which must agree with `service`,
/// goes to `named`.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
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
        if names.holds(members, name, at.wrapping_sub(start)) {
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
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn holds(&mut self, members: &[u8], name: Text<'_>, at: usize) -> bool {
        let tag = tag(name);
        let (places, _) = self.places.as_chunks();
        for [high, middle, low] in places.iter().take(self.count) {
            let earlier = u32::from_be_bytes([0, *high, *middle, *low]);
            let may_be_same = earlier >> PLACE_BITS == tag || tag == ANY || earlier >> PLACE_BITS == ANY;
            if may_be_same && is_at(members, earlier & ((1 << PLACE_BITS) - 1), name) {
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

/// The most that `__nativeBuffers__` may hold: one buffer, under the key `data`, and none when there is `data` already.
#[inline(never)]
pub(crate) fn native_buffers<'a>(cursor: &mut Cursor<'a>, has_data: bool) -> Option<Bytes<'a>> {
    cursor.expect(b'[');
    let mut bytes = None;
    let mut count = 0_usize;
    while cursor.next_value(count) {
        cursor.expect(b'{');
        let bracket = cursor.offset().wrapping_sub(1);
        if has_data {
            cursor.fail(ErrorKind::DataConflict, bracket);
        }
        if count > 0 {
            cursor.fail(ErrorKind::DuplicateKey, bracket);
        }
        bytes = Some(native_buffer(cursor));
        count = count.wrapping_add(1);
    }
    bytes
}

/// The keys of a native buffer.
static BUFFER_KEYS: Names<2> = Names::new(["key\":", "base64\":"]);

/// One native buffer, from behind its bracket on.
fn native_buffer<'a>(cursor: &mut Cursor<'a>) -> Bytes<'a> {
    let mut seen = Seen::default();
    let mut base64 = Text::default();
    let mut first = true;
    while cursor.next_name(first) {
        first = false;
        let at = cursor.offset().wrapping_sub(1);
        let known = BUFFER_KEYS.read(cursor);
        if known < 2 && !seen.add(known as u32) {
            cursor.fail_before(ErrorKind::DuplicateKey, at);
        }
        match known {
            0 => {
                name(cursor, |name| (name == "data").then_some(()), ErrorKind::InvalidBufferKey);
            }
            1 => base64 = base64_text(cursor),
            _ => {
                cursor.value(3);
            }
        }
    }
    if !seen.has(0) || !seen.has(1) {
        cursor.fail(ErrorKind::MissingField, cursor.offset().wrapping_sub(1));
    }
    Bytes::from_span(base64)
}

/// The base64 of a native buffer, checked and not yet decoded.
fn base64_text<'a>(cursor: &mut Cursor<'a>) -> Text<'a> {
    cursor.expect(b'"');
    let start = cursor.offset();
    let text = cursor.string().text;
    let mut decoder = base64::Decoder::NEW;
    match check_base64(text, &mut decoder) {
        Err(wrong) => cursor.fail_before(ErrorKind::InvalidBase64, start.wrapping_add(wrong)),
        Ok(()) if !decoder.is_complete() => {
            cursor.fail(ErrorKind::InvalidBase64, start.wrapping_add(text.as_raw().len()));
        }
        Ok(()) => {}
    }
    text
}

/// Checks a piece of base64.
///
/// # Errors
/// The position of the first byte that is wrong, or of its escape.
pub(crate) fn check_base64(piece: Text<'_>, decoder: &mut base64::Decoder) -> Result<(), usize> {
    match piece.as_bytes() {
        Some(run) => decoder.check(run),
        None => {
            let mut symbols = piece.bytes();
            while let Some(symbol) = symbols.next() {
                decoder.check(&[symbol]).map_err(|_| symbols.position())?;
            }
            Ok(())
        }
    }
}

/// `cookies`.
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
