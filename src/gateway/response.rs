//! The reply to a call, made from the HTTP response of its service.
//!
//! Knows the members of a reply and their order. Knows nothing of how the response arrived.

use super::refusal::Refusal;
use crate::Text;
use crate::envelope::members::{Members, key};
use crate::envelope::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::http::HttpError;
use crate::http::fields::{Fields, is_coded};
use crate::http::text::Body;
use crate::json::sink::{Sink, SliceSink};
use crate::limits::REPLY_LIMIT;

/// The HTTP response of a service as the reply to a call, created by an [`HttpReader`](super::HttpReader).
///
/// - The status becomes `statusCode`, whatever it is.
/// - Headers keep their order and the letter case of their names. Those with the same name are combined, their values
///   in order and joined by `, ` (RFC 9110, section 5.3). Each `Set-Cookie` becomes a text of `cookies` rather than a
///   header, since joined values that contain commas cannot be separated again. Headers about the connection or the
///   framing are left out: `Connection` and up to 16 of those that it lists, `Keep-Alive`, `Transfer-Encoding`, `TE`,
///   `Trailer`, `Upgrade` and all that begin with `Proxy-`. `Content-Length` passes: it gives the length of the body in
///   transit, and with `HEAD` nothing else does. A repeated one is written once.
/// - The body becomes `data` according to the `dataType` and `responseType` of the call, as in [`Data::from_body`]. An
///   empty body is an empty text, or no bytes, as in `wx.request`. JSON that an envelope cannot hold stays text: nested
///   too deep, or a string that contains half of a surrogate pair.
/// - Invalid UTF-8 in text, in a header or in a cookie is replaced by U+FFFD as in a browser, before text is
///   interpreted as JSON.
///
/// The envelope is byte for byte what [`Reply::encode`](crate::Reply::encode) writes for the same reply.
///
/// [`Data::from_body`]: crate::Data::from_body
#[derive(Clone, Copy, Debug)]
pub struct HttpResponse<'a> {
    status: u16,
    head: &'a [u8],
    body: Body<'a>,
    call_id: Option<Text<'a>>,
    encoded_len: usize,
}

impl<'a> HttpResponse<'a> {
    /// Creates a response with this status from a head that has been read, and a body.
    ///
    /// # Errors
    /// See [`HttpReader::finish`](super::HttpReader::finish).
    pub(super) fn new(status: u16, head: &'a [u8], body: Body<'a>, call_id: Option<Text<'a>>) -> Result<Self, Refusal> {
        let call_id = call_id.filter(|call_id| Rule::Name.check_text(*call_id).is_ok());
        let mut response = Self { status, head, body, call_id, encoded_len: 0 };
        let mut fields = Fields::of(head);
        let fields = fields.read();
        fields.check().map_err(Refusal::of_reply)?;
        if is_coded(head) && body.is_text() {
            return Err(Refusal::of_response(HttpError::Coded));
        }
        let mut length = SliceSink::default();
        response.put(&mut length, fields);
        response.encoded_len = length.len_within(REPLY_LIMIT, ErrorKind::ReplyTooLarge)?;
        Ok(response)
    }

    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the exact number of bytes that [`encode`](HttpResponse::encode) writes: at most [`REPLY_LIMIT`].
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        self.encoded_len
    }

    /// Writes the reply envelope into `buffer` and returns the bytes written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when `buffer` is shorter than [`encoded_len`](HttpResponse::encoded_len).
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        self.put(&mut sink, Fields::of(self.head).read());
        sink.finish()
    }

    /// Writes the members in the order of a reply.
    fn put(&self, sink: &mut impl Sink, fields: &Fields<'_>) {
        let mut members = Members::new();
        members.integer(sink, key!("statusCode"), i32::from(self.status));
        fields.put(sink, &mut members);
        members.string_if(sink, key!("callID"), self.call_id.as_ref());
        self.body.put(sink, &mut members);
        members.end(sink);
    }
}
