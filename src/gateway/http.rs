//! The HTTP request that a service receives for a call (RFC 9112), and nothing that the caller could slip into it.
//!
//! It knows which headers pass, what becomes of `data`, and how a request is written. It must never know a connection.

use super::access::Permission;
use super::caller::Caller;
use super::identity::{folded, identity_headers, is_identity, lists};
use super::query::{self, Pairs, Target};
use super::refusal::Refusal;
use crate::envelope::data::BodyKind;
use crate::envelope::headers::eq_ignore_case;
use crate::envelope::layout::Layout;
use crate::envelope::rules::Rule;
use crate::error::Error;
use crate::json::sink::{Sink, SliceSink};
use crate::json::walk::Kind;
use crate::json::window::Window;
use crate::stream::Encoder;
use crate::{Data, ErrorCode, Json, Method, Request, Text};

/// The HTTP/1.1 request that hands a call to its service.
///
/// ```
/// use callcontainer::gateway::{Caller, Environment, HttpRequest, Permission, Relation};
/// use callcontainer::{Json, Request};
///
/// let environment = Environment { id: "prod-01", owner: "WXAAA", services: &["shop"], public: true };
/// let permission = Permission { environment: &environment, service: "shop", relation: Relation::Public };
/// let request = Request::new("/orders?page=2").with_env("prod-01").with_data(Json::new(r#"{"size":"a b"}"#)?.into());
/// let http = HttpRequest::new(&request, &permission, None, "shop.internal").unwrap();
/// let mut buffer = [0; 128];
/// assert_eq!(
///     http.encode(&mut buffer)?,
///     b"GET /orders?page=2&size=a%20b HTTP/1.1\r\nHost: shop.internal\r\ncontent-type: application/json\r\n\r\n",
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

/// What becomes of `data`.
#[derive(Clone, Copy, Debug)]
enum Body<'a> {
    None,
    /// It goes into the query.
    Query(Json<'a>),
    Form(Json<'a>),
    /// It is the body as it is.
    Data(Data<'a>),
}

impl<'a> HttpRequest<'a> {
    /// The request for a call that is allowed; `host` is the value of the header `Host`.
    ///
    /// `data` follows the rules of `wx.request`: with `GET`, the members of an object join the query; with any other
    /// method an object is a form where the content type says so, and JSON otherwise; text and bytes are sent as they
    /// are.
    ///
    /// # Errors
    /// What decoding the request would give, if it was put together rather than decoded.
    /// [`ErrorCode::INVALID_METHOD`] for `CONNECT` and `TRACE`, which are no business of a service.
    /// [`ErrorCode::ILLEGAL_PARAMETER`] for data that has no place: with `GET`, an array, a number or a boolean, or an
    /// object beside more than 64 pairs in the path; in a form, a nested object or array, or what is no object.
    /// [`ErrorCode::CLOUD_SYSTEM_ERROR`] when the host, the environment or the caller hold what no header may.
    pub fn new(
        request: &'a Request<'a>,
        permission: &'a Permission<'a>,
        caller: Option<&'a Caller<'a>>,
        host: &'a str,
    ) -> Result<Self, Refusal> {
        if matches!(request.method(), Method::Connect | Method::Trace) {
            return Err(refuse(ErrorCode::INVALID_METHOD));
        }
        // A decoded request has been checked; one that was put together has not.
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

    /// The exact number of bytes that [`encode`](HttpRequest::encode) writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        let mut sink = SliceSink::default();
        self.put(&mut sink);
        sink.len()
    }

    /// Writes head and body into `buffer` and returns what was written.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`](crate::ErrorKind::BufferTooSmall) when `buffer` is shorter than
    /// [`encoded_len`](HttpRequest::encoded_len).
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        self.put(&mut sink);
        sink.finish()
    }

    /// Writes head and body through a window of `W` bytes, at least 64: with [`step`](Encoder::step), or, with the feature
    /// `embedded-io-v0_7`, to any writer with `write_to` and `write_to_async`. [`len`](Encoder::len) is
    /// [`encoded_len`](HttpRequest::encoded_len), and the bytes are those of [`encode`](HttpRequest::encode).
    ///
    /// Each time the window is full, the request is gone through again up to there. So the larger the window is, the less
    /// work: 512 bytes do for a slow line, some KiB are better on a gateway's network.
    ///
    /// ```
    /// # use callcontainer::gateway::{Environment, HttpRequest, Permission, Relation};
    /// # use callcontainer::Request;
    /// use callcontainer::stream::WriteStep;
    ///
    /// # let environment = Environment { id: "prod-01", owner: "WXAAA", services: &["shop"], public: true };
    /// # let permission = Permission { environment: &environment, service: "shop", relation: Relation::Public };
    /// # let request = Request::new("/orders").with_env("prod-01");
    /// let http = HttpRequest::new(&request, &permission, None, "shop.internal").unwrap();
    /// let mut encoder = http.encoder::<64>();
    /// let mut wire = Vec::new();
    /// while let WriteStep::Write(bytes) = encoder.step()? {
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
        let joined = if let Body::Query(object) = self.body { Some(object) } else { None };
        Target::new(self.request.path()).put(sink, joined);
        sink.put(b" HTTP/1.1\r\n");
        header(sink, Text::new("Host"), Text::new(self.host));
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
        // A method that usually has a body says so when it has none (RFC 9110, section 8.6).
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
            Self::Form(object) => query::put_form(sink, *object),
            Self::Data(Data::Text(text)) => text.segments().for_each(|segment| segment.put(sink)),
            Self::Data(Data::Json(json)) => json.put(sink),
            Self::Data(Data::Bytes(bytes)) => bytes.for_each_chunk(|chunk| sink.put(chunk)),
        }
    }
}

