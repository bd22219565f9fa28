//! The parts inside a failure's `errMsg`.
//!
//! The platform packs everything it knows about a failure into one line of prose: the names of the calls that failed,
//! one or more codes, a text, a call ID and a trace. This module splits that line again, in place. `head` finds where
//! it begins and removes the names and codes, `stack` finds where it ends, and `tails` finds the ID and the trace.

mod head;
mod stack;
mod tails;
mod words;

use crate::envelope::code::ErrorCode;
use crate::json::text::Text;
use core::ops::Range;
use tails::Tails;
use words::part;

/// The parts of a failure's `errMsg`.
///
/// These formats are known, from the platform's documentation and from public reports:
///
/// ```text
/// cloud.callContainer:fail Error: errCode: CODE | errMsg: TEXT (callId: ID) (trace: TRACE)
/// cloud.callContainer:fail CODE TEXT (callId: ID) (trace: TRACE)
/// errCode: -1 | errMsg: Error: cloud.callContainer:fail Error: cloud:fail CODE TEXT (callId: ID)
/// errCode: CODE | errMsg: TEXT
/// cloud.callContainer:fail Error: TEXT (callId: ID)
/// all failed:, Error: …any of these
/// ```
///
/// The output of a console or a report for such an error may be passed as it is: with its origin before it, and a stack
/// after it, on the same line or the next.
///
/// Parsing never fails: a message with none of these formats is text as a whole. These are the rules, for any input:
///
/// - White space (ASCII, the no-break and the ideographic space) between the words does not matter, and no part begins
///   or ends with it. Letter case does not matter in the words. The bar may be the full-width `｜`.
/// - The message ends where a stack begins, outside the tails. A stack has frames, and these have locations:
///   `FILE:LINE` or `FILE:LINE:COLUMN`, with at least two letters in the file, `<anonymous>`, `(native)` or
///   `[native code]`. A frame is a line after the first that begins with `at`, or has `@` as a separate word, and then
///   a location. On any line it is `at LOCATION`, with at most one word between them, `at NAME (LOCATION`, with a name
///   of up to four words, and `NAME@LOCATION` or `global code@LOCATION`, where the location has a column or is
///   `[native code]`. Directly after a tail it is `at` and any location on the same line. A `; at` that comes before a
///   frame on the same line belongs to it. Such a `; at` without a frame, on a line that ends in `api` or `function`,
///   and `(env: …; lib: …)` count as a stack too, as the developer tools add them. There is always something before a
///   stack. A quotation mark directly after a tail ends the message too.
/// - The tails are the run of `(callId: …)` and `(trace: …)`, in any order, that ends the message. Their parentheses
///   are matched from the end, so unbalanced parentheses in the text do no harm, while a trace may repeat an error with
///   balanced ones inside. Such words anywhere else are text. Of several tails of a kind, the last counts; an empty
///   tail counts as none.
/// - What is left begins at the first name of a call (`cloud.callContainer:fail`, `cloud:fail`) or the first
///   `errCode: CODE` that is followed by `| errMsg:` on the same line, outside quotation marks, unless everything
///   before it is `all failed:,`, `Error:` and `errMsg:`. Where neither occurs, it begins at the beginning. If it
///   begins directly after a quotation mark, it ends before the next one of its kind that is not escaped with a
///   backslash.
/// - From that, the beginnings `all failed:,`, `Error:`, `cloud.callContainer:fail`, `cloud:fail`, `errMsg:` and
///   `errCode: CODE` are removed as long as there are any. The rest is the text.
/// - A code comes after `errCode:` or directly after `fail`. Of several nested codes, the innermost counts. Anything
///   that is not a 32-bit integer is not a code, and stays in the text together with the `errCode:` before it.
/// - The SDK may name the code in words: in `errCode: CODE NAME | errMsg: TEXT` the name is not part of the text.
///
/// The parts are slices of the message; nothing is copied. If the message still has its JSON escapes, the parts do too.
/// The running time is linear in the length of the message.
///
/// ```
/// use callcontainer::{ErrorCode, Message};
///
/// let message = Message::parse(
///     "cloud.callContainer:fail Error: errCode: -501000  | errMsg: Invalid host \
///      (callId: 1700000000000-0.5) (trace: 9:13:1 start->9:13:2 system error, abort)",
/// );
/// assert_eq!(message.code(), Some(ErrorCode::ACCESS_DENIED));
/// assert_eq!(message.text(), "Invalid host");
/// assert_eq!(message.call_id().unwrap(), "1700000000000-0.5");
/// assert_eq!(message.trace().unwrap(), "9:13:1 start->9:13:2 system error, abort");
///
/// let message = Message::parse(
///     "Uncaught (in promise) Error: cloud.callContainer:fail -405005 gave up (callId: 1700000000000-0.5)
///     at Object.fail (https://usr/app-service.js:1:2)",
/// );
/// assert_eq!(message.code(), Some(ErrorCode::POLL_RETRY_EXCEEDED));
/// assert_eq!(message.text(), "gave up");
/// assert_eq!(message.call_id().unwrap(), "1700000000000-0.5");
///
/// let message = Message::parse("something new");
/// assert_eq!(message.code(), None);
/// assert_eq!(message.text(), "something new");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Message<'a> {
    code: Option<ErrorCode>,
    text: Text<'a>,
    call_id: Option<Text<'a>>,
    trace: Option<Text<'a>>,
}

impl<'a> Message<'a> {
    /// Parses an `errMsg`: a `&str`, or a [`Text`] that may still have its JSON escapes.
    #[must_use]
    pub fn parse(message: impl Into<Text<'a>>) -> Self {
        Self::parse_text(message.into())
    }

    fn parse_text(message: Text<'a>) -> Self {
        let (message, tails) = without_stack(message);
        let head = part(message, 0..tails.start);
        let head = part(head, head::find(head));
        let (code, text) = head::peel(head);
        Self {
            code,
            text: part(head, text..head.as_raw().len()),
            call_id: tail(message, tails.call_id),
            trace: tail(message, tails.trace),
        }
    }

    /// Returns the code, if there is one: of several, the innermost.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        self.code
    }

    /// Returns the platform's description of the failure, without the names, the code and the tails around it. May be
    /// empty.
    #[must_use]
    pub const fn text(&self) -> Text<'a> {
        self.text
    }

    /// Returns the call ID, from `(callId: …)`; never empty.
    #[must_use]
    pub const fn call_id(&self) -> Option<Text<'a>> {
        self.call_id
    }

    /// Returns the steps that the client took and when, from `(trace: …)`; never empty.
    #[must_use]
    pub const fn trace(&self) -> Option<Text<'a>> {
        self.trace
    }
}

/// Returns the same as [`Message::call_id`], without parsing the rest.
pub(super) fn call_id(message: Text<'_>) -> Option<Text<'_>> {
    let (message, tails) = without_stack(message);
    tail(message, tails.call_id)
}

/// Returns the message without the stack after it, and its tails.
fn without_stack(message: Text<'_>) -> (Text<'_>, Tails) {
    let message = part(message, 0..message.as_raw().len());
    let message = part(message, 0..stack::find(message));
    (message, Tails::find(message))
}

fn tail(message: Text<'_>, content: Range<usize>) -> Option<Text<'_>> {
    Some(part(message, content)).filter(|part| !part.is_empty())
}
