//! Connections to services are used again, and a call is made once.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};

use super::harness::{Gateway, OWN, PATIENCE, assert_failure, envelope, eventually, tcp};
use super::service::{echo, service};

/// The state of a connection that both sides have open, as the system writes it.
const ESTABLISHED: &str = "01";

/// A call with a body where the method usually has one. It is JSON, so no service can take it for a request.
fn call(method: &str) -> String {
    let data = if matches!(method, "POST" | "PUT") { r#","data":{"a":1}"# } else { "" };
    envelope("/", &format!(r#","method":"{method}"{data}"#))
}

#[test]
fn one_connection_serves_many_calls() {
    let (address, received) = echo();
    let gateway = Gateway::start(address, &[]);
    for number in 0..20 {
        let method = ["POST", "GET", "PUT", "HEAD", "DELETE", "OPTIONS"][number % 6];
        assert_eq!(gateway.call(Some(OWN), &call(method))["statusCode"], 200);
    }
    let connections: Vec<usize> = received.try_iter().map(|(connection, _)| connection).collect();
    assert_eq!(connections.len(), 20);
    // Each pause of 4 s is the end of one.
    assert!(connections[19] < 10, "{connections:?}");
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
            assert_eq!(gateway.call(Some(OWN), &call("POST"))["data"], "ok");
            assert_eq!(numbers.recv().unwrap(), number, "{response}");
        }
    }
}

/// A service may take a body that it does not read for a request, and send a body that nobody reads.
#[test]
fn a_connection_that_may_have_lost_its_place_is_not_used_again() {
    let (sender, numbers) = channel();
    let address = service(move |mut link| {
        while let Some(request) = link.request() {
            sender.send(link.number).unwrap();
            let status = if request.line.contains("/304") { "304 Not Modified" } else { "200 OK" };
            link.write(format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n"));
            if !request.line.starts_with("HEAD") && !request.line.contains("/304") {
                link.write("ok");
            }
        }
    });
    let gateway = Gateway::start(address, &[]);
    for (path, more) in [
        ("/", r#","method":"DELETE","data":{"a":1}"#),
        ("/", r#","method":"OPTIONS","data":[1]"#),
        ("/", r#","method":"DELETE","data":"GET / HTTP/1.1""#),
        ("/", r#","method":"HEAD""#),
        ("/304", ""),
    ] {
        assert!(gateway.call(Some(OWN), &envelope(path, more))["statusCode"].is_u64(), "{more}");
        let number = numbers.recv().unwrap();
        assert_eq!(gateway.call(Some(OWN), &call("POST"))["data"], "ok");
        assert_ne!(numbers.recv().unwrap(), number, "{more}");
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
        assert_eq!(gateway.call(Some(OWN), &call("POST"))["data"], "ok");
        assert_eq!(numbers.recv().unwrap(), number);
    }
}

/// A service whose connections last for one response, and end when the next request comes, without a byte of an answer.
/// It tells of every request: how many came before it on its connection.
fn dies_at_second_request() -> (SocketAddr, Receiver<usize>) {
    let (sender, requests) = channel();
    let address = service(move |mut link| {
        if link.request().is_some() {
            sender.send(0).unwrap();
            link.respond("ok");
            if link.request().is_some() {
                // The test may be over.
                let _ = sender.send(1);
            }
        }
    });
    (address, requests)
}

/// What may be repeated (RFC 9110, section 9.2.2) is, once, on a new connection.
#[test]
fn a_dead_connection_is_replaced_where_the_call_may_be_repeated() {
    let (address, requests) = dies_at_second_request();
    let gateway = Gateway::start(address, &[]);
    // One connection of a client: a gateway may keep those to services for each of its threads.
    let mut client = gateway.connect();
    for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
        // The connection of the call before may have been idle for too long to be used.
        eventually("a call that finds a connection and loses it", || {
            assert_eq!(client.call(Some(OWN), &call(method)).envelope()["statusCode"], 200, "{method}");
            let requests: Vec<usize> = requests.try_iter().collect();
            assert!(matches!(requests[..], [0] | [1, 0]), "{method}: {requests:?}");
            requests.len() == 2
        });
    }
}

#[test]
fn a_post_on_a_dead_connection_is_not_repeated() {
    let (address, requests) = dies_at_second_request();
    let gateway = Gateway::start(address, &[]);
    // One connection of a client: a gateway may keep those to services for each of its threads.
    let mut client = gateway.connect();
    eventually("a call that finds a connection and loses it", || {
        assert_eq!(client.call(Some(OWN), &call("GET")).envelope()["data"], "ok");
        let _ = requests.try_iter().count();
        let reply = client.call(Some(OWN), &call("POST")).envelope();
        let has_died = requests.recv().unwrap() == 1;
        if has_died {
            assert_failure(&reply, -501_001, "resource system error");
        }
        assert_eq!(client.call(Some(OWN), &call("GET")).envelope()["data"], "ok");
        if has_died {
            assert_eq!(requests.try_iter().collect::<Vec<_>>(), [0], "that of the last call");
        }
        has_died
    });
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
    // One connection of a client: a gateway may keep those to services for each of its threads.
    let mut client = gateway.connect();
    eventually("a call that finds a connection and loses it", || {
        assert_eq!(client.call(Some(OWN), &call("GET")).envelope()["data"], "ok");
        let reply = client.call(Some(OWN), &call("GET")).envelope();
        let numbers: Vec<usize> = requests.try_iter().collect();
        assert_eq!(numbers.len(), 2);
        let is_same = numbers[0] == numbers[1];
        if is_same {
            assert_failure(&reply, -501_001, "resource system error");
        }
        is_same
    });
}

/// A connection that the service has closed since is found out before it is used, so even a POST gets through.
#[test]
fn a_connection_closed_while_idle_is_not_used() {
    let (sender, ends) = channel();
    let address = service(move |mut link| {
        if link.request().is_some() {
            let stream = link.stream.get_ref();
            sender.send((stream.peer_addr().unwrap(), stream.local_addr().unwrap())).unwrap();
            link.respond("ok");
        }
    });
    let gateway = Gateway::start(address, &[]);
    for _ in 0..10 {
        assert_eq!(gateway.call(Some(OWN), &call("POST"))["data"], "ok");
        let (own, service) = ends.recv().unwrap();
        // The gateway's end has been told so: it is in CLOSE-WAIT, or closed by now.
        eventually("a connection that the service has closed", || {
            tcp(own, service).is_none_or(|row| row[3] != ESTABLISHED)
        });
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
    gateway.call(Some(OWN), &call("POST"));
    assert_eq!(ends.recv_timeout(PATIENCE).unwrap(), 0);
}
