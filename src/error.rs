//! Errors: a kind and a byte offset.

use core::fmt;

/// The reason why an envelope was refused, and the byte at which it was.
///
/// When decoding, the offset counts bytes from the start of the envelope (of the value, for [`Json::new`] and similar
/// functions). When encoding, it counts bytes from the start of the part that was refused.
///
/// ```
/// use callcontainer::{ErrorKind, Request};
///
/// let error = Request::decode(br#"{"path":"/","config":{"env":7}}"#).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::WrongType);
/// assert_eq!(error.offset(), 28);
/// assert_eq!(error.to_string(), "a value of the wrong JSON type at byte 28");
/// ```
///
/// [`Json::new`]: crate::Json::new
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Error {
    kind: ErrorKind,
    offset: usize,
}

impl Error {
    /// Creates an error of this kind at this byte.
    #[must_use]
    pub const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// Returns the same error in a longer text, with `base` bytes before this one.
    pub(crate) const fn behind(self, base: usize) -> Self {
        Self { kind: self.kind, offset: self.offset.saturating_add(base) }
    }

    /// Returns the kind of error.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the byte at which it occurred.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset)
    }
}

impl core::error::Error for Error {}

impl core::error::Error for ErrorKind {}

/// Defines the enum together with the two texts of each kind, so that none can be forgotten.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $name:literal, $text:literal;)*) => {
        /// The kinds of errors in an envelope, a value or a buffer.
        ///
        /// [`name`](Self::name) is the name in the [wire format](crate::wire_format#errors) and in the vectors, for
        /// example `too-deep`. That page gives the offset of each kind, and says which of two errors is reported.
        /// `Display` writes one line. [`platform_code`](Self::platform_code) is the `errCode` with which the platform
        /// answers such a request:
        ///
        /// | kind | code |
        /// |---|---|
        /// | [`RequestTooLarge`](Self::RequestTooLarge) | -606001 |
        /// | [`ReplyTooLarge`](Self::ReplyTooLarge) | -606002 |
        /// | [`InvalidMethod`](Self::InvalidMethod) | 102005 |
        /// | [`MissingPath`](Self::MissingPath), [`InvalidPath`](Self::InvalidPath) | -501000 |
        /// | [`BufferTooSmall`](Self::BufferTooSmall), [`BodyLength`](Self::BodyLength) | none: no envelope has them |
        /// | every other | 40097 |
        ///
        /// A limit is never reported as a syntax error.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        #[repr(u32)]
        pub enum ErrorKind {
            $($(#[$doc])* $kind,)*
        }

        impl ErrorKind {
            /// All kinds, in the order of declaration.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$kind,)*];

            /// Returns the kind's name in lower case with hyphens, for example `too-deep`: for logs and tools.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(ErrorKind::$kind => $name,)*
                }
            }
        }

        impl ErrorKind {
            /// Returns what `Display` writes.
            pub(crate) const fn text(self) -> &'static str {
                match self {
                    $(ErrorKind::$kind => $text,)*
                }
            }
        }

        impl fmt::Display for ErrorKind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.text())
            }
        }
    };
}

