//! The door of the open HTTP API, for clients that are no Mini Program.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::harness::{Answer, Connection, Gateway, OWN, REUSE, STRANGER, envelope, has_passed};
use super::random::{CASES, Random};
use super::service::{Link, Received, echo, nobody, service};

const REQUEST_LIMIT: usize = 102_400;
const REPLY_LIMIT: usize = 1_024_000;

/// A request with a token that is known, these headers more, and a body whose length is told.
fn request(method: &str, target: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let token = format!("Authorization: Bearer {OWN}\r\n");
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let head = format!("{method} {target} HTTP/1.1\r\nHost: gateway\r\n{token}{more}{length}\r\n");
    [head.as_bytes(), body].concat()
}

#[track_caller]
fn ask(gateway: &Gateway, request: &[u8]) -> Answer {
    let mut connection = gateway.connect();
    connection.write(request);
    connection.receive()
}

/// Everything that comes back, up to the end of the connection.
fn raw(gateway: &Gateway, method: &str, target: &str) -> String {
    let mut connection = gateway.connect();
    connection.write(&request(method, target, "Connection: close\r\n", b""));
    let mut all = Vec::new();
    connection.stream.read_to_end(&mut all).unwrap();
    String::from_utf8(all).unwrap()
}

/// An answer of the gateway's own: an object with three texts and nothing else, and the ID in a header too.
#[track_caller]
fn assert_fault(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let object: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(object["code"], code, "{object}");
    assert!(!object["message"].as_str().unwrap().is_empty());
    assert_eq!(object["requestId"].as_str(), answer.header("x-request-id"));
    assert_eq!(object.as_object().unwrap().len(), 3, "{object}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

/// A service that answers the number at the end of each path with what the test has under it.
fn answering(answers: &'static [&'static str]) -> SocketAddr {
    service(move |mut link| {
        while let Some(request) = link.request() {
            let number: usize = request.line.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
            link.write(answers[number]);
        }
    })
}

#[test]
fn every_method() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let body = "{\"a\":\"文\\u0000\"}\r\n\u{feff} as it is";
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET", "HEAD"] {
        let body = if matches!(method, "GET" | "HEAD") { "" } else { body };
        let more = "Content-Type: application/json; charset=utf-8\r\nX-Custom: Mine\r\nCookie: a=1\r\n";
        let mut connection = gateway.connect();
        connection.write(&request(method, "/v1/cloudrun/shop/orders?a=1&a=%E6%96%87", more, body.as_bytes()));
        let answer = connection.receive();
        assert_eq!((answer.status, answer.text().as_str()), (200, body), "{method}");
        assert!(answer.header("x-request-id").is_some());
        let (_, seen) = received.recv().unwrap();
        assert_eq!(seen.line, format!("{method} /orders?a=1&a=%E6%96%87 HTTP/1.1"));
        assert_eq!(seen.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!((seen.header("x-custom"), seen.header("cookie")), (Some("Mine"), Some("a=1")));
        assert_eq!(seen.header("host"), Some(service.to_string().as_str()));
        assert_eq!(seen.header("authorization"), None, "the token is the gateway's");
        assert_eq!(seen.body, body.as_bytes());
        assert_eq!(seen.header("connection"), (!body.is_empty()).then_some("close"), "{method}");
        assert_eq!(seen.identity(), []);
    }
    for method in ["POST", "PUT", "PATCH"] {
        ask(&gateway, &request(method, "/v1/cloudrun/shop/", "", b""));
        assert_eq!(received.recv().unwrap().1.header("content-length"), Some("0"), "{method}");
    }
    for method in ["GET", "HEAD"] {
        let mut connection = gateway.connect();
        connection.write(&request(method, "/v1/cloudrun/shop/", "Connection: close\r\n", b"body"));
        let mut answer = String::new();
        connection.stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert_eq!(received.try_iter().count(), 0);
}

#[track_caller]
fn assert_no_method_of_services(methods: &[&str]) {
    let gateway = Gateway::start(nobody(), &[]);
    for method in methods {
        let answer = ask(&gateway, &request(method, "/v1/cloudrun/shop/", "", b""));
        assert_fault(&answer, 405, "BAD_REQUEST");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    }
}

#[test]
fn methods_that_are_not_for_services() {
    assert_no_method_of_services(&["TRACE", "PROPFIND"]);
}

#[test]
fn methods_that_nobody_knows() {
    assert_no_method_of_services(&["get", "POSTS"]);
}

#[test]
fn credentials() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &["--public"]);
    let with = |authorization: &str| {
        let head = "GET /v1/cloudrun/shop/a HTTP/1.1\r\nHost: gateway\r\n";
        gateway.connect().ask(&format!("{head}{authorization}\r\n"))
    };
    // Even where public access is open.
    let answer = with("");
    assert_fault(&answer, 401, "MISSING_CREDENTIALS");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_eq!(answer.header("content-disposition"), Some("attachment"), "for every GET");
    for wrong in [
        "Bearer nobody",
        "Bearer",
        "Bearer ",
        "t-own",
        "Basic t-own",
        "Bearer t-ow",
        "Bearer T-OWN",
        "Bearer t-own, Bearer t-own",
        "Bearer t-own\r\nAuthorization: Bearer t-own",
        "Bearer \u{e9}",
    ] {
        let answer = with(&format!("Authorization: {wrong}\r\n"));
        assert_fault(&answer, 401, "INVALID_CREDENTIALS");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    // Nobody learns without a token what services there are.
    for name in ["shop", "other", "%"] {
        let head = format!("GET /v1/cloudrun/{name}/ HTTP/1.1\r\nHost: gateway\r\n");
        assert_fault(&gateway.connect().ask(&format!("{head}\r\n")), 401, "MISSING_CREDENTIALS");
    }
    assert_eq!(received.try_iter().count(), 0);
    for token in [OWN, REUSE, STRANGER] {
        assert_eq!(with(&format!("authorization: bEARER {token}\r\n")).status, 200);
        assert_eq!(received.recv().unwrap().1.identity(), [], "another client, whoever it is");
    }
}

