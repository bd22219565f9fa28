use super::{check_reply, check_request};
use base64::prelude::{BASE64_STANDARD, Engine};
use callcontainer::{Error, ErrorKind};
use std::collections::BTreeMap;

const KEYS: &[&str] = &[
    "config",
    "resourceAppid",
    "resourceEnv",
    "path",
    "service",
    "method",
    "header",
    "data",
    "__nativeBuffers__",
    "timeout",
    "dataType",
    "responseType",
    "callID",
    "statusCode",
    "cookies",
    "errCode",
    "errno",
    "errMsg",
    "verbose",
    "",
];

/// Values at the edges of what the keys allow, each of which is wrong under most of them.
const VALUES: &[&str] = &[
    "null",
    "true",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "[{},{}]",
    "[null]",
    "[1]",
    "0",
    "-0",
    "-1",
    "1",
    "99",
    "100",
    "999",
    "1000",
    "15000",
    "15001",
    "1.0",
    "1e2",
    "100.5",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "-18446744073709551615",
    "100000000000000000000000000000000000000000",
    r#""""#,
    r#""a""#,
    r#""/""#,
    r#""/a b""#,
    r#""/\u0020""#,
    r#""\u002f""#,
    r#""//""#,
    r#""a/""#,
    r#""/\u007f""#,
    r#""/\n""#,
    r#""\u0000""#,
    r#""\u001f""#,
    r#""\u007f""#,
    r#""\t""#,
    r#""\u0009a""#,
    "\"\u{7f}\"",
    "\"\u{80}\"",
    r#""\u0080""#,
    "\"\u{4e2d}\"",
    r#""get""#,
    r#""GET""#,
    r#""PoSt""#,
    r#""\u0047ET""#,
    r#""CONNECT""#,
    r#""PATCH""#,
    r#""GETT""#,
    r#""GE""#,
    r#"" GET""#,
    r#""text""#,
    r#""Text""#,
    r#""te\u0078t""#,
    r#""arraybuffer""#,
    r#""arraybuffers""#,
    r#""json""#,
    r#"{"env":"a"}"#,
    r#"{"env":""}"#,
    r#"{"env":7}"#,
    r#"{"env":null}"#,
    r#"{"env":"a","env":"a"}"#,
    r#"{"env":"a","e\u006ev":"b"}"#,
    r#"{"Env":"a"}"#,
    r#"{"more":{},"more":[],"env":"a"}"#,
    r#"{"env":"\u0001"}"#,
    r#"{"a":"1","A":"2"}"#,
    r#"{"a":"1","\u0041":"2"}"#,
    r#"{"a":"1","ab":"1"}"#,
    r#"{"":"1"}"#,
    r#"{"a b":"1"}"#,
    r#"{"a:":"1"}"#,
    r#"{"\u00e9":"1"}"#,
    r#"{"a\u0000":"1"}"#,
    r#"{"a":null}"#,
    r#"{"a":[]}"#,
    r#"{"a":{}}"#,
    r#"{"a":1.50e+1,"b":false}"#,
    r#"{"a":"\t"}"#,
    r#"{"a":"\n"}"#,
    r#"{"a":"\u007f"}"#,
    "{\"a\":\"\u{7f}\"}",
    "{\"a\":\"\u{4e2d}\"}",
    r#"{"a":""}"#,
    r#"{"Referer":"1"}"#,
    r#"{"referer":1}"#,
    r#"{"re\u0066ERER":""}"#,
    r#"{"Referers":""}"#,
    r#"{"Refere":""}"#,
    r#"{"X-WX-SERVICE":"a"}"#,
    r#"{"x-wx-service":"\u0061"}"#,
    r#"{"X-WX-SERVICE":""}"#,
    r#"{"X-WX-Service":"\t"}"#,
    r#"{"X-WX-SERVICE":1}"#,
    r#"{"X-WX-SERVICES":"\t"}"#,
    r#"{"X-WX-SERVICE":"a","x-wx-service":"a"}"#,
    r#"["a","b"]"#,
    r#"["a",1]"#,
    r#"["a",null]"#,
    r#"["\u0000\ud83d\ude00"]"#,
    r#"[{"key":"data","base64":"QQ=="}]"#,
    r#"[{"base64":"","key":"d\u0061ta"}]"#,
    r#"[{"key":"data"}]"#,
    r#"[{"base64":""}]"#,
    r#"[{"key":"file","base64":""}]"#,
    r#"[{"key":"","base64":""}]"#,
    r#"[{"key":"data","base64":null}]"#,
    r#"[{"key":1,"base64":""}]"#,
    r#"[{"key":"data","key":"data","base64":""}]"#,
    r#"[{"key":"data","base64":"","base64":""}]"#,
    r#"[{"key":"data","base64":""},{"key":"data","base64":""}]"#,
    r#"[{"key":"data","base64":""},1]"#,
    r#"[{"key":"data","base64":"QQ==","more":[],"more":0}]"#,
    r#"[{"key":"data","base64":"\u0051Q\u003d="}]"#,
    r#"[{"key":"data","base64":"QQ\u00e9="}]"#,
    r#"[{"key":"data","base64":"Q\nQ=="}]"#,
];

