//! Decodes the parts that both envelopes have, each where the cursor stands.
//!
//! It knows the types and rules of the parts, and tells the cursor the first thing that is wrong, from the first byte to
//! the last. Behind that it reads on to no effect.

use super::data::{Bytes, Data};
use super::headers::{Cookies, Headers, SERVICE_HEADER, eq_ignore_case};
use super::names::Names;
use super::rules::{Fingerprint, Rule};
use crate::base64;
use crate::error::ErrorKind;
use crate::json::Json;
use crate::json::cursor::{Cursor, Quoted};
use crate::json::integer::Integer;
use crate::json::read::Reader;
use crate::json::text::{Segment, Text};
use crate::limits::{HEADERS_LIMIT, REQUEST_LIMIT, RESPONSE_LIMIT};

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

/// A string that follows a rule.
#[cfg_attr(target_pointer_width = "64", inline)]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(crate) fn text<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    cursor.expect(b'"');
    let quote = cursor.offset();
    let Quoted { text, printable } = cursor.string();
    if !printable || !rule.allows_printable(text.as_raw().len()) {
        check(cursor, rule, text, quote.wrapping_add(1));
        if let Err(kind) = rule.check_end(text.is_empty()) {
            cursor.fail(kind, quote);
        }
    }
    text
}

/// Tells what in a part that begins here breaks a rule, before what is wrong behind it.
#[inline(never)]
fn check(cursor: &mut Cursor<'_>, rule: Rule, part: Text<'_>, start: usize) {
    if let Err(error) = rule.check(part, 0) {
        cursor.fail_before(error.kind(), start.wrapping_add(error.offset()));
    }
}

/// A number or boolean that follows a rule, as it is written.
fn scalar<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Text<'a> {
    let start = cursor.offset();
    let text = Text::from_span(cursor.value(2).raw, false);
    check(cursor, rule, text, start);
    text
}

/// One of a few names, such as a method, which `lookup` finds; this is wrong when it is none of them.
pub(crate) fn name<T>(cursor: &mut Cursor<'_>, lookup: impl Fn(Text<'_>) -> Option<T>, wrong: ErrorKind) -> Option<T> {
    cursor.expect(b'"');
    let start = cursor.offset();
    let found = lookup(cursor.string().text);
    if found.is_none() {
        cursor.fail(wrong, start);
    }
    found
}

/// An integer without fraction or exponent; what 32 bits do not hold is the nearest that they do. This is wrong when it
/// is no such integer, or one that `convert` refuses.
pub(crate) fn integer<T>(cursor: &mut Cursor<'_>, convert: impl Fn(i64) -> Option<T>, wrong: ErrorKind) -> Option<T> {
    cursor.expect_number();
    let start = cursor.offset();
    let mut integer = Integer::NEW;
    integer.add(cursor.value(1).raw);
    let converted = integer.value().and_then(convert);
    if converted.is_none() {
        cursor.fail(wrong, start);
    }
    converted
}

/// `data`: a string is text, anything else stays as it stands.
#[cfg_attr(target_pointer_width = "64", inline)]
pub(crate) fn data<'a>(cursor: &mut Cursor<'a>) -> Data<'a> {
    if cursor.peek() == b'"' {
        return Data::Text(cursor.string().text);
    }
    let span = cursor.value(1);
    Data::Json(Json::from_span(span.raw, span.spaces))
}

/// Makes sure that the two places that name a service agree, of which the later one stands here.
#[cfg_attr(target_pointer_width = "64", inline)]
pub(crate) fn agree(cursor: &mut Cursor<'_>, one: Option<Text<'_>>, other: Option<Text<'_>>, at: usize) {
    if let (Some(one), Some(other)) = (one, other)
        && one != other
    {
        cursor.fail(ErrorKind::ServiceConflict, at);
    }
}

/// `header`. Where the way is that of a request, the value of `X-WX-SERVICE` in it, which must agree with `service`,
/// goes to `named`.
#[inline(never)]
pub(crate) fn headers<'a>(
    cursor: &mut Cursor<'a>,
    request: bool,
    service: Option<Text<'a>>,
    named: &mut Option<Text<'a>>,
) -> Headers<'a> {
    cursor.enter(b'{');
    let start = cursor.offset();
    let mut names = Earlier { places: [0; 3 * HEADERS_LIMIT], count: 0 };
    let mut count = 0_usize;
    while cursor.next_key(count) {
        let at = cursor.offset();
        if count >= HEADERS_LIMIT {
            cursor.fail(ErrorKind::TooManyHeaders, at);
        }
        let name = text(cursor, Rule::HeaderName);
        if request && eq_ignore_case(name, "referer") {
            cursor.fail(ErrorKind::ForbiddenHeader, at);
        }
        if names.holds(cursor, name, at) {
            cursor.fail(ErrorKind::DuplicateHeader, at);
        }
        count = count.wrapping_add(1);
        cursor.colon();
        let names_service = request && eq_ignore_case(name, SERVICE_HEADER);
        let rule = if names_service { Rule::Name } else { Rule::HeaderValue };
        let first = cursor.peek();
        let at = cursor.offset();
        let value = match first {
            b'-' | b'0'..=b'9' | b't' | b'f' => scalar(cursor, rule),
            // Whatever is no string is wrong.
            _ => text(cursor, rule),
        };
        if names_service {
            *named = Some(value);
            agree(cursor, service, *named, at);
        }
    }
    Headers::from_span(cursor.since(start), count)
}

