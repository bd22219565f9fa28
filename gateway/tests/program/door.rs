use std::io::BufRead as _;

use serde_json::{Value, json};

use super::harness::{Gateway, OWN, PATIENCE, assert_failure, envelope, post_head};
use super::service::{echo, nobody};

#[test]
fn health() {
    let gateway = Gateway::start(nobody(), &[]);
    let answer = gateway.connect().ask("GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n");
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok\n"));
}

#[test]
fn what_is_no_call() {
    let gateway = Gateway::start(nobody(), &[]);
    for (request, status, allow) in [
        ("GET / HTTP/1.1\r\nHost: gateway\r\n\r\n", 405, Some("POST")),
        ("PUT / HTTP/1.1\r\nHost: gateway\r\nContent-Length: 0\r\n\r\n", 405, Some("POST")),
        ("POST /healthz HTTP/1.1\r\nHost: gateway\r\nContent-Length: 0\r\n\r\n", 405, Some("GET, HEAD")),
        ("POST /other HTTP/1.1\r\nHost: gateway\r\nContent-Length: 0\r\n\r\n", 404, None),
        ("GET /metrics HTTP/1.1\r\nHost: gateway\r\n\r\n", 404, None),
    ] {
        let answer = gateway.connect().ask(request);
        assert_eq!((answer.status, answer.header("allow")), (status, allow), "{request}");
    }
}

/// The failure for whoever is not known. Nobody has read the ID of the call.
fn unauthorized() -> Value {
    let message = "cloud.callContainer:fail Error: errCode: -501000 | errMsg: Authorization mismatch uin";
    json!({"errCode": -501_000, "errMsg": message})
}

#[test]
fn no_token_that_is_known() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let body = envelope("/", "");
    let length = format!("Content-Length: {}\r\n", body.len());
    for authorization in [
        "",
        "Authorization: Bearer nobody\r\n",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer \r\n",
        "Authorization: t-own\r\n",
        "Authorization: Basic t-own\r\n",
        "Authorization: Bearer t-ow\r\n",
        "Authorization: Bearer t-ownx\r\n",
        "Authorization: Bearer T-OWN\r\n",
        "Authorization: Bearer t-own\r\nAuthorization: Bearer t-own\r\n",
        "Authorization: Bearer t-own, Bearer t-own\r\n",
        "Authorization: Bearer \u{e9}\r\n",
    ] {
        let head = post_head(None, &format!("{authorization}{length}"));
        let answer = gateway.connect().ask(&(head + &body));
        assert_eq!(answer.status, 401, "{authorization}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.envelope(), unauthorized());
    }
    // The scheme is not case-sensitive (RFC 9110, section 11.1).
    let head = post_head(None, &format!("authorization: bEARER {OWN}\r\n{length}"));
    assert_eq!(gateway.connect().ask(&(head + &body)).envelope()["statusCode"], 200);
    assert_eq!(received.try_iter().count(), 1);
}