/// Values whose length is at a limit: names, paths, lists of headers.
fn long_values() -> Vec<String> {
    let headers = |count: usize| {
        let headers: Vec<_> = (0..count).map(|at| format!("\"h{at}\":\"\"")).collect();
        format!("{{{}}}", headers.join(","))
    };
    let mut values = vec![headers(64), headers(65)];
    for len in [127, 128, 129] {
        values.push(format!("\"{}\"", "a".repeat(len)));
        values.push(format!("\"{}\\u0061\"", "a".repeat(len - 1)));
        values.push(format!("\"{}\"", "\u{e9}".repeat(len / 2)));
        values.push(format!("{{\"env\":\"{}\"}}", "a".repeat(len)));
        values.push(format!("{{\"{}\":\"{}\"}}", "a".repeat(len), "a".repeat(2 * len)));
        values.push(format!("{{\"X-WX-SERVICE\":\"{}\"}}", "a".repeat(len)));
    }
    for len in [8191, 8192, 8193] {
        values.push(format!("\"/{}\"", "a".repeat(len - 1)));
        values.push(format!("\"/\\u4e2d{}\"", "a".repeat(len - 4)));
    }
    values
}

/// Where the member goes: `@` stands for it.
const REQUESTS: &[&str] = &[
    "{@}",
    r#"{@,"path":"/"}"#,
    r#"{"config":{"env":"e"},@}"#,
    r#"{@,"path":"/","config":{"env":"e"}}"#,
    r#"{"resourceEnv":"e","path":"/",@}"#,
    r#"{"path":"/","config":{},"resourceEnv":"e","data":0,@}"#,
    r#"{@,"path":"/","config":{"env":"e"},"__nativeBuffers__":[{"key":"data","base64":""}]}"#,
    r#"{"service":"a",@,"path":"/","config":{"env":"e"}}"#,
    r#"{@,"header":{"X-WX-SERVICE":"a"},"path":"/","config":{"env":"e"}}"#,
];
const REPLIES: &[&str] = &[
    "{@}",
    r#"{"statusCode":200,@}"#,
    r#"{@,"statusCode":200}"#,
    r#"{@,"errMsg":"m"}"#,
    r#"{"errCode":0,"statusCode":200,@}"#,
    r#"{@,"errCode":1,"errMsg":"m"}"#,
    r#"{"errno":-1,@,"errMsg":"m"}"#,
    r#"{"statusCode":200,"data":0,@}"#,
    r#"{@,"statusCode":200,"__nativeBuffers__":[{"key":"data","base64":""}]}"#,
];

/// Every key with every value, in every envelope.
#[test]
fn every_member_is_judged_alike() {
    let long = long_values();
    let mut outcomes = BTreeMap::new();
    for key in KEYS {
        for value in VALUES.iter().copied().chain(long.iter().map(String::as_str)) {
            let member = format!("\"{key}\":{value}");
            let requests =
                REQUESTS.iter().map(|envelope| check_request(envelope.replace('@', &member).as_bytes()).map(drop));
            let requests: Vec<_> = requests.collect();
            let replies =
                REPLIES.iter().map(|envelope| check_reply(envelope.replace('@', &member).as_bytes()).map(drop));
            for outcome in requests.into_iter().chain(replies) {
                *outcomes.entry(outcome.map_or_else(|error| error.kind().name(), |()| "ok")).or_insert(0) += 1;
            }
        }
    }
    // Acceptance, and every kind that is the envelope's own.
    assert_eq!(outcomes.len(), 1 + 22, "{outcomes:?}");
}

/// Whether a text is base64, or may become base64 when more follows.
fn may_be_base64(text: &str) -> bool {
    let endings = ["", "A", "AA", "AAA", "=", "==", "A=", "A==", "AA="];
    endings.iter().any(|ending| BASE64_STANDARD.decode(format!("{text}{ending}")).is_ok())
}

/// Every short text of these letters, which leave bits of each place at the end, of padding, and of a symbol that only
/// another alphabet has. What is wrong is the first byte with which no base64 begins, or the end.
#[test]
fn every_short_base64_is_judged_alike() {
    const SYMBOLS: &[u8] = b"AQIC=-";
    const BEFORE: &str = r#"{"statusCode":200,"__nativeBuffers__":[{"key":"data","base64":""#;
    let mut accepted = 0;
    for len in 0..=6 {
        for number in 0..SYMBOLS.len().pow(len) {
            let symbol = |place| char::from(SYMBOLS[number / SYMBOLS.len().pow(place) % SYMBOLS.len()]);
            let base64: String = (0..len).map(symbol).collect();
            let envelope = format!("{BEFORE}{base64}\"}}]}}");
            match check_reply(envelope.as_bytes()) {
                Ok(_) => accepted += 1,
                Err(error) => {
                    let right = (0..base64.len()).find(|end| !may_be_base64(&base64[..=*end])).unwrap_or(base64.len());
                    assert_eq!(error, Error::new(ErrorKind::InvalidBase64, BEFORE.len() + right), "{base64}");
                }
            }
        }
    }
    // Nothing; four letters; three, of which the last leaves no bits (a `C` does); two (a `C` and an `I` do).
    assert_eq!(accepted, 1 + 4 * 4 * 4 * 4 + 4 * 4 * 3 + 4 * 2);
}
