//! The framing of an envelope on a connection: an HTTP request, or a line.
//!
//! Knows how a call is sent. The [inlet](super::inlet) knows how the reply is found in the incoming bytes.

use super::given::Given;
use crate::envelope::data::DataKind;
use crate::envelope::layout::Layout;
use crate::error::{Error, ErrorKind};
use crate::json::sink::Sink;
use crate::json::window::Window;
use crate::json::write;
use crate::limits::REQUEST_LIMIT;
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
/// # Ok::<(), callcontainer::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Framing<'f>(Kind<'f>);

#[derive(Clone, Copy)]
enum Kind<'f> {
    Http { host: &'f str, token: Option<&'f str> },
    Line,
}

impl<'f> Framing<'f> {
    /// One envelope per line, for a serial port: the gateway knows who is at the other end.
    pub const LINE: Self = Self(Kind::Line);

    /// HTTP/1.1: each call is a `POST /` to this host. The gateway identifies the caller by the token; `None` is for a
    /// gateway that lets anyone call.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeaderValue`] when host or token is empty or contains anything but visible ASCII, with the
    /// offset in it.
    pub fn http(host: &'f str, token: Option<&'f str>) -> Result<Self, Error> {
        for value in [Some(host), token].into_iter().flatten() {
            let visible = value.bytes().take_while(u8::is_ascii_graphic).count();
            if visible < value.len() || value.is_empty() {
                return Err(Error::new(ErrorKind::InvalidHeaderValue, visible));
            }
        }
        Ok(Self(Kind::Http { host, token }))
    }

    pub(super) const fn is_line(&self) -> bool {
        matches!(self.0, Kind::Line)
    }
}

impl fmt::Debug for Framing<'_> {
    /// Leaves out the token, which is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Http { host, .. } => f.debug_struct("Http").field("host", &host).finish_non_exhaustive(),
            Kind::Line => f.write_str("Line"),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Framing<'_> {
    fn format(&self, fmt: defmt::Formatter<'_>) {
        match self.0 {
            Kind::Http { host, .. } => defmt::write!(fmt, "Http({=str})", host),
            Kind::Line => defmt::write!(fmt, "Line"),
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
        flow.lengthen(Window::measure(|window| {
            self.put_before(window);
            self.put_after(window);
        }));
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
            Kind::Line if self.ends_line => window.put(b"\n"),
            Kind::Line => {}
            Kind::Http { host, token } => {
                window.put(b"POST / HTTP/1.1\r\nHost: ");
                window.put(host.as_bytes());
                if let Some(token) = token {
                    window.put(b"\r\nAuthorization: Bearer ");
                    window.put(token.as_bytes());
                }
                window.put(b"\r\nContent-Type: application/json\r\nContent-Length: ");
                write::integer(window, i32::try_from(self.len).unwrap_or(i32::MAX));
                window.put(b"\r\n\r\n");
            }
        }
    }

    /// Writes what follows the envelope.
    fn put_after(&self, window: &mut Window<'_>) {
        if self.framing.is_line() {
            window.put(b"\n");
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
        self.put_after(window);
    }
}
