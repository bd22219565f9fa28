//! What is encoded decodes to the same value, whoever spelt it and however; every length is exact; and texts, JSON and
//! bytes mean what `serde_json` and `base64` say that they mean.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callcontainer::{
    Bytes, Data, DataKind, DataType, ErrorCode, ErrorKind, Failure, Json, Message, Method, Reply, Request, Response,
    ResponseType, Text, Timeout,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};

// ---------------------------------------------------------------- the models, which own what they hold

#[derive(Clone, Debug)]
struct Call {
    env: Option<String>,
    resource_appid: Option<String>,
    resource_env: Option<String>,
    path: String,
    service: Option<String>,
    method: Method,
    headers: Vec<(String, String)>,
    body: Body,
    /// As it is asked for, in effect or not.
    timeout: Option<u128>,
    data_type: Option<String>,
    response_type: ResponseType,
    call_id: Option<String>,
}

#[derive(Clone, Debug)]
enum Answer {
    Response {
        status: u16,
        headers: Vec<(String, String)>,
        cookies: Vec<String>,
        body: Body,
        call_id: Option<String>,
        err_msg: Option<String>,
    },
    Failure {
        code: i32,
        err_msg: String,
        call_id: Option<String>,
    },
}

#[derive(Clone, Debug)]
enum Body {
    None,
    Text(String),
    /// A value, and one way to write it.
    Json(Tree, String),
    Bytes(Vec<u8>),
}

#[derive(Clone, Debug)]
enum Tree {
    /// A number, a boolean or null, as it is written.
    Scalar(String),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Body {
    /// What decoding makes of it: a JSON string is text, however it was spelt.
    fn settled(&self) -> Self {
        match self {
            Body::Json(Tree::Text(text), _) => Body::Text(text.clone()),
            other => other.clone(),
        }
    }
}

impl Call {
    /// What is left of it when it has been decoded and encoded again: no timeout that has no effect.
    fn settled(&self) -> Self {
        let timeout = self.timeout.filter(|timeout| (1..=15_000).contains(timeout));
        Self { body: self.body.settled(), timeout, ..self.clone() }
    }
}

impl Answer {
    fn settled(&self) -> Self {
        let mut settled = self.clone();
        if let Answer::Response { body, .. } = &mut settled {
            *body = body.settled();
        }
        settled
    }
}

/// What `serde_json` says of half a surrogate pair.
#[path = "json_oracle/oracle.rs"]
#[allow(dead_code, reason = "what else it says matters elsewhere")]
mod oracle;

use oracle::without_halves;

const OK: &str = "cloud.callContainer:ok";

// ---------------------------------------------------------------- random parts

fn any_character() -> impl Strategy<Value = char> {
    let edges = "\"\\/\u{0}\u{1f}\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{feff}\u{ffff}\u{10000}\u{10ffff}\u{2028}";
    prop_oneof![
        6 => prop::char::range(' ', '~'),
        3 => select(edges.chars().collect::<Vec<_>>()),
        1 => prop::char::range('\0', '\u{1f}'),
        2 => prop::char::range('一', '鿿'),
        1 => prop::char::range('😀', '🙏'),
        1 => any::<char>(),
    ]
}

fn any_text(characters: usize) -> impl Strategy<Value = String> {
    vec(any_character(), 0..characters).prop_map(|characters| characters.into_iter().collect())
}

/// The text with an underscore for whatever may not stand in it, and no longer than this.
fn tamed(text: String, limit: usize, allowed: impl Fn(char) -> bool) -> String {
    let mut tamed = String::new();
    for character in text.chars().map(|character| if allowed(character) { character } else { '_' }) {
        if tamed.len() + character.len_utf8() > limit {
            break;
        }
        tamed.push(character);
    }
    tamed
}

fn any_name() -> impl Strategy<Value = String> {
    let allowed = |character| character >= ' ' && character != '\u{7f}';
    let text = prop_oneof![8 => any_text(12), 1 => any_text(150)];
    text.prop_map(move |text| tamed(text, 128, allowed))
}

fn any_path() -> impl Strategy<Value = String> {
    let allowed = |character| character > ' ' && character != '\u{7f}';
    any_text(40).prop_map(move |text| format!("/{}", tamed(text, 8191, allowed)))
}

/// Up to 64 headers, no two of the same name.
fn any_headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        8 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}",
        1 => select(vec!["content-type", "Content-Type", "X-WX-EXCLUDE-CREDENTIALS"]).prop_map(str::to_owned),
        1 => "[a-z]{127,128}",
    ];
    let allowed = |character| (character >= ' ' && character != '\u{7f}') || character == '\t';
    let value = prop_oneof![
        5 => any_text(12).prop_map(move |text| tamed(text, 1000, allowed)),
        2 => select(vec!["0", "-0", "7", "15000", "1.50", "1e-7", "true", "false", "null", "\t"]).prop_map(str::to_owned),
    ];
    let size = prop_oneof![6 => 0..4_usize, 1 => 0..65_usize, 1 => Just(64_usize)];
    size.prop_flat_map(move |size| vec((name.clone(), value.clone()), size)).prop_map(|mut headers| {
        let mut names = HashSet::from(["referer".to_owned(), "x-wx-service".to_owned()]);
        for (place, (name, _)) in headers.iter_mut().enumerate() {
            if !names.insert(name.to_ascii_lowercase()) {
                *name = format!("Another-{place}");
                names.insert(name.to_ascii_lowercase());
            }
        }
        headers
    })
}

fn any_tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        1 => select(vec!["null", "true", "false", "0", "-0", "-0.0e-0"]).prop_map(|text| Tree::Scalar(text.to_owned())),
        2 => "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?".prop_map(Tree::Scalar),
        3 => any_text(10).prop_map(Tree::Text),
    ];
    // Half of a surrogate pair stands inside a value, never alone.
    let halves = vec![r#""\ud83d""#, r#""a\uDC00\ud83d""#, r#""\ud83d\ude00\ude00\n""#, r#""\ud83d \\ude00""#];
    leaf.prop_recursive(4, 20, 5, move |tree| {
        let halves = select(halves.clone()).prop_map(|text| Tree::Scalar(text.to_owned()));
        let tree = prop_oneof![12 => tree, 1 => halves];
        prop_oneof![
            vec(tree.clone(), 0..5).prop_map(Tree::List),
            vec((any_text(5), tree), 0..5).prop_map(Tree::Object),
        ]
    })
}

fn any_body() -> impl Strategy<Value = Body> {
    prop_oneof![
        1 => Just(Body::None),
        3 => any_text(60).prop_map(Body::Text),
        3 => (any_tree(), any_taste()).prop_map(|(tree, mut speller)| {
            let text = speller.spaced(|speller| speller.tree(&tree));
            Body::Json(tree, text)
        }),
        3 => vec(any::<u8>(), 0..60).prop_map(Body::Bytes),
    ]
}

/// A call as its builder can make it.
fn any_call() -> impl Strategy<Value = Call> {
    let env = prop_oneof![
        2 => any_name().prop_map(|env| (Some(env), None)),
        1 => (any_name(), any_name()).prop_map(|resource| (None, Some(resource))),
        1 => (any_name(), any_name(), any_name()).prop_map(|(env, appid, other)| (Some(env), Some((appid, other)))),
    ];
    let data_type = option::of(prop_oneof![any_name(), Just("json".to_owned()), Just("text".to_owned())]);
    let timeout = option::of(prop_oneof![4 => 0..=15_000_u128, 1 => Just(0), 1 => Just(15_000)]);
    let response_type = select(vec![ResponseType::Text, ResponseType::ArrayBuffer]);
    let first = (env, any_path(), option::of(any_name()), select(Method::ALL.to_vec()), any_headers());
    let second = (any_body(), timeout, data_type, response_type, option::of(any_name()));
    (first, second).prop_map(|(first, (body, timeout, data_type, response_type, call_id))| {
        let ((env, resource), path, service, method, headers) = first;
        let (resource_appid, resource_env) = resource.unzip();
        Call {
            env,
            resource_appid,
            resource_env,
            path,
            service,
            method,
            headers,
            body,
            timeout,
            data_type,
            response_type,
            call_id,
        }
    })
}

