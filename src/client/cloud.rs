//! `wx.cloud`: everything that is needed before a call can be made.
//!
//! Knows the connection, and the defaults for calls. The [call](super::call) knows how a call is made.

use super::call::Call;
use super::collect::Collect;
use super::deadline::{Deadline, deadline_ms};
use super::error::CallError;
use super::exchange::Line;
use super::framing::{Framing, Outgoing};
use super::given::Given;
use super::link::Link;
use crate::stream::{Body, LEAST_WINDOW};
use crate::{Method, Reply, Request};
use embedded_io::{ErrorType, ReadReady};

/// Makes calls over a connection `C`, through a window of `W` bytes, at least 64: `wx.cloud` of a Mini Program, or one
/// of its instances.
///
/// As there, a call before [`init`](Cloud::init) is refused with the platform's message. Here `init` hands over the
/// connection. It is called again with a new connection when [`is_ready`](Cloud::is_ready) says that the old one cannot
/// be used any more; [`retrying`](Cloud::retrying) does this automatically.
///
/// # Defaults for calls
///
/// A call that names no environment goes to that of [`with_resource`](Cloud::with_resource), or else to that of
/// [`with_env`](Cloud::with_env). Defaults are checked and sent as if the call itself had specified them.
///
/// # The IDs of calls
///
/// A call without a `callID` gets one: 16 hex digits, counting up from the number given to [`new`](Cloud::new). A reply
/// with another ID is never accepted as that of the call. So on a link where an earlier reply may still arrive, IDs
/// must not repeat: start with a number that no earlier run has reached, such as a random one, or a count of boots in
/// the upper half.
///
/// # The window
///
/// The window holds a part of the outgoing call, of the head of an HTTP response, or of a [streamed](Call::stream)
/// reply. Whatever its size, calls and replies of any length pass through it, and heads of up to
/// [`HEAD_LIMIT`](super::HEAD_LIMIT) bytes. A larger window makes fewer and longer reads and writes.
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
    /// Sets the deadline of a call.
    deadline: Option<fn(&mut C, u32)>,
    /// Whether the other end has closed a connection on which nothing is expected.
    has_ended: Option<fn(&mut C) -> bool>,
    /// That has just been asked, for the attempt that now begins.
    is_checked: bool,
    window: [u8; W],
    /// Takes the place of the window unless it is empty.
    #[cfg(feature = "c")]
    borrowed: &'f mut [u8],
}

#[cfg(feature = "c")]
impl<'f, C> Cloud<'f, C, 0> {
    /// Creates a cloud as [`new`](Cloud::new) does, with a window of at least 64 bytes that is somewhere else: for the C
    /// interface.
    #[doc(hidden)]
    #[must_use]
    pub fn borrowing(first_call: u64, window: &'f mut [u8]) -> Option<Self> {
        if window.len() < LEAST_WINDOW {
            return None;
        }
        let mut cloud = Self::with_given(Given::new(first_call));
        cloud.borrowed = window;
        Some(cloud)
    }

    /// As if the connection that is there had been given to [`init`](Cloud::init) again, or, unless it is connected, to
    /// [`init_unconnected`](Cloud::init_unconnected): for the C interface.
    #[doc(hidden)]
    pub const fn renew(&mut self, connected: bool) {
        if let Some(line) = &mut self.line {
            line.link = Link::new(line.framing.way);
            if !connected {
                line.link.lose();
            }
        }
    }
}

/// The window of a cloud.
macro_rules! window {
    ($cloud:ident) => {{
        #[cfg(not(feature = "c"))]
        let window = &mut $cloud.window;
        #[cfg(feature = "c")]
        let window = if $cloud.borrowed.is_empty() { &mut $cloud.window[..] } else { &mut *$cloud.borrowed };
        window
    }};
}

