use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::string::string_regex;

/// A valid JSON text, and the same without the white space between its tokens.
#[derive(Clone, Debug)]
pub struct Sample {
    pub text: String,
    pub compact: String,
}

impl From<String> for Sample {
    fn from(text: String) -> Self {
        Self { compact: text.clone(), text }
    }
}

/// White space that may stand between tokens; seldom much of it.
pub fn space() -> impl Strategy<Value = &'static str> + Clone {
    select(&["", "", "", "", " ", "\n", "\t", "\r\n", "  \t\n\r  "])
}

fn regex(pattern: &str) -> impl Strategy<Value = String> + use<> {
    string_regex(pattern).unwrap()
}

/// Four hex digits, in any mixture of letter cases.
fn hex(code: u16, upper: u8) -> String {
    let digits = format!("{code:04x}");
    let digits = digits.chars().enumerate();
    digits.map(|(at, digit)| if upper >> at & 1 == 1 { digit.to_ascii_uppercase() } else { digit }).collect()
}

/// Part of the content of a string, in every spelling that JSON has.
fn spelling() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => regex(r"[ !#-\[\]-~]{1,40}"),
        2 => regex("[\u{4e00}-\u{9fff}]{1,12}"),
        2 => any::<char>().prop_filter("may stand as it is", |c| !matches!(c, '\0'..='\x1f' | '"' | '\\')).prop_map(String::from),
        1 => regex("[\x7f-\u{7ff}\u{fff}-\u{1000}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}]{1,4}"),
        2 => select(&[r#"\""#, r"\\", r"\/", r"\b", r"\f", r"\n", r"\r", r"\t"]).prop_map(str::to_owned),
        2 => (any::<u16>(), any::<u8>())
            .prop_filter("a character by itself", |(code, _)| !(0xD800..=0xDFFF).contains(code))
            .prop_map(|(code, upper)| format!(r"\u{}", hex(code, upper))),
        1 => (0xD800_u16..=0xDBFF, 0xDC00_u16..=0xDFFF, any::<u8>())
            .prop_map(|(high, low, upper)| format!(r"\u{}\u{}", hex(high, upper), hex(low, upper >> 4))),
        1 => select(&[r"\u0000", r"\ud800\udc00", r"\uDBFF\uDFFF", r"\ud7ff\ue000", r"\u005c", r"\u0022", r"\\u0041"])
            .prop_map(str::to_owned),
    ]
}

/// A JSON string.
pub fn string() -> impl Strategy<Value = String> + Clone {
    vec(spelling(), 0..6).prop_map(|parts| format!("\"{}\"", parts.concat())).boxed()
}

/// A JSON string with half of a surrogate pair in it, as may stand where nobody reads it.
pub fn broken_string() -> impl Strategy<Value = String> + Clone {
    let half = (0xD800_u16..=0xDFFF, any::<u8>()).prop_map(|(code, upper)| format!(r"\u{}", hex(code, upper)));
    let parts = (vec(spelling(), 0..3), vec(half, 1..4), vec(spelling(), 0..3));
    parts
        .prop_map(|(before, halves, behind)| format!("\"{}{}{}\"", before.concat(), halves.concat(), behind.concat()))
        .boxed()
}

/// A JSON string that stands for this text, each character spelled in some way.
fn spell(text: &str, spellings: &[u8]) -> String {
    let mut content = String::new();
    for (character, spelling) in text.chars().zip(spellings.iter().cycle()) {
        let must = matches!(character, '"' | '\\' | '\0'..='\x1f');
        if spelling % 4 > 0 && !must {
            content.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            content.push_str(r"\u");
            content.push_str(&hex(*unit, spelling >> 2));
        }
    }
    format!("\"{content}\"")
}

/// JSON strings for texts of this pattern, with few escapes or many.
fn spelled(pattern: &str) -> impl Strategy<Value = String> + use<> {
    let spellings = prop_oneof![3 => Just(vec![1_u8]), 1 => vec(any::<u8>(), 1..8)];
    (regex(pattern), spellings).prop_map(|(text, spellings)| spell(&text, &spellings))
}

