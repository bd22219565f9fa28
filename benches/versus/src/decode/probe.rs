//! Finds out what a side leaves out, by giving it envelopes that are wrong: what it takes for right, it does not check.
//!
//! Each envelope of a case is damaged in one place of its body and, where that says more, in another field. So the last
//! column of the table is what a library was seen to do with this kind of body, not what somebody remembers of it.

use super::case::Case;
use super::fields::{Field, Keep, Touch};
use super::{Decode, Kind};
use crate::inputs::Body;

/// Damage of one sort, and what to say of a side that does not mind it.
struct Damage {
    name: &'static str,
    /// Stands in the column where a side takes all of them, and, followed by "in part", where it takes some.
    bodies: &'static [&'static [u8]],
}

/// In a body that is an object or array.
const IN_JSON: [Damage; 6] = [
    Damage {
        name: "grammar not checked",
        bodies: &[
            b"{\"a\":1 \"b\":2}",
            b"{\"a\":1,}",
            b"{\"a\"}",
            b"{\"a\":}",
            b"{1:2}",
            b"{\"a\":{,\"b\":1}}",
            b"{\"a\":[1,]}",
            b"{\"a\":[1 2]}",
            b"{\"a\":[1,,2]}",
            b"{\"a\":\"b\":\"c\"}",
        ],
    },
    Damage { name: "brackets not matched", bodies: &[b"{\"a\":[1}}", b"{\"a\":[{\"b\":[1]]}}", b"{\"a\":[}]"] },
    Damage {
        name: "numbers not checked",
        bodies: &[
            b"{\"a\":01}",
            b"{\"a\":1.}",
            b"{\"a\":-}",
            b"{\"a\":.5}",
            b"{\"a\":1e}",
            b"{\"a\":+1}",
            b"{\"a\":1-2}",
        ],
    },
    Damage {
        name: "literals not checked",
        bodies: &[b"{\"a\":nul}", b"{\"a\":trux}", b"{\"a\":falsey}", b"{\"a\":bare}"],
    },
    Damage {
        name: "escapes not checked",
        bodies: &[b"{\"a\":\"\\q\"}", b"{\"a\":\"\\u12g4\"}", b"{\"a\\x\":1}", b"{\"a\":[\"\\u12\"]}"],
    },
    Damage {
        name: "control characters not checked",
        bodies: &[b"{\"a\":\"b\nc\"}", b"{\"a\":\"\x00\"}", b"{\"a\x1f\":1}"],
    },
];

/// In a body that is a string, which is to be a text.
const IN_TEXT: [Damage; 3] = [
    Damage { name: "escapes not checked", bodies: &[b"\"a\\qb\"", b"\"\\u12g4\"", b"\"\\u12\""] },
    Damage { name: "control characters not checked", bodies: &[b"\"b\nc\"", b"\"\x00\"", b"\"a\x1f\""] },
    Damage { name: "lone surrogates not checked", bodies: &[b"\"\\ud800\"", b"\"\\udc00 \\ud800\""] },
];

