//! The HTTP request that a service receives for a call (RFC 9112), safe from anything that the caller might smuggle in.
//!
//! Knows which headers pass, how `data` is sent, and how a request is written. Knows nothing of connections.

use super::access::Permission;
use super::caller::Caller;
use super::identity::{identity_headers, lists, lower_case};
use super::protected::{fold, is_protected};
use super::query::{self, Nested, Pairs, Target};
use super::refusal::Refusal;
use crate::envelope::data::DataKind;
use crate::envelope::header_names::eq_ignore_case;
use crate::envelope::layout::Layout;
use crate::envelope::rules::Rule;
use crate::error::Error;
use crate::json::sink::{Sink, SliceSink};
use crate::json::walk::Kind;
use crate::json::window::Window;
use crate::stream::Encoder;
use crate::{Data, ErrorCode, Json, Method, Request, Text};

/// The HTTP/1.1 request that passes a call to its service.
///
/// # How `data` is sent
///
/// By the rules of `wx.request`:
///
/// - Text and bytes are sent as they are.
/// - With `GET`, the members of an object are added to the query, and so are the elements of an array, with their
///   indexes as names. Objects and arrays inside become JSON text first.
/// - With the content type of a form, the same pairs are the body. Objects and arrays inside are converted as by
///   JavaScript's `String(value)`, so `[1,[2,null]]` becomes `1,2,` and an object `[object Object]`. Numbers stay as
///   they are written in the envelope, where `JSON.stringify` writes them as `String` does.
/// - Otherwise JSON is sent as JSON.
/// - `GET` and `HEAD` never have a body: text and bytes are refused with either, and JSON with `HEAD`. `null` counts as
///   no data there, and so do empty text and no bytes.
///
/// # Which headers reach the service
///
/// All of the caller's headers except the following. Names are compared without regard to letter case, and all bytes
/// other than letters and digits count as the same: so a service that folds names, as CGI does, sees none of them in
/// another spelling.
///
/// - Headers that identify the caller, which only the gateway may set. These are every `X-WX-*`, and those that give an
///   address of the caller: all that begin with `X-Forwarded-` or `X-Envoy-`; all that end with `Client-IP` (so
///   `X-Client-IP`, `True-Client-IP`, `Akamai-Client-IP`, `Proxy-Client-IP`, `WL-Proxy-Client-IP`,
///   `X-Cluster-Client-IP` and `Fastly-Client-IP` too), `ClientIP`, `Connecting-IP`, `Connecting-IPv6`,
///   `Connection-IP`, `Forwarded`, `Forwarded-For`, `Originating-IP`, `Real-IP`, `Remote-Addr`, `Remote-IP`, `SocketIP`
///   or `User-IP`; `CDN-Src-IP`, `CF-Pseudo-IPv4` and `CloudFront-Viewer-Address`. Also `Proxy`, which many programs
///   take for the proxy to use ([httpoxy](https://httpoxy.org)).
/// - Headers about the caller's own connection (RFC 9110, section 7.6.1) or the framing: `Connection` and the headers
///   it lists (except the content type), `Keep-Alive`, `Proxy-Connection`, `Proxy-Authenticate`, `Proxy-Authorization`,
///   `TE`, `Trailer`, `Transfer-Encoding`, `Upgrade`, `HTTP2-Settings`, `Content-Length`, `Expect` and `Host`.
/// - `Accept-Encoding`: nothing decodes the answer, so `identity` is requested. Also `Referer`, which no call may set.
///
/// # The connection
///
/// `Connection: close` is sent with a body that the service might leave unread and then mistake for another request:
/// any body with `OPTIONS` and `DELETE`, and text and bytes with `POST` and `PUT`. JSON and forms do not begin like a
/// request and contain no raw line break, so they cannot be mistaken for one. Still, if the service rejects a call with
/// a body (status 400 and above), [`HttpReader::keeps_alive`](super::HttpReader::keeps_alive) says that the connection
/// must not be used again.
///
/// ```
/// use callcontainer::gateway::{Caller, Env, HttpRequest, Permission, Relation};
/// use callcontainer::{Json, Request};
///
/// let env = Env::new("prod-01", "WXAAA", &["shop"]).with_public(true);
/// let permission = Permission::new(&env, "shop", Relation::Public);
/// let request = Request::new("/orders?page=2").with_env("prod-01").with_data(Json::new(r#"{"size":"a b"}"#)?.into());
/// let http = HttpRequest::new(&request, &permission, None, "shop.internal").unwrap();
/// let mut buffer = [0; 128];
/// assert_eq!(
///     http.encode(&mut buffer)?,
///     b"GET /orders?page=2&size=a%20b HTTP/1.1\r\n\
///       Host: shop.internal\r\n\
///       Accept-Encoding: identity\r\n\
///       content-type: application/json\r\n\r\n",
/// );
/// # Ok::<(), callcontainer::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HttpRequest<'a> {
    request: &'a Request<'a>,
    permission: &'a Permission<'a>,
    caller: Option<&'a Caller<'a>>,
    host: &'a str,
    body: Body<'a>,
    body_len: usize,
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

