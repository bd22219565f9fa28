//! RFC 8259 by example: documents that every JSON parser must accept, and documents that it must refuse, each by itself
//! and as the `data` of a request and of a reply.
//!
//! All of them were written for this crate, from the grammar of the RFC, one rule after the other.

/// What must be accepted.
#[path = "json_vectors/accepted.rs"]
mod accepted;
#[path = "json_vectors/level.rs"]
mod level;
/// What must be refused, with the kind and the offset.
#[path = "json_vectors/refused.rs"]
mod refused;

use accepted::{STRINGS, VALUES};
use callcontainer::{Data, Error, ErrorKind, Json, Reply, Request};
use refused::{REFUSED, Wrong, too_deep};
use serde_json::value::RawValue;

/// What stands before and behind the value of `data` in an envelope.
type Around = (&'static str, &'static str);

const REQUEST_LAST: Around = (r#"{"config":{"env":"prod-01"},"path":"/","data":"#, "}");
const REQUEST_FIRST: Around = (r#"{"data":"#, r#","config":{"env":"prod-01"},"path":"/"}"#);
const REPLY_LAST: Around = (r#"{"statusCode":200,"data":"#, "}");
const REPLY_FIRST: Around = (r#"{"data":"#, r#","statusCode":200}"#);

fn embed((before, behind): Around, text: &[u8]) -> Vec<u8> {
    [before.as_bytes(), text, behind.as_bytes()].concat()
}

fn request_data(envelope: &[u8]) -> Result<Data<'_>, Error> {
    Request::decode(envelope).map(|request| request.data())
}

fn reply_data(envelope: &[u8]) -> Result<Data<'_>, Error> {
    Reply::decode(envelope).map(|reply| match reply {
        Reply::Response(response) => response.data(),
        Reply::Failure(failure) => panic!("a success, but {failure:?}"),
    })
}

/// White space around a value belongs to the envelope, not to the value.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

/// Hands the data of every envelope that holds `text` to `check`.
fn in_every_envelope(text: &str, check: impl Fn(Data<'_>)) {
    for around in [REQUEST_LAST, REQUEST_FIRST] {
        let envelope = embed(around, text.as_bytes());
        check(request_data(&envelope).unwrap_or_else(|error| panic!("{text:?} in a request: {error}")));
    }
    for around in [REPLY_LAST, REPLY_FIRST] {
        let envelope = embed(around, text.as_bytes());
        check(reply_data(&envelope).unwrap_or_else(|error| panic!("{text:?} in a reply: {error}")));
    }
}

fn assert_value_is_accepted(text: &str) {
    let json = Json::new(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert_eq!(json.as_str(), text);
    in_every_envelope(text, |data| match data {
        Data::Json(json) => assert_eq!(json.as_str(), trim(text)),
        other => panic!("{text:?} is {other:?}"),
    });
}

#[test]
fn every_value_is_accepted() {
    for text in VALUES {
        // The vectors themselves are checked too.
        assert!(serde_json::from_str::<&RawValue>(text).is_ok(), "{text:?}");
        assert_value_is_accepted(text);
    }
}

#[test]
fn the_deepest_values_are_accepted() {
    // The envelope is one level, so the data has 127.
    assert_value_is_accepted(&format!("{}{}", "[".repeat(127), "]".repeat(127)));
    assert_value_is_accepted(&format!("{}0{}", "[".repeat(127), "]".repeat(127)));
    assert_value_is_accepted(&format!("{}{{}}{}", r#"{"a":"#.repeat(126), "}".repeat(126)));
    assert_value_is_accepted(&format!("{}[]{}", r#"{"a":["#.repeat(63), "]}".repeat(63)));
    // Depth is not length: many values side by side are no deeper than one.
    assert_value_is_accepted(&format!("[{}[]]", "[[[]]],".repeat(500)));
}

#[test]
fn every_string_is_accepted_and_decoded() {
    for (text, decoded) in STRINGS {
        let oracle: String = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(oracle, *decoded, "{text:?}");
        let json = Json::new(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(json.as_str(), *text);
        let (_, content) = trim(text).split_once('"').unwrap();
        let (content, _) = content.rsplit_once('"').unwrap();
        in_every_envelope(text, |data| match data {
            Data::Text(string) => {
                assert_eq!(string.as_raw(), content.as_bytes());
                assert_eq!(string.decode(&mut vec![0; decoded.len()]).unwrap(), *decoded);
                assert_eq!(string.decoded_len(), decoded.len());
                assert_eq!(string, *decoded);
            }
            other => panic!("{text:?} is {other:?}"),
        });
    }
}

#[test]
fn every_string_is_accepted_as_a_key() {
    for (text, _) in STRINGS {
        assert_value_is_accepted(&format!("{{{text}:{text}}}"));
    }
}

/// Checks a document that is wrong in one way by itself, and in one way as the last member of an envelope.
fn assert_is_refused(text: &[u8], alone: Wrong, inside: Wrong) {
    let shown = text.escape_ascii();
    let found = |error: Error| (error.kind(), error.offset());
    assert_eq!(Json::from_bytes(text).map_err(found), Err(alone), "{shown}");

    let is_same = alone == inside;
    let shift = |around: Around| (inside.0, inside.1 + around.0.len());
    let envelope = embed(REQUEST_LAST, text);
    assert_eq!(request_data(&envelope).map_err(found), Err(shift(REQUEST_LAST)), "{shown} in a request");
    let envelope = embed(REPLY_LAST, text);
    assert_eq!(reply_data(&envelope).map_err(found), Err(shift(REPLY_LAST)), "{shown} in a reply");

    // What a document is that ends too early, or too late, depends on what follows it: only the others are the same.
    let envelope = embed(REQUEST_FIRST, text);
    let refused = request_data(&envelope).map_err(found);
    assert!(if is_same { refused == Err(shift(REQUEST_FIRST)) } else { refused.is_err() }, "{shown}: {refused:?}");
    let envelope = embed(REPLY_FIRST, text);
    let refused = reply_data(&envelope).map_err(found);
    assert!(if is_same { refused == Err(shift(REPLY_FIRST)) } else { refused.is_err() }, "{shown}: {refused:?}");
}

#[test]
fn every_broken_document_is_refused() {
    for vector in REFUSED {
        // The vectors themselves are checked too.
        let oracle = serde_json::from_slice::<serde_json::Value>(vector.text);
        assert!(oracle.is_err(), "{} is valid", vector.text.escape_ascii());
        assert_is_refused(vector.text, vector.alone, vector.inside);
    }
}

#[test]
fn every_document_that_is_too_deep_is_refused() {
    for (text, offset) in too_deep() {
        let wrong = (ErrorKind::TooDeep, offset);
        assert_is_refused(&text, wrong, wrong);
    }
}

/// So that no vector is lost unnoticed. Each kind of JSON error is there.
#[test]
fn the_vectors_are_counted() {
    assert_eq!((VALUES.len(), STRINGS.len()), (152, 75));
    assert_eq!((REFUSED.len(), too_deep().len()), (455, 13));
    let count = |kind| REFUSED.iter().filter(|vector| vector.alone.0 == kind).count();
    let counts = [
        (ErrorKind::UnexpectedEnd, 54),
        (ErrorKind::UnexpectedByte, 156),
        (ErrorKind::InvalidNumber, 48),
        (ErrorKind::InvalidLiteral, 18),
        (ErrorKind::ControlCharacter, 19),
        (ErrorKind::InvalidEscape, 45),
        (ErrorKind::LoneSurrogate, 22),
        (ErrorKind::InvalidUtf8, 39),
        (ErrorKind::TrailingData, 54),
    ];
    for (kind, expected) in counts {
        assert_eq!(count(kind), expected, "{kind:?}");
    }
}

/// A document that stands twice would count for two.
#[test]
fn no_vector_stands_twice() {
    let accepted = VALUES.iter().chain(STRINGS.iter().map(|(text, _)| text)).map(|text| text.as_bytes());
    let mut all: Vec<&[u8]> = accepted.chain(REFUSED.iter().map(|vector| vector.text)).collect();
    all.sort_unstable();
    for pair in all.windows(2) {
        assert_ne!(pair[0], pair[1], "{}", pair[0].escape_ascii());
    }
}

/// How far behind the beginning of a text a vector stands: at every place of a block, and around the ends of the first
/// granules of a long string.
fn places() -> impl Iterator<Item = usize> {
    (0..=66).chain(500..=522).chain(756..=778)
}

/// Bytes that are as long as this, and mean nothing to what comes behind them in a string.
fn filled(filling: &str, len: usize) -> String {
    let whole = filling.repeat(len / filling.len());
    whole + &"y".repeat(len % filling.len())
}

/// What stands behind a vector, so that it is not among the last bytes: more than a granule.
fn behind() -> String {
    format!(r#","z":"{}"}}"#, "z".repeat(320))
}

/// Each vector behind other values, as a member among others: the same verdict, so many bytes further on.
#[test]
fn every_vector_at_every_place_of_a_block() {
    level::at(&["baseline", "widest"], "every_vector_at_every_place_of_a_block", || {
        let behind = behind();
        for place in 0..=66 {
            let befores = [
                format!(r#"{{"a":"{}","k":"#, "x".repeat(place)),
                format!(r#"{{"a":1{},"k":"#, "0".repeat(place)),
                format!(r#"{{{}"k":"#, " ".repeat(place)),
            ];
            for before in &befores {
                for text in VALUES.iter().chain(STRINGS.iter().map(|(text, _)| text)) {
                    let whole = format!("{before}{text}{behind}");
                    assert!(Json::new(&whole).is_ok(), "{whole}");
                }
                // Half of a surrogate pair is wrong in a text alone.
                for vector in REFUSED.iter().filter(|vector| vector.inside.0 != ErrorKind::LoneSurrogate) {
                    let expected = Err((vector.inside.0, vector.inside.1 + before.len()));
                    let found =
                        |text: &[u8]| Json::from_bytes(text).map(drop).map_err(|error| (error.kind(), error.offset()));
                    let last = [before.as_bytes(), vector.text, b"}"].concat();
                    assert_eq!(found(&last), expected, "{}", last.escape_ascii());
                    if vector.alone == vector.inside {
                        let whole = [before.as_bytes(), vector.text, behind.as_bytes()].concat();
                        assert_eq!(found(&whole), expected, "{}", whole.escape_ascii());
                    }
                }
            }
        }
    });
}

/// Each string behind others in the same string, and with more of it behind: the same verdict and the same text.
#[test]
fn every_string_at_every_place_of_a_granule() {
    level::at(&["baseline", "widest"], "every_string_at_every_place_of_a_granule", || {
        let more = "x".repeat(320);
        for filling in ["x", "é", "中", "\\n"] {
            for place in places() {
                let filled = filled(filling, place);
                let meant = filled.replace("\\n", "\n");
                for (text, decoded) in STRINGS {
                    let content = trim(text).strip_prefix('"').unwrap().strip_suffix('"').unwrap();
                    let whole = format!(r#"{{"statusCode":200,"data":"{filled}{content}{more}"}}"#);
                    match reply_data(whole.as_bytes()) {
                        Ok(Data::Text(text)) => {
                            assert!(
                                text.chars().eq(meant.chars().chain(decoded.chars()).chain(more.chars())),
                                "{whole}"
                            );
                        }
                        other => panic!("{other:?}: {whole}"),
                    }
                }
                // Not what only the end of the string, or of the document, is wrong about.
                let wrong = REFUSED.iter().filter(|vector| {
                    vector.text.starts_with(b"\"")
                        && vector.alone == vector.inside
                        && vector.text.len() > vector.alone.1 + 1
                });
                for vector in wrong {
                    let before = format!(r#"{{"statusCode":200,"data":"{filled}"#);
                    let whole = [before.as_bytes(), &vector.text[1..], behind().as_bytes()].concat();
                    let found = reply_data(&whole).map(drop).map_err(|error| (error.kind(), error.offset()));
                    let expected = Err((vector.alone.0, vector.alone.1 - 1 + before.len()));
                    assert_eq!(found, expected, "{}", whole.escape_ascii());
                }
            }
        }
    });
}
