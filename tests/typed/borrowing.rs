use super::read;
use callcontainer::Json;
use callcontainer::typed::ErrorKind;
use proptest::prelude::*;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Deserialize)]
struct Note<'a> {
    #[serde(rename = "标题")]
    title: &'a str,
    #[serde(borrow)]
    body: Cow<'a, str>,
    raw: &'a [u8],
    #[serde(borrow)]
    map: BTreeMap<&'a str, Option<&'a str>>,
}

const PLAIN: &str = r#"{"标题":"a","body":"b","raw":"c","map":{"d":"e"}}"#;
const ESCAPED: &str =
    r#"{"\u6807\u9898":"\"a\"","body":"\u00e9","raw":"\ud83d\ude00","map":{"\n":"\t\t","\u0064":null}}"#;

#[test]
fn plain_text_is_borrowed_from_the_json() {
    let json = Json::new(PLAIN).unwrap();
    let note: Note<'_> = json.to(&mut []).unwrap();
    let inside = PLAIN.as_bytes().as_ptr_range();
    for text in [note.title.as_bytes(), note.raw, note.map["d"].unwrap().as_bytes()] {
        assert!(inside.contains(&text.as_ptr()));
    }
    assert!(matches!(note.body, Cow::Borrowed("b")));
}

#[test]
fn escaped_text_is_lent_from_the_scratch() {
    let json = Json::new(ESCAPED).unwrap();
    let mut scratch = [0; 64];
    let lent = scratch.as_ptr_range();
    let note: Note<'_> = json.to(&mut scratch).unwrap();
    assert_eq!(note.title, "\"a\"");
    assert!(matches!(note.body, Cow::Borrowed("é")));
    assert_eq!(note.raw, "😀".as_bytes());
    assert_eq!(note.map, BTreeMap::from([("\n", Some("\t\t")), ("d", None)]));
    for text in [note.title.as_bytes(), note.body.as_bytes(), note.raw, note.map["\n"].unwrap().as_bytes()] {
        assert!(lent.contains(&text.as_ptr()));
    }
}

#[test]
fn a_scratch_too_small_at_every_size() {
    // Each text that is escaped, and where it ends in the scratch. The name of a field takes none.
    let texts = [(r#"\"a\""#, 3), (r"\u00e9", 5), (r"\ud83d\ude00", 9), (r"\n", 10), (r"\t\t", 12), (r"\u0064", 13)];
    for size in 0..13 {
        let mut scratch = vec![0; size];
        let error = Json::new(ESCAPED).unwrap().to::<Note<'_>>(&mut scratch).unwrap_err();
        let (text, _) = texts.iter().find(|(_, end)| *end > size).unwrap();
        let offset = ESCAPED.find(&format!("\"{text}\"")).unwrap();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::ScratchTooSmall, offset), "{size} bytes");
    }
    assert!(Json::new(ESCAPED).unwrap().to::<Note<'_>>(&mut [0; 13]).is_ok());
}

#[test]
fn names_and_characters_take_no_scratch() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        #[serde(rename = "单")]
        One {
            #[serde(rename = "名")]
            name: char,
        },
    }
    let json = Json::new(r#"[{"\u5355": {"\u540d": "\ud83d\ude00"}}, {"单": {"名": "\n"}}]"#).unwrap();
    assert_eq!(json.to::<[Kind; 2]>(&mut []).unwrap(), [Kind::One { name: '😀' }, Kind::One { name: '\n' }]);
    assert_eq!(Json::new(r#"{"\n": 1}"#).unwrap().to::<BTreeMap<char, u8>>(&mut []).unwrap()[&'\n'], 1);

    // What is unknown is decoded to be looked at, and stays only so long.
    #[derive(Debug, PartialEq, Deserialize)]
    struct Known {
        id: u8,
    }
    let json = Json::new(r#"{"\n\n": 1, "\t\t": "\"\"\"\"", "\u0069d": 7, "\r\r": 2}"#).unwrap();
    assert_eq!(json.to::<Known>(&mut [0; 2]).unwrap(), Known { id: 7 });
    let error = json.to::<Known>(&mut [0; 1]).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::ScratchTooSmall, 1));

    // The same for text that its type copies.
    let json = Json::new(r#"["\n\n", "\t", "\r\r"]"#).unwrap();
    assert_eq!(json.to::<[String; 3]>(&mut [0; 2]).unwrap(), ["\n\n", "\t", "\r\r"]);
    assert!(json.to::<[&str; 3]>(&mut [0; 4]).is_err());
    assert!(json.to::<[&str; 3]>(&mut [0; 5]).is_ok());
}

#[test]
fn what_is_not_escaped_needs_no_scratch() {
    for json in ["null", "[1, 2.5, true]", r#"{"a": "名😀", "b": [{}, "/"]}"#] {
        assert_eq!(Json::new(json).unwrap().to::<serde_json::Value>(&mut []).unwrap().is_null(), json == "null");
    }
}

#[test]
fn white_space_around_and_between() {
    let json = "\r\n\t { \"a\" \n:\t[ 1 ,\r2 ] , \"b\" : { } }\n ";
    let value: (Vec<u8>, BTreeMap<String, u8>) = {
        #[derive(Deserialize)]
        struct Spaced {
            a: Vec<u8>,
            b: BTreeMap<String, u8>,
        }
        let Spaced { a, b } = read(json).unwrap();
        (a, b)
    };
    assert_eq!(value, (vec![1, 2], BTreeMap::new()));
}

proptest! {
    /// As many bytes as the text has are always enough, and what is lent is what `serde_json` decodes.
    #[test]
    fn every_string_can_be_borrowed(texts in proptest::collection::vec(super::generate::text(), 0..8)) {
        let json = serde_json::to_string(&texts).unwrap();
        let mut scratch = vec![0; json.len()];
        let borrowed: Vec<&str> = Json::new(&json).unwrap().to(&mut scratch).unwrap();
        prop_assert_eq!(&borrowed, &texts);
    }
}
