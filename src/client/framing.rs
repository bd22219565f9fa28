//! The framing of an envelope on a connection: an HTTP request, or a line; or none, at the platform's own doors.
//!
//! Knows how a call is sent. The [inlet](super::inlet) knows how the reply is found in the incoming bytes.

use super::collect::take_envelope;
use super::doors::{self, Asked};
use super::given::Given;
use super::lines;
use super::way::{Kind, Way};
use crate::envelope::data::DataKind;
use crate::envelope::layout::Layout;
use crate::error::{Error, ErrorKind};
use crate::http::names;
use crate::json::sink::Sink;
use crate::json::window::Window;
use crate::json::write;
use crate::limits::REQUEST_LIMIT;
use crate::octets;
use crate::stream::{Flow, Slot};
use crate::{Request, Text};
use core::fmt;

/// The framing of envelopes on a connection.
///
/// ```
/// use callcontainer::client::Framing;
///
/// let http = Framing::http("gateway.internal:8080", Some("s3cret"))?;
/// assert_eq!(format!("{http:?}"), r#"Http { host: "gateway.internal:8080", .. }"#);
/// assert!(Framing::http("two words", None).is_err());
///
/// // Behind an API gateway, which has a path and a key of its own:
/// let http = http.with_path("/gw/v1")?.with_headers(&[("x-api-key", "k3y")])?;
/// # let _ = http;
/// # Ok::<(), callcontainer::Error>(())
/// ```
///
/// All of it is checked by the compiler in a `static`:
///
/// ```
/// # use callcontainer::client::Framing;
/// static GATEWAY: Framing<'static> = match Framing::http("gateway.internal", None) {
///     Ok(http) => match http.with_path("/gw/v1") {
///         Ok(http) => http,
///         Err(_) => panic!("a path that is not valid"),
///     },
///     Err(_) => panic!("a host that is not valid"),
/// };
/// # let _ = GATEWAY;
/// ```
#[derive(Clone, Copy)]
pub struct Framing<'f> {
    pub(super) way: &'static Way,
    /// What the head of a request says, if there is one.
    pub(super) host: &'f str,
    pub(super) token: Option<&'f str>,
    /// The path; at the open HTTP API, the name of the service.
    pub(super) path: &'f str,
    headers: &'f [(&'f str, &'f str)],
}

static HTTP: Way = Way { name: "Http", put_before: put_head, put: put_envelope, take: take_envelope, kind: Kind::Http };

impl<'f> Framing<'f> {
    /// One envelope per line, for a serial port: the gateway knows who is at the other end.
    pub const LINE: Self = Self::of(&lines::BARE, "");

    /// As [`LINE`](Self::LINE), with a [check](crate::line) behind every envelope, for a line on which bytes may
    /// change. A reply without a check, or with a wrong one, is no reply: [`ErrorKind::InvalidCheck`]. The gateway must
    /// know of checks; `callcontainer-gateway` does.
    pub const CHECKED_LINE: Self = Self::of(&lines::CHECKED, "");

    /// HTTP/1.1: each call is a `POST /` to this host. The gateway identifies the caller by the token, which is sent as
    /// `Authorization: Bearer`; `None` is for a gateway that lets anyone call, or that wants a
    /// [header](Framing::with_headers) of its own.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeaderValue`] when host or token is empty or contains anything but visible ASCII, with the
    /// offset in it.
    pub const fn http(host: &'f str, token: Option<&'f str>) -> Result<Self, Error> {
        let wrong = match (first_invisible(host), token) {
            (None, Some(token)) => first_invisible(token),
            (wrong, _) => wrong,
        };
        match wrong {
            Some(offset) => Err(Error::new(ErrorKind::InvalidHeaderValue, offset)),
            None => Ok(Self { token, path: "/", ..Self::of(&HTTP, host) }),
        }
    }

    /// Sends each call to this path, which may have a query, instead of `/`. Changes nothing on a line, or without a gateway,
    /// where the path is that of the call.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPath`] when the path does not begin with `/`, or contains `#` or anything but visible ASCII,
    /// with the offset in it.
    pub const fn with_path(self, path: &'f str) -> Result<Self, Error> {
        let Kind::Http = self.way.kind else { return Ok(self) };
        match wrong_in_path(path) {
            Some(offset) => Err(Error::new(ErrorKind::InvalidPath, offset)),
            None => Ok(Self { path, ..self }),
        }
    }

