//! All cases in order.

use std::io;
use std::path::Path;

use callcontainer::{DataType, Method, REPLY_LIMIT, REQUEST_LIMIT, Request, ResponseType};
use serde_json::Value;

use crate::calls::{Setting, amended, bytes};
use crate::inputs::{self, Envelope};
use crate::responses::Response;

/// How many inputs are taken of the corpus of a target.
const LIMIT: usize = 1200;

pub fn all(root: &Path) -> io::Result<Vec<Value>> {
    let answers = inputs::answers(root, LIMIT)?;
    let mut envelopes = inputs::envelopes(root, LIMIT)?;
    envelopes.extend(hostile_envelopes());

    let mut cases = Vec::new();
    let mut add = |envelope: &Envelope, response: &dyn Fn(&Request<'_>) -> Response| {
        let number = cases.len();
        for setting in Setting::all(envelope, number) {
            let mut case = setting.given(number, envelope.bytes.len());
            case["name"] = envelope.name.as_str().into();
            case["body"] = bytes(&envelope.bytes);
            match setting.expected(&envelope.bytes, |request, call_id| response(request).case(request, call_id)) {
                Ok((request, answer, reply)) => {
                    case["request"] = request;
                    case["answer"] = answer;
                    case["reply"] = reply;
                }
                Err(failure) => case["refused"] = failure,
            }
            cases.push(case);
        }
    };

    // Each call gets the next answer.
    let mut next = answers.iter().cycle();
    for (number, envelope) in envelopes.iter().enumerate() {
        let answer = next.next();
        let response = |request: &Request<'_>| match answer {
            Some(answer) => Response::of_wire(&answer.bytes, request.method() == Method::Head),
            None => Response::new("204", &[], Vec::new()),
        };
        add(envelope, &response);
        if let Some(envelope) = amended(envelope, number) {
            add(&envelope, &response);
        }
    }
    // And each answer a call that it is for.
    for (number, answer) in answers.iter().enumerate() {
        let envelope = called(&answer.name, answer.how, number);
        add(&envelope, &|request| Response::of_wire(&answer.bytes, request.method() == Method::Head));
    }
    for (number, (name, response)) in hostile_responses().into_iter().enumerate() {
        for how in [0, 2, 4] {
            add(&called(name, how, number), &|_| response.clone());
        }
        add(&called(name, 1, number), &|_| Response { body: Vec::new(), ..response.clone() });
    }
    Ok(cases)
}

/// The call whose answer is taken in this way: see `fuzz/src/container.rs`.
fn called(name: &str, how: u8, number: usize) -> Envelope {
    let call_id = format!("17-0.{number}");
    let mut request = Request::new("/").with_env("prod-01").with_service("shop");
    if how & 1 == 1 {
        request = request.with_method(Method::Head);
    }
    if how & 2 == 2 {
        request = request.with_response_type(ResponseType::ArrayBuffer);
    }
    if how & 4 == 4 {
        request = request.with_data_type(DataType::from("text"));
    }
    if how & 8 == 8 {
        request = request.with_call_id(call_id.as_str());
    }
    let mut buffer = vec![0; 1024];
    let bytes = request.encode(&mut buffer).expect("it is a small request").to_vec();
    Envelope { name: format!("{name} in answer"), bytes, told: None }
}

