//! Errors as C has them: numbers that never change, and a struct with the rest.

use crate::memory::{Fault, Place, run, value};
use crate::transport::Io;
use callcontainer::client::{CallError, HttpError, RetryError};
use callcontainer::stream::{WriteCause, WriteError};
use callcontainer::{Error, ErrorKind};
use core::ffi::{CStr, c_char};

/// Makes a string of C that the linker drops where nothing uses it. The linker of GNU keeps all constants that the compiler
/// puts into a section for those that may be merged: strings with a single NUL, and whatever has 4, 8, 16 or 32 bytes.
macro_rules! c_str {
    ($text:literal) => {
        match CStr::from_bytes_until_nul(const { &padded::<{ padded_len($text) }>($text) }) {
            Ok(text) => text,
            Err(_) => c"",
        }
    };
}

const fn padded_len(text: &str) -> usize {
    match text.len().wrapping_add(2) {
        len @ (4 | 8 | 16 | 32) => len.wrapping_add(1),
        len => len,
    }
}

/// Returns a text with NULs behind it.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let mut at = 0_usize;
    while at < text.len() {
        bytes[at] = text.as_bytes()[at];
        at = at.wrapping_add(1);
    }
    bytes
}

/// Defines the numbers of the errors in envelopes, with their names and texts.
macro_rules! kinds {
    ($($kind:ident = $number:literal, $name:literal, $text:literal;)*) => {
        /// Returns the number of a kind.
        pub(crate) const fn number(kind: ErrorKind) -> i32 {
            // The numbers are those of the declarations, plus 1, as the assertions say.
            (kind as i32).wrapping_add(1)
        }

        $(const _: () = assert!(number(ErrorKind::$kind) == $number, "a number of the header must not change");)*
        const _: () = assert!(ErrorKind::ALL.len() == [$($number),*].len(), "a kind is not in the header");

        /// Returns the kind with a number.
        fn kind(number: i32) -> Option<ErrorKind> {
            match number {
                $($number => Some(ErrorKind::$kind),)*
                _ => None,
            }
        }

        const fn name(number: i32) -> Option<&'static CStr> {
            Some(match number {
                $($number => c_str!($name),)*
                _ => return None,
            })
        }

        const fn text(number: i32) -> Option<&'static CStr> {
            Some(match number {
                $($number => c_str!($text),)*
                _ => return None,
            })
        }
    };
}

kinds! {
    RequestTooLarge = 1, "request-too-large", "a request envelope longer than its limit";
    ReplyTooLarge = 2, "reply-too-large", "a reply envelope longer than its limit";
    TooDeep = 3, "too-deep", "nesting deeper than 128 levels";
    TooManyHeaders = 4, "too-many-headers", "more than 64 headers";
    TooLong = 5, "too-long", "a part longer than its limit";
    BufferTooSmall = 6, "buffer-too-small", "a buffer too small for the result";
    UnexpectedEnd = 7, "unexpected-end", "the end of the text before the end of the JSON value";
    UnexpectedByte = 8, "unexpected-byte", "a byte that JSON does not allow here";
    InvalidNumber = 9, "invalid-number", "a number that JSON does not allow";
    InvalidLiteral = 10, "invalid-literal", "a word other than true, false and null";
    ControlCharacter = 11, "control-character", "an unescaped control character in a string";
    InvalidEscape = 12, "invalid-escape", "an invalid escape in a string";
    LoneSurrogate = 13, "lone-surrogate", "one half of a surrogate pair without the other";
    InvalidUtf8 = 14, "invalid-utf8", "bytes that are not UTF-8";
    TrailingData = 15, "trailing-data", "data after the end of the JSON value";
    WrongType = 16, "wrong-type", "a value of the wrong JSON type";
    DuplicateKey = 17, "duplicate-key", "a known key given twice";
    MissingEnv = 18, "missing-env", "neither config.env nor resourceEnv";
    MissingPath = 19, "missing-path", "no path";
    MissingField = 20, "missing-field", "a required key that is missing";
    InvalidPath = 21, "invalid-path", "a path that does not start with /, holds a space or control character, or leaves its service";
    InvalidMethod = 22, "invalid-method", "a method that the platform does not know";
    InvalidName = 23, "invalid-name", "a character that does not belong in a name";
    InvalidHeaderName = 24, "invalid-header-name", "a header name that is not a token";
    InvalidHeaderValue = 25, "invalid-header-value", "a character that does not belong in a header value";
    DuplicateHeader = 26, "duplicate-header", "a header given twice";
    ForbiddenHeader = 27, "forbidden-header", "a header that may not be set";
    ServiceConflict = 28, "service-conflict", "service and X-WX-SERVICE that differ";
    InvalidTimeout = 29, "invalid-timeout", "a timeout that is not an integer number of milliseconds";
    TimeoutTooLong = 30, "timeout-too-long", "a timeout over 15000 ms";
    InvalidResponseType = 31, "invalid-response-type", "a responseType other than text and arraybuffer";
    InvalidStatus = 32, "invalid-status", "a statusCode that is not an integer from 100 to 999";
    InvalidErrorCode = 33, "invalid-error-code", "an errCode that is not a 32-bit integer";
    InvalidBase64 = 34, "invalid-base64", "text that is not base64";
    InvalidBufferKey = 35, "invalid-buffer-key", "a native buffer under a key other than data";
    DataConflict = 36, "data-conflict", "data given both as itself and as a native buffer";
    InvalidCheck = 37, "invalid-check", "a check of the line that is wrong or missing";
    BodyLength = 38, "body-length", "a body of another length than was said";
}