    /// Sends these headers with each call, in this order, instead of those set before: for example the key of an API
    /// gateway. Changes nothing on a line, or without a gateway, where the headers are those of the call.
    ///
    /// They are headers of the HTTP request around the call, which the gateway sees. The headers of the call, which the
    /// service sees, are those of [`Request::with_headers`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeaderName`] when a name is not a token (RFC 9110, section 5.6.2), with the offset in it.
    /// [`ErrorKind::InvalidHeaderValue`] when a value contains anything but visible ASCII, space and tab, or begins or
    /// ends with a space or tab, with the offset in it. [`ErrorKind::ForbiddenHeader`] for `Authorization` together
    /// with a token, and for all that framing sets, or that concern the connection or the body: `Connection`,
    /// `Content-Length`, `Content-Type`, `Expect`, `Host`, `HTTP2-Settings`, `Keep-Alive`, `Proxy-Connection`, `TE`,
    /// `Trailer`, `Transfer-Encoding` and `Upgrade`.
    pub const fn with_headers(self, headers: &'f [(&'f str, &'f str)]) -> Result<Self, Error> {
        let Kind::Http = self.way.kind else { return Ok(self) };
        let mut rest = headers;
        while let [(name, value), behind @ ..] = rest {
            if let Some(offset) = wrong_in_name(name) {
                return Err(Error::new(ErrorKind::InvalidHeaderName, offset));
            }
            if is_reserved(name) || (self.token.is_some() && is(name, "authorization")) {
                return Err(Error::new(ErrorKind::ForbiddenHeader, 0));
            }
            if let Some(offset) = wrong_in_value(value) {
                return Err(Error::new(ErrorKind::InvalidHeaderValue, offset));
            }
            rest = behind;
        }
        Ok(Self { headers, ..self })
    }

