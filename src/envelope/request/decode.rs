//! Decodes a request from one slice that contains all of it.

use super::{Key, Request, missing};
use crate::envelope::data::Data;
use crate::envelope::fields::{Choice, Number, TextSlot, decode_slot};
use crate::envelope::header_object::decode_headers;
use crate::envelope::held;
use crate::envelope::names::Names;
use crate::envelope::native_buffers;
use crate::envelope::parts::{self, Seen, agree};
use crate::envelope::rules::Rule;
use crate::envelope::table::request;
use crate::envelope::values;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::cursor::Cursor;
use crate::limits::REQUEST_LIMIT;

impl<'a> Request<'a> {
    /// Decodes an envelope of at most [`REQUEST_LIMIT`] bytes, borrowing from it.
    ///
    /// # Errors
    /// [`ErrorKind::RequestTooLarge`] before anything is read; otherwise the first error in byte order.
    pub fn decode(envelope: &'a [u8]) -> Result<Self, Error> {
        Self::decode_within(envelope, REQUEST_LIMIT)
    }

    /// Decodes an envelope of at most `N` bytes. An `N` over [`REQUEST_LIMIT`] does not compile.
    ///
    /// # Errors
    /// As for [`decode`](Request::decode).
    pub fn decode_bounded<const N: usize>(envelope: &'a [u8]) -> Result<Self, Error> {
        const { crate::limits::assert_request_limit(N) }
        Self::decode_within(envelope, N)
    }

    /// Decodes an envelope within a limit that is known at run time. A limit over [`REQUEST_LIMIT`] counts as
    /// [`REQUEST_LIMIT`].
    ///
    /// # Errors
    /// As for [`decode`](Request::decode).
    #[inline]
    pub fn decode_within(envelope: &'a [u8], limit: usize) -> Result<Self, Error> {
        Self::decode_into(Self::new(""), envelope, limit)
    }

    /// Decodes an envelope as [`decode_within`](Request::decode_within) does, for the C interface: the request must not
    /// be encoded, so that no code for that is linked.
    ///
    /// # Errors
    /// As for [`decode`](Request::decode).
    #[cfg(feature = "c")]
    #[doc(hidden)]
    pub fn decode_to_read(envelope: &'a [u8], limit: usize) -> Result<Self, Error> {
        Self::decode_into(Self::unwritten(), envelope, limit)
    }

    /// Decodes an envelope into an empty request.
    #[inline(always)]
    fn decode_into(mut request: Self, envelope: &'a [u8], limit: usize) -> Result<Self, Error> {
        let limit = limit.min(REQUEST_LIMIT);
        let mut cursor = Cursor::new(envelope);
        if envelope.len() > limit {
            cursor.fail(ErrorKind::RequestTooLarge, limit);
        }
        cursor.expect(b'{');
        let mut seen = Seen::default();
        let mut service_header = None;
        let mut first = true;
        while cursor.next_name(first) {
            first = false;
            let at = cursor.offset().wrapping_sub(1);
            let key = Key::read(&mut cursor);
            if key != Key::Unknown && !seen.add(key as u32) {
                cursor.fail_before(ErrorKind::DuplicateKey, at);
            }
            match key {
                Key::Config => request.env = config(&mut cursor),
                Key::Path => request.path = values::text(&mut cursor, key.rule()),
                Key::Service => {
                    cursor.peek();
                    let at = cursor.offset();
                    request.service = Some(values::text(&mut cursor, key.rule()));
                    agree(&mut cursor, request.service, service_header, at);
                }
                Key::Header => {
                    request.headers = decode_headers!(&mut cursor, true, request.service, &mut service_header);
                }
                Key::Data => {
                    if matches!(held::data(&request.data), Data::Bytes(_)) {
                        cursor.fail_before(ErrorKind::DataConflict, at);
                    }
                    *held::slot(&mut request.data) = parts::data(&mut cursor);
                }
                Key::NativeBuffers => {
                    if let Some(bytes) =
                        cursor.apart(|cursor| native_buffers::native_buffers(cursor, seen.has(Key::Data as u32)))
                    {
                        *held::slot(&mut request.data) = Data::Bytes(bytes);
                    }
                }
                Key::Unknown => {
                    cursor.value(1);
                }
                regular => request!(decode_slot { request regular cursor }),
            }
        }
        let bracket = cursor.offset().wrapping_sub(1);
        if let Some(missing) = missing(request.target_env().is_some(), seen.has(Key::Path as u32)) {
            cursor.fail(missing, bracket);
        }
        cursor.end();
        request.service = request.service.or(service_header);
        cursor.result()?;
        Ok(request)
    }
}

/// The names of the keys of `config`.
static CONFIG_KEYS: Names<1> = Names::new(["env\":"]);

/// Decodes the object `config`, and returns its `env`, if it has one.
fn config<'a>(cursor: &mut Cursor<'a>) -> Option<Text<'a>> {
    cursor.expect(b'{');
    let mut env = None;
    let mut first = true;
    while cursor.next_name(first) {
        first = false;
        let at = cursor.offset().wrapping_sub(1);
        let is_env = CONFIG_KEYS.read(cursor) == 0;
        if is_env && env.is_some() {
            cursor.fail_before(ErrorKind::DuplicateKey, at);
        }
        if is_env {
            env = Some(values::text(cursor, Rule::Name));
        } else {
            cursor.value(2);
        }
    }
    env
}
