//! An `errMsg` of any text is taken apart as the rules in the documentation of `Message` say, in linear time.
//!
//! The model follows these rules on owned strings, from the end for the tails, and in whatever time it takes.

use crate::http::model::Spelt;
use callcontainer::{Message, Text};
use std::ops::Range;

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
    let message = message.trim_matches(is_space);
    let mut head = message[..stack(message)].trim_matches(is_space);
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
    let (code, text) = peel(whole(head).trim_matches(is_space));
    Parts { code, text: text.trim_matches(is_space).to_owned(), call_id: part(call_id), trace: part(trace) }
}

/// The message of the platform in what a console shows of it, but for a stack.
fn whole(shown: &str) -> &str {
    let rest = unnamed(shown);
    if fail(rest).is_some() || label(rest, "errCode").and_then(number).is_some() {
        return shown;
    }
    // Where the name of a call or a code begins a word.
    let starts: Vec<_> = rest.char_indices().map(|(at, _)| at).collect();
    let starts = |wanted: &dyn Fn(&str) -> bool| {
        let begins = |at: usize| {
            !rest[at..].starts_with(is_space)
                && !rest[..at].ends_with(|before: char| before.is_ascii_alphanumeric())
                && wanted(&rest[at..])
        };
        starts.iter().copied().filter(|at| begins(*at)).collect::<Vec<_>>()
    };
    let failures = starts(&|text| fail(text).is_some());
    let codes = starts(&|text| label(text, "errCode").and_then(number).is_some());
    // Of the bars that `errMsg:` follows, the first with a code before it on the same line, outside quotation marks.
    let bars = rest.match_indices(['|', '｜']).filter(|(at, bar)| label(&rest[at + bar.len()..], "errMsg").is_some());
    let coded = bars.filter_map(|(bar, _)| {
        let line = rest[..bar].rfind(['"', '\'', '`', '\n', '\r']).map_or(0, |at| at + 1);
        Some((bar, *codes.iter().find(|code| (line..bar).contains(*code))?))
    });
    let start = match (failures.first(), coded.into_iter().next()) {
        (Some(failure), Some((bar, code))) if bar < *failure => code,
        (Some(failure), _) => *failure,
        (None, Some((_, code))) => code,
        (None, None) => return shown,
    };
    let message = &rest[start..];
    let quote = rest[..start].chars().next_back().filter(|quote| ['"', '\'', '`'].contains(quote));
    let ends = |at: &usize| (message[..*at].len() - message[..*at].trim_end_matches('\\').len()).is_multiple_of(2);
    let end = quote.and_then(|quote| message.match_indices(quote).map(|(at, _)| at).find(ends));
    &message[..end.unwrap_or(message.len())]
}

/// Past the beginnings that say nothing.
fn unnamed(mut rest: &str) -> &str {
    loop {
        if let Some(after) = label(rest, "all failed") {
            rest = word(after, ",").unwrap_or(after);
        } else if let Some(after) = label(rest, "Error").or(label(rest, "errMsg")) {
            rest = after;
        } else {
            return rest;
        }
    }
}

/// Where the content of a tail begins, if one begins here.
fn tail(text: &str) -> Option<&str> {
    let text = text.strip_prefix('(')?;
    label(text, "callId").or_else(|| label(text, "trace"))
}

/// Where the stack behind a message begins: each line by itself, and each of its places with all that is before it.
fn stack(message: &str) -> usize {
    // Past the parenthesis that opens a tail, to the one that closes it.
    let mut tails: Vec<Range<usize>> = Vec::new();
    while let Some(open) = message[tails.last().map_or(0, |tail| tail.end)..].match_indices('(').find_map(|(at, _)| {
        let at = at + tails.last().map_or(0, |tail| tail.end);
        tail(&message[at..]).map(|_| at)
    }) {
        let mut level = 0;
        let close = message[open..].char_indices().find(|(_, character)| {
            level += match character {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            level == 0
        });
        tails.push(open + 1..close.map_or(message.len(), |(at, _)| open + at + 1));
    }
    let is_in_tail = |at: usize| tails.iter().any(|tail| tail.contains(&at));
    let ends = message.match_indices(['\n', '\r']).map(|(at, _)| at).chain([message.len()]);
    let mut start = 0;
    for end in ends {
        let is_later = start > 0 && !is_in_tail(start - 1);
        if let Some(stack) = stack_in_line(message, start..end, is_later, &tails) {
            return stack;
        }
        start = end + 1;
    }
    message.len()
}

/// A word outside tails: where it begins, whether that is the beginning of a word, and whether a tail is right before.
struct Piece<'a> {
    at: usize,
    text: &'a str,
    begins: bool,
    behind_tail: bool,
}

