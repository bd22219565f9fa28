//! The parts inside a failure's `errMsg`.
//!
//! The platform packs everything that it knows of a failure into one line of prose: the names of the calls that
//! failed, one code or several, a text, an ID of the call and a trace. Here that line is taken apart again, in place.

use core::ops::Range;

use crate::ErrorCode;
use crate::json::text::{CharIndices, Text};

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
/// Parsing never fails: what has none of these shapes is text as a whole. These are the rules, for any input:
///
/// - White space (of ASCII, the no-break and the ideographic space) does not matter between the words, and no part
///   begins or ends with it. Letter case does not matter in the words. The bar may be the full-width `｜`.
/// - The tails are the run of `(callId: …)` and `(trace: …)`, in any order, that ends the message. Their parentheses
///   are matched from the end, so those that open or close in the text alone do no harm, while a trace may repeat an
///   error with balanced ones inside. Such words anywhere else are text. Of several tails of a kind, the last counts;
///   an empty one counts as none.
/// - Of what is left, the beginnings `all failed:,`, `Error:`, `cloud.callContainer:fail`, `cloud:fail`, `errMsg:` and
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
        let tails = Tails::find(message);
        let head = part(message, 0..tails.start);
        let (code, text) = peel(head);
        Self {
            code,
            text: part(head, text..head.as_raw().len()),
            call_id: Some(part(message, tails.call_id)).filter(|part| !part.is_empty()),
            trace: Some(part(message, tails.trace)).filter(|part| !part.is_empty()),
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

/// Where the tails of a message stand: where the first one begins, and what the last one of each kind holds.
struct Tails {
    start: usize,
    call_id: Range<usize>,
    trace: Range<usize>,
}

impl Tails {
    const fn none(message: Text<'_>) -> Self {
        Self { start: message.as_raw().len(), call_id: 0..0, trace: 0..0 }
    }

    /// Reads the message twice, forwards both times, since an escape can only be read forwards.
    ///
    /// The level says how many more parentheses have opened than closed. Around the tails it is what it is at the end
    /// of the message, however many parentheses the text opens or closes alone. So the first reading finds that level,
    /// and the second one the groups on it. Whatever else stands on that level, or below it, shows that the tails seen
    /// so far do not end the message.
    fn find(message: Text<'_>) -> Self {
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
enum Kind {
    CallId,
    Trace,
}

/// The level after one more character. No text is long enough to wrap around.
const fn step(level: isize, character: char) -> isize {
    match character {
        '(' => level.wrapping_add(1),
        ')' => level.wrapping_sub(1),
        _ => level,
    }
}

/// What kind of tail goes on here, after its parenthesis, and where its content starts.
fn tail(message: Text<'_>, rest: &CharIndices<'_>) -> Option<(Kind, usize)> {
    let (kind, content) = match label(rest, "callId") {
        Some(content) => (Kind::CallId, content),
        None => (Kind::Trace, label(rest, "trace")?),
    };
    Some((kind, position(message, &content)))
}

/// Takes the known beginnings off: the code in them, and where the text after them starts.
fn peel(head: Text<'_>) -> (Option<ErrorCode>, usize) {
    let mut code = None;
    let mut rest = head.char_indices();
    loop {
        rest = if let Some(after) = label(&rest, "all failed") {
            word(&after, ",").unwrap_or(after)
        } else if let Some(after) = label(&rest, "Error").or_else(|| label(&rest, "errMsg")) {
            after
        } else if let Some(after) = fail(&rest) {
            match number(&after) {
                Some((found, after)) => {
                    code = Some(found);
                    after
                }
                None => after,
            }
        } else if let Some((found, after)) = label(&rest, "errCode").and_then(|after| number(&after)) {
            code = Some(found);
            let Some(after) = message_label(&after) else {
                // To go on would be to look for `| errMsg:` again and again, in vain, and not in linear time.
                rest = separator(&after);
                break;
            };
            after
        } else {
            break;
        };
    }
    (code, position(head, &rest))
}

/// Past `cloud.callContainer:fail` or `cloud:fail`, if that is what comes next.
fn fail<'a>(rest: &CharIndices<'a>) -> Option<CharIndices<'a>> {
    let after = label(rest, "cloud.callContainer").or_else(|| label(rest, "cloud"))?;
    let after = word(&after, "fail")?;
    let ends = !peek(&after).is_some_and(|character| character.is_ascii_alphanumeric());
    ends.then_some(after)
}

/// The code that comes next, and what comes after it.
fn number<'a>(rest: &CharIndices<'a>) -> Option<(ErrorCode, CharIndices<'a>)> {
    let minus = word(rest, "-");
    let negative = minus.is_some();
    let mut rest = minus.unwrap_or_else(|| skip_space(rest));
    // Built downwards, as there is one more negative number than there are positive ones.
    let mut value = None;
    while let Some(digit) = peek(&rest).and_then(|character| character.to_digit(10)) {
        value = Some(value.unwrap_or(0_i32).checked_mul(10)?.checked_sub_unsigned(digit)?);
        rest.next();
    }
    if !peek(&rest).is_none_or(ends_number) {
        return None;
    }
    let value = if negative { value? } else { value?.checked_neg()? };
    Some((ErrorCode(value), rest))
}

