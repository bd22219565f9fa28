//! The HTTP request that a service receives for a call (RFC 9112), safe from anything that the caller might smuggle in.
//!
//! Knows which headers pass, and where the identity of the caller stands. Knows nothing of connections.

use super::access::Permission;
use super::caller::Caller;
use super::generated::HttpBytes;
use super::identity::identity_headers;
use super::refusal::Refusal;
use crate::envelope::data::DataKind;
use crate::envelope::header_names::eq_ignore_case;
use crate::envelope::layout::Layout;
use crate::envelope::rules::Rule;
use crate::error::Error;
use crate::http::protected::{fold, is_protected};
use crate::http::request::{CONTENT_TYPE, Message, header, may_be_left_unread, may_be_taken_for_a_request};
use crate::http::words::lists;
use crate::json::sink::{Sink, SliceSink};
use crate::json::window::Window;
use crate::stream::Encoder;
use crate::{ErrorCode, Method, Request, Text};

/// The HTTP request that passes a call to its service: in its parts, for any HTTP stack, or as HTTP/1.1.
///
/// The parts are [`method`](HttpRequest::method), [`host`](HttpRequest::host), [`target`](HttpRequest::target),
/// [`headers`](HttpRequest::headers), [`content_length`](HttpRequest::content_length) and [`body`](HttpRequest::body).
/// [`encode`](HttpRequest::encode) and [`encoder`](HttpRequest::encoder) write them as HTTP/1.1. With the feature
/// `http-v1`, `to_http` makes a request of the crate `http` of them.
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
    message: Message<'a>,
    permission: &'a Permission<'a>,
    caller: Option<&'a Caller<'a>>,
    host: &'a str,
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
        let message = Message::new(request).ok_or(refuse(ErrorCode::ILLEGAL_PARAMETER))?;
        Ok(Self { message, permission, caller, host })
    }

    /// Returns the method; never `CONNECT` or `TRACE`.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.message.request.method()
    }

    /// Returns the value of the header `Host`, or `:authority` in HTTP/2.
    #[must_use]
    pub const fn host(&self) -> &'a str {
        self.host
    }

    /// Returns the target: path and query in the form of RFC 9112, section 3.2.1, so it begins with `/` and is ASCII
    /// without spaces.
    #[must_use]
    pub const fn target(&self) -> HttpBytes<'a> {
        HttpBytes::target(self.message)
    }

    /// Returns the headers in order, each as a name and a value without surrounding white space: `Accept-Encoding:
    /// identity`, those of [`identity_headers`], those of the caller that pass, and the content type. No name is there
    /// twice.
    ///
    /// Not among them is what belongs to the framing and the connection: [`host`](HttpRequest::host),
    /// [`content_length`](HttpRequest::content_length), and `Connection: close` on HTTP/1 if
    /// [`closes_connection`](HttpRequest::closes_connection) says so. For HTTP/2, names must be made lower case
    /// (RFC 9113, section 8.2).
    ///
    /// ```
    /// use callcontainer::gateway::{Env, HttpRequest, Permission, Relation};
    /// use callcontainer::Request;
    ///
    /// let env = Env::new("prod-01", "WXAAA", &["shop"]).with_public(true);
    /// let permission = Permission::new(&env, "shop", Relation::Public);
    /// let headers = [("X-Trace", "7"), ("X-WX-OPENID", "forged"), ("Transfer-Encoding", "chunked")];
    /// let request = Request::new("/").with_env("prod-01").with_headers(&headers);
    /// let http = HttpRequest::new(&request, &permission, None, "shop.internal").unwrap();
    /// let headers: Vec<_> = http.headers().map(|(name, value)| format!("{name}: {value}")).collect();
    /// assert_eq!(headers, ["Accept-Encoding: identity", "X-Trace: 7", "content-type: application/json"]);
    /// ```
    pub fn headers(&self) -> impl Iterator<Item = (Text<'a>, Text<'a>)> + Clone + use<'a> {
        let ours = identity_headers(self.message.request, self.permission, self.caller);
        let ours = core::iter::once(ACCEPT_ENCODING).chain(ours);
        let ours = ours.map(|(name, value)| (Text::new(name), Text::new(value)));
        let all = ours.chain(self.message.headers(self.passing()));
        all.map(|(name, value)| (name, trim(value)))
    }

    /// Returns the length of the body in bytes, if the request states it: if there is a body, and always with `POST` and
    /// `PUT` (RFC 9110, section 8.6).
    #[must_use]
    pub const fn content_length(&self) -> Option<usize> {
        self.message.content_length()
    }

    /// Returns the body, which may be empty.
    #[must_use]
    pub const fn body(&self) -> HttpBytes<'a> {
        HttpBytes::body(self.message)
    }

    /// Whether this must be the last request on a connection of HTTP/1, so that `Connection: close` is sent: see
    /// [the connection](HttpRequest#the-connection). With HTTP/2 and later a body cannot be mistaken for a request.
    #[must_use]
    pub fn closes_connection(&self) -> bool {
        may_be_taken_for_a_request(self.message.request)
    }

    /// Whether another request may be sent on the same connection of HTTP/1 after a complete response with this status:
    /// unless the request [closes it](HttpRequest::closes_connection), or has a body, and the service rejected it with a
    /// status of 400 or above and may not have read it. For stacks other than [`HttpReader`](super::HttpReader), which
    /// says the same.
    #[must_use]
    pub fn keeps_alive(&self, status: u16) -> bool {
        !(self.closes_connection() || status >= 400 && may_be_left_unread(self.message.request))
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
        self.message.put_start(sink, &[], self.host);
        for (name, value) in identity_headers(self.message.request, self.permission, self.caller) {
            header(sink, Text::new(name), Text::new(value));
        }
        self.message.put_rest(sink, self.passing());
        self.message.put_body(sink);
    }

    /// Returns which headers of the caller pass, by their names.
    #[inline(always)]
    fn passing(&self) -> impl Fn(Text<'_>) -> bool + Clone + use<'a> {
        let connection = self.message.request.headers().get("connection");
        let connection = connection.filter(|list| list.as_raw().len() <= CONNECTION);
        move |name| passes(name, connection)
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

/// The longest `Connection` header whose list is examined. It is examined once for each header.
const CONNECTION: usize = 512;

/// What [`Message::put_start`] writes.
const ACCEPT_ENCODING: (&str, &str) = ("Accept-Encoding", "identity");

/// Returns a value without surrounding white space, which is not part of it (RFC 9110, section 5.5).
fn trim(value: Text<'_>) -> Text<'_> {
    let raw = value.as_raw();
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    // Most values begin and end otherwise.
    if value.as_bytes().is_some() && !raw.first().is_some_and(is_blank) && !raw.last().is_some_and(is_blank) {
        return value;
    }
    let mut kept = raw.len()..raw.len();
    let mut characters = value.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if !matches!(character, ' ' | '\t') {
            let end = characters.peek().map_or(raw.len(), |(next, _)| *next);
            kept = kept.start.min(at)..end;
        }
    }
    value.part(kept).unwrap_or_default()
}

pub(super) fn refuse(code: ErrorCode) -> Refusal {
    Refusal::new(code, code.message().unwrap_or_default())
}

/// Whether a header of the caller reaches the service.
fn passes(name: Text<'_>, connection: Option<Text<'_>>) -> bool {
    // The caller may say what else concerns its own connection. The type of the body does not.
    let nominated =
        connection.is_some_and(|list| lists(list, name, fold)) && !eq_ignore_case(name, Text::new(CONTENT_TYPE));
    !nominated && !is_protected(name)
}

/// Whether a header of this name never reaches a service when a caller sets it: it identifies the caller, or is about
/// the connection or the framing. Letter case is ignored, and all bytes other than letters and digits count as the
/// same. [`HttpRequest`] lists the names.
///
/// For a gateway that writes the request to a service itself.
///
/// ```
/// use callcontainer::gateway::is_protected_header;
///
/// assert!(is_protected_header("X-WX-OPENID") && is_protected_header("x_wx_openid"));
/// assert!(is_protected_header("Transfer-Encoding"));
/// assert!(!is_protected_header("Content-Type"));
/// ```
#[must_use]
pub fn is_protected_header(name: &str) -> bool {
    is_protected(Text::new(name))
}
