//! The parts inside a failure's `errMsg`.
//!
//! The platform packs everything that it knows of a failure into one line of prose: the names of the calls that
//! failed, one code or several, a text, an ID of the call and a trace. Here that line is taken apart again, in place.
//! `head` knows where it begins and takes the names and codes off, `stack` knows where it ends, and `tails` finds the ID
//! and the trace.

mod head;
mod stack;
mod tails;
mod words;

use crate::envelope::code::ErrorCode;
use crate::json::text::Text;
use core::ops::Range;
use tails::Tails;
use words::part;

/// A failure's `errMsg`, taken apart.
///
/// These shapes are known, from the platform's documentation and from public reports:
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
/// What a console or a report shows of such an error may be given as it is: with where it comes from before it, and a
/// stack behind it, on the same line or the next.
///
/// Parsing never fails: what has none of these shapes is text as a whole. These are the rules, for any input:
///
/// - White space (of ASCII, the no-break and the ideographic space) does not matter between the words, and no part
///   begins or ends with it. Letter case does not matter in the words. The bar may be the full-width `｜`.
/// - The message ends where a stack begins, which is outside the tails. A stack has frames, and these have places:
///   `FILE:LINE` or `FILE:LINE:COLUMN`, with two letters at least in the file, `<anonymous>`, `(native)` or `[native
///   code]`. A frame is a line behind the first that begins with `at`, or has `@` as a word of its own, and then a place.
///   On any line it is `at PLACE`, with a word between them at most, `at NAME (PLACE`, with a name of up to four words,
///   and `NAME@PLACE` or `global code@PLACE`, where the place has a column or is `[native code]`. Right behind a tail it
///   is `at` and any place on the same line. With a frame goes a `; at` that stands before it on the same line. By
///   themselves such a `; at`, on a line that ends in `api` or `function`, and `(env: …; lib: …)` are taken for a stack
///   too, as the developer tools add them. There is always something before a stack. A quotation mark right behind a tail ends
///   the message too.
/// - The tails are the run of `(callId: …)` and `(trace: …)`, in any order, that ends the message. Their parentheses
///   are matched from the end, so those that open or close in the text alone do no harm, while a trace may repeat an
///   error with balanced ones inside. Such words anywhere else are text. Of several tails of a kind, the last counts;
///   an empty one counts as none.
/// - What is left begins where the first name of a call does (`cloud.callContainer:fail`, `cloud:fail`) or the first
///   `errCode: CODE` that a `| errMsg:` follows on the same line, outside quotation marks, unless all that is before it
///   is `all failed:,`, `Error:` and `errMsg:`. Where neither occurs, it begins at the beginning. If it begins right
///   behind a quotation mark, it ends before the next one of its kind that no backslash escapes.
/// - Of that, the beginnings `all failed:,`, `Error:`, `cloud.callContainer:fail`, `cloud:fail`, `errMsg:` and
///   `errCode: CODE` are taken off for as long as there are any. The rest is the text.
/// - A code stands after `errCode:` or right after `fail`. Of several, nested in each other, the innermost counts.
///   What is no whole number of 32 bits is no code, and stays in the text together with the `errCode:` before it.
/// - The SDK may name the code in words: in `errCode: CODE NAME | errMsg: TEXT` the name is not part of the text.
///
/// The parts are slices of the message, with nothing copied: of a message that still has its JSON escapes, the parts
/// have theirs. The time taken is linear in the length of the message.
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
    /// Takes an `errMsg` apart: a `&str`, or a [`Text`] that may still have its JSON escapes.
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

    /// The code, if there is one: of several, the innermost.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        self.code
    }

    /// What the platform says of the failure, without the names, the code and the tails around it. May be empty.
    #[must_use]
    pub const fn text(&self) -> Text<'a> {
        self.text
    }

    /// The ID of the call, from `(callId: …)`; never empty.
    #[must_use]
    pub const fn call_id(&self) -> Option<Text<'a>> {
        self.call_id
    }

    /// The steps that the client took and when, from `(trace: …)`; never empty.
    #[must_use]
    pub const fn trace(&self) -> Option<Text<'a>> {
        self.trace
    }
}

/// What [`Message::call_id`] says, without what the rest takes.
pub(super) fn call_id(message: Text<'_>) -> Option<Text<'_>> {
    let (message, tails) = without_stack(message);
    tail(message, tails.call_id)
}

/// The message without the stack behind it, and where its tails stand.
fn without_stack(message: Text<'_>) -> (Text<'_>, Tails) {
    let message = part(message, 0..message.as_raw().len());
    let message = part(message, 0..stack::find(message));
    (message, Tails::find(message))
}

fn tail(message: Text<'_>, content: Range<usize>) -> Option<Text<'_>> {
    Some(part(message, content)).filter(|part| !part.is_empty())
}
