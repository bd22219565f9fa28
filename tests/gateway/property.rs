use super::check::{check_call, outcome};
use super::model::{self, Call, Data, Spelt, Told, Tree, Value, Who};
use super::query::{any_spelt, any_tree, distinct};
use callcontainer::Method;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// What could end a line, a header or a request early.
const HOSTILE: [&str; 12] = [
    "\r\n",
    "\r",
    "\n",
    "\0",
    "\t",
    " ",
    "\u{7f}",
    "\u{b}",
    "\r\nX-WX-OPENID: forged\r\n",
    "\r\n\r\nGET /second HTTP/1.1\r\n\r\n",
    " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "\n ",
];

/// What looks like it.
const ODD: [&str; 14] = [
    "\u{80}",
    "\u{85}",
    "\u{a0}",
    "\u{10d}\u{10a}",
    "\u{2028}",
    "\u{feff}",
    "嘊嘍",
    "é",
    "名",
    "😀",
    "%0d%0a",
    "%00",
    "\\r\\n",
    "\u{10ffff}",
];

fn pieces(plain: &'static [&'static str], count: usize) -> impl Strategy<Value = String> + Clone {
    let piece = prop_oneof![16 => select(plain), 2 => select(&ODD[..]), 1 => select(&HOSTILE[..])];
    vec(piece, 0..count).prop_map(|pieces| pieces.concat())
}

fn any_path() -> impl Strategy<Value = String> {
    const PLAIN: &[&str] = &[
        "a", "b", "c", "a=", "b=", "c=1", "=", "&", "&", "&", "?", "?", "?", "/", "//", "..", ";", ":", "@", "+",
        "%20", "%2f", "%", "\"", "'", "<", ">", "\\", "^", "`", "{", "|", "}", "[", "]", "(", "!", "*", "~", ",", "$",
        "HTTP/1.1", "#",
    ];
    let many = (60..70_usize).prop_map(|count| format!("/?{}", "a&".repeat(count)));
    prop_oneof![40 => pieces(PLAIN, 16).prop_map(|path| format!("/{path}")), 1 => pieces(PLAIN, 4), 1 => many]
}

const NAMES: &[&str] = &[
    "x-wx-openid",
    "x-wx-appid",
    "x-wx-unionid",
    "x-wx-source",
    "x-wx-env",
    "x-wx-from-openid",
    "x-wx-from-appid",
    "x-wx-cloudbase-access-token",
    "x-wx-from-cloudbase-access-token",
    "x-wx-",
    "client-ip",
    "true-client-ip",
    "x-azure-clientip",
    "x-envoy-external-address",
    "cf-connecting-ipv6",
    "x-remote-addr",
    "proxy",
    "x-wx",
    "x-wxopenid",
    "x-wx-service",
    "x-forwarded-for",
    "x-original-forwarded-for",
    "x-real-ip",
    "forwarded",
    "x-forwarded-host",
    "host",
    "connection",
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "proxy-authenticate",
    "proxy-authorization",
    "content-length",
    "content-length",
    "expect",
    "accept-encoding",
    "referer",
    "content-type",
    "content-type",
    "x-wx-exclude-credentials",
    "content-encoding",
    "cookie",
    "authorization",
    "x-trace",
    "x-custom",
    "accept",
];

/// A header, with the letter case of its name and other bytes for some of its hyphens, and a value that makes sense under it or not.
fn any_header() -> impl Strategy<Value = (Spelt, Value)> {
    const PLAIN: &[&str] = &[
        "chunked",
        "gzip, chunked",
        "0",
        "7",
        "99999",
        "close",
        "evil.example",
        "forged",
        " spaced ",
        "\t",
        "application/json",
        "100-continue",
        "a=1; b=\"2\"",
        "wx_client",
    ];
    const WORDS: &[&str] =
        &["openid", "UnionID", "from-openid", "from-appid", "FROM-UNIONID", "cloudbase-access-token", "appid", "x", ""];
    const TYPES: &[&str] = &[
        "application/x-www-form-urlencoded",
        "Application/X-WWW-form-urlencoded ; charset=utf-8",
        "application/json; charset=utf-8",
        "text/plain",
        "application/x-www-form-urlencoded+x",
    ];
    // A list that takes the content type away is a test of its own.
    let nominated = select(NAMES).prop_filter("no content type", |name| *name != "content-type");
    let list = |word| {
        let spaces = || select(vec!["", "", " ", " \t"]);
        vec((spaces(), word, spaces()), 0..5).prop_map(|words| {
            let words = words.into_iter().map(|(before, word, after): (_, &str, _)| format!("{before}{word}{after}"));
            words.collect::<Vec<_>>().join(",")
        })
    };
    let name = prop_oneof![
        24 => (select(NAMES), any::<u64>(), any::<u64>(), select(vec!['_', '_', '.', '~', '!'])).prop_map(|(name, cases, others, other)| {
            let fold = |(at, c): (usize, char)| if c == '-' && others >> at & 7 == 7 { other } else { c };
            model::cased(&name.chars().enumerate().map(fold).collect::<String>(), cases)
        }),
        6 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}",
        1 => pieces(&["x", "x-wx-openid", "transfer-encoding"], 3),
    ];
    let value = prop_oneof![
        8 => any_spelt(pieces(PLAIN, 3)).prop_map(Value::Text),
        1 => select(vec!["7", "0", "1.50", "-1e5", "true", "false"]).prop_map(Value::Scalar),
    ];
    let lists = (list(nominated.boxed()), list(select(WORDS).boxed()), select(TYPES));
    (any_spelt(name), value, any::<u64>(), lists).prop_map(
        |(name, value, choice, (nominated, excluded, content_type))| {
            let value = match name.text.to_ascii_lowercase().as_str() {
                "connection" => Value::Text(Spelt::new(&nominated, choice)),
                "x-wx-exclude-credentials" if choice % 8 > 0 => Value::Text(Spelt::new(&excluded, choice)),
                "content-type" if choice % 4 > 0 => Value::Text(Spelt::new(content_type, choice)),
                _ => value,
            };
            (name, value)
        },
    )
}

