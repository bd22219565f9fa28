//! Calls with retries: connects when necessary, makes the call, and repeats it if that helps.
//!
//! Knows the order of connecting, calling and waiting. [`Retries`] knows when a call is repeated.

use super::attempt::{
    Attempt, Attempts, CauseOf, Collected, NoHook, Retried, RetryError, cause_of_call, cause_of_run, no_hook,
};
use super::callbacks::tell;
use super::cloud::Cloud;
use super::error::CallError;
use super::response_error::ResponseError;
use super::retries::{Retriable, Retries};
#[cfg(feature = "serde")]
use super::typed;
#[cfg(feature = "serde")]
use crate::Json;
use crate::{Method, Reply, Request, Response};
use core::marker::PhantomData;
use embedded_io::ErrorType;

/// Makes a call whatever the state of the connection, and repeats it if that helps; see [`Cloud::retrying`].
#[must_use = "nothing happens before a call is made"]
pub struct Retrying<'r, 'f, C, X, D, K, H, const W: usize> {
    cloud: &'r mut Cloud<'f, C, W>,
    delay: &'r mut D,
    connect: K,
    retries: Retries,
    hook: H,
    error: PhantomData<fn() -> X>,
}

impl<'f, C: ErrorType, const W: usize> Cloud<'f, C, W> {
    /// Makes a call whatever the state of the connection, and repeats it if that helps: the wrapper that a Mini Program
    /// puts around `callContainer` for all its calls.
    ///
    /// # Connecting
    ///
    /// `connect` is called when the cloud is not [ready](Cloud::is_ready). It gets the cloud, and
    ///
    /// - either makes a new connection and hands it over with [`init`](Cloud::init). Where the old one must be gone
    ///   before, such as for sockets from a pool of one, it first drops the result of [`take`](Cloud::take);
    /// - or connects the old one again in place, through [`connection`](Cloud::connection): a socket whose buffers are
    ///   borrowed for as long as it lives. Before the first call, [`init_unconnected`](Cloud::init_unconnected) hands
    ///   it over;
    /// - or returns why that is not possible, which is kept: [`RetryError::Connect`].
    ///
    /// Give the error its type: `Ok::<(), E>(())`, unless a `?` or the function around it does.
    ///
    /// # Repeating
    ///
    /// What may be repeated is repeated as in the platform's documentation, unless
    /// [`with_retries`](Retrying::with_retries) gives another policy: without a connection after 300 ms, up to three
    /// times; after a failure that a gateway or the platform answers, on the advice of
    /// [`ErrorCode::retry`](crate::ErrorCode::retry); after an error, on the advice of [`CallError::retry`]. Nothing is
    /// sent twice unless its [method is idempotent](crate::Method::is_idempotent), or the policy is [of any
    /// method](Retries::of_any_method), or no byte of it was accepted, or the answer says that it has not run: HTTP
    /// status 429, or a failure with the code [`NOT_INITIALISED`](crate::ErrorCode::NOT_INITIALISED) or
    /// [`TOO_MANY_REQUESTS`](crate::ErrorCode::TOO_MANY_REQUESTS).
    ///
    /// # A connection that has been closed
    ///
    /// Gateways and the proxies in front of them close idle connections, and a device that calls only now and then
    /// notices with its next call. So if a connection that has served a call before ends or fails, and no byte of an
    /// answer has been received, a call that may be repeated is repeated at once on a new one. This happens at most
    /// once for each call, and does not count among the repetitions above.
    ///
    /// If it may not be repeated, the error says how far the call came, and the caller decides:
    /// [`CallError::NoAnswer`] if it was sent completely, so that the service may have run, and [`CallError::Write`] if
    /// it was not.
    ///
    /// On a line, an error that does not say that the line is gone does not end it: see [`is_ready`](Cloud::is_ready).
    ///
    /// ```
    /// use callcontainer::client::{Cloud, Framing};
    /// use callcontainer::{Reply, Request};
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/example.rs")); }
    /// # use example::Connection;
    /// # struct Timer;
    /// # impl callcontainer::embedded_hal::delay::DelayNs for Timer { fn delay_ns(&mut self, _: u32) {} }
    /// # #[derive(Debug)]
    /// # enum ModemError { NoCarrier }
    /// # let answer = Connection(b"{\"statusCode\":204,\"callID\":\"7\"}\n");
    /// # let mut modem = [Ok(answer), Err(ModemError::NoCarrier)].into_iter();
    /// # let mut dial = || modem.next_back().unwrap();
    ///
    /// let mut cloud = Cloud::<Connection, 512>::new(0);
    /// let mut buffer = [0; 256];
    /// let call = Request::new("/").with_env("prod-01").with_call_id("7");
    /// // The modem has no carrier when it is asked for the first time.
    /// let mut timer = Timer;
    /// let mut calls = cloud.retrying(&mut timer, |cloud| {
    ///     cloud.init(dial()?, Framing::LINE);
    ///     Ok::<(), ModemError>(())
    /// });
    /// let reply = calls.call(&call, &mut buffer).unwrap();
    /// assert!(matches!(reply, Reply::Response(response) if response.status() == 204));
    /// ```
    pub fn retrying<'r, X, D, K>(
        &'r mut self,
        delay: &'r mut D,
        connect: K,
    ) -> Retrying<'r, 'f, C, X, D, K, NoHook<X, C::Error>, W>
    where
        D: embedded_hal::delay::DelayNs,
        K: FnMut(&mut Self) -> Result<(), X>,
    {
        Retrying::new(self, delay, connect)
    }

    /// Async version of [`retrying`](Cloud::retrying), with async calls.
    pub fn retrying_async<'r, X, D, K>(
        &'r mut self,
        delay: &'r mut D,
        connect: K,
    ) -> Retrying<'r, 'f, C, X, D, K, NoHook<X, C::Error>, W>
    where
        D: embedded_hal_async::delay::DelayNs,
        K: AsyncFnMut(&mut Self) -> Result<(), X>,
    {
        Retrying::new(self, delay, connect)
    }
}