#[test]
fn envelopes_that_do_not_decode() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    for (envelope, code, text) in [
        ("", 40_097, "system error: "),
        ("{", 40_097, "system error: "),
        ("[]", 40_097, "system error: "),
        (r#"{"config":{"env":"prod-01"}}"#, -501_000, "Path access permission error"),
        (r#"{"config":{"env":"prod-01"},"path":"/a b"}"#, -501_000, "Path access permission error"),
        (r#"{"config":{"env":"prod-01"},"path":"/","method":"PATCH"}"#, 102_005, "无效的 HTTP Method"),
        (r#"{"config":{"env":"prod-01"},"path":"/","header":{"Referer":"x"}}"#, 40_097, "system error"),
        (r#"{"config":{"env":"prod-02"},"path":"/","service":"shop"}"#, -501_000, "Invalid host"),
        (r#"{"config":{"env":"prod-01"},"path":"/"}"#, -501_000, "Invalid host"),
        (r#"{"config":{"env":"prod-01"},"path":"/","service":"shops"}"#, -501_000, "Invalid host"),
        (r#"{"config":{"env":"prod-01"},"path":"/","service":"shop","method":"TRACE"}"#, 102_005, "无效的"),
        (r#"{"config":{"env":"prod-01"},"path":"/","service":"shop","method":"CONNECT"}"#, 102_005, "无效的"),
        (r#"{"config":{"env":"prod-01"},"path":"/","service":"shop","data":"x"}"#, 40_097, "system error"),
    ] {
        assert_failure(&gateway.call(Some(OWN), envelope), code, text);
    }
    assert_eq!(received.try_iter().count(), 0);
}

#[test]
fn call_ids() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    let reply = gateway.call(Some(OWN), &envelope("/", r#","callID":"1700000000000-0.25 \"é\"""#));
    assert_eq!(reply["callID"], "1700000000000-0.25 \"é\"");
    let new = || {
        let reply = gateway.call(Some(OWN), &envelope("/", ""));
        let call_id = reply["callID"].as_str().unwrap().to_owned();
        let (time, random) = call_id.split_once('-').unwrap();
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
        assert!(now - time.parse::<u128>().unwrap() < PATIENCE.as_millis(), "{call_id}");
        assert!(random.starts_with("0.") && (0.0..1.0).contains(&random.parse::<f64>().unwrap()), "{call_id}");
        call_id
    };
    assert_ne!(new(), new());
}

#[test]
fn many_calls_on_one_connection() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let mut connection = gateway.connect();
    for number in 0..20 {
        let text = format!("number {number}");
        let answer = connection.call(Some(OWN), &envelope("/", &format!(r#","method":"POST","data":"{text}""#)));
        assert_eq!(answer.envelope()["data"], text);
        // A call that is refused, and what is no call, do not end it.
        let refused = connection.call(Some(OWN), "{}");
        assert!(refused.envelope()["errCode"].is_i64());
        assert_eq!(connection.ask("GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n").status, 200);
    }
    assert_eq!(received.try_iter().count(), 20);
}

/// What comes behind a request is the next one, and answers keep the order.
#[test]
fn calls_in_a_row_without_waiting() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    let mut connection = gateway.connect();
    let mut requests = String::new();
    for number in 0..10 {
        let body = envelope("/", &format!(r#","method":"POST","data":"number {number}""#));
        requests += &post_head(Some(OWN), &format!("Content-Length: {}\r\n", body.len()));
        requests += &body;
    }
    connection.write(requests.as_bytes());
    for number in 0..10 {
        assert_eq!(connection.receive().envelope()["data"], format!("number {number}"));
    }
}

#[test]
fn a_chunked_call_one_byte_at_a_time() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    let body = envelope("/", r#","method":"POST","data":"in pieces""#);
    let chunks: String = body.chars().map(|character| format!("1\r\n{character}\r\n")).collect();
    let request = post_head(Some(OWN), "Transfer-Encoding: chunked\r\n") + &chunks + "0\r\n\r\n";
    let mut connection = gateway.connect();
    for byte in request.as_bytes() {
        connection.write(&[*byte]);
    }
    assert_eq!(connection.receive().envelope()["data"], "in pieces");
}

/// Who is turned away by the head is not waited for; and then nothing can follow it.
#[track_caller]
fn assert_head_alone_turns_away(expect: &str) {
    let gateway = Gateway::start(nobody(), &[]);
    for (line, status) in [
        ("POST / HTTP/1.1", 401),
        ("PUT / HTTP/1.1", 405),
        ("POST /other HTTP/1.1", 404),
        ("PUT /healthz HTTP/1.1", 405),
    ] {
        for framing in ["Content-Length: 1", "Content-Length: 102401", "Transfer-Encoding: chunked"] {
            let mut connection = gateway.connect();
            let answer = connection.ask(&format!("{line}\r\nHost: gateway\r\n{expect}{framing}\r\n\r\n"));
            assert_eq!((answer.status, answer.header("connection")), (status, Some("close")), "{line} {framing}");
            if status == 401 {
                assert_eq!(answer.envelope(), unauthorized());
            }
            assert!(connection.is_closed());
        }
    }
}

#[test]
fn the_head_alone_turns_away() {
    assert_head_alone_turns_away("");
    let gateway = Gateway::start(nobody(), &[]);
    // Without a body, another request can.
    let mut connection = gateway.connect();
    for _ in 0..2 {
        assert_eq!(connection.ask(&post_head(None, "Content-Length: 0\r\n")).status, 401);
        assert_eq!(connection.ask("GET /other HTTP/1.1\r\nHost: gateway\r\n\r\n").status, 404);
    }
}

/// Nor is it asked for a body.
#[test]
fn who_asks_first_is_turned_away_too() {
    assert_head_alone_turns_away("Expect: 100-continue\r\n");
}

/// A client that sends all of its body before it looks for an answer finds one.
#[test]
fn whoever_sends_first_sees_the_401() {
    let gateway = Gateway::start(nobody(), &[]);
    let mut connection = gateway.connect();
    let answer = connection.call(None, &envelope("/", &format!(r#","data":"{}""#, "x".repeat(90_000))));
    assert_eq!(answer.status, 401);
    assert!(connection.is_closed());
}

#[test]
fn a_caller_that_asks_first_is_told_to_go_on() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    let body = envelope("/", r#","method":"POST","data":"tea""#);
    let mut connection = gateway.connect();
    let framing = format!("Expect: 100-continue\r\nContent-Length: {}\r\n", body.len());
    connection.write(post_head(Some(OWN), &framing).as_bytes());
    for expected in ["HTTP/1.1 100 Continue\r\n", "\r\n"] {
        let mut line = String::new();
        connection.stream.read_line(&mut line).unwrap();
        assert_eq!(line, expected);
    }
    assert_eq!(connection.ask(&body).envelope()["data"], "tea");
}

/// Two programs that read a request with two hosts may read two requests (RFC 9112, section 3.2).
#[test]
fn one_host() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let body = envelope("/", "");
    let status = |version: &str, hosts: &str| {
        let head = format!("POST / HTTP/{version}\r\n{hosts}Authorization: Bearer {OWN}\r\n");
        let call = gateway.connect().ask(&format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()));
        let health = gateway.connect().ask(&format!("GET /healthz HTTP/{version}\r\n{hosts}\r\n"));
        assert_eq!(call.status, health.status, "{version} {hosts}");
        if call.status == 400 {
            assert_eq!(call.header("connection"), Some("close"));
        }
        call.status
    };
    let fitting = [
        "gateway",
        "gateway:80",
        "gateway:",
        "127.0.0.1:65535",
        "[::1]",
        "[2001:db8::1]:8081",
        "",
        "a-b_c.example.",
        "%e4a",
        "xn--fiqs8s",
        ":80",
    ];
    for host in fitting {
        for version in ["1.0", "1.1"] {
            assert_eq!(status(version, &format!("Host: {host}\r\n")), 200, "{host}");
        }
    }
    let calls = 2 * fitting.len();
    assert_eq!(received.try_iter().count(), calls);
    let wrong = [
        "a b",
        "a/b",
        "a@b",
        "a:b",
        "a:80:80",
        "[::1",
        "::1",
        "[a]",
        "[::1]x",
        "a, b",
        "%4",
        "%zz",
        "\u{e9}",
        "a?b",
        "a#b",
        "\"a\"",
        "[::1%25eth0]",
        "http://a",
    ];
    for host in wrong {
        for version in ["1.0", "1.1"] {
            assert_eq!(status(version, &format!("Host: {host}\r\n")), 400, "{host}");
        }
    }
    for hosts in ["Host: a\r\nHost: a\r\n", "Host: a\r\nhost: b\r\n"] {
        for version in ["1.0", "1.1"] {
            assert_eq!(status(version, hosts), 400, "{hosts}");
        }
    }
    assert_eq!(status("1.1", ""), 400);
    assert_eq!(status("1.1", "X-Host: gateway\r\n"), 400);
    assert_eq!(received.try_iter().count(), 0);
    assert_eq!(status("1.0", ""), 200);
}

#[test]
fn two_hosts_that_are_empty() {
    let gateway = Gateway::start(nobody(), &[]);
    let answer = gateway.connect().ask("GET /healthz HTTP/1.1\r\nHost:\r\nHost:\r\n\r\n");
    assert_eq!(answer.status, 400);
}

/// Two framings that contradict each other are how a second request is smuggled in (RFC 9112, section 6.3).
#[test]
fn contradictory_framing_is_no_call() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let body = envelope("/", "");
    for framing in [
        format!("Content-Length: {}\r\nContent-Length: 0\r\n", body.len()),
        format!("Content-Length: +{}\r\n", body.len()),
        "Transfer-Encoding: gzip\r\n".to_owned(),
        "Transfer-Encoding: chunked, gzip\r\n".to_owned(),
    ] {
        let mut connection = gateway.connect();
        connection.write((post_head(Some(OWN), &framing) + &body).as_bytes());
        assert_eq!(connection.receive().status, 400, "{framing}");
        assert!(connection.is_closed());
    }
    assert_eq!(received.try_iter().count(), 0);
}
