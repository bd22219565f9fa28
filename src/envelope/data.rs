//! The payload of an envelope: nothing, text, JSON or bytes.

use super::bytes::Bytes;
use super::members::{Members, key};
use super::parameters::{DataType, ResponseType};
use crate::error::{Error, ErrorKind};
use crate::json::Json;
use crate::json::sink::Sink;
use crate::json::text::Text;
use crate::json::utf8::from_utf8;
use crate::json::write;
use crate::target::WIDE;
use core::fmt;

/// The body of a call or of its response.
///
/// ```
/// use callcontainer::{Data, Json, Request};
///
/// let request = Request::decode(br#"{"config":{"env":"prod-01"},"path":"/","data":{"id":7}}"#).unwrap();
/// assert_eq!(request.data(), Data::Json(Json::new(r#"{"id":7}"#).unwrap()));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Data<'a> {
    /// Nothing.
    #[default]
    None,
    /// Text, which is a JSON string in the envelope.
    Text(Text<'a>),
    /// Any other JSON value, as written in the envelope. (A JSON string is encoded too; it comes back as text.)
    Json(Json<'a>),
    /// An ArrayBuffer, which is transmitted in `__nativeBuffers__`.
    Bytes(Bytes<'a>),
}

impl<'a> Data<'a> {
    /// Converts the body that a service returns as the platform does: to bytes for `arraybuffer`; otherwise to JSON if
    /// `data_type` asks for it and the text parses, and to text if not. One leading byte order mark is removed from
    /// text.
    ///
    /// A JSON string becomes the text that it represents. A string with half of a surrogate pair represents none, so
    /// the body is then the text of the string itself, including its quotes and escapes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUtf8`] when the body would be text and is not UTF-8; the offset is that in `body`.
    pub fn from_body(body: &'a [u8], data_type: DataType<'_>, response_type: ResponseType) -> Result<Self, Error> {
        if response_type == ResponseType::ArrayBuffer {
            return Ok(Data::Bytes(Bytes::new(body)));
        }
        let text = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        if data_type == DataType::Json
            && let Ok(json) = Json::from_bytes(text)
        {
            return Ok(Data::from(json));
        }
        let mark = body.len().saturating_sub(text.len());
        from_utf8(text)
            .map(Data::from)
            .map_err(|error| Error::new(ErrorKind::InvalidUtf8, mark.saturating_add(error.valid_up_to())))
    }

    /// Returns the length in bytes: of the decoded text, of the JSON as written, or of the decoded bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Data::None => 0,
            Data::Text(text) => text.decoded_len(),
            Data::Json(json) => json.as_bytes().len(),
            Data::Bytes(bytes) => bytes.decoded_len(),
        }
    }

    /// Returns whether [`len`](Data::len) is 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Data::None => true,
            Data::Text(text) => text.is_empty(),
            Data::Json(json) => json.as_bytes().is_empty(),
            Data::Bytes(bytes) => bytes.is_empty(),
        }
    }

    /// Returns the kind of body, if there is one.
    #[must_use]
    pub const fn kind(&self) -> Option<DataKind> {
        match self {
            Data::None => None,
            Data::Text(_) => Some(DataKind::Text),
            Data::Json(_) => Some(DataKind::Json),
            Data::Bytes(_) => Some(DataKind::Bytes),
        }
    }

    /// Returns the same data with a JSON string as text, however it was created.
    pub(crate) fn normal(&self) -> Self {
        if let Data::Json(json) = self { Data::from(*json) } else { *self }
    }

    /// Writes the member of the envelope that holds the data.
    #[inline(always)]
    pub(crate) fn put(&self, sink: &mut impl Sink, members: &mut Members) {
        match self {
            // Most data is like this, and recognized at once.
            Data::Json(json) if WIDE && json.is_collection() => {
                DataKind::Json.open(sink, members);
                json.put(sink);
                DataKind::Json.close(sink);
            }
            _ => self.put_any(sink, members),
        }
    }

    #[inline]
    fn put_any(&self, sink: &mut impl Sink, members: &mut Members) {
        let text = match self {
            Data::None => return,
            Data::Text(text) => *text,
            Data::Json(json) => match json.as_text() {
                Some(text) => text,
                None => {
                    DataKind::Json.open(sink, members);
                    json.put(sink);
                    return DataKind::Json.close(sink);
                }
            },
            Data::Bytes(bytes) => {
                DataKind::Bytes.open(sink, members);
                bytes.put_base64(sink);
                return DataKind::Bytes.close(sink);
            }
        };
        DataKind::Text.open(sink, members);
        write::content(sink, text);
        DataKind::Text.close(sink);
    }
}

/// The kinds of body; see [`Data::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum DataKind {
    /// Text.
    Text,
    /// JSON other than a string.
    Json,
    /// An ArrayBuffer.
    Bytes,
}

impl DataKind {
    /// Returns `text`, `json` or `bytes`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Bytes => "bytes",
        }
    }

    /// Writes what comes before a body of this kind.
    pub(crate) fn open(self, sink: &mut impl Sink, members: &mut Members) {
        match self {
            Self::Bytes => {
                members.key(sink, key!("__nativeBuffers__"));
                sink.put(b"[{\"key\":\"data\",\"base64\":\"");
            }
            Self::Text => {
                members.key(sink, key!("data"));
                sink.put(b"\"");
            }
            Self::Json => members.key(sink, key!("data")),
        }
    }

    /// Writes what comes after a body of this kind.
    pub(crate) fn close(self, sink: &mut impl Sink) {
        match self {
            Self::Text => sink.put(b"\""),
            Self::Json => {}
            Self::Bytes => sink.put(b"\"}]"),
        }
    }
}

impl fmt::Display for DataKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<'a> From<Json<'a>> for Data<'a> {
    /// Converts a JSON string to text and keeps any other value as JSON, which is also what decoding the envelope
    /// gives.
    fn from(json: Json<'a>) -> Self {
        match json.as_text() {
            Some(text) => Data::Text(text),
            None => Data::Json(json),
        }
    }
}

impl<'a> From<Text<'a>> for Data<'a> {
    fn from(text: Text<'a>) -> Self {
        Data::Text(text)
    }
}

impl<'a> From<&'a str> for Data<'a> {
    fn from(text: &'a str) -> Self {
        Data::Text(Text::new(text))
    }
}

impl<'a> From<&'a [u8]> for Data<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Data::Bytes(Bytes::new(bytes))
    }
}

impl PartialEq for Data<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.normal(), other.normal()) {
            (Data::None, Data::None) => true,
            (Data::Text(one), Data::Text(two)) => one == two,
            (Data::Json(one), Data::Json(two)) => one == two,
            (Data::Bytes(one), Data::Bytes(two)) => one == two,
            _ => false,
        }
    }
}

impl Eq for Data<'_> {}
