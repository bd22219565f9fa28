use std::fmt::Write;

/// A kind of envelope, of about as many bytes as are asked for.
pub struct Class {
    pub name: &'static str,
    pub envelope: fn(usize) -> String,
}

macro_rules! classes {
    ($($function:ident),* $(,)?) => { &[$(Class { name: stringify!($function), envelope: $function }),*] };
}

/// What callers send every day: the measure for the others.
pub const ORDINARY: Class = Class { name: "ordinary", envelope: ordinary };

/// Request envelopes that are made to be slow. All of them decode.
pub const REQUESTS: &[Class] = classes![
    deep_arrays,
    deep_objects,
    short_members,
    unknown_keys,
    near_miss_keys,
    escaped_keys,
    long_headers,
    escaped_headers,
    near_miss_names,
    last_name_escaped,
    short_escapes,
    long_escapes,
    surrogate_pairs,
    surrogate_halves,
    longest_number,
    many_numbers,
    long_timeout,
    white_space,
    base64,
    escaped_base64,
    widest_characters,
    connection_list,
    excluded_credentials,
    pairs_in_path,
    escape_behind_pairs,
    query_of_members,
];

/// Failure replies whose message is made to be slow. All of them decode.
pub const MESSAGES: &[Class] = classes![codes, beginnings, tails, open_tails, parentheses, bars, spaces];