    /// No envelope at all: each call is itself an HTTP/1.1 request to this host, the domain of its service on the public
    /// network. So a device reaches a service without a gateway.
    ///
    /// The request is the one that a gateway would pass on, by the rules of `wx.request`: `METHOD path`, the headers of the
    /// call, its data in the query or the body. The response becomes a [`Response`](crate::Response) as it would in a
    /// gateway, whatever its status: redirects are not followed. The service learns nothing of who calls: no `X-WX-*`
    /// reaches it.
    ///
    /// - Environment, resource and service of a call say nothing here, and may be left out.
    /// - Headers that a gateway would take out are refused, as [`ErrorKind::ForbiddenHeader`]: `X-WX-*` and those that give
    ///   an address of the caller, in any spelling; those about the connection or the framing; `Accept-Encoding`,
    ///   `Referer`. `CONNECT` and `TRACE` are [`ErrorKind::InvalidMethod`], data that cannot be sent
    ///   [`ErrorKind::WrongType`]: text or bytes with `GET`, for example.
    /// - The request is counted as it is sent, head and body: at most [`REQUEST_LIMIT`] bytes. The reply is counted as the
    ///   envelope that it becomes, with the white space of JSON: at most [`REPLY_LIMIT`](crate::REPLY_LIMIT) bytes. The
    ///   buffer for it must have room for that envelope, and for twice the head. A head is at most
    ///   [`HEAD_LIMIT`](super::HEAD_LIMIT) bytes long, and has at most 128 lines.
    /// - The connection is closed behind a body that the service might leave unread, as by a gateway: text and bytes, and
    ///   JSON with `OPTIONS` or `DELETE`; and behind an answer with a status of 400 and above to any other body.
    /// - The connection is that to port 443, with TLS, which is the user's. `host` is the value of the header `Host`.
    /// - Nothing in an answer names its call, so a server that says something unasked, such as a status 408 before it closes
    ///   an idle connection, would answer the next call: let the cloud [look first](super::Cloud::with_idle_check).
    /// - A status is the service's answer, so [`retrying`](super::Cloud::retrying) repeats nothing for it.
    ///
    /// A [`stream`](super::Call::stream) tells the same piece by piece, but nothing that takes more memory than the window:
    ///
    /// - A header is told as often as it comes, with cookies in between, and is not combined. Those that `Connection` lists
    ///   are told too. At most 64 lines are headers, however many names they have.
    /// - For a call with the `dataType` `json`, a body is looked at before it is told, as far as it fits into the window
    ///   less 32 bytes. If it ends there, it becomes what it does in a gateway; otherwise it is JSON if it begins like
    ///   JSON. If it turns out to be none, or has invalid UTF-8, the call fails with [`CallError::Reply`]; through a
    ///   gateway it would be text, or be repaired. A call with another `dataType` gets text of any kind.
    ///
    /// With [`start_from`](super::Cloud::start_from), text counts as it is sent, without escapes: see
    /// [`Body::with_plain_len`](crate::stream::Body::with_plain_len).
    ///
    /// [`CallError::Reply`]: super::CallError::Reply
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeaderValue`] when the host is empty or contains anything but visible ASCII, with the offset in
    /// it.
    pub const fn domain(host: &'f str) -> Result<Self, Error> {
        match first_invisible(host) {
            Some(offset) => Err(Error::new(ErrorKind::InvalidHeaderValue, offset)),
            None => Ok(Self::of(&doors::DOMAIN, host)),
        }
    }

    /// As [`domain`](Framing::domain), through the platform's open HTTP API: each call is a request for
    /// `/v1/cloudrun/SERVICE` and its path, with the token as `Authorization: Bearer`. The service may be closed to the
    /// public network. It is the one that the call names, or else this one; the token is for both.
    /// [`OpenApiHost`](super::OpenApiHost) makes the host of an environment.
    ///
    /// **A device may hold** a publishable key, or an access token of its own, which lasts two hours. Never an API key,
    /// which is for administrators, lasts for ever, and can be read out of any device.
    ///
    /// A path that has `.` or `..` for a segment, in any spelling, is [`ErrorKind::InvalidPath`]: it might leave the
    /// service. The offset is that of the slash before it. The header `Authorization` is [`ErrorKind::ForbiddenHeader`], and
    /// the name of a service that does not follow the rule below [`ErrorKind::InvalidName`].
    ///
    /// An error of the platform is a [`Failure`](crate::Failure): a status from 400 to 599, and a JSON object of the
    /// strings `code`, `message` and `requestId`, and nothing else. Any other answer is that of the service. The `errMsg`
    /// has all three of them, and there is an `errCode` where one means the same, or nearly:
    ///
    /// | `code` | `errCode` |
    /// |---|---|
    /// | any, with status 423 | [`NOT_ACTIVATED`](crate::ErrorCode::NOT_ACTIVATED) |
    /// | any, with status 429 | [`TOO_MANY_REQUESTS`](crate::ErrorCode::TOO_MANY_REQUESTS) |
    /// | `SERVICE_TIMEOUT` | [`REQUEST_TIMEOUT`](crate::ErrorCode::REQUEST_TIMEOUT) |
    /// | `SERVICE_NOT_READY` | [`NOT_INITIALISED`](crate::ErrorCode::NOT_INITIALISED): wait a little, the service has not run |
    /// | `INVALID_CREDENTIALS`, `MISSING_CREDENTIALS`, `SERVICE_FORBIDDEN`, `SERVICE_NOT_FOUND`, `SERVICE_VERSION_NOT_FOUND`, `SERVICE_ENDPOINT_NOT_FOUND` | [`ACCESS_DENIED`](crate::ErrorCode::ACCESS_DENIED) |
    /// | `SERVICE_LB_STATUS_ABNORMAL` | [`CLOUD_SYSTEM_ERROR`](crate::ErrorCode::CLOUD_SYSTEM_ERROR) |
    ///
    /// A `Retry-After` of less than an hour is how long [`retrying`](super::Cloud::retrying) waits then.
    ///
    /// A [`stream`](super::Call::stream) tells the status and the headers before it, and then only the outcome is a failure.
    /// The object must fit into the window less 32 bytes, or less 33 where its end is not known by a length: a larger one is a
    /// response with its status.
    ///
    /// ```
    /// use callcontainer::ErrorKind;
    /// use callcontainer::client::{Framing, OpenApiHost};
    ///
    /// const HOST: OpenApiHost = match OpenApiHost::new("prod-01") {
    ///     Ok(host) => host,
    ///     Err(_) => panic!("no environment"),
    /// };
    /// let open_api = Framing::open_api(HOST.as_str(), "shop", "eyJ.k3y")?;
    /// assert_eq!(format!("{open_api:?}"), r#"OpenApi { host: "prod-01.api.tcloudbasegateway.com", .. }"#);
    /// assert_eq!(Framing::open_api(HOST.as_str(), "a/b", "eyJ.k3y").unwrap_err().kind(), ErrorKind::InvalidName);
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`domain`](Framing::domain), for the token too. [`ErrorKind::InvalidName`] when the service is not a letter,
    /// up to 58 letters, digits, `-` and `_`, and a letter or digit, with the offset in it.
    pub const fn open_api(host: &'f str, service: &'f str, token: &'f str) -> Result<Self, Error> {
        let wrong = match first_invisible(host) {
            None => first_invisible(token),
            wrong => wrong,
        };
        match (wrong, wrong_in_service(service.as_bytes())) {
            (Some(offset), _) => Err(Error::new(ErrorKind::InvalidHeaderValue, offset)),
            (None, Some(offset)) => Err(Error::new(ErrorKind::InvalidName, offset)),
            (None, None) => Ok(Self { token: Some(token), path: service, ..Self::of(&doors::OPEN_API, host) }),
        }
    }

    const fn of(way: &'static Way, host: &'f str) -> Self {
        Self { way, host, token: None, path: "", headers: &[] }
    }
}

