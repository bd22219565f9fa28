//! HTTP/1.1 with a service: the request for a call, the framing of the response (RFC 9112), and the headers and the text
//! of a reply in it.
//!
//! The framing says where a head ends, how long a body is, and which bytes of it are data. It knows heads and bodies, and
//! owns neither I/O nor memory: the user passes the bytes as they arrive and learns what they are. Everything can continue
//! at any byte, and no byte is looked at twice. It knows nothing of what a response means.
//!
//! This is handwritten rather than taken from a library: no code that can panic may be linked into firmware, and none
//! of the bytes need be kept.
//!
//! A response that two recipients could read in two ways is refused, whatever the standard allows a recipient to make
//! of it: one that states two lengths, ends a line with a bare LF, or codes its body in a way that is not understood.
//!
//! A response is accepted if all recipients that accept it read it in the same way, even if some refuse it:
//!
//! | | standard | accepted by | refused by | here |
//! |---|---|---|---|---|
//! | blanks after the size of a chunk | not allowed (RFC 9112, section 7.1) | curl, nginx, hyper, httparse, Python | llhttp (Node.js) | accepted |
//! | the same `Content-Length` twice, or in a list | accept or refuse (RFC 9110, section 8.6) | curl, hyper, Python, nginx until 1.22 | llhttp, later nginx | accepted, if the digits are the same |
//! | two that differ | refused | curl, Python, nginx until 1.22 | llhttp, hyper | refused |
//! | a trailer without a colon | not allowed | nginx, hyper, Python | llhttp, curl | refused |
//! | a body after the head of a `HEAD` or 304 | not allowed | nobody | | left unread, and the connection is not used again |

pub(crate) mod body;
mod chunked;
mod element;
pub(crate) mod fields;
pub(crate) mod head;
pub(crate) mod lines;
pub(crate) mod names;
#[cfg(test)]
mod properties;
pub(crate) mod protected;
mod query;
pub(crate) mod request;
#[cfg(test)]
mod tests;
pub(crate) mod text;
#[cfg(test)]
mod whole;
pub(crate) mod words;

use core::fmt;

/// What is wrong with an HTTP response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum HttpError {
    /// The bytes are not a head of HTTP/1.0 or HTTP/1.1, or a line does not end with CR LF.
    Head,
    /// The head is longer than its reader accepts.
    HeadTooLong,
    /// The head has more lines than its reader accepts.
    TooManyHeaders,
    /// There were more than 16 interim responses (status 1xx).
    TooManyInterim,
    /// `101 Switching Protocols`, which was not requested.
    Switched,
    /// The length of the body is stated in two ways that differ, or in one that is not understood.
    Length,
    /// The chunked coding is invalid.
    Chunk,
    /// Chunk extensions and trailers together are longer than 4096 bytes.
    ChunkTooLong,
    /// The connection ended before the response did.
    Truncated,
    /// The body is to be text, but has a content coding such as gzip.
    Coded,
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "an answer that is not HTTP/1.1",
            Self::HeadTooLong => "an HTTP head that is too long",
            Self::TooManyHeaders => "an HTTP head with too many lines",
            Self::TooManyInterim => "too many interim HTTP responses",
            Self::Switched => "a switch to another protocol",
            Self::Length => "an HTTP body of uncertain length",
            Self::Chunk => "a broken chunk",
            Self::ChunkTooLong => "chunk extensions and trailers that are too long",
            Self::Truncated => "an HTTP response that is cut short",
            Self::Coded => "a content coding that nobody asked for",
        })
    }
}

impl core::error::Error for HttpError {}

/// Whether this byte is allowed in a value, a reason or an extension (RFC 9110, section 5.5): any except control
/// characters other than tab.
const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}
