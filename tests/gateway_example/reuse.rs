//! Connections to services are used again, and a call is made once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::harness::{Gateway, OWN, assert_failure, envelope};
use super::service::{Link, echo, service};

fn call(method: &str, text: &str) -> String {
    let data = if method == "GET" { String::new() } else { format!(r#","data":"{text}""#) };
    envelope("/", &format!(r#","method":"{method}"{data}"#))
}

#[test]
fn one_connection_serves_many_calls() {
    let (address, received) = echo();
    let gateway = Gateway::start(address, &[]);
    for number in 0..20 {
        let method = ["POST", "GET", "PUT"][number % 3];
        gateway.call(Some(OWN), &call(method, "x"));
    }
    let connections: Vec<usize> = received.try_iter().map(|(connection, _)| connection).collect();
    assert_eq!(connections, [0; 20]);
}

#[test]
fn what_a_service_closes_is_not_used_again() {
    for response in [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\n\r\nok",
    ] {
        let (sender, numbers) = channel();
        let address = service(move |mut link| {
            if link.request().is_some() {
                sender.send(link.number).unwrap();
                link.write(response);
            }
        });
        let gateway = Gateway::start(address, &[]);
        for number in 0..4 {
            assert_eq!(gateway.call(Some(OWN), &call("POST", "x"))["data"], "ok");
            assert_eq!(numbers.recv().unwrap(), number, "{response}");
        }
    }
}

/// A service that sends more than its response, or before it is asked, has lost its place.
#[test]
fn a_connection_with_more_in_it_is_not_used_again() {
    let (sender, numbers) = channel();
    let address = service(move |mut link| {
        while link.request().is_some() {
            sender.send(link.number).unwrap();
            link.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
            );
        }
    });
    let gateway = Gateway::start(address, &[]);
    for number in 0..4 {
        assert_eq!(gateway.call(Some(OWN), &call("POST", "x"))["data"], "ok");
        assert_eq!(numbers.recv().unwrap(), number);
    }
}

/// The connection lasts for one response, and ends when the next request comes, without a byte of an answer.
fn dies_at_second_request(link: &mut Link) -> usize {
    let mut requests = 0;
    if link.request().is_some() {
        requests += 1;
        link.respond("ok");
        requests += usize::from(link.request().is_some());
    }
    requests
}

/// What may be repeated (RFC 9110, section 9.2.2) is, once, on a new connection.
#[test]
fn a_dead_connection_is_replaced_where_the_call_may_be_repeated() {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let address = service(move |mut link| {
        counter.fetch_add(dies_at_second_request(&mut link), Ordering::SeqCst);
    });
    let gateway = Gateway::start(address, &[]);
    for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
        for _ in 0..2 {
            assert_eq!(gateway.call(Some(OWN), &call(method, "x"))["statusCode"], 200, "{method}");
        }
    }
    // Each pair of calls, but the first, finds the connection of the call before it.
    assert!(requests.load(Ordering::SeqCst) >= 10);
}

#[test]
fn a_post_on_a_dead_connection_is_not_repeated() {
    let (sender, posts) = channel();
    let address = service(move |mut link| {
        if link.request().is_some() {
            link.respond("ok");
            if let Some(request) = link.request() {
                sender.send(request.body).unwrap();
            }
        }
    });
    let gateway = Gateway::start(address, &[]);
    assert_eq!(gateway.call(Some(OWN), &call("GET", ""))["data"], "ok");
    assert_failure(&gateway.call(Some(OWN), &call("POST", "once")), -501_001, "resource system error");
    assert_eq!(posts.recv().unwrap(), b"once");
    assert_eq!(gateway.call(Some(OWN), &call("GET", ""))["data"], "ok");
    assert!(posts.try_recv().is_err());
}

/// Once a byte of an answer has come, the service has begun, and nothing is repeated.
#[test]
fn a_connection_that_dies_in_an_answer_is_no_reason_to_repeat() {
    let (sender, requests) = channel();
    let address = service(move |mut link| {
        for answer in
            ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"]
        {
            if link.request().is_none() {
                break;
            }
            sender.send(link.number).unwrap();
            link.write(answer);
        }
    });
    let gateway = Gateway::start(address, &[]);
    assert_eq!(gateway.call(Some(OWN), &call("GET", ""))["data"], "ok");
    assert_failure(&gateway.call(Some(OWN), &call("GET", "")), -501_001, "resource system error");
    assert_eq!(requests.try_iter().collect::<Vec<_>>(), [0, 0]);
}

/// A connection that the service has closed since is found out before it is used, so even a POST gets through.
#[test]
fn a_connection_closed_while_idle_is_not_used() {
    let (sender, closed) = channel();
    let address = service(move |mut link| {
        if link.request().is_some() {
            link.respond("ok");
            drop(link);
            // The test may be over.
            let _ = sender.send(());
        }
    });
    let gateway = Gateway::start(address, &[]);
    for _ in 0..10 {
        assert_eq!(gateway.call(Some(OWN), &call("POST", "x"))["data"], "ok");
        closed.recv().unwrap();
        thread::sleep(Duration::from_millis(50));
    }
}

/// The gateway closes what is idle before services usually do.
#[test]
fn an_idle_connection_is_closed() {
    let (sender, ends) = channel();
    let address = service(move |mut link| {
        while link.request().is_some() {
            link.respond("ok");
        }
        sender.send(link.number).unwrap();
    });
    let gateway = Gateway::start(address, &[]);
    gateway.call(Some(OWN), &call("POST", "x"));
    assert_eq!(ends.recv_timeout(Duration::from_secs(8)).unwrap(), 0);
}
