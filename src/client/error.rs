//! Why a call has no result.

use crate::error::Error;
use crate::http::HttpError;
use crate::stream::{WriteCause, WriteError};
use crate::{ErrorCode, Method, Retry};
use core::convert::Infallible;
use core::fmt;

/// Why a call over a connection with errors `E` came to nothing: neither a response nor a failure.
///
/// A [`Failure`](crate::Failure) is an answer; a [`ResponseError`](super::ResponseError) is either of the two.
///
/// `B` is the error of the reader that the body comes from, if it comes from one. What becomes of the connection is told
/// by [`Cloud::is_ready`](super::Cloud::is_ready).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CallError<E, B = Infallible> {
    /// There is no connection yet: `init` was not called. Nothing was sent.
    NotInitialised,
    /// The connection is in an unknown state after an earlier error, or the gateway has closed it: `init` again, with a
    /// new one. Nothing was sent.
    NotReusable,
    /// The request cannot be encoded. Nothing was sent.
    Request(Error),
    /// The request was not written whole. Where [`written`](WriteError::written) is 0, nothing was sent. Otherwise a part
    /// of it went out, which no gateway runs, unless all that is missing is the newline of a line, or to be flushed.
    Write(WriteError<E, B>),
    /// The request was written whole, and the connection ended before a byte of the answer had come; with an error of the
    /// connection, it failed. What came on a line was of other replies.
    ///
    /// On a connection that has been idle for long the gateway most often had closed it before, and nobody has seen the
    /// request. But the service may have run, too.
    NoAnswer(Option<E>),
    /// The connection failed within the answer. The service may have run.
    Io(E),
    /// The connection ended within the answer. The service may have run.
    UnexpectedEof,
    /// The answer is not HTTP as it should be.
    Http(HttpError),
    /// The answer has this HTTP status, which is not 200, and its body is no reply, or has no room in the buffer.
    Status(u16),
    /// The reply is not valid, or has no room in the buffer that was given for it.
    Reply(Error),
    /// A reply came that is not that of this call: its `callID` is another, or, on a line, missing.
    ForeignReply,
}

impl<E, B> CallError<E, B> {
    /// The code of the platform for it, if it has one.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::NotInitialised => Some(ErrorCode::NOT_INITIALISED),
            Self::Request(error) => error.platform_code(),
            _ => None,
        }
    }

    /// Whether and when to call again: when there is no connection yet, as the platform's documentation does; and when
    /// something in front of the gateway answers with HTTP status 502, 503 or 504, as after
    /// [`REQUEST_TIMEOUT`](ErrorCode::REQUEST_TIMEOUT). All else stays as it is until something is put right, or needs a
    /// new connection.
    #[must_use]
    pub const fn retry(&self, method: Method) -> Option<Retry> {
        match self {
            Self::NotInitialised => ErrorCode::NOT_INITIALISED.retry(method),
            Self::Status(502..=504) => ErrorCode::REQUEST_TIMEOUT.retry(method),
            _ => None,
        }
    }
}

impl<E: fmt::Debug, B: fmt::Debug> fmt::Display for CallError<E, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInitialised => f.write_str(ErrorCode::NOT_INITIALISED.message().unwrap_or_default()),
            Self::NotReusable => f.write_str("the connection cannot be used any more"),
            Self::Request(error) => write!(f, "the request has {error}"),
            Self::Write(error) => error.fmt(f),
            Self::NoAnswer(None) => f.write_str("the connection ended before an answer came"),
            Self::NoAnswer(Some(error)) => write!(f, "the connection failed with {error:?} before an answer came"),
            Self::Io(error) => write!(f, "the connection failed with {error:?}"),
            Self::UnexpectedEof => f.write_str("the connection ended before the reply did"),
            Self::Http(error) => error.fmt(f),
            Self::Status(status) => write!(f, "HTTP status {status}, and no reply"),
            Self::Reply(error) => write!(f, "the reply has {error}"),
            Self::ForeignReply => f.write_str("a reply that is not that of the call"),
        }
    }
}

impl<E: fmt::Debug, B: fmt::Debug> core::error::Error for CallError<E, B> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Request(error) | Self::Reply(error) => Some(error),
            Self::Write(error) => error.source(),
            Self::Http(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: embedded_io::Error, B: fmt::Debug> embedded_io::Error for CallError<E, B> {
    fn kind(&self) -> embedded_io::ErrorKind {
        use embedded_io::ErrorKind;
        match self {
            Self::Io(error) | Self::NoAnswer(Some(error)) => error.kind(),
            Self::Write(error) => match &error.cause {
                WriteCause::Io(error) => error.kind(),
                WriteCause::WriteZero => ErrorKind::WriteZero,
                _ => ErrorKind::Other,
            },
            Self::NotInitialised | Self::NotReusable => ErrorKind::NotConnected,
            Self::Request(_) => ErrorKind::InvalidInput,
            Self::NoAnswer(None) | Self::UnexpectedEof => ErrorKind::Other,
            Self::Http(_) | Self::Status(_) | Self::Reply(_) | Self::ForeignReply => ErrorKind::InvalidData,
        }
    }
}

/// What goes wrong with a reply, whatever the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    NoAnswer,
    Eof,
    Http(HttpError),
    Status(u16),
    Reply(Error),
    Foreign,
}

impl From<HttpError> for Wrong {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl<E, B> From<Wrong> for CallError<E, B> {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::NoAnswer => Self::NoAnswer(None),
            Wrong::Eof => Self::UnexpectedEof,
            Wrong::Http(error) => Self::Http(error),
            Wrong::Status(status) => Self::Status(status),
            Wrong::Reply(error) => Self::Reply(error),
            Wrong::Foreign => Self::ForeignReply,
        }
    }
}
