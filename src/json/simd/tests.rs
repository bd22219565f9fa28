//! Compares every instruction set with the byte-wise walk: the same result for every text, at any address and cut
//! anywhere.

extern crate std;

mod granules;
mod unescaping;
mod utf8_texts;
mod writing;

use super::super::state::{DONE, VALUE, Walker};
use super::super::string::{Content, Stop, content_by_bytes};
use super::super::tokens;
use super::block::{BEFORE, BLOCK, Block, GRANULE};
use super::processor::sets;
use super::{Done, content, resume, utf8, write};
use crate::error::{Error, ErrorKind};
use std::string::String;
use std::vec::Vec;
use std::{format, vec};

type Path = fn(&mut Walker, &[u8]) -> usize;
type Ordinary = fn(&[u8; BEFORE + GRANULE]) -> Option<bool>;
type Writer = fn(&[u8], &mut [u8]) -> Done;

/// An instruction set, and its functions.
pub(super) struct Set {
    pub(super) name: &'static str,
    pub(super) walk: Path,
    pub(super) content: fn(&[u8]) -> Option<Content>,
    /// See [`Block::ordinary`].
    pub(super) ordinary: Option<Ordinary>,
    pub(super) escape: Writer,
    pub(super) to_str: fn(&[u8]) -> Option<&str>,
    pub(super) symbols: fn(&[u8]) -> usize,
    /// The base64 writer, if there is one, with the number of bytes and the room that a step needs.
    pub(super) base64: Option<(Writer, usize, usize)>,
    /// The same of what decodes base64.
    pub(super) from_base64: Option<(Writer, usize, usize)>,
}

impl Set {
    /// The functions of the blocks of the instruction set.
    pub(super) fn of<B: Block<Level = ()>>(name: &'static str) -> Self {
        Self {
            name,
            walk: |walker, piece| resume::walk::<B>((), walker, piece),
            content: |piece| content::content::<B>((), piece),
            ordinary: B::GRANULES.then_some(|bytes| B::ordinary((), bytes)),
            escape: |text, room| write::escape::<B>((), text, room),
            to_str: |bytes| utf8::to_str::<B>((), bytes),
            symbols: |piece| write::symbols::<B>((), piece),
            base64: None,
            from_base64: None,
        }
    }
}

/// The result for a text: the length of the value and of the white space in it, or the error.
type Answer = Result<(usize, usize), Error>;

/// Walks over a text in pieces that end at these positions: in blocks as far as `blocks` goes, then by bytes.
fn walk(text: &[u8], cuts: &[usize], blocks: Path) -> Answer {
    let mut walker = Walker::new(1);
    let mut done = 0;
    for cut in cuts.iter().copied().chain([text.len()]) {
        if walker.is_done() {
            break;
        }
        let piece = &text[done..cut];
        let number = walker.rest_of_number(piece).map_err(|error| error.behind(done))?;
        let from = number + blocks(&mut walker, &piece[number..]);
        let used = walker.walk(piece, from).map_err(|error| error.behind(done))?;
        assert!(walker.is_done() || cut - done - used < 6, "a piece leaves five bytes at most");
        done += used;
    }
    let ended = walker.is_done() || (walker.may_end() && done == text.len());
    if ended { Ok((done, walker.spaces())) } else { Err(Error::new(ErrorKind::UnexpectedEnd, text.len())) }
}

/// Walks over a value at once if it looks like most, and over nothing otherwise.
fn by_tokens(walker: &mut Walker, piece: &[u8]) -> usize {
    if walker.state != VALUE || walker.depth != 0 {
        return 0;
    }
    let Some(behind) = tokens::behind_any_value(piece) else { return 0 };
    walker.state = DONE;
    piece.len() - behind.len()
}

/// Compares all paths over a text in one piece, and in two, cut here.
#[track_caller]
fn compare(text: &[u8], cut: usize) -> Answer {
    let bytes = walk(text, &[], |_, _| 0);
    let paths = sets().map(|set| (set.name, set.walk)).chain([("tokens", by_tokens as Path)]);
    for (name, path) in paths {
        for cuts in [&[][..], &[cut]] {
            let answer = walk(text, cuts, path);
            assert_eq!(answer, bytes, "{name}, cut at {cuts:?}: {}", String::from_utf8_lossy(text));
        }
    }
    bytes
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[self.below(among.len())]
    }
}

