//! The HTTP request that passes a call to its service (RFC 9112), by the rules of `wx.request`.
//!
//! Knows how `data` is sent, and how a request is written. Knows nothing of who calls, or of which headers pass.

use super::query::{self, Nested, Pairs, Target};
use super::words::{lists, lower_case};
use crate::envelope::data::Data;
use crate::json::plain::Plain;
use crate::json::sink::{Sink, Source};
use crate::json::walk::Kind;
use crate::json::window::Window;
use crate::json::write;
use crate::target::WIDE;
use crate::{Json, Method, Request, Text};

/// A call whose data can be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) request: &'a Request<'a>,
    body: Body<'a>,
    pub(crate) body_len: usize,
}

impl<'a> Message<'a> {
    /// Decides how the data of a call is sent; `None` if it cannot be.
    pub(crate) fn new(request: &'a Request<'a>) -> Option<Self> {
        let body = Body::of(request).filter(|body| body.fits(request))?;
        // By the sink that writes it in a client, so that a firmware has the code once.
        let body_len = Window::measure(|window| body.put(window));
        Some(Self { request, body, body_len })
    }

    /// Returns the message of a call whose data can be sent, with a body of this length.
    pub(crate) fn checked(request: &'a Request<'a>, body_len: usize) -> Self {
        Self { request, body: Body::of(request).unwrap_or(Body::None), body_len }
    }

    /// Writes the target: path and query.
    #[inline(always)]
    pub(crate) fn put_target(&self, sink: &mut impl Sink) {
        Target::new(self.request.path()).put(sink, self.joined());
    }

    /// Returns the target, if it stands in the call as it is written.
    pub(crate) fn target_slice(&self) -> Option<&'a [u8]> {
        match self.joined() {
            Some(json) if Pairs::new(json).next().is_some() => None,
            _ => query::plain_target(self.request.path()),
        }
    }

    /// Returns what is joined to the query.
    #[inline(always)]
    fn joined(&self) -> Option<Json<'a>> {
        if let Body::Query(json) = self.body { Some(json) } else { None }
    }

    /// Writes the request line, and the headers that belong to the connection. The target is the path of the call behind
    /// these parts of a path.
    pub(crate) fn put_start(&self, sink: &mut impl Sink, before: &[Text<'_>], host: &str) {
        sink.put(self.request.method().as_str().as_bytes());
        sink.put(b" ");
        for part in before {
            plain(sink, *part);
        }
        self.put_target(sink);
        sink.put(b" HTTP/1.1\r\n");
        header(sink, Text::new("Host"), Text::new(host));
        sink.put(b"Accept-Encoding: identity\r\n");
        if may_be_taken_for_a_request(self.request) {
            sink.put(b"Connection: close\r\n");
        }
    }

    /// Returns those headers of the call whose names pass, and the content type.
    pub(crate) fn headers<F: Fn(Text<'_>) -> bool + Clone>(
        &self,
        passes: F,
    ) -> impl Iterator<Item = (Text<'a>, Text<'a>)> + Clone + use<'a, F> {
        let headers = self.request.headers();
        let lacks_type = headers.get(CONTENT_TYPE).is_none();
        let content_type = lacks_type.then(|| (Text::new(CONTENT_TYPE), self.request.content_type()));
        headers.iter().filter(move |(name, _)| passes(*name)).chain(content_type)
    }

    /// Returns the length of the body, if it is stated.
    pub(crate) const fn content_length(&self) -> Option<usize> {
        // A method that usually has a body states its length even if there is none (RFC 9110, section 8.6).
        if self.body_len > 0 || matches!(self.request.method(), Method::Post | Method::Put) {
            Some(self.body_len)
        } else {
            None
        }
    }

    /// Writes the rest of the head: the [`headers`](Message::headers), and the length of the body.
    pub(crate) fn put_rest(&self, sink: &mut impl Sink, passes: impl Fn(Text<'_>) -> bool) {
        let headers = self.request.headers();
        for (name, value) in headers.iter().filter(|(name, _)| passes(*name)) {
            header(sink, name, value);
        }
        if headers.get(CONTENT_TYPE).is_none() {
            header(sink, Text::new(CONTENT_TYPE), self.request.content_type());
        }
        if let Some(length) = self.content_length() {
            sink.put(b"Content-Length: ");
            write::integer(sink, i32::try_from(length).unwrap_or(i32::MAX));
            sink.put(b"\r\n");
        }
        sink.put(b"\r\n");
    }

    pub(crate) fn put_body(&self, sink: &mut impl Sink) {
        self.body.put(sink);
    }

    /// Returns the body, if it stands in the call as it is written.
    pub(crate) fn body_slice(&self) -> Option<&'a [u8]> {
        match self.body {
            _ if self.body_len == 0 => Some(&[]),
            Body::None | Body::Query(_) | Body::Form(_) | Body::Data(Data::None) => None,
            Body::Data(Data::Text(text)) => text.as_bytes(),
            Body::Data(Data::Json(json)) => Some(json.as_bytes()).filter(|text| text.len() == self.body_len),
            Body::Data(Data::Bytes(bytes)) => bytes.as_slice(),
        }
    }
}

