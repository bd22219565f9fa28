//! The platform's error codes, their messages, and whether the call is worth retrying.

use super::parameters::Method;
use crate::error::{Error, ErrorKind};
use core::fmt;

/// The platform's number for a failure: the `errCode` of a failed call.
///
/// The codes named in the platform's documentation or in public reports are constants. The type is open: any other
/// number is equally valid, and passes through unchanged.
///
/// ```
/// use callcontainer::{ErrorCode, Method};
///
/// let code = ErrorCode(102002);
/// assert_eq!(code, ErrorCode::REQUEST_TIMEOUT);
/// assert_eq!(code.to_string(), "102002");
/// assert_eq!(code.message(), Some("请求超时"));
///
/// // The service may have run, so only a call that may safely run twice is made again.
/// assert_eq!(code.retry(Method::Get).map(|retry| retry.at_most), Some(1));
/// assert_eq!(code.retry(Method::Post), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ErrorCode(pub i32);

impl ErrorCode {
    /// `wx.cloud.init` has not finished. In the platform's documentation, the call is made again after 300 ms, three
    /// times.
    ///
    /// The platform also wraps this code around a failure that has a code of its own; [`Message`](crate::Message) finds
    /// the inner one.
    pub const NOT_INITIALISED: Self = Self(-1);

    /// The service did not answer in time: it is slow or was starting, and the maximum timeout is 15 s (the platform's
    /// documentation).
    pub const REQUEST_TIMEOUT: Self = Self(102_002);

    /// The platform does not accept the method (the platform's documentation).
    pub const INVALID_METHOD: Self = Self(102_005);

    /// A parameter of the call is illegal (the platform's documentation).
    pub const ILLEGAL_PARAMETER: Self = Self(40_097);

    /// The call is not allowed to go to its destination. One of three messages gives the reason (the platform's
    /// documentation for the first two, public reports for the third):
    ///
    /// - `Path access permission error`: the path is missing or cannot be read, because of stray quotes, spaces or
    ///   illegal characters;
    /// - `Authorization mismatch uin`: the environment is not the caller's own, and resource reuse is missing or set
    ///   up wrongly;
    /// - `Invalid host`: environment, appid and service do not belong together.
    pub const ACCESS_DENIED: Self = Self(-501_000);

    /// An error inside the cloud itself (the platform's documentation).
    pub const CLOUD_SYSTEM_ERROR: Self = Self(-501_001);

    /// The request is larger than 100 KiB; files belong in object storage (the platform's documentation).
    pub const REQUEST_TOO_LARGE: Self = Self(-606_001);

    /// The response is larger than 1000 KiB (the platform's documentation).
    pub const RESPONSE_TOO_LARGE: Self = Self(-606_002);

    /// Cloud development or cloud hosting is not activated for this appid (public reports).
    pub const NOT_ACTIVATED: Self = Self(-601_034);

    /// Polling for the result gave up (public reports).
    pub const POLL_RETRY_EXCEEDED: Self = Self(-405_005);

    /// The result was no longer available to be fetched (public reports).
    pub const RESULT_EXPIRED: Self = Self(-405_010);

    /// The client's own protection against too many requests; it is lifted after 60 s (public reports).
    pub const TOO_MANY_REQUESTS: Self = Self(-405_015);

