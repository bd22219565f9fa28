use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use super::harness::{Gateway, OWN, assert_failure, envelope, has_passed, post_head};
use super::service::{Link, nobody, service};

const SYSTEM_ERROR: &str = "resource system error";

/// A service that does as told to `/bad`, and well otherwise.
fn bad(misbehave: impl Fn(Link) + Send + Sync + 'static) -> std::net::SocketAddr {
    service(move |mut link| {
        while let Some(request) = link.request() {
            if request.line.contains(" /bad") {
                return misbehave(link);
            }
            link.respond("well");
        }
    })
}

/// A call to a service that misbehaves fails with this code, and the gateway lives on.
#[track_caller]
fn assert_fails(name: &str, misbehave: impl Fn(Link) + Send + Sync + 'static) {
    let gateway = Gateway::start(bad(misbehave), &[]);
    for method in ["GET", "POST"] {
        let call = envelope("/bad", &format!(r#","method":"{method}""#));
        let reply = gateway.call(Some(OWN), &call);
        assert!(reply["errCode"] == -501_001, "{name}: {reply}");
        assert_failure(&reply, -501_001, SYSTEM_ERROR);
        assert!(gateway.log_line().contains(" trouble="), "{name}");
        assert_eq!(gateway.call(Some(OWN), &envelope("/good", ""))["data"], "well", "{name}");
        assert!(gateway.log_line().contains(" status=200 "), "{name}");
    }
}

#[test]
fn a_service_that_closes_without_a_word() {
    assert_fails("closes", drop);
}

#[test]
fn a_service_that_resets() {
    // What it leaves unread makes the system reset the connection.
    let address = service(|link| {
        let mut byte = [0];
        let _ = link.stream.get_ref().peek(&mut byte);
        link.reset();
    });
    let gateway = Gateway::start(address, &[]);
    for method in ["GET", "POST"] {
        let call = envelope("/", &format!(r#","method":"{method}""#));
        assert_failure(&gateway.call(Some(OWN), &call), -501_001, SYSTEM_ERROR);
    }
}

#[test]
fn a_service_that_is_not_there() {
    let gateway = Gateway::start(nobody(), &[]);
    assert_failure(&gateway.call(Some(OWN), &envelope("/", "")), -501_001, SYSTEM_ERROR);
    let line = gateway.log_line();
    assert!(line.contains(" code=-501001 ") && line.contains("trouble=\"connect: "), "{line}");
}

#[test]
fn a_host_that_is_not_there() {
    let service = "shop=no-such-host.invalid:80";
    let gateway = Gateway::start_with(&["--env", "prod-01", "--owner", "WXAAA", "--service", service, "--public"]);
    assert_failure(&gateway.call(None, &envelope("/", r#","timeout":10000"#)), -501_001, SYSTEM_ERROR);
}

#[test]
fn a_service_that_ends_early() {
    for beginning in [
        "HTTP/1.1 200 O",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        assert_fails(beginning, move |mut link| link.write(beginning));
    }
}

#[test]
fn a_service_that_answers_garbage() {
    for garbage in [
        "garbage\r\n\r\n",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "{\"statusCode\":200}",
        "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 99 X\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nBroken header\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ] {
        assert_garbage_fails(garbage);
    }
}

#[test]
fn a_service_that_answers_with_another_version() {
    assert_garbage_fails("HTTP/2.0 200 OK\r\n\r\n");
}

#[track_caller]
fn assert_garbage_fails(garbage: &'static str) {
    assert_fails(garbage, move |mut link| {
        link.write(garbage);
        // It waits for more: the gateway has to know by itself.
        link.is_dropped();
    });
}

/// The call's own time ends it, and the connection with it.
#[test]
fn a_service_that_is_slow() {
    for beginning in ["", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"] {
        let (sender, dropped) = channel();
        let address = bad(move |mut link| {
            link.write(beginning);
            sender.send(link.is_dropped()).unwrap();
        });
        let gateway = Gateway::start(address, &[]);
        for method in ["GET", "POST"] {
            let call = envelope("/bad", &format!(r#","method":"{method}","timeout":200"#));
            let begun = Instant::now();
            assert_failure(&gateway.call(Some(OWN), &call), 102_002, "请求超时");
            // Without a word, it would be 15 s.
            let took = begun.elapsed();
            assert!(has_passed(Duration::from_millis(200), took) && took < Duration::from_secs(15), "{took:?}");
            assert!(dropped.recv().unwrap(), "the connection to the service is closed");
            assert_eq!(gateway.call(Some(OWN), &envelope("/good", ""))["data"], "well");
        }
    }
}

/// Without a `timeout`, or with one that has no effect or is 0, a call ends after 15 s.
#[test]
fn a_service_that_is_slow_and_a_call_that_does_not_say() {
    let gateway = Gateway::start(
        bad(|mut link| {
            link.is_dropped();
        }),
        &[],
    );
    thread::scope(|scope| {
        for more in ["", r#","timeout":60000"#, r#","timeout":0"#] {
            let gateway = &gateway;
            scope.spawn(move || {
                let begun = Instant::now();
                assert_failure(&gateway.call(Some(OWN), &envelope("/bad", more)), 102_002, "请求超时");
                let took = begun.elapsed();
                assert!(has_passed(Duration::from_secs(15), took) && took < Duration::from_secs(60), "{took:?}");
            });
        }
    });
}

/// Nobody waits for the answer: the service is told by the end of its connection.
#[test]
fn a_client_that_goes_away() {
    let (sender, told) = channel();
    let address = bad(move |mut link| {
        sender.send(false).unwrap();
        sender.send(link.is_dropped()).unwrap();
    });
    let gateway = Gateway::start(address, &[]);
    let body = envelope("/bad", r#","callID":"17-0.5""#);
    let mut connection = gateway.connect();
    connection.write((post_head(Some(OWN), &format!("Content-Length: {}\r\n", body.len())) + &body).as_bytes());
    assert!(!told.recv().unwrap());
    drop(connection);
    assert!(told.recv().unwrap(), "the connection to the service is closed");
    let line = gateway.log_line();
    assert!(line.contains(" call=17-0.5 ") && line.contains(" code=abandoned "), "{line}");
    assert_eq!(gateway.call(Some(OWN), &envelope("/good", ""))["data"], "well");
}

/// A client that goes away in the middle of its envelope makes no call.
#[test]
fn a_client_that_goes_away_early() {
    let (address, received) = super::service::echo();
    let gateway = Gateway::start(address, &[]);
    for sent in ["", "{\"config\""] {
        let mut connection = gateway.connect();
        connection.write((post_head(Some(OWN), "Content-Length: 500\r\n") + sent).as_bytes());
        drop(connection);
        let line = gateway.log_line();
        assert!(line.contains(" event=rejected status=400 ") && line.contains("the body is broken"), "{line}");
    }
    assert_eq!(received.try_iter().count(), 0);
}

/// A service may answer before it has read the request; its answer counts.
#[test]
fn a_service_that_answers_before_it_reads() {
    let address = service(|mut link| {
        link.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        link.is_dropped();
    });
    let gateway = Gateway::start(address, &[]);
    for length in [0, 100_000] {
        let more = format!(r#","method":"POST","data":"{}""#, "x".repeat(length));
        let reply = gateway.call(Some(OWN), &envelope("/", &more));
        assert_eq!((&reply["statusCode"], &reply["data"]), (&413.into(), &"no".into()), "{reply}");
    }
}
