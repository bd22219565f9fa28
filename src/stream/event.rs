//! The events of a stream decoder.
//!
//! Knows the names of the fields. Bytes of the window are passed out in them, borrowed until the next step.

pub use crate::envelope::texts::Field;
use crate::{DataKind, ErrorCode, Method, ResponseType, Text, Timeout};

/// The result of a step of a decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum DecodeStep<'a> {
    /// More bytes are needed: read into the window and commit them, or report that the message ends.
    More,
    /// A part of the envelope.
    Event(Event<'a>),
    /// The envelope is complete and valid, and nothing follows it.
    End,
}

/// A part of an envelope. The fields come in the order of the envelope.
///
/// A text comes in one piece if its raw content, between the quotes, is shorter than the window. A longer one comes in
/// several pieces, of which all but the last fill the window; the last may be empty. The same holds for the body. No
/// piece cuts a character or an escape in two.
///
/// What an event says has been checked as far as that is possible at this point. Only [`DecodeStep::End`] says that the
/// envelope is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<'a> {
    /// A piece of a text. It can be read raw or unescaped, like any [`Text`].
    Text {
        /// The field that the text belongs to.
        field: Field,
        /// The piece.
        text: Text<'a>,
        /// Whether this is the last piece of the text.
        last: bool,
    },
    /// The body begins, and has this kind. Its pieces follow: [`Event::Text`] with [`Field::Data`], [`Event::Json`] or
    /// [`Event::Bytes`]. An envelope without data has no such event.
    Data(DataKind),
    /// A piece of a JSON body, as it is written: whole characters of valid UTF-8, but tokens may be cut anywhere.
    Json {
        /// The piece.
        json: &'a [u8],
        /// Whether this is the last piece of the body.
        last: bool,
    },
    /// A piece of a body of bytes, decoded from base64.
    Bytes {
        /// The piece.
        bytes: &'a [u8],
        /// Whether this is the last piece of the body.
        last: bool,
    },
    /// `method`, of a request.
    Method(Method),
    /// `timeout`, of a request.
    Timeout(Timeout),
    /// `responseType`, of a request.
    ResponseType(ResponseType),
    /// `statusCode`, of a reply.
    Status(u16),
    /// `errCode`, of a reply. 0 is not a failure.
    ErrCode(ErrorCode),
    /// `errno`, of a reply: another name for `errCode`, which takes precedence unless it is 0.
    Errno(ErrorCode),
}
