//! A connection that waits for a time only.
//!
//! Knows when a deadline is set. The connection has the clock.

use super::way::Way;
use crate::{Request, TIMEOUT_LIMIT};

/// A connection that can stop waiting: with it, the timeout of a call is a deadline at this end too; see
/// [`Cloud::with_deadlines`](super::Cloud::with_deadlines).
pub trait Deadline {
    /// Sets the deadline: from now on, reads and writes together take at most this many milliseconds. Behind it they
    /// fail with [`ErrorKind::TimedOut`](embedded_io::ErrorKind::TimedOut).
    fn set_deadline(&mut self, milliseconds: u32);
}

impl<C: Deadline + ?Sized> Deadline for &mut C {
    fn set_deadline(&mut self, milliseconds: u32) {
        C::set_deadline(self, milliseconds);
    }
}

/// How much longer than the timeout of a call its reply may take, in milliseconds: the gateway says when the time is
/// up, and that has to arrive too.
const GRACE: u32 = 1000;

/// How long the platform lets a call take on the public network, in milliseconds.
const PUBLIC_LIMIT: u32 = 60_000;

/// Returns how long a call may take that goes this way, in milliseconds.
pub(super) fn deadline_ms(request: &Request<'_>, way: &Way) -> u32 {
    let most = if way.door().is_some() { PUBLIC_LIMIT } else { TIMEOUT_LIMIT };
    request.timeout().milliseconds().unwrap_or(most).saturating_add(GRACE)
}
