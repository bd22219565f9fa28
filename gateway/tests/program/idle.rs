//! How long a connection may wait, and for what.

use std::thread;
use std::time::{Duration, Instant};

use super::harness::{Gateway, OWN, envelope, eventually, has_passed};
use super::service::{echo, gated, nobody};

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n";

/// An idle connection is closed, whether a request has come on it or not, and nothing is said on it.
#[test]
fn what_is_idle_is_closed() {
    let mut gateway = Gateway::start(nobody(), &["--idle", "1"]);
    let begun = Instant::now();
    assert!(gateway.connect().is_closed());
    assert!(has_passed(Duration::from_secs(1), begun.elapsed()));
    let mut idle = gateway.connect();
    for _ in 0..2 {
        // The time begins anew with each answer.
        eventually("two answers", || {
            idle.write(HEALTH.as_bytes());
            let answered = idle.try_receive().is_some();
            if !answered {
                idle = gateway.connect();
            }
            thread::sleep(Duration::from_millis(600));
            answered
        });
    }
    assert!(idle.is_closed());
    gateway.signal("TERM");
    assert_eq!(gateway.wait().1, [""; 0]);
}

/// An empty line is no beginning of a request.
#[test]
fn an_empty_line_is_idle_too() {
    let gateway = Gateway::start(nobody(), &["--idle", "1"]);
    let mut blank = gateway.connect();
    blank.write(b"\r\n");
    assert!(blank.is_closed());
}

/// Without the option, a device may think for longer than a head may take.
#[test]
fn a_minute_is_given_by_default() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    eventually("a call after a pause of 12 s", || {
        let mut silent = gateway.connect();
        let mut used = gateway.connect();
        assert_eq!(used.call(Some(OWN), &envelope("/", "")).status, 200);
        thread::sleep(Duration::from_secs(12));
        [&mut silent, &mut used].into_iter().all(|connection| {
            connection.write(HEALTH.as_bytes());
            connection.try_receive().is_some_and(|answer| answer.status == 200)
        })
    });
}

/// The time of a head is its own, from its first byte on; so is that of a call.
#[test]
fn the_time_of_a_head_and_that_of_a_call_are_not_idle() {
    let gateway = Gateway::start(nobody(), &["--idle", "1"]);
    eventually("a head that takes longer than a connection may be idle", || {
        let mut connection = gateway.connect();
        connection.write(&HEALTH.as_bytes()[..1]);
        thread::sleep(Duration::from_secs(2));
        connection.write(&HEALTH.as_bytes()[1..]);
        connection.try_receive().is_some_and(|answer| answer.status == 200)
    });
    let (service, arrivals, gate) = gated();
    let gateway = Gateway::start(service, &["--idle", "1"]);
    let hold = gate.write().unwrap();
    let call = envelope("/", r#","method":"POST","data":"tea""#);
    thread::scope(|scope| {
        let answer = scope.spawn(|| gateway.call(Some(OWN), &call));
        arrivals.recv().unwrap();
        thread::sleep(Duration::from_secs(2));
        drop(hold);
        assert_eq!(answer.join().unwrap()["data"], "tea");
    });
}

/// A head that does not come is not waited for for ever, however often a byte of it does.
#[test]
fn a_slow_head_is_told_so() {
    let gateway = Gateway::start(nobody(), &["--idle", "3600"]);
    let mut slow = gateway.connect();
    slow.write(b"POST / HTTP/1.1\r\nHost: gate");
    let mut second = gateway.connect();
    assert_eq!(second.ask(HEALTH).status, 200);
    second.write(b"G");
    let mut steady = gateway.connect();
    steady.write(b"GET /");
    let mut writer = steady.stream.get_ref().try_clone().unwrap();
    thread::spawn(move || {
        while std::io::Write::write_all(&mut writer, b"x").is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
    });
    for connection in [&mut slow, &mut second, &mut steady] {
        let answer = connection.receive();
        assert_eq!((answer.status, answer.header("connection")), (408, Some("close")));
        assert!(connection.is_closed());
        let line = gateway.log_line();
        assert!(line.contains(" event=rejected status=408 peer=127.0.0.1 "), "{line}");
    }
}