impl<'a> HttpRequest<'a> {
    /// Creates the request for a call that is allowed; `host` is the value of the header `Host`.
    ///
    /// # Errors
    /// Those of decoding the request, if it was built rather than decoded. [`ErrorCode::INVALID_METHOD`] for `CONNECT`
    /// and `TRACE`, which are not for services. [`ErrorCode::ILLEGAL_PARAMETER`] for data that cannot be sent: with
    /// `GET`, text or bytes, a number or a boolean, or any data together with more than 64 pairs in the path; with
    /// `HEAD`, any that is not empty; in a form, anything other than an object or array; in a query or form, half of a
    /// surrogate pair in a name or string, for which `encodeURIComponent` throws. [`ErrorCode::CLOUD_SYSTEM_ERROR`]
    /// when the host, the environment or the caller contain something that a header must not.
    pub fn new(
        request: &'a Request<'a>,
        permission: &'a Permission<'a>,
        caller: Option<&'a Caller<'a>>,
        host: &'a str,
    ) -> Result<Self, Refusal> {
        if matches!(request.method(), Method::Connect | Method::Trace) {
            return Err(refuse(ErrorCode::INVALID_METHOD));
        }
        // A decoded request has been checked; one that was built has not.
        request.check()?;
        let ours = identity_headers(request, permission, caller).map(|(_, value)| value);
        if ours.chain([host]).any(|value| Rule::HeaderValue.check_text(Text::new(value)).is_err()) {
            return Err(refuse(ErrorCode::CLOUD_SYSTEM_ERROR));
        }
        let body = body(request).ok_or(refuse(ErrorCode::ILLEGAL_PARAMETER))?;
        let mut length = SliceSink::default();
        body.put(&mut length);
        Ok(Self { request, permission, caller, host, body, body_len: length.len() })
    }

    /// Returns the exact number of bytes that [`encode`](HttpRequest::encode) writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        let mut sink = SliceSink::default();
        self.put(&mut sink);
        sink.len()
    }

    /// Writes head and body into `buffer` and returns the bytes written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`](crate::ErrorKind::BufferTooSmall) when `buffer` is shorter than
    /// [`encoded_len`](HttpRequest::encoded_len).
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        self.put(&mut sink);
        sink.finish()
    }

    /// Writes head and body through a window of `W` bytes, at least 64: with [`step`](Encoder::step), or, with the
    /// feature `embedded-io-v0_7`, to any writer with `write_to` and `write_to_async`. The length and the bytes are
    /// those of [`encoded_len`](HttpRequest::encoded_len) and [`encode`](HttpRequest::encode).
    ///
    /// Each time the window is full, the request is generated again up to that point. So a larger window means less
    /// work: 512 bytes are enough for a slow line, a few KiB are better on a gateway's network.
    ///
    /// ```
    /// # use callcontainer::gateway::{Env, HttpRequest, Permission, Relation};
    /// # use callcontainer::Request;
    /// use callcontainer::stream::EncodeStep;
    ///
    /// # let env = Env::new("prod-01", "WXAAA", &["shop"]).with_public(true);
    /// # let permission = Permission::new(&env, "shop", Relation::Public);
    /// # let request = Request::new("/orders").with_env("prod-01");
    /// let http = HttpRequest::new(&request, &permission, None, "shop.internal").unwrap();
    /// let mut encoder = http.encoder::<64>();
    /// let mut wire = Vec::new();
    /// while let EncodeStep::Write(bytes) = encoder.step()? {
    ///     wire.push(bytes[0]); // a slow line: it took one byte
    ///     encoder.wrote(1);
    /// }
    /// assert_eq!(wire.len(), http.encoded_len());
    /// assert!(wire.starts_with(b"GET /orders HTTP/1.1\r\nHost: shop.internal\r\n"));
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    #[must_use]
    pub fn encoder<const W: usize>(&self) -> Encoder<'_, W> {
        Encoder::unlimited(self)
    }

    fn put(&self, sink: &mut impl Sink) {
        sink.put(self.request.method().as_str().as_bytes());
        sink.put(b" ");
        let joined = if let Body::Query(json) = self.body { Some(json) } else { None };
        Target::new(self.request.path()).put(sink, joined);
        sink.put(b" HTTP/1.1\r\n");
        header(sink, Text::new("Host"), Text::new(self.host));
        sink.put(b"Accept-Encoding: identity\r\n");
        if may_be_taken_for_a_request(self.request) {
            sink.put(b"Connection: close\r\n");
        }
        for (name, value) in identity_headers(self.request, self.permission, self.caller) {
            header(sink, Text::new(name), Text::new(value));
        }
        let headers = self.request.headers();
        let connection = headers.get("connection").filter(|list| list.as_raw().len() <= CONNECTION);
        for (name, value) in headers.iter().filter(|(name, _)| passes(*name, connection)) {
            header(sink, name, value);
        }
        if headers.get(CONTENT_TYPE).is_none() {
            header(sink, Text::new(CONTENT_TYPE), self.request.content_type());
        }
        // A method that usually has a body states its length even if there is none (RFC 9110, section 8.6).
        if self.body_len > 0 || matches!(self.request.method(), Method::Post | Method::Put) {
            sink.put(b"Content-Length: ");
            crate::json::write::integer(sink, i32::try_from(self.body_len).unwrap_or(i32::MAX));
            sink.put(b"\r\n");
        }
        sink.put(b"\r\n");
        self.body.put(sink);
    }
}