    /// Returns the platform's own message for this code, if it always has the same one.
    ///
    /// `None` for a code without a name here, for [`ACCESS_DENIED`](Self::ACCESS_DENIED), which has three messages, and
    /// for [`TOO_MANY_REQUESTS`](Self::TOO_MANY_REQUESTS), whose message is known only in part.
    #[must_use]
    pub const fn message(self) -> Option<&'static str> {
        Some(match self {
            Self::NOT_INITIALISED => "Cloud API isn't enabled, please call wx.cloud.init first",
            Self::REQUEST_TIMEOUT => "请求超时",
            Self::INVALID_METHOD => "无效的 HTTP Method",
            Self::ILLEGAL_PARAMETER => "system error",
            Self::CLOUD_SYSTEM_ERROR => "resource system error",
            Self::REQUEST_TOO_LARGE => "请求包大小超过 100KB",
            Self::RESPONSE_TOO_LARGE => "响应包大小超过 1MB",
            Self::NOT_ACTIVATED => "没有权限，请先开通云开发或者云托管",
            Self::POLL_RETRY_EXCEEDED => "exceed max poll retry",
            Self::RESULT_EXPIRED => "result expired",
            _ => return None,
        })
    }

    /// Returns whether a call with this method that failed with this code is worth retrying, and if so, when and how
    /// often.
    ///
    /// | code | any method | only an idempotent method |
    /// |---|---|---|
    /// | [`NOT_INITIALISED`](Self::NOT_INITIALISED) | after 300 ms, at most 3 times | |
    /// | [`TOO_MANY_REQUESTS`](Self::TOO_MANY_REQUESTS) | after 60 s, once | |
    /// | [`REQUEST_TIMEOUT`](Self::REQUEST_TIMEOUT) | | at once, once |
    /// | [`POLL_RETRY_EXCEEDED`](Self::POLL_RETRY_EXCEEDED) | | at once, once |
    /// | [`RESULT_EXPIRED`](Self::RESULT_EXPIRED) | | at once, once |
    /// | any other | never | never |
    ///
    /// With the first two, the call never left the client. With the next three, the service may have run, so the call
    /// must be one that may run twice. Most of the others persist until something is fixed. After
    /// [`CLOUD_SYSTEM_ERROR`](Self::CLOUD_SYSTEM_ERROR) or an unknown code, the service may have run, and nothing
    /// suggests that another call would fare better. The delays of 300 ms and 60 s are the platform's own. Where it
    /// specifies none, one immediate retry is this crate's choice: the client has waited long enough, and the service
    /// is likely to be warm by now.
    #[must_use]
    pub const fn retry(self, method: Method) -> Option<Retry> {
        match self {
            Self::NOT_INITIALISED => Some(Retry { delay_ms: 300, at_most: 3 }),
            Self::TOO_MANY_REQUESTS => Some(Retry { delay_ms: 60_000, at_most: 1 }),
            Self::REQUEST_TIMEOUT | Self::POLL_RETRY_EXCEEDED | Self::RESULT_EXPIRED if method.is_idempotent() => {
                Some(Retry { delay_ms: 0, at_most: 1 })
            }
            _ => None,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The advice to retry a call, as returned by [`ErrorCode::retry`].
///
/// ```
/// use callcontainer::{ErrorCode, Method, Retry};
///
/// let advice = ErrorCode::NOT_INITIALISED.retry(Method::Post);
/// assert!(matches!(advice, Some(Retry { delay_ms: 300, at_most: 3, .. })));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Retry {
    /// How long to wait before each further call, in milliseconds.
    pub delay_ms: u32,
    /// The maximum number of further calls, not counting the first.
    pub at_most: u8,
}

impl Error {
    /// Returns the code with which the platform answers a request that has this error; `None` if there is none, for
    /// example for a buffer that is too small.
    #[must_use]
    pub const fn platform_code(&self) -> Option<ErrorCode> {
        self.kind().platform_code()
    }
}

impl ErrorKind {
    /// Returns the code with which the platform answers a request that has an error of this kind. An error without a
    /// code of its own is an illegal parameter.
    #[must_use]
    pub const fn platform_code(self) -> Option<ErrorCode> {
        match self {
            Self::BufferTooSmall | Self::BodyLength => None,
            Self::RequestTooLarge => Some(ErrorCode::REQUEST_TOO_LARGE),
            Self::ReplyTooLarge => Some(ErrorCode::RESPONSE_TOO_LARGE),
            Self::InvalidMethod => Some(ErrorCode::INVALID_METHOD),
            Self::MissingPath | Self::InvalidPath => Some(ErrorCode::ACCESS_DENIED),
            _ => Some(ErrorCode::ILLEGAL_PARAMETER),
        }
    }
}
