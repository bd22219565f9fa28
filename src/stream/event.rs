//! What a stream decoder tells its reader.
//!
//! It knows the names of the fields. Bytes of the window flow out in it, borrowed until the next step.

pub use crate::envelope::texts::Field;
use crate::{DataKind, ErrorCode, Method, ResponseType, Text, Timeout};

/// What comes next in a decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum DecodeStep<'a> {
    /// More bytes are wanted: read into the window and commit them, or say that the message ends.
    More,
    /// Something in the envelope.
    Event(Event<'a>),
    /// The envelope is whole and valid, and nothing follows it.
    End,
}

/// Something in an envelope, as it comes. Fields come in the order of the envelope.
///
/// A text comes in one piece when what stands between its quotes is shorter than the window. A longer one comes in
/// several, of which all but the last fill the window; the last may be empty. The same holds for the body. No piece
/// cuts a character or an escape in two.
///
/// What an event says has been checked as far as it goes. Only [`DecodeStep::End`] says that the envelope is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<'a> {
    /// A piece of a text. It can be read raw or unescaped, like any [`Text`].
    Text {
        /// What the text is.
        field: Field,
        /// The piece.
        text: Text<'a>,
        /// Whether the text ends with it.
        last: bool,
    },
    /// The body begins, and is of this kind. Pieces of it follow: [`Event::Text`] with [`Field::Data`],
    /// [`Event::Json`] or [`Event::Bytes`]. There is no such event in an envelope without data.
    Data(DataKind),
    /// A piece of a body that is JSON, as it stands: whole characters of valid UTF-8, tokens cut anywhere.
    Json {
        /// The piece.
        json: &'a [u8],
        /// Whether the body ends with it.
        last: bool,
    },
    /// A piece of a body that is bytes, decoded from base64.
    Bytes {
        /// The piece.
        bytes: &'a [u8],
        /// Whether the body ends with it.
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
    /// `errCode`, of a reply. 0 is no failure.
    ErrCode(ErrorCode),
    /// `errno`, of a reply: another name of `errCode`, which wins unless it is 0.
    Errno(ErrorCode),
}