/// Whether a number may end before this character. It may not before a letter, a point or a colon: `404ms`, `5.5` and
/// `10:30` are no codes.
fn ends_number(character: char) -> bool {
    !character.is_ascii() || is_space(character) || matches!(character, '|' | ',' | ';')
}

/// Past the next `| errMsg:`, wherever it is.
fn message_label<'a>(rest: &CharIndices<'a>) -> Option<CharIndices<'a>> {
    let mut rest = rest.clone();
    loop {
        let (_, character) = rest.next()?;
        if is_bar(character) {
            let after = label(&rest, "errMsg");
            if after.is_some() {
                return after;
            }
        }
    }
}

/// Past the bar, the comma or the semicolon that comes next, if one does.
fn separator<'a>(rest: &CharIndices<'a>) -> CharIndices<'a> {
    let mut rest = skip_space(rest);
    if peek(&rest).is_some_and(|character| is_bar(character) || matches!(character, ',' | ';')) {
        rest.next();
    }
    rest
}

/// Past this word and a colon, if that is what comes next.
fn label<'a>(rest: &CharIndices<'a>, name: &str) -> Option<CharIndices<'a>> {
    word(&word(rest, name)?, ":")
}

/// Past this word, in any letter case, if that is what comes next.
fn word<'a>(rest: &CharIndices<'a>, word: &str) -> Option<CharIndices<'a>> {
    let mut rest = skip_space(rest);
    for expected in word.bytes() {
        if !rest.next()?.1.eq_ignore_ascii_case(&char::from(expected)) {
            return None;
        }
    }
    Some(rest)
}

/// Past any white space that comes next.
fn skip_space<'a>(rest: &CharIndices<'a>) -> CharIndices<'a> {
    let mut rest = rest.clone();
    while peek(&rest).is_some_and(is_space) {
        rest.next();
    }
    rest
}

/// The character that comes next.
fn peek(rest: &CharIndices<'_>) -> Option<char> {
    rest.clone().next().map(|(_, character)| character)
}

/// Where in the text the rest of it starts.
fn position(text: Text<'_>, rest: &CharIndices<'_>) -> usize {
    rest.clone().next().map_or(text.as_raw().len(), |(at, _)| at)
}

/// A part of the text, without the white space around it.
fn part(text: Text<'_>, range: Range<usize>) -> Text<'_> {
    let part = text.slice(range).unwrap_or_default();
    let length = part.as_raw().len();
    let mut start = length;
    let mut end = length;
    let mut after_space = true;
    for (at, character) in part.char_indices() {
        if !is_space(character) {
            start = start.min(at);
            end = length;
        } else if !after_space {
            end = at;
        }
        after_space = is_space(character);
    }
    part.slice(start..end.max(start)).unwrap_or_default()
}

const fn is_bar(character: char) -> bool {
    matches!(character, '|' | '｜')
}

/// The white space that occurs in these messages, without the table of all that Unicode has.
const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r' | '\u{a0}' | '\u{3000}')
}
