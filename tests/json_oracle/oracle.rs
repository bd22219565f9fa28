use callcontainer::{Error, ErrorKind};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A valid text.
#[derive(Clone, Copy)]
pub struct Read<'a> {
    /// The value without the white space around it.
    pub raw: &'a RawValue,
    /// Levels of nesting; 0 for a string or scalar.
    pub depth: usize,
}

/// Reads a whole text, whatever its depth.
pub fn read(text: &[u8]) -> serde_json::Result<Read<'_>> {
    let raw = serde_json::from_slice::<&RawValue>(text)?;
    Ok(Read { raw, depth: depth(raw)? })
}

/// One level of a value.
#[derive(Debug)]
pub enum Node<'a> {
    Null,
    Bool,
    Number,
    String(&'a RawValue),
    Array(Vec<&'a RawValue>),
    Object(Vec<(&'a RawValue, &'a RawValue)>),
}

/// What a string stands for, if it is a text; and if it is none for halves of surrogate pairs alone, what it would stand
/// for if each were another character.
pub fn string(raw: &RawValue) -> Result<String, String> {
    let read = |text: &[u8]| serde_json::from_slice::<String>(text).expect("the grammar has been checked");
    match lone_surrogates(raw.get().as_bytes()).is_empty() {
        true => Ok(read(raw.get().as_bytes())),
        false => Err(read(&without_halves(raw.get().as_bytes()))),
    }
}

/// Looks at the outermost level of a value.
pub fn look(raw: &RawValue) -> serde_json::Result<Node<'_>> {
    let text = raw.get();
    Ok(match text.as_bytes()[0] {
        b'n' => Node::Null,
        b't' | b'f' => Node::Bool,
        b'"' => Node::String(raw),
        b'[' => Node::Array(serde_json::from_str(text)?),
        b'{' => Node::Object(serde_json::from_str::<Members<'_>>(text)?.0),
        _ => Node::Number,
    })
}

/// Looks at every level.
fn depth(raw: &RawValue) -> serde_json::Result<usize> {
    let inner: Vec<&RawValue> = match look(raw)? {
        Node::Array(elements) => elements,
        Node::Object(members) => members.into_iter().map(|(_, value)| value).collect(),
        _ => return Ok(0),
    };
    inner.into_iter().try_fold(1, |deepest, value| Ok(deepest.max(1 + depth(value)?)))
}

/// The members of an object in order, the same name as often as it stands there.
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// Whether a text is JSON, or may become JSON when more follows.
pub fn is_viable(text: &[u8]) -> bool {
    let may_go_on = |suffix: &str| {
        let text = [text, suffix.as_bytes()].concat();
        serde_json::from_slice::<&RawValue>(&text).map_or_else(|error| error.is_eof(), |_| true)
    };
    if std::str::from_utf8(text).is_err_and(|error| error.error_len().is_some()) {
        return false;
    }
    if ends_in_hex_digits(text) {
        // Where fewer than four digits follow `\u`, serde_json calls it the end of the text before it looks at them.
        return may_go_on("0000");
    }
    // Where a number lacks digits, serde_json calls that an invalid number, be it at the end of the text.
    may_go_on("") || may_go_on("0")
}

/// Whether a text ends behind `\u` and fewer than four bytes.
fn ends_in_hex_digits(text: &[u8]) -> bool {
    let backslashes = |at: usize| text[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
    (text.len().saturating_sub(4)..text.len()).any(|at| text[at] == b'u' && backslashes(at) % 2 == 1)
}

/// Where escapes stand that are one half of a surrogate pair without the other, in a viable text or behind it.
pub fn lone_surrogates(text: &[u8]) -> Vec<usize> {
    let escape = |at: usize| match text.get(at..) {
        Some([b'\\', b'u', digits @ ..]) => {
            digits.get(..4)?.iter().try_fold(0, |code, digit| Some((code << 4) | char::from(*digit).to_digit(16)?))
        }
        _ => None,
    };
    let mut alone = Vec::new();
    let mut at = 0;
    while at < text.len() {
        at += match (text[at], escape(at)) {
            (b'\\', Some(0xDC00..=0xDFFF)) => {
                alone.push(at);
                6
            }
            (b'\\', Some(0xD800..=0xDBFF)) => match (text.get(at + 6..at + 8), escape(at + 6)) {
                (Some(br"\u"), Some(0xDC00..=0xDFFF)) => 12,
                // What follows is wrong, or cut.
                (Some(br"\u"), None) => 8,
                (None, _) if matches!(text.get(at + 6..), Some([] | [b'\\'])) => 6,
                _ => {
                    alone.push(at);
                    6
                }
            },
            (b'\\', _) => 2,
            _ => 1,
        };
    }
    alone
}

/// The same text with another character in the place of each of them, in as many bytes.
pub fn without_halves(text: &[u8]) -> Vec<u8> {
    let mut whole = text.to_vec();
    for at in lone_surrogates(text) {
        whole[at..at + 6].copy_from_slice(br"\uFFFE");
    }
    whole
}

/// Levels that are open at the end of a viable text.
fn open_levels(text: &[u8]) -> usize {
    let mut levels = 0;
    let mut in_string = false;
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => levels += 1,
            b']' | b'}' if !in_string => levels -= 1,
            _ => {}
        }
    }
    levels
}

