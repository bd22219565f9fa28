//! What stands around an envelope on a connection: an HTTP request, or a line.
//!
//! It knows how a call goes out. How the reply is found in what comes in is the [inlet](super::inlet)'s business.

use crate::envelope::data::BodyKind;
use crate::envelope::layout::Layout;
use crate::envelope::members::{Members, key};
use crate::envelope::rules::Rule;
use crate::error::{Error, ErrorKind};
use crate::json::sink::Sink;
use crate::json::window::Window;
use crate::json::write;
use crate::limits::REQUEST_LIMIT;
use crate::stream::Flow;
use crate::{Request, Text};
use core::borrow::Borrow;
use core::fmt;

/// How envelopes are framed on a connection.
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
    /// One envelope a line, for a serial port: the gateway knows who is at the other end.
    pub const LINE: Self = Self(Kind::Line);

    /// HTTP/1.1, each call a `POST /` to this host, with this token, by which the gateway knows who calls; `None` for a
    /// gateway that lets anyone call.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeaderValue`] when host or token is empty or holds anything but visible ASCII; the offset is
    /// that in it.
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
    /// The token is a secret, and is left out.
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

/// An ID that the client gives to a call: 16 hex digits.
#[derive(Clone, Copy)]
pub(super) struct CallId([u8; 16]);

impl CallId {
    pub(super) fn new(number: u64) -> Self {
        let mut digits = [b'0'; 16];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = b"0123456789abcdef".get((rest & 15) as usize).copied().unwrap_or(b'0');
            rest >>= 4;
        }
        Self(digits)
    }

    /// Hex digits need no escape.
    pub(super) const fn as_text(&self) -> Text<'_> {
        Text::from_span(&self.0, false)
    }
}

/// A call as it goes out: the envelope, and what stands around it. `Q` is the request, or where it lies.
pub(super) struct Outgoing<'r, Q> {
    framing: Framing<'r>,
    request: Q,
    /// The resource that the client gives to the call, where the request names none.
    resource: Option<(&'r str, &'r str)>,
    /// The ID that the client gives to the call, where the request has none.
    given: Option<CallId>,
    /// Ends a line that may have been left unfinished.
    ends_line: bool,
    /// Length of the envelope.
    len: usize,
}

impl<'r, Q: Borrow<Request<'r>> + Sync> Outgoing<'r, Q> {
    /// A call that is not checked yet, with what the client gives to those that do not say it.
    pub(super) fn new(
        framing: Framing<'r>,
        request: Q,
        resource: Option<(&'r str, &'r str)>,
        given: Option<CallId>,
        ends_line: bool,
    ) -> Self {
        let said: &Request<'r> = request.borrow();
        let names_none = said.resource_appid().is_none() && said.resource_env().is_none();
        Self { framing, resource: resource.filter(|_| names_none), given, ends_line, len: 0, request }
    }

    /// Checks the call, and measures it for its writing.
    ///
    /// # Errors
    /// As for [`Encoder::request`](crate::stream::Encoder::request) and its like.
    pub(super) fn prepare(&mut self, flow: &mut Flow) -> Result<(), Error> {
        match self.resource {
            None => self.request().check()?,
            Some((appid, env)) => {
                Rule::Name.check_text(Text::new(appid))?;
                Rule::Name.check_text(Text::new(env))?;
                self.request().check_without_env()?;
            }
        }
        flow.measure(&Bare(&*self))?;
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

    /// The ID of the call.
    pub(super) fn call_id(&self) -> Text<'_> {
        own_call_id(self.given.as_ref(), self.request())
    }

    pub(super) fn request(&self) -> &Request<'r> {
        self.request.borrow()
    }

    /// What the client gives to the call comes first.
    fn put_envelope(&self, window: &mut Window<'_>, body: Option<BodyKind>) {
        let mut members = Members::new();
        if let Some(id) = &self.given {
            members.string(window, key!("callID"), &id.as_text());
        }
        if let Some((appid, env)) = self.resource {
            members.string(window, key!("resourceAppid"), &Text::new(appid));
            members.string(window, key!("resourceEnv"), &Text::new(env));
        }
        self.request().put_behind(members, window, body);
    }

    /// What stands before the envelope.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
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

    /// What stands behind it.
    fn put_after(&self, window: &mut Window<'_>) {
        if self.framing.is_line() {
            window.put(b"\n");
        }
    }
}

/// The ID of a call: that of the request, or else the one that was given to it.
pub(super) fn own_call_id<'a>(given: Option<&'a CallId>, request: &Request<'a>) -> Text<'a> {
    given.map_or(request.call_id().unwrap_or_default(), CallId::as_text)
}

impl<'r, Q: Borrow<Request<'r>> + Sync> Layout for Outgoing<'r, Q> {
    fn has_data(&self) -> bool {
        self.request().has_data()
    }

    fn put(&self, window: &mut Window<'_>, body: Option<BodyKind>) {
        self.put_before(window);
        self.put_envelope(window, body);
        self.put_after(window);
    }
}

/// The envelope alone.
struct Bare<'o, 'r, Q>(&'o Outgoing<'r, Q>);

impl<'r, Q: Borrow<Request<'r>> + Sync> Layout for Bare<'_, 'r, Q> {
    fn has_data(&self) -> bool {
        self.0.has_data()
    }

    fn put(&self, window: &mut Window<'_>, body: Option<BodyKind>) {
        self.0.put_envelope(window, body);
    }
}
