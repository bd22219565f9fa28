//! One call over a connection, blocking or async.
//!
//! Knows the order of operations: send, then receive. The drivers hold no state of their own.

use super::collect::Collect;
use super::deadline::deadline_ms;
use super::error::CallError;
use super::exchange::received_of;
use super::framing::Outgoing;
use super::given::Given;
use super::inlet::Inlet;
use super::link::Link;
use crate::error::Error;
use crate::stream::{Body, EncodeStep, Flow};
use crate::{Method, Reply, Text};

/// A call that was started with [`Cloud::start`](super::Cloud::start).
///
/// Nothing has been sent yet. Either [`receive`](Call::receive) the whole reply, or process it piece by piece as a
/// [`stream`](Call::stream). Both first send whatever has not been sent. A call whose body is supplied separately must
/// be sent with [`send_from`](Call::send_from).
///
/// Dropping a call before its reply has been received leaves the connection in an unknown state. The cloud keeps track
/// of that: see [`Cloud::is_ready`](super::Cloud::is_ready).
///
/// ```
/// use callcontainer::client::{Cloud, Framing};
/// use callcontainer::stream::Body;
/// use callcontainer::{Method, Reply, Request};
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/example.rs")); }
/// # use example::Connection;
/// # let serial = Connection(b"{\"statusCode\":201,\"callID\":\"7\"}\n");
///
/// let mut cloud = Cloud::<_, 64>::new(0);
/// cloud.init(serial, Framing::LINE);
/// let request = Request::new("/samples").with_env("prod-01").with_method(Method::Post).with_call_id("7");
/// // Ten kilobytes that are never in memory as a whole.
/// let mut call = cloud.start_from(&request, Body::bytes(10_000)).unwrap();
/// # let mut samples = std::iter::repeat_n(7, 10_000).collect::<std::collections::VecDeque<u8>>();
/// # let mut samples = samples.make_contiguous() as &[u8];
/// call.send_from(&mut samples).unwrap();
/// let mut buffer = [0; 256];
/// assert!(matches!(call.receive(&mut buffer).unwrap(), Reply::Response(response) if response.status() == 201));
/// ```
pub struct Call<'c, C> {
    pub(super) connection: &'c mut C,
    pub(super) window: &'c mut [u8],
    pub(super) link: &'c mut Link,
    outgoing: Outgoing<'c>,
    flow: Flow,
    /// The receiving side, from when the first byte is sent until the reply is received.
    inlet: Option<Inlet>,
    has_begun: bool,
    is_sent: bool,
    /// Sets the deadline when the first byte is sent.
    pub(super) deadline: Option<fn(&mut C, u32)>,
    /// Replies to other calls may come first.
    waits: bool,
}

impl<'c, C> Call<'c, C> {
    pub(super) fn new(
        connection: &'c mut C,
        window: &'c mut [u8],
        link: &'c mut Link,
        outgoing: Outgoing<'c>,
        body: Option<Body>,
    ) -> Self {
        let waits = link.is_out_of_step();
        let flow = Flow::unmeasured(body);
        Self {
            connection,
            window,
            link,
            outgoing,
            flow,
            inlet: None,
            has_begun: false,
            is_sent: false,
            deadline: None,
            waits,
        }
    }

    /// Fills in what the call does not specify, and checks everything that can be checked. Must be called before
    /// anything else.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub(super) fn prepare(&mut self, given: &'c Given<'_>) -> Result<(), Error> {
        self.outgoing.prepare(given, &mut self.flow)
    }

    /// Returns the `callID` of the call: that of the request, or else the one that the client has assigned.
    #[must_use]
    pub fn call_id(&self) -> Text<'_> {
        self.outgoing.call_id()
    }

    /// Returns the method of the call.
    #[must_use]
    pub fn method(&self) -> Method {
        self.outgoing.request().method()
    }

    /// Returns the total number of bytes to send: the envelope and the framing around it.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        self.flow.len()
    }

    /// Returns the number of bytes sent so far.
    #[must_use]
    pub const fn sent(&self) -> usize {
        self.flow.written()
    }

    /// Begins to send. From here on the connection is in an unknown state, until the reply has been received.
    fn begin(&mut self) {
        // Once only: behind the reply it would be as if there had been none.
        if !self.has_begun {
            self.has_begun = true;
            self.link.begin(self.outgoing.asked());
            self.inlet = Some(self.link.inlet());
            if let Some(set) = self.deadline.take() {
                set(self.connection, deadline_ms(self.outgoing.request(), self.outgoing.framing.way));
            }
        }
    }

    /// Returns what to do next so that the call is sent; [`EncodeStep::Done`] when that has been done.
    ///
    /// # Errors
    /// What is wrong with the body.
    pub(super) fn send_step(&mut self) -> Result<EncodeStep<'_>, Error> {
        self.begin();
        self.flow.step(&self.outgoing, self.window)
    }

    /// Notes that this many bytes were sent.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.flow.wrote(bytes);
    }

    /// Takes this many bytes of the body.
    ///
    /// # Errors
    /// What is wrong with the body.
    pub(super) fn read_body(&mut self, bytes: usize) -> Result<(), Error> {
        self.flow.read(self.window, bytes)
    }

    /// Takes the receiving side, which can be taken once.
    pub(super) fn take_inlet(&mut self) -> Inlet {
        self.begin();
        self.inlet.take().unwrap_or_else(|| self.link.inlet())
    }

    fn collecting(&mut self) -> Collect {
        Collect::new(self.take_inlet(), self.waits)
    }

    /// Returns the reply that was collected in `buffer`.
    pub(super) fn finish<'b, E>(&mut self, collect: &Collect, buffer: &'b [u8]) -> Result<Reply<'b>, CallError<E>> {
        collect.finish(self.link, self.outgoing.call_id(), buffer)
    }

    /// Returns what is needed to process a reply.
    pub(super) fn parts(&mut self) -> (&mut C, &mut [u8], &mut Link, Text<'_>) {
        (self.connection, self.window, self.link, self.outgoing.call_id())
    }
}

