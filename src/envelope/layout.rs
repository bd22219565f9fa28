//! An envelope that is written one window at a time, with a body of its own or with a gap for one.
//!
//! Knows where the body is. The envelopes themselves write what comes before it, for slices and windows alike.

use super::data::DataKind;
use super::held::{self, Held};
use super::members::Members;
use crate::json::window::Window;

/// An envelope that can be written through a window.
pub(crate) trait Layout: Sync {
    /// Returns whether it has a body, or cannot have one.
    fn has_data(&self) -> bool;

    /// Writes all of it. If there is a `body`, its frame and a gap replace the data.
    fn put(&self, window: &mut Window<'_>, body: Option<DataKind>);
}

pub(super) fn put_body(window: &mut Window<'_>, members: &mut Members, data: &Held<'_>, body: Option<DataKind>) {
    match body {
        None => held::put(data, window, members),
        Some(kind) => {
            kind.open(window, members);
            window.gap();
            kind.close(window);
        }
    }
}