/// A number, short or long, large or small, exact to the last of many digits.
pub fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        regex(r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?"),
        regex(r"-?(0|[1-9][0-9]{20,60})(\.[0-9]{20,60})?([eE][+-]?[0-9]{4,30})?"),
        any::<f64>().prop_filter("a number", |number| number.is_finite()).prop_map(|number| format!("{number:e}")),
        any::<i64>().prop_map(|number| number.to_string()),
    ]
}

fn leaf() -> impl Strategy<Value = Sample> {
    prop_oneof![
        2 => string(),
        2 => number(),
        1 => select(&["null", "true", "false", "[]", "{}"]).prop_map(str::to_owned),
    ]
    .prop_map(Sample::from)
}

/// A name of a member; some of them stand often, so that they stand twice.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![8 => string(), 1 => broken_string(), 8 => select(&[r#""""#, r#""a""#, r#""\u0061""#, r#""data""#, r#""path""#]).prop_map(str::to_owned)]
}

/// Anything that may stand between brackets, with white space everywhere.
fn list(brackets: (char, char), items: &[(&str, Sample, &str)], inside: &str) -> Sample {
    let text: Vec<_> = items.iter().map(|(before, item, behind)| format!("{before}{}{behind}", item.text)).collect();
    let compact: Vec<_> = items.iter().map(|(_, item, _)| item.compact.as_str()).collect();
    let text = if text.is_empty() { inside.to_owned() } else { text.join(",") };
    let (open, close) = brackets;
    Sample { text: format!("{open}{text}{close}"), compact: format!("{open}{}{close}", compact.join(",")) }
}

/// Any JSON value, with no white space around it.
pub fn value() -> impl Strategy<Value = Sample> {
    leaf().prop_recursive(6, 40, 6, |inner| {
        let inner = prop_oneof![8 => inner, 1 => broken_string().prop_map(Sample::from)];
        let member = (name(), space(), space(), inner.clone()).prop_map(|(name, before, behind, value)| Sample {
            text: format!("{name}{before}:{behind}{}", value.text),
            compact: format!("{name}:{}", value.compact),
        });
        prop_oneof![
            (vec((space(), inner, space()), 0..6), space()).prop_map(|(items, inside)| list(
                ('[', ']'),
                &items,
                inside
            )),
            (vec((space(), member, space()), 0..6), space()).prop_map(|(items, inside)| list(
                ('{', '}'),
                &items,
                inside
            )),
        ]
    })
}

/// The value with arrays and objects around it, the innermost first.
pub fn wrap(value: Sample, levels: &[bool]) -> Sample {
    levels.iter().fold(value, |Sample { text, compact }, in_object| {
        if *in_object {
            Sample { text: format!("{{\"\\u0061\": {text}}}"), compact: format!("{{\"\\u0061\":{compact}}}") }
        } else {
            Sample { text: format!("[\n{text}\t]"), compact: format!("[{compact}]") }
        }
    })
}

/// An object of these members: each a name, and a value as it stands.
fn envelope(members: impl Strategy<Value = Vec<(&'static str, String)>>) -> impl Strategy<Value = String> {
    let members = members.prop_map(|mut members| {
        members.retain(|(_, value)| !value.is_empty());
        members
    });
    (members.prop_shuffle(), vec(space(), 1..8), vec(any::<u8>(), 1..8)).prop_map(|(members, spaces, spellings)| {
        let mut spaces = spaces.iter().cycle();
        let mut space = || spaces.next().unwrap();
        // A key may be escaped like any other string, but seldom is.
        let key = |name: &str| if spellings[0] < 32 { spell(name, &spellings) } else { format!("\"{name}\"") };
        let members = members
            .into_iter()
            .map(|(name, value)| [space(), key(name).as_str(), space(), ":", space(), &value, space()].concat());
        let members = members.collect::<Vec<_>>().join(",");
        [space(), "{", &members, "}", space()].concat()
    })
}

/// The text that `strategy` gives, or nothing, which leaves the member out.
fn maybe(strategy: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), strategy]
}

