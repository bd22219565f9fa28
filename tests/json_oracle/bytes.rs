use super::{check_reply, check_request, check_value};
use callcontainer::{Error, ErrorKind, Json};

const REQUEST: &[u8] = b"{\"path\":\"/\xe4\xb8\xad\\u4e2d\",\"config\":{\"env\":\"e\"},\"data\":[1,-2.5e3,\"a\\n\",true,null],\"timeout\":10}";
const REPLY: &[u8] =
    b"{\"errMsg\":\"\xf0\x9f\x98\x80\\ud83d\\ude00\",\"statusCode\":200,\"header\":{\"a\":false},\"errno\":0,\"data\":{\"b\":[]}}";

/// Every change of one byte into any other, every byte put in anywhere, every byte taken out.
fn check_changes(envelope: &[u8], check: fn(&[u8]) -> Result<(), Error>) {
    assert!(check(envelope).is_ok());
    let mut accepted = 0;
    for at in 0..=envelope.len() {
        for byte in 0..=u8::MAX {
            let inserted = [&envelope[..at], &[byte], &envelope[at..]].concat();
            accepted += usize::from(check(&inserted).is_ok());
            if at < envelope.len() {
                let changed = [&envelope[..at], &[byte], &envelope[at + 1..]].concat();
                accepted += usize::from(check(&changed).is_ok());
            }
        }
        if at < envelope.len() {
            accepted += usize::from(check(&[&envelope[..at], &envelope[at + 1..]].concat()).is_ok());
        }
    }
    // Letters of names and texts, digits, white space: hundreds of changes each.
    assert!(accepted > 1000, "{accepted}");
}

#[test]
fn every_changed_byte_of_a_request_is_judged_alike() {
    check_changes(REQUEST, |text| check_request(text).map(drop));
}

#[test]
fn every_changed_byte_of_a_reply_is_judged_alike() {
    check_changes(REPLY, |text| check_reply(text).map(drop));
}

/// Checks the string with this content, in which neither quote nor backslash stands: the first byte that is wrong is the
/// first control character or the first byte that `core` does not take for UTF-8.
fn check_content(content: &[u8]) {
    let text = [b"\"", content, b"\""].concat();
    let control = content.iter().position(|byte| *byte < 0x20);
    let broken = std::str::from_utf8(content).err().map(|error| error.valid_up_to());
    let expected = match (control, broken) {
        (Some(control), broken) if broken.is_none_or(|broken| control < broken) => {
            Err((ErrorKind::ControlCharacter, control + 1))
        }
        (_, Some(broken)) => Err((ErrorKind::InvalidUtf8, broken + 1)),
        _ => Ok(&text[..]),
    };
    let outcome = Json::from_bytes(&text);
    let outcome = outcome.as_ref().map(Json::as_bytes).map_err(|error| (error.kind(), error.offset()));
    assert_eq!(outcome, expected, "{}", text.escape_ascii());
}

/// Checks the sequence by itself, and between others. What holds quotes or backslashes goes to the oracle.
fn check_sequence(sequence: &[u8], before: &[u8], behind: &[u8]) {
    let content = [before, sequence, behind].concat();
    if content.iter().any(|byte| matches!(byte, b'"' | b'\\')) {
        let _ = check_value(&[b"\"", &content[..], b"\""].concat());
    } else {
        check_content(&content);
    }
}

#[test]
fn every_sequence_of_one_or_two_bytes() {
    for first in 0..=u8::MAX {
        for (before, behind) in [("", ""), ("1234567", "12345678"), ("\u{4e2d}\u{6587}", "\u{4e2d}\u{6587}")] {
            let (before, behind) = (before.as_bytes(), behind.as_bytes());
            check_sequence(&[first], before, behind);
            for second in 0..=u8::MAX {
                check_sequence(&[first, second], before, behind);
            }
        }
    }
}

/// The sequences of three and four bytes at the edges of what UTF-8 allows, whole and cut short.
fn edges() -> Vec<Vec<u8>> {
    const NEXT: [u8; 10] = [0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF];
    const LAST: [u8; 6] = [0x1F, 0x41, 0x80, 0xBF, 0xC2, 0xE4];
    let mut edges = Vec::new();
    for lead in [0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF].into_iter().chain(0xE0..=0xFF) {
        edges.push(vec![lead]);
        for second in NEXT {
            edges.push(vec![lead, second]);
            for third in LAST {
                edges.push(vec![lead, second, third]);
                if lead >= 0xE0 {
                    edges.extend(LAST.map(|fourth| vec![lead, second, third, fourth]));
                }
            }
        }
    }
    edges
}

