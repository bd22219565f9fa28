//! Calls with retries: connects when necessary, makes the call, and repeats it if that helps.
//!
//! Knows when a call is repeated. Knows nothing of what goes over the connection.

use super::call::Call;
use super::cloud::Cloud;
use super::error::CallError;
use super::framing::Framing;
use crate::{Method, Reply, Request, Retry};
use embedded_io::ErrorType;

/// How often a call has been repeated.
#[derive(Default)]
struct Attempts {
    /// On the advice of the platform.
    made: u8,
    /// Because the connection had ended.
    resent: bool,
}

impl Attempts {
    /// Whether to repeat the call at once on a new connection, because the one that it was sent on is `spent`: it had
    /// served a call, and nothing of an answer was received. At most once. If a byte has been sent, the call may run
    /// twice.
    fn resend<E>(&mut self, attempt: &Attempt<E>, spent: bool, method: Method) -> bool {
        let may = match attempt {
            Err(CallError::NoAnswer(_)) => method.is_idempotent(),
            Err(CallError::Write(error)) => error.written == 0 || method.is_idempotent(),
            _ => false,
        };
        may && spent && !core::mem::replace(&mut self.resent, true)
    }

    /// Returns how long to wait before the next repetition, in milliseconds; `None` if there is none. All repetitions
    /// count, whatever their reason.
    fn next(&mut self, advice: Option<Retry>) -> Option<u32> {
        let advice = advice.filter(|advice| self.made < advice.at_most)?;
        self.made = self.made.saturating_add(1);
        Some(advice.delay_ms)
    }
}

/// The result of an attempt: the length of the reply and the advice for it, or an error.
type Attempt<E> = Result<(usize, Option<Retry>), CallError<E>>;

/// Returns the advice for an attempt.
fn advice<E>(attempt: &Attempt<E>, method: Method) -> Option<Retry> {
    match attempt {
        Ok((_, advice)) => *advice,
        Err(error) => error.retry(method),
    }
}

/// Returns the reply of the last attempt.
fn last<E>(attempt: Attempt<E>, buffer: &[u8]) -> Result<Reply<'_>, CallError<E>> {
    let (len, _) = attempt?;
    Reply::decode(buffer.get(..len).unwrap_or_default()).map_err(CallError::Reply)
}

impl<C: embedded_io::Read + embedded_io::Write> Call<'_, C> {
    fn attempt(mut self, buffer: &mut [u8]) -> Attempt<C::Error> {
        let method = self.method();
        let collect = self.collect(buffer)?;
        Ok((collect.len(), self.finish(&collect, buffer)?.retry(method)))
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write> Call<'_, C> {
    async fn attempt_async(mut self, buffer: &mut [u8]) -> Attempt<C::Error> {
        let method = self.method();
        let collect = self.collect_async(buffer).await?;
        Ok((collect.len(), self.finish(&collect, buffer)?.retry(method)))
    }
}