/// A request with these members and this one drawn out.
fn request(members: &str, data: &str) -> String {
    format!(r#"{{"config":{{"env":"prod-01"}},"path":"/a","method":"POST"{members},"data":{data}}}"#)
}

/// A list of copies.
fn list(item: &str, len: usize) -> String {
    let mut list = item.to_owned();
    while list.len() < len {
        list.push(',');
        list.push_str(item);
    }
    list
}

fn ordinary(len: usize) -> String {
    let item = r#"{"id":1047,"name":"tea, green","price":12.50,"tags":["a","b"],"stock":true,"note":"caf\u00e9 茶"}"#;
    request(r#","header":{"X-WX-SERVICE":"shop","content-type":"application/json"}"#, &format!("[{}]", list(item, len)))
}

fn deep_arrays(len: usize) -> String {
    request("", &format!("[{}]", list(&format!("{}{}", "[".repeat(126), "]".repeat(126)), len)))
}

fn deep_objects(len: usize) -> String {
    request("", &format!("[{}]", list(&format!("{}1{}", r#"{"":"#.repeat(126), "}".repeat(126)), len)))
}

fn short_members(len: usize) -> String {
    request("", &format!("{{{}}}", list(r#""":0"#, len)))
}

fn unknown_keys(len: usize) -> String {
    request(&format!(",{}", list(r#""":0"#, len)), "0")
}

/// Keys that are almost known, each up to its last byte.
fn near_miss_keys(len: usize) -> String {
    let keys = r#""__nativeBuffers_-":0,"resourceAppie":0,"responseTypf":0,"confih":0,"callIE":0"#;
    request(&format!(",{}", list(keys, len)), "0")
}

fn escaped_keys(len: usize) -> String {
    request(&format!(",{}", list(r#""\u0072\u0065\u0073\u006f\u0075\u0072\u0063\u0065\u0045\u006e":0"#, len)), "0")
}

/// As many headers as there may be, of this name each and with values of this.
fn headers(len: usize, name: impl Fn(usize) -> String, value: &str) -> String {
    let value = value.repeat(len / 64 / value.len() + 1);
    let mut headers = String::new();
    for at in 0..64 {
        let comma = if at > 0 { "," } else { "" };
        write!(headers, r#"{comma}"{}":"{value}""#, name(at)).unwrap();
    }
    request(&format!(r#","header":{{{headers}}}"#), "0")
}

fn long_headers(len: usize) -> String {
    headers(len, |at| format!("x-header-{at}"), "value ")
}

fn escaped_headers(len: usize) -> String {
    headers(len, |at| format!("\\u0078-{at}"), "\\u0076")
}

/// Names of the greatest length that differ in the last letters.
fn near_miss_names(len: usize) -> String {
    headers(len, |at| format!("{}{at:02}", "n".repeat(126)), "v")
}

/// One name that has to be unescaped beside many long values.
fn last_name_escaped(len: usize) -> String {
    headers(
        len,
        |at| if at == 63 { "\\u0078".to_owned() } else { format!("n{at}") },
        "\\n\\t".trim_start_matches("\\n"),
    )
}

fn short_escapes(len: usize) -> String {
    request("", &format!("\"{}\"", r#"\"\\\/\b\f\n\r\t"#.repeat(len / 16)))
}

fn long_escapes(len: usize) -> String {
    request("", &format!("\"{}\"", r"\u00e9".repeat(len / 6)))
}

fn surrogate_pairs(len: usize) -> String {
    request("", &format!("\"{}\"", r"\ud83d\ude00".repeat(len / 12)))
}

/// In one string, and behind many.
fn surrogate_halves(len: usize) -> String {
    request("", &format!("[{},\"{}\"]", list("\"a\\n\"", len / 2), r"\udc00\ud800a".repeat(len / 26)))
}

fn longest_number(len: usize) -> String {
    request("", &format!("-{0}.{0}e+{0}", "1".repeat(len / 3)))
}

fn many_numbers(len: usize) -> String {
    request("", &format!("[{}]", list("-0.1e-7", len)))
}

fn long_timeout(len: usize) -> String {
    request(&format!(",\"timeout\":{}", "9".repeat(len)), "0")
}

fn white_space(len: usize) -> String {
    request("", &format!("[{}]", list("1", len / 8).replace(',', "\r\n\t , ")))
}

fn base64(len: usize) -> String {
    let base64 = "efvP".repeat(len / 4);
    format!(r#"{{"path":"/","__nativeBuffers__":[{{"base64":"{base64}","key":"data"}}],"config":{{"env":"e"}}}}"#)
}

fn escaped_base64(len: usize) -> String {
    let base64 = r"\/\u0041".repeat(len / 16 * 2);
    format!(r#"{{"path":"/","__nativeBuffers__":[{{"base64":"{base64}","key":"data"}}],"config":{{"env":"e"}}}}"#)
}

fn widest_characters(len: usize) -> String {
    request("", &format!("\"{}\"", "\u{10ffff}é".repeat(len / 6)))
}

/// A list that a gateway looks through for each of the other headers.
fn connection_list(len: usize) -> String {
    let header = list("close", len.min(500));
    let value = "v".repeat(len / 63);
    let others = (0..63).map(|at| format!(r#","x{at}":"{value}""#)).collect::<String>();
    request(&format!(r#","header":{{"connection":"{header}"{others}}}"#), "0")
}

fn excluded_credentials(len: usize) -> String {
    request(&format!(r#","header":{{"X-WX-EXCLUDE-CREDENTIALS":"{}"}}"#, list("openie", len)), "0")
}

/// A `GET` whose path has this query, as far as a path may be long, and whose data joins it.
fn get(query: &str, data: &str) -> String {
    format!(r#"{{"config":{{"env":"e"}},"path":"/?{query}","data":{data}}}"#)
}

fn pairs_in_path(len: usize) -> String {
    get(&"&".repeat(len.min(8000)), r#"{"a":1}"#)
}

fn escape_behind_pairs(len: usize) -> String {
    get(&format!("{}\\u0061", "&".repeat(len.min(8000))), r#"{"a":1}"#)
}

fn query_of_members(len: usize) -> String {
    get(&"a&".repeat(63), &format!("{{{}}}", list(r#""b":"""#, len)))
}

/// A failure with this message.
fn failure(message: &str) -> String {
    format!(r#"{{"errCode":-1,"errMsg":{}}}"#, serde_json::to_string(message).unwrap())
}

fn codes(len: usize) -> String {
    failure(&"errCode: 1 ".repeat(len / 11))
}

fn beginnings(len: usize) -> String {
    failure(&"all failed:, Error: cloud.callContainer:fail ".repeat(len / 45))
}

fn tails(len: usize) -> String {
    failure(&" (callId: 1)".repeat(len / 12))
}

fn open_tails(len: usize) -> String {
    failure(&"(callId:".repeat(len / 8))
}

fn parentheses(len: usize) -> String {
    failure(&format!("{}{}", "(".repeat(len / 2), ")".repeat(len / 2)))
}

fn bars(len: usize) -> String {
    failure(&format!("errCode: 1 {}", "|".repeat(len)))
}

fn spaces(len: usize) -> String {
    failure(&format!("x{}x", " ".repeat(len)))
}
