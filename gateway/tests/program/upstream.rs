//! The way to a service: HTTP/2, TLS, what a service leaves unread, and the memory that its answers take.

use std::future::poll_fn;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use h2::Reason;
use h2::server::SendResponse;
use hyper::body::Bytes;
use hyper::{Request, Response};
use tokio::net::TcpListener;

use super::authority::Authority;
use super::harness::{Gateway, OWN, assert_failure, envelope, post_head};
use super::nginx_server::Nginx;
use super::service::{echo, service};

/// Whether the one request that is refused has been.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// A request as a service of HTTP/2 received it: the number of its connection, its head, and whether it was reset.
#[derive(Debug)]
struct Seen {
    connection: usize,
    head: Request<()>,
    was_reset: bool,
}

/// A service of HTTP/2 without TLS. It answers with the body that it gets, and does as told to some paths:
/// `/refused`, `/refused-once` and `/broken`, which are reset, `/large`, and `/silent`.
fn http2() -> (SocketAddr, Receiver<Seen>) {
    let (sender, seen) = channel();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move {
        let mut number = 0;
        while let Ok((stream, _)) = listener.accept().await {
            let (sender, connection) = (sender.clone(), number);
            number += 1;
            tokio::spawn(async move {
                let mut http = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, respond))) = http.accept().await {
                    tokio::spawn(answer(connection, request, respond, sender.clone()));
                }
            });
        }
    });
    // It runs until the process ends.
    std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    (address, seen)
}

