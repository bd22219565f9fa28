//! Tests with responses cut anywhere, broken anywhere, and hostile: those that nobody thought of.

extern crate std;

use super::HttpError;
use super::lines::lines_of;
use super::tests::{entire, head, read, response, responses};
use super::whole::head as entire_head;
use proptest::collection;
use proptest::prelude::{BoxedStrategy, ProptestConfig, Strategy, any, prop_oneof};
use proptest::sample::{Index, select};
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// Header lines, most of which matter: a name that fits its value, or another one.
fn lines() -> impl Strategy<Value = String> {
    let names = ["content-length", "transfer-encoding", "connection", "retry-after"];
    let options = ["chunked", "close", "keep-alive"];
    let numbers = [
        "7",
        "7",
        "8",
        "07",
        "00000000000000000000000000000007",
        "99",
        "18446744073709551615",
        "18446744073709551616",
        "4294967296",
    ];
    let others = ["", "x", "7x", "x7", "a-very-long-option-that-nobody-has-ever-heard-of"];
    let all = [&names[..], &options, &numbers, &others].concat();
    let line = |name: BoxedStrategy<String>, element: BoxedStrategy<String>| {
        let blanks = || select(vec!["", "", " ", "\t "]);
        let element =
            (blanks(), element, blanks()).prop_map(|(before, element, behind)| format!("{before}{element}{behind}"));
        (name, collection::vec(element, 1..4))
            .prop_map(|(name, elements)| format!("{name}:{}\r\n", elements.join(",")))
            .boxed()
    };
    let lengths = line(near(vec!["content-length"], &all), near(numbers.to_vec(), &all));
    let codings = line(near(vec!["transfer-encoding"], &all), near(vec!["chunked"], &all));
    let options = line(near(vec!["connection"], &all), near(options.to_vec(), &all));
    let seconds = line(near(vec!["retry-after"], &all), near(numbers.to_vec(), &all));
    let any = line("[!#-'*+.^_`|~0-9A-Za-z-]{1,20}".boxed(), "[ -~\t\u{e9}]{0,30}".boxed());
    prop_oneof![lengths, codings, options, seconds, any]
}

/// One of these words, in any letter case; or what begins like it and goes on like another one, or has a blank or
/// letter too many.
fn near(words: Vec<&'static str>, all: &[&'static str]) -> BoxedStrategy<String> {
    let spelt = (select(words), any::<u32>()).prop_map(|(word, cases)| {
        let upper = |(at, letter): (usize, char)| {
            if cases >> (at % 32) & 3 == 3 { letter.to_ascii_uppercase() } else { letter }
        };
        word.chars().enumerate().map(upper).collect::<String>()
    });
    let spliced = (spelt.clone(), select(all.to_vec()), any::<Index>()).prop_map(|(word, other, at)| {
        let at = at.index(word.len() + 1);
        String::from(&word[..at]) + other.get(at..).unwrap_or("")
    });
    let grown = (spelt.clone(), any::<Index>(), select(vec![" ", "\t", "x", "7"])).prop_map(|(mut word, at, more)| {
        word.insert_str(at.index(word.len() + 1), more);
        word
    });
    prop_oneof![2 => spelt, 1 => spliced, 1 => grown].boxed()
}

/// Bytes that matter in a head, and all others.
fn bytes() -> impl Strategy<Value = u8> {
    prop_oneof![select(b"\r\n:, \t017cC\0\x7f\xff".to_vec()), any::<u8>()]
}

