//! Why a call did not succeed, in one type, and the callbacks of a Mini Program, which tell it apart from success.
//!
//! It knows what a caller is told in the end. It must never know how the call was made.

use super::cloud::Cloud;
use super::error::CallError;
use crate::{ErrorCode, Failure, Reply, Request, Response};
use core::fmt;

/// Why a call over a connection with errors `E` did not succeed: what `fail` is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Failed<'b, E> {
    /// The gateway or the platform says so.
    Failure(Failure<'b>),
    /// The call came to nothing.
    Call(CallError<E>),
    /// The value to be sent cannot be written. Nothing was sent.
    #[cfg(feature = "serde")]
    Value(crate::typed::Error),
    /// The service has answered with this HTTP status, and the data are not of the type asked for.
    #[cfg(feature = "serde")]
    Data(u16, crate::typed::Error),
}

impl<E> Failed<'_, E> {
    /// The code of the platform for it, if it has one.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Failure(failure) => failure.code(),
            Self::Call(error) => error.code(),
            #[cfg(feature = "serde")]
            Self::Value(_) | Self::Data(..) => None,
        }
    }
}

impl<E: fmt::Debug> fmt::Display for Failed<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => failure.err_msg().fmt(f),
            Self::Call(error) => error.fmt(f),
            #[cfg(feature = "serde")]
            Self::Value(error) => write!(f, "the value to be sent has {error}"),
            #[cfg(feature = "serde")]
            Self::Data(status, error) => write!(f, "HTTP status {status}, and data with {error}"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Failed<'_, E> {}

impl<'b, E> Failed<'b, E> {
    /// The response, or why there is none.
    pub(super) fn or_response(result: Result<Reply<'b>, CallError<E>>) -> Result<Response<'b>, Self> {
        match result {
            Ok(Reply::Response(response)) => Ok(response),
            Ok(Reply::Failure(failure)) => Err(Self::Failure(failure)),
            Err(error) => Err(Self::Call(error)),
        }
    }

    fn tell(
        result: Result<Reply<'b>, CallError<E>>,
        success: impl FnOnce(&Response<'b>),
        fail: impl FnOnce(&Self),
        complete: impl FnOnce(Result<&Response<'b>, &Self>),
    ) {
        let result = Self::or_response(result);
        match &result {
            Ok(response) => success(response),
            Err(failed) => fail(failed),
        }
        complete(result.as_ref());
    }
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
    /// cloud.call_container_then(
    ///     &Request::new("/").with_env("prod-01").with_call_id("7"),
    ///     &mut [0; 256],
    ///     |response| status = response.status(),
    ///     |failed| panic!("{failed}"),
    ///     |_| {}, // whatever came of it, the radio can sleep
    /// );
    /// assert_eq!(status, 200);
    /// ```
    pub fn call_container_then<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
        success: impl FnOnce(&Response<'b>),
        fail: impl FnOnce(&Failed<'b, C::Error>),
        complete: impl FnOnce(Result<&Response<'b>, &Failed<'b, C::Error>>),
    ) {
        Failed::tell(self.call_container(request, buffer), success, fail, complete);
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write, const W: usize> Cloud<'_, C, W> {
    /// As [`call_container_then`](Cloud::call_container_then), async: what an event loop polls.
    ///
    /// # Cancel safety
    /// As for [`Call::receive_async`](super::Call::receive_async). None of the callbacks is called then.
    pub async fn call_container_then_async<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
        success: impl FnOnce(&Response<'b>),
        fail: impl FnOnce(&Failed<'b, C::Error>),
        complete: impl FnOnce(Result<&Response<'b>, &Failed<'b, C::Error>>),
    ) {
        Failed::tell(self.call_container_async(request, buffer).await, success, fail, complete);
    }
}
