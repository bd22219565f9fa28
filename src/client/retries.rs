//! When a call is repeated: the policy, without I/O.
//!
//! Knows how often and after which wait. Whether a call may be repeated at all is the [advice](Retry) for its outcome.

use super::error::CallError;
use super::response_error::ResponseError;
use crate::stream::Outcome;
use crate::{ErrorCode, Method, Reply, Retry};

/// A policy for repeating a call, and how far it has been used up by this call.
///
/// Only what may be repeated is: the advice for the outcome says so, such as [`CallError::retry`] and [`Reply::retry`].
/// The policy says how often, and how long to wait before.
///
/// [`Cloud::retrying`](super::Cloud::retrying) uses it. It does no I/O, so it also serves a loop of your own, such as
/// one in which a TLS connection borrows its buffers anew in each turn:
///
/// ```
/// use callcontainer::client::{CallError, Retries};
/// use callcontainer::Method;
///
/// let mut retries = Retries::backoff(500, 60_000).at_most(3);
/// let error = CallError::<()>::NoAnswer(None);
/// let waits = core::array::from_fn(|_| retries.next(&error, Method::Get));
/// assert_eq!(waits, [Some(500), Some(1000), Some(2000), None]);
/// // The service may have run: a POST is not repeated.
/// assert_eq!(Retries::new().next(&error, Method::Post), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Retries {
    /// The first wait and the longest, in milliseconds; `None` for those of the advice.
    backoff: Option<(u32, u32)>,
    /// The maximum number of repetitions; `None` for that of the advice.
    at_most: Option<u8>,
    /// Calls of any method are repeated as if it were idempotent.
    any_method: bool,
    /// Repetitions so far.
    made: u8,
}

impl Retries {
    /// Creates the policy of the platform's documentation: waits and numbers are those of the advice, such as 300 ms
    /// and three repetitions where there is no connection.
    #[must_use]
    pub const fn new() -> Self {
        Self { backoff: None, at_most: None, any_method: false, made: 0 }
    }

    /// Creates a policy whose waits double, from `first_ms` up to `most_ms` milliseconds. A longer wait in the advice
    /// has priority. Up to 10 repetitions, unless [`at_most`](Retries::at_most) says otherwise.
    ///
    /// Where many devices lose their gateway at the same time, spread the waits: see
    /// [`Attempt::jittered`](super::Attempt::jittered).
    #[must_use]
    pub const fn backoff(first_ms: u32, most_ms: u32) -> Self {
        Self { backoff: Some((first_ms, most_ms)), at_most: Some(10), ..Self::new() }
    }

    /// Limits the number of repetitions, in place of the number in the advice. The first call is not counted.
    #[must_use]
    pub const fn at_most(mut self, repetitions: u8) -> Self {
        self.at_most = Some(repetitions);
        self
    }

    /// Repeats calls of any method, even if the service may have run: for services that recognise a call which arrives
    /// twice, by a number in it.
    #[must_use]
    pub const fn of_any_method(mut self) -> Self {
        self.any_method = true;
        self
    }

    /// Returns the method that counts for a call with this one; `None` stands for one that is not to be repeated.
    pub(super) const fn method(&self, method: Option<Method>) -> Option<Method> {
        if self.any_method { Some(Method::Put) } else { method }
    }

    /// Returns how long to wait before a call with this method and outcome is repeated, in milliseconds, and counts the
    /// repetition; `None` if it is not repeated. All repetitions count, whatever their reason.
    #[must_use]
    pub fn next(&mut self, outcome: &impl Retriable, method: Method) -> Option<u32> {
        self.take(outcome.retry(self.method(Some(method))?))
    }

    /// As [`next`](Retries::next), when no connection can be made: nothing was sent, whatever the method.
    #[must_use]
    pub fn next_connection(&mut self) -> Option<u32> {
        self.take(ErrorCode::NOT_INITIALISED.retry(Method::Post))
    }

    /// Returns how long to wait before a repetition on this advice, and counts it.
    pub(super) fn take(&mut self, advice: Option<Retry>) -> Option<u32> {
        let advice = advice?;
        if self.made >= self.at_most.unwrap_or(advice.at_most) {
            return None;
        }
        let wait = self.backoff.map_or(0, |(first, most)| {
            let doubled = 1_u32.checked_shl(self.made.into()).map_or(u32::MAX, |factor| first.saturating_mul(factor));
            doubled.min(most)
        });
        self.made = self.made.saturating_add(1);
        Some(wait.max(advice.delay_ms))
    }

    /// Returns the number of repetitions so far.
    #[must_use]
    pub const fn made(&self) -> u8 {
        self.made
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self::new()
    }
}

/// What came of a call: whether it may be repeated is known.
pub trait Retriable {
    /// Returns whether and when to repeat a call with this method that came to this; `None`: not at all.
    fn retry(&self, method: Method) -> Option<Retry>;
}

impl<E, B> Retriable for CallError<E, B> {
    fn retry(&self, method: Method) -> Option<Retry> {
        Self::retry(self, method)
    }
}

impl<E> Retriable for ResponseError<'_, E> {
    fn retry(&self, method: Method) -> Option<Retry> {
        Self::retry(self, method)
    }
}

impl Retriable for Reply<'_> {
    fn retry(&self, method: Method) -> Option<Retry> {
        Self::retry(self, method)
    }
}

impl Retriable for Outcome {
    fn retry(&self, method: Method) -> Option<Retry> {
        match self {
            Self::Failure { code: Some(code) } => code.retry(method),
            _ => None,
        }
    }
}

/// Done.
impl Retriable for () {
    fn retry(&self, _: Method) -> Option<Retry> {
        None
    }
}

impl<T: Retriable, E: Retriable> Retriable for Result<T, E> {
    fn retry(&self, method: Method) -> Option<Retry> {
        match self {
            Ok(outcome) => outcome.retry(method),
            Err(error) => error.retry(method),
        }
    }
}