impl Body<'_> {
    fn put(&self, sink: &mut impl Sink) {
        match self {
            Self::None | Self::Query(_) | Self::Data(Data::None) => {}
            Self::Form(json) => query::put_form(sink, *json),
            Self::Data(Data::Text(text)) => text.segments().for_each(|segment| segment.put(sink)),
            Self::Data(Data::Json(json)) => json.put(sink),
            Self::Data(Data::Bytes(bytes)) => bytes.for_each_chunk(|chunk| sink.put(chunk)),
        }
    }
}

impl Layout for HttpRequest<'_> {
    /// The body of an HTTP request is never supplied separately.
    fn has_data(&self) -> bool {
        true
    }

    fn put(&self, window: &mut Window<'_>, _: Option<DataKind>) {
        HttpRequest::put(self, window);
    }
}

const CONTENT_TYPE: &str = "content-type";

/// The longest `Connection` header whose list is examined. It is examined once for each header.
const CONNECTION: usize = 512;

fn refuse(code: ErrorCode) -> Refusal {
    Refusal::new(code, code.message().unwrap_or_default())
}

/// Returns how `data` is sent, unless it cannot be.
fn body<'a>(request: &Request<'a>) -> Option<Body<'a>> {
    let (method, data) = (request.method(), request.data().normal());
    let Data::Json(json) = data else {
        let fits = data.is_empty() || !matches!(method, Method::Get | Method::Head);
        return fits.then_some(Body::Data(data));
    };
    let kind = json.kind();
    let has_pairs = matches!(kind, Some(Kind::Object | Kind::Array));
    match method {
        Method::Get | Method::Head if kind == Some(Kind::Null) => Some(Body::None),
        Method::Get => {
            let fits = has_pairs && query::are_texts(json, Nested::Json) && Target::new(request.path()).can_join();
            fits.then_some(Body::Query(json))
        }
        // An empty object or array has nothing to send.
        Method::Head => {
            let is_empty = has_pairs && query::are_texts(json, Nested::Json) && Pairs::new(json).next().is_none();
            is_empty.then_some(Body::None)
        }
        _ if is_form(request.content_type()) => {
            (has_pairs && query::are_texts(json, Nested::String)).then_some(Body::Form(json))
        }
        _ => Some(Body::Data(data)),
    }
}

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
pub(super) fn may_be_taken_for_a_request(request: &Request<'_>) -> bool {
    if matches!(request.method(), Method::Get | Method::Head) {
        return false;
    }
    match request.data().normal() {
        Data::None => false,
        Data::Text(text) => !text.is_empty(),
        Data::Json(_) => matches!(request.method(), Method::Options | Method::Delete),
        Data::Bytes(bytes) => bytes.decoded_len() > 0,
    }
}

/// Whether a content type is that of forms, whatever its parameters.
fn is_form(content_type: Text<'_>) -> bool {
    let end = content_type.char_indices().find(|(_, character)| *character == ';').map(|(at, _)| at);
    let media_type = content_type.part(0..end.unwrap_or(content_type.as_raw().len())).unwrap_or_default();
    lists(media_type, Text::new("application/x-www-form-urlencoded"), lower_case)
}

fn header(sink: &mut impl Sink, name: Text<'_>, value: Text<'_>) {
    name.segments().for_each(|segment| segment.put(sink));
    sink.put(b": ");
    value.segments().for_each(|segment| segment.put(sink));
    sink.put(b"\r\n");
}

/// Whether a header of the caller reaches the service.
fn passes(name: Text<'_>, connection: Option<Text<'_>>) -> bool {
    // The caller may say what else concerns its own connection. The type of the body does not.
    let nominated =
        connection.is_some_and(|list| lists(list, name, fold)) && !eq_ignore_case(name, Text::new(CONTENT_TYPE));
    !nominated && !is_protected(name)
}
