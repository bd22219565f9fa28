//! Decodes the parts that both envelopes have, each where the cursor stands.
//!
//! It knows the types and rules of the parts, and tells the first thing that is wrong, from the first byte to the last.

use super::data::{Bytes, Data};
use super::headers::{Cookies, Headers, SERVICE_HEADER, eq_ignore_case};
use super::names::Names;
use super::rules::{Fingerprint, Rule};
use crate::base64;
use crate::error::{Error, ErrorKind};
use crate::json::Json;
use crate::json::cursor::Cursor;
use crate::json::integer::Integer;
use crate::json::read::Reader;
use crate::json::text::{Segment, Text};
use crate::json::walk::Kind;
use crate::limits::{HEADERS_LIMIT, REQUEST_LIMIT, RESPONSE_LIMIT};

/// The keys that have been there, one bit for each.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen(u32);

impl Seen {
    pub(crate) const NEW: Self = Self(0);

    /// Marks a key.
    ///
    /// # Errors
    /// [`ErrorKind::DuplicateKey`] at this offset, when it has been there before.
    #[inline]
    pub(crate) fn mark(&mut self, key: u32, offset: usize) -> Result<(), Error> {
        if self.has(key) {
            return Err(Error::new(ErrorKind::DuplicateKey, offset));
        }
        self.0 |= 1_u32.wrapping_shl(key);
        Ok(())
    }

    #[inline]
    pub(crate) const fn has(self, key: u32) -> bool {
        self.0 & 1_u32.wrapping_shl(key) != 0
    }
}

/// Reads a string that may be a known name, where the opening quote has been seen already.
///
/// # Errors
/// Those of JSON.
#[cfg_attr(target_pointer_width = "64", inline)]
pub(crate) fn known<'a>(cursor: &mut Cursor<'a>) -> Result<Text<'a>, Error> {
    let (name, result) = cursor.string();
    result.map(|()| name)
}

/// A string that follows a rule.
///
/// # Errors
/// Those of JSON and of the rule.
#[cfg_attr(target_pointer_width = "64", inline)]
pub(crate) fn text<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Result<Text<'a>, Error> {
    cursor.expect(Kind::String)?;
    string(cursor, rule)
}

/// The same, where the opening quote has been seen already.
#[cfg_attr(target_pointer_width = "64", inline)]
fn string<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Result<Text<'a>, Error> {
    let quote = cursor.offset();
    let (text, result) = cursor.string();
    rule.check_part(text).map_err(|error| error.behind(quote.wrapping_add(1)))?;
    result?;
    rule.check_end(text.is_empty()).map_err(|kind| Error::new(kind, quote))?;
    Ok(text)
}

/// A number or boolean that follows a rule, as it is written.
fn scalar<'a>(cursor: &mut Cursor<'a>, rule: Rule) -> Result<Text<'a>, Error> {
    let start = cursor.offset();
    let result = cursor.value(2);
    // As with a string, the first thing wrong is told: the rule looks at what comes before an error.
    let raw = match &result {
        Ok(span) => span.raw,
        Err(error) => cursor.between(start, error.offset()),
    };
    let text = Text::from_span(raw, false);
    rule.check_part(text).map_err(|error| error.behind(start))?;
    result.map(|_| text)
}

/// One of a few names, such as a method, which `lookup` finds.
///
/// # Errors
/// Those of JSON; this kind at the value when it is none of them.
pub(crate) fn name<T>(
    cursor: &mut Cursor<'_>,
    lookup: impl Fn(Text<'_>) -> Option<T>,
    wrong: ErrorKind,
) -> Result<T, Error> {
    cursor.expect(Kind::String)?;
    let start = cursor.offset();
    lookup(known(cursor)?).ok_or(Error::new(wrong, start))
}

/// An integer without fraction or exponent; what 64 bits do not hold is the nearest that they do.
///
/// # Errors
/// Those of JSON; this kind at the value when it is no such integer, or one that `convert` refuses.
pub(crate) fn integer<T>(
    cursor: &mut Cursor<'_>,
    convert: impl Fn(i64) -> Option<T>,
    wrong: ErrorKind,
) -> Result<T, Error> {
    cursor.expect(Kind::Number)?;
    let start = cursor.offset();
    let mut integer = Integer::NEW;
    integer.add(cursor.value(1)?.raw);
    integer.value().and_then(convert).ok_or(Error::new(wrong, start))
}

/// `data`: a string is text, anything else stays as it stands.
///
/// # Errors
/// Those of JSON.
#[cfg_attr(target_pointer_width = "64", inline)]
pub(crate) fn data<'a>(cursor: &mut Cursor<'a>) -> Result<Data<'a>, Error> {
    if cursor.kind()? == Kind::String {
        return text(cursor, Rule::Any).map(Data::Text);
    }
    let span = cursor.value(1)?;
    Ok(Data::Json(Json::from_span(span.raw, span.spaces)))
}