#[test]
fn names_and_targets() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let (longest, too_long) = ("a".repeat(60), "a".repeat(61));
    for name in ["other", "Shop", "shops", "sho", "a1", "a_-9", &longest] {
        let answer = ask(&gateway, &request("POST", &format!("/v1/cloudrun/{name}/"), "", b""));
        assert_fault(&answer, 404, "SERVICE_NOT_FOUND");
    }
    for name in ["", "s", "1shop", "_shop", "shop-", "shop_", "sho%70", "shop.", "shop%2F", "shop;a", &too_long] {
        for rest in ["", "/", "/shop/"] {
            let answer = ask(&gateway, &request("GET", &format!("/v1/cloudrun/{name}{rest}"), "", b""));
            assert_fault(&answer, 400, "BAD_REQUEST");
        }
    }
    // Nothing is at any other path.
    for path in [
        "/v1/cloudrun",
        "/v1/cloudruns/shop/",
        "/v1/",
        "/V1/cloudrun/shop/",
        "//v1/cloudrun/shop/",
        "/v1//cloudrun/shop/",
    ] {
        assert_eq!(ask(&gateway, &request("GET", path, "", b"")).status, 404, "{path}");
    }
    assert_eq!(received.try_iter().count(), 0);
    // What is behind the name is the service's, byte for byte.
    for (rest, seen) in [
        ("", "/"),
        ("/", "/"),
        ("?a=b", "/?a=b"),
        ("/?", "/?"),
        ("//host.example/a", "//host.example/a"),
        ("/../../../healthz", "/../../../healthz"),
        ("/%2e%2e/%00%0d%0a?%0d%0a", "/%2e%2e/%00%0d%0a?%0d%0a"),
        ("/a%zz%?&&==??/v1/cloudrun/other/", "/a%zz%?&&==??/v1/cloudrun/other/"),
        ("/a;b,c'(d)*!~$@:[]|^{}", "/a;b,c'(d)*!~$@:[]|^{}"),
        ("/a#fragment", "/a"),
    ] {
        for origin in ["", "http://elsewhere.example"] {
            let target = format!("{origin}/v1/cloudrun/shop{rest}");
            let answer = ask(&gateway, &request("GET", &target, "", b""));
            assert_eq!(answer.status, 200, "{target}: {}", answer.text());
            assert_eq!(received.recv().unwrap().1.line, format!("GET {seen} HTTP/1.1"));
        }
    }
    for wrong in ["/\u{e9}", "/\u{7f}", "/a?\u{e9}", "/a b"] {
        assert_eq!(
            ask(&gateway, &request("GET", &format!("/v1/cloudrun/shop{wrong}"), "", b"")).status,
            400,
            "{wrong:?}"
        );
    }
    assert_eq!(received.try_iter().count(), 0);
}

