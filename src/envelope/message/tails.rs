//! The end of a message: the call ID and the trace, in parentheses.

use super::words::{is_space, label, position};
use crate::json::text::{CharIndices, Text};
use core::ops::Range;

/// The positions of the tails of a message: where the first one begins, and the content of the last one of each kind.
pub(super) struct Tails {
    pub(super) start: usize,
    pub(super) call_id: Range<usize>,
    pub(super) trace: Range<usize>,
}

impl Tails {
    const fn none(message: Text<'_>) -> Self {
        Self { start: message.as_raw().len(), call_id: 0..0, trace: 0..0 }
    }

    /// Finds the tails. This reads the message twice, forwards both times, since an escape can only be read forwards.
    ///
    /// The level is the number of parentheses opened minus those closed. Around the tails it equals the level at the
    /// end of the message, however unbalanced the parentheses of the text are. So the first pass determines that level,
    /// and the second finds the groups on it. Anything else on that level, or below it, shows that the tails seen so
    /// far do not end the message.
    pub(super) fn find(message: Text<'_>) -> Self {
        let outside = message.chars().fold(0_isize, step);
        let mut tails = Self::none(message);
        let mut level = 0_isize;
        let mut open = None;
        let mut rest = message.char_indices();
        while let Some((at, character)) = rest.next() {
            let before = level;
            level = step(before, character);
            if character == '(' && before == outside {
                open = tail(message, &rest);
                if open.is_some() {
                    tails.start = tails.start.min(at);
                } else {
                    tails = Self::none(message);
                }
            } else if character == ')' && level == outside {
                match open.take() {
                    Some((Kind::CallId, start)) => tails.call_id = start..at,
                    Some((Kind::Trace, start)) => tails.trace = start..at,
                    None => {}
                }
            } else if before <= outside && !is_space(character) {
                tails = Self::none(message);
            }
        }
        tails
    }
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    CallId,
    Trace,
}

/// Returns the level after one more character. No text is long enough to wrap around.
pub(super) const fn step(level: isize, character: char) -> isize {
    match character {
        '(' => level.wrapping_add(1),
        ')' => level.wrapping_sub(1),
        _ => level,
    }
}

/// Returns the kind of tail that continues here, after its parenthesis, and where its content starts.
pub(super) fn tail(message: Text<'_>, rest: &CharIndices<'_>) -> Option<(Kind, usize)> {
    let (kind, content) = match label(rest, "callId") {
        Some(content) => (Kind::CallId, content),
        None => (Kind::Trace, label(rest, "trace")?),
    };
    Some((kind, position(message, &content)))
}
