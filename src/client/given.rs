//! What a call gets that does not say it itself: an environment, and an ID.
//!
//! It knows the order in which these count. What goes out is then a request like any other, checked and written as one.

use crate::{Request, Text};

/// What the calls of a cloud are given.
pub(super) struct Given<'f> {
    env: Option<&'f str>,
    /// Appid and environment.
    resource: Option<(&'f str, &'f str)>,
    /// The number of the next call.
    next_call: u64,
    /// That of the last call which had no ID of its own, as 16 hex digits.
    call_id: [u8; 16],
}

impl<'f> Given<'f> {
    pub(super) const fn new(first_call: u64) -> Self {
        Self { env: None, resource: None, next_call: first_call, call_id: [b'0'; 16] }
    }

    pub(super) const fn with_env(mut self, env: &'f str) -> Self {
        self.env = Some(env);
        self
    }

    pub(super) const fn with_resource(mut self, appid: &'f str, env: &'f str) -> Self {
        self.resource = Some((appid, env));
        self
    }

    /// A new call: it gets the next ID where it has none.
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

    /// The ID of the call that was counted last.
    pub(super) fn call_id<'c>(&'c self, request: &Request<'c>) -> Text<'c> {
        // Hex digits need no escape.
        request.call_id().unwrap_or(Text::from_span(&self.call_id, false))
    }

    /// Gives the call that was counted last what it does not say itself.
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