async fn answer(
    connection: usize,
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    sender: Sender<Seen>,
) {
    let (head, mut body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let tell = |was_reset| {
        let mut told = Request::new(());
        *told.uri_mut() = head.uri.clone();
        *told.method_mut() = head.method.clone();
        *told.headers_mut() = head.headers.clone();
        // The test may be over.
        let _ = sender.send(Seen { connection, head: told, was_reset });
    };
    let mut received = Vec::new();
    while let Some(piece) = body.data().await {
        let Ok(piece) = piece else { return };
        let _ = body.flow_control().release_capacity(piece.len());
        received.extend_from_slice(&piece);
    }
    tell(false);
    match path.as_str() {
        "/refused" => return respond.send_reset(Reason::REFUSED_STREAM),
        "/refused-once" if !REFUSED.swap(true, Ordering::Relaxed) => return respond.send_reset(Reason::REFUSED_STREAM),
        "/broken" => return respond.send_reset(Reason::INTERNAL_ERROR),
        "/silent" => {
            let _ = poll_fn(|context| respond.poll_reset(context)).await;
            return tell(true);
        }
        "/large" => received = vec![b'x'; 2_000_000],
        _ => {}
    }
    let Ok(mut stream) = respond.send_response(Response::new(()), false) else { return };
    if path == "/cut" {
        let _ = stream.send_data(received.into(), false);
        // The body has to be on its way.
        tokio::time::sleep(Duration::from_millis(100)).await;
        return stream.send_reset(Reason::NO_ERROR);
    }
    let _ = stream.send_data(received.into(), true);
}

fn start(origin: &str) -> Gateway {
    let (service, caller) = (format!("shop={origin}"), format!("{OWN}=WXAAA,o-alice"));
    Gateway::start_with(&["--env", "prod-01", "--owner", "WXAAA", "--service", &service, "--caller", &caller])
}

fn post(path: &str) -> String {
    envelope(path, r#","method":"POST","data":{"a":1}"#)
}

#[test]
fn calls_share_a_connection_of_http2() {
    let (address, seen) = http2();
    let gateway = start(&format!("h2://{address}"));
    thread::scope(|scope| {
        for client in 0..32 {
            let gateway = &gateway;
            scope.spawn(move || {
                let mut connection = gateway.connect();
                for number in 0..20 {
                    let text = format!("{client}/{number} ").repeat(1 + 97 * number % 1000);
                    let call = envelope("/echo?b=2", &format!(r#","method":"PUT","data":["{text}"]"#));
                    assert_eq!(connection.call(Some(OWN), &call).envelope()["data"][0], text);
                }
            });
        }
    });
    let seen: Vec<Seen> = seen.try_iter().collect();
    assert_eq!(seen.len(), 32 * 20);
    for Seen { connection, head, .. } in seen {
        assert_eq!(connection, 0);
        assert_eq!((head.method().as_str(), head.uri().to_string()), ("PUT", format!("http://{address}/echo?b=2")));
        let header = |name: &str| head.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("x-wx-openid"), Some("o-alice"));
        assert_eq!((header("host"), header("connection")), (None, None));
    }
}

/// An answer that is too long, and one that nobody waits for, end alone: the connection goes on.
#[test]
fn a_call_ends_alone_over_http2() {
    let (address, seen) = http2();
    let gateway = start(&format!("h2://{address}"));
    assert_eq!(gateway.call(Some(OWN), &post("/"))["data"]["a"], 1);
    assert_failure(&gateway.call(Some(OWN), &post("/large")), -606_002, "响应包大小超过 1MB");
    let silent = envelope("/silent", r#","timeout":200"#);
    assert_failure(&gateway.call(Some(OWN), &silent), 102_002, "请求超时");
    assert_eq!(gateway.call(Some(OWN), &post("/"))["data"]["a"], 1);
    let text = envelope("/", r#","method":"POST","data":"GET / HTTP/1.1""#);
    assert_eq!(gateway.call(Some(OWN), &text)["data"], "GET / HTTP/1.1");
    let seen: Vec<Seen> = seen.try_iter().collect();
    assert!(seen.iter().all(|seen| seen.connection == 0));
    assert_eq!(seen.iter().filter(|seen| seen.was_reset).count(), 1, "the service is told");
}

/// What a service says that it has not begun with is sent again, whatever it is. Anything else is not.
#[test]
fn a_stream_that_is_refused() {
    let (address, seen) = http2();
    let gateway = start(&format!("h2://{address}"));
    gateway.call(Some(OWN), &post("/"));
    assert_eq!(gateway.call(Some(OWN), &post("/refused-once"))["data"]["a"], 1);
    assert_eq!(seen.try_iter().count(), 3);
    assert_failure(&gateway.call(Some(OWN), &post("/refused")), -501_001, "resource system error");
    assert_eq!(seen.try_iter().count(), 2, "it is sent again once");
    assert_failure(&gateway.call(Some(OWN), &post("/broken")), -501_001, "resource system error");
    assert_eq!(seen.try_iter().count(), 1, "a POST is sent once");
    assert_failure(&gateway.call(Some(OWN), &envelope("/broken", "")), -501_001, "resource system error");
    assert_eq!(seen.try_iter().count(), 2);
    let lines: Vec<String> = (0..5).map(|_| gateway.log_line()).collect();
    assert!(lines[3].contains("trouble=\"receive: "), "{lines:?}");
}

/// The first call of all may be refused as any other. A stream that is reset without an error is not the end of a body.
#[test]
fn a_stream_that_is_refused_at_once_and_one_that_is_cut_off() {
    let (address, seen) = http2();
    let gateway = start(&format!("h2://{address}"));
    assert_failure(&gateway.call(Some(OWN), &post("/refused")), -501_001, "resource system error");
    assert_eq!(seen.try_iter().count(), 2, "it is sent again once");
    assert_failure(&gateway.call(Some(OWN), &post("/cut")), -501_001, "resource system error");
    assert_eq!(seen.try_iter().count(), 1);
    assert_eq!(gateway.call(Some(OWN), &post("/"))["data"]["a"], 1);
}

/// A service that does not speak HTTP/2, though it should.
#[test]
fn a_service_without_http2() {
    let (address, _received) = echo();
    let gateway = start(&format!("h2://{address}"));
    for method in ["GET", "POST"] {
        let call = envelope("/", &format!(r#","method":"{method}","timeout":5000"#));
        let code = gateway.call(Some(OWN), &call)["errCode"].as_i64().unwrap();
        assert!(matches!(code, -501_001 | 102_002), "{code}");
    }
}

/// TLS, with HTTP/2 or HTTP/1.1 in it as the service chooses, to a service with a valid certificate alone.
#[test]
fn a_service_that_speaks_tls() {
    let (behind, received) = echo();
    let (Some(own), Some(other)) = (Authority::new("upstream"), Authority::new("upstream-other")) else { return };
    own.issue("good", "localhost", "ca", "2");
    own.issue("neighbour", "neighbour.test", "ca", "2");
    other.issue("foreign", "localhost", "ca", "2");
    for (authority, file, listen, protocol) in [
        (&own, "good", "ssl http2", Some("HTTP/2.0")),
        (&own, "good", "ssl", Some("HTTP/1.1")),
        (&own, "neighbour", "ssl http2", None),
        (&other, "foreign", "ssl http2", None),
    ] {
        let config = format!(
            "server {{\nlisten ADDRESS {listen};\nssl_certificate {};\nssl_certificate_key {};\n\
             location / {{ proxy_pass http://{behind}; proxy_http_version 1.1; proxy_set_header Connection \"\"; \
             proxy_set_header X-Protocol $server_protocol; proxy_set_header X-Serial $connection; }}\n}}\n",
            authority.path(file),
            authority.path(&format!("{file}.key")),
        );
        let name = format!("upstream-{file}-{}", listen.len());
        let Some(nginx) = Nginx::start(&name, &config, &[]) else { return };
        let service = format!("shop=https://localhost:{}", nginx.address.port());
        let caller = format!("{OWN}=WXAAA,o-alice");
        let words = ["--env", "prod-01", "--owner", "WXAAA", "--service", &service, "--caller", &caller];
        let gateway = Gateway::start_trusting(&own.path("ca"), &words);
        let large = envelope("/", &format!(r#","method":"POST","data":{{"a":"{}"}}"#, "x".repeat(90_000)));
        for call in [post("/"), large, post("/")] {
            let reply = gateway.call(Some(OWN), &call);
            let Some(protocol) = protocol else {
                assert_failure(&reply, -501_001, "resource system error");
                let line = gateway.log_line();
                assert!(line.contains("trouble=\"connect: invalid peer certificate"), "{line}");
                continue;
            };
            assert!(reply["data"]["a"].is_string() || reply["data"]["a"] == 1, "{reply}");
            let request = received.recv().unwrap().1;
            assert_eq!(request.header("x-protocol"), Some(protocol));
            assert_eq!(request.header("x-wx-openid"), Some("o-alice"));
        }
    }
}

/// A service that answers without a look at the body, and takes the body for the next request, as Python's
/// `http.server` does: that is not the answer to the next call.
#[test]
fn a_body_left_unread_is_not_the_next_call() {
    let (sender, requests) = channel();
    let service = service(move |mut link| {
        loop {
            let mut line = String::new();
            let mut head = String::new();
            while std::io::BufRead::read_line(&mut link.stream, &mut head).is_ok_and(|read| read > 0) {
                if line.is_empty() {
                    line.clone_from(&head);
                }
                if head.ends_with("\r\n\r\n") {
                    break;
                }
            }
            if line.is_empty() {
                return;
            }
            if line.starts_with('{') {
                link.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 7\r\n\r\nnothing");
                return;
            }
            sender.send(line.clone()).unwrap();
            link.respond(line.split(' ').nth(1).unwrap());
        }
    });
    let gateway = Gateway::start(service, &[]);
    for number in 0..20 {
        let method = ["POST", "PUT", "GET"][number % 3];
        let data = if method == "GET" { "" } else { r#","data":{"a":1}"# };
        let call = envelope(&format!("/{number}"), &format!(r#","method":"{method}"{data}"#));
        let reply = gateway.call(Some(OWN), &call);
        assert_eq!((&reply["statusCode"], &reply["data"]), (&200.into(), &format!("/{number}").into()), "{reply}");
    }
    assert_eq!(requests.try_iter().count(), 20, "each was done once");
}

/// An answer with a status that could mean so, and means it, is given once more and then believed; the connections
/// stay in use.
#[test]
fn a_request_that_is_rejected_is_rejected() {
    let (sender, requests) = channel();
    let service = service(move |mut link| {
        while let Some(request) = link.request() {
            sender.send((link.number, request.line.clone())).unwrap();
            if request.line.contains("/bad") {
                link.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
                return;
            }
            link.respond("ok");
        }
    });
    let gateway = Gateway::start(service, &[]);
    for _ in 0..3 {
        assert_eq!(gateway.call(Some(OWN), &post("/good"))["data"], "ok");
        let reply = gateway.call(Some(OWN), &post("/bad"));
        assert_eq!((&reply["statusCode"], &reply["data"]), (&400.into(), &"no".into()));
    }
    gateway.call(Some(OWN), &post("/good"));
    gateway.call(Some(OWN), &post("/good"));
    let requests: Vec<(usize, String)> = requests.try_iter().collect();
    assert!(requests.iter().filter(|(_, line)| line.contains("/bad")).count() <= 6);
    let last: Vec<usize> = requests.iter().rev().take(2).map(|(number, _)| *number).collect();
    assert!(last[0] <= last[1] + 1, "{requests:?}");
}

/// A service may answer at once and close, so that the system resets the connection while the body is still being sent.
/// Its answer counts if it arrives at all, and no answer is made up.
#[test]
fn a_service_that_answers_and_resets() {
    let service = service(|mut link| {
        let mut some = [0; 100];
        let _ = link.stream.get_mut().read(&mut some);
        link.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        // What has been left unread makes it a reset.
        thread::sleep(Duration::from_millis(20));
        link.reset();
    });
    let gateway = Gateway::start(service, &[]);
    for _ in 0..20 {
        let more = format!(r#","method":"POST","data":{{"a":"{}"}}"#, "x".repeat(100_000));
        let reply = gateway.call(Some(OWN), &envelope("/", &more));
        assert_eq!((&reply["statusCode"], &reply["data"]), (&413.into(), &"no".into()), "{reply}");
    }
}

/// Answers that come slowly take memory for what has come, not for what could.
#[test]
fn the_memory_of_slow_answers() {
    const CALLS: usize = 500;
    let halves = Arc::new(Barrier::new(CALLS + 1));
    let ends = Arc::clone(&halves);
    let service = service(move |mut link| {
        while link.request().is_some() {
            link.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\"abc");
            // Once all have come so far, and once the memory has been measured.
            halves.wait();
            halves.wait();
            link.stream.get_mut().write_all(b"def\"").unwrap();
        }
    });
    let gateway = Gateway::start(service, &[]);
    let body = envelope("/", r#","method":"POST","data":{"a":1}"#);
    let request = post_head(Some(OWN), &format!("Content-Length: {}\r\n", body.len())) + &body;
    let mut clients: Vec<_> = (0..CALLS)
        .map(|_| {
            let mut client = gateway.connect();
            client.write(request.as_bytes());
            client
        })
        .collect();
    ends.wait();
    // The halves are on their way.
    thread::sleep(Duration::from_millis(500));
    let resident = gateway.resident_bytes();
    ends.wait();
    for client in &mut clients {
        assert_eq!(client.receive().envelope()["data"], "abcdef");
    }
    assert!(resident < 64_000_000, "{resident} bytes for {CALLS} calls");
}