/// Defines the numbers of all other errors.
macro_rules! others {
    ($($(#[$doc:meta])* $constant:ident = $number:literal, $name:literal, $text:literal;)*) => {
        $($(#[$doc])* pub(crate) const $constant: i32 = $number;)*

        const fn other(number: i32) -> Option<(&'static CStr, &'static CStr)> {
            Some(match number {
                $($number => (c_str!($name), c_str!($text)),)*
                _ => return None,
            })
        }
    };
}

others! {
    /// No error.
    CC_OK = 0, "ok", "no error";
    /// No error, and nothing more.
    CC_END = -1, "end", "nothing more";
    /// An argument that the contract does not allow.
    CC_ERR_ARGUMENT = 100, "argument", "an argument that is not allowed";
    /// An object that cannot be used now.
    CC_ERR_STATE = 101, "state", "an object that cannot be used now";
    /// `CallError::NotInitialised`.
    CC_ERR_NOT_INITIALISED = 110, "not-initialised", "no connection yet";
    /// `CallError::NotReusable`.
    CC_ERR_NOT_REUSABLE = 111, "not-reusable", "a connection that cannot be used any more";
    /// `CallError::Request`.
    CC_ERR_REQUEST = 112, "request", "a request that cannot be sent";
    /// `CallError::Write`.
    CC_ERR_WRITE = 113, "write", "a request that was not written completely";
    /// `CallError::NoAnswer`.
    CC_ERR_NO_ANSWER = 114, "no-answer", "no answer before the connection ended or failed";
    /// `CallError::Io`.
    CC_ERR_IO = 115, "io", "a connection that failed";
    /// `CallError::UnexpectedEof`.
    CC_ERR_UNEXPECTED_EOF = 116, "unexpected-eof", "a connection that ended before the reply did";
    /// `CallError::Http`.
    CC_ERR_HTTP = 117, "http", "an answer that is not valid HTTP";
    /// `CallError::Status`.
    CC_ERR_HTTP_STATUS = 118, "http-status", "an HTTP status, and no reply";
    /// `CallError::Reply`.
    CC_ERR_REPLY = 119, "reply", "a reply that is not valid";
    /// `CallError::ForeignReply`.
    CC_ERR_FOREIGN_REPLY = 120, "foreign-reply", "a reply that is not that of the call";
    /// `RetryError::Connect`.
    CC_ERR_CONNECT = 121, "connect", "no connection";
    /// The writer takes nothing more.
    CC_ERR_WRITE_ZERO = 122, "write-zero", "a connection that takes nothing more";
    /// The reader of a body failed.
    CC_ERR_BODY = 123, "body", "a body that could not be read";
    /// The gateway refuses.
    CC_ERR_REFUSED = 130, "refused", "a call that the gateway refuses";
    /// `HttpError::Head`.
    CC_ERR_HTTP_HEAD = 200, "http-head", "an answer that is not HTTP/1.1";
    /// `HttpError::HeadTooLong`.
    CC_ERR_HTTP_HEAD_TOO_LONG = 201, "http-head-too-long", "an HTTP head that is too long";
    /// `HttpError::TooManyHeaders`.
    CC_ERR_HTTP_TOO_MANY_HEADERS = 202, "http-too-many-headers", "an HTTP head with too many lines";
    /// `HttpError::TooManyInterim`.
    CC_ERR_HTTP_TOO_MANY_INTERIM = 203, "http-too-many-interim", "too many interim HTTP responses";
    /// `HttpError::Switched`.
    CC_ERR_HTTP_SWITCHED = 204, "http-switched", "a switch to another protocol";
    /// `HttpError::Length`.
    CC_ERR_HTTP_LENGTH = 205, "http-length", "an HTTP body of uncertain length";
    /// `HttpError::Chunk`.
    CC_ERR_HTTP_CHUNK = 206, "http-chunk", "a broken chunk";
    /// `HttpError::ChunkTooLong`.
    CC_ERR_HTTP_CHUNK_TOO_LONG = 207, "http-chunk-too-long", "chunk extensions and trailers that are too long";
    /// `HttpError::Truncated`.
    CC_ERR_HTTP_TRUNCATED = 208, "http-truncated", "an HTTP response that is cut short";
    /// `HttpError::Coded`.
    CC_ERR_HTTP_CODED = 209, "http-coded", "a content coding that nobody asked for";
}

/// Returns the number of what is wrong with an HTTP response.
pub(crate) const fn http_number(error: HttpError) -> i32 {
    match error {
        HttpError::HeadTooLong => CC_ERR_HTTP_HEAD_TOO_LONG,
        HttpError::TooManyHeaders => CC_ERR_HTTP_TOO_MANY_HEADERS,
        HttpError::TooManyInterim => CC_ERR_HTTP_TOO_MANY_INTERIM,
        HttpError::Switched => CC_ERR_HTTP_SWITCHED,
        HttpError::Length => CC_ERR_HTTP_LENGTH,
        HttpError::Chunk => CC_ERR_HTTP_CHUNK,
        HttpError::ChunkTooLong => CC_ERR_HTTP_CHUNK_TOO_LONG,
        HttpError::Truncated => CC_ERR_HTTP_TRUNCATED,
        HttpError::Coded => CC_ERR_HTTP_CODED,
        // `Head`, and what a later version may tell apart.
        _ => CC_ERR_HTTP_HEAD,
    }
}

/// Returns what is wrong with an HTTP response by its number.
const fn http_error(number: i32) -> HttpError {
    match number {
        CC_ERR_HTTP_HEAD_TOO_LONG => HttpError::HeadTooLong,
        CC_ERR_HTTP_TOO_MANY_HEADERS => HttpError::TooManyHeaders,
        CC_ERR_HTTP_TOO_MANY_INTERIM => HttpError::TooManyInterim,
        CC_ERR_HTTP_SWITCHED => HttpError::Switched,
        CC_ERR_HTTP_LENGTH => HttpError::Length,
        CC_ERR_HTTP_CHUNK => HttpError::Chunk,
        CC_ERR_HTTP_CHUNK_TOO_LONG => HttpError::ChunkTooLong,
        CC_ERR_HTTP_TRUNCATED => HttpError::Truncated,
        CC_ERR_HTTP_CODED => HttpError::Coded,
        _ => HttpError::Head,
    }
}

/// There is no `Retry-After`.
const NO_RETRY_AFTER: u32 = u32::MAX;

/// `cc_error`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcError {
    /// What the function returns.
    pub kind: i32,
    /// What is wrong in detail, or 0.
    pub cause: i32,
    /// At which byte.
    pub offset: usize,
    /// How much was written.
    pub written: usize,
    /// The transport's own number.
    pub io: i32,
    /// The HTTP status.
    pub status: u32,
    /// The `Retry-After` in seconds.
    pub retry_after: u32,
    /// The class of the transport's error, for advice.
    pub reserved: u32,
}

impl CcError {
    pub(crate) const NONE: Self = Self::of(CC_OK);

    pub(crate) const fn of(kind: i32) -> Self {
        Self { kind, cause: 0, offset: 0, written: 0, io: 0, status: 0, retry_after: NO_RETRY_AFTER, reserved: 0 }
    }

    /// An error of the call, with its cause in an envelope.
    const fn in_envelope(kind: i32, error: Error) -> Self {
        Self { cause: number(error.kind()), offset: error.offset(), ..Self::of(kind) }
    }

    const fn with_io(kind: i32, io: Io) -> Self {
        Self { io: io.number, ..Self::of(kind) }
    }

    /// Returns an error in an envelope; nothing for any other.
    pub(crate) fn in_envelope_only(&self) -> Option<Error> {
        kind(self.kind).map(|kind| Error::new(kind, self.offset))
    }

    /// Connecting failed.
    pub(crate) const fn connect(io: Io) -> Self {
        Self::with_io(CC_ERR_CONNECT, io)
    }

    /// Returns the error of the call with what matters for advice.
    pub(crate) fn call(&self) -> Option<CallError<()>> {
        let inside = |cause: i32| kind(cause).map(|kind| Error::new(kind, self.offset));
        Some(match self.kind {
            CC_ERR_NOT_INITIALISED => CallError::NotInitialised,
            CC_ERR_NOT_REUSABLE => CallError::NotReusable,
            CC_ERR_REQUEST => CallError::Request(inside(self.cause)?),
            CC_ERR_WRITE => {
                let cause = match self.cause {
                    CC_ERR_WRITE_ZERO => WriteCause::WriteZero,
                    CC_ERR_IO => WriteCause::Io(()),
                    // The body is the caller's own affair.
                    CC_ERR_BODY => return None,
                    cause => WriteCause::Envelope(inside(cause)?),
                };
                CallError::Write(WriteError { cause, written: self.written })
            }
            CC_ERR_NO_ANSWER => CallError::NoAnswer(None),
            CC_ERR_IO => CallError::Io(()),
            CC_ERR_UNEXPECTED_EOF => CallError::UnexpectedEof,
            CC_ERR_HTTP => CallError::Http(http_error(self.cause)),
            CC_ERR_HTTP_STATUS => CallError::Status {
                status: u16::try_from(self.status).unwrap_or(0),
                retry_after: Some(self.retry_after).filter(|seconds| *seconds != NO_RETRY_AFTER),
            },
            CC_ERR_REPLY => CallError::Reply(inside(self.cause)?),
            CC_ERR_FOREIGN_REPLY => CallError::ForeignReply,
            _ => return None,
        })
    }
}

impl From<Fault> for CcError {
    fn from(fault: Fault) -> Self {
        let (kind, offset) = fault.parts();
        Self { offset, ..Self::of(kind) }
    }
}

impl From<Error> for CcError {
    fn from(error: Error) -> Self {
        Self { offset: error.offset(), ..Self::of(number(error.kind())) }
    }
}

impl<B> From<CallError<Io, B>> for CcError {
    fn from(error: CallError<Io, B>) -> Self {
        match error {
            CallError::NotInitialised => Self::of(CC_ERR_NOT_INITIALISED),
            CallError::NotReusable => Self::of(CC_ERR_NOT_REUSABLE),
            CallError::Request(error) => Self::in_envelope(CC_ERR_REQUEST, error),
            CallError::Write(WriteError { cause, written }) => {
                let error = match cause {
                    WriteCause::Io(io) => Self { cause: CC_ERR_IO, ..Self::with_io(CC_ERR_WRITE, io) },
                    WriteCause::WriteZero => Self { cause: CC_ERR_WRITE_ZERO, ..Self::of(CC_ERR_WRITE) },
                    WriteCause::Envelope(error) => Self::in_envelope(CC_ERR_WRITE, error),
                    // `Body`, and what a later version may tell apart.
                    _ => Self { cause: CC_ERR_BODY, ..Self::of(CC_ERR_WRITE) },
                };
                Self { written, ..error }
            }
            CallError::NoAnswer(None) => Self::of(CC_ERR_NO_ANSWER),
            CallError::NoAnswer(Some(io)) => Self { cause: CC_ERR_IO, ..Self::with_io(CC_ERR_NO_ANSWER, io) },
            CallError::Io(io) => Self::with_io(CC_ERR_IO, io),
            CallError::UnexpectedEof => Self::of(CC_ERR_UNEXPECTED_EOF),
            CallError::Http(error) => Self { cause: http_number(error), ..Self::of(CC_ERR_HTTP) },
            CallError::Status { status, retry_after } => Self {
                status: status.into(),
                retry_after: retry_after.unwrap_or(NO_RETRY_AFTER),
                ..Self::of(CC_ERR_HTTP_STATUS)
            },
            CallError::Reply(error) => Self::in_envelope(CC_ERR_REPLY, error),
            // `ForeignReply`, and what a later version may tell apart.
            _ => Self::of(CC_ERR_FOREIGN_REPLY),
        }
    }
}

impl<B> From<RetryError<Io, CallError<Io, B>>> for CcError {
    fn from(error: RetryError<Io, CallError<Io, B>>) -> Self {
        match error {
            RetryError::Connect(io) => Self::connect(io),
            RetryError::Call(error) => error.into(),
        }
    }
}

/// `cc_error_name`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_error_name(kind: i32) -> *const c_char {
    name(kind).or(other(kind).map(|(name, _)| name)).unwrap_or(c"unknown").as_ptr()
}

/// `cc_error_text`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_error_text(kind: i32) -> *const c_char {
    text(kind).or(other(kind).map(|(_, text)| text)).unwrap_or(c"an error that this library does not know").as_ptr()
}

/// `cc_error_code`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_error_code(error: i32, place: *mut i32) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(place)?;
            let code = match error {
                CC_ERR_NOT_INITIALISED => Some(callcontainer::ErrorCode::NOT_INITIALISED),
                error => kind(error).and_then(ErrorKind::platform_code),
            };
            place.put(code.ok_or(Fault::of(CC_END))?.0);
            Ok(())
        })
    }
}

