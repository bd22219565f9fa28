//! The platform's error codes, what each one says, and whether the call is worth making again.

use super::parameters::Method;
use crate::error::{Error, ErrorKind};
use core::fmt;

/// The number with which the platform names a failure: the `errCode` of a failed call.
///
/// The codes that the platform's documentation or public reports name are constants. The type is open: any other
/// number is as good a value, and passes through unchanged.
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
    /// `wx.cloud.init` has not finished. The platform's documentation waits 300 ms and calls again, three times.
    ///
    /// The platform also puts this code around a failure that has a code of its own; [`Message`](crate::Message)
    /// finds the inner one.
    pub const NOT_INITIALISED: Self = Self(-1);

    /// The service did not answer in time: it is slow or was starting, and the timeout is 15 s at most (the platform's
    /// documentation).
    pub const REQUEST_TIMEOUT: Self = Self(102_002);

    /// The method is not one that the platform accepts (the platform's documentation).
    pub const INVALID_METHOD: Self = Self(102_005);

    /// A parameter of the call is illegal (the platform's documentation).
    pub const ILLEGAL_PARAMETER: Self = Self(40_097);

    /// The call may not go where it asks to go. One of three messages says why (the platform's documentation for the
    /// first two, public reports for the third):
    ///
    /// - `Path access permission error`: the path is missing or cannot be read, for stray quotes, spaces or illegal
    ///   characters;
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

    /// The result was no longer there to be fetched (public reports).
    pub const RESULT_EXPIRED: Self = Self(-405_010);

    /// The client's own guard against too many requests; it lifts after 60 s (public reports).
    pub const TOO_MANY_REQUESTS: Self = Self(-405_015);

    /// The platform's own message for this code, where it has one and always the same.
    ///
    /// `None` for a code without a name here, for [`ACCESS_DENIED`](Self::ACCESS_DENIED), which has three messages,
    /// and for [`TOO_MANY_REQUESTS`](Self::TOO_MANY_REQUESTS), whose message is known in part only.
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

    /// Whether a call with this method that failed with this code is worth making again, when and how often.
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
    /// With the first two, the call never left the client. With the next three the service may have run, so the call
    /// must be one that may run twice. Of the others, most stay until something is put right; after
    /// [`CLOUD_SYSTEM_ERROR`](Self::CLOUD_SYSTEM_ERROR) or a code that is not known, the service may have run, and
    /// nothing says that another call would fare better. The waits of 300 ms and 60 s are the platform's own. Where it
    /// names none, one call at once is this crate's choice: the client has waited long enough, and the service is
    /// likely to be warm by now.
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

/// The advice to make a call again, as [`ErrorCode::retry`] gives it.
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
    /// How many further calls to make at most, the first call not counted.
    pub at_most: u8,
}

impl Error {
    /// The code with which the platform answers a request that has this error; `None` where it has none, as for a
    /// buffer that is too small.
    #[must_use]
    pub const fn platform_code(&self) -> Option<ErrorCode> {
        self.kind().platform_code()
    }
}

impl ErrorKind {
    /// The code with which the platform answers a request that has an error of this kind. What has no code of its own
    /// is an illegal parameter.
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