/// What a call takes of its cloud: the defaults, the connection and the window.
type Admitted<'c, 'f, C> = (&'c Given<'f>, &'c mut Line<'f, C>, &'c mut [u8]);

impl<'f, C, const W: usize> Cloud<'f, C, W> {
    /// Creates a `wx.cloud`. `first_call` is the number from which the [IDs of its calls](Cloud#the-ids-of-calls)
    /// count.
    #[must_use]
    pub const fn new(first_call: u64) -> Self {
        const { assert!(W >= LEAST_WINDOW, "a window holds at least 64 bytes: choose a larger W") }
        Self::with_given(Given::new(first_call))
    }

    const fn with_given(given: Given<'f>) -> Self {
        Self {
            given,
            line: None,
            deadline: None,
            has_ended: None,
            is_checked: false,
            window: [0; W],
            #[cfg(feature = "c")]
            borrowed: &mut [],
        }
    }

    /// `wx.cloud.init({ env })`: calls that name no environment, neither themselves nor through
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

    /// Makes the timeout of each call a deadline for the connection too, from when it is sent: that of the request, or
    /// else 15 s ([`TIMEOUT_LIMIT`](crate::TIMEOUT_LIMIT)), or 60 s without a gateway, and a second more, in which the
    /// gateway may say that the time is up. Then a call over a network that has gone silent ends with
    /// [`ErrorKind::TimedOut`](embedded_io::ErrorKind::TimedOut).
    ///
    /// It serves async calls as well, where the connection has a clock. An executor's timeout around
    /// [`retrying_async`](Cloud::retrying_async) limits all attempts together instead.
    #[must_use]
    pub const fn with_deadlines(mut self) -> Self
    where
        C: Deadline,
    {
        self.deadline = Some(C::set_deadline);
        self
    }

    /// Looks before each call over HTTP whether the gateway has closed the connection meanwhile. If so, nothing is sent
    /// on it: the cloud is not [ready](Cloud::is_ready) then, and [`retrying`](Cloud::retrying) connects again. Without
    /// this only a call itself finds out, and one that must not run twice is lost.
    ///
    /// A connection that the gateway closes in the same moment is still met by a call.
    ///
    /// It must be the end of the connection that makes [`ReadReady`] say so, and nothing else: it does not suit the
    /// socket below TLS, on which a server sends session tickets unasked.
    #[must_use]
    pub const fn with_idle_check(mut self) -> Self
    where
        C: ReadReady,
    {
        self.has_ended = Some(has_ended);
        self
    }

    /// `init`: from here on calls go over this connection. Returns the previous connection, if there was one.
    pub fn init(&mut self, connection: C, framing: Framing<'f>) -> Option<C> {
        let link = Link::new(framing.way);
        self.line.replace(Line { connection, framing, link }).map(|line| line.connection)
    }

    /// As [`init`](Cloud::init), for a connection that is not connected yet, such as a socket that is connected in
    /// place: the cloud is not [ready](Cloud::is_ready) before [`retrying`](Cloud::retrying) has connected it.
    pub fn init_unconnected(&mut self, connection: C, framing: Framing<'f>) -> Option<C> {
        let before = self.init(connection, framing);
        if let Some(line) = &mut self.line {
            line.link.lose();
        }
        before
    }

    /// Returns the number of the next call that gets an [ID](Cloud#the-ids-of-calls), for a cloud that takes over from
    /// this one, such as over the next TLS session.
    #[must_use]
    pub const fn next_call(&self) -> u64 {
        self.given.next_call()
    }

    /// Sets the number of the next call that gets an [ID](Cloud#the-ids-of-calls), for a cloud in a `static`, which is
    /// made before the number is known.
    pub const fn set_next_call(&mut self, number: u64) {
        self.given.set_next_call(number);
    }

    /// Returns the connection, for example to set a timeout or to connect it again in place. What is read from it or
    /// written to it here is missing from the next call.
    pub fn connection(&mut self) -> Option<&mut C> {
        self.line.as_mut().map(|line| &mut line.connection)
    }

    /// Returns the connection. From here on calls are refused, as before [`init`](Cloud::init).
    pub fn take(&mut self) -> Option<C> {
        self.line.take().map(|line| line.connection)
    }

    /// Whether a call can be made: there is a connection that has not ended as far as is known, and nothing of an
    /// earlier call is left on it that could be mistaken for something else.
    ///
    /// Over HTTP this is so after each call whose reply has been received completely, even if it was not a valid reply,
    /// unless the gateway announces that it closes the connection. It is not so after any other error, or after a call
    /// that was dropped before it was complete. A line is ready until it ends, accepts no more bytes, or fails with an
    /// error whose kind says that it is gone ([`ConnectionReset`](embedded_io::ErrorKind::ConnectionReset),
    /// `ConnectionAborted`, `BrokenPipe`, `NotConnected`): whatever is left on it ends at a newline, and late replies
    /// are recognised by their `callID`.
    ///
    /// If a gateway has closed the connection in the meantime, only the next call notices: see
    /// [`with_idle_check`](Cloud::with_idle_check) and [`retrying`](Cloud::retrying).
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.link.is_ready())
    }

    /// Loses a connection that has been closed meanwhile, as far as can be known.
    fn check_idle(&mut self) {
        if let (Some(has_ended), Some(line)) = (self.has_ended, &mut self.line)
            && line.link.is_idle()
            && has_ended(&mut line.connection)
        {
            line.link.end();
        }
    }

    /// Begins an attempt at one or more calls. Returns whether it needs a new connection.
    pub(super) fn begin_attempt(&mut self) -> bool {
        self.given.begin_attempt();
        self.check_idle();
        self.is_checked = true;
        if self.is_ready() {
            return false;
        }
        if let Some(line) = &mut self.line {
            line.link.lose();
        }
        true
    }

    /// Notes that the connection has been made anew in place, unless there is another. What was called for that is no
    /// part of the attempt, and may have lost the other one again.
    pub(super) fn connected(&mut self) -> &mut Self {
        self.given.begin_attempt();
        if let Some(Line { framing, link, .. }) = &mut self.line
            && link.is_unconnected()
        {
            *link = Link::new(framing.way);
        }
        self
    }

    /// Returns the method of the attempt; `None` if it must not be repeated.
    pub(super) const fn attempted(&self) -> Option<Method> {
        self.given.attempted()
    }

    /// Whether the connection has served a call, and was lost before the answer to another began.
    pub(super) fn is_spent(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.link.is_spent())
    }
}