/// `cc_retry`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CcRetry {
    /// How long to wait before, in milliseconds.
    pub delay_ms: u32,
    /// How often; 0 for never.
    pub at_most: u32,
}

impl CcRetry {
    pub(crate) fn of(retry: Option<callcontainer::Retry>) -> Self {
        retry.map_or(Self { delay_ms: 0, at_most: 0 }, |retry| Self {
            delay_ms: retry.delay_ms,
            at_most: retry.at_most.into(),
        })
    }
}

/// `cc_retry_of_error`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_retry_of_error(error: *const CcError, method: i32, retry: *mut CcRetry) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let (error, place) = (value(error)?, Place::new(retry)?);
            let method = crate::envelope::method(method)?;
            place.put(CcRetry::of(error.advice(method)));
            Ok(())
        })
    }
}

/// `cc_retry_of_code`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_retry_of_code(code: i32, method: i32, retry: *mut CcRetry) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(retry)?;
            place.put(CcRetry::of(callcontainer::ErrorCode(code).retry(crate::envelope::method(method)?)));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString as _;

    #[test]
    fn names_and_texts_are_those_of_the_crate() {
        for kind in ErrorKind::ALL {
            assert_eq!(name(number(*kind)).unwrap().to_str(), Ok(kind.name()));
            assert_eq!(text(number(*kind)).unwrap().to_str().unwrap(), kind.to_string());
            assert_eq!(super::kind(number(*kind)), Some(*kind));
        }
    }

    #[test]
    fn http_errors_keep_their_numbers_and_texts() {
        for number in CC_ERR_HTTP_HEAD..=CC_ERR_HTTP_CODED {
            assert_eq!(http_number(http_error(number)), number);
            assert_eq!(other(number).unwrap().1.to_str().unwrap(), http_error(number).to_string());
        }
    }
}