/// A call as only another codec can write it.
fn foreign_call() -> impl Strategy<Value = Call> {
    let late = select(vec![15_001, 60_000, u128::from(u32::MAX), u128::from(u32::MAX) + 1, u128::MAX]);
    (any_call(), option::of(late), any::<bool>()).prop_map(|(mut call, late, alone)| {
        call.timeout = late.or(call.timeout);
        if alone && call.env.is_some() {
            call.resource_env = None;
        } else if alone {
            call.resource_appid = None;
        }
        call
    })
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let message = || {
        prop_oneof![
            2 => any_text(60),
            1 => Just("cloud.callContainer:fail Error: errCode: 102002 | errMsg: x (callId: 7-0.1)".to_owned()),
            1 => Just(OK.to_owned()),
        ]
    };
    let response = (
        100..=999_u16,
        any_headers(),
        vec(any_text(12), 0..4),
        any_body(),
        option::of(any_name()),
        option::of(message()),
    );
    let code = prop_oneof![
        any::<i32>(),
        select(vec![0, -1, i32::MIN, i32::MAX, ErrorCode::ACCESS_DENIED.0, ErrorCode::REQUEST_TIMEOUT.0]),
    ];
    prop_oneof![
        response.prop_map(|(status, headers, cookies, body, call_id, err_msg)| Answer::Response {
            status,
            headers,
            cookies,
            body,
            call_id,
            err_msg
        }),
        (code, message(), option::of(any_name())).prop_map(|(code, err_msg, call_id)| Answer::Failure {
            code,
            err_msg,
            call_id
        }),
    ]
}

// ---------------------------------------------------------------- the models, made into what is tested

fn pairs(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn data_of(body: &Body) -> Data<'_> {
    match body {
        Body::None => Data::None,
        Body::Text(text) => Data::from(text.as_str()),
        Body::Json(_, text) => Data::Json(Json::new(text).unwrap()),
        Body::Bytes(bytes) => Data::from(bytes.as_slice()),
    }
}

fn request_of<'a>(call: &'a Call, headers: &'a [(&'a str, &'a str)]) -> Request<'a> {
    let mut request = Request::new(&call.path)
        .with_method(call.method)
        .with_headers(headers)
        .with_data(data_of(&call.body))
        .with_response_type(call.response_type);
    if let Some(env) = &call.env {
        request = request.with_env(env);
    }
    if let (Some(appid), Some(env)) = (&call.resource_appid, &call.resource_env) {
        request = request.with_resource(appid, env);
    }
    if let Some(service) = &call.service {
        request = request.with_service(service);
    }
    if let Some(timeout) = call.timeout {
        request = request.with_timeout(u32::try_from(timeout).unwrap());
    }
    if let Some(data_type) = &call.data_type {
        request = request.with_data_type(DataType::from(data_type.as_str()));
    }
    if let Some(call_id) = &call.call_id {
        request = request.with_call_id(call_id);
    }
    request
}