fn hostile_envelopes() -> Vec<Envelope> {
    let call = |members: &str| {
        format!(r#"{{"config":{{"env":"prod-01"}},"path":"/","service":"shop"{members}}}"#).into_bytes()
    };
    let post = |length: usize| {
        let empty = call(r#","method":"POST","data":"""#).len();
        call(&format!(r#","method":"POST","data":"{}""#, "a".repeat(length - empty)))
    };
    let timeout = |timeout: &str| call(&format!(r#","timeout":{timeout}"#));
    let mut many = String::from(r#","header":{"a":"b""#);
    (0..70).for_each(|at| many.push_str(&format!(r#","x-{at}":"{at}""#)));
    let mut all = vec![
        ("empty", Vec::new()),
        ("no object", b"[]".to_vec()),
        (
            "no UTF-8",
            call(",\"x\":\"\u{7f}\"").into_iter().map(|byte| if byte == 0x7f { 0xff } else { byte }).collect(),
        ),
        ("as long as may be", post(REQUEST_LIMIT)),
        ("a byte too long", post(REQUEST_LIMIT + 1)),
        ("twice too long", post(2 * REQUEST_LIMIT)),
        ("NUL", vec![0; 64]),
        ("deep", [b"[".repeat(5000), b"]".repeat(5000)].concat()),
        ("nested", call(&format!(r#","method":"POST","data":{}{}"#, "[".repeat(100), "]".repeat(100)))),
        ("many headers", call(&format!("{many}}}"))),
        ("CONNECT", call(r#","method":"CONNECT""#)),
        ("TRACE", call(r#","method":"TRACE""#)),
        ("a call ID that is none", call(r#","callID":"a\nb""#)),
        ("a call ID of UTF-8", call(r#","callID":"名-1""#)),
    ];
    all.extend(
        ["0", "1", "14999", "15000", "15001", "-1", "1e3", "null", "4294967296"].map(|it| ("a timeout", timeout(it))),
    );
    for method in Method::ALL {
        let data = [r#""text""#, r#"{"a":"b c"}"#, "[1,2]", "7", "null"];
        let data = data.map(|data| call(&format!(r#","method":"{}","data":{data}"#, method.as_str())));
        all.extend(data.map(|bytes| ("a method and data", bytes)));
    }
    all.into_iter().map(|(name, bytes)| Envelope { name: format!("hostile: {name}"), bytes, told: None }).collect()
}

fn hostile_responses() -> Vec<(&'static str, Response)> {
    let mut all = Vec::new();
    let statuses =
        ["", "abc", "-1", "0", "99", "100", "101", "199", "204", "205", "304", "999", "1000", "65536", "99999999999"];
    for status in statuses {
        all.push(("hostile: a status", Response::new(status, &[(b"a", b"b")], Vec::new())));
        all.push(("hostile: a status and a body", Response::new(status, &[], b"body".to_vec())));
    }
    all.push(("hostile: no status", Response { status: None, ..Response::new("", &[], b"7".to_vec()) }));
    for (name, value) in [
        (&b""[..], &b"a"[..]),
        (b"a b", b"c"),
        (b"x\xff", b"a"),
        (b"\xff\xfe", b"a"),
        (b"A", b"upper"),
        (b":path", b"/"),
        (b"a:", b"b"),
        (b"a", b"\0"),
        (b"a", b"b\r\nc: d"),
        (b"a", b"\n"),
        (b"a", b"\xff\xe5\x90\x8d \x80"),
        (b"a", b" \t"),
        (b"x-envoy-upstream-service-time", b"7"),
        (b"content-length", b"0"),
        (b"content-length", b"5"),
        (b"content-length", b"4, 4"),
        (b"content-length", b"x"),
        (b"content-length", b"18446744073709551616"),
        (b"content-length", b"5000000"),
        (b"content-encoding", b"gzip"),
        (b"content-encoding", b"identity"),
        (b"transfer-encoding", b"gzip, chunked"),
        (b"transfer-encoding", b"chunked"),
        (b"set-cookie", b"a=b; Path=/"),
        (b"connection", b"x-a, close"),
    ] {
        for status in ["200", "304", "500"] {
            let response = Response::new(status, &[(b"x-a", b"1"), (name, value)], b"body".to_vec());
            all.push(("hostile: a header", response.clone()));
            all.push(("hostile: a header without a body", Response { body: Vec::new(), ..response }));
        }
    }
    let long = "v".repeat(60_000);
    all.push(("hostile: a long value", Response::new("200", &[(b"a", long.as_bytes())], Vec::new())));
    all.push(("hostile: a long name", Response::new("200", &[(long.as_bytes(), b"a")], Vec::new())));
    for count in [64, 65, 128, 129, 5000] {
        let names: Vec<_> = (0..count).map(|at| format!("x-{at}")).collect();
        let headers: Vec<_> = names.iter().map(|name| (name.as_bytes(), &b"a"[..])).collect();
        all.push(("hostile: many headers", Response::new("200", &headers, Vec::new())));
        all.push((
            "hostile: many cookies",
            Response::new("200", &vec![(&b"set-cookie"[..], &b"a=b"[..]); count], Vec::new()),
        ));
    }
    for length in [REPLY_LIMIT - 100, REPLY_LIMIT - 64, REPLY_LIMIT, REPLY_LIMIT + 1, 2 * REPLY_LIMIT] {
        all.push(("hostile: a long body", Response::new("200", &[], vec![b'a'; length])));
    }
    let blanks = |length: usize| [&vec![b' '; length][..], b"{}"].concat();
    all.push(("hostile: white space", Response::new("200", &[], blanks(REPLY_LIMIT - 2))));
    all.push(("hostile: more white space", Response::new("200", &[], blanks(REPLY_LIMIT))));
    for details in [
        "upstream_response_timeout",
        "upstream_per_try_timeout",
        "stream_idle_timeout",
        "max_duration_timeout",
        "upstream_max_stream_duration_reached",
        "no_healthy_upstream",
        "route_not_found",
        "upstream_reset_before_response_started{connection_failure}",
        "cluster_not_found",
        "名",
    ] {
        all.push(("hostile: no response", Response::of_proxy(details)));
    }
    let mut via = Response::new("200", &[], b"7".to_vec());
    via.details = None;
    all.push(("hostile: nothing wrong", via));
    all
}
