//! Decodes a reply from one slice that contains all of it.

use super::{Facts, Failure, Key, Outcome, Reply, Response};
use crate::envelope::data::Data;
use crate::envelope::fields::{Number, TextSlot, decode_slot};
use crate::envelope::header_object::decode_headers;
use crate::envelope::native_buffers;
use crate::envelope::parts::{self, Seen};
use crate::envelope::rules::Rule;
use crate::envelope::table::reply;
use crate::envelope::values;
use crate::error::{Error, ErrorKind};
use crate::json::cursor::Cursor;
use crate::limits::REPLY_LIMIT;

/// Makes a failure with this code, and otherwise with what was read into this response.
macro_rules! failure {
    ({ $response:ident $code:ident } $($key:ident $name:literal
        $(Text($rule:ident $(, $too:ident)?) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {
        Failure {
            code: $code,
            err_msg: $response.err_msg,
            $($($($slot: $response.$slot,)?)? $($($value: $response.$value,)?)?)*
        }
    };
}

impl<'a> Reply<'a> {
    /// Decodes an envelope of at most [`REPLY_LIMIT`] bytes, borrowing from it.
    ///
    /// The reply is a failure if it has an `errCode` or `errno` other than 0, or no `statusCode`.
    ///
    /// # Errors
    /// [`ErrorKind::ReplyTooLarge`] before anything is read; otherwise the first error in byte order.
    pub fn decode(envelope: &'a [u8]) -> Result<Self, Error> {
        Self::decode_within(envelope, REPLY_LIMIT)
    }

    /// Decodes an envelope of at most `N` bytes. An `N` over [`REPLY_LIMIT`] does not compile.
    ///
    /// # Errors
    /// As for [`decode`](Reply::decode).
    pub fn decode_bounded<const N: usize>(envelope: &'a [u8]) -> Result<Self, Error> {
        const { crate::limits::assert_reply_limit(N) }
        Self::decode_within(envelope, N)
    }

    /// Decodes an envelope within a limit that is known at run time. A limit over [`REPLY_LIMIT`] counts as
    /// [`REPLY_LIMIT`].
    ///
    /// # Errors
    /// As for [`decode`](Reply::decode).
    pub fn decode_within(envelope: &'a [u8], limit: usize) -> Result<Self, Error> {
        let limit = limit.min(REPLY_LIMIT);
        if envelope.len() > limit {
            return Err(Error::new(ErrorKind::ReplyTooLarge, limit));
        }
        let mut cursor = Cursor::new(envelope);
        cursor.expect(b'{');
        let mut reply = Ok(Self::Response(Response::new(0)));
        let Ok(Self::Response(response)) = &mut reply else { return reply };
        let mut facts = Facts::NONE;
        let mut seen = Seen::default();
        let mut first = true;
        while cursor.next_name(first) {
            first = false;
            let at = cursor.offset().wrapping_sub(1);
            let key = Key::read(&mut cursor);
            if key != Key::Unknown && !seen.add(key as u32) {
                cursor.fail_before(ErrorKind::DuplicateKey, at);
            }
            match key {
                Key::Status => {
                    facts.status = Number::read(&mut cursor);
                    response.status = facts.status.map_or(0, |status| status.0);
                }
                Key::Header => {
                    response.headers = decode_headers!(&mut cursor, false, None, &mut None);
                }
                Key::Cookies => response.cookies = cursor.apart(parts::cookies),
                Key::Data => {
                    if matches!(response.data, Data::Bytes(_)) {
                        cursor.fail_before(ErrorKind::DataConflict, at);
                    }
                    response.data = parts::data(&mut cursor);
                }
                Key::NativeBuffers => {
                    if let Some(bytes) =
                        cursor.apart(|cursor| native_buffers::native_buffers(cursor, seen.has(Key::Data as u32)))
                    {
                        response.data = Data::Bytes(bytes);
                    }
                }
                Key::ErrMsg => response.err_msg = values::text(&mut cursor, key.rule()),
                Key::ErrCode => facts.code = Number::read(&mut cursor),
                Key::Errno => facts.errno = Number::read(&mut cursor),
                Key::Unknown => {
                    cursor.value(1);
                }
                regular => reply!(decode_slot { response regular cursor }),
            }
        }
        let bracket = cursor.offset().wrapping_sub(1);
        let outcome = facts.outcome();
        if let Some(missing) = outcome.missing(seen.has(Key::ErrMsg as u32)) {
            cursor.fail(missing, bracket);
        }
        cursor.end();
        cursor.result()?;
        if let Outcome::Failure { code } = outcome {
            return Ok(Self::Failure(reply!(failure { response code })));
        }
        reply
    }
}