fn stack_in_line(message: &str, line: Range<usize>, is_later: bool, tails: &[Range<usize>]) -> Option<usize> {
    // The parts of the line that are in no tail.
    let mut parts = Vec::new();
    let mut from = line.start;
    for tail in tails.iter().filter(|tail| tail.start <= line.end && tail.end > line.start) {
        parts.push(from..tail.start.max(from));
        from = tail.end;
    }
    parts.push(from..line.end.max(from));
    let first = is_later.then(|| line.start + message[line.clone()].find(|next| !is_space(next)).unwrap_or(0));
    let mut aside = None;
    let mut has_sign = false;
    for part in parts {
        let is_behind_tail = tails.iter().any(|tail| tail.end == part.start);
        if is_behind_tail && message[part.clone()].starts_with(['"', '\'', '`']) {
            return Some(part.start);
        }
        let pieces = pieces(message, &part, is_behind_tail);
        for (index, piece) in pieces.iter().enumerate() {
            let here = &message[piece.at..];
            has_sign |= piece.begins && piece.text == "@" && here[1..].starts_with(is_space);
            if piece.begins && aside.is_some() && ["function", "api"].iter().any(|last| ends_line(here, last)) {
                return aside;
            }
            let found = |read: &str, exact: bool, aside: Option<usize>| {
                let found = frame(message, &pieces[..=index], read, exact, first, has_sign)?;
                Some(aside.map_or(found, |aside| aside.min(found)))
            };
            for (offset, character) in piece.text.char_indices() {
                let (at, read) = (piece.at + offset, &piece.text[..offset]);
                let after = &message[at + character.len_utf8()..];
                let ended =
                    place(read).filter(|_| "(),;".contains(character)).and_then(|exact| found(read, exact, aside));
                let native = match character {
                    '(' => word(after, "native)").map(|_| false),
                    '<' => word(after, "anonymous>").map(|_| false),
                    '[' => word(after, "native code]").map(|_| true),
                    _ => None,
                };
                let stack = ended.or_else(|| found(read, native?, aside));
                if stack.is_some() {
                    return stack;
                }
                if at > 0 && character == '(' && tail(&message[at..]).is_none() && is_environment(after) {
                    return Some(at);
                }
                if at > 0 && character == ';' && is_at(after) {
                    aside = aside.or(Some(at));
                }
            }
            let opens_tail = tails.iter().any(|tail| tail.start == piece.at + piece.text.len());
            if !opens_tail && let Some(stack) = place(piece.text).and_then(|exact| found(piece.text, exact, aside)) {
                return Some(stack);
            }
        }
    }
    None
}

fn pieces<'a>(message: &'a str, part: &Range<usize>, is_behind_tail: bool) -> Vec<Piece<'a>> {
    let text = &message[part.clone()];
    let words = text.split(is_space).filter(|word| !word.is_empty());
    let mut pieces = Vec::new();
    for word in words {
        let at = part.start + (word.as_ptr() as usize - text.as_ptr() as usize);
        let begins = !is_behind_tail || at > part.start;
        let behind_tail = is_behind_tail && begins && pieces.is_empty();
        pieces.push(Piece { at, text: word, begins, behind_tail });
    }
    pieces
}

/// Where the frame begins whose place is at the end of what has been read of the last word.
fn frame(
    message: &str,
    words: &[Piece<'_>],
    read: &str,
    exact: bool,
    first: Option<usize>,
    has_sign: bool,
) -> Option<usize> {
    let last = words.last()?;
    // The `at` that counts: the last one, unless one before it is where a stack is to be expected, or is the name of
    // the parenthesis in which that last one stands.
    let mut at: Option<usize> = None;
    let is_expected = |index: usize| words[index].behind_tail || first == Some(words[index].at);
    let mut is_inside = false;
    for (index, word) in words.iter().enumerate() {
        let is_last = index + 1 == words.len();
        let begins_frame = word.begins && word.at > 0 && is_at(&message[word.at..]);
        if begins_frame && !at.is_some_and(|at| is_expected(at) || is_inside) {
            (at, is_inside) = (Some(index), false);
        }
        for character in (if is_last { read } else { word.text }).chars() {
            match character {
                '(' => is_inside = at.is_some_and(|at| index - at <= 5),
                ')' => {
                    at = at.filter(|at| is_expected(*at) || !is_inside);
                    is_inside = false;
                }
                _ => {}
            }
        }
    }
    let distance = |at: usize| words.len() - 1 - at;
    if let Some(at) = at.filter(|at| is_expected(*at) || exact && (is_inside || distance(*at) <= 2)) {
        return Some(words[at].at);
    }
    if exact && read.contains('@') {
        let is_code = last.begins && word(last.text, "code@").is_some();
        return first.filter(|_| is_code).or(Some(last.at).filter(|at| last.begins && *at > 0));
    }
    first.filter(|_| has_sign)
}

/// Whether what has been read of a word ends in a place, and if so, whether that has a column.
fn place(read: &str) -> Option<bool> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let is_file = |text: &str| text.bytes().filter(u8::is_ascii_alphabetic).count() >= 2;
    let (file, _) = read.rsplit_once(':').filter(|(_, number)| is_number(number))?;
    match file.rsplit_once(':') {
        Some((file, line)) if is_number(line) && is_file(file) => Some(true),
        _ => is_file(file).then_some(false),
    }
}

fn is_at(text: &str) -> bool {
    word(text, "at").is_some_and(|after| after.starts_with(is_space))
}

/// Whether this word, and a semicolon perhaps, are the last of a line.
fn ends_line(text: &str, last: &str) -> bool {
    let Some(after) = word(text, last) else { return false };
    let after = word(after, ";").unwrap_or(after);
    after
        .trim_start_matches(|next| is_space(next) && next != '\n' && next != '\r')
        .chars()
        .next()
        .is_none_or(|next| "\n\r".contains(next))
}

fn is_environment(text: &str) -> bool {
    let Some(after) = label(text, "env") else { return false };
    let inside = &after[..after.find(['(', ')']).unwrap_or(after.len())];
    inside.match_indices(';').any(|(at, _)| label(&after[at + 1..], "lib").is_some())
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
        rest = unnamed(rest);
        if let Some(after) = fail(rest) {
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