fn reply_of<'a>(answer: &'a Answer, headers: &'a [(&'a str, &'a str)], cookies: &'a [&'a str]) -> Reply<'a> {
    match answer {
        Answer::Response { status, body, call_id, err_msg, .. } => {
            let mut response =
                Response::new(*status).with_headers(headers).with_cookies(cookies).with_data(data_of(body));
            if let Some(call_id) = call_id {
                response = response.with_call_id(call_id);
            }
            if let Some(err_msg) = err_msg {
                response = response.with_err_msg(err_msg);
            }
            response.into()
        }
        Answer::Failure { code, err_msg, call_id } => {
            let failure = Failure::new(ErrorCode(*code), err_msg);
            call_id.as_ref().map_or(failure, |call_id| failure.with_call_id(call_id)).into()
        }
    }
}

// ---------------------------------------------------------------- comparing what came back, part by part

/// The text, decoded into a buffer of just the length that it says it needs.
fn decoded(text: Text<'_>) -> String {
    let mut buffer = vec![0xAA; text.decoded_len()];
    text.decode(&mut buffer).unwrap().to_owned()
}

#[track_caller]
fn assert_text(found: Option<Text<'_>>, expected: Option<&String>) {
    assert_eq!(found.map(decoded).as_ref(), expected);
    if let (Some(found), Some(expected)) = (found, expected) {
        assert!(found == expected.as_str() && found == *expected.as_str() && found == Text::new(expected));
        assert_eq!(found.to_string(), *expected);
    }
}

/// At each of its steps it knows how many are left.
#[track_caller]
fn assert_exact(mut iter: impl ExactSizeIterator, count: usize) {
    for left in (0..=count).rev() {
        assert_eq!((iter.len(), iter.size_hint()), (left, (left, Some(left))));
        assert_eq!(iter.next().is_some(), left > 0);
    }
    assert_eq!((iter.len(), iter.next().is_none()), (0, true));
}

#[track_caller]
fn assert_headers(found: callcontainer::Headers<'_>, expected: &[(String, String)]) {
    let all = found.iter().map(|(name, value)| (decoded(name), decoded(value))).collect::<Vec<_>>();
    assert_eq!(all, expected);
    assert_eq!((found.len(), found.is_empty()), (expected.len(), expected.is_empty()));
    assert_exact(found.iter(), expected.len());
    for (name, value) in expected {
        for name in [name.clone(), name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
            assert_text(found.get(&name), Some(value));
        }
        // A name that is almost this one is there only if it is there.
        let near = format!("{name}-");
        let is_there = expected.iter().any(|(other, _)| other.eq_ignore_ascii_case(&near));
        assert_eq!(found.get(&near).is_some(), is_there);
    }
}

#[track_caller]
fn assert_body(found: Data<'_>, expected: &Body) {
    let (kind, length) = match (found, expected) {
        (Data::None, Body::None) => (None, 0),
        (Data::Text(found), Body::Text(text) | Body::Json(Tree::Text(text), _)) => {
            assert_text(Some(found), Some(text));
            (Some(DataKind::Text), text.len())
        }
        (Data::Json(found), Body::Json(Tree::Scalar(_) | Tree::List(_) | Tree::Object(_), text)) => {
            assert_eq!(minified(found.as_str()), minified(text));
            assert_eq!(found.encoded_len(), minified(text).len());
            assert_eq!(found.as_bytes(), found.as_str().as_bytes());
            (Some(DataKind::Json), found.as_str().len())
        }
        (Data::Bytes(found), Body::Bytes(bytes)) => {
            let mut buffer = vec![0xAA; found.decoded_len()];
            assert_eq!(found.decode(&mut buffer).unwrap(), bytes);
            assert_eq!(found, Bytes::new(bytes));
            (Some(DataKind::Bytes), bytes.len())
        }
        _ => panic!("{found:?} instead of {expected:?}"),
    };
    assert_eq!((found.kind(), found.len(), found.is_empty()), (kind, length, length == 0));
}

/// `headers` and `service` are those that the envelope has, whichever way it names the service.
#[track_caller]
fn assert_request(found: &Request<'_>, call: &Call, headers: &[(String, String)]) {
    assert_text(found.env(), call.env.as_ref());
    assert_text(found.resource_appid(), call.resource_appid.as_ref());
    assert_text(found.resource_env(), call.resource_env.as_ref());
    assert_text(found.target_env(), call.env.as_ref().or(call.resource_env.as_ref()));
    assert_text(Some(found.path()), Some(&call.path));
    assert_text(found.service(), call.service.as_ref());
    assert_eq!(found.method(), call.method);
    assert_headers(found.headers(), headers);
    let content_type = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    assert_text(
        Some(found.content_type()),
        Some(&content_type.map_or("application/json".to_owned(), |it| it.1.clone())),
    );
    assert_body(found.data(), &call.body);
    let (timeout, milliseconds) = match call.timeout {
        None | Some(0) => (Timeout::NotSet, None),
        Some(timeout @ 1..=15_000) => (Timeout::Milliseconds(timeout as u32), Some(timeout as u32)),
        Some(_) => (Timeout::NoEffect, None),
    };
    assert_eq!((found.timeout(), found.timeout().milliseconds()), (timeout, milliseconds));
    let data_type = call.data_type.clone().unwrap_or("json".to_owned());
    assert_text(Some(found.data_type().as_text()), Some(&data_type));
    assert_eq!(found.data_type() == DataType::Json, data_type == "json");
    assert_eq!(found.response_type(), call.response_type);
    assert_text(found.call_id(), call.call_id.as_ref());
}

#[track_caller]
fn assert_reply(found: &Reply<'_>, answer: &Answer) {
    match (found, answer) {
        (Reply::Response(found), Answer::Response { status, headers, cookies, body, call_id, err_msg }) => {
            assert_eq!(found.status(), *status);
            assert_headers(found.headers(), headers);
            assert_eq!(found.cookies().iter().map(decoded).collect::<Vec<_>>(), *cookies);
            assert_eq!((found.cookies().len(), found.cookies().is_empty()), (cookies.len(), cookies.is_empty()));
            assert_exact(found.cookies().iter(), cookies.len());
            assert_body(found.data(), body);
            assert_text(found.call_id(), call_id.as_ref());
            assert_text(Some(found.err_msg()), Some(err_msg.as_ref().unwrap_or(&OK.to_owned())));
        }
        (Reply::Failure(found), Answer::Failure { code, err_msg, call_id }) => {
            assert_eq!(found.code(), Some(ErrorCode(*code)));
            assert_text(Some(found.err_msg()), Some(err_msg));
            let in_message = Message::parse(err_msg.as_str()).call_id().map(decoded);
            assert_text(found.call_id(), call_id.as_ref().or(in_message.as_ref()));
        }
        _ => panic!("{found:?} instead of {answer:?}"),
    }
}

// ---------------------------------------------------------------- what is to be written, in the words of serde_json

/// An object whose members keep their order and their spelling.
struct Members(Vec<(Box<RawValue>, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// The JSON text without white space between its tokens.
fn minified(text: &str) -> String {
    let value = serde_json::from_str::<&RawValue>(text).unwrap().get();
    match value.as_bytes()[0] {
        b'[' => {
            let elements = serde_json::from_str::<Vec<&RawValue>>(value).unwrap();
            format!("[{}]", elements.iter().map(|element| minified(element.get())).collect::<Vec<_>>().join(","))
        }
        b'{' => {
            let members = serde_json::from_str::<Members>(value).unwrap().0;
            let members = members.iter().map(|(key, value)| format!("{}:{}", key.get(), minified(value.get())));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        _ => value.to_owned(),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members = members.into_iter().map(|(key, value)| format!("{}:{value}", quoted(key)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn header_object(headers: &[(String, String)]) -> Option<String> {
    let members = headers.iter().map(|(name, value)| (name.as_str(), quoted(value)));
    (!headers.is_empty()).then(|| object(members))
}

fn body_member(body: &Body) -> Option<(&'static str, String)> {
    match body {
        Body::None => None,
        Body::Text(text) => Some(("data", quoted(text))),
        Body::Json(_, text) => Some(("data", minified(text))),
        Body::Bytes(bytes) => {
            let base64 = quoted(&STANDARD.encode(bytes));
            Some(("__nativeBuffers__", format!("[{}]", object([("key", quoted("data")), ("base64", base64)]))))
        }
    }
}

/// The members of a request in their order.
fn request_members(call: &Call, headers: &[(String, String)]) -> Vec<(&'static str, String)> {
    let quoted_if = |text: &Option<String>| text.as_deref().map(quoted);
    let named = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-wx-service"));
    let members = [
        ("config", call.env.as_deref().map(|env| object([("env", quoted(env))]))),
        ("resourceAppid", quoted_if(&call.resource_appid)),
        ("resourceEnv", quoted_if(&call.resource_env)),
        ("path", Some(quoted(&call.path))),
        ("service", quoted_if(&call.service).filter(|_| !named)),
        ("method", Some(quoted(call.method.as_str())).filter(|_| call.method != Method::Get)),
        ("header", header_object(headers)),
        ("timeout", call.settled().timeout.map(|timeout| timeout.to_string())),
        ("dataType", quoted_if(&call.data_type).filter(|data_type| data_type != "\"json\"")),
        ("responseType", (call.response_type == ResponseType::ArrayBuffer).then(|| quoted("arraybuffer"))),
        ("callID", quoted_if(&call.call_id)),
    ];
    let members = members.into_iter().filter_map(|(key, value)| Some((key, value?)));
    members.chain(body_member(&call.body.settled())).collect()
}

/// The members of a reply in their order.
fn reply_members(answer: &Answer) -> Vec<(&'static str, String)> {
    match answer {
        Answer::Response { status, headers, cookies, body, call_id, err_msg } => {
            let cookies = (!cookies.is_empty()).then(|| serde_json::to_string(cookies).unwrap());
            let members = [
                ("statusCode", Some(status.to_string())),
                ("header", header_object(headers)),
                ("cookies", cookies),
                ("callID", call_id.as_deref().map(quoted)),
                ("errMsg", err_msg.as_deref().filter(|err_msg| *err_msg != OK).map(quoted)),
            ];
            let members = members.into_iter().filter_map(|(key, value)| Some((key, value?)));
            members.chain(body_member(&body.settled())).collect()
        }
        Answer::Failure { code, err_msg, call_id } => {
            let members = [("errCode", code.to_string()), ("errMsg", quoted(err_msg))];
            members.into_iter().chain(call_id.as_deref().map(|call_id| ("callID", quoted(call_id)))).collect()
        }
    }
}

/// The envelope is these members in this order, and each stands in it as it should; it has no byte too many.
#[track_caller]
fn assert_envelope(envelope: &[u8], members: Vec<(&'static str, String)>) {
    let text = std::str::from_utf8(envelope).unwrap();
    let parsed = serde_json::from_str::<Members>(text).unwrap().0;
    let parsed = parsed.iter().map(|(key, value)| (key.get().trim_matches('"'), value.get().to_owned()));
    assert_eq!(parsed.collect::<Vec<_>>(), members);

    let mut in_string = false;
    let mut escaped = false;
    for byte in envelope {
        assert!(*byte >= b' ', "a control character in {text}");
        assert!(in_string || *byte != b' ', "white space in {text}");
        in_string ^= *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
    }
    assert_eq!(text, object(members));
}

// ---------------------------------------------------------------- the same in other words

/// Makes up its mind by a list of numbers, so that a shorter list of smaller numbers makes plainer envelopes.
#[derive(Clone, Debug)]
struct Speller {
    choices: Vec<u8>,
    made: usize,
}

fn any_taste() -> impl Strategy<Value = Speller> {
    vec(any::<u8>(), 0..100).prop_map(|choices| Speller { choices, made: 0 })
}

impl Speller {
    /// A number below `count`; 0 is the plain choice.
    fn pick(&mut self, count: usize) -> usize {
        if self.choices.is_empty() {
            return 0;
        }
        let round = self.made / self.choices.len();
        let choice = self.choices[self.made % self.choices.len()];
        self.made += 1;
        // Odd factors make each round another one, and leave 0 what it is.
        usize::from(choice.wrapping_mul((2 * round + 1) as u8)) % count
    }

    fn space(&mut self) -> &'static str {
        ["", "", "", " ", "\n", "\t", "\r\n", "  \t "][self.pick(8)]
    }

    fn spaced(&mut self, spell: impl FnOnce(&mut Self) -> String) -> String {
        let before = self.space();
        let text = spell(self);
        format!("{before}{text}{}", self.space())
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            let other = place - self.pick(place + 1);
            items.swap(place, other);
        }
    }

    /// What stands between the quotes.
    fn content(&mut self, text: &str) -> String {
        let mut spelled = String::new();
        for character in text.chars() {
            let short = match character {
                '"' | '\\' => Some(character),
                '\u{8}' => Some('b'),
                '\t' => Some('t'),
                '\n' => Some('n'),
                '\u{c}' => Some('f'),
                '\r' => Some('r'),
                '/' if self.pick(3) == 1 => Some('/'),
                _ => None,
            };
            let choice = self.pick(6);
            match short {
                Some(short) if choice < 4 => spelled.extend(['\\', short]),
                _ if choice < 4 && character >= ' ' => spelled.push(character),
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        let digits = match self.pick(3) {
                            0 => format!("\\u{unit:04x}"),
                            1 => format!("\\u{unit:04X}"),
                            _ => format!("\\u{:02x}{:02X}", *unit >> 8, *unit & 0xFF),
                        };
                        spelled.push_str(&digits);
                    }
                }
            }
        }
        spelled
    }

    fn text(&mut self, text: &str) -> String {
        format!("\"{}\"", self.content(text))
    }

    fn list(&mut self, elements: Vec<String>) -> String {
        let elements = elements.into_iter().map(|element| self.spaced(|_| element)).collect::<Vec<_>>();
        if elements.is_empty() { format!("[{}]", self.space()) } else { format!("[{}]", elements.join(",")) }
    }

    fn object<K: AsRef<str>>(&mut self, members: Vec<(K, String)>) -> String {
        let mut spelled = Vec::new();
        for (key, value) in members {
            let key = self.text(key.as_ref());
            let key = self.spaced(|_| key);
            spelled.push(format!("{key}:{}", self.spaced(|_| value)));
        }
        if spelled.is_empty() { format!("{{{}}}", self.space()) } else { format!("{{{}}}", spelled.join(",")) }
    }

    fn tree(&mut self, tree: &Tree) -> String {
        match tree {
            Tree::Scalar(scalar) => scalar.clone(),
            Tree::Text(text) => self.text(text),
            Tree::List(elements) => {
                let elements = elements.iter().map(|element| self.tree(element)).collect();
                self.list(elements)
            }
            Tree::Object(members) => {
                let members = members.iter().map(|(key, value)| (key, self.tree(value))).collect();
                self.object(members)
            }
        }
    }

    /// Members in any order, with others among them that mean nothing.
    fn shuffled(
        &mut self,
        mut members: Vec<(&'static str, String)>,
        unknown: &[&'static str],
        extra: &[Tree],
    ) -> String {
        for tree in extra {
            if self.pick(4) != 0 {
                let key = unknown[self.pick(unknown.len())];
                members.push((key, self.tree(tree)));
            }
        }
        self.shuffle(&mut members);
        self.object(members)
    }

    /// The headers in their order. A number or boolean may stand without quotes.
    fn headers(&mut self, headers: &[(String, String)]) -> String {
        let mut members = Vec::new();
        for (name, value) in headers {
            let bare = matches!(serde_json::from_str(value), Ok(Value::Number(_) | Value::Bool(_)))
                && value.trim() == value.as_str()
                && self.pick(3) != 0;
            members.push((name, if bare { value.clone() } else { self.text(value) }));
        }
        self.object(members)
    }

    fn body(&mut self, body: &Body, extra: &[Tree]) -> Vec<(&'static str, String)> {
        let mut members = match body {
            Body::None => vec![],
            Body::Text(text) => vec![("data", self.text(text))],
            Body::Json(tree, text) => {
                // A string may be spelled anew. What else there is stays what it is, but for white space around it.
                let text = if let Tree::Text(_) = tree { self.tree(tree) } else { text.clone() };
                vec![("data", text)]
            }
            Body::Bytes(bytes) => {
                let base64 = self.text(&STANDARD.encode(bytes));
                let entry = vec![("key", self.text("data")), ("base64", base64)];
                let entry = self.shuffled(entry, &["Key", "data", "", "bytes", "base64 "], extra);
                vec![("__nativeBuffers__", self.list(vec![entry]))]
            }
        };
        if !matches!(body, Body::Bytes(_)) && self.pick(3) == 1 {
            members.push(("__nativeBuffers__", self.list(vec![])));
        }
        members
    }

    /// The call in other words, and the headers that it then has.
    fn call(&mut self, call: &Call, extra: &[Tree]) -> (String, Vec<(String, String)>) {
        let mut headers = call.headers.clone();
        let mut members = Vec::new();
        if let Some(service) = &call.service {
            let way = self.pick(3);
            if way != 1 {
                members.push(("service", self.text(service)));
            }
            if way != 0 {
                let name = ["X-WX-SERVICE", "x-wx-service", "X-wX-SerVice"][self.pick(3)];
                headers.truncate(63);
                let place = self.pick(headers.len() + 1);
                headers.insert(place, (name.to_owned(), service.clone()));
            }
        }
        if let Some(env) = &call.env {
            let env = vec![("env", self.text(env))];
            members.push(("config", self.shuffled(env, &["", "Env", "path", "envv", "timeout"], extra)));
        } else if self.pick(2) == 1 {
            members.push(("config", self.shuffled(vec![], &["ENV", "en"], extra)));
        }
        for (key, value) in [
            ("resourceAppid", &call.resource_appid),
            ("resourceEnv", &call.resource_env),
            ("path", &Some(call.path.clone())),
            ("callID", &call.call_id),
            ("dataType", &call.data_type),
        ] {
            if let Some(value) = value {
                members.push((key, self.text(value)));
            }
        }
        if call.data_type.is_none() && self.pick(3) == 1 {
            members.push(("dataType", self.text("json")));
        }
        if call.method != Method::Get || self.pick(2) == 1 {
            let mut name = call.method.as_str().to_owned();
            for place in 0..name.len() {
                if self.pick(2) == 1 {
                    name[place..=place].make_ascii_lowercase();
                }
            }
            members.push(("method", self.text(&name)));
        }
        if !headers.is_empty() || self.pick(2) == 1 {
            members.push(("header", self.headers(&headers)));
        }
        if let Some(timeout) = call.timeout {
            members.push(("timeout", timeout.to_string()));
        }
        if call.response_type == ResponseType::ArrayBuffer || self.pick(3) == 1 {
            members.push(("responseType", self.text(call.response_type.as_str())));
        }
        members.extend(self.body(&call.body, extra));
        let unknown = [
            "verbose",
            "followRedirect",
            "",
            "Path",
            "PATH",
            "path ",
            "pat",
            "paths",
            "env",
            "callId",
            "statusCode",
            "errCode",
            "cookies",
            "__nativeBuffers__x",
            "__nativeBuffers_",
            "\u{0}path",
            "p\u{1}",
            "路径",
        ];
        let envelope = self.spaced(|speller| speller.shuffled(members, &unknown, extra));
        (envelope, headers)
    }

    fn answer(&mut self, answer: &Answer, extra: &[Tree]) -> String {
        let mut members = Vec::new();
        match answer {
            Answer::Response { status, headers, cookies, body, call_id, err_msg } => {
                members.push(("statusCode", status.to_string()));
                if !headers.is_empty() || self.pick(2) == 1 {
                    members.push(("header", self.headers(headers)));
                }
                if !cookies.is_empty() || self.pick(2) == 1 {
                    let cookies = cookies.iter().map(|cookie| self.text(cookie)).collect();
                    members.push(("cookies", self.list(cookies)));
                }
                if let Some(call_id) = call_id {
                    members.push(("callID", self.text(call_id)));
                }
                if err_msg.is_some() || self.pick(2) == 1 {
                    members.push(("errMsg", self.text(err_msg.as_deref().unwrap_or(OK))));
                }
                for key in ["errCode", "errno"] {
                    if self.pick(3) == 1 {
                        members.push((key, "0".to_owned()));
                    }
                }
                members.extend(self.body(body, extra));
            }
            Answer::Failure { code, err_msg, call_id } => {
                // Both may name a code. That of `errCode` counts, unless it says that all is well.
                match self.pick(if *code == 0 { 2 } else { 4 }) {
                    0 => members.push(("errCode", code.to_string())),
                    1 => members.push(("errno", code.to_string())),
                    2 => members.extend([("errCode", code.to_string()), ("errno", "-5".to_owned())]),
                    _ => members.extend([("errno", code.to_string()), ("errCode", "0".to_owned())]),
                }
                members.push(("errMsg", self.text(err_msg)));
                if let Some(call_id) = call_id {
                    members.push(("callID", self.text(call_id)));
                }
                // What else a failure brings along is read and dropped; with a code of 0 a status makes a success.
                if *code != 0 && self.pick(2) == 1 {
                    members.push(("statusCode", "502".to_owned()));
                    members.push(("header", self.headers(&[("A".to_owned(), "7".to_owned())])));
                    members.push(("data", "[null]".to_owned()));
                }
            }
        }
        let unknown =
            ["path", "config", "", "status", "StatusCode", "errmsg", "errNo", "errCodes", "__nativeBuffers__ "];
        self.spaced(|speller| speller.shuffled(members, &unknown, extra))
    }
}

fn any_extra() -> impl Strategy<Value = Vec<Tree>> {
    vec(any_tree(), 0..3)
}

// ---------------------------------------------------------------- envelopes

/// A request of the parts that another one gives.
fn rebuilt_request<'a>(found: &Request<'a>) -> Request<'a> {
    let mut request = Request::new(found.path())
        .with_method(found.method())
        .with_headers(found.headers())
        .with_data(found.data())
        .with_timeout(found.timeout())
        .with_data_type(found.data_type())
        .with_response_type(found.response_type());
    if let Some(env) = found.env() {
        request = request.with_env(env);
    }
    if let Some(appid) = found.resource_appid() {
        request = request.with_resource_appid(appid);
    }
    if let Some(env) = found.resource_env() {
        request = request.with_resource_env(env);
    }
    if let Some(service) = found.service() {
        request = request.with_service(service);
    }
    if let Some(call_id) = found.call_id() {
        request = request.with_call_id(call_id);
    }
    request
}

/// The same of a reply. What a failure says in its message alone is not said once more.
fn rebuilt_reply<'a>(found: &Reply<'a>, answer: &Answer) -> Reply<'a> {
    match found {
        Reply::Response(found) => {
            let response = Response::new(found.status())
                .with_headers(found.headers())
                .with_cookies(found.cookies())
                .with_data(found.data())
                .with_err_msg(found.err_msg());
            found.call_id().map_or(response, |call_id| response.with_call_id(call_id)).into()
        }
        Reply::Failure(found) => {
            let failure =
                found.code().map_or(Failure::from_err_msg(found.err_msg()), |code| Failure::new(code, found.err_msg()));
            match answer {
                Answer::Failure { call_id: None, .. } => failure.into(),
                _ => found.call_id().map_or(failure, |call_id| failure.with_call_id(call_id)).into(),
            }
        }
    }
}

/// Encodes into a buffer of just the length, and into none that is shorter.
macro_rules! encoded {
    ($value:expr) => {{
        let length = $value.encoded_len().unwrap();
        assert_eq!($value.validate(), Ok(()));
        let mut buffer = vec![0xAA; length];
        assert_eq!($value.encode(&mut buffer).unwrap().len(), length);
        let mut larger = vec![0xAA; length + 7];
        assert_eq!($value.encode(&mut larger).unwrap(), buffer, "it says the same every time");
        assert_eq!(larger[length..], [0xAA; 7], "what follows is left alone");
        for short in [length - 1, length / 2, 0] {
            let error = $value.encode(&mut larger[..short]).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (ErrorKind::BufferTooSmall, short));
        }
        buffer
    }};
}

proptest! {
    #[test]
    fn a_request_comes_back_as_it_was(mut call in any_call(), in_header in any::<bool>()) {
        if let (true, Some(service)) = (in_header, &call.service) {
            call.headers.truncate(63);
            call.headers.push(("X-Wx-Service".to_owned(), service.clone()));
        }
        let headers = pairs(&call.headers);
        let request = request_of(&call, &headers);
        let without_body = Call { body: Body::None, ..call.clone() };
        assert_request(&request.with_data(Data::None), &without_body, &call.headers);
        let envelope = encoded!(request);
        assert_envelope(&envelope, request_members(&call, &call.headers));

        let found = Request::decode(&envelope).unwrap();
        assert_request(&found, &call, &call.headers);
        assert_eq!(found, request);
        assert_eq!(request, found);
        assert_envelope(&encoded!(found), request_members(&call.settled(), &call.headers));
    }

    #[test]
    fn a_reply_comes_back_as_it_was(answer in any_answer()) {
        let (headers, cookies) = match &answer {
            Answer::Response { headers, cookies, .. } => (pairs(headers), strs(cookies)),
            Answer::Failure { .. } => (vec![], vec![]),
        };
        let reply = reply_of(&answer, &headers, &cookies);
        let envelope = encoded!(reply);
        assert_envelope(&envelope, reply_members(&answer));

        let found = Reply::decode(&envelope).unwrap();
        assert_reply(&found, &answer);
        assert_eq!(found, reply);
        assert_eq!(reply, found);
        assert_envelope(&encoded!(found), reply_members(&answer.settled()));
    }

    #[test]
    fn a_request_in_other_words_is_the_same(
        call in foreign_call(), extra in any_extra(), one in any_taste(), two in any_taste(),
    ) {
        let mut speller = one;
        let (foreign, headers) = speller.call(&call, &extra);
        prop_assert!(serde_json::from_str::<Members>(&foreign).is_ok(), "{foreign}");
        let found = Request::decode(foreign.as_bytes()).map_err(|error| format!("{error} of {foreign}")).unwrap();
        assert_request(&found, &call, &headers);

        // Encoded again it is what its own builder would have made, and stays that.
        let envelope = encoded!(found);
        let again = Request::decode(&envelope).unwrap();
        let kept = call.settled();
        assert_envelope(&envelope, request_members(&kept, &headers));
        assert_request(&again, &kept, &headers);
        assert_eq!(encoded!(again), envelope);
        let rebuilt = rebuilt_request(&found);
        assert_eq!(rebuilt, found);
        assert_eq!(encoded!(rebuilt), envelope, "of parts that were decoded");
        let late = call.timeout.is_some_and(|timeout| timeout > 15_000);
        assert_eq!(again == found, !late, "a timeout without effect is left out");

        // And in yet other words it is still the same.
        let mut speller = two;
        let (foreign, other_headers) = speller.call(&call, &extra);
        let other = Request::decode(foreign.as_bytes()).unwrap();
        assert_request(&other, &call, &other_headers);
        assert_eq!(other == found, other_headers == headers);
    }

    #[test]
    fn a_reply_in_other_words_is_the_same(answer in any_answer(), extra in any_extra(), one in any_taste(), two in any_taste()) {
        let mut speller = one;
        let foreign = speller.answer(&answer, &extra);
        prop_assert!(serde_json::from_str::<Members>(&foreign).is_ok(), "{foreign}");
        let found = Reply::decode(foreign.as_bytes()).map_err(|error| format!("{error} of {foreign}")).unwrap();
        assert_reply(&found, &answer);

        let envelope = encoded!(found);
        assert_envelope(&envelope, reply_members(&answer.settled()));
        let again = Reply::decode(&envelope).unwrap();
        assert_reply(&again, &answer);
        assert_eq!(encoded!(again), envelope);
        assert_eq!(again, found);
        let rebuilt = rebuilt_reply(&found, &answer);
        assert_eq!(rebuilt, found);
        assert_eq!(encoded!(rebuilt), envelope, "of parts that were decoded");

        let mut speller = two;
        let foreign = speller.answer(&answer, &extra);
        assert_eq!(Reply::decode(foreign.as_bytes()).unwrap(), found);
    }
}

/// Everything else being equal, a difference in any one part makes two requests differ, and two replies.
#[test]
fn a_difference_in_any_part_is_a_difference() {
    let json = |text| Data::Json(Json::new(text).unwrap());
    let base = Request::new("/a").with_env("e").with_headers(&[("A", "1"), ("B", "2")]).with_data("1".into());
    let others = [
        Request::new("/b").with_env("e").with_headers(&[("A", "1"), ("B", "2")]).with_data("1".into()),
        base.with_env("f"),
        base.with_resource("", ""),
        base.with_resource("r", "").with_env("e"),
        base.with_service(""),
        base.with_service("s"),
        base.with_method(Method::Put),
        base.with_headers(&[]),
        base.with_headers(&[("A", "1")]),
        base.with_headers(&[("B", "2"), ("A", "1")]),
        base.with_headers(&[("a", "1"), ("B", "2")]),
        base.with_headers(&[("A", "1"), ("B", "3")]),
        base.with_data(Data::None),
        base.with_data("2".into()),
        base.with_data(json("1")),
        base.with_data(json("[1]")),
        base.with_data(json("[10]")),
        base.with_data(json("[1,0]")),
        base.with_data(json("[\"1 0\"]")),
        base.with_data(json("[\"10 \"]")),
        base.with_data(json("[\" 10\"]")),
        base.with_data(b"1".as_slice().into()),
        base.with_data(b"2".as_slice().into()),
        base.with_data(b"".as_slice().into()),
        base.with_timeout(1),
        base.with_timeout(2),
        base.with_data_type("text".into()),
        base.with_data_type("".into()),
        base.with_response_type(ResponseType::ArrayBuffer),
        base.with_call_id(""),
        base.with_call_id("1"),
    ];
    let all = others.iter().chain([&base]).copied().collect::<Vec<_>>();
    assert_all_differ(&all, |request, buffer| request.encode(buffer).unwrap().len(), Request::decode);

    let base = Response::new(200).with_headers(&[("A", "1")]).with_cookies(&["a", "b"]);
    let failure = Failure::new(ErrorCode(1), "m");
    let all = [
        base.into(),
        Response::new(201).with_headers(&[("A", "1")]).with_cookies(&["a", "b"]).into(),
        base.with_headers(&[("A", "2")]).into(),
        base.with_cookies(&[]).into(),
        base.with_cookies(&["b", "a"]).into(),
        base.with_cookies(&["a"]).into(),
        base.with_data("".into()).into(),
        base.with_data(json("null")).into(),
        base.with_call_id("").into(),
        base.with_call_id("1").into(),
        base.with_err_msg("").into(),
        base.with_err_msg("cloud.callContainer:OK").into(),
        failure.into(),
        Failure::new(ErrorCode(2), "m").into(),
        Failure::new(ErrorCode(1), "").into(),
        failure.with_call_id("").into(),
        failure.with_call_id("1").into(),
    ];
    assert_all_differ(&all, |reply: &Reply<'_>, buffer| reply.encode(buffer).unwrap().len(), Reply::decode);
}

/// Built or decoded, each of these equals itself and nothing else.
fn assert_all_differ<'a, T: PartialEq + fmt::Debug>(
    all: &[T],
    encode: impl Fn(&T, &mut [u8]) -> usize,
    decode: impl Fn(&'a [u8]) -> Result<T, callcontainer::Error>,
) {
    let decoded = all.iter().map(|value| {
        let buffer = Box::leak(vec![0; 512].into_boxed_slice());
        let length = encode(value, buffer);
        decode(&buffer[..length]).unwrap()
    });
    let decoded = decoded.collect::<Vec<_>>();
    for (place, one) in all.iter().enumerate() {
        for (other_place, other) in all.iter().enumerate() {
            let same = place == other_place;
            assert_eq!(one == other, same, "{one:?} {other:?}");
            assert_eq!(*one == decoded[other_place], same, "{one:?} {other:?}");
            assert_eq!(decoded[place] == decoded[other_place], same, "{one:?} {other:?}");
        }
    }
}

/// A `dataType` of `json` is the default, whichever way it was made.
#[test]
fn the_default_data_type_in_other_words() {
    let request = Request::new("/").with_env("e");
    let other = request.with_data_type(DataType::Other(Text::new("json")));
    assert_eq!(other, request);
    let envelope = br#"{"path":"/","dataType":"\u006ason","config":{"env":"e"}}"#;
    let found = Request::decode(envelope).unwrap();
    assert_eq!((found, found.data_type()), (request, DataType::Json));
    let mut buffer = [0; 128];
    assert_eq!(Request::decode(other.encode(&mut buffer).unwrap()).unwrap().data_type(), DataType::Json);
}

/// Only a decoder can make a failure without a code of its own. It stays one.
#[test]
fn a_failure_whose_code_stands_in_its_message() {
    let envelope = br#"{"errMsg":"cloud.callContainer:fail -405005 gave up (callId: 7-0.5)"}"#;
    let reply = Reply::decode(envelope).unwrap();
    let Reply::Failure(failure) = reply else { panic!() };
    assert_eq!(failure.code(), Some(ErrorCode::POLL_RETRY_EXCEEDED));
    assert_eq!(failure.call_id().unwrap(), "7-0.5");
    assert_eq!(failure.message().text(), "gave up");
    assert_eq!(failure.retry(Method::Get), ErrorCode::POLL_RETRY_EXCEEDED.retry(Method::Get));
    assert_eq!(encoded!(reply), envelope);

    let Reply::Failure(failure) = Reply::decode(br#"{"errMsg":"?"}"#).unwrap() else { panic!() };
    assert_eq!((failure.code(), failure.call_id(), failure.retry(Method::Get)), (None, None, None));
}

/// The inside of a JSON string, which a rule may refuse.
fn any_span() -> impl Strategy<Value = String> {
    let fine = ["a", "é", "😀", "\\/", "\\u0041", "\\\"", "\\ud83d\\ude00"];
    let refused = [" ", "\u{7F}", "\\u0020", "\\t", "\\u0000", "\\u007f", r"\u0061".repeat(130).leak()];
    let start = select(vec!["/", "/", "\\u002F", ""]);
    let fine = vec(select(fine.to_vec()), 0..4).prop_map(|atoms| atoms.concat());
    let refused = prop_oneof![7 => Just(""), 1 => select(refused.to_vec())];
    (start, fine, refused).prop_map(|(start, fine, refused)| format!("{start}{fine}{refused}"))
}

/// Headers in JSON, of which a request may not have all.
fn any_header_object() -> impl Strategy<Value = String> {
    let name = select(vec!["a", "B", "content-type", "X-WX-SERVICE", "x-wx-\\u0053ervice", "Referer", "re\\u0046erer"]);
    let value =
        prop_oneof![Just("s".to_owned()), Just("\\u0073".to_owned()), Just("a\\tb".to_owned()), Just("s".repeat(129))];
    vec((name, value), 0..3).prop_map(|headers| {
        let members = headers.iter().map(|(name, value)| format!(r#""{name}":"{value}""#)).collect::<Vec<_>>();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    /// Whatever its parts come from, a request is encoded if the same in JSON is decoded, and says the same.
    #[test]
    fn a_request_of_parts_of_any_origin(
        path in any_span(),
        texts in [option::of(any_span()), option::of(any_span()), option::of(any_span()), option::of(any_span())],
        service in option::of(prop_oneof![Just("s".to_owned()), any_span()]),
        headers in any_header_object(),
        of_reply in any::<bool>(),
    ) {
        let other = if of_reply {
            format!(r#"{{"statusCode":200,"header":{headers}}}"#)
        } else {
            format!(r#"{{"config":{{"env":"e"}},"path":"/","header":{headers}}}"#)
        };
        let decoded_headers = if of_reply {
            match Reply::decode(other.as_bytes()) {
                Ok(Reply::Response(response)) => Some(response.headers()),
                _ => None,
            }
        } else {
            Request::decode(other.as_bytes()).ok().map(|request| request.headers())
        };
        prop_assume!(decoded_headers.is_some());

        let text = |span| Text::from_escaped(span).unwrap();
        let mut request = Request::new(text(&path)).with_headers(decoded_headers.unwrap());
        let mut json = format!(r#"{{"header":{headers},"path":"{path}""#);
        let [env, resource, call_id, data] = &texts;
        if let Some(env) = env {
            request = request.with_env(text(env));
            json += &format!(r#","config":{{"env":"{env}"}}"#);
        }
        if let Some(resource) = resource {
            request = request.with_resource(text(resource), text(resource));
            json += &format!(r#","resourceAppid":"{resource}","resourceEnv":"{resource}""#);
        }
        if let Some(service) = &service {
            request = request.with_service(text(service));
            json += &format!(r#","service":"{service}""#);
        }
        if let Some(call_id) = call_id {
            request = request.with_call_id(text(call_id)).with_data_type(text(call_id).into());
            json += &format!(r#","callID":"{call_id}","dataType":"{call_id}""#);
        }
        if let Some(data) = data {
            request = request.with_data(text(data).into());
            json += &format!(r#","data":"{data}""#);
        }
        json.push('}');

        let mut buffer = vec![0; 4096];
        let encoded = request.encode(&mut buffer);
        prop_assert_eq!(request.validate(), encoded.map(drop));
        prop_assert_eq!(request.encoded_len(), encoded.map(<[u8]>::len));
        match (Request::decode(json.as_bytes()), encoded) {
            (Ok(decoded), Ok(encoded)) => {
                prop_assert_eq!(decoded, request);
                prop_assert_eq!(Request::decode(encoded).unwrap(), request);
            }
            (decoded, encoded) => prop_assert!(decoded.is_err() && encoded.is_err(), "{json}: {encoded:?}"),
        }
    }
}

// ---------------------------------------------------------------- texts

/// What a text gives to a hasher, write by write, since a hasher may tell two writes from one.
fn hashed(text: Text<'_>) -> Vec<Vec<u8>> {
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Hasher for Writes {
        fn finish(&self) -> u64 {
            0
        }

        fn write(&mut self, bytes: &[u8]) {
            self.0.push(bytes.to_vec());
        }
    }

    let mut writes = Writes::default();
    text.hash(&mut writes);
    writes.0
}

proptest! {
    #[test]
    fn texts_are_ordered_as_strings(texts in any::<[prop::sample::Index; 2]>(), near in any_text(6), others in [any_text(6), any_text(6)], mut speller in any_taste()) {
        // Some are the same, and some begin another.
        let longer = format!("{near}{}", others[0]);
        let all = [&near, &longer, &others[0], &others[1]];
        let [one, two] = texts.map(|text| all[text.index(all.len())].as_str());
        let spans = [one, two].map(|text| speller.content(text));
        let [escaped, other] = [&spans[0], &spans[1]].map(|span| Text::from_escaped(span).unwrap());
        for left in [Text::new(one), escaped] {
            for right in [Text::new(two), other] {
                prop_assert_eq!(left.cmp(&right), one.cmp(two));
                prop_assert_eq!(left.partial_cmp(&right), Some(one.cmp(two)));
                prop_assert_eq!(left == right, one == two);
                prop_assert_eq!(hashed(left) == hashed(right), one == two);
            }
        }
    }
}

proptest! {
    #[test]
    fn a_text_is_what_serde_json_reads(expected in any_text(30), mut speller in any_taste(), ends in any::<[prop::sample::Index; 2]>()) {
        let span = speller.content(&expected);
        prop_assert_eq!(&serde_json::from_str::<String>(&format!("\"{span}\"")).unwrap(), &expected);
        let text = Text::from_escaped(&span).unwrap();
        let plain = Text::new(&expected);

        assert_eq!(text.as_raw(), span.as_bytes());
        assert_eq!(plain.as_raw(), expected.as_bytes());
        let unescaped = (!span.contains('\\')).then_some(span.as_str());
        assert_eq!(text.as_str(), unescaped);
        assert_eq!(text.as_bytes(), unescaped.map(str::as_bytes));
        assert_eq!((plain.as_str(), plain.as_bytes()), (Some(expected.as_str()), Some(expected.as_bytes())));

        for text in [text, plain] {
            assert_eq!(decoded(text), expected);
            assert_eq!(text.decoded_len(), expected.len());
            assert_eq!(text.encoded_len(), quoted(&expected).len() - 2);
            assert_eq!(text.is_empty(), expected.is_empty());
            assert!(text.chars().eq(expected.chars()));
            assert!(text.char_indices().map(|(_, character)| character).eq(expected.chars()));
            let mut characters = text.char_indices();
            for left in (0..=expected.chars().count()).rev() {
                let (least, most) = characters.size_hint();
                assert!(least <= left && most.is_some_and(|most| left <= most), "{left} in {text:?}");
                assert_eq!(characters.next().is_some(), left > 0);
            }
            assert_eq!((characters.size_hint(), characters.next()), ((0, Some(0)), None));
            assert_eq!(text.cmp(&plain), Ordering::Equal);
            assert_eq!(hashed(text), hashed(plain));
            assert_eq!(text.to_string(), expected);
            let mut buffer = vec![0; expected.len() + 3];
            assert_eq!(text.decode(&mut buffer).unwrap(), expected);
            for short in 0..expected.len() {
                let error = text.decode(&mut buffer[..short]).unwrap_err();
                assert_eq!((error.kind(), error.offset()), (ErrorKind::BufferTooSmall, short));
            }
        }
        // Debug shows no escapes of the envelope.
        assert_eq!(format!("{text:?}"), format!("{plain:?}"));

        // Each character stands where it is said to, and so does each slice.
        let indices = text.char_indices().collect::<Vec<_>>();
        let mut places = indices.iter().map(|(place, _)| *place).chain([span.len()]).collect::<Vec<_>>();
        let mut rest = String::new();
        for (place, (start, character)) in indices.iter().enumerate() {
            let raw = &span[*start..places[place + 1]];
            assert_eq!(serde_json::from_str::<String>(&format!("\"{raw}\"")).unwrap(), character.to_string());
            rest.push(*character);
        }
        assert_eq!(rest, expected);
        let mut ends = ends.map(|end| end.index(places.len()));
        ends.sort_unstable();
        let [first, last] = ends;
        let slice = text.slice(places[first]..places[last]).unwrap();
        assert_eq!(slice.as_raw(), &span.as_bytes()[places[first]..places[last]]);
        assert_eq!(decoded(slice), indices[first..last].iter().map(|(_, character)| *character).collect::<String>());
        assert_eq!(slice.as_str().is_some(), !span[places[first]..places[last]].contains('\\'));
        if first < last {
            // What is the wrong way around has no range to say so, but for this.
            #[allow(clippy::reversed_empty_ranges)]
            let backwards = places[last]..places[first];
            assert!(text.slice(backwards).is_none());
        }
        assert!(text.slice(places[first]..span.len() + 1).is_none());
        places.extend([span.len()]);
        for inside in (0..span.len()).filter(|place| !span.is_char_boundary(*place)) {
            assert!(text.slice(inside..span.len()).is_none());
            assert!(text.slice(0..inside).is_none());
        }
    }

    #[test]
    fn texts_are_equal_when_what_they_say_is(
        one in any_text(8), other in any_text(3), mut speller in any_taste(), cut in any::<prop::sample::Index>(),
    ) {
        let mut others = vec![one.clone(), other.clone(), format!("{one}{other}"), format!("{other}{one}")];
        let cut = one.char_indices().map(|(place, _)| place).nth(cut.index(one.chars().count() + 1)).unwrap_or(one.len());
        others.extend([one[..cut].to_owned(), one[cut..].to_owned(), format!("{}{other}{}", &one[..cut], &one[cut..])]);
        // What is written must not be taken for what it says.
        others.push(speller.content(&one));
        let span = speller.content(&one);
        for other in others {
            let other_span = speller.content(&other);
            let same = one == other;
            for left in [Text::new(&one), Text::from_escaped(&span).unwrap()] {
                for right in [Text::new(&other), Text::from_escaped(&other_span).unwrap()] {
                    assert_eq!(left == right, same, "{left:?} {right:?}");
                }
                assert_eq!(left == other.as_str(), same);
                assert_eq!(left == *other.as_str(), same);
            }
        }
    }

    /// What `serde_json` refuses is refused, and what it accepts is accepted.
    #[test]
    fn spans_are_accepted_as_serde_json_does(
        parts in vec(select(vec!["\\", "u", "\\ud83d", "\\uDE00", "\\udbff", "\\udc00", "d800", "0041", "\"", "n", "/", "x", "é", "\n", "\u{7f}", "\\u00", "g"]), 0..7),
    ) {
        let span = parts.concat();
        let expected = serde_json::from_str::<String>(&format!("\"{span}\"")).ok();
        let found = Text::from_escaped(&span).ok().map(decoded);
        prop_assert_eq!(found, expected, "{}", span);
    }
}

// ---------------------------------------------------------------- JSON and bytes

proptest! {
    #[test]
    fn json_without_white_space_is_what_serde_json_makes_of_it(tree in any_tree(), one in any_taste(), two in any_taste()) {
        let [one, two] = [one, two].map(|mut speller| speller.spaced(|speller| speller.tree(&tree)));
        let json = Json::new(&one).unwrap();
        assert_eq!((json.as_str(), json.as_bytes()), (one.as_str(), one.as_bytes()));
        let shortest = minified(&one);
        assert_eq!(json.encoded_len(), shortest.len());
        assert_eq!(json, Json::new(&shortest).unwrap());
        assert_eq!(json.to_string(), one);
        // White space does not make a difference; a string that is spelled otherwise does.
        assert_eq!(json == Json::new(&two).unwrap(), shortest == minified(&two));
        let value = serde_json::from_slice::<Value>(&without_halves(shortest.as_bytes())).unwrap();
        assert_eq!(value, serde_json::from_slice::<Value>(&without_halves(two.as_bytes())).unwrap());

        // A JSON string is text, anything else stays as it is.
        match (Data::from(json), &value) {
            (Data::Text(text), Value::String(expected)) => assert_eq!(decoded(text), *expected),
            (Data::Json(found), Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                assert_eq!(found.as_str(), one);
            }
            (found, _) => panic!("{found:?}"),
        }
        assert_eq!(Data::from(json), Data::Json(json));
    }

    #[test]
    fn bytes_are_what_base64_makes_of_them(expected in vec(any::<u8>(), 0..40), mut speller in any_taste(), other in vec(any::<u8>(), 0..3)) {
        let base64 = STANDARD.encode(&expected);
        let plain = Bytes::new(&expected);
        let encoded = Bytes::from_base64(&base64).unwrap();
        let envelope = format!(
            r#"{{"statusCode":200,"__nativeBuffers__":[{{"base64":{},"key":"data"}}]}}"#, speller.text(&base64)
        );
        let Reply::Response(response) = Reply::decode(envelope.as_bytes()).unwrap() else { panic!() };
        let Data::Bytes(escaped) = response.data() else { panic!() };
        assert_eq!(plain.as_slice(), Some(expected.as_slice()));
        assert!(plain.as_base64().is_none());
        for bytes in [encoded, escaped] {
            assert!(bytes.as_slice().is_none());
            assert_eq!(decoded(bytes.as_base64().unwrap()), base64);
        }
        for bytes in [plain, encoded, escaped] {
            assert_eq!(bytes.decoded_len(), expected.len());
            let mut buffer = vec![0xAA; expected.len() + 1];
            assert_eq!(bytes.decode(&mut buffer).unwrap(), expected);
            assert_eq!(buffer[expected.len()], 0xAA);
            for short in 0..expected.len() {
                let error = bytes.decode(&mut buffer[..short]).unwrap_err();
                assert_eq!((error.kind(), error.offset()), (ErrorKind::BufferTooSmall, short));
            }
            for twin in [plain, encoded, escaped] {
                assert_eq!(bytes, twin);
            }
            let longer = [expected.as_slice(), &other].concat();
            assert_eq!(bytes == Bytes::new(&longer), other.is_empty());
            assert_eq!(Bytes::new(&longer) == bytes, other.is_empty());
            assert_eq!(bytes == Bytes::from_base64(&STANDARD.encode(&longer)).unwrap(), other.is_empty());
            assert_eq!(bytes == Bytes::new(&other), expected == other);
        }
    }

    #[test]
    fn base64_is_accepted_as_base64_does(text in prop_oneof![
        "[AQgwZz+/=]{0,9}",
        "[A-Za-z0-9+/]{0,9}={0,3}",
        "[A-Za-z0-9+/=_ \n,é-]{0,9}",
    ], mut speller in any_taste()) {
        let expected = STANDARD.decode(&text).ok();
        let envelope = format!(
            r#"{{"statusCode":200,"__nativeBuffers__":[{{"base64":{},"key":"data"}}]}}"#, speller.text(&text)
        );
        let in_envelope = Reply::decode(envelope.as_bytes()).ok().map(|reply| match reply {
            Reply::Response(response) => response.data(),
            Reply::Failure(failure) => panic!("{failure:?}"),
        });
        for found in [Bytes::from_base64(&text).ok(), in_envelope.map(|data| match data {
            Data::Bytes(bytes) => bytes,
            other => panic!("{other:?}"),
        })] {
            let found = found.map(|bytes| bytes.decode(&mut vec![0; bytes.decoded_len()]).unwrap().to_vec());
            prop_assert_eq!(&found, &expected, "{}", text);
        }
    }

    #[test]
    fn a_body_becomes_what_the_platform_makes_of_it(
        body in prop_oneof![
            any_tree().prop_map(|tree| Speller { choices: vec![], made: 0 }.tree(&tree).into_bytes()),
            any_text(10).prop_map(String::into_bytes),
            vec(any::<u8>(), 0..10),
        ],
        marked in any::<bool>(),
        data_type in select(vec!["json", "text", "", "JSON"]),
    ) {
        let body = if marked { ["\u{feff}".as_bytes(), &body].concat() } else { body };
        let bytes = Data::from_body(&body, data_type.into(), ResponseType::ArrayBuffer).unwrap();
        prop_assert!(matches!(bytes, Data::Bytes(bytes) if bytes.as_slice() == Some(&body)));

        let start = if body.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        let found = Data::from_body(&body, data_type.into(), ResponseType::Text);
        match std::str::from_utf8(&body[start..]) {
            Err(error) => {
                let expected = callcontainer::Error::new(ErrorKind::InvalidUtf8, start + error.valid_up_to());
                prop_assert_eq!(found, Err(expected));
            }
            Ok(text) => match serde_json::from_str::<&RawValue>(text) {
                Ok(value) if data_type == "json" => match (found.unwrap(), serde_json::from_str::<String>(text)) {
                    (Data::Text(found), Ok(expected)) => prop_assert_eq!(decoded(found), expected),
                    (Data::Json(found), Err(_)) => prop_assert_eq!(found.as_str().trim_ascii(), value.get()),
                    (found, _) => panic!("{found:?}"),
                },
                _ => prop_assert!(matches!(found.unwrap(), Data::Text(found) if found.as_str() == Some(text))),
            },
        }
    }
}
