//! Decodes the array `__nativeBuffers__` at the cursor, and checks base64.

use super::bytes::Bytes;
use super::names::Names;
use super::parts::Seen;
use super::values::name;
use crate::base64;
use crate::error::ErrorKind;
use crate::json::cursor::Cursor;
use crate::json::simd;
use crate::json::text::Text;

/// Decodes `__nativeBuffers__`, which may hold at most one buffer, under the key `data`, and none if there is `data`
/// already.
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

/// Decodes one native buffer, from after its bracket on.
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

/// Decodes the base64 of a native buffer, which is checked but not yet converted to bytes.
fn base64_text<'a>(cursor: &mut Cursor<'a>) -> Text<'a> {
    cursor.expect(b'"');
    // Base64 that is right needs no look at the string, because no symbol means anything to a string.
    if simd::IS_BLOCKS
        && let Some(text) = cursor.string_of(base64::before_quote)
    {
        return text;
    }
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
/// The position of the first invalid byte, or of its escape.
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