const SCALARS: &[&str] = &[
    "0",
    "-0",
    "7",
    "42",
    "-1",
    "1234567890",
    "0.5",
    "-12.75",
    "3.0e10",
    "1E-7",
    "2e+9",
    "9E5",
    "0e0",
    "0.25e-3",
    "true",
    "false",
    "null",
    "123456789012345678901234567890123456789012345678901234567890123456789012345",
    "0.00000000000000000000000000000000000000000000000000000000000000000000000001",
];
const CHARACTERS: &[&str] = &[
    "a",
    "Z",
    "key",
    " ",
    "  ",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "1",
    "-",
    "true",
    "\\\"",
    "\\\\",
    "\\/",
    "\\b",
    "\\f",
    "\\n",
    "\\r",
    "\\t",
    "\\u0041",
    "\\u4e2D",
    "\\uFFFF",
    "\\ud7ff",
    "\\ue000",
    "\\ud83d\\ude00",
    "\\uDBFF\\uDFFF",
    "\u{e9}",
    "\u{7ff}",
    "\u{4e2d}\u{6587}",
    "\u{800}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{ffff}",
    "\u{1f600}",
    "\u{10ffff}",
    "\u{7f}",
    "plain text of some length",
    "\\\\\\\\\\\\\\\"",
    "\\\\\\\\\\\\",
];
const SPACES: &[&str] = &["", "", "", "", " ", "\n", "\r\n\t", "      ", "\n        "];

fn string(random: &mut Random, into: &mut String) {
    into.push('"');
    for _ in 0..random.below(6) {
        into.push_str(random.pick(CHARACTERS));
    }
    if random.below(12) == 0 {
        into.push_str(&"0123456789abcdef".repeat(random.below(12)));
    }
    into.push('"');
}

fn value(random: &mut Random, into: &mut String, depth: usize, compact: bool) {
    let space = |random: &mut Random, into: &mut String| {
        if !compact {
            into.push_str(random.pick(SPACES));
        }
    };
    space(random, into);
    match random.below(if depth == 0 { 4 } else { 9 }) {
        0 | 1 => into.push_str(random.pick(SCALARS)),
        2 | 3 => string(random, into),
        kind => {
            let (open, close) = if kind < 7 { ('{', '}') } else { ('[', ']') };
            into.push(open);
            for member in 0..random.below(6) {
                if member > 0 {
                    into.push(',');
                }
                if open == '{' {
                    space(random, into);
                    string(random, into);
                    space(random, into);
                    into.push(':');
                }
                value(random, into, depth - 1, compact);
            }
            space(random, into);
            into.push(close);
        }
    }
    space(random, into);
}

/// Returns a random array or object of some hundred bytes.
fn text(random: &mut Random) -> String {
    let compact = random.below(2) == 0;
    let mut text = String::from(if random.below(2) == 0 { "[" } else { "{\"\":" });
    let close = if text == "[" { "]" } else { "}" };
    value(random, &mut text, 6, compact);
    while text.len() < 150 && close == "]" {
        text.push(',');
        value(random, &mut text, 4, compact);
    }
    text + close
}

#[test]
fn right_texts_wherever_they_are_cut() {
    let mut random = Random(1);
    for _ in 0..3000 {
        let mut text = text(&mut random);
        let len = text.len();
        text.push_str(random.pick(&["", "}", "]", ",\"more\":1}", " \n", "\"", "\u{4e2d}"]));
        let cut = random.below(len);
        let answer = compare(text.as_bytes(), cut);
        assert_eq!(answer.map(|(used, _)| used), Ok(len), "{text}");
    }
    for _ in 0..40 {
        let text = text(&mut random);
        for cut in 0..text.len().min(700) {
            compare(text.as_bytes(), cut).unwrap();
        }
    }
}