fn header() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        4 => spelled("[A-Za-z][!#$%&'*+.^_`|~0-9A-Za-z-]{0,12}"),
        1 => select(&["\"content-type\"", "\"Content-Type\"", "\"X-WX-SERVICE\"", "\"x-wx-service\""]).prop_map(str::to_owned),
    ];
    let value = prop_oneof![
        4 => spelled("[\t -~\u{4e00}-\u{4eff}]{0,20}"),
        1 => Just("\"shop\"".to_owned()),
        1 => number(),
        1 => select(&["true", "false"]).prop_map(str::to_owned),
    ];
    let member = (name, space(), space(), value)
        .prop_map(|(name, before, behind, value)| [&name, before, ":", behind, &value].concat());
    vec((space(), member, space()), 0..8).prop_map(|items| {
        let items: Vec<_> =
            items.into_iter().map(|(before, item, behind)| (before, Sample::from(item), behind)).collect();
        list(('{', '}'), &items, " ").text
    })
}

/// `data` or `__nativeBuffers__`, or neither.
fn body() -> impl Strategy<Value = (&'static str, String)> {
    let base64 = vec(any::<u8>(), 0..60).prop_map(|bytes| {
        use base64::prelude::{BASE64_STANDARD, Engine};
        BASE64_STANDARD.encode(bytes)
    });
    let spellings = prop_oneof![Just(vec![1_u8]), vec(any::<u8>(), 1..8)];
    let buffers = (base64, spellings, any::<bool>()).prop_map(|(base64, spellings, key_first)| {
        let base64 = spell(&base64, &spellings);
        if key_first {
            format!(r#"[{{"key":"data","base64":{base64}}}]"#)
        } else {
            format!(r#" [ {{ "base64" : {base64} , "more" : [] , "key" : "data" }} ] "#)
        }
    });
    prop_oneof![
        1 => Just(("data", String::new())),
        4 => value().prop_map(|value| ("data", value.text)),
        2 => buffers.prop_map(|buffers| ("__nativeBuffers__", buffers)),
    ]
}

/// Request envelopes, most of which are valid.
pub fn request() -> impl Strategy<Value = String> {
    let name = || spelled("[ -~\u{4e00}-\u{4eff}]{0,12}");
    let config = (spelled("[a-z0-9-]{0,12}"), value()).prop_map(|(env, other)| {
        if other.text.len() % 2 == 0 {
            format!("{{\"env\":{env}}}")
        } else {
            format!("{{\"more\":{},\"env\":{env}}}", other.text)
        }
    });
    let method = regex("[Oo]ptions|[Gg]et|GET|[Hh]EAD|[Pp]ost|[Pp]uT|DELETe|trace|ConNect")
        .prop_map(|name| spell(&name, &[1, 1, 0]));
    let timeout = prop_oneof![
        Just("0".to_owned()),
        (0..20_000_u32).prop_map(|number| number.to_string()),
        regex("[1-9][0-9]{4,20}")
    ];
    let parts = (
        (config, maybe(name()), maybe(name()), spelled("/[!-~\u{4e00}-\u{4eff}]{0,30}")),
        (maybe(prop_oneof![name(), Just("\"shop\"".to_owned())]), maybe(method), maybe(header()), body()),
        (
            maybe(timeout),
            maybe(name()),
            maybe(spelled("text|arraybuffer")),
            maybe(name()),
            maybe(value().prop_map(|value| value.text)),
        ),
    );
    envelope(parts.prop_map(
        |(
            (config, appid, env, path),
            (service, method, header, body),
            (timeout, data_type, response_type, call_id, more),
        )| {
            vec![
                ("config", config),
                ("resourceAppid", appid),
                ("resourceEnv", env),
                ("path", path),
                ("service", service),
                ("method", method),
                ("header", header),
                body,
                ("timeout", timeout),
                ("dataType", data_type),
                ("responseType", response_type),
                ("callID", call_id),
                ("verbose", more.clone()),
                ("verbose", more),
            ]
        },
    ))
}

/// Reply envelopes, most of which are valid.
pub fn reply() -> impl Strategy<Value = String> {
    let name = || spelled("[ -~\u{4e00}-\u{4eff}]{0,12}");
    let status = (100..=999_u16).prop_map(|status| status.to_string());
    let code = || prop_oneof![Just("0".to_owned()), any::<i32>().prop_map(|code| code.to_string())];
    let cookies = vec((space(), string().prop_map(Sample::from), space()), 0..4)
        .prop_map(|items| list(('[', ']'), &items, "\t").text);
    let parts = (
        (maybe(status), maybe(header()), maybe(cookies), body()),
        (maybe(name()), string(), maybe(code()), maybe(code()), maybe(value().prop_map(|value| value.text))),
    );
    envelope(parts.prop_map(|((status, header, cookies, body), (call_id, err_msg, err_code, errno, more))| {
        vec![
            ("statusCode", status),
            ("header", header),
            ("cookies", cookies),
            body,
            ("callID", call_id),
            ("errMsg", err_msg),
            ("errCode", err_code),
            ("errno", errno),
            ("more", more),
        ]
    }))
}

/// One piece of damage.
#[derive(Clone, Debug)]
pub enum Edit {
    Flip(Index, u8),
    Delete(Index, usize),
    Insert(Index, &'static [u8]),
    InsertByte(Index, u8),
    Duplicate(Index, usize),
    Swap(Index, Index),
}

/// What JSON and UTF-8 are sensitive to.
const TOKENS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"/",
    b"\\\"",
    b"\\u",
    b"\\u00",
    b"\\u0041",
    b"\\ud83d",
    b"\\ude00",
    b"\\ud83d\\ude00",
    b"\\n",
    b"\\x",
    b"null",
    b"true",
    b"fals",
    b"0",
    b"1",
    b"-",
    b"+",
    b".",
    b"e",
    b"E",
    b"00",
    b"1e5",
    b" ",
    b"\n",
    b"\t",
    b"\r",
    b"\x00",
    b"\x0b",
    b"\x1f",
    b"\x7f",
    b"\xef\xbb\xbf",
    b"\xc2",
    b"\xc3\xa9",
    b"\xc0\x80",
    b"\xe0\x80\x80",
    b"\xe4\xb8\xad",
    b"\xe4\xb8",
    b"\xed\xa0\x80",
    b"\xef",
    b"\xf0\x9f\x98\x80",
    b"\xf0\x9f",
    b"\xf4\x90",
    b"\x80",
    b"\xbf",
    b"\xff",
    b"\"a\":1,",
    b"[[[[",
    b"\"\":",
    b"//",
    b"/**/",
    b"'",
    b"NaN",
];

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<Index>;
    prop_oneof![
        2 => (index(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, 1 << bit)),
        2 => (index(), 1..4_usize).prop_map(|(at, len)| Edit::Delete(at, len)),
        4 => (index(), select(TOKENS)).prop_map(|(at, token)| Edit::Insert(at, token)),
        1 => (index(), any::<u8>()).prop_map(|(at, byte)| Edit::InsertByte(at, byte)),
        1 => (index(), 1..12_usize).prop_map(|(at, len)| Edit::Duplicate(at, len)),
        1 => (index(), index()).prop_map(|(one, two)| Edit::Swap(one, two)),
    ]
}

/// A little damage.
pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    prop_oneof![3 => vec(edit(), 1..2), 1 => vec(edit(), 2..5)]
}

pub fn damage(text: &str, edits: &[Edit]) -> Vec<u8> {
    let mut text = text.as_bytes().to_vec();
    for edit in edits {
        let len = text.len();
        let range = |at: &Index, count: usize| {
            let at = at.index(len + 1);
            at..len.min(at + count)
        };
        match edit {
            Edit::Insert(at, token) => drop(text.splice(range(at, 0), token.iter().copied())),
            Edit::InsertByte(at, byte) => drop(text.splice(range(at, 0), [*byte])),
            Edit::Delete(at, count) => drop(text.splice(range(at, *count), [])),
            Edit::Duplicate(at, count) => {
                let range = range(at, *count);
                let copy = text[range.clone()].to_vec();
                drop(text.splice(range.end..range.end, copy));
            }
            Edit::Flip(..) | Edit::Swap(..) if len == 0 => {}
            Edit::Flip(at, bits) => text[at.index(len)] ^= bits,
            Edit::Swap(one, two) => text.swap(one.index(len), two.index(len)),
        }
    }
    text
}
