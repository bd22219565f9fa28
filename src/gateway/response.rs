//! The reply to a call, made from the HTTP response of its service.
//!
//! Knows the members of a reply and their order. Knows nothing of how the response arrived.

use super::generated::Chunks;
use super::refusal::Refusal;
use crate::envelope::members::{Members, key};
use crate::envelope::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::http::HttpError;
use crate::http::fields::{Fields, check_lines, is_coded};
use crate::http::lines::{HeadLines, Line};
use crate::http::text::{Body, is_text};
use crate::json::sink::{Sink, SliceSink};
use crate::limits::REPLY_LIMIT;
use crate::{DataType, Method, Request, ResponseType, Text};

/// The HTTP response of a service as the reply to a call: created by an [`HttpReader`](super::HttpReader), or
/// [from its parts](HttpResponse::from_parts), which any HTTP stack may have received.
///
/// `H` are the headers.
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
pub struct HttpResponse<'a, H = HeadLines<'a>> {
    status: u16,
    headers: H,
    body: Body<'a>,
    call_id: Option<Text<'a>>,
    encoded_len: usize,
}

/// What a call wants its body to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    is_json: bool,
    response_type: ResponseType,
}

impl Wanted {
    pub(super) fn by(call: &Request<'_>) -> Self {
        Self { is_json: call.data_type().as_text() == "json", response_type: call.response_type() }
    }
}