proptest::proptest! {
    /// Any body in any chunks, with the response cut anywhere, is read as it was written.
    #[test]
    fn chunks_come_out_as_they_went_in(
        chunks in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 1..40), 0..20),
        extension in "([ \t]{0,3}|[ \t]{0,3};[ -~]{0,9})",
        trailer in "([A-Za-z]{1,5}: [ -~]{0,9}\r\n){0,3}",
        upper in proptest::bool::ANY,
        size in 1_usize..60,
    ) {
        let mut sent = response("Transfer-Encoding: chunked\r\n", "").into_bytes();
        for chunk in &chunks {
            let len = if upper { format!("{:04X}", chunk.len()) } else { format!("{:x}", chunk.len()) };
            sent.extend_from_slice(format!("{len}{extension}\r\n").as_bytes());
            sent.extend_from_slice(chunk);
            sent.extend_from_slice(b"\r\n");
        }
        sent.extend_from_slice(format!("0{extension}\r\n{trailer}\r\nrest").as_bytes());
        let pieces: Vec<&[u8]> = sent.chunks(size).collect();
        let outcome = read(&pieces, false).unwrap();
        proptest::prop_assert_eq!(outcome.data, chunks.concat());
        proptest::prop_assert_eq!(outcome.rest, b"rest");
    }

    /// Another parser agrees on whether a head is valid and what it contains.
    #[test]
    fn heads_are_read_as_another_parser_reads_them(
        lines in proptest::collection::vec("[A-Za-z!#$%&'*+.^_`|~0-9-]{1,6}[ \t]{0,1}:[ \t]{0,2}[ -~\t\u{e9}]{0,8}[ \t]{0,2}", 0..10),
        status in "HTTP/1\\.[012] {1,2}[0-9]{2,4}( |  )?[ -~\t\u{e9}]{0,5}",
        changes in proptest::collection::vec((0_usize..200, proptest::num::u8::ANY), 0..2),
    ) {
        let mut head = format!("{status}\r\n").into_bytes();
        for line in &lines {
            head.extend_from_slice(line.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        for (at, byte) in changes {
            let at = at % head.len();
            head[at] = byte;
        }
        let Some(len) = head.windows(4).position(|end| end == b"\r\n\r\n") else { return Ok(()) };
        let head = &head[..len + 4];
        if head.split(|byte| *byte == b'\n').any(|line| !line.is_empty() && !line.ends_with(b"\r")) {
            // The other parser takes a bare LF for the end of a line.
            proptest::prop_assert_eq!(self::head(&[head], false), Err(HttpError::Head));
            return Ok(());
        }
        let mut headers = [httparse::EMPTY_HEADER; 200];
        let mut other = httparse::Response::new(&mut headers);
        let expected = match other.parse(head) {
            Ok(httparse::Status::Complete(parsed)) => parsed == head.len() && other.code >= Some(100),
            _ => false,
        };
        match self::head(&[head], false) {
            Err(HttpError::Head) => proptest::prop_assert!(!expected),
            parsed => {
                proptest::prop_assert!(expected);
                if let Ok(Some((_, parsed))) = parsed {
                    proptest::prop_assert_eq!(Some(parsed.status), other.code);
                }
                let others = other.headers.iter().map(|line| (line.name.as_bytes(), line.value));
                proptest::prop_assert!(lines_of(head).map(|line| (line.name, line.value)).eq(others));
            }
        }
    }

    /// A response with one byte changed gives the same result however it is cut into pieces.
    #[test]
    fn broken_responses_give_the_same_outcome_whatever_the_pieces(
        which in 0_usize..1000,
        at in 0_usize..1000,
        byte in proptest::num::u8::ANY,
        size in 1_usize..20,
    ) {
        let all = responses();
        let mut sent = all[which % all.len()].clone();
        let at = at % sent.len();
        sent[at] = byte;
        let pieces: Vec<&[u8]> = sent.chunks(size).collect();
        proptest::prop_assert_eq!(read(&pieces, false), entire(&sent));
    }
}

proptest::proptest! {
    #![proptest_config(ProptestConfig { cases: 16 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    /// A head is read as one that is there as a whole, wherever it is cut, and refused at its first wrong byte.
    #[test]
    fn heads_are_read_byte_by_byte_as_they_are_as_a_whole(
        status in "HTTP/1\\.[01] (200|503|[1-9][0-9]{2}|204|304|10[01])( [ -~\t\u{e9}]{0,3})?",
        length in select(vec!["", "Content-Length: 7\r\n"]),
        lines in collection::vec(lines(), 0..3),
        behind in "(|\r\n|x)",
        changes in prop_oneof![2 => collection::vec((0_usize..300, bytes()), 0..1), 1 => collection::vec((0_usize..300, bytes()), 1..3)],
        to_head in proptest::bool::ANY,
    ) {
        let mut sent = format!("{status}\r\n{length}{}\r\n{behind}", lines.concat()).into_bytes();
        for (at, byte) in changes {
            let at = at % sent.len();
            sent[at] = byte;
        }
        let expected = entire_head(&sent, to_head);
        let result = head(&[&sent], to_head);
        if expected == Ok(None) {
            proptest::prop_assert!(matches!(result, Ok(None) | Err(HttpError::Head)), "{:?}", result);
        } else {
            proptest::prop_assert_eq!(result, expected);
        }
        for cut in 0..=sent.len() {
            let (first, second) = sent.split_at(cut);
            proptest::prop_assert_eq!(head(&[first, second], to_head), result, "cut at {}", cut);
        }
        for size in 1..5 {
            let pieces: Vec<&[u8]> = sent.chunks(size).collect();
            proptest::prop_assert_eq!(head(&pieces, to_head), result, "cut into pieces of {}", size);
        }
        for len in 0..sent.len() {
            let part = &sent[..len];
            let mut rests = ["\r\n\r\n", "\r\n", ":\r\n\r\n", "\n\r\n", "\n"].map(str::as_bytes).to_vec();
            rests.extend(b"HTTP/1.1 200\r\n\r\n".get(len..));
            let goes_on = |rest: &&[u8]| {
                !matches!(entire_head(&[part, *rest].concat(), to_head), Ok(None) | Err(HttpError::Head))
            };
            let can_go_on = rests.iter().any(goes_on);
            match head(&[part], to_head) {
                Err(HttpError::Head) => proptest::prop_assert!(!can_go_on, "{} bytes", len),
                _ => proptest::prop_assert!(can_go_on, "{} bytes", len),
            }
        }
    }
}
