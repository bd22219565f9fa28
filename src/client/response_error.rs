//! Why a call has no response.

use super::error::CallError;
use crate::{ErrorCode, Failure, Method, Reply, Response, Retry};
use core::fmt;

/// Why a call over a connection with errors `E` has no response.
///
/// A [`Failure`] is a reply of a gateway or the platform, a [`CallError`] says why there is no valid reply to the call.
/// This is either of the two, for callers that want a response or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ResponseError<'b, E> {
    /// The gateway or the platform has answered with a failure.
    Failure(Failure<'b>),
    /// There is no valid reply to the call.
    Call(CallError<E>),
    /// The value to send cannot be serialised. Nothing was sent.
    #[cfg(feature = "serde")]
    Value(crate::typed::Error),
    /// The service has answered with this HTTP status, and the data are not of the requested type.
    #[cfg(feature = "serde")]
    Data(u16, crate::typed::Error),
}

impl<E> ResponseError<'_, E> {
    /// Returns the platform's code for the error, if it has one.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Failure(failure) => failure.code(),
            Self::Call(error) => error.code(),
            #[cfg(feature = "serde")]
            Self::Value(_) | Self::Data(..) => None,
        }
    }

    /// Returns whether and when to repeat the call: the advice of the failure or the error; `None` for a value that
    /// cannot be sent or is not of the requested type.
    #[must_use]
    pub fn retry(&self, method: Method) -> Option<Retry> {
        match self {
            Self::Failure(failure) => failure.retry(method),
            Self::Call(error) => error.retry(method),
            #[cfg(feature = "serde")]
            Self::Value(_) | Self::Data(..) => None,
        }
    }
}

impl<E: fmt::Debug> fmt::Display for ResponseError<'_, E> {
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

impl<E: fmt::Debug + 'static> core::error::Error for ResponseError<'_, E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Failure(_) => None,
            Self::Call(error) => Some(error),
            #[cfg(feature = "serde")]
            Self::Value(error) | Self::Data(_, error) => Some(error),
        }
    }
}

impl<'b, E> ResponseError<'b, E> {
    /// Returns the response, or why there is none.
    pub(super) fn or_response(result: Result<Reply<'b>, CallError<E>>) -> Result<Response<'b>, Self> {
        match result {
            Ok(Reply::Response(response)) => Ok(response),
            Ok(Reply::Failure(failure)) => Err(Self::Failure(failure)),
            Err(error) => Err(Self::Call(error)),
        }
    }
}
