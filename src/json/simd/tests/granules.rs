//! Granules, and what goes on from one to the next: the same results as byte by byte.

use super::super::block::{BEFORE, GRANULE};
use super::super::content::SHORT_BLOCKS;
use super::{BLOCK, CHARACTERS, Random, Set, Stop, Vec, compare_content, content_by_bytes, sets};

/// Where the first granule of a content begins.
const FIRST: usize = SHORT_BLOCKS * BLOCK;

/// What is rare in a content, and a little of what is not.
const RARE: &[&[u8]] = &[
    b"\"",
    b"\\\"",
    b"\\\\",
    b"\\\\\"",
    b"\\\\\\\"",
    b"\\n\\t\\/",
    b"\\u0041",
    b"\\u00g0",
    b"\\u004",
    b"\\ud83d\\ude00",
    b"\\ud83d",
    b"\\ude00",
    b"\\ud83d\\n",
    b"\\q",
    b"\\\x80",
    b"\\\xE4\xB8\xAD",
    b"\\ ",
    b"\\U",
    b"\n",
    b"\0",
    b"\x1F",
    b"\x7F",
    b"\xC3\xA9",
    b"\xE4\xB8\xAD",
    b"\xF0\x9F\x98\x80",
    b"\xF4\x8F\xBF\xBF",
    b"\xC3",
    b"\xC3(",
    b"\xC0\x80",
    b"\xC1\xBF",
    b"\xE0\x9F\x80",
    b"\xE0\xA0\x80",
    b"\xE4\xB8",
    b"\xE4\xB8(",
    b"\xE4(",
    b"\xED\x9F\xBF",
    b"\xED\xA0\x80",
    b"\xF0\x8F\xBF\xBF",
    b"\xF0\x9F\x98",
    b"\xF0\x9F\x98(",
    b"\xF0\x9F(",
    b"\xF4\x90\x80\x80",
    b"\xF5\x80\x80\x80",
    b"\x80",
    b"\xE4\xB8\xAD\x80",
    b"\xFF",
];

/// Contents that go on for ever: ASCII, characters of two, three and four bytes, escapes, and all of these.
const FILLINGS: &[&str] = &["x", "é", "中", "😀", "\\n", "a \\\"中\\\" é "];

/// This many bytes of a filling, which may end within a character or an escape.
fn filled(filling: &str, len: usize) -> Vec<u8> {
    filling.bytes().cycle().take(len).collect()
}

#[test]
fn what_is_rare_at_every_place_of_a_granule() {
    for filling in FILLINGS {
        for rare in RARE {
            for place in (FIRST - 6..FIRST + GRANULE + 6).step_by(filling.len()) {
                let mut text = filled(filling, place / filling.len() * filling.len());
                text.extend_from_slice(rare);
                text.extend_from_slice(&filled(filling, 2 * GRANULE));
                compare_content(&text);
            }
        }
    }
}

#[test]
fn contents_of_all_lengths_at_all_addresses() {
    for filling in FILLINGS {
        for len in 0..FIRST + 2 * GRANULE + BLOCK {
            let text = filled(filling, len);
            compare_content(&text);
            compare_content(&[&text[..], b"\""].concat());
        }
        for before in 0..BLOCK {
            let text = filled("y", before).into_iter().chain(filled(filling, FIRST + 2 * GRANULE)).collect::<Vec<u8>>();
            compare_content(&text[before..]);
        }
    }
}

#[test]
fn all_pairs_of_bytes_within_a_granule_and_at_its_seams() {
    let mut text = filled("x", FIRST + 2 * GRANULE);
    for place in [FIRST - 1, FIRST + 31, FIRST + 100, FIRST + GRANULE - 1] {
        for pair in 0..=u16::MAX {
            text[place..place + 2].copy_from_slice(&pair.to_be_bytes());
            compare_content(&text);
        }
        text[place..place + 2].copy_from_slice(b"xx");
    }
}

/// What [`Block::ordinary`](super::super::block::Block::ordinary) has to say.
fn is_ordinary(bytes: &[u8; BEFORE + GRANULE]) -> Option<bool> {
    // The bytes before may be the end of a character, whose beginning is of no concern, or the beginning of one.
    let start = (0..=BEFORE).find(|at| !matches!(bytes[*at], 0x80..=0xBF)).unwrap_or(BEFORE);
    let content = content_by_bytes(&bytes[start..], 0, false);
    let text = &bytes[BEFORE - 1..];
    let is_rare = text.windows(2).any(|pair| matches!(pair, [b'\\', b'\\' | b'u']));
    let escape = text[..GRANULE].contains(&b'\\') || text[GRANULE] == b'\\';
    (content.stop == Stop::Cut && content.len + 3 >= GRANULE + BEFORE - start && !is_rare).then_some(escape)
}

#[test]
fn granules_are_ordinary_or_not() {
    let mut random = Random(11);
    let (mut ordinary, mut others) = (0, 0);
    for _ in 0..200_000 {
        let mut bytes = [b'x'; BEFORE + GRANULE];
        let filling = filled(FILLINGS[random.below(FILLINGS.len())], 2 * GRANULE);
        let from = random.below(9);
        bytes.copy_from_slice(&filling[from..from + BEFORE + GRANULE]);
        for _ in 0..random.below(4) {
            let (place, part) = (random.below(GRANULE), random.pick(CHARACTERS).as_bytes());
            let part = if random.below(3) == 0 { RARE[random.below(RARE.len())] } else { part };
            let end = (place + part.len()).min(bytes.len());
            bytes[place..end].copy_from_slice(&part[..end - place]);
        }
        // What is wrong or rare before the granule has been found.
        let before = &bytes[..BEFORE];
        let text = &before[before.iter().position(|byte| !matches!(byte, 0x80..=0xBF)).unwrap_or(BEFORE)..];
        let is_wrong = content_by_bytes(text, 0, false).stop != Stop::Cut;
        if is_wrong || before.iter().any(|byte| matches!(byte, b'"' | b'\\')) && before != b"xx\\" {
            continue;
        }
        let answer = is_ordinary(&bytes);
        for Set { name, ordinary, .. } in sets() {
            if let Some(path) = ordinary {
                assert_eq!(path(&bytes), answer, "{name}: {}", bytes.escape_ascii());
            }
        }
        if answer.is_some() { ordinary += 1 } else { others += 1 }
    }
    assert!(ordinary > 20_000 && others > 20_000, "{ordinary} ordinary, {others} others");
}

#[test]
fn symbols_of_base64_in_granules() {
    use crate::octets::BASE64;
    let mut text: Vec<u8> = (0..2 * GRANULE + BLOCK).map(|at| BASE64[at * 7 % 64]).collect();
    for place in 0..text.len() {
        let symbol = text[place];
        for byte in 0..=u8::MAX {
            text[place] = byte;
            let is_symbol = BASE64.contains(&byte);
            for Set { name, symbols, .. } in sets() {
                let known = symbols(&text);
                let least = if is_symbol { text.len() } else { place };
                assert!(known == least, "{name}: {known} of {byte:#x} at {place}");
            }
        }
        text[place] = symbol;
    }
}