#[test]
fn a_name_that_is_no_uri() {
    let gateway = Gateway::start(nobody(), &[]);
    assert_fault(&ask(&gateway, &request("GET", "/v1/cloudrun/店店/", "", b"")), 400, "BAD_REQUEST");
    assert_eq!(ask(&gateway, &request("GET", "/v1/cloudrun/shop/\t", "", b"")).status, 400);
}

/// Spells a name as a service may fold it into the one that it trusts.
fn spelt(name: &str, random: &mut Random) -> String {
    let other = |byte: u8, random: &mut Random| match byte {
        b'-' => char::from(*b"-_.!#$%&'*+^`|~".get(random.below(15)).unwrap()),
        byte if random.chance(2) => char::from(byte.to_ascii_uppercase()),
        byte => char::from(byte.to_ascii_lowercase()),
    };
    name.bytes().map(|byte| other(byte, random)).collect()
}

#[test]
fn no_identity_in_whatever_spelling() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let mut random = Random::new(5);
    let names = [
        "x-wx-openid",
        "x-wx-from-openid",
        "x-wx-appid",
        "x-wx-source",
        "x-wx-env",
        "x-wx-cloudbase-access-token",
        "x-wx-anything",
        "x-forwarded-for",
        "x-original-forwarded-for",
        "x-real-ip",
        "forwarded",
        "proxy",
        "content-length",
        "transfer-encoding",
    ];
    let mut connection = gateway.connect();
    for _ in 0..CASES {
        let mut more = String::new();
        for _ in 0..=random.below(5) {
            let name = names[random.below(names.len())];
            let name = spelt(name, &mut random);
            // These frame the request itself.
            if !["content-length", "transfer-encoding"].contains(&name.to_ascii_lowercase().as_str()) {
                more += &format!("{name}: forged\r\n");
            }
        }
        connection.write(&request("POST", "/v1/cloudrun/shop/", &format!("{more}X-Custom: mine\r\n"), b"body"));
        assert_eq!(connection.receive().status, 200, "{more}");
        let (_, seen) = received.recv().unwrap();
        assert!(!format!("{seen:?}").contains("forged"), "{more}: {seen:?}");
        assert_eq!((seen.header("x-custom"), seen.header("content-length")), (Some("mine"), Some("4")));
    }
}

#[test]
fn what_concerns_the_connection_stays_there() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let more = "Connection: keep-alive, X-Mine \r\nX-Mine: dropped\r\n\
                Keep-Alive: dropped\r\nTE: dropped\r\nTrailer: dropped\r\nUpgrade: dropped\r\nProxy-Authorization: dropped\r\n\
                Content-Type: text/plain\r\nX-Custom: mine\r\n";
    let chunked = "Transfer-Encoding: chunked\r\n";
    for (framing, body) in [("", "body"), (chunked, "2\r\nbo\r\n2;a=b\r\ndy\r\n0\r\nX-Trailer: dropped\r\n\r\n")] {
        let head =
            format!("POST /v1/cloudrun/shop/ HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {OWN}\r\n{more}");
        let framing = if framing.is_empty() { "Content-Length: 4\r\n" } else { framing };
        let answer = gateway.connect().ask(&format!("{head}{framing}\r\n{body}"));
        assert_eq!((answer.status, answer.text().as_str()), (200, "body"));
        let (_, seen) = received.recv().unwrap();
        assert!(!format!("{seen:?}").contains("dropped"), "{seen:?}");
        let mut names: Vec<&str> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept-encoding", "connection", "content-length", "content-type", "host", "x-custom"]);
    }
}