#[test]
fn every_edge_of_utf8_at_every_alignment() {
    let edges = edges();
    let valid = |len| {
        edges
            .iter()
            .filter(|edge| edge.len() == len && std::str::from_utf8(edge).is_ok_and(|edge| edge.chars().count() == 1))
            .count()
    };
    // 14 leads with six second bytes each, 0xE0 with two, 0xED with four, and two third bytes; 0xF1 to 0xF3 with six,
    // 0xF0 with four, 0xF4 with two, and two third and two fourth bytes.
    assert_eq!((valid(3), valid(4)), ((14 * 6 + 2 + 4) * 2, (3 * 6 + 4 + 2) * 4));
    let pads = (0..33).map(|len| "abcdefghijklmnopqrstuvwxyz0123456789"[..len].to_owned());
    let pads =
        pads.chain((1..6).map(|len| "\u{4e2d}".repeat(len))).chain(["\u{e9}\u{e9}".to_owned(), "\u{1f600}".to_owned()]);
    for pad in pads {
        for edge in &edges {
            check_sequence(edge, pad.as_bytes(), b"0123456789abcdef");
        }
    }
}

#[test]
fn every_character() {
    for character in '\u{20}'..=char::MAX {
        if !matches!(character, '"' | '\\') {
            let text = ['"', character, 'a', character, '"'].iter().collect::<String>();
            assert_eq!(Json::new(&text).map(|json| json.as_bytes().len()), Ok(text.len()), "{character:?}");
        }
    }
}

#[test]
fn every_byte_everywhere_in_a_string() {
    for len in [41, 48] {
        for at in 0..=40 {
            for byte in 0..=u8::MAX {
                let mut text = vec![b'a'; len + 2];
                (text[0], text[len + 1], text[at + 1]) = (b'"', b'"', byte);
                let expected = match byte {
                    0..=0x1F => Err((ErrorKind::ControlCharacter, at + 1)),
                    b'"' => Err((ErrorKind::TrailingData, at + 2)),
                    // The next is an `a`, or the closing quote, which is then none.
                    b'\\' if at + 1 == len => Err((ErrorKind::UnexpectedEnd, len + 2)),
                    b'\\' => Err((ErrorKind::InvalidEscape, at + 2)),
                    0x80.. => Err((ErrorKind::InvalidUtf8, at + 1)),
                    _ => Ok(()),
                };
                let outcome = check_value(&text).map(drop).map_err(|error| (error.kind(), error.offset()));
                assert_eq!(outcome, expected, "byte {byte:#04x} at {at}");
            }
        }
    }
}

/// Every value of one or two characters, and of three that begin as a number may, alone and among others.
#[test]
fn every_short_value_is_judged_alike() {
    let printable = || 0x21..0x7F_u8;
    let signs = *b"-+.:;/0129eE";
    let ones = printable().map(|one| vec![one]);
    let twos = printable().flat_map(|one| printable().map(move |two| vec![one, two]));
    let threes = signs.into_iter().flat_map(|one| signs.map(|two| (one, two)));
    let threes = threes.flat_map(|(one, two)| printable().map(move |three| vec![one, two, three]));
    let (mut values, mut accepted) = (0, 0);
    for value in ones.chain(twos).chain(threes) {
        for (before, behind) in [("", ""), ("[", "]"), ("[1,", ",2]"), ("{\"a\":", "}"), ("{\"a\":", ",\"b\":[]}")] {
            let text = [before.as_bytes(), &value, behind.as_bytes()].concat();
            accepted += usize::from(check_value(&text).is_ok());
            values += 1;
        }
    }
    // Numbers of up to three digits, literals none, a few with a sign, a point or an exponent.
    assert!(values > 100_000 && (500..5000).contains(&accepted), "{accepted} of {values}");
}

/// The first of two wrong bytes in one machine word counts, whichever they are.
#[test]
fn the_first_of_two_bytes_counts() {
    const SPECIAL: [u8; 12] = [0x00, 0x01, 0x1F, 0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0xC3, 0xFF];
    for first in 0..16 {
        for second in first + 1..17 {
            for one in SPECIAL {
                for two in SPECIAL {
                    let mut content = [b'a'; 24];
                    (content[first], content[second]) = (one, two);
                    check_content(&content);
                }
            }
        }
    }
}
