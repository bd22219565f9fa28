//! Unescaping: each way writes what the characters are, byte by byte, and no more than there is room for.

use super::super::super::text::Text;
use super::super::{unescape, unescape_in_place, unescaped};
use super::{Random, String, Vec, vec};

/// What a string is made of: each escape of RFC 8259, section 7, characters of every length, and runs between them.
const PARTS: [&str; 27] = [
    r#"\""#,
    r"\\",
    r"\/",
    r"\b",
    r"\f",
    r"\n",
    r"\r",
    r"\t",
    r"\u0000",
    r"\u007F",
    r"\u00e9",
    r"\u4e2D",
    r"\ud83d\ude00",
    // Halves of pairs, as a value that is not parsed may have.
    r"\ud83d",
    r"\ude00",
    r"\udbff\udbff",
    r"\ud800\u0041",
    r"\ud800\\udc00",
    r"\\\\\\\\",
    r#"\\\"\\\""#,
    "a",
    "é",
    "中",
    "😀",
    "0123456789abcdef",
    "n\u{7f}u0041",
    "thirty-three plain bytes in a row.",
];

/// Compares all that there is for a span with its characters.
#[track_caller]
fn compare(span: &str) {
    let raw = span.as_bytes();
    let expected: String = Text::from_span(raw, true).chars().collect();
    let expected = expected.as_bytes();
    let room_behind = 3;
    let mut room = vec![0xAA; raw.len() + room_behind];
    let (read, len) = unescape(raw, &mut room);
    assert_eq!((read, &room[..len]), (raw.len(), expected), "{span}");
    assert!(room[raw.len()..].iter().all(|byte| *byte == 0xAA), "{span}: behind what it could take");

    let mut room = vec![0xAA; expected.len()];
    assert_eq!(unescape(raw, &mut room), (raw.len(), expected.len()), "{span}");
    assert_eq!(room, expected, "{span}");
    if let Some(less) = expected.len().checked_sub(1) {
        let (read, len) = unescape(raw, &mut room[..less]);
        let left: Vec<u8> = Text::from_span(&raw[read..], true).bytes().collect();
        assert!(read < raw.len() && [&room[..len], &left].concat() == expected, "{span}");
    }

    let (read, len) = unescaped(raw);
    let left: Vec<u8> = Text::from_span(&raw[read..], true).bytes().collect();
    assert!(raw.len() - read < 96, "{span}");
    assert_eq!(len + left.len(), expected.len(), "{span}");

    let mut place = raw.to_vec();
    let (read, len) = unescape_in_place(&mut place);
    assert!(raw.len() - read < 96, "{span}");
    assert_eq!(place[read..], raw[read..], "{span}: what is not read yet");
    assert_eq!([&place[..len], &left].concat(), expected, "{span}");
}

#[test]
fn every_part_at_every_place() {
    for part in PARTS {
        for before in 0..140 {
            for behind in [0, 1, 31, 32, 33, 95, 96, 97, 160] {
                compare(&["x".repeat(before), String::from(part), "y".repeat(behind)].concat());
                compare(&["x".repeat(before), part.repeat(2), "y".repeat(behind)].concat());
            }
        }
    }
    (0..300).for_each(|len| compare(&"z".repeat(len)));
}

#[test]
fn random_parts() {
    let mut random = Random(5);
    for turn in 0..20_000 {
        let of = PARTS.len() >> (turn % 4);
        let count = random.below(60);
        let parts: Vec<&str> = (0..count).map(|_| PARTS[random.below(of)]).collect();
        compare(&parts.concat());
    }
}
