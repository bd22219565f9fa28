//! An `errMsg` of any text is taken apart as the rules in the documentation of `Message` say, in linear time.
//!
//! The model follows these rules on owned strings, from the end for the tails, and in whatever time it takes.

use crate::http::model::Spelt;
use callcontainer::{Message, Text};

/// Longer messages are only taken apart, for the time it takes: the model is not made for them.
const MODELLED: usize = 1024;

/// What a message should be taken apart into.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    code: Option<i32>,
    text: String,
    call_id: Option<String>,
    trace: Option<String>,
}

/// The first two bytes say how often the rest is repeated, so that a quadratic loop takes longer than a target may.
pub fn check(input: &[u8]) {
    let Some(([low, high], rest)) = input.split_first_chunk() else { return };
    let Ok(piece) = str::from_utf8(rest) else { return };
    let times = match u16::from_le_bytes([*low, *high]) {
        often @ 0xF000.. => usize::from(often & 0xFFF).min((1 << 17) / rest.len().max(1)),
        _ => 1,
    };
    let message = piece.repeat(times);
    if message.len() > MODELLED {
        let parsed = Message::parse(message.as_str());
        assert!(parsed.text().as_raw().len() <= message.len());
        return;
    }
    let expected = model(&message);
    assert_eq!(parts(&Message::parse(message.as_str())), expected, "{message:?}");
    for escapes in [0, u64::MAX, 0x1248_1248_1248_1248] {
        let spelt = Spelt::new(&message, escapes).token;
        let text = Text::from_escaped(&spelt[1..spelt.len() - 1]).unwrap();
        assert_eq!(parts(&Message::parse(text)), expected, "{spelt}");
    }
}

fn parts(message: &Message<'_>) -> Parts {
    Parts {
        code: message.code().map(|code| code.0),
        text: message.text().to_string(),
        call_id: message.call_id().map(|part| part.to_string()),
        trace: message.trace().map(|part| part.to_string()),
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{a0}' | '\u{3000}')
}

fn model(message: &str) -> Parts {
    let mut head = message.trim_matches(is_space);
    let (mut call_id, mut trace) = (None, None);
    // Seen from the end, the first of each kind counts.
    while let Some((before, content)) = last_group(head) {
        if let Some(content) = label(content, "callId") {
            call_id.get_or_insert(content);
        } else if let Some(content) = label(content, "trace") {
            trace.get_or_insert(content);
        } else {
            break;
        }
        head = before.trim_end_matches(is_space);
    }
    let part = |content: Option<&str>| {
        content.map(|content| content.trim_matches(is_space).to_owned()).filter(|content| !content.is_empty())
    };
    let (code, text) = peel(head);
    Parts { code, text: text.trim_matches(is_space).to_owned(), call_id: part(call_id), trace: part(trace) }
}

/// The balanced parentheses that end a text: what is before and what is in them.
fn last_group(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_suffix(')')?;
    let mut level = 1;
    for (at, character) in inside.char_indices().rev() {
        match character {
            ')' => level += 1,
            '(' if level == 1 => return Some((&inside[..at], &inside[at + 1..])),
            '(' => level -= 1,
            _ => {}
        }
    }
    None
}

fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let text = text.trim_start_matches(is_space);
    let (start, rest) = text.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(rest)
}

fn label<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    word(word(text, name)?, ":")
}

/// Takes the beginnings off.
fn peel(head: &str) -> (Option<i32>, &str) {
    let (mut code, mut rest) = (None, head);
    loop {
        if let Some(after) = label(rest, "all failed") {
            rest = word(after, ",").unwrap_or(after);
        } else if let Some(after) = label(rest, "Error").or(label(rest, "errMsg")) {
            rest = after;
        } else if let Some(after) = fail(rest) {
            rest = after;
            if let Some((found, after)) = number(rest) {
                (code, rest) = (Some(found), after);
            }
        } else if let Some((found, after)) = label(rest, "errCode").and_then(number) {
            code = Some(found);
            // The name that may stand between the code and the bar is no part of the text.
            let bars = after.match_indices(['|', '｜']).map(|(at, bar)| &after[at + bar.len()..]);
            let Some(text) = bars.filter_map(|after| label(after, "errMsg")).next() else {
                let after = after.trim_start_matches(is_space);
                return (code, after.strip_prefix(['|', '｜', ',', ';']).unwrap_or(after));
            };
            rest = text;
        } else {
            return (code, rest);
        }
    }
}

fn fail(text: &str) -> Option<&str> {
    let api = word(text, "cloud.callContainer").filter(|after| word(after, ":").is_some());
    let after = word(word(api.or_else(|| word(text, "cloud"))?, ":")?, "fail")?;
    (!after.starts_with(|next: char| next.is_ascii_alphanumeric())).then_some(after)
}

/// A whole number of 32 bits, and what comes after it.
fn number(text: &str) -> Option<(i32, &str)> {
    let (sign, digits) = match word(text, "-") {
        Some(digits) => ("-", digits),
        None => ("", text.trim_start_matches(is_space)),
    };
    let end = digits.find(|next: char| !next.is_ascii_digit()).unwrap_or(digits.len());
    let after = &digits[end..];
    let ends = after.chars().next().is_none_or(|next| !next.is_ascii() || is_space(next) || "|,;".contains(next));
    let number = format!("{sign}{}", &digits[..end]).parse().ok()?;
    ends.then_some((number, after))
}