/// Returns the first byte that is not visible ASCII; that behind the end if there is no byte at all.
const fn first_invisible(text: &str) -> Option<usize> {
    let mut rest = text.as_bytes();
    while let [b'!'..=b'~', behind @ ..] = rest {
        rest = behind;
    }
    if rest.is_empty() && !text.is_empty() { None } else { Some(text.len().wrapping_sub(rest.len())) }
}

/// Returns the first byte that the name of a service must not have: it is `^[a-zA-Z][a-zA-Z0-9_-]{0,58}[a-zA-Z0-9]$`.
pub(super) const fn wrong_in_service(name: &[u8]) -> Option<usize> {
    let mut rest = name;
    loop {
        let at = name.len().wrapping_sub(rest.len());
        rest = match rest {
            [b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'] if 1 <= at && at < SERVICE_LIMIT => return None,
            [b'a'..=b'z' | b'A'..=b'Z', behind @ ..] if !behind.is_empty() => behind,
            [b'0'..=b'9' | b'_' | b'-', behind @ ..] if at > 0 && !behind.is_empty() => behind,
            _ => return Some(at),
        };
        if at >= SERVICE_LIMIT {
            return Some(at);
        }
    }
}

/// The most characters in the name of a service.
pub(super) const SERVICE_LIMIT: usize = 60;

/// Returns the first byte that a path must not have.
const fn wrong_in_path(path: &str) -> Option<usize> {
    let [b'/', rest @ ..] = path.as_bytes() else { return Some(0) };
    let mut rest = rest;
    while let [b'!' | b'"' | b'$'..=b'~', behind @ ..] = rest {
        rest = behind;
    }
    if rest.is_empty() { None } else { Some(path.len().wrapping_sub(rest.len())) }
}

/// Returns the first byte that a header name must not have.
const fn wrong_in_name(name: &str) -> Option<usize> {
    let mut rest = name.as_bytes();
    while let [byte, behind @ ..] = rest {
        if !octets::is_token(*byte) {
            break;
        }
        rest = behind;
    }
    if rest.is_empty() && !name.is_empty() { None } else { Some(name.len().wrapping_sub(rest.len())) }
}

/// Returns the first byte that the value of a header must not have. Blanks around it would not belong to it.
const fn wrong_in_value(value: &str) -> Option<usize> {
    let mut rest = value.as_bytes();
    if let [b' ' | b'\t', ..] = rest {
        return Some(0);
    }
    while let [b'\t' | b' '..=b'~', behind @ ..] = rest {
        if matches!(rest, [b' ' | b'\t']) {
            break;
        }
        rest = behind;
    }
    if rest.is_empty() { None } else { Some(value.len().wrapping_sub(rest.len())) }
}

/// Whether framing sets this header, or it is about the connection or the body.
const fn is_reserved(name: &str) -> bool {
    is(name, "content-type") || is_one_of(name, &names::CONNECTION) || is_one_of(name, &names::FRAMING)
}

const fn is_one_of(name: &str, words: &[&str]) -> bool {
    let mut rest = words;
    while let [word, behind @ ..] = rest {
        if is(name, word) {
            return true;
        }
        rest = behind;
    }
    false
}

/// Whether a name is this word, which is given in lower case, ignoring letter case.
const fn is(name: &str, word: &str) -> bool {
    let (mut name, mut word) = (name.as_bytes(), word.as_bytes());
    while let ([one, names @ ..], [other, words @ ..]) = (name, word) {
        if one.to_ascii_lowercase() != *other {
            return false;
        }
        (name, word) = (names, words);
    }
    name.is_empty() && word.is_empty()
}

impl fmt::Debug for Framing<'_> {
    /// Leaves out what may be a secret: the token, and the values of headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.way.kind {
            Kind::Line(_) => f.write_str(self.way.name),
            Kind::Http | Kind::Door(_) => {
                f.debug_struct(self.way.name).field("host", &self.host).finish_non_exhaustive()
            }
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Framing<'_> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        match self.way.kind {
            Kind::Line(_) => defmt::write!(fmt, "{=str}", self.way.name),
            Kind::Http | Kind::Door(_) => defmt::write!(fmt, "{=str}({=str})", self.way.name, self.host),
        }
    }
}