/// Nothing is expected, so that whatever can be read is the end, or makes no sense.
fn has_ended<C: ReadReady>(connection: &mut C) -> bool {
    !matches!(connection.read_ready(), Ok(false))
}

impl<'f, C: ErrorType, const W: usize> Cloud<'f, C, W> {
    /// Starts a call. Nothing is sent yet, but everything that can be checked is checked.
    ///
    /// # Errors
    /// [`CallError::NotInitialised`], [`CallError::NotReusable`], [`CallError::Request`].
    pub fn start<'c>(&'c mut self, request: &Request<'c>) -> Result<Call<'c, C>, CallError<C::Error>> {
        self.begin(request, None)
    }

    /// Starts a call whose body is supplied separately: see [`Call::send_from`].
    ///
    /// # Errors
    /// As for [`start`](Cloud::start); [`ErrorKind::DataConflict`](crate::ErrorKind::DataConflict) when the request has
    /// data of its own; [`ErrorKind::WrongType`](crate::ErrorKind::WrongType) for JSON that would become a query or a
    /// form, at one of the platform's own doors.
    pub fn start_from<'c>(&'c mut self, request: &Request<'c>, body: Body) -> Result<Call<'c, C>, CallError<C::Error>> {
        self.begin(request, Some(body))
    }

    fn begin<'c>(&'c mut self, request: &Request<'c>, body: Option<Body>) -> Result<Call<'c, C>, CallError<C::Error>> {
        self.admit(request)?;
        let window = window!(self);
        let Some(Line { connection, framing, link }) = &mut self.line else { return Err(CallError::NotInitialised) };
        let outgoing = Outgoing::new(framing, *request, link.is_out_of_step());
        let mut call = Call::new(connection, window, link, outgoing, body);
        call.prepare(&self.given).map_err(CallError::Request)?;
        call.deadline = self.deadline;
        Ok(call)
    }

    /// Makes sure that a call can be made, and counts it.
    fn admit(&mut self, request: &Request<'_>) -> Result<(), CallError<C::Error>> {
        self.given.note(request);
        if !core::mem::replace(&mut self.is_checked, false) {
            self.check_idle();
        }
        let line = self.line.as_mut().ok_or(CallError::NotInitialised)?;
        if !line.link.is_ready() {
            return Err(CallError::NotReusable);
        }
        self.given.count(request);
        if line.link.is_line() {
            line.link.admit(self.given.is_again(request));
        }
        Ok(())
    }

    /// As [`admit`](Cloud::admit), and sets the deadline. Returns what the call takes.
    fn admitted(&mut self, request: &Request<'_>) -> Result<Admitted<'_, 'f, C>, CallError<C::Error>> {
        self.admit(request)?;
        let Some(line) = &mut self.line else { return Err(CallError::NotInitialised) };
        if let Some(set) = self.deadline {
            set(&mut line.connection, deadline_ms(request, line.framing.way));
        }
        Ok((&self.given, line, window!(self)))
    }

    /// Returns the reply that was collected in `buffer`.
    pub(super) fn finish<'b>(
        &mut self,
        collect: &Collect,
        request: &Request<'_>,
        buffer: &'b [u8],
    ) -> Result<Reply<'b>, CallError<C::Error>> {
        let Some(line) = &mut self.line else { return Err(CallError::NotInitialised) };
        collect.finish(&mut line.link, self.given.call_id(request), buffer)
    }
}

impl<C: embedded_io::Read + embedded_io::Write, const W: usize> Cloud<'_, C, W> {
    /// `callContainer`: makes the call and returns the reply, borrowed from `buffer`.
    ///
    /// # Errors
    /// As for [`start`](Cloud::start) and [`Call::receive`].
    pub fn call<'b>(&mut self, request: &Request<'_>, buffer: &'b mut [u8]) -> Result<Reply<'b>, CallError<C::Error>> {
        let collect = self.exchange(request, buffer)?;
        self.finish(&collect, request, buffer)
    }

    /// Sends the call, and collects the reply in `buffer`.
    pub(super) fn exchange(
        &mut self,
        request: &Request<'_>,
        buffer: &mut [u8],
    ) -> Result<Collect, CallError<C::Error>> {
        let (given, line, window) = self.admitted(request)?;
        line.exchange(request, given, window, buffer)
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write, const W: usize> Cloud<'_, C, W> {
    /// Async version of [`call`](Cloud::call).
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
        let collect = self.exchange_async(request, buffer).await?;
        self.finish(&collect, request, buffer)
    }

    /// Async version of [`exchange`](Cloud::exchange).
    pub(super) async fn exchange_async(
        &mut self,
        request: &Request<'_>,
        buffer: &mut [u8],
    ) -> Result<Collect, CallError<C::Error>> {
        let (given, line, window) = self.admitted(request)?;
        line.exchange_async(request, given, window, buffer).await
    }
}