/// What is substituted or inserted to make a valid text invalid.
const WRONG: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"-",
    b"+",
    b".",
    b"e",
    b"E",
    b"0",
    b"5",
    b"t",
    b"f",
    b"n",
    b"u",
    b" ",
    b"\n",
    b"\0",
    b"\x0C",
    b"\x1A",
    b"\x1F",
    b"\x7F",
    b"\x80",
    b"\xBF",
    b"\xC0",
    b"\xC2",
    b"\xE0",
    b"\xE4",
    b"\xED",
    b"\xED\xA0",
    b"\xF0",
    b"\xF4",
    b"\xF5",
    b"\xFF",
    b"\\u",
    b"\\ud8",
    b"\\ud83d",
    b"\\udc00",
    b"\\u12",
    b"/",
    b"true",
    b"null",
    b"\"\"",
    b"{}",
    b"[]",
    b"1",
    b"\"a\":",
    b"",
    b"D",
    b"x",
];

#[test]
fn wrong_texts_get_the_same_error() {
    let mut random = Random(2);
    let mut refused = 0;
    for _ in 0..60_000 {
        let mut text = text(&mut random).into_bytes();
        for _ in 0..=random.below(2) {
            let from = random.below(text.len());
            let to = (from + random.below(3)).min(text.len());
            let wrong = WRONG[random.below(WRONG.len())];
            text.splice(from..to, wrong.iter().copied());
        }
        let cut = random.below(text.len() + 1);
        refused += usize::from(compare(&text, cut).is_err());
    }
    assert!(refused > 30_000, "only {refused} texts were wrong");
}

/// Short texts with everything that matters between two bytes, valid and invalid.
const EDGES: &[&[u8]] = &[
    br#"{"a":1}"#,
    br#"{ "a" : 1 , "b" : [ ] }"#,
    br#"[-0.5e+10,true,false,null,"x"]"#,
    br#"{"k":"\ud83d\ude00\\\"\u0041"}"#,
    "[\"\u{e9}\u{4e2d}\u{1f600}\u{10ffff}\"]".as_bytes(),
    br#"[[],{},[{}],{"a":{}}]"#,
    br#"[1,]"#,
    br#"[,1]"#,
    br#"[1 2]"#,
    br#"[1:2]"#,
    br#"["a":2]"#,
    br#"{"a"}"#,
    br#"{"a",1}"#,
    br#"{"a":1,}"#,
    br#"{,"a":1}"#,
    br#"{"a":1:2}"#,
    br#"{"a":"b":"c"}"#,
    br#"{"a" "b":1}"#,
    br#"{1:2}"#,
    br#"{true:2}"#,
    br#"{"a":1,2:3}"#,
    br#"{[]:1}"#,
    br#"{{}:1}"#,
    br#"{"a":}"#,
    br#"{:1}"#,
    br#"{"a":[}"#,
    br#"{"a":{]}"#,
    br#"[}"#,
    br#"{"a":1]"#,
    br#"[01]"#,
    br#"[-01]"#,
    br#"[00]"#,
    br#"[1.]"#,
    br#"[1.e5]"#,
    br#"[.5]"#,
    br#"[-]"#,
    br#"[--1]"#,
    br#"[-.5]"#,
    br#"[+1]"#,
    br#"[1+1]"#,
    br#"[1-1]"#,
    br#"[1e]"#,
    br#"[1e+]"#,
    br#"[1e+-1]"#,
    br#"[1e5e5]"#,
    br#"[1e5.5]"#,
    br#"[1.5.5]"#,
    br#"[1.5e5]"#,
    br#"[e5]"#,
    br#"[0x1]"#,
    br#"[1a]"#,
    br#"[trueX]"#,
    br#"[true1]"#,
    br#"[truee]"#,
    br#"[nul]"#,
    br#"[nulL]"#,
    br#"[falsetrue]"#,
    br#"["a"1]"#,
    br#"[1"a"]"#,
    br#"["a""b"]"#,
    br#"[true"a"]"#,
    br#"[1[2]]"#,
    br#"[[1]2]"#,
    br#"[{}"a"]"#,
    br#"["\q"]"#,
    br#"["\u12x4"]"#,
    br#"["\ud800"]"#,
    br#"["\ud800\n"]"#,
    br#"["\ud800\u0041"]"#,
    br#"["\ud800\ud800"]"#,
    br#"["\udc00"]"#,
    br#"["\ud800x\udc00"]"#,
    b"[\"a\nb\"]",
    b"[\"a\x1Fb\"]",
    b"[\x0C1]",
    b"{\"a\"\x1A1}",
    b"[1\0]",
    b"[\"\xC3(\"]",
    b"[\"\xC3\"]",
    b"[\"\xC0\x80\"]",
    b"[\"\xE0\x9F\x80\"]",
    b"[\"\xED\xA0\x80\"]",
    b"[\"\xF0\x8F\xBF\xBF\"]",
    b"[\"\xF4\x90\x80\x80\"]",
    b"[\"\xF5\x80\x80\x80\"]",
    b"[\"\xE4\xB8\"]",
    b"[\"\xF0\x9F\x98\"]",
    b"[\"\x80\"]",
    b"[\"\xFF\"]",
    b"[\xE4\xB8\xAD]",
    b"[\\\"a\"]",
];