/// Checks that an error of JSON is the first thing that is wrong with a text, and stands where that begins. Of an error
/// that is the envelope's own, checks that everything before it may be JSON.
pub fn check_error(text: &[u8], error: Error, levels: usize) {
    let shown = text.escape_ascii();
    let (kind, offset) = (error.kind(), error.offset());
    let (before, behind) = text.split_at_checked(offset).unwrap_or_else(|| panic!("{error} of {}", text.len()));
    assert!(is_viable(before), "{error} is not the first: {shown}");
    // A text may end inside a character, and so may what is not too long.
    assert!(
        std::str::from_utf8(before).is_ok() || matches!(kind, ErrorKind::UnexpectedEnd | ErrorKind::TooLong),
        "{error} is not the first: {shown}"
    );
    let levels_before = open_levels(before);
    assert!(levels_before <= levels, "{error} is not the first: {shown}");
    match kind {
        ErrorKind::UnexpectedEnd => {
            assert!(behind.is_empty(), "{error} of {}: {shown}", text.len());
            assert!(is_incomplete(text), "{error}: {shown}");
        }
        ErrorKind::InvalidUtf8 => {
            let oracle = std::str::from_utf8(text).expect_err("it is UTF-8");
            assert_eq!(oracle.valid_up_to(), offset, "{shown}");
            assert!(oracle.error_len().is_some(), "{error}, which is only cut short: {shown}");
        }
        // Whether it stands in a string that is to be a text is not for JSON to say.
        ErrorKind::LoneSurrogate => assert!(lone_surrogates(text).contains(&offset), "{error}: {shown}"),
        ErrorKind::TooDeep => {
            assert!(matches!(behind, [b'[' | b'{', ..]), "{error}: {shown}");
            assert_eq!(levels_before, levels, "{error}: {shown}");
        }
        ErrorKind::UnexpectedByte
        | ErrorKind::InvalidNumber
        | ErrorKind::InvalidLiteral
        | ErrorKind::ControlCharacter
        | ErrorKind::InvalidEscape
        | ErrorKind::TrailingData => {
            assert!(!is_viable(&text[..=offset]), "{error}, but that may be: {shown}");
            let oracle = serde_json::from_slice::<&RawValue>(text).expect_err("it is JSON").to_string();
            let cause = match kind {
                ErrorKind::InvalidNumber => "invalid number",
                ErrorKind::InvalidLiteral => "expected ident",
                ErrorKind::ControlCharacter => "control character",
                // See `is_viable`.
                ErrorKind::InvalidEscape if oracle.starts_with("EOF while parsing a string") => "EOF",
                ErrorKind::InvalidEscape => "invalid escape",
                ErrorKind::TrailingData => "trailing characters",
                _ => ["key must be a string", "expected value", "expected `"]
                    .into_iter()
                    .find(|cause| oracle.starts_with(cause))
                    .unwrap_or("something unexpected"),
            };
            assert!(oracle.starts_with(cause), "{error}, but {oracle}: {shown}");
        }
        _ => {}
    }
}

/// Whether a viable text is not a whole value yet. (A number at its end may be both.)
fn is_incomplete(text: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(text).is_err()
}