/// A service may read `_` as `-`; the type of the body concerns no connection.
#[test]
fn what_concerns_the_connection_in_another_spelling() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let more = "Connection: x_other, Content-Type\r\nX-Other: dropped\r\nContent-Type: text/plain\r\n";
    assert_eq!(ask(&gateway, &request("POST", "/v1/cloudrun/shop/", more, b"body")).status, 200);
    let (_, seen) = received.recv().unwrap();
    assert_eq!((seen.header("x-other"), seen.header("content-type")), (None, Some("text/plain")));
}

/// A service that reads no bodies takes one for a request, if it can.
#[test]
fn a_body_that_is_a_request() {
    let (sender, lines) = channel();
    let service = service(move |mut link| {
        let mut line = String::new();
        // The head alone is read.
        while std::io::BufRead::read_line(&mut link.stream, &mut line).is_ok_and(|read| read > 0) {
            if line.ends_with("\r\n\r\n") || line == "\r\n" {
                sender.send(line.clone()).unwrap();
                link.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                line.clear();
            }
        }
    });
    let gateway = Gateway::start(service, &[]);
    let smuggled = b"GET /smuggled HTTP/1.1\r\nX-WX-OPENID: forged\r\nX-WX-SOURCE: forged\r\n\r\n";
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        for _ in 0..3 {
            let answer = ask(&gateway, &request(method, "/v1/cloudrun/shop/first", "", smuggled));
            assert_eq!((answer.status, answer.text().as_str()), (200, "ok"), "the answer to this request");
            let reply = gateway.call(Some(OWN), &envelope("/second", ""));
            assert_eq!(reply["data"], "ok");
        }
    }
    // The service is led astray, on a connection of that caller alone: no answer to it goes to anybody.
    let lines: Vec<String> = lines.try_iter().collect();
    let seconds = lines.iter().filter(|line| line.starts_with("GET /second ")).count();
    assert_eq!(seconds, 15);
    assert!(lines.iter().filter(|line| line.starts_with("GET /second ")).all(|line| line.contains("o-alice")));
}

/// Two framings that contradict each other are how a second request is smuggled in.
#[test]
fn contradictory_framing_is_no_call() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    for framing in [
        "Content-Length: 4\r\nContent-Length: 0\r\n",
        "Content-Length: +4\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Content-Length: 4, 0\r\n",
        "Content-Length: 4\r\n folded: 1\r\n",
        "Host: second\r\nContent-Length: 4\r\n",
    ] {
        let mut connection = gateway.connect();
        let head =
            format!("POST /v1/cloudrun/shop/ HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {OWN}\r\n{framing}");
        connection.write(format!("{head}\r\nbody").as_bytes());
        assert_eq!(connection.receive().status, 400, "{framing}");
        assert!(connection.is_closed());
    }
    assert_eq!(received.try_iter().count(), 0);
}

