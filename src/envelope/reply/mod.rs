//! The reply envelope: the result or the error of `wx.cloud.callContainer` in JSON.

mod decode;
mod encode;
mod failure;
mod key;
mod outcome;
mod response;

pub use failure::Failure;
pub(crate) use key::Key;
pub use outcome::Outcome;
pub(crate) use outcome::{Facts, Status};
pub use response::Response;

use super::code::Retry;
use super::parameters::Method;
#[cfg(feature = "client")]
use crate::json::Text;

/// The outcome of a call: the response of the service, or the reason why there is none.
///
/// ```
/// use callcontainer::{Data, Reply, Response};
///
/// let mut buffer = [0; 128];
/// let envelope = Reply::from(Response::new(200).with_data("done".into())).encode(&mut buffer)?;
/// match Reply::decode(envelope)? {
///     Reply::Response(response) => assert_eq!((response.status(), response.data()), (200, "done".into())),
///     Reply::Failure(failure) => panic!("{}", failure.err_msg()),
/// }
/// # Ok::<(), callcontainer::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[allow(clippy::large_enum_variant, reason = "both borrow, and there is no heap to put the larger on")]
pub enum Reply<'a> {
    /// The service answered, with any status.
    Response(Response<'a>),
    /// The call failed before it got a response.
    Failure(Failure<'a>),
}

impl<'a> Reply<'a> {
    /// Returns whether and when to retry the call with this method: the advice of a failure; `None` for a response.
    #[must_use]
    pub fn retry(&self, method: Method) -> Option<Retry> {
        match self {
            Self::Response(_) => None,
            Self::Failure(failure) => failure.retry(method),
        }
    }

    /// Returns the value of the member `callID`.
    #[cfg(feature = "client")]
    pub(crate) const fn call_id_member(&self) -> Option<Text<'a>> {
        match self {
            Self::Response(response) => response.call_id,
            Self::Failure(failure) => failure.call_id,
        }
    }
}

impl<'a> From<Response<'a>> for Reply<'a> {
    fn from(response: Response<'a>) -> Self {
        Reply::Response(response)
    }
}

impl<'a> From<Failure<'a>> for Reply<'a> {
    fn from(failure: Failure<'a>) -> Self {
        Reply::Failure(failure)
    }
}