/// An outgoing call: the envelope, and the framing around it.
pub(super) struct Outgoing<'r> {
    pub(super) framing: &'r Framing<'r>,
    pub(super) request: Request<'r>,
    /// First ends a line that may have been left unfinished.
    pub(super) ends_line: bool,
    /// What becomes of the answer, if there is no envelope.
    pub(super) asked: Asked,
    /// Length of the envelope; of the body, if there is no envelope.
    pub(super) len: usize,
}

impl<'r> Outgoing<'r> {
    /// Creates a call as specified by its caller, not checked yet.
    pub(super) const fn new(framing: &'r Framing<'r>, request: Request<'r>, ends_line: bool) -> Self {
        Self { framing, request, ends_line, asked: Asked::NOTHING, len: 0 }
    }

    /// Fills in what the call does not specify, checks it, and measures it for writing.
    ///
    /// # Errors
    /// As for [`Encoder::request`](crate::stream::Encoder::request) and its variants.
    pub(super) fn prepare<B: Slot>(&mut self, given: &'r Given<'_>, flow: &mut Flow<B>) -> Result<(), Error> {
        given.fill(&mut self.request);
        let way = self.framing.way;
        if let Some(door) = way.door() {
            flow.check(&self.request)?;
            let len = (door.measure)(self, flow.body())?;
            flow.without_envelope(len);
            return Ok(());
        }
        self.request.check()?;
        flow.check(&self.request)?;
        self.len = flow.count(|window, body| (way.put)(self, window, body));
        if self.len > REQUEST_LIMIT {
            return Err(Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT));
        }
        flow.lengthen(Window::measure(|window| (way.put_before)(self, window)));
        if let Some(lines) = way.lines() {
            flow.lengthen(lines.end_len);
            flow.add_end(lines.fill);
        }
        Ok(())
    }

    /// Returns what becomes of the answer, if the call goes to its service. It is known by now.
    pub(super) const fn asked(&self) -> Asked {
        self.asked
    }

    /// Returns the ID of the call, which is set by now.
    pub(super) fn call_id(&self) -> Text<'r> {
        self.request.call_id().unwrap_or_default()
    }

    pub(super) const fn request(&self) -> &Request<'r> {
        &self.request
    }
}

/// Writes the envelope of a call.
pub(super) fn put_envelope(outgoing: &Outgoing<'_>, window: &mut Window<'_>, body: Option<DataKind>) {
    outgoing.request.put(window, body);
}

/// Writes the head of a request with an envelope.
#[inline(never)]
fn put_head(outgoing: &Outgoing<'_>, window: &mut Window<'_>) {
    let Framing { host, token, path, headers, .. } = outgoing.framing;
    window.put(b"POST ");
    window.put(path.as_bytes());
    window.put(b" HTTP/1.1\r\nHost: ");
    window.put(host.as_bytes());
    if let Some(token) = token {
        window.put(b"\r\nAuthorization: Bearer ");
        window.put(token.as_bytes());
    }
    for (name, value) in *headers {
        window.put(b"\r\n");
        window.put(name.as_bytes());
        window.put(b": ");
        window.put(value.as_bytes());
    }
    window.put(b"\r\nContent-Type: application/json\r\nContent-Length: ");
    write::integer(window, i32::try_from(outgoing.len).unwrap_or(i32::MAX));
    window.put(b"\r\n\r\n");
}

impl Layout for Outgoing<'_> {
    fn has_data(&self) -> bool {
        self.request.has_data()
    }

    fn put(&self, window: &mut Window<'_>, body: Option<DataKind>) {
        (self.framing.way.put_before)(self, window);
        (self.framing.way.put)(self, window, body);
    }
}
