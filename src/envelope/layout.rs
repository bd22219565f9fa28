//! An envelope that is written a window at a time, with a body of its own or with a gap where one goes.
//!
//! It knows where the body stands. What stands before it, the envelopes write themselves, for slices and windows alike.

use super::data::{Data, DataKind};
use super::members::Members;
use crate::json::window::Window;

/// What can be written through a window.
pub(crate) trait Layout: Sync {
    /// Whether it has a body, or can have none.
    fn has_data(&self) -> bool;

    /// Writes the whole; with `body`, its frame and a gap take the place of the data.
    fn put(&self, window: &mut Window<'_>, body: Option<DataKind>);
}

pub(super) fn put_body(window: &mut Window<'_>, members: &mut Members, data: Data<'_>, body: Option<DataKind>) {
    match body {
        None => data.put(window, members),
        Some(kind) => {
            kind.open(window, members);
            window.gap();
            kind.close(window);
        }
    }
}