impl<'a, H, N, V> HttpResponse<'a, H>
where
    H: IntoIterator<Item = (&'a N, &'a V)> + Clone,
    N: AsRef<[u8]> + ?Sized + 'a,
    V: AsRef<[u8]> + ?Sized + 'a,
{
    /// Creates the reply to this call from the parts of a complete response: its status, its headers in order, and its
    /// body without any framing. An ID that is not a valid `callID` is left out.
    ///
    /// The headers are gone through several times, so they are cloned, and should be as cheap to clone as a reference.
    /// They have names in any letter case, and values that may have white space around them. None of them are pseudo-header
    /// fields such as `:status` (RFC 9113, section 8.3). What they say of the framing is checked all the same, because an
    /// [`HttpReader`](super::HttpReader) would have refused a response that contradicts itself.
    ///
    /// Nothing has been decoded that the headers still announce: a stack that decodes gzip must remove the header that
    /// says so, and `Content-Length`.
    ///
    /// ```
    /// use callcontainer::Request;
    /// use callcontainer::gateway::HttpResponse;
    ///
    /// let call = Request::new("/").with_env("prod-01").with_call_id("17-0.5");
    /// let headers = [("x-a", "7"), ("set-cookie", "b=8"), ("connection", "close")];
    /// let response = HttpResponse::from_parts(&call, 200, headers, br#"{"id": 7}"#, call.call_id()).unwrap();
    /// assert_eq!(
    ///     response.encode(&mut [0; 128])?,
    ///     br#"{"statusCode":200,"header":{"x-a":"7"},"cookies":["b=8"],"callID":"17-0.5","data":{"id":7}}"#,
    /// );
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::RESPONSE_TOO_LARGE`](crate::ErrorCode::RESPONSE_TOO_LARGE) when the envelope would be longer than
    /// [`REPLY_LIMIT`]. [`ErrorCode::CLOUD_SYSTEM_ERROR`](crate::ErrorCode::CLOUD_SYSTEM_ERROR) for whatever
    /// [`HttpReader::finish`](super::HttpReader::finish) refuses, and with one of these as
    /// [`http_error`](Refusal::http_error): [`HttpError::Head`] for a status that is not from 200 to 999, a name that is
    /// no token, or a control character in a value; [`HttpError::Switched`] for 101; [`HttpError::TooManyHeaders`] for
    /// more than 128 headers; [`HttpError::Length`] when `Content-Length` states another length than that of the body,
    /// or is there together with `Transfer-Encoding`, when that is not `chunked`, or when there is a body after a `HEAD`
    /// or with status 204 or 304.
    pub fn from_parts(
        call: &Request<'_>,
        status: u16,
        headers: H,
        body: &'a [u8],
        call_id: Option<Text<'a>>,
    ) -> Result<Self, Refusal> {
        let bodiless = call.method() == Method::Head || matches!(status, 204 | 304);
        let checked = match status {
            200..=999 => check_lines(lines(&headers), body.len(), bodiless),
            101 => Err(HttpError::Switched),
            _ => Err(HttpError::Head),
        };
        checked.map_err(Refusal::of_response)?;
        Self::new(Wanted::by(call), status, headers, body, call_id)
    }

    /// Creates a response from parts that have been checked.
    ///
    /// # Errors
    /// See [`HttpReader::finish`](super::HttpReader::finish).
    pub(super) fn new(
        wanted: Wanted,
        status: u16,
        headers: H,
        body: &'a [u8],
        call_id: Option<Text<'a>>,
    ) -> Result<Self, Refusal> {
        let data_type = if wanted.is_json { DataType::Json } else { DataType::Other(Text::default()) };
        let is_text = is_text(body, wanted.response_type);
        let body = Body::new(body, data_type, wanted.response_type);
        let call_id = call_id.filter(|call_id| Rule::Name.check_text(*call_id).is_ok());
        let mut response = Self { status, headers: headers.clone(), body, call_id, encoded_len: 0 };
        let mut fields = Fields::of(|| lines(&headers));
        let fields = fields.read();
        fields.check().map_err(Refusal::of_reply)?;
        if is_coded(lines(&headers)) && is_text {
            return Err(Refusal::of_response(HttpError::Coded));
        }
        let mut length = SliceSink::default();
        response.put(&mut length, fields);
        response.encoded_len = length.len_within(REPLY_LIMIT, ErrorKind::ReplyTooLarge)?;
        Ok(response)
    }

    /// Writes the reply envelope into `buffer` and returns the bytes written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] when `buffer` is shorter than [`encoded_len`](HttpResponse::encoded_len).
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        self.put(&mut sink, Fields::of(|| lines(&self.headers)).read());
        sink.finish()
    }

    /// Passes the bytes of the reply envelope to `chunk` in order, in pieces of any size, even none. A body that stands in
    /// the envelope as it came is one piece, and is that of the response itself, so that it can be sent from where it is.
    ///
    /// ```
    /// use callcontainer::Request;
    /// use callcontainer::gateway::HttpResponse;
    ///
    /// let call = Request::new("/").with_env("prod-01");
    /// let (headers, body) = ([("x-a", "7")], br#"{"id":7}"#);
    /// let response = HttpResponse::from_parts(&call, 200, headers, body, None).unwrap();
    /// let (mut envelope, mut shared) = (Vec::new(), 0);
    /// response.for_each_chunk(|chunk| {
    ///     shared += usize::from(std::ptr::eq(chunk, body));
    ///     envelope.extend_from_slice(chunk);
    /// });
    /// assert_eq!(envelope, br#"{"statusCode":200,"header":{"x-a":"7"},"data":{"id":7}}"#);
    /// assert_eq!(shared, 1);
    /// ```
    pub fn for_each_chunk(&self, chunk: impl FnMut(&[u8])) {
        self.put(&mut Chunks(chunk), Fields::of(|| lines(&self.headers)).read());
    }

    /// Writes the members in the order of a reply.
    fn put<L: Iterator<Item = Line<'a>>>(&self, sink: &mut impl Sink, fields: &Fields<impl Fn() -> L>) {
        let mut members = Members::new();
        members.integer(sink, key!("statusCode"), i32::from(self.status));
        fields.put(sink, &mut members);
        members.string_if(sink, key!("callID"), self.call_id.as_ref());
        self.body.put(sink, &mut members);
        members.end(sink);
    }
}

impl<H> HttpResponse<'_, H> {
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
}

/// Returns the headers as lines.
fn lines<'a, H, N, V>(headers: &H) -> impl Iterator<Item = Line<'a>> + use<'a, H, N, V>
where
    H: IntoIterator<Item = (&'a N, &'a V)> + Clone,
    N: AsRef<[u8]> + ?Sized + 'a,
    V: AsRef<[u8]> + ?Sized + 'a,
{
    headers.clone().into_iter().map(|(name, value)| Line::new(name.as_ref(), value.as_ref()))
}