/// Who is turned away by the head is not waited for; and then nothing can follow it.
#[track_caller]
fn assert_head_alone_turns_away(expect: &str) {
    let gateway = Gateway::start(nobody(), &[]);
    let known = format!("Authorization: Bearer {OWN}\r\n");
    for (line, more, status, code) in [
        ("POST /v1/cloudrun/shop/", "", 401, "MISSING_CREDENTIALS"),
        ("POST /v1/cloudrun/shop/", "Authorization: Bearer x\r\n", 401, "INVALID_CREDENTIALS"),
        ("POST /v1/cloudrun/other/", known.as_str(), 404, "SERVICE_NOT_FOUND"),
        ("POST /v1/cloudrun/-/", known.as_str(), 400, "BAD_REQUEST"),
        ("TRACE /v1/cloudrun/shop/", known.as_str(), 405, "BAD_REQUEST"),
    ] {
        for framing in ["Content-Length: 1", "Content-Length: 102401", "Transfer-Encoding: chunked"] {
            let mut connection = gateway.connect();
            let head = format!("{line} HTTP/1.1\r\nHost: gateway\r\n{more}{expect}{framing}\r\n\r\n");
            let answer = connection.ask(&head);
            assert_fault(&answer, status, code);
            assert_eq!(answer.header("connection"), Some("close"), "{head}");
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
    for _ in 0..3 {
        connection.write(&request("POST", "/v1/cloudrun/other/", "Content-Length: 0\r\n", b""));
        assert_fault(&connection.receive(), 404, "SERVICE_NOT_FOUND");
    }
}

/// Nor is it asked for a body.
#[test]
fn who_asks_first_is_turned_away_too() {
    assert_head_alone_turns_away("Expect: 100-continue\r\n");
}

#[test]
fn a_request_at_the_limit_and_one_over_it() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let chunked = |body: &[u8]| {
        let mut all = request("POST", "/v1/cloudrun/shop/", "Transfer-Encoding: chunked\r\n", b"");
        for chunk in body.chunks(1000) {
            all.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            all.extend_from_slice(&[chunk, b"\r\n"].concat());
        }
        [&all[..], b"0\r\n\r\n"].concat()
    };
    let bytes: Vec<u8> = (0..=REQUEST_LIMIT).map(|at| (at % 251) as u8).collect();
    let (over, at_limit) = (&bytes[..], &bytes[1..]);
    for request in [request("POST", "/v1/cloudrun/shop/", "", at_limit), chunked(at_limit)] {
        assert!(ask(&gateway, &request).body == at_limit);
    }
    assert_eq!(received.try_iter().count(), 2);
    for request in [request("POST", "/v1/cloudrun/shop/", "", over), chunked(over)] {
        let mut connection = gateway.connect();
        connection.write(&request);
        let answer = connection.receive();
        assert_fault(&answer, 413, "EXCEED_REQUEST_SIZE_LIMIT");
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(connection.is_closed());
    }
    assert_eq!(received.try_iter().count(), 0);
}

#[test]
fn a_response_at_the_limit_and_one_over_it() {
    let service = service(|mut link| {
        while let Some(request) = link.request() {
            let mut words = request.line.split(['/', ' ']).skip(2);
            let (kind, length) = (words.next().unwrap(), words.next().unwrap().parse().unwrap());
            let body = "x".repeat(length);
            match kind {
                "told" => link.respond(body),
                "chunked" => {
                    link.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for piece in body.as_bytes().chunks(60_000) {
                        link.write(format!("{:x}\r\n{}\r\n", piece.len(), std::str::from_utf8(piece).unwrap()));
                    }
                    link.write("0\r\n\r\n");
                }
                _ => {
                    link.write("HTTP/1.1 200 OK\r\n\r\n");
                    return link.write(body);
                }
            }
        }
    });
    let gateway = Gateway::start(service, &[]);
    for kind in ["told", "chunked", "closed"] {
        let call =
            |length: usize| ask(&gateway, &request("GET", &format!("/v1/cloudrun/shop/{kind}/{length}"), "", b""));
        let answer = call(REPLY_LIMIT);
        assert_eq!((answer.status, answer.body.len()), (200, REPLY_LIMIT), "{kind}");
        for over in [REPLY_LIMIT + 1, REPLY_LIMIT + 40_000, 3 * REPLY_LIMIT] {
            assert_fault(&call(over), 502, "EXCEED_MAX_RESPONSE_SIZE");
        }
        assert_eq!(call(0).status, 200);
    }
}

#[test]
fn a_response_that_never_ends() {
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n",
    ] {
        let service = service(move |mut link| {
            link.request();
            link.write(head);
            let chunk = format!("2710\r\n{}\r\n", "x".repeat(10_000));
            while link.stream.get_mut().write_all(chunk.as_bytes()).is_ok() {}
        });
        let gateway = Gateway::start(service, &[]);
        assert_fault(&ask(&gateway, &request("GET", "/v1/cloudrun/shop/", "", b"")), 502, "EXCEED_MAX_RESPONSE_SIZE");
    }
}

