//! One call in one piece: sent, and its reply collected in a buffer. Nothing of it is kept.
//!
//! Knows what is on the stack when. A [`Call`](super::Call) does the same in steps that its caller takes.

use super::collect::Collect;
use super::error::CallError;
use super::framing::{Framing, Outgoing};
use super::given::Given;
use super::link::Link;
use crate::stream::{Flow, NoBody};
use crate::{Reply, Request, Text};

/// A connection and what is known about it.
pub(super) struct Line<'f, C> {
    pub(super) connection: C,
    pub(super) framing: Framing<'f>,
    pub(super) link: Link,
}

/// Returns what was received of a call, which was sent completely unless `before` says why not.
///
/// # Errors
/// Those of receiving; `before`, unless what was received is a refusal, or what a service itself has answered.
pub(super) fn received_of<E>(
    received: Result<Collect, CallError<E>>,
    before: Option<CallError<E>>,
    buffer: &[u8],
) -> Result<Collect, CallError<E>> {
    match before {
        Some(before) => refusal(received, before, buffer),
        None => received,
    }
}

/// Returns what was received of a call that was not sent completely, if it is a refusal; otherwise `before`, which says
/// why. A gateway has no response to half an envelope. A service may have one to half a request, such as a status 413.
fn refusal<E>(
    received: Result<Collect, CallError<E>>,
    before: CallError<E>,
    buffer: &[u8],
) -> Result<Collect, CallError<E>> {
    match received {
        Ok(collect) if collect.inlet.way.door().is_some() => Ok(collect),
        Ok(collect) => {
            let reply = Reply::decode(buffer.get(..collect.len()).unwrap_or_default());
            if matches!(reply, Ok(Reply::Response(_))) { Err(before) } else { Ok(collect) }
        }
        Err(error) => Err(error.or(before)),
    }
}

impl<C: embedded_io::Read + embedded_io::Write> Line<'_, C> {
    /// Sends the call, and collects the reply in `buffer`.
    ///
    /// # Errors
    /// What is wrong with the request; those of the connection and the framing.
    pub(super) fn exchange(
        &mut self,
        request: &Request<'_>,
        given: &Given<'_>,
        window: &mut [u8],
        buffer: &mut [u8],
    ) -> Result<Collect, CallError<C::Error>> {
        let waits = self.link.is_out_of_step();
        let call = given.call_id(request);
        match self.send(request, given, window) {
            Ok(()) => self.receive(waits, call, window, buffer),
            Err(error) => self.receive_refusal(error, call, window, buffer),
        }
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write> Line<'_, C> {
    /// Async version of [`exchange`](Line::exchange).
    pub(super) async fn exchange_async(
        &mut self,
        request: &Request<'_>,
        given: &Given<'_>,
        window: &mut [u8],
        buffer: &mut [u8],
    ) -> Result<Collect, CallError<C::Error>> {
        let waits = self.link.is_out_of_step();
        let sent = self.send_async(request, given, window).await;
        let before = self.link.unsent(sent)?;
        let mut collect = Collect::new(self.link.inlet(), waits);
        let call = given.call_id(request);
        let received = collect.collect_async(&mut self.connection, &mut self.link, call, window, buffer).await;
        received_of(received.map(|()| collect), before, buffer)
    }
}

impl<C: embedded_io::Write> Line<'_, C> {
    /// Sends a call that need not be kept. Its state is built in place, and is off the stack by the time the reply
    /// arrives.
    ///
    /// With a [`Call`] instead, as [`Cloud::start`] creates it, a whole call takes about a sixth more stack on a
    /// Cortex-M3, and 3 % more flash and instructions.
    #[inline(never)]
    fn send(&mut self, request: &Request<'_>, given: &Given<'_>, window: &mut [u8]) -> Result<(), CallError<C::Error>> {
        let mut outgoing = Outgoing::new(&self.framing, *request, self.link.is_out_of_step());
        let mut flow = Flow::of(NoBody);
        outgoing.prepare(given, &mut flow).map_err(CallError::Request)?;
        self.link.begin(outgoing.asked());
        let sent = flow.write(&outgoing, window, &mut [].as_slice(), &mut self.connection);
        sent.map_err(|error| self.link.write_failed(error))
    }
}

impl<C: embedded_io_async::Write> Line<'_, C> {
    /// Async version of [`send`](Line::send).
    async fn send_async(
        &mut self,
        request: &Request<'_>,
        given: &Given<'_>,
        window: &mut [u8],
    ) -> Result<(), CallError<C::Error>> {
        let mut outgoing = Outgoing::new(&self.framing, *request, self.link.is_out_of_step());
        let mut flow = Flow::of(NoBody);
        outgoing.prepare(given, &mut flow).map_err(CallError::Request)?;
        self.link.begin(outgoing.asked());
        let sent = flow.write_async(&outgoing, window, &mut [].as_slice(), &mut self.connection).await;
        sent.map_err(|error| self.link.write_failed(error))
    }
}

impl<C: embedded_io::Read> Line<'_, C> {
    /// Receives the reply to the call that was sent. Its state is on the stack only now.
    #[inline(never)]
    fn receive(
        &mut self,
        waits: bool,
        call: Text<'_>,
        window: &mut [u8],
        buffer: &mut [u8],
    ) -> Result<Collect, CallError<C::Error>> {
        let mut collect = Collect::new(self.link.inlet(), waits);
        collect.collect(&mut self.connection, &mut self.link, call, window, buffer)?;
        Ok(collect)
    }

    /// Receives the answer to a call that was not sent completely, if there may be one.
    ///
    /// # Errors
    /// `before`, which says why it was not sent, unless the answer is a refusal.
    #[inline(never)]
    fn receive_refusal(
        &mut self,
        before: CallError<C::Error>,
        call: Text<'_>,
        window: &mut [u8],
        buffer: &mut [u8],
    ) -> Result<Collect, CallError<C::Error>> {
        let before = self.link.unsent(Err(before))?;
        received_of(self.receive(false, call, window, buffer), before, buffer)
    }
}