/// How `data` is sent.
#[derive(Clone, Copy, Debug)]
enum Body<'a> {
    None,
    /// It goes into the query.
    Query(Json<'a>),
    Form(Json<'a>),
    /// It is sent as the body, unchanged.
    Data(Data<'a>),
}

impl<'a> Body<'a> {
    /// Returns how the data of this call is sent, unless it is of a kind that cannot be.
    fn of(request: &Request<'a>) -> Option<Self> {
        let (method, data) = (request.method(), request.data().normal());
        let Data::Json(json) = data else {
            let fits = data.is_empty() || !matches!(method, Method::Get | Method::Head);
            return fits.then_some(Self::Data(data));
        };
        let kind = json.kind();
        let has_pairs = matches!(kind, Some(Kind::Object | Kind::Array));
        match method {
            Method::Get | Method::Head if kind == Some(Kind::Null) => Some(Self::None),
            Method::Get => has_pairs.then_some(Self::Query(json)),
            // An empty object or array has nothing to send.
            Method::Head => {
                let is_empty = has_pairs && query::are_texts(json, Nested::Json) && Pairs::new(json).next().is_none();
                is_empty.then_some(Self::None)
            }
            _ if is_form(request.content_type()) => has_pairs.then_some(Self::Form(json)),
            _ => Some(Self::Data(data)),
        }
    }

    /// Whether it can be sent with this call.
    fn fits(&self, request: &Request<'_>) -> bool {
        match self {
            Self::None | Self::Data(_) => true,
            Self::Query(json) => query::are_texts(*json, Nested::Json) && Target::new(request.path()).can_join(),
            Self::Form(json) => query::are_texts(*json, Nested::String),
        }
    }

    fn put(&self, sink: &mut impl Sink) {
        match self {
            Self::None | Self::Query(_) | Self::Data(Data::None) => {}
            Self::Form(json) => query::put_form(sink, *json),
            // In parts, it takes 500 bytes of a Cortex-M3 more, which has hardly any escapes to send.
            Self::Data(Data::Text(text)) if WIDE => sink.put_long(Plain(*text)),
            Self::Data(Data::Text(text)) => plain(sink, *text),
            Self::Data(Data::Json(json)) => json.put(sink),
            Self::Data(Data::Bytes(bytes)) => bytes.for_each_chunk(|chunk| sink.put(chunk)),
        }
    }
}

pub(crate) const CONTENT_TYPE: &str = "content-type";

/// Whether a call has a body that its service might leave unread and then mistake for the next request on the
/// connection, with whatever identity that claims. Such a request must be the last one on its connection: the writer
/// tells the service, and the reader tells the owner of the connection.
///
/// A service may leave any body unread; Python's `http.server` does, unless a handler asks for it. With `OPTIONS` and
/// `DELETE` hardly any handler does. With the other methods it depends on what the body can be mistaken for. Text and
/// bytes may be exactly a request, or the beginning of one, which the next call would complete, with the identity of
/// its caller. JSON and forms do not begin with a method and contain no line break, so they can only cause an error. If
/// the service rejected the call, as it usually does in this case, the reader makes sure that the error does not become
/// the answer to the next call. `GET` and `HEAD` have no body.
pub(crate) fn may_be_taken_for_a_request(request: &Request<'_>) -> bool {
    if matches!(request.method(), Method::Get | Method::Head) {
        return false;
    }
    match request.data().normal() {
        Data::None => false,
        Data::Text(text) => !text.is_empty(),
        Data::Json(_) => matches!(request.method(), Method::Options | Method::Delete),
        Data::Bytes(bytes) => !bytes.is_empty(),
    }
}

/// Whether a call has data that is sent as a body. A service that rejects it may leave it unread, whatever it is.
pub(crate) fn may_be_left_unread(request: &Request<'_>) -> bool {
    !matches!(request.method(), Method::Get | Method::Head) && !request.data().is_empty()
}

/// Whether a content type is that of forms, whatever its parameters.
fn is_form(content_type: Text<'_>) -> bool {
    let end = content_type.char_indices().find(|(_, character)| *character == ';').map(|(at, _)| at);
    let media_type = content_type.part(0..end.unwrap_or(content_type.as_raw().len())).unwrap_or_default();
    lists(media_type, Text::new("application/x-www-form-urlencoded"), lower_case)
}

/// Writes a header.
pub(crate) fn header(sink: &mut impl Sink, name: Text<'_>, value: Text<'_>) {
    plain(sink, name);
    sink.put(b": ");
    plain(sink, value);
    sink.put(b"\r\n");
}

/// Writes a text as it is.
// Inlined everywhere, it takes 412 bytes more flash on a Cortex-M3.
#[inline(never)]
fn plain(sink: &mut impl Sink, text: Text<'_>) {
    Plain(text).put_all(sink);
}