fn any_data() -> impl Strategy<Value = Data> {
    const BODY: &[&str] = &["a", "=", "&", "{", "\"", "0\r\n\r\n", "GET / HTTP/1.1\r\n"];
    let name = || select(vec!["a", "b", "c", "", "a b", "名", "\r\n", "%20", "a=", "\\"]).prop_map(str::to_owned);
    let members = vec((any_spelt(name()), any_tree(name())), 0..5).prop_map(distinct);
    let flat = vec((any_spelt(name()), any_spelt(pieces(BODY, 3)).prop_map(Tree::Text)), 0..5).prop_map(distinct);
    prop_oneof![
        1 => Just(Data::None),
        2 => any_spelt(pieces(BODY, 6)).prop_map(Data::Text),
        2 => any_tree(name()).prop_map(|tree| if let Tree::Text(text) = tree { Data::Text(text) } else { Data::Json(tree) }),
        3 => members.prop_map(|members| Data::Json(Tree::Object(members))),
        2 => flat.prop_map(|members| Data::Json(Tree::Object(members))),
        2 => vec(any::<u8>(), 0..20).prop_map(Data::Bytes),
    ]
}

pub(super) fn any_call() -> impl Strategy<Value = Call> {
    let method = prop_oneof![3 => Just(Method::Get), 3 => Just(Method::Post), 4 => select(Method::ALL.to_vec())];
    let headers = prop_oneof![8 => vec(any_header(), 0..6), 1 => vec(any_header(), 0..40)];
    let space = select(vec!["", " ", "\r\n\t"]);
    // Most calls are made legal, so that most get through.
    let tame = prop_oneof![4 => Just(true), 1 => Just(false)];
    (any_spelt(any_path()), method, headers, any_data(), space, tame).prop_map(
        |(path, method, headers, data, space, tame)| {
            let call = Call { path, method, headers, data, space };
            if tame { tamed(call) } else { call }
        },
    )
}

/// The call without anything that the codec refuses, and as hostile as can be otherwise.
fn tamed(mut call: Call) -> Call {
    let is_control = |c: char| c < ' ' || c == '\u{7f}';
    let path = call.path.text.replace(|c: char| c == ' ' || is_control(c), "_");
    call.path = Spelt::new(&format!("/{}", path.trim_start_matches('/')), 0x0010_0200_4008_0100);
    let mut names = std::collections::HashSet::from(["referer".to_owned()]);
    call.headers.retain_mut(|(name, value)| {
        if let Value::Text(value) = value {
            let tab = if name.text.eq_ignore_ascii_case("x-wx-service") { '\0' } else { '\t' };
            if value.text.contains(|c| is_control(c) && c != tab) {
                *value = Spelt::new(&value.text.replace(|c| is_control(c) && c != tab, "_"), 0);
            }
        }
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let is_name = !name.text.is_empty() && name.text.chars().all(is_token);
        is_name && names.insert(name.text.to_ascii_lowercase())
    });
    call
}

pub(super) fn any_who() -> impl Strategy<Value = Who> {
    let word = || {
        prop_oneof![
            20 => "[a-zA-Z0-9_.:-]{0,8}",
            4 => "\\PC{0,6}",
            1 => select(vec!["\r\nX: y", "\0", "a\tb", " spaced "]).prop_map(str::to_owned),
        ]
    };
    (word(), word(), option::of(word()), word(), option::of(word()), option::of(word())).prop_map(
        |(appid, openid, unionid, source, address, access_token)| Who {
            appid,
            openid,
            unionid,
            source,
            address,
            access_token,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn what_is_written_is_one_request_and_the_one_that_was_meant(
        call in any_call(),
        told in select(vec![Told::Own, Told::Reuse, Told::Nothing]),
        who in option::weighted(0.8, any_who()),
        host in prop_oneof![20 => "[a-z0-9.:-]{1,12}", 1 => Just("a\r\nb".to_owned())],
    ) {
        check_call(&call, told, who.as_ref(), &host);
    }
}

/// Most of the random calls get through, and none of the ways in which they end is rare: else the test above is worth
/// less than it looks.
#[test]
fn the_random_calls_end_in_every_way() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (call, who) = (any_call(), any_who());
    let (mut through, mut undecoded, mut refused) = (0, 0, std::collections::HashMap::new());
    for _ in 0..600 {
        let call = call.new_tree(&mut runner).unwrap().current();
        let who = who.new_tree(&mut runner).unwrap().current();
        match outcome(&call, Told::Own, Some(&who), "host") {
            Ok(Some(_)) => through += 1,
            Ok(None) => undecoded += 1,
            Err(code) => *refused.entry(code.0).or_insert(0) += 1,
        }
    }
    assert!(through > 250 && undecoded > 30, "{through} {undecoded} {refused:?}");
    for code in [102_005, 40_097, -501_001] {
        assert!(refused.get(&code).is_some_and(|count| *count > 10), "{through} {undecoded} {refused:?}");
    }
}
