//! The framing of an envelope on a connection: an HTTP request, or a line.
//!
//! Knows how a call is sent. The [inlet](super::inlet) knows how the reply is found in the incoming bytes.

use super::given::Given;
use super::lines::{self, Lines};
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
pub struct Framing<'f>(Kind<'f>);

#[derive(Clone, Copy)]
enum Kind<'f> {
    Http(Http<'f>),
    Line(&'static Lines),
}

/// What the head of a request says.
#[derive(Clone, Copy)]
struct Http<'f> {
    host: &'f str,
    token: Option<&'f str>,
    path: &'f str,
    headers: &'f [(&'f str, &'f str)],
}

impl<'f> Framing<'f> {
    /// One envelope per line, for a serial port: the gateway knows who is at the other end.
    pub const LINE: Self = Self(Kind::Line(&lines::BARE));

    /// As [`LINE`](Self::LINE), with a [check](crate::line) behind every envelope, for a line on which bytes may
    /// change. A reply without a check, or with a wrong one, is no reply: [`ErrorKind::InvalidCheck`]. The gateway must
    /// know of checks; `callcontainer-gateway` does.
    pub const CHECKED_LINE: Self = Self(Kind::Line(&lines::CHECKED));

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
            None => Ok(Self(Kind::Http(Http { host, token, path: "/", headers: &[] }))),
        }
    }

    /// Sends each call to this path, which may have a query, instead of `/`. Changes nothing on a line.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPath`] when the path does not begin with `/`, or contains `#` or anything but visible ASCII,
    /// with the offset in it.
    pub const fn with_path(self, path: &'f str) -> Result<Self, Error> {
        let Kind::Http(http) = self.0 else { return Ok(self) };
        match wrong_in_path(path) {
            Some(offset) => Err(Error::new(ErrorKind::InvalidPath, offset)),
            None => Ok(Self(Kind::Http(Http { path, ..http }))),
        }
    }

    /// Sends these headers with each call, in this order, instead of those set before: for example the key of an API
    /// gateway. Changes nothing on a line.
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
        let Kind::Http(http) = self.0 else { return Ok(self) };
        let mut rest = headers;
        while let [(name, value), behind @ ..] = rest {
            if let Some(offset) = wrong_in_name(name) {
                return Err(Error::new(ErrorKind::InvalidHeaderName, offset));
            }
            if is_reserved(name) || (http.token.is_some() && is(name, "authorization")) {
                return Err(Error::new(ErrorKind::ForbiddenHeader, 0));
            }
            if let Some(offset) = wrong_in_value(value) {
                return Err(Error::new(ErrorKind::InvalidHeaderValue, offset));
            }
            rest = behind;
        }
        Ok(Self(Kind::Http(Http { headers, ..http })))
    }

    /// Returns the kind of lines, if envelopes are lines.
    pub(super) const fn lines(&self) -> Option<&'static Lines> {
        if let Kind::Line(lines) = self.0 { Some(lines) } else { None }
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
        match self.0 {
            Kind::Http(Http { host, .. }) => f.debug_struct("Http").field("host", &host).finish_non_exhaustive(),
            Kind::Line(lines) => f.write_str(lines.name),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Framing<'_> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        match self.0 {
            Kind::Http(Http { host, .. }) => defmt::write!(fmt, "Http({=str})", host),
            Kind::Line(lines) => defmt::write!(fmt, "{=str}", lines.name),
        }
    }
}

/// An outgoing call: the envelope, and the framing around it.
pub(super) struct Outgoing<'r> {
    framing: &'r Framing<'r>,
    request: Request<'r>,
    /// First ends a line that may have been left unfinished.
    ends_line: bool,
    /// Length of the envelope.
    len: usize,
}

impl<'r> Outgoing<'r> {
    /// Creates a call as specified by its caller, not checked yet.
    pub(super) const fn new(framing: &'r Framing<'r>, request: Request<'r>, ends_line: bool) -> Self {
        Self { framing, request, ends_line, len: 0 }
    }

    /// Fills in what the call does not specify, checks it, and measures it for writing.
    ///
    /// # Errors
    /// As for [`Encoder::request`](crate::stream::Encoder::request) and its variants.
    pub(super) fn prepare<B: Slot>(&mut self, given: &'r Given<'_>, flow: &mut Flow<B>) -> Result<(), Error> {
        given.fill(&mut self.request);
        self.request.check()?;
        flow.measure(&self.request)?;
        self.len = flow.len();
        if self.len > REQUEST_LIMIT {
            return Err(Error::new(ErrorKind::RequestTooLarge, REQUEST_LIMIT));
        }
        flow.lengthen(Window::measure(|window| self.put_before(window)));
        if let Some(lines) = self.framing.lines() {
            flow.lengthen(lines.end_len);
            flow.add_end(lines.fill);
        }
        Ok(())
    }

    /// Returns the ID of the call, which is set by now.
    pub(super) fn call_id(&self) -> Text<'r> {
        self.request.call_id().unwrap_or_default()
    }

    pub(super) const fn request(&self) -> &Request<'r> {
        &self.request
    }

    /// Writes what precedes the envelope.
    #[inline(never)]
    fn put_before(&self, window: &mut Window<'_>) {
        match self.framing.0 {
            Kind::Line(_) if self.ends_line => window.put(b"\n"),
            Kind::Line(_) => {}
            Kind::Http(Http { host, token, path, headers }) => {
                window.put(b"POST ");
                window.put(path.as_bytes());
                window.put(b" HTTP/1.1\r\nHost: ");
                window.put(host.as_bytes());
                if let Some(token) = token {
                    window.put(b"\r\nAuthorization: Bearer ");
                    window.put(token.as_bytes());
                }
                for (name, value) in headers {
                    window.put(b"\r\n");
                    window.put(name.as_bytes());
                    window.put(b": ");
                    window.put(value.as_bytes());
                }
                window.put(b"\r\nContent-Type: application/json\r\nContent-Length: ");
                write::integer(window, i32::try_from(self.len).unwrap_or(i32::MAX));
                window.put(b"\r\n\r\n");
            }
        }
    }
}

impl Layout for Outgoing<'_> {
    fn has_data(&self) -> bool {
        self.request.has_data()
    }

    fn put(&self, window: &mut Window<'_>, body: Option<DataKind>) {
        self.put_before(window);
        self.request.put(window, body);
    }
}
