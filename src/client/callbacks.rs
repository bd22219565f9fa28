//! The callbacks of `wx.cloud.callContainer`, which the platform documents as an alternative to its promise.

use super::cloud::Cloud;
use super::response_error::ResponseError;
use crate::{Request, Response};

/// Calls the callbacks with the result of a call.
pub(super) fn tell<'b, E>(
    result: Result<Response<'b>, E>,
    success: impl FnOnce(&Response<'b>),
    fail: impl FnOnce(&E),
    complete: impl FnOnce(Result<&Response<'b>, &E>),
) {
    match &result {
        Ok(response) => success(response),
        Err(failed) => fail(failed),
    }
    complete(result.as_ref());
}

impl<C: embedded_io::Read + embedded_io::Write, const W: usize> Cloud<'_, C, W> {
    /// `callContainer` with callbacks: makes the call, calls `success` or `fail`, and `complete` after either.
    ///
    /// ```
    /// use callcontainer::Request;
    /// use callcontainer::client::{Cloud, Framing};
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/example.rs")); }
    /// # use example::Connection;
    /// # let serial = Connection(b"{\"statusCode\":200,\"callID\":\"7\",\"data\":\"hi\"}\n");
    ///
    /// let mut cloud = Cloud::<_, 64>::new(0);
    /// cloud.init(serial, Framing::LINE);
    /// let mut status = 0;
    /// cloud.call_then(
    ///     &Request::new("/").with_env("prod-01").with_call_id("7"),
    ///     &mut [0; 256],
    ///     |response| status = response.status(),
    ///     |failed| panic!("{failed}"),
    ///     |_| {}, // whatever came of it, the radio can sleep
    /// );
    /// assert_eq!(status, 200);
    /// ```
    pub fn call_then<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
        success: impl FnOnce(&Response<'b>),
        fail: impl FnOnce(&ResponseError<'b, C::Error>),
        complete: impl FnOnce(Result<&Response<'b>, &ResponseError<'b, C::Error>>),
    ) {
        tell(ResponseError::or_response(self.call(request, buffer)), success, fail, complete);
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write, const W: usize> Cloud<'_, C, W> {
    /// Async version of [`call_then`](Cloud::call_then), for an event loop.
    ///
    /// # Cancel safety
    /// As for [`Call::receive_async`](super::Call::receive_async). When it is dropped, none of the callbacks is called.
    pub async fn call_then_async<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
        success: impl FnOnce(&Response<'b>),
        fail: impl FnOnce(&ResponseError<'b, C::Error>),
        complete: impl FnOnce(Result<&Response<'b>, &ResponseError<'b, C::Error>>),
    ) {
        tell(ResponseError::or_response(self.call_async(request, buffer).await), success, fail, complete);
    }
}
