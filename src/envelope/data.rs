//! What an envelope carries: nothing, text, JSON or bytes.

use super::members::{Members, key};
use super::parameters::{DataType, ResponseType};
use crate::base64;
use crate::error::{Error, ErrorKind};
use crate::json::Json;
use crate::json::sink::{Sink, SliceSink};
use crate::json::text::{Segment, Text};
use crate::json::write;
use core::fmt;

/// The body of a call or of its answer.
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
    /// Any other JSON value, as it stands in the envelope. (A JSON string is encoded too; it comes back as text.)
    Json(Json<'a>),
    /// An ArrayBuffer, which travels in `__nativeBuffers__`.
    Bytes(Bytes<'a>),
}

impl<'a> Data<'a> {
    /// What the platform makes of the bytes that a service returns: bytes for `arraybuffer`; otherwise JSON if
    /// `data_type` asks for it and the text parses, and text if not. One leading byte order mark is removed from text.
    ///
    /// A JSON string becomes the text that it stands for. One with half of a surrogate pair stands for none, so the body
    /// is the text, its quotes and escapes included.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidUtf8`] when the body is to be text and is not UTF-8; the offset is that in `body`.
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
        core::str::from_utf8(text)
            .map(Data::from)
            .map_err(|error| Error::new(ErrorKind::InvalidUtf8, mark.saturating_add(error.valid_up_to())))
    }

    /// Length in bytes: of the decoded text, of the JSON as it stands, of the decoded bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Data::None => 0,
            Data::Text(text) => text.decoded_len(),
            Data::Json(json) => json.as_bytes().len(),
            Data::Bytes(bytes) => bytes.decoded_len(),
        }
    }

    /// Whether [`len`](Data::len) is 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The kind of body, if there is one.
    #[must_use]
    pub const fn kind(&self) -> Option<DataKind> {
        match self {
            Data::None => None,
            Data::Text(_) => Some(DataKind::Text),
            Data::Json(_) => Some(DataKind::Json),
            Data::Bytes(_) => Some(DataKind::Bytes),
        }
    }

    /// The same with a JSON string as text, whichever way it was made.
    pub(crate) fn normal(&self) -> Self {
        if let Data::Json(json) = self { Data::from(*json) } else { *self }
    }

    /// Writes the member of the envelope that holds it.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn put(&self, sink: &mut impl Sink, members: &mut Members) {
        match self {
            // Most are such, and say so at once.
            Data::Json(json) if cfg!(target_pointer_width = "64") && json.is_collection() => {
                DataKind::Json.open(sink, members);
                json.put(sink);
                DataKind::Json.close(sink);
            }
            _ => self.put_any(sink, members),
        }
    }

    #[cfg_attr(target_pointer_width = "64", inline(never))]
    #[cfg_attr(not(target_pointer_width = "64"), inline)]
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

/// The kinds of a body; see [`Data::kind`].
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
    /// `text`, `json` or `bytes`.
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

    /// Writes what comes after it.
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
    /// A JSON string becomes text, any other value stays JSON: what decoding the envelope would give.
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

/// Bytes, as they are or as the base64 of an envelope.
///
/// ```
/// use callcontainer::Bytes;
///
/// let bytes = Bytes::from_base64("efvPNA==").unwrap();
/// assert_eq!(bytes.decoded_len(), 4);
/// assert_eq!(bytes.decode(&mut [0; 4]).unwrap(), [0x79, 0xfb, 0xcf, 0x34]);
/// assert_eq!(bytes, Bytes::new(&[0x79, 0xfb, 0xcf, 0x34]));
/// ```
#[derive(Clone, Copy)]
pub struct Bytes<'a>(Form<'a>);