impl<'r, 'f, C: ErrorType, X, D, K, const W: usize> Retrying<'r, 'f, C, X, D, K, NoHook<X, C::Error>, W> {
    fn new(cloud: &'r mut Cloud<'f, C, W>, delay: &'r mut D, connect: K) -> Self {
        Self { cloud, delay, connect, retries: Retries::new(), hook: no_hook, error: PhantomData }
    }

    /// Sets a hook that is called before each repetition, for logs, lamps and limits of your own. It returns the wait
    /// in milliseconds, such as the proposed one or [`jittered`](Attempt::jittered), or `None` to give up, such as when
    /// the call has taken too long.
    ///
    /// ```
    /// use callcontainer::client::{Cloud, Framing, Retries};
    /// # use callcontainer::Request;
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/example.rs")); }
    /// # use example::Connection;
    /// # struct Timer;
    /// # impl callcontainer::embedded_hal::delay::DelayNs for Timer { fn delay_ns(&mut self, _: u32) {} }
    /// # fn dial() -> Result<Connection, ()> { Err(()) }
    /// # let (start, mut random, mut buffer) = (std::time::Instant::now(), || 7_u32, [0; 64]);
    /// # let mut cloud = Cloud::<Connection, 512>::new(0);
    /// let mut failed = 0;
    /// let result = cloud
    ///     .retrying(&mut Timer, |cloud| dial().map(|connection| _ = cloud.init(connection, Framing::LINE)))
    ///     .with_retries(Retries::backoff(500, 60_000).at_most(20))
    ///     .with_hook(|attempt| {
    ///         failed += 1;
    ///         (start.elapsed().as_secs() < 300).then(|| attempt.jittered(random()))
    ///     })
    ///     .call(&Request::new("/"), &mut buffer);
    /// assert!(result.is_err());
    /// assert_eq!(failed, 20);
    /// ```
    pub fn with_hook<H>(self, hook: H) -> Retrying<'r, 'f, C, X, D, K, H, W>
    where
        H: FnMut(&Attempt<'_, X, C::Error>) -> Option<u32>,
    {
        let Self { cloud, delay, connect, retries, error, .. } = self;
        Retrying { cloud, delay, connect, retries, hook, error }
    }
}

impl<C, X, D, K, H, const W: usize> Retrying<'_, '_, C, X, D, K, H, W> {
    /// Sets the policy. Every call begins with it anew.
    pub const fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }
}