#[test]
fn edges_at_every_place_of_a_block() {
    for edge in EDGES {
        for before in 0..140 {
            // Before: a string, digits, or white space. After: more than a block of each.
            let fillings = [
                format!("[\"{}\",", "x".repeat(before)),
                format!("[1{},", "0".repeat(before)),
                format!("[{}", " ".repeat(before)),
                format!("{{\"\u{4e2d}\\n\":[{}", "[],".repeat(before / 3 + 1)),
            ];
            for filling in &fillings {
                let mut text = filling.clone().into_bytes();
                text.extend_from_slice(edge);
                let cut = text.len() - edge.len() / 2;
                let behind = if filling.starts_with('{') { ",\"yz\"]}" } else { ",\"yz\"]" };
                text.extend_from_slice(behind.replace("yz", &"yz".repeat(40)).as_bytes());
                compare(&text, cut).ok();
            }
        }
    }
}

#[test]
fn scalars_and_strings_across_blocks() {
    let parts = SCALARS.iter().map(|scalar| format!("[{scalar}]"));
    let strings = CHARACTERS.iter().map(|characters| format!("[\"{characters}\",{{\"{characters}\":\"\"}}]"));
    for part in parts.chain(strings) {
        for before in 0..70 {
            for text in [
                format!("[{}{part},\"{}\"]", " ".repeat(before), "z".repeat(80)),
                format!("[\"{}\",{part},\"{}\"]", "x".repeat(before), "z".repeat(80)),
            ] {
                for cut in text.len().saturating_sub(100)..text.len() {
                    compare(text.as_bytes(), cut).unwrap();
                }
            }
        }
    }
}

#[test]
fn nesting_up_to_the_limit_and_over() {
    for depth in 120..132 {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let inside = format!("\"{}\"", "x".repeat(70));
            let levels = open.matches(['[', '{']).count();
            let times = depth / levels;
            let text = format!("{}{inside}{}", open.repeat(times), close.repeat(times));
            let answer = compare(text.as_bytes(), text.len() / 2);
            assert_eq!(answer.is_ok(), times * levels <= 127, "{depth}");
            let wrong = text.replacen(close, if close == "]" { "}" } else { "]" }, 1);
            compare(wrong.as_bytes(), text.len() - 3).unwrap_err();
        }
    }
}

#[test]
fn blocks_do_the_work() {
    // A valid value is walked to its end in blocks, and one that continues, almost to the end of the piece.
    let text = format!("{{\"a\":[{}1]}}", "{\"key\":\"value\",\"n\":-1.5e3,\"b\":true},".repeat(30));
    for Set { name, walk: path, .. } in sets() {
        let mut walker = Walker::new(1);
        assert_eq!(path(&mut walker, text.as_bytes()), text.len(), "{name}");
        assert!(walker.is_done());
        let mut walker = Walker::new(1);
        assert!(path(&mut walker, &text.as_bytes()[..1000]) > 1000 - 64 - 12, "{name}");
    }
}