#[derive(Clone, Copy)]
enum Form<'a> {
    Plain(&'a [u8]),
    Base64(Text<'a>),
}

impl<'a> Bytes<'a> {
    /// Bytes as they are.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(Form::Plain(bytes))
    }

    /// Bytes in base64: the standard alphabet, with padding (RFC 4648, section 4).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidBase64`] at the first byte that is wrong; bits that stand for no byte must be zero.
    pub fn from_base64(text: &'a str) -> Result<Self, Error> {
        let mut decoder = base64::Decoder::NEW;
        let wrong = |at| Error::new(ErrorKind::InvalidBase64, at);
        decoder.check(text.as_bytes()).map_err(wrong)?;
        if decoder.is_complete() { Ok(Self(Form::Base64(Text::new(text)))) } else { Err(wrong(text.len())) }
    }

    /// Base64 that has been validated.
    pub(crate) const fn from_span(base64: Text<'a>) -> Self {
        Self(Form::Base64(base64))
    }

    /// The base64 as it stands in the envelope, where it came from one.
    #[must_use]
    pub const fn as_base64(&self) -> Option<Text<'a>> {
        match self.0 {
            Form::Plain(_) => None,
            Form::Base64(text) => Some(text),
        }
    }

    /// The bytes themselves, when they are not in base64.
    #[must_use]
    pub const fn as_slice(&self) -> Option<&'a [u8]> {
        match self.0 {
            Form::Plain(bytes) => Some(bytes),
            Form::Base64(_) => None,
        }
    }

    /// Writes the bytes into `buffer` and returns what was written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when `buffer` is shorter than [`decoded_len`](Bytes::decoded_len).
    pub fn decode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        self.for_each_chunk(|bytes| sink.put(bytes));
        sink.finish()
    }

    /// The exact number of bytes, known without decoding them.
    #[must_use]
    pub fn decoded_len(&self) -> usize {
        match self.0 {
            Form::Plain(bytes) => bytes.len(),
            Form::Base64(text) => {
                // Every group of four symbols is three bytes, less one for each sign of padding, which stands last
                // but may be escaped.
                let symbols = text.decoded_len();
                let padding = match text.as_bytes() {
                    Some(raw) => raw.iter().rev().take_while(|byte| **byte == b'=').count(),
                    None => text.bytes().filter(|symbol| *symbol == b'=').count(),
                };
                (symbols / 4).saturating_mul(3).saturating_sub(padding)
            }
        }
    }

    /// Hands out the bytes a few at a time.
    pub(crate) fn for_each_chunk(&self, mut chunk: impl FnMut(&[u8])) {
        match self.0 {
            Form::Plain(bytes) => chunk(bytes),
            Form::Base64(text) => {
                let mut decoder = base64::Decoder::NEW;
                for segment in text.segments() {
                    let mut utf8 = [0; 4];
                    let run = match &segment {
                        Segment::Run(run) => run,
                        Segment::Char(character) => character.encode_utf8(&mut utf8).as_bytes(),
                    };
                    // It has been validated, so it cannot fail.
                    let _ = decoder.decode(run, &mut chunk);
                }
            }
        }
    }

    fn put_base64(&self, sink: &mut impl Sink) {
        match self.0 {
            Form::Plain(bytes) => sink.put_long(base64::Encoded(bytes)),
            Form::Base64(text) => write::content(sink, text),
        }
    }
}

impl<'a> From<&'a [u8]> for Bytes<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::new(bytes)
    }
}

impl PartialEq for Bytes<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Form::Plain(one), Form::Plain(two)) => one == two,
            // Base64 is read strictly, so equal bytes have equal texts.
            (Form::Base64(one), Form::Base64(two)) => one == two,
            (Form::Plain(bytes), Form::Base64(_)) => other.equals(bytes),
            (Form::Base64(_), Form::Plain(bytes)) => self.equals(bytes),
        }
    }
}

impl Bytes<'_> {
    fn equals(&self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        let mut same = true;
        self.for_each_chunk(|chunk| match rest.strip_prefix(chunk) {
            Some(after) => rest = after,
            None => same = false,
        });
        same && rest.is_empty()
    }
}

impl Eq for Bytes<'_> {}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Form::Plain(bytes) => write!(f, "Bytes({bytes:02x?})"),
            Form::Base64(text) => write!(f, "Bytes({text:?})"),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Bytes<'_> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        match self.0 {
            Form::Plain(bytes) => defmt::write!(fmt, "{=[u8]:02x}", bytes),
            Form::Base64(text) => defmt::write!(fmt, "{}", text),
        }
    }
}