impl<'f, C, X, D, K, H, const W: usize> Retrying<'_, 'f, C, X, D, K, H, W>
where
    C: embedded_io::Read + embedded_io::Write,
    D: embedded_hal::delay::DelayNs,
    K: FnMut(&mut Cloud<'f, C, W>) -> Result<(), X>,
    H: FnMut(&Attempt<'_, X, C::Error>) -> Option<u32>,
{
    /// `callContainer`: makes the call and returns the reply, borrowed from `buffer`. The reply is decoded once more
    /// than with [`Cloud::call`].
    ///
    /// # Errors
    /// [`RetryError::Connect`] when the last attempt got no connection; otherwise as for [`Cloud::call`], of the last
    /// attempt.
    pub fn call<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
    ) -> Retried<Reply<'b>, X, CallError<C::Error>> {
        let method = self.retries.method(Some(request.method())).unwrap_or_default();
        let attempt = |cloud: &mut Cloud<'f, C, W>| {
            let collect = cloud.exchange(request, buffer)?;
            let advice = cloud.finish(&collect, request, buffer)?.retry(method);
            Ok(Collected { len: collect.len(), advice: collect.advised(advice) })
        };
        self.repeat(attempt, cause_of_call)?.reply(buffer)
    }

    /// `callContainer` with callbacks: see [`Cloud::call_then`].
    pub fn call_then<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
        success: impl FnOnce(&Response<'b>),
        fail: impl FnOnce(&RetryError<X, ResponseError<'b, C::Error>>),
        complete: impl FnOnce(Result<&Response<'b>, &RetryError<X, ResponseError<'b, C::Error>>>),
    ) {
        tell(or_response(self.call(request, buffer)), success, fail, complete);
    }

    /// `callContainer` with typed data both ways: see [`Cloud::call_typed`].
    ///
    /// # Errors
    /// As for [`call`](Retrying::call) and [`Cloud::call_typed`].
    #[cfg(feature = "serde")]
    pub fn call_typed<'b, S, T>(
        &mut self,
        request: &Request<'_>,
        data: &S,
        buffer: &'b mut [u8],
        scratch: &'b mut [u8],
    ) -> Retried<(T, Response<'b>), X, ResponseError<'b, C::Error>>
    where
        S: serde::Serialize + ?Sized,
        T: serde::Deserialize<'b>,
    {
        let json = Json::from_value(data, scratch).map_err(|error| RetryError::Call(ResponseError::Value(error)))?;
        let response = or_response(self.call(&request.with_data(json.into()), buffer))?;
        typed::read(response, scratch).map_err(RetryError::Call)
    }

    /// Runs `operation` as one call that may be repeated: for a [stream](super::Call::stream), a [body from a
    /// reader](super::Call::send_from), or several calls that belong together. It begins with a connection, and is
    /// called again when what it returns may be repeated, as long as the policy allows.
    ///
    /// What counts is the method of its last call. After several calls it is repeated only if none of the earlier ones
    /// was of a method that must not be repeated.
    ///
    /// ```
    /// use callcontainer::client::{CallError, Cloud, Framing};
    /// use callcontainer::stream::{Body, Outcome};
    /// use callcontainer::{Method, Request};
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/example.rs")); }
    /// # use example::Connection;
    /// # struct Timer;
    /// # impl callcontainer::embedded_hal::delay::DelayNs for Timer { fn delay_ns(&mut self, _: u32) {} }
    /// # let answer = b"{\"statusCode\":201,\"callID\":\"7\"}\n";
    /// # fn flash() -> &'static [u8] { &[7; 4096] }
    ///
    /// let mut cloud = Cloud::<Connection, 512>::new(0).with_env("prod-01");
    /// let request = Request::new("/log/7").with_method(Method::Put).with_call_id("7");
    /// let mut timer = Timer;
    /// let mut calls = cloud.retrying(&mut timer, |cloud| {
    ///     cloud.init(Connection(answer), Framing::LINE);
    ///     Ok::<(), CallError<core::convert::Infallible>>(())
    /// });
    /// let outcome = calls.run(|cloud| {
    ///     let mut call = cloud.start_from(&request, Body::bytes(4096))?;
    ///     call.send_from(&mut flash())?; // from its beginning, with each attempt
    ///     let mut reply = call.stream();
    ///     while let Some(_event) = reply.next_event()? {}
    ///     Ok::<_, CallError<_>>(reply.outcome().unwrap_or(Outcome::Failure { code: None }))
    /// });
    /// assert_eq!(outcome, Ok(Outcome::Response { status: 201 }));
    /// ```
    ///
    /// # Errors
    /// [`RetryError::Connect`] when the last attempt got no connection; otherwise what `operation` returned last.
    pub fn run<T: Retriable, E: Retriable>(
        &mut self,
        operation: impl FnMut(&mut Cloud<'f, C, W>) -> Result<T, E>,
    ) -> Retried<T, X, E> {
        self.repeat(operation, cause_of_run)
    }

    fn repeat<T: Retriable, E: Retriable>(
        &mut self,
        mut attempt: impl FnMut(&mut Cloud<'f, C, W>) -> Result<T, E>,
        cause: CauseOf<T, X, E, C::Error>,
    ) -> Retried<T, X, E> {
        let mut attempts = Attempts::new(self.retries);
        loop {
            let connected = if self.cloud.begin_attempt() { (self.connect)(self.cloud) } else { Ok(()) };
            let result = match connected {
                Ok(()) => attempt(self.cloud.connected()).map_err(RetryError::Call),
                Err(error) => Err(RetryError::Connect(error)),
            };
            match self.wait_before_next(&mut attempts, &result, cause) {
                None => return result,
                Some(0) => {}
                Some(wait_ms) => self.delay.delay_ms(wait_ms),
            }
        }
    }
}

impl<'f, C, X, D, K, H, const W: usize> Retrying<'_, 'f, C, X, D, K, H, W>
where
    C: embedded_io_async::Read + embedded_io_async::Write,
    D: embedded_hal_async::delay::DelayNs,
    K: AsyncFnMut(&mut Cloud<'f, C, W>) -> Result<(), X>,
    H: FnMut(&Attempt<'_, X, C::Error>) -> Option<u32>,
{
    /// Async version of [`call`](Retrying::call).
    ///
    /// # Errors
    /// As for [`call`](Retrying::call).
    ///
    /// # Cancel safety
    /// As for [`Call::receive_async`](super::Call::receive_async), and as safe as the closure that connects. A
    /// connection that was handed over in it is kept.
    pub async fn call_async<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
    ) -> Retried<Reply<'b>, X, CallError<C::Error>> {
        let method = self.retries.method(Some(request.method())).unwrap_or_default();
        let attempt = async |cloud: &mut Cloud<'f, C, W>| {
            let collect = cloud.exchange_async(request, buffer).await?;
            let advice = cloud.finish(&collect, request, buffer)?.retry(method);
            Ok(Collected { len: collect.len(), advice: collect.advised(advice) })
        };
        self.repeat_async(attempt, cause_of_call).await?.reply(buffer)
    }

    /// Async version of [`call_then`](Retrying::call_then).
    ///
    /// # Cancel safety
    /// As for [`call_async`](Retrying::call_async). When it is dropped, none of the callbacks is called.
    pub async fn call_then_async<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
        success: impl FnOnce(&Response<'b>),
        fail: impl FnOnce(&RetryError<X, ResponseError<'b, C::Error>>),
        complete: impl FnOnce(Result<&Response<'b>, &RetryError<X, ResponseError<'b, C::Error>>>),
    ) {
        tell(or_response(self.call_async(request, buffer).await), success, fail, complete);
    }

    /// Async version of [`call_typed`](Retrying::call_typed).
    ///
    /// # Errors
    /// As for [`call_typed`](Retrying::call_typed).
    ///
    /// # Cancel safety
    /// As for [`call_async`](Retrying::call_async).
    #[cfg(feature = "serde")]
    pub async fn call_typed_async<'b, S, T>(
        &mut self,
        request: &Request<'_>,
        data: &S,
        buffer: &'b mut [u8],
        scratch: &'b mut [u8],
    ) -> Retried<(T, Response<'b>), X, ResponseError<'b, C::Error>>
    where
        S: serde::Serialize + ?Sized,
        T: serde::Deserialize<'b>,
    {
        let json = Json::from_value(data, scratch).map_err(|error| RetryError::Call(ResponseError::Value(error)))?;
        let response = or_response(self.call_async(&request.with_data(json.into()), buffer).await)?;
        typed::read(response, scratch).map_err(RetryError::Call)
    }

    /// Async version of [`run`](Retrying::run).
    ///
    /// # Errors
    /// As for [`run`](Retrying::run).
    ///
    /// # Cancel safety
    /// As for [`call_async`](Retrying::call_async), and as safe as `operation`.
    pub async fn run_async<T: Retriable, E: Retriable>(
        &mut self,
        operation: impl AsyncFnMut(&mut Cloud<'f, C, W>) -> Result<T, E>,
    ) -> Retried<T, X, E> {
        self.repeat_async(operation, cause_of_run).await
    }

    async fn repeat_async<T: Retriable, E: Retriable>(
        &mut self,
        mut attempt: impl AsyncFnMut(&mut Cloud<'f, C, W>) -> Result<T, E>,
        cause: CauseOf<T, X, E, C::Error>,
    ) -> Retried<T, X, E> {
        let mut attempts = Attempts::new(self.retries);
        loop {
            let connected = if self.cloud.begin_attempt() { (self.connect)(self.cloud).await } else { Ok(()) };
            let result = match connected {
                Ok(()) => attempt(self.cloud.connected()).await.map_err(RetryError::Call),
                Err(error) => Err(RetryError::Connect(error)),
            };
            match self.wait_before_next(&mut attempts, &result, cause) {
                None => return result,
                Some(0) => {}
                Some(wait_ms) => self.delay.delay_ms(wait_ms).await,
            }
        }
    }
}

impl<C, X, D, K, H, const W: usize> Retrying<'_, '_, C, X, D, K, H, W>
where
    C: ErrorType,
    H: FnMut(&Attempt<'_, X, C::Error>) -> Option<u32>,
{
    /// Returns how long to wait before the next attempt, in milliseconds; `None` if there is none, by the policy or by
    /// the hook.
    fn wait_before_next<T: Retriable, E: Retriable>(
        &mut self,
        attempts: &mut Attempts,
        result: &Retried<T, X, E>,
        cause: CauseOf<T, X, E, C::Error>,
    ) -> Option<u32> {
        // What is called to connect is no part of the attempt.
        let is_connected = !matches!(result, Err(RetryError::Connect(_)));
        let method = if is_connected { self.cloud.attempted() } else { Some(Method::Get) };
        let wait_ms = attempts.next(result, method, is_connected && self.cloud.is_spent())?;
        (self.hook)(&Attempt { number: attempts.number, cause: cause(result), wait_ms })
    }
}

/// Returns the response, or why there is none.
fn or_response<X, E>(result: Retried<Reply<'_>, X, CallError<E>>) -> Retried<Response<'_>, X, ResponseError<'_, E>> {
    match result {
        Ok(reply) => ResponseError::or_response(Ok(reply)).map_err(RetryError::Call),
        Err(RetryError::Call(error)) => Err(RetryError::Call(ResponseError::Call(error))),
        Err(RetryError::Connect(error)) => Err(RetryError::Connect(error)),
    }
}