/// UTF-8 that is not: bytes alone, overlong, a surrogate, too large, cut off.
const NOT_UTF8: [&[u8]; 6] = [b"\xff", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe4\xbd"];

const NOT_BASE64: [&[u8]; 4] = [b"####", b"efvPNA=", b"efvP=NA=", b"ef vPNA="];

/// What a side leaves out of a case.
pub fn leaves_out(decode: &mut impl Decode, case: &Case<'_>) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut note = |name: &'static str, accepted: usize, of: usize| {
        if accepted > 0 {
            found.push(if accepted == of { name } else { partly(name) });
        }
    };
    let mut accepts = |envelope: &[u8]| decode.decode(case.kind, envelope, &mut Touch::default()).is_some();

    let damage: &[Damage] = match case.body {
        Body::Json(_) => &IN_JSON,
        Body::Text(_) => &IN_TEXT,
        Body::Bytes(_) => &[],
    };
    // The undamaged form of each probe must be taken, or a refusal would say nothing.
    assert!(accepts(&with_body(case, sound(case))), "a sound envelope is refused: {}", case.input);
    for damage in damage {
        let accepted = damage.bodies.iter().filter(|body| accepts(&with_body(case, body))).count();
        note(damage.name, accepted, damage.bodies.len());
    }
    if matches!(case.body, Body::Bytes(_)) {
        let accepted = NOT_BASE64.iter().filter(|base64| accepts(&with_base64(case, base64))).count();
        note("base64 not checked", accepted, NOT_BASE64.len());
    }
    let utf8 = NOT_UTF8.iter().filter(|bytes| accepts(&with_string(case, bytes))).count();
    note("UTF-8 not checked", utf8, NOT_UTF8.len());
    let whole = with_body(case, sound(case));
    let tails: [&[u8]; 3] = [b"}", b"x", b",{}"];
    let accepted = tails.iter().filter(|tail| accepts(&[&whole, **tail].concat())).count();
    note("end not checked", accepted, tails.len());
    let cut = (1..whole.len()).filter(|length| accepts(&whole[..*length])).count();
    note("truncation not noticed", cut, cut);

    let escaped = [br#"{"callID":"a\u002fb\"c","#, &whole[1..]].concat();
    let mut keep = Keep::default();
    let unescaped = decode.decode(case.kind, &escaped, &mut keep).is_some()
        && keep.texts.contains(&(Field::CallId, "a/b\"c".to_owned()));
    if !unescaped {
        found.push("escapes not undone");
    }
    found
}

fn partly(name: &'static str) -> &'static str {
    match name {
        "grammar not checked" => "grammar checked in part",
        "brackets not matched" => "brackets matched in part",
        "numbers not checked" => "numbers checked in part",
        "literals not checked" => "literals checked in part",
        "escapes not checked" => "escapes checked in part",
        "control characters not checked" => "control characters checked in part",
        "lone surrogates not checked" => "lone surrogates checked in part",
        "base64 not checked" => "base64 checked in part",
        "UTF-8 not checked" => "UTF-8 checked in part",
        "end not checked" => "end checked in part",
        other => other,
    }
}

/// A body of the case's sort with nothing wrong.
fn sound(case: &Case<'_>) -> &'static [u8] {
    match case.body {
        Body::Json(_) => br#"{"a":[1,-2.5e3,true,null,"b\n\u00e9"]}"#,
        Body::Text(_) => br#""b\n\u00e9 \ud83d\ude00""#,
        Body::Bytes(_) => b"efvPNA==",
    }
}

/// A short envelope of the case's kind with this body, in base64 where the case's is.
fn with_body(case: &Case<'_>, body: &[u8]) -> Vec<u8> {
    if matches!(case.body, Body::Bytes(_)) {
        return with_base64(case, body);
    }
    [head(case.kind), b"\"data\":", body, b"}"].concat()
}

fn with_base64(case: &Case<'_>, base64: &[u8]) -> Vec<u8> {
    [head(case.kind), b"\"__nativeBuffers__\":[{\"key\":\"data\",\"base64\":\"", base64, b"\"}]}"].concat()
}

/// An envelope with these bytes in a string of the body.
fn with_string(case: &Case<'_>, bytes: &[u8]) -> Vec<u8> {
    match case.body {
        Body::Json(_) => with_body(case, &[b"{\"a\":\"some text ", bytes, b" and more\"}"].concat()),
        Body::Text(_) => with_body(case, &[b"\"some text ", bytes, b" and more\""].concat()),
        Body::Bytes(_) => with_base64(case, &[b"efvP", bytes].concat()),
    }
}

fn head(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Request => br#"{"config":{"env":"prod-01"},"path":"/","#,
        Kind::Reply => br#"{"statusCode":200,"#,
    }
}