/// Makes sure that the two places that name a service agree, of which the later one stands here.
///
/// # Errors
/// [`ErrorKind::ServiceConflict`].
#[cfg_attr(target_pointer_width = "64", inline)]
pub(crate) fn agree(one: Option<Text<'_>>, other: Option<Text<'_>>, at: usize) -> Result<(), Error> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Err(Error::new(ErrorKind::ServiceConflict, at)),
        _ => Ok(()),
    }
}

/// `header`, and the value of `X-WX-SERVICE` in it where the way is that of a request, which must agree with `service`.
///
/// # Errors
/// Those of JSON, of headers and of [`agree`].
#[inline(never)]
pub(crate) fn headers<'a>(
    cursor: &mut Cursor<'a>,
    request: bool,
    service: Option<Text<'a>>,
) -> Result<(Headers<'a>, Option<Text<'a>>), Error> {
    cursor.begin_object()?;
    let start = cursor.offset();
    let mut names = Earlier { places: [0; HEADERS_LIMIT], count: 0 };
    let mut named = None;
    let mut count = 0_usize;
    while cursor.next_key(count)? {
        let at = cursor.offset();
        if count >= HEADERS_LIMIT {
            return Err(Error::new(ErrorKind::TooManyHeaders, at));
        }
        let name = string(cursor, Rule::HeaderName)?;
        if request && eq_ignore_case(name, "referer") {
            return Err(Error::new(ErrorKind::ForbiddenHeader, at));
        }
        if names.holds(cursor, name, at) {
            return Err(Error::new(ErrorKind::DuplicateHeader, at));
        }
        count = count.wrapping_add(1);
        cursor.colon()?;
        let names_service = request && eq_ignore_case(name, SERVICE_HEADER);
        let rule = if names_service { Rule::Name } else { Rule::HeaderValue };
        let kind = cursor.kind()?;
        let at = cursor.offset();
        let value = match kind {
            Kind::String => string(cursor, rule)?,
            Kind::Number | Kind::Bool => scalar(cursor, rule)?,
            _ => return Err(Error::new(ErrorKind::WrongType, at)),
        };
        if names_service {
            named = Some(value);
            agree(service, named, at)?;
        }
    }
    Ok((Headers::from_span(cursor.since(start), count), named))
}

/// Where the header names so far begin, and a few bits of each, which tell most of them from a new one.
struct Earlier {
    places: [u32; HEADERS_LIMIT],
    count: usize,
}

/// Bits of a place that say where: enough for the longest envelope. The others are those of the tag.
const PLACE_BITS: u32 = 20;
const _: () = assert!(RESPONSE_LIMIT <= 1 << PLACE_BITS && REQUEST_LIMIT <= RESPONSE_LIMIT);

impl Earlier {
    /// Adds a name, which begins here, and says whether it is among the earlier ones. Only of those whose tag is the
    /// same is the name read again, so that the values between them never are.
    fn holds(&mut self, cursor: &Cursor<'_>, name: Text<'_>, at: usize) -> bool {
        let tag = tag(name);
        let known = self.places.get(..self.count).unwrap_or_default();
        let same_tag = known.iter().filter(|place| **place >> PLACE_BITS == tag);
        let mut earlier = same_tag.map(|place| (place & ((1 << PLACE_BITS) - 1)) as usize).peekable();
        if earlier.peek().is_some() {
            let fingerprint = Fingerprint::of_name(name);
            let is_same = |place| {
                let earlier = Reader::new(cursor.between(place, at)).string();
                earlier.is_some_and(|earlier| Fingerprint::of_name(earlier) == fingerprint)
            };
            if earlier.any(is_same) {
                return true;
            }
        }
        if let Some(place) = self.places.get_mut(self.count) {
            *place = (tag << PLACE_BITS) | at as u32;
        }
        self.count = self.count.wrapping_add(1);
        false
    }
}

