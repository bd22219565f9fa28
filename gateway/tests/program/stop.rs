use std::net::TcpStream;
use std::sync::mpsc::channel;

use super::harness::{Gateway, OWN, envelope, eventually, post_head};
use super::service::{echo, gated, service};

/// Waits until the gateway listens no more.
fn stops_listening(gateway: &Gateway) {
    eventually("a connection that is refused", || TcpStream::connect(gateway.address).is_err());
}

/// Calls in flight finish, new connections are refused, and the gateway ends well.
#[test]
fn a_signal_lets_calls_in_flight_finish() {
    for signal in ["TERM", "INT"] {
        let (address, arrivals, gate) = gated();
        let hold = gate.write().unwrap();
        let mut gateway = Gateway::start(address, &[]);
        let mut in_flight: Vec<_> = (0..8).map(|_| gateway.connect()).collect();
        for (number, connection) in in_flight.iter_mut().enumerate() {
            let body = envelope("/", &format!(r#","method":"POST","data":"number {number}""#));
            let head = post_head(Some(OWN), &format!("Content-Length: {}\r\n", body.len()));
            connection.write((head + &body).as_bytes());
        }
        for _ in &in_flight {
            arrivals.recv().unwrap();
        }
        gateway.signal(signal);
        stops_listening(&gateway);
        drop(hold);
        for (number, connection) in in_flight.iter_mut().enumerate() {
            let answer = connection.receive();
            assert_eq!(answer.envelope()["data"], format!("number {number}"));
            assert!(connection.is_closed());
        }
        drop(in_flight);
        let (status, log) = gateway.wait();
        assert_eq!(status.code(), Some(0), "{log:?}");
        assert_eq!(log.iter().filter(|line| line.contains(" status=200 ")).count(), 8, "{log:?}");
    }
}

/// Connections without a call end at once, even if others have one.
#[test]
fn a_signal_ends_idle_connections() {
    let (address, arrivals, gate) = gated();
    let hold = gate.write().unwrap();
    let gateway = Gateway::start(address, &[]);
    let mut idle = gateway.connect();
    assert_eq!(idle.ask("GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n").status, 200);
    let mut silent = gateway.connect();
    let mut in_flight = gateway.connect();
    let body = envelope("/", "");
    in_flight.write((post_head(Some(OWN), &format!("Content-Length: {}\r\n", body.len())) + &body).as_bytes());
    arrivals.recv().unwrap();
    gateway.signal("TERM");
    assert!(idle.is_closed());
    assert!(silent.is_closed());
    drop(hold);
    assert_eq!(in_flight.receive().envelope()["statusCode"], 200);
}

/// Who keeps a connection open does not keep the gateway.
#[test]
fn idle_clients_do_not_hold_it_up() {
    let (address, _received) = echo();
    let mut gateway = Gateway::start(address, &[]);
    let mut idle = gateway.connect();
    assert_eq!(idle.call(Some(OWN), &envelope("/", "")).status, 200);
    gateway.signal("TERM");
    let (status, log) = gateway.wait();
    assert_eq!(status.code(), Some(0));
    // It would say that it gave up waiting.
    assert!(log.iter().all(|line| line.contains(" status=200 ")), "{log:?}");
}

#[test]
fn a_second_signal_waits_for_nothing() {
    let (arrived, arrivals) = channel();
    let address = service(move |mut link| {
        if link.request().is_some() {
            arrived.send(()).unwrap();
            link.is_dropped();
        }
    });
    let mut gateway = Gateway::start(address, &[]);
    let mut connection = gateway.connect();
    let body = envelope("/", "");
    connection.write((post_head(Some(OWN), &format!("Content-Length: {}\r\n", body.len())) + &body).as_bytes());
    arrivals.recv().unwrap();
    gateway.signal("TERM");
    // The first has been seen when the gateway no longer listens.
    stops_listening(&gateway);
    gateway.signal("TERM");
    let (status, _) = gateway.wait();
    // Had it waited for the call, or for as long as it does, this would be 0.
    assert_eq!(status.code(), Some(1));
}