/// Compares all ways to read this content, and returns whether anything was wrong.
#[track_caller]
fn compare_content(piece: &[u8]) -> bool {
    let bytes = content_by_bytes(piece, 0, false);
    for Set { name, content: path, .. } in sets() {
        let answer = match path(piece) {
            Some(blocks) if blocks.stop == Stop::Quote => blocks,
            Some(blocks) => content_by_bytes(piece, blocks.len, blocks.escaped),
            None => {
                let right = bytes.stop == Stop::Quote && piece[bytes.len..].len() < 2;
                assert!(!right, "{name} sees something wrong: {}", String::from_utf8_lossy(piece));
                bytes
            }
        };
        assert_eq!(answer, bytes, "{name}: {}", String::from_utf8_lossy(piece));
    }
    matches!(bytes.stop, Stop::Wrong(..))
}

#[test]
fn contents_right_and_wrong() {
    let mut random = Random(3);
    let mut wrong = 0;
    for _ in 0..100_000 {
        let mut piece = Vec::new();
        let long = random.below(300);
        while piece.len() < long {
            piece.extend_from_slice(random.pick(CHARACTERS).as_bytes());
        }
        if random.below(2) == 0 {
            let at = random.below(piece.len() + 1);
            let bytes = WRONG[random.below(WRONG.len())];
            piece.splice(at..at, bytes.iter().copied());
        }
        if random.below(4) > 0 {
            piece.push(b'"');
        }
        if random.below(4) == 0 {
            piece.extend_from_slice(random.pick(CHARACTERS).as_bytes());
        }
        wrong += usize::from(compare_content(&piece));
    }
    assert!(wrong > 10_000, "only {wrong} contents were wrong");
}

#[test]
fn contents_cut_anywhere() {
    for one in CHARACTERS {
        for other in CHARACTERS {
            let content = format!("{}{one}{other}{one}", "x".repeat(50));
            for end in 50..=content.len() {
                compare_content(&content.as_bytes()[..end]);
            }
        }
    }
}

#[test]
fn plain_bytes_at_every_place() {
    for len in 0..70 {
        for place in 0..len {
            for byte in 0..=255 {
                let mut bytes = vec![b'a'; len];
                bytes[place] = byte;
                let plain = matches!(byte, 0x20..=0x7F) && byte != b'"' && byte != b'\\';
                let expected = if plain { len } else { place };
                assert_eq!(super::plain(&bytes), (len >= 16).then_some(expected), "{byte:#x} at {place} of {len}");
            }
        }
    }
}

#[test]
fn what_most_values_look_like_is_walked_in_tokens() {
    let value = br#"{"a":[1,-0.25,0,{}],"b":{"c":[],"a longer string, \" of some":"d"},"e":[true,false,null,"\u4e2d"],"f":120}"#;
    for behind in [&b""[..], b"}", b",1234567890123456"] {
        assert_eq!(tokens::behind_any_value(&[&value[..], behind].concat()), Some(behind));
    }
    let other: [&[u8]; 9] = [b"", b"1", b"[1", b"[1e5]", b"[ 1]", b"[01]", b"[1.]", b"[-]", b"[1}"];
    assert!(other.iter().all(|other| tokens::behind_any_value(other).is_none()));
    let deep = |depth| ["[".repeat(depth), "]".repeat(depth)].concat();
    assert_eq!(tokens::behind_any_value(deep(33).as_bytes()), Some(&b""[..]));
    assert_eq!(tokens::behind_any_value(deep(34).as_bytes()), None);
}

#[test]
fn strings_of_any_length_are_walked_in_tokens() {
    for len in 0..70 {
        for content in ["a", "中", "\\\"", "\u{7F}"] {
            let string = format!("\"{}{content}\"", "b".repeat(len));
            for behind in ["", "}", ",1234567890123456789012345678901234567890"] {
                let value = format!("{{{string}:[1,{string},{string}]}}");
                let text = [&value, behind].concat();
                assert_eq!(tokens::behind_any_value(text.as_bytes()), Some(behind.as_bytes()), "{text}");
                for cut in 0..value.len() {
                    assert_eq!(tokens::behind_any_value(&value.as_bytes()[..cut]), None, "{value}, cut at {cut}");
                }
            }
        }
    }
}