/// Where the header names so far begin, and a few bits of each, which tell most of them from a new one.
struct Earlier {
    /// Three bytes of each, since this is most of what decoding takes of the stack.
    places: [u8; 3 * HEADERS_LIMIT],
    count: usize,
}

/// Bits of a place that say where: enough for the longest envelope. The others are those of the tag.
const PLACE_BITS: u32 = 20;
const _: () = assert!(RESPONSE_LIMIT <= 1 << PLACE_BITS && REQUEST_LIMIT <= RESPONSE_LIMIT);

impl Earlier {
    /// Adds a name, which begins here, and says whether it is among the earlier ones. Only of those whose tag is the
    /// same is the name read again, so that the values between them never are.
    #[inline(never)]
    fn holds(&mut self, cursor: &Cursor<'_>, name: Text<'_>, at: usize) -> bool {
        let fingerprint = Fingerprint::of_name(name);
        let new = (fingerprint.tag() << PLACE_BITS) | at as u32;
        let (places, _) = self.places.as_chunks();
        for [high, middle, low] in places.iter().take(self.count) {
            let earlier = u32::from_be_bytes([0, *high, *middle, *low]);
            if (earlier ^ new) >> PLACE_BITS == 0 {
                let place = (earlier & ((1 << PLACE_BITS) - 1)) as usize;
                let earlier = Reader::new(cursor.between(place, at)).string();
                if earlier.is_some_and(|earlier| Fingerprint::of_name(earlier) == fingerprint) {
                    return true;
                }
            }
        }
        let (places, _) = self.places.as_chunks_mut();
        if let Some(place) = places.get_mut(self.count) {
            let [_, high, middle, low] = new.to_be_bytes();
            *place = [high, middle, low];
        }
        self.count = self.count.wrapping_add(1);
        false
    }
}

/// The most that `__nativeBuffers__` may hold: one buffer, under the key `data`, and none when there is `data` already.
#[inline(never)]
pub(crate) fn native_buffers<'a>(cursor: &mut Cursor<'a>, has_data: bool) -> Option<Bytes<'a>> {
    cursor.enter(b'[');
    let mut bytes = None;
    let mut count = 0_usize;
    while cursor.next_value(count) {
        cursor.expect(b'{');
        if has_data {
            cursor.fail(ErrorKind::DataConflict, cursor.offset());
        }
        if count > 0 {
            cursor.fail(ErrorKind::DuplicateKey, cursor.offset());
        }
        bytes = Some(native_buffer(cursor));
        count = count.wrapping_add(1);
    }
    bytes
}

/// The keys of a native buffer.
static BUFFER_KEYS: Names<2> = Names::new(["key", "base64"]);

/// One native buffer.
fn native_buffer<'a>(cursor: &mut Cursor<'a>) -> Bytes<'a> {
    cursor.enter(b'{');
    let mut seen = Seen::default();
    let mut base64 = Text::default();
    let mut count = 0_usize;
    while cursor.next_key(count) {
        count = count.wrapping_add(1);
        let at = cursor.offset();
        let known = BUFFER_KEYS.place_of(cursor.string().text);
        if known < 2 && !seen.add(known as u32) {
            cursor.fail(ErrorKind::DuplicateKey, at);
        }
        cursor.colon();
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
    let start = cursor.offset().wrapping_add(1);
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
    let mut segments = piece.segments();
    let mut at = 0_usize;
    while let Some(segment) = segments.next() {
        let is_run = matches!(segment, Segment::Run(_));
        segment.with(|run| decoder.check(run)).map_err(|wrong| if is_run { at.wrapping_add(wrong) } else { at })?;
        at = segments.position();
    }
    Ok(())
}

/// `cookies`.
pub(crate) fn cookies<'a>(cursor: &mut Cursor<'a>) -> Cookies<'a> {
    cursor.enter(b'[');
    let start = cursor.offset();
    let mut count = 0_usize;
    while cursor.next_value(count) {
        text(cursor, Rule::Any);
        count = count.wrapping_add(1);
    }
    Cookies::from_span(cursor.since(start), count)
}
