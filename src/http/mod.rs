//! The framing of an HTTP/1.1 response (RFC 9112): where its head ends, how long its body is, and what of it is data.
//!
//! Owns neither I/O nor memory: the caller passes the bytes received so far. Everything resumes at any byte, and no byte is
//! searched twice. What a response means is decided elsewhere.
//!
//! A response that two recipients could read differently is refused, even if the standard allows a recipient to accept it:
//! for example two different lengths, a line that ends with a bare LF, or an unknown coding of the body.
//!
//! A response that some recipients refuse, but that all others read in the same way, is accepted:
//!
//! | | standard | taken by | refused by | here |
//! |---|---|---|---|---|
//! | blanks behind the size of a chunk | none there (RFC 9112, section 7.1) | curl, nginx, hyper, httparse, Python | llhttp (Node.js) | taken |
//! | the same `Content-Length` twice, or in a list | either way (RFC 9110, section 8.6) | curl, hyper, Python, nginx until 1.22 | llhttp, later nginx | taken, if the digits are the same |
//! | two that differ | refused | curl, Python, nginx until 1.22 | llhttp, hyper | refused |
//! | a trailer without a colon | none there | nginx, hyper, Python | llhttp, curl | refused |
//! | a body behind the head of a `HEAD` or 304 | none there | nobody | | left alone, and the connection is not used again |

pub(crate) mod body;
mod chunked;
pub(crate) mod head;
pub(crate) mod lines;
#[cfg(test)]
mod tests;

use core::fmt;

/// What is wrong with an HTTP response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum HttpError {
    /// What came is no head of HTTP/1.0 or HTTP/1.1, or has a line that does not end with CR LF.
    Head,
    /// The head is longer than its reader takes.
    HeadTooLong,
    /// The head has more lines than its reader takes.
    TooManyHeaders,
    /// There were more than 16 interim responses (status 1xx).
    TooManyInterim,
    /// `101 Switching Protocols`, which nobody asked for.
    Switched,
    /// The length of the body is stated in two ways that differ, or in one that is not understood.
    Length,
    /// The chunked coding is broken.
    Chunk,
    /// Chunk extensions and trailers are longer than 4096 bytes together.
    ChunkTooLong,
    /// The connection ended before the response did.
    Truncated,
    /// The body is to be text, and has a content coding such as gzip.
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
