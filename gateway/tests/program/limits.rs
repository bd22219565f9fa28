use std::io::Write as _;

use super::harness::{Gateway, OWN, assert_failure, envelope, eventually, post_head};
use super::service::{echo, service};

const REQUEST_LIMIT: usize = 102_400;
const REPLY_LIMIT: usize = 1_024_000;

/// A call whose envelope has just this length.
fn of_length(length: usize) -> String {
    let without = envelope("/", r#","method":"POST","data":"""#).len();
    envelope("/", &format!(r#","method":"POST","data":"{}""#, "x".repeat(length - without)))
}

#[test]
fn a_request_at_the_limit_and_one_over_it() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let chunked = |envelope: &str| {
        let chunks: String = envelope
            .as_bytes()
            .chunks(1000)
            .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), std::str::from_utf8(chunk).unwrap()))
            .collect();
        post_head(Some(OWN), "Transfer-Encoding: chunked\r\n") + &chunks + "0\r\n\r\n"
    };
    let at_limit = of_length(REQUEST_LIMIT);
    assert_eq!(gateway.call(Some(OWN), &at_limit)["statusCode"], 200);
    assert_eq!(gateway.connect().ask(&chunked(&at_limit)).envelope()["statusCode"], 200);
    assert_eq!(received.try_iter().count(), 2);
    let over = of_length(REQUEST_LIMIT + 1);
    assert_failure(&gateway.call(Some(OWN), &over), -606_001, "请求包大小超过 100KB");
    let answer = gateway.connect().ask(&chunked(&over));
    assert_eq!(answer.status, 200);
    assert_failure(&answer.envelope(), -606_001, "请求包大小超过 100KB");
    assert_eq!(received.try_iter().count(), 0);
}

/// When the length is told, not a byte of the body is waited for.
#[test]
fn a_request_that_says_it_is_too_large() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    for length in [REQUEST_LIMIT as u64 + 1, u64::from(u32::MAX) + 1, 1_000_000_000_000_000] {
        let mut connection = gateway.connect();
        connection.write(post_head(Some(OWN), &format!("Content-Length: {length}\r\n")).as_bytes());
        let answer = connection.receive();
        assert_eq!(answer.header("connection"), Some("close"));
        assert_failure(&answer.envelope(), -606_001, "请求包大小超过 100KB");
        assert!(connection.is_closed());
    }
}

/// A client that sends all of what is too large before it looks for an answer finds one.
#[test]
fn a_client_that_sends_first_sees_the_answer() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    for _ in 0..5 {
        // The gateway waits for no more than some seconds until it has sent all.
        eventually("an answer", || {
            let mut connection = gateway.connect();
            let head = post_head(Some(OWN), "Content-Length: 600000\r\n");
            let all = [head.as_bytes(), &[b' '; 600_000]].concat();
            let is_sent = connection.stream.get_mut().write_all(&all).is_ok();
            let Some(answer) = connection.try_receive().filter(|_| is_sent) else { return false };
            assert_failure(&answer.envelope(), -606_001, "请求包大小超过 100KB");
            true
        });
    }
}

/// A body without end is given up soon after the limit.
#[test]
fn a_request_that_never_ends() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    let mut connection = gateway.connect();
    connection.write(post_head(Some(OWN), "Transfer-Encoding: chunked\r\n").as_bytes());
    let chunk = format!("2710\r\n{}\r\n", " ".repeat(10_000));
    let mut sent = 0;
    // The gateway answers, says that it is done, and after a while closes.
    while connection.stream.get_mut().write_all(chunk.as_bytes()).is_ok() {
        sent += chunk.len();
        assert!(sent < 20_000_000, "the gateway reads on");
    }
    assert!(sent > REQUEST_LIMIT);
}

#[test]
fn a_reply_at_the_limit_and_one_over_it() {
    let service = service(|mut link| {
        while let Some(request) = link.request() {
            let length = request.line.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
            link.respond("x".repeat(length));
        }
    });
    let gateway = Gateway::start(service, &[]);
    let call =
        |length: usize| gateway.connect().call(Some(OWN), &envelope(&format!("/{length}"), r#","callID":"1-0.5""#));
    let around = call(1000).body.len() - 1000;
    // The header `Content-Length` has three digits more.
    let greatest = REPLY_LIMIT - around - 3;
    let answer = call(greatest);
    assert_eq!(answer.body.len(), if greatest < 1_000_000 { REPLY_LIMIT - 1 } else { REPLY_LIMIT });
    assert_eq!(answer.envelope()["statusCode"], 200);
    for over in [greatest + 2, REPLY_LIMIT, 3 * REPLY_LIMIT] {
        assert_failure(&call(over).envelope(), -606_002, "响应包大小超过 1MB");
    }
}

/// However much a service sends, and in whatever framing, it is given up soon after the limit, and the next call is as
/// any other.
#[test]
fn a_reply_that_never_ends() {
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n",
    ] {
        let (sender, sent) = std::sync::mpsc::channel();
        let service = service(move |mut link| {
            let Some(request) = link.request() else { return };
            if request.line.starts_with("GET /small") {
                return link.respond("small");
            }
            link.write(head);
            let chunk = format!("2710\r\n{}\r\n", "x".repeat(10_000));
            let mut bytes = 0_usize;
            while link.stream.get_mut().write_all(chunk.as_bytes()).is_ok() {
                bytes += chunk.len();
            }
            sender.send(bytes).unwrap();
        });
        let gateway = Gateway::start(service, &[]);
        assert_failure(&gateway.call(Some(OWN), &envelope("/", "")), -606_002, "响应包大小超过 1MB");
        assert!(sent.recv().unwrap() < 20_000_000);
        assert_eq!(gateway.call(Some(OWN), &envelope("/small", ""))["data"], "small");
    }
}
