//! `wx.cloud`: what must be there before a call can be made.
//!
//! It knows the connection, and what calls are given that do not say it. How a call is made is the [call](super::call)'s
//! business.

use super::call::Call;
use super::collect::Collect;
use super::error::CallError;
use super::framing::{Framing, Outgoing};
use super::given::Given;
use super::inlet::Inlet;
use super::link::Link;
use crate::stream::{Body, Flow, LEAST_WINDOW};
use crate::{Reply, Request};
use embedded_io::ErrorType;

/// Makes calls over a connection `C`, through a window of `W` bytes, at least 64: `wx.cloud` of a Mini Program, or one of
/// its instances.
///
/// As there, a call before [`init`](Cloud::init) is refused with the platform's words. Here `init` hands over the
/// connection, and is said again with a new one when [`is_ready`](Cloud::is_ready) says that the old one cannot be used
/// any more; [`call_retrying`](Cloud::call_retrying) does that by itself.
///
/// # What calls are given
///
/// A call that names no environment goes to that of [`with_resource`](Cloud::with_resource), or else to that of
/// [`with_env`](Cloud::with_env). What a call is given is checked, and goes out, as if the call had said it itself.
///
/// # The IDs of calls
///
/// A call without a `callID` gets one: 16 hex digits, counted up from the number that [`new`](Cloud::new) was given. A
/// reply with another ID is never taken for that of the call, so on a link where an earlier reply may still come, IDs must
/// not come again: begin with a number that no earlier run has reached, such as a random one, or a count of starts in the
/// upper half.
///
/// # The window
///
/// It takes the call as it goes out, the head of an HTTP response, and a [streamed](Call::stream) reply. So it must hold
/// the longest HTTP head: 512 bytes do for most gateways.
///
/// ```
/// use callcontainer::client::{Cloud, Framing};
/// use callcontainer::{Data, Reply, Request};
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/example.rs")); }
/// # use example::Connection;
/// # let connection = Connection(b"HTTP/1.1 200 OK\r\nContent-Length: 31\r\n\r\n{\"statusCode\":200,\"data\":\"hi\"}  ");
///
/// let mut cloud = Cloud::<_, 512>::new(0).with_env("prod-01");
/// cloud.init(connection, Framing::http("gateway.internal", Some("s3cret"))?);
///
/// let mut buffer = [0; 256];
/// let call = Request::new("/hello").with_service("shop");
/// match cloud.call(&call, &mut buffer).unwrap() {
///     Reply::Response(response) => assert_eq!(response.data(), Data::from("hi")),
///     Reply::Failure(failure) => panic!("{}", failure.err_msg()),
/// }
/// # Ok::<(), callcontainer::Error>(())
/// ```
pub struct Cloud<'f, C, const W: usize> {
    given: Given<'f>,
    line: Option<Line<'f, C>>,
    window: [u8; W],
}

/// A connection and what is known of it.
struct Line<'f, C> {
    connection: C,
    framing: Framing<'f>,
    link: Link,
}

impl<'f, C, const W: usize> Cloud<'f, C, W> {
    /// `wx.cloud`. `first_call` is the number from which its calls [count](Cloud#the-ids-of-calls).
    #[must_use]
    pub const fn new(first_call: u64) -> Self {
        const { assert!(W >= LEAST_WINDOW, "a window holds at least 64 bytes: choose a larger W") }
        Self { given: Given::new(first_call), line: None, window: [0; W] }
    }

    /// `wx.cloud.init({ env })`: calls that name no environment, neither by themselves nor by
    /// [`with_resource`](Cloud::with_resource), go to this one.
    #[must_use]
    pub const fn with_env(mut self, env: &'f str) -> Self {
        self.given = self.given.with_env(env);
        self
    }

    /// `new wx.cloud.Cloud({ resourceAppid, resourceEnv })`: calls that name no resource of their own go to this
    /// environment of another app, unless they name a `config.env`.
    #[must_use]
    pub const fn with_resource(mut self, appid: &'f str, env: &'f str) -> Self {
        self.given = self.given.with_resource(appid, env);
        self
    }

    /// `init`: from here on calls go over this connection. Gives back the one before, if there was one.
    pub fn init(&mut self, connection: C, framing: Framing<'f>) -> Option<C> {
        let link = Link::new(framing.is_line());
        self.line.replace(Line { connection, framing, link }).map(|line| line.connection)
    }

    /// Gives the connection back. Calls are refused from here on, as before [`init`](Cloud::init).
    pub fn take(&mut self) -> Option<C> {
        self.line.take().map(|line| line.connection)
    }