impl Layout for HttpRequest<'_> {
    /// No body of an HTTP request comes from elsewhere.
    fn has_data(&self) -> bool {
        true
    }

    fn put(&self, window: &mut Window<'_>, _: Option<BodyKind>) {
        HttpRequest::put(self, window);
    }
}

const CONTENT_TYPE: &str = "content-type";

/// The longest `Connection` header whose list is looked at. It is looked at once for each header.
const CONNECTION: usize = 512;

fn refuse(code: ErrorCode) -> Refusal {
    Refusal::new(code, code.message().unwrap_or_default())
}

/// What becomes of `data`, unless it has no place.
fn body<'a>(request: &Request<'a>) -> Option<Body<'a>> {
    let data = request.data().normal();
    let Data::Json(json) = data else { return Some(Body::Data(data)) };
    let is_object = json.kind() == Some(Kind::Object);
    if request.method() == Method::Get {
        let fits = is_object && Target::new(request.path()).can_join();
        return if json.kind() == Some(Kind::Null) { Some(Body::None) } else { fits.then_some(Body::Query(json)) };
    }
    if !is_form(request.content_type()) {
        return Some(Body::Data(Data::Json(json)));
    }
    let flat = is_object && !Pairs::new(json).any(|pair| pair.is_nested());
    flat.then_some(Body::Form(json))
}

/// Whether a content type is that of forms, whatever its parameters.
fn is_form(content_type: Text<'_>) -> bool {
    let end = content_type.char_indices().find(|(_, character)| *character == ';').map(|(at, _)| at);
    let media_type = content_type.slice(0..end.unwrap_or(content_type.as_raw().len())).unwrap_or_default();
    lists(media_type, Text::new("application/x-www-form-urlencoded"))
}

fn header(sink: &mut impl Sink, name: Text<'_>, value: Text<'_>) {
    name.segments().for_each(|segment| segment.put(sink));
    sink.put(b": ");
    value.segments().for_each(|segment| segment.put(sink));
    sink.put(b"\r\n");
}

/// Whether a header of the caller's reaches the service: not one that says who calls, nor one that is about a connection
/// (RFC 9110, section 7.6.1), about the framing of the message or about how to answer the gateway. An underscore counts
/// as a hyphen.
fn passes(name: Text<'_>, connection: Option<Text<'_>>) -> bool {
    const DROPPED: [&str; 15] = [
        "host",
        "connection",
        "proxy-connection",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
        "proxy-authenticate",
        "proxy-authorization",
        "content-length",
        "expect",
        "accept-encoding",
        "referer",
    ];
    let dropped = DROPPED.iter().any(|other| folded(name).eq(other.chars()));
    // The caller may say what else is about its own connection. What the body is, is not.
    let nominated = connection.is_some_and(|list| lists(list, name)) && !eq_ignore_case(name, Text::new(CONTENT_TYPE));
    !dropped && !nominated && !is_identity(name)
}
