//! What is turned away has an answer and a line in the log, with nothing of its own in it.

use super::harness::{Gateway, OWN, envelope, post_head};
use super::service::{echo, nobody};

/// A word that a stranger would like to find in the log.
const WORD: &str = "wOrD";

#[test]
fn each_has_a_line() {
    let long = WORD.repeat(5000);
    let host = "Host: gateway\r\n";
    let cases = [
        (400, format!("GET /{WORD} HTTP/1.1\r\n\r\n")),
        (400, format!("GET / HTTP/1.1\r\nHost: {WORD} {WORD}\r\n\r\n")),
        (400, format!("GET / HTTP/1.1\r\n{WORD}\r\n\r\n")),
        (400, format!("GET / HTTP/1.1\r\n{host} {WORD}: folded\r\n\r\n")),
        (400, format!("GET / HTTP/1.1\r\n{host}{WORD} : 1\r\n\r\n")),
        (400, format!("{WORD}\r\n\r\n")),
        (400, format!("GET {WORD} {WORD} HTTP/1.1\r\n{host}\r\n")),
        (400, format!("G\0T /{WORD} HTTP/1.1\r\n{host}\r\n")),
        (400, format!("POST / HTTP/1.1\r\n{host}Content-Length: {WORD}\r\n\r\n")),
        (400, format!("POST / HTTP/1.1\r\n{host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{WORD}")),
        (400, format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: {WORD}\r\n\r\n")),
        (400, format!("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}{WORD}")),
        (401, post_head(Some(WORD), "Content-Length: 0\r\n")),
        (401, post_head(None, "Content-Length: 4\r\n") + WORD),
        (404, format!("GET /{WORD} HTTP/1.1\r\n{host}\r\n")),
        (405, format!("DELETE /healthz HTTP/1.1\r\n{host}X: {WORD}\r\n\r\n")),
        (431, format!("GET /{long} HTTP/1.1\r\n{host}\r\n")),
        (431, format!("GET / HTTP/1.1\r\n{host}X: {long}\r\n\r\n")),
        (431, format!("GET / HTTP/1.1\r\n{host}{}\r\n", "X: y\r\n".repeat(200))),
    ];
    assert_each_has_a_line(&cases);
}

/// A length that comes so late that it is not looked at any more still says that a body follows.
#[test]
fn what_stands_behind_too_many_headers_is_no_request() {
    let gateway = Gateway::start(nobody(), &[]);
    let hidden = "GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n";
    let length = hidden.len();
    let bodies = [
        format!("Content-Length: {length}\r\n\r\n{hidden}"),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{hidden}\r\n0\r\n\r\n"),
    ];
    for body in bodies {
        let mut connection = gateway.connect();
        let many = "X: y\r\n".repeat(150);
        let answer = connection.ask(&format!("POST / HTTP/1.1\r\nHost: gateway\r\n{many}{body}"));
        assert_eq!(answer.status, 431, "{body}");
        assert!(connection.is_closed(), "{body}: nothing can follow");
    }
}

/// What not every server of HTTP refuses, or not so.
#[test]
fn each_of_what_some_would_take_has_a_line() {
    let host = "Host: gateway\r\n";
    assert_each_has_a_line(&[
        (400, format!("GET /{WORD} HTTP/2.0\r\n{host}\r\n")),
        (400, format!("GET /{WORD}\r\n\r\n")),
        (400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        (400, post_head(Some(OWN), "Transfer-Encoding: chunked\r\n") + WORD + "\r\n"),
        (400, post_head(Some(OWN), "Transfer-Encoding: chunked\r\n") + "1\r\nx" + WORD),
        (405, format!("{WORD} /?{WORD} HTTP/1.1\r\n{host}X: {WORD}\r\n\r\n")),
        (431, format!("POST / HTTP/1.1\r\n{host}Content-Length: {}\r\n\r\n", u64::MAX)),
    ]);
}

#[track_caller]
fn assert_each_has_a_line(cases: &[(u16, String)]) {
    let gateway = Gateway::start(nobody(), &[]);
    for (status, request) in cases {
        let mut connection = gateway.connect();
        let answer = connection.ask(request);
        assert_eq!(answer.status, *status, "{request}");
        let line = gateway.log_line();
        assert!(line.contains(&format!(" event=rejected status={status} ")), "{request}: {line}");
        assert!(line.contains(" peer=127.0.0.1 ") && line.contains(" trouble="), "{request}: {line}");
        assert!(!line.contains(WORD), "{request}: {line}");
        if *status == 401 {
            assert!(line.contains(" trouble=\"-501000 Authorization mismatch uin\""), "{line}");
        }
    }
    // One each, and none for what is taken.
    assert_eq!(gateway.connect().ask("GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n").status, 200);
    gateway.call(Some(OWN), &envelope("/", r#","callID":"last""#));
    let line = gateway.log_line();
    assert!(line.contains(" call=last "), "{line}");
}

/// A connection that ends without a request is no news.
#[test]
fn nothing_is_nothing() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    for beginning in ["", "\r\n", "GET / HTTP/1.1\r\nHost: gate"] {
        let mut connection = gateway.connect();
        connection.write(beginning.as_bytes());
        connection.stream.get_ref().shutdown(std::net::Shutdown::Write).unwrap();
        assert!(connection.is_closed());
    }
    gateway.call(Some(OWN), &envelope("/", r#","callID":"last""#));
    let line = gateway.log_line();
    assert!(line.contains(" call=last "), "{line}");
}