    /// Whether a call can be made: there is a connection, which has not ended as far as is known, and nothing of an earlier
    /// call is left on it that could be taken for something else.
    ///
    /// Over HTTP it is so after each call whose reply has come whole, even one that was no reply, unless the gateway says
    /// that it closes the connection; after any other error, and after a call that was dropped on its way, it is not. A line
    /// is ready until it ends, takes nothing more, or fails with an error whose kind says that it is gone
    /// ([`ConnectionReset`](embedded_io::ErrorKind::ConnectionReset), `ConnectionAborted`, `BrokenPipe`, `NotConnected`):
    /// what is left on it ends at a newline, and late replies are told by their `callID`.
    ///
    /// That a gateway has closed a connection since is only seen by the next call: see
    /// [`call_retrying`](Cloud::call_retrying).
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.link.is_ready())
    }

    /// Whether the connection has served, and is lost.
    pub(super) fn is_spent(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.link.is_spent())
    }
}

impl<'f, C: ErrorType, const W: usize> Cloud<'f, C, W> {
    /// Begins a call. Nothing is sent yet, but all that can be checked is checked.
    ///
    /// # Errors
    /// [`CallError::NotInitialised`], [`CallError::NotReusable`], [`CallError::Request`].
    pub fn start<'c>(&'c mut self, request: &Request<'c>) -> Result<Call<'c, C>, CallError<C::Error>> {
        self.begin(request, None)
    }

    /// Begins a call whose body comes from elsewhere: see [`Call::send_from`].
    ///
    /// # Errors
    /// As for [`start`](Cloud::start); [`ErrorKind::DataConflict`](crate::ErrorKind::DataConflict) when the request has
    /// data of its own.
    pub fn start_from<'c>(&'c mut self, request: &Request<'c>, body: Body) -> Result<Call<'c, C>, CallError<C::Error>> {
        self.begin(request, Some(body))
    }

    fn begin<'c>(&'c mut self, request: &Request<'c>, body: Option<Body>) -> Result<Call<'c, C>, CallError<C::Error>> {
        self.admit(request)?;
        let Some(Line { connection, framing, link }) = &mut self.line else { return Err(CallError::NotInitialised) };
        let outgoing = Outgoing::new(framing, *request, link.is_out_of_step());
        let mut call = Call::new(connection, &mut self.window, link, outgoing, body);
        call.prepare(&self.given).map_err(CallError::Request)?;
        Ok(call)
    }

    /// Makes sure that a call can be made, and counts it.
    fn admit(&mut self, request: &Request<'_>) -> Result<(), CallError<C::Error>> {
        let line = self.line.as_ref().ok_or(CallError::NotInitialised)?;
        if !line.link.is_ready() {
            return Err(CallError::NotReusable);
        }
        self.given.count(request);
        Ok(())
    }
}

impl<C: embedded_io::Read + embedded_io::Write, const W: usize> Cloud<'_, C, W> {
    /// `callContainer`: makes the call and gives what came of it, borrowed from `buffer`.
    ///
    /// # Errors
    /// As for [`start`](Cloud::start) and [`Call::receive`].
    pub fn call<'b>(&mut self, request: &Request<'_>, buffer: &'b mut [u8]) -> Result<Reply<'b>, CallError<C::Error>> {
        self.admit(request)?;
        let Some(line) = &mut self.line else { return Err(CallError::NotInitialised) };
        let waits = line.link.is_out_of_step();
        let inlet = line.send(request, &self.given, &mut self.window)?;
        let mut collect = Collect::new(inlet, waits);
        let call = self.given.call_id(request);
        collect.collect(&mut line.connection, &mut line.link, call, &mut self.window, buffer)?;
        collect.finish(&mut line.link, call, buffer)
    }
}

impl<C: embedded_io::Write> Line<'_, C> {
    /// Sends a call that need not be kept. What that takes is off the stack when the reply comes, and is put there in place.
    ///
    /// With a [`Call`] instead, as [`Cloud::start`] makes it, a whole call takes 18 % more stack on a Cortex-M3, 2008 bytes
    /// for 1696, 3.4 % more flash and 3.1 % more instructions.
    #[inline(never)]
    fn send(
        &mut self,
        request: &Request<'_>,
        given: &Given<'_>,
        window: &mut [u8],
    ) -> Result<Inlet, CallError<C::Error>> {
        let mut outgoing = Outgoing::new(&self.framing, *request, self.link.is_out_of_step());
        let mut flow = Flow::unmeasured(None);
        outgoing.prepare(given, &mut flow).map_err(CallError::Request)?;
        let inlet = self.link.begin();
        let sent = flow.write(&outgoing, window, &mut [].as_slice(), &mut self.connection);
        sent.map_err(|error| self.link.write_failed(error))?;
        Ok(inlet)
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write, const W: usize> Cloud<'_, C, W> {
    /// As [`call`](Cloud::call), async.
    ///
    /// # Errors
    /// As for [`call`](Cloud::call).
    ///
    /// # Cancel safety
    /// As for [`Call::receive_async`].
    pub async fn call_async<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
    ) -> Result<Reply<'b>, CallError<C::Error>> {
        self.start(request)?.receive_async(buffer).await
    }
}
