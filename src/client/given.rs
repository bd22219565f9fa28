//! Defaults for what a call does not specify: an environment, and an ID.
//!
//! Knows their order of precedence. The result is a request like any other, and is checked and written as such.

use crate::envelope::fingerprint::Fingerprint;
use crate::{Method, Request, Text};

/// The defaults for the calls of a cloud.
pub(super) struct Given<'f> {
    env: Option<&'f str>,
    /// Appid and environment.
    resource: Option<(&'f str, &'f str)>,
    /// The number of the next call.
    next_call: u64,
    /// The ID of the last call that had none of its own, as 16 hex digits.
    call_id: [u8; 16],
    /// The ID of the last call that had one of its own.
    own_id: Fingerprint,
    /// The method of the last call.
    method: Method,
    /// Calls before the last one, of those that are repeated together, that must not be repeated.
    kept: bool,
}

impl<'f> Given<'f> {
    pub(super) const fn new(first_call: u64) -> Self {
        Self {
            env: None,
            resource: None,
            next_call: first_call,
            call_id: [b'0'; 16],
            own_id: Fingerprint::ZERO,
            method: Method::Get,
            kept: false,
        }
    }

    pub(super) const fn next_call(&self) -> u64 {
        self.next_call
    }

    pub(super) const fn set_next_call(&mut self, number: u64) {
        self.next_call = number;
    }

    pub(super) const fn with_env(mut self, env: &'f str) -> Self {
        self.env = Some(env);
        self
    }

    pub(super) const fn with_resource(mut self, appid: &'f str, env: &'f str) -> Self {
        self.resource = Some((appid, env));
        self
    }

    /// Notes that there is another call, even if it cannot be made: what comes of the attempt is then about this one.
    pub(super) fn note(&mut self, request: &Request<'_>) {
        self.kept |= !self.method.is_idempotent();
        self.method = request.method();
    }

    /// Counts a new call: it gets the next ID if it has none.
    pub(super) fn count(&mut self, request: &Request<'_>) {
        if request.call_id().is_some() {
            return;
        }
        let mut rest = self.next_call;
        for digit in self.call_id.iter_mut().rev() {
            *digit = b"0123456789abcdef".get((rest & 15) as usize).copied().unwrap_or(b'0');
            rest >>= 4;
        }
        self.next_call = self.next_call.wrapping_add(1);
    }

    /// Whether a call has an ID of its own, and it is that of the call before. Must be asked of each.
    #[inline(never)]
    pub(super) fn is_again(&mut self, request: &Request<'_>) -> bool {
        let id = request.call_id().map_or(Fingerprint::ZERO, |id| {
            let mut fingerprint = Fingerprint::NEW;
            id.bytes().for_each(|byte| fingerprint.add(&[byte]));
            fingerprint
        });
        core::mem::replace(&mut self.own_id, id) == id && request.call_id().is_some()
    }

    /// Begins an attempt, of one call or several.
    pub(super) const fn begin_attempt(&mut self) {
        self.method = Method::Get;
        self.kept = false;
    }

    /// Returns the method that decides whether the attempt may be repeated: that of its last call, unless an earlier
    /// one has been answered that must not be repeated.
    pub(super) const fn attempted(&self) -> Option<Method> {
        if self.kept { None } else { Some(self.method) }
    }

    /// Returns the ID of the last call that was counted.
    pub(super) fn call_id<'c>(&'c self, request: &Request<'c>) -> Text<'c> {
        // Hex digits need no escape.
        request.call_id().unwrap_or(Text::from_span(&self.call_id, false))
    }

    /// Fills in what the last call that was counted does not specify.
    #[inline(never)]
    pub(super) fn fill<'c>(&'c self, call: &mut Request<'c>) {
        *call = call.with_call_id(self.call_id(call));
        if let (None, None, Some((appid, env))) = (call.resource_appid(), call.resource_env(), self.resource) {
            *call = call.with_resource(appid, env);
        }
        if let (None, Some(env)) = (call.target_env(), self.env) {
            *call = call.with_env(env);
        }
    }
}