kinds! {
    /// A request envelope is longer than its limit. The offset is the limit.
    RequestTooLarge, "request-too-large", "a request envelope longer than its limit";
    /// A reply envelope is longer than its limit. The offset is the limit.
    ReplyTooLarge, "reply-too-large", "a reply envelope longer than its limit";
    /// The nesting is deeper than [`DEPTH_LIMIT`](crate::DEPTH_LIMIT).
    TooDeep, "too-deep", "nesting deeper than 128 levels";
    /// There are more headers than [`HEADERS_LIMIT`](crate::HEADERS_LIMIT).
    TooManyHeaders, "too-many-headers", "more than 64 headers";
    /// A part is longer than its own limit, for example [`NAME_LIMIT`](crate::NAME_LIMIT).
    TooLong, "too-long", "a part longer than its limit";
    /// The buffer that the caller gave is too small. The offset is the length of the buffer.
    BufferTooSmall, "buffer-too-small", "a buffer too small for the result";

    /// The JSON text ends too early. The offset is its length.
    UnexpectedEnd, "unexpected-end", "the end of the text before the end of the JSON value";
    /// A byte appears where JSON does not allow it.
    UnexpectedByte, "unexpected-byte", "a byte that JSON does not allow here";
    /// A number violates the grammar of JSON, for example `01`, `1.` or `-`.
    InvalidNumber, "invalid-number", "a number that JSON does not allow";
    /// A word other than `true`, `false` or `null`.
    InvalidLiteral, "invalid-literal", "a word other than true, false and null";
    /// An unescaped control character in a string.
    ControlCharacter, "control-character", "an unescaped control character in a string";
    /// A backslash is followed by something that is not an escape.
    InvalidEscape, "invalid-escape", "an invalid escape in a string";
    /// `\uD800` to `\uDFFF` without its other half. The offset is that of the backslash.
    LoneSurrogate, "lone-surrogate", "one half of a surrogate pair without the other";
    /// The bytes of a string are not UTF-8. The offset is the start of the broken sequence.
    InvalidUtf8, "invalid-utf8", "bytes that are not UTF-8";
    /// Something follows the JSON value.
    TrailingData, "trailing-data", "data after the end of the JSON value";

    /// A value has a JSON type that is not allowed there.
    WrongType, "wrong-type", "a value of the wrong JSON type";
    /// A known key occurs twice.
    DuplicateKey, "duplicate-key", "a known key given twice";
    /// Both `config.env` and `resourceEnv` are missing.
    MissingEnv, "missing-env", "neither config.env nor resourceEnv";
    /// `path` is missing.
    MissingPath, "missing-path", "no path";
    /// A required key is missing.
    MissingField, "missing-field", "a required key that is missing";
    /// `path` does not start with `/`, or contains a space or a control character.
    InvalidPath, "invalid-path", "a path that does not start with /, holds a space or control character, or leaves its service";
    /// `method` is not one of the eight.
    InvalidMethod, "invalid-method", "a method that the platform does not know";
    /// A control character in a name, for example in `config.env`, `service` or `callID`.
    InvalidName, "invalid-name", "a character that does not belong in a name";
    /// The name of a header is not a token of RFC 9110.
    InvalidHeaderName, "invalid-header-name", "a header name that is not a token";
    /// The value of a header contains a control character other than a tab.
    InvalidHeaderValue, "invalid-header-value", "a character that does not belong in a header value";
    /// Two headers have the same name, ignoring letter case.
    DuplicateHeader, "duplicate-header", "a header given twice";
    /// A header that must not be set: `Referer`.
    ForbiddenHeader, "forbidden-header", "a header that may not be set";
    /// `service` and the header `X-WX-SERVICE` name different services.
    ServiceConflict, "service-conflict", "service and X-WX-SERVICE that differ";
    /// `timeout` is not an integer number of milliseconds.
    InvalidTimeout, "invalid-timeout", "a timeout that is not an integer number of milliseconds";
    /// An attempt to encode a `timeout` over [`TIMEOUT_LIMIT`](crate::TIMEOUT_LIMIT).
    TimeoutTooLong, "timeout-too-long", "a timeout over 15000 ms";
    /// `responseType` is neither `text` nor `arraybuffer`.
    InvalidResponseType, "invalid-response-type", "a responseType other than text and arraybuffer";
    /// `statusCode` is not an integer from 100 to 999.
    InvalidStatus, "invalid-status", "a statusCode that is not an integer from 100 to 999";
    /// `errCode` or `errno` is not a 32-bit integer.
    InvalidErrorCode, "invalid-error-code", "an errCode that is not a 32-bit integer";
    /// A text is not base64 with the standard alphabet and padding.
    InvalidBase64, "invalid-base64", "text that is not base64";
    /// A native buffer has a key other than `data`.
    InvalidBufferKey, "invalid-buffer-key", "a native buffer under a key other than data";
    /// `data` is given twice: as itself and as a native buffer.
    DataConflict, "data-conflict", "data given both as itself and as a native buffer";
    /// The check of a line is wrong, or missing where all lines have one. The offset is that of its `#`, or
    /// where that would be.
    InvalidCheck, "invalid-check", "a check of the line that is wrong or missing";
    /// The body from a reader has a different length than was announced.
    BodyLength, "body-length", "a body of another length than was said";
}