#[test]
fn a_service_that_is_not_there() {
    let gateway = Gateway::start(nobody(), &[]);
    let answer = ask(&gateway, &request("POST", "/v1/cloudrun/shop/", "", b"{}"));
    assert_fault(&answer, 503, "SERVICE_NOT_READY");
    let line = gateway.log_line();
    assert!(line.contains(" code=SERVICE_NOT_READY ") && line.contains("trouble=\"connect: "), "{line}");
}

#[test]
fn a_service_that_gives_no_valid_answer() {
    static ANSWERS: [&str; 11] = [
        "",
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 O",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n",
    ];
    let service = service(|mut link| {
        while let Some(request) = link.request() {
            let number = request.line.split(['/', ' ']).nth(2).unwrap();
            if number == "good" {
                link.respond("well");
                continue;
            }
            link.write(ANSWERS[number.parse::<usize>().unwrap()]);
            return;
        }
    });
    let gateway = Gateway::start(service, &[]);
    for (number, wrong) in ANSWERS.iter().enumerate() {
        for method in ["GET", "POST", "HEAD"] {
            let mut connection = gateway.connect();
            connection.write(&request(method, &format!("/v1/cloudrun/shop/{number}"), "Connection: close\r\n", b""));
            let mut answer = String::new();
            connection.stream.read_to_string(&mut answer).unwrap();
            // A HEAD has a length and no body, so what is wrong with a body alone is not seen.
            if method != "HEAD" || !(5..10).contains(&number) {
                assert!(answer.starts_with("HTTP/1.1 502 "), "{method} {wrong}: {answer}");
                let line = gateway.log_line();
                assert!(line.contains(" code=SYS_ERR ") && line.contains(" trouble="), "{line}");
            } else {
                gateway.log_line();
            }
            let well = ask(&gateway, &request("GET", "/v1/cloudrun/shop/good", "", b""));
            assert_eq!(well.text(), "well");
            gateway.log_line();
        }
    }
}

#[test]
fn lines_that_end_without_a_return() {
    let service = service(|mut link| {
        link.request();
        link.write("HTTP/1.1 200 OK\nContent-Length: 1\n\na");
    });
    let gateway = Gateway::start(service, &[]);
    assert_fault(&ask(&gateway, &request("GET", "/v1/cloudrun/shop/", "", b"")), 502, "SYS_ERR");
}

/// No call takes longer than that, whatever the service does: says nothing, or says it slowly.
#[test]
fn fifteen_seconds() {
    let service = service(|mut link| {
        let request = link.request().unwrap();
        if request.line.contains("/slow") {
            link.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            while link.stream.get_mut().write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(200));
            }
        }
        assert!(link.is_dropped());
    });
    let gateway = Gateway::start(service, &[]);
    thread::scope(|scope| {
        for path in ["silent", "slow"] {
            let gateway = &gateway;
            scope.spawn(move || {
                let begun = Instant::now();
                let answer = ask(gateway, &request("POST", &format!("/v1/cloudrun/shop/{path}"), "", b"{}"));
                assert_fault(&answer, 504, "SERVICE_TIMEOUT");
                assert!(has_passed(Duration::from_secs(15), begun.elapsed()));
            });
        }
    });
    assert!(gateway.log_line().contains(" code=SERVICE_TIMEOUT "));
}

/// When the client goes away, the service is told, and the log.
#[test]
fn a_caller_that_goes_away() {
    let (sender, dropped) = channel();
    let service = service(move |mut link| {
        link.request().unwrap();
        sender.send(false).unwrap();
        sender.send(link.is_dropped()).unwrap();
    });
    let gateway = Gateway::start(service, &[]);
    let mut connection = gateway.connect();
    connection.write(&request("POST", "/v1/cloudrun/shop/", "", b"{}"));
    dropped.recv().unwrap();
    drop(connection);
    assert!(dropped.recv().unwrap());
    let line = gateway.log_line();
    assert!(line.contains(" service=shop caller=public code=abandoned in=2 "), "{line}");
}

