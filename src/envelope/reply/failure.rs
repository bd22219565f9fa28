//! The failure of a call.

use super::key::Key;
use crate::envelope::code::{ErrorCode, Retry};
use crate::envelope::fields::{TextSlot, slots};
use crate::envelope::members::Members;
use crate::envelope::message::{self, Message};
use crate::envelope::parameters::Method;
use crate::envelope::table::reply;
use crate::error::Error;
use crate::json::Text;
use crate::json::sink::Sink;

reply!(slots {
    /// The reason why a call has no response.
    ///
    /// ```
    /// use callcontainer::{ErrorCode, Method, Reply};
    ///
    /// let envelope = br#"{"errCode":102002,"errMsg":"cloud.callContainer:fail Error: errCode: 102002 | errMsg: timeout"}"#;
    /// let Reply::Failure(failure) = Reply::decode(envelope).unwrap() else { panic!() };
    /// assert_eq!(failure.code(), Some(ErrorCode::REQUEST_TIMEOUT));
    /// assert_eq!(failure.message().text(), "timeout");
    /// assert!(failure.retry(Method::Get).is_some());
    /// assert!(failure.retry(Method::Post).is_none()); // the service may have run
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[cfg_attr(feature = "defmt", derive(defmt::Format))]
    pub struct Failure {
        code: Option<ErrorCode>,
        err_msg: Text<'a>,
    }
});

impl<'a> Failure<'a> {
    /// Creates a failure with this `errCode` and `errMsg`.
    #[must_use]
    pub fn new(code: ErrorCode, err_msg: impl Into<Text<'a>>) -> Self {
        Self { code: Some(code), ..Self::from_err_msg(err_msg) }
    }

    /// Creates a failure with only this `errMsg`, which may contain a code.
    #[must_use]
    pub fn from_err_msg(err_msg: impl Into<Text<'a>>) -> Self {
        Self::bare(None, err_msg.into())
    }

    /// Sets the `callID`: that of the call.
    #[must_use]
    pub fn with_call_id(mut self, call_id: impl Into<Text<'a>>) -> Self {
        self.call_id = Some(call_id.into());
        self
    }

    /// Returns the code: `errCode`, or else `errno`, or else the one in `errMsg`.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        self.code.or_else(|| self.message().code())
    }

    /// Returns what [`code`](Failure::code) does unless it is only in `errMsg`: for the C interface.
    #[cfg(feature = "c")]
    #[doc(hidden)]
    #[must_use]
    pub const fn own_code(&self) -> Option<ErrorCode> {
        self.code
    }

    /// Returns what [`call_id`](Failure::call_id) does unless it is only in `errMsg`: for the C interface.
    #[cfg(feature = "c")]
    #[doc(hidden)]
    #[must_use]
    pub const fn own_call_id(&self) -> Option<Text<'a>> {
        self.call_id
    }

    /// Returns the whole `errMsg`.
    #[must_use]
    pub const fn err_msg(&self) -> Text<'a> {
        self.err_msg
    }

    /// Returns the parts of `errMsg`.
    #[must_use]
    pub fn message(&self) -> Message<'a> {
        Message::parse(self.err_msg)
    }

    /// Returns the ID that distinguishes this call from others: `callID`, or else the one in `errMsg`.
    #[must_use]
    pub fn call_id(&self) -> Option<Text<'a>> {
        self.call_id.or_else(|| message::call_id(self.err_msg))
    }

    /// Returns whether and when to retry the call: the advice for the innermost code, if a code wraps another.
    #[must_use]
    pub fn retry(&self, method: Method) -> Option<Retry> {
        let code = match self.code {
            // -1 may wrap the code that counts.
            None | Some(ErrorCode::NOT_INITIALISED) => self.message().code().or(self.code),
            code => code,
        };
        code?.retry(method)
    }
}