impl<'f, C: ErrorType, const W: usize> Cloud<'f, C, W> {
    /// Installs a new connection, if there is one.
    fn connected(&mut self, made: Option<(C, Framing<'f>)>) {
        if let Some((connection, framing)) = made {
            self.init(connection, framing);
        }
    }
}

impl<'f, C: embedded_io::Read + embedded_io::Write, const W: usize> Cloud<'f, C, W> {
    /// Makes a call whatever the state of the connection, and repeats it if that helps: the wrapper that a Mini Program
    /// puts around `callContainer` for all its calls.
    ///
    /// If the cloud is not [ready](Cloud::is_ready), the old connection is dropped, and `connect` makes a new one, or
    /// returns `None` if that is not possible at the moment. A call that fails because there is no connection, or with
    /// a failure that a gateway or the platform answers, is repeated on the advice of
    /// [`ErrorCode::retry`](crate::ErrorCode::retry), after a `delay`: when not initialised after 300 ms, up to three
    /// times; when the service may have run, only if the method is idempotent. HTTP status 502, 503 or 504 without a
    /// reply counts as [`REQUEST_TIMEOUT`](crate::ErrorCode::REQUEST_TIMEOUT).
    ///
    /// # A connection that has been closed
    ///
    /// Gateways and the proxies in front of them close idle connections, and a device that calls only now and then
    /// notices with its next call. So if a connection that has served a call before ends or fails, and no byte of an
    /// answer has been received, the call is repeated at once on a new one, provided that its [method is
    /// idempotent](Method::is_idempotent) or no byte of it was accepted. This happens at most once for each call, and
    /// does not count among the repetitions above.
    ///
    /// Otherwise the error says how far the call came, and the caller decides: [`CallError::NoAnswer`] if it was sent
    /// completely, so that the service may have run, and [`CallError::Write`] if it was not. A connection that is new,
    /// or ends in the middle of an answer, is not replaced for the same call.
    ///
    /// On a line, an error that does not say that the line is gone does not end it: see [`is_ready`](Cloud::is_ready).
    ///
    /// # Memory and time
    ///
    /// The reply is decoded once more than with [`call`](Cloud::call).
    ///
    /// ```
    /// use callcontainer::client::{Cloud, Framing};
    /// use callcontainer::{Reply, Request};
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/example.rs")); }
    /// # use example::Connection;
    /// # struct Timer;
    /// # impl callcontainer::embedded_hal::delay::DelayNs for Timer { fn delay_ns(&mut self, _: u32) {} }
    /// # let mut modem = vec![Some(Connection(b"{\"statusCode\":204,\"callID\":\"7\"}\n")), None].into_iter();
    ///
    /// let mut cloud = Cloud::<Connection, 512>::new(0);
    /// let mut buffer = [0; 256];
    /// let call = Request::new("/").with_env("prod-01").with_call_id("7");
    /// // The modem is not there yet when it is asked for the first time.
    /// let connect = || modem.next_back().flatten().map(|connection| (connection, Framing::LINE));
    /// let reply = cloud.call_retrying(&call, &mut buffer, &mut Timer, connect).unwrap();
    /// assert!(matches!(reply, Reply::Response(response) if response.status() == 204));
    /// ```
    ///
    /// # Errors
    /// As for [`call`](Cloud::call), of the last attempt; never [`CallError::NotReusable`].
    pub fn call_retrying<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
        delay: &mut impl embedded_hal::delay::DelayNs,
        mut connect: impl FnMut() -> Option<(C, Framing<'f>)>,
    ) -> Result<Reply<'b>, CallError<C::Error>> {
        let mut attempts = Attempts::default();
        loop {
            if !self.is_ready() {
                self.take();
                self.connected(connect());
            }
            let attempt = self.start(request).and_then(|call| call.attempt(buffer));
            if attempts.resend(&attempt, self.is_spent(), request.method()) {
                continue;
            }
            match attempts.next(advice(&attempt, request.method())) {
                Some(milliseconds) => delay.delay_ms(milliseconds),
                None => return last(attempt, buffer),
            }
        }
    }
}

impl<'f, C: embedded_io_async::Read + embedded_io_async::Write, const W: usize> Cloud<'f, C, W> {
    /// Async version of [`call_retrying`](Cloud::call_retrying).
    ///
    /// # Errors
    /// As for [`call_retrying`](Cloud::call_retrying).
    ///
    /// # Cancel safety
    /// As for [`Call::receive_async`].
    pub async fn call_retrying_async<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
        delay: &mut impl embedded_hal_async::delay::DelayNs,
        mut connect: impl AsyncFnMut() -> Option<(C, Framing<'f>)>,
    ) -> Result<Reply<'b>, CallError<C::Error>> {
        let mut attempts = Attempts::default();
        loop {
            if !self.is_ready() {
                self.take();
                self.connected(connect().await);
            }
            let attempt = match self.start(request) {
                Ok(call) => call.attempt_async(buffer).await,
                Err(error) => Err(error),
            };
            if attempts.resend(&attempt, self.is_spent(), request.method()) {
                continue;
            }
            match attempts.next(advice(&attempt, request.method())) {
                Some(milliseconds) => delay.delay_ms(milliseconds).await,
                None => return last(attempt, buffer),
            }
        }
    }
}