#[test]
fn headers_of_the_answer() {
    let gateway = Gateway::start(
        answering(&[
            "HTTP/1.1 201 Made\r\nContent-Type: text/plain\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\nX-A: 1\r\nx-a: 2\r\n\
             Connection: keep-alive, X-Hop\r\nX-Hop: dropped\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: dropped\r\n\
             Trailer: dropped\r\nX-Request-Id: dropped\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: its own\r\n\
             Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\0\x01\x7f",
        ]),
        &[],
    );
    let answer = ask(&gateway, &request("POST", "/v1/cloudrun/shop/0", "", b""));
    assert_eq!((answer.status, &answer.body[..]), (201, &b"\0\x01\x7f"[..]));
    assert!(!format!("{answer:?}").contains("dropped"), "{answer:?}");
    let all = |name: &str| {
        let lines = answer.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(all("set-cookie"), ["a=1", "b=2; Path=/"]);
    assert_eq!(all("x-a"), ["1", "2"]);
    assert_eq!(all("date"), ["Thu, 01 Jan 1970 00:00:00 GMT"]);
    assert_eq!(all("server"), ["its own"]);
    assert_eq!(all("content-encoding"), ["gzip"]);
    assert_eq!(all("content-length"), ["3"]);
    assert_eq!(all("x-request-id").len(), 1);
    assert_eq!(all("content-disposition"), [""; 0]);
}

#[test]
fn content_disposition() {
    let service = service(|mut link| {
        while let Some(request) = link.request() {
            let kind = request.header("x-kind").map(|kind| format!("Content-Type: {kind}\r\n")).unwrap_or_default();
            link.write(format!("HTTP/1.1 200 OK\r\n{kind}Content-Disposition: inline\r\nContent-Length: 0\r\n\r\n"));
        }
    });
    let gateway = Gateway::start(service, &[]);
    for (kind, shown) in [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("application/x-www-form-urlencoded", true),
        ("text/plain;charset=gbk", true),
        ("text/html", false),
        ("text/plain-html", false),
        ("image/svg+xml", false),
        ("application/json, text/html", false),
        ("application/json\u{e9}", false),
        ("", false),
    ] {
        for method in ["GET", "POST"] {
            let more = if kind.is_empty() { String::new() } else { format!("X-Kind: {kind}\r\n") };
            let answer = ask(&gateway, &request(method, "/v1/cloudrun/shop/", &more, b""));
            let expected = if shown && method != "GET" { "inline" } else { "attachment" };
            assert_eq!(answer.header("content-disposition"), Some(expected), "{method} {kind}");
        }
    }
}

#[test]
fn answers_without_a_body() {
    let gateway = Gateway::start(
        answering(&[
            "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 7\r\n\r\n",
            "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 32\r\n\r\n{\"code\":\"MINE\",\"message\":\"mine\"}",
            "HTTP/1.1 299\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ]),
        &[],
    );
    for number in [0, 6] {
        let head = raw(&gateway, "HEAD", &format!("/v1/cloudrun/shop/{number}")).to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200 ok\r\n") && head.ends_with("\r\n\r\n"), "{head}");
        let lengths = head.lines().filter_map(|line| line.strip_prefix("content-length: "));
        let expected: &[&str] = if number == 6 { &[] } else { &["12345"] };
        assert!(lengths.eq(expected.iter().copied()), "{head}");
    }
    for (number, status, holds) in
        [(1, 204, ""), (2, 304, "etag: \"a\""), (3, 302, "location: http://elsewhere.example/")]
    {
        let answer = raw(&gateway, "GET", &format!("/v1/cloudrun/shop/{number}")).to_ascii_lowercase();
        assert!(answer.starts_with(&format!("http/1.1 {status} ")) && answer.contains(holds), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
    let answer = ask(&gateway, &request("POST", "/v1/cloudrun/shop/4", "", b""));
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (404, r#"{"code":"MINE","message":"mine"}"#),
        "the service's own"
    );
    assert_eq!(ask(&gateway, &request("POST", "/v1/cloudrun/shop/5", "", b"")).status, 299);
}

#[test]
fn a_length_that_is_stated_twice() {
    let length = "Content-Length: 12345, 12345\r\nContent-Length: 12345\r\n";
    let service = service(move |mut link| {
        while link.request().is_some() {
            link.write(format!("HTTP/1.1 200 OK\r\n{length}\r\n"));
        }
    });
    let gateway = Gateway::start(service, &[]);
    let head = raw(&gateway, "HEAD", "/v1/cloudrun/shop/").to_ascii_lowercase();
    assert_eq!(head.matches("content-length: 12345\r\n").count(), 1, "{head}");
}

/// An idle connection to the service that turns out to be dead: what may be repeated is, and nothing else.
#[test]
fn a_connection_that_is_dead() {
    let (sender, received): (_, Receiver<Received>) = channel();
    let service = service(move |mut link: Link| {
        if let Some(request) = link.request() {
            let _ = sender.send(request);
            link.respond("once");
        }
        // The second request of a connection is read, and gets no answer.
        if let Some(request) = link.request() {
            let _ = sender.send(request);
        }
    });
    for (method, requests, status) in [("GET", 3, 200), ("PUT", 3, 200), ("POST", 2, 502), ("PATCH", 2, 502)] {
        let gateway = Gateway::start(service, &[]);
        let mut connection = gateway.connect();
        let mut ask = |method: &str| {
            connection.write(&request(method, "/v1/cloudrun/shop/", "", b""));
            connection.receive().status
        };
        assert_eq!(ask("GET"), 200);
        assert_eq!(ask(method), status, "{method}");
        let seen = received.try_iter().count();
        assert_eq!(seen, requests, "{method}");
    }
}

/// Envelopes and requests of the open API go over one connection, in any order, and each request has an ID of its own.
#[test]
fn one_connection_for_all() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let mut connection: Connection = gateway.connect();
    let mut ids = HashSet::new();
    for number in 0..20 {
        let text = format!("number {number}");
        connection.write(&request("POST", "/v1/cloudrun/shop/", "", text.as_bytes()));
        let answer = connection.receive();
        assert_eq!(answer.text(), text);
        assert!(ids.insert(answer.header("x-request-id").unwrap().to_owned()));
        let answer = connection.call(Some(OWN), &envelope("/", &format!(r#","method":"POST","data":"{text}""#)));
        assert_eq!(answer.envelope()["data"], text);
        assert_eq!(answer.header("x-request-id"), None);
        assert_eq!(connection.ask("GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n").text(), "ok\n");
    }
    let identities: Vec<bool> = received.try_iter().map(|(_, seen)| seen.identity().is_empty()).collect();
    assert_eq!(identities, [true, false].repeat(20));
}

#[test]
fn lines_in_the_log() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    let id = |answer: &Answer| answer.header("x-request-id").unwrap().to_owned();
    let answer = ask(&gateway, &request("POST", "/v1/cloudrun/shop/secret?secret", "X-A: secret\r\n", b"secret"));
    let line = gateway.log_line();
    let expected = format!(" call={} env=prod-01 service=shop caller=public status=200 in=6 out=6 ", id(&answer));
    assert!(line.contains(&expected), "{line}");
    let answer = ask(&gateway, &request("POST", "/v1/cloudrun/other/secret", "", b""));
    let expected = format!(" call={} env=prod-01 service=other caller=- code=SERVICE_NOT_FOUND in=0 ", id(&answer));
    let other = gateway.log_line();
    assert!(other.contains(&expected), "{other}");
    // What is no name does not get into the log.
    ask(&gateway, &request("POST", "/v1/cloudrun/secret.name/", "", b""));
    let nameless = gateway.log_line();
    assert!(nameless.contains(" service=- caller=- code=BAD_REQUEST "), "{nameless}");
    gateway
        .connect()
        .ask("POST /v1/cloudrun/shop/secret HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer secret\r\n\r\n");
    let rejected = gateway.log_line();
    assert!(rejected.contains(" event=rejected status=401 peer=127.0.0.1 trouble=INVALID_CREDENTIALS"), "{rejected}");
    for line in [line, other, nameless, rejected] {
        assert!(!line.contains("secret") && !line.contains(OWN), "{line}");
    }
}
