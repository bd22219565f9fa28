//! Why a call has no result.

use crate::error::{Error, ErrorKind};
use crate::http::HttpError;
use crate::stream::{WriteCause, WriteError};
use crate::{ErrorCode, Method, Retry};
use core::convert::Infallible;
use core::fmt;

/// Why a call over a connection with errors `E` has produced neither a response nor a failure.
///
/// A [`Failure`](crate::Failure) is an answer; a [`ResponseError`](super::ResponseError) is either of the two.
///
/// `B` is the error type of the reader that supplies the body, if there is one.
/// [`Cloud::is_ready`](super::Cloud::is_ready) says whether the connection can still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CallError<E, B = Infallible> {
    /// There is no connection yet: `init` was not called. Nothing was sent.
    NotInitialised,
    /// The connection is in an unknown state after an earlier error, or the gateway has closed it: call `init` with a
    /// new one. Nothing was sent.
    NotReusable,
    /// The request cannot be encoded. Nothing was sent.
    Request(Error),
    /// The request was not written completely. If [`written`](WriteError::written) is 0, nothing was sent. Otherwise a
    /// part of it was sent, which no gateway executes, unless only what ends a line or the flush is missing. A service
    /// without a gateway may have begun with it.
    Write(WriteError<E, B>),
    /// The request was written completely, but the connection ended before the first byte of the answer, or failed with
    /// the given error. Any data received on a line belonged to other replies.
    ///
    /// If the connection has been idle for long, the gateway had most likely closed it before, and nobody has seen the
    /// request. But it is also possible that the service has run.
    NoAnswer(Option<E>),
    /// The connection failed in the middle of the answer. The service may have run.
    Io(E),
    /// The connection ended in the middle of the answer. The service may have run.
    UnexpectedEof,
    /// The answer is not valid HTTP.
    Http(HttpError),
    /// The answer has an HTTP status other than 200, and its body is not a reply, or does not fit into the buffer.
    Status {
        /// The status: from 201 to 999.
        status: u16,
        /// The `Retry-After` of the answer in seconds (RFC 9110, section 10.2.3). `None` if it has none, or a date,
        /// which says nothing without a clock. Of several, the longest.
        retry_after: Option<u32>,
    },
    /// The reply is not valid, or does not fit into the buffer.
    Reply(Error),
    /// The reply is not that of this call: its `callID` differs or, on a line, is missing.
    ForeignReply,
}

impl<E, B> CallError<E, B> {
    /// Returns the platform's code for the error, if it has one.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::NotInitialised => Some(ErrorCode::NOT_INITIALISED),
            Self::Request(error) => error.platform_code(),
            _ => None,
        }
    }

    /// Returns whether and when to repeat the call.
    ///
    /// | error | any method | only an idempotent method |
    /// |---|---|---|
    /// | no connection, or nothing was sent | after 300 ms, at most 3 times | |
    /// | the connection ended or failed, and the service may have run | | after 300 ms, at most 3 times |
    /// | a line with a wrong [check](crate::line), or none: noise | | after 300 ms, at most 3 times |
    /// | HTTP status 429 | after 60 s, once | |
    /// | HTTP status 408, 502, 503, 504 | | at once, once |
    /// | any other | never | never |
    ///
    /// The first row is the platform's advice for [`NOT_INITIALISED`](ErrorCode::NOT_INITIALISED). A status without a
    /// reply comes from something in front of the gateway: 429 counts as
    /// [`TOO_MANY_REQUESTS`](ErrorCode::TOO_MANY_REQUESTS), since the call has not run, and the others as
    /// [`REQUEST_TIMEOUT`](ErrorCode::REQUEST_TIMEOUT), since the service may have run. A 408 may also be the farewell
    /// of a connection that was idle for too long (RFC 9110, section 15.5.9). If the answer has a `Retry-After`, that
    /// is the wait; if it is an hour or more, the call is not repeated. Most other errors persist until something is
    /// fixed.
    ///
    /// ```
    /// use callcontainer::Method;
    /// use callcontainer::client::CallError;
    ///
    /// let away = CallError::<()>::Status { status: 503, retry_after: Some(7) };
    /// assert_eq!(away.retry(Method::Get).map(|retry| retry.delay_ms), Some(7_000));
    /// assert_eq!(away.retry(Method::Post), None);
    /// ```
    #[must_use]
    pub const fn retry(&self, method: Method) -> Option<Retry> {
        match self {
            Self::NotInitialised | Self::NotReusable => ErrorCode::NOT_INITIALISED.retry(method),
            Self::Write(WriteError { cause: WriteCause::Io(_) | WriteCause::WriteZero, written }) => {
                if *written == 0 || method.is_idempotent() { ErrorCode::NOT_INITIALISED.retry(method) } else { None }
            }
            Self::NoAnswer(_) | Self::Io(_) | Self::UnexpectedEof if method.is_idempotent() => {
                ErrorCode::NOT_INITIALISED.retry(method)
            }
            Self::Reply(error) if matches!(error.kind(), ErrorKind::InvalidCheck) && method.is_idempotent() => {
                ErrorCode::NOT_INITIALISED.retry(method)
            }
            Self::Status { status: 429, retry_after } => at(ErrorCode::TOO_MANY_REQUESTS.retry(method), *retry_after),
            Self::Status { status: 408 | 502..=504, retry_after } => {
                at(ErrorCode::REQUEST_TIMEOUT.retry(method), *retry_after)
            }
            _ => None,
        }
    }
}

impl<E> CallError<E> {
    /// Returns the error from before, unless this one is about an answer.
    pub(super) fn or(self, before: Self) -> Self {
        match self {
            Self::Http(_) | Self::Status { .. } | Self::Reply(_) | Self::ForeignReply => self,
            _ => before,
        }
    }
}

/// The shortest `Retry-After` in seconds for which nobody waits: it must not make a device silent for weeks.
const RETRY_AFTER_LIMIT: u32 = 3600;

/// Returns the advice to wait for these seconds, if they are given.
pub(super) const fn at(advice: Option<Retry>, seconds: Option<u32>) -> Option<Retry> {
    match (advice, seconds) {
        (Some(_), Some(RETRY_AFTER_LIMIT..)) => None,
        (Some(advice), Some(seconds)) => Some(Retry { delay_ms: seconds.saturating_mul(1000), ..advice }),
        _ => advice,
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
            Self::Status { status, .. } => write!(f, "HTTP status {status}, and no reply"),
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
            Self::Http(_) | Self::Status { .. } | Self::Reply(_) | Self::ForeignReply => ErrorKind::InvalidData,
        }
    }
}

/// What can go wrong with a reply, on any connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    NoAnswer,
    Eof,
    Http(HttpError),
    Status { status: u16, retry_after: Option<u32> },
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
            Wrong::Status { status, retry_after } => Self::Status { status, retry_after },
            Wrong::Reply(error) => Self::Reply(error),
            Wrong::Foreign => Self::ForeignReply,
        }
    }
}