impl<C: embedded_io::Read + embedded_io::Write> Call<'_, C> {
    /// Sends the call. Does nothing if it has already been sent.
    ///
    /// # Errors
    /// [`CallError::Write`]; calling this again continues where it failed.
    pub fn send(&mut self) -> Result<(), CallError<C::Error>> {
        self.send_from(&mut [].as_slice())
    }

    /// Sends the call, with the body from `reader`. For bytes, and for text without escapes, no more is read than
    /// belongs to the body; otherwise no more than the announced length.
    ///
    /// # Errors
    /// As for [`send`](Call::send), and what is wrong with the body. In that case the bytes sent are not an envelope.
    pub fn send_from<R: embedded_io::Read>(&mut self, reader: &mut R) -> Result<(), CallError<C::Error, R::Error>> {
        if !self.is_sent {
            self.begin();
            let sent = self.flow.write(&self.outgoing, self.window, reader, self.connection);
            sent.map_err(|error| self.link.write_failed(error))?;
            self.is_sent = true;
        }
        Ok(())
    }

    /// Sends whatever has not been sent, and receives the reply into `buffer`.
    ///
    /// # Errors
    /// As for [`send`](Call::send). [`CallError::Reply`] when the reply is not a valid envelope, or does not fit into
    /// `buffer`; [`CallError::ForeignReply`]; [`CallError::NoAnswer`], [`CallError::Io`], [`CallError::UnexpectedEof`],
    /// [`CallError::Http`] and [`CallError::Status`].
    pub fn receive<'b>(mut self, buffer: &'b mut [u8]) -> Result<Reply<'b>, CallError<C::Error>> {
        let collect = self.collect(buffer)?;
        self.finish(&collect, buffer)
    }

    /// Sends whatever has not been sent, and collects the reply in `buffer`.
    pub(super) fn collect(&mut self, buffer: &mut [u8]) -> Result<Collect, CallError<C::Error>> {
        let sent = self.send();
        let before = self.link.unsent(sent)?;
        let mut collect = self.collecting();
        let call = self.outgoing.call_id();
        let received = collect.collect(self.connection, self.link, call, self.window, buffer);
        received_of(received.map(|()| collect), before, buffer)
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write> Call<'_, C> {
    /// Async version of [`send`](Call::send).
    ///
    /// # Errors
    /// As for [`send`](Call::send).
    ///
    /// # Cancel safety
    /// As safe as `write` and `flush` of the connection: calling this again continues.
    pub async fn send_async(&mut self) -> Result<(), CallError<C::Error>> {
        self.send_from_async(&mut [].as_slice()).await
    }

    /// Async version of [`send_from`](Call::send_from).
    ///
    /// # Errors
    /// As for [`send_from`](Call::send_from).
    ///
    /// # Cancel safety
    /// As for [`send_async`](Call::send_async), and as safe as `read` of the reader.
    pub async fn send_from_async<R: embedded_io_async::Read>(
        &mut self,
        reader: &mut R,
    ) -> Result<(), CallError<C::Error, R::Error>> {
        if !self.is_sent {
            self.begin();
            let sent = self.flow.write_async(&self.outgoing, self.window, reader, self.connection).await;
            sent.map_err(|error| self.link.write_failed(error))?;
            self.is_sent = true;
        }
        Ok(())
    }

    /// Async version of [`receive`](Call::receive).
    ///
    /// # Errors
    /// As for [`receive`](Call::receive).
    ///
    /// # Cancel safety
    /// None: a call that is dropped before it is complete is abandoned, and so is the connection, unless it is a line.
    /// To resume receiving a reply, use [`stream`](Call::stream).
    pub async fn receive_async<'b>(mut self, buffer: &'b mut [u8]) -> Result<Reply<'b>, CallError<C::Error>> {
        let collect = self.collect_async(buffer).await?;
        self.finish(&collect, buffer)
    }

    /// Async version of [`collect`](Call::collect).
    pub(super) async fn collect_async(&mut self, buffer: &mut [u8]) -> Result<Collect, CallError<C::Error>> {
        let sent = self.send_async().await;
        let before = self.link.unsent(sent)?;
        let mut collect = self.collecting();
        let call = self.outgoing.call_id();
        let received = collect.collect_async(self.connection, self.link, call, self.window, buffer).await;
        received_of(received.map(|()| collect), before, buffer)
    }
}
