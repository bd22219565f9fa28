//! The attempts at a call: what came of each, and whether there is another.
//!
//! Knows what an attempt looks like to a hook and to who called. Does no I/O. [`Retries`] is the policy, and
//! [`Retrying`](super::Retrying) makes the attempts.

use super::error::CallError;
use super::retries::{Retriable, Retries};
use crate::{ErrorCode, Method, Reply, Retry};
use core::fmt;

/// Why there is no result, where connecting fails with `X` and calling with `E`, such as a [`CallError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RetryError<X, E> {
    /// No connection could be made, and this is the reason why the last attempt failed. Earlier attempts may have
    /// failed with the call itself.
    Connect(X),
    /// The call failed in this way, the last time.
    Call(E),
}

/// The result of a call that is repeated.
pub type Retried<T, X, E> = Result<T, RetryError<X, E>>;

impl<X, E: Retriable> Retriable for RetryError<X, E> {
    fn retry(&self, method: Method) -> Option<Retry> {
        match self {
            Self::Connect(_) => ErrorCode::NOT_INITIALISED.retry(method),
            Self::Call(error) => error.retry(method),
        }
    }
}

impl<X: fmt::Debug, E: fmt::Display> fmt::Display for RetryError<X, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "connecting failed with {error:?}"),
            Self::Call(error) => error.fmt(f),
        }
    }
}

impl<X: fmt::Debug, E: core::error::Error + 'static> core::error::Error for RetryError<X, E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Connect(_) => None,
            Self::Call(error) => Some(error),
        }
    }
}

/// An attempt that is about to be repeated, as a [hook](super::Retrying::with_hook) sees it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Attempt<'a, X, E> {
    /// Its number, from 1.
    pub number: u32,
    /// Why it is repeated.
    pub cause: Cause<'a, X, E>,
    /// How long to wait before, in milliseconds.
    pub wait_ms: u32,
}

/// Why a call is repeated, where connecting fails with `X` and a connection with `E`.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Cause<'a, X, E> {
    /// Connecting failed.
    Connect(&'a X),
    /// The call failed.
    Call(&'a CallError<E>),
    /// There is a reply that advises it, or the closure of [`Retrying::run`](super::Retrying::run) has returned
    /// something that does.
    Advice,
}

impl<X, E> Attempt<'_, X, E> {
    /// Returns a wait between half of the proposed one and the whole, in milliseconds, chosen by a random number: so
    /// that a thousand devices that lost their gateway together do not come back together.
    #[must_use]
    pub const fn jittered(&self, random: u32) -> u32 {
        let half = self.wait_ms / 2;
        // Not more than the wait, so it fits.
        let span = self.wait_ms.saturating_sub(half).saturating_add(1);
        half.saturating_add(match random.checked_rem(span) {
            Some(part) => part,
            None => 0,
        })
    }
}

/// The hook of calls that have none: keeps to the policy.
pub type NoHook<X, E> = fn(&Attempt<'_, X, E>) -> Option<u32>;

pub(super) fn no_hook<X, E>(attempt: &Attempt<'_, X, E>) -> Option<u32> {
    Some(attempt.wait_ms)
}

/// What is known of the attempts at a call.
pub(super) struct Attempts {
    retries: Retries,
    pub(super) number: u32,
    /// It has been repeated because the connection had ended.
    resent: bool,
}

impl Attempts {
    pub(super) const fn new(retries: Retries) -> Self {
        Self { retries, number: 0, resent: false }
    }

    /// Returns how long to wait before the next attempt, in milliseconds; `None` if there is none. `method` is that of
    /// the attempt, `spent` says that it was made on a connection that had ended.
    pub(super) fn next(&mut self, outcome: &impl Retriable, method: Option<Method>, spent: bool) -> Option<u32> {
        self.number = self.number.saturating_add(1);
        let advice = outcome.retry(self.retries.method(method)?)?;
        if spent && !core::mem::replace(&mut self.resent, true) {
            return Some(0);
        }
        self.retries.take(Some(advice))
    }
}

/// A reply that has been received into a buffer.
pub(super) struct Collected {
    pub(super) len: usize,
    pub(super) advice: Option<Retry>,
}

/// The advice was given for the method that counts.
impl Retriable for Collected {
    fn retry(&self, _: Method) -> Option<Retry> {
        self.advice
    }
}

impl Collected {
    /// Returns the reply.
    pub(super) fn reply<X, E>(self, buffer: &[u8]) -> Retried<Reply<'_>, X, CallError<E>> {
        let envelope = buffer.get(..self.len).unwrap_or_default();
        Reply::decode(envelope).map_err(|error| RetryError::Call(CallError::Reply(error)))
    }
}

/// How the cause of a repetition is found in the result of an attempt.
pub(super) type CauseOf<T, X, U, E> = for<'a> fn(&'a Retried<T, X, U>) -> Cause<'a, X, E>;

pub(super) fn cause_of_call<'a, X, T, E>(result: &'a Retried<T, X, CallError<E>>) -> Cause<'a, X, E> {
    match result {
        Ok(_) => Cause::Advice,
        Err(RetryError::Connect(error)) => Cause::Connect(error),
        Err(RetryError::Call(error)) => Cause::Call(error),
    }
}

pub(super) fn cause_of_run<'a, X, T, E, U>(result: &'a Retried<T, X, U>) -> Cause<'a, X, E> {
    match result {
        Err(RetryError::Connect(error)) => Cause::Connect(error),
        _ => Cause::Advice,
    }
}