/// Twelve bits that depend on every character of a name, but not on its letter case.
fn tag(name: Text<'_>) -> u32 {
    let add =
        |tag: u32, byte: u8| (tag ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x9E37_79B1).rotate_left(7);
    let mixed = match name.as_bytes() {
        Some(bytes) => bytes.iter().fold(0, |tag, byte| add(tag, *byte)),
        // The characters of a token are bytes.
        None => name.chars().fold(0, |tag, character| add(tag, character as u8)),
    };
    mixed >> PLACE_BITS
}

/// The most that `__nativeBuffers__` may hold: one buffer, under the key `data`.
///
/// # Errors
/// Those of JSON and of native buffers; [`ErrorKind::DataConflict`] at a buffer when there is `data` already.
#[inline(never)]
pub(crate) fn native_buffers<'a>(cursor: &mut Cursor<'a>, has_data: bool) -> Result<Option<Bytes<'a>>, Error> {
    cursor.begin_array()?;
    let mut bytes = None;
    let mut count = 0_usize;
    while cursor.next_value(count)? {
        cursor.expect(Kind::Object)?;
        if has_data {
            return Err(Error::new(ErrorKind::DataConflict, cursor.offset()));
        }
        if count > 0 {
            return Err(Error::new(ErrorKind::DuplicateKey, cursor.offset()));
        }
        bytes = Some(native_buffer(cursor)?);
        count = count.wrapping_add(1);
    }
    Ok(bytes)
}

/// The keys of a native buffer.
static BUFFER_KEYS: Names<2> = Names::new(["key", "base64"]);

/// One native buffer.
fn native_buffer<'a>(cursor: &mut Cursor<'a>) -> Result<Bytes<'a>, Error> {
    cursor.begin_object()?;
    let mut seen = Seen::default();
    let mut bytes = None;
    let mut count = 0_usize;
    while cursor.next_key(count)? {
        count = count.wrapping_add(1);
        let at = cursor.offset();
        let known = BUFFER_KEYS.place_of(known(cursor)?);
        if known < 2 {
            seen.mark(known as u32, at)?;
        }
        cursor.colon()?;
        match known {
            0 => name(cursor, |name| (name == "data").then_some(()), ErrorKind::InvalidBufferKey)?,
            1 => bytes = Some(base64(cursor)?),
            _ => {
                cursor.value(3)?;
            }
        }
    }
    match bytes {
        Some(bytes) if seen.has(0) => Ok(bytes),
        _ => Err(Error::new(ErrorKind::MissingField, cursor.offset().wrapping_sub(1))),
    }
}

/// The base64 of a native buffer, checked and not yet decoded.
#[inline(never)]
fn base64<'a>(cursor: &mut Cursor<'a>) -> Result<Bytes<'a>, Error> {
    cursor.expect(Kind::String)?;
    let start = cursor.offset().wrapping_add(1);
    let (text, result) = cursor.string();
    let mut decoder = base64::Decoder::NEW;
    let wrong = |at| Error::new(ErrorKind::InvalidBase64, start.wrapping_add(at));
    check_base64(text, &mut decoder).map_err(wrong)?;
    result?;
    if !decoder.is_complete() {
        return Err(wrong(text.as_raw().len()));
    }
    Ok(Bytes::from_span(text))
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
///
/// # Errors
/// Those of JSON.
pub(crate) fn cookies<'a>(cursor: &mut Cursor<'a>) -> Result<Cookies<'a>, Error> {
    cursor.begin_array()?;
    let start = cursor.offset();
    let mut count = 0_usize;
    while cursor.next_value(count)? {
        text(cursor, Rule::Any)?;
        count = count.wrapping_add(1);
    }
    Ok(Cookies::from_span(cursor.since(start), count))
}
