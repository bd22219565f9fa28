//! Services and gateways of which there are several, behind nginx as the README shows, one of which ends under load.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::harness::{Connection, Gateway, OWN, envelope, eventually};
use super::nginx_server::{Nginx, readme_config};
use super::service::echo;

const CLIENTS: usize = 64;
/// How many calls are made before it ends, and how many at least behind that.
const CALLS: usize = 4000;

/// Has many clients call, each in its own way, which says what went wrong with a call. None may fail, and in the midst of
/// it something `ends`. Returns how many calls there were.
#[track_caller]
fn call_while<C: FnMut() -> Result<(), String>>(client: impl Fn() -> C + Sync, ends: impl FnOnce()) -> usize {
    let (done, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let failures = thread::scope(|scope| {
        let run = || {
            let mut call = client();
            let mut failures = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                failures.extend(call().err());
                done.fetch_add(1, Ordering::Relaxed);
            }
            failures
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(run)).collect();
        let more = |calls: usize| {
            let all = done.load(Ordering::Relaxed) + calls;
            eventually("more calls", || done.load(Ordering::Relaxed) >= all);
        };
        more(CALLS);
        ends();
        more(CALLS);
        is_over.store(true, Ordering::Relaxed);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect::<Vec<String>>()
    });
    let done = done.into_inner();
    assert!(failures.is_empty(), "{} of {done} calls failed: {:?}", failures.len(), failures.first());
    done
}

/// Makes a call on this connection. There is no connection any more if the answer was the last on it.
fn call_on(connection: &mut Option<Connection>, call: &str) -> Result<(), String> {
    let answer = connection.as_mut().unwrap().call(Some(OWN), call);
    if answer.header("connection") == Some("close") {
        *connection = None;
    }
    let is_right = answer.status == 200 && answer.text().contains(r#""statusCode":200"#);
    if is_right { Ok(()) } else { Err(format!("{} {}", answer.status, answer.text())) }
}

/// A client that calls one address.
fn client(address: SocketAddr, call: &str) -> impl FnMut() -> Result<(), String> {
    let mut connection = None;
    move || {
        connection.get_or_insert_with(|| Connection::to(address));
        call_on(&mut connection, call)
    }
}

/// A replica of a service that is killed takes no idempotent call with it: the balancer goes to another.
#[test]
fn a_replica_that_is_killed_takes_no_call_with_it() {
    let replica = |name: &str| {
        let config = format!("server {{ listen ADDRESS; location / {{ return 200 '{name}'; }} }}");
        Nginx::start(&format!("replica-{name}"), &config, &[])
    };
    let (Some(one), Some(two)) = (replica("one"), replica("two")) else { return };
    let config = readme_config(
        "upstream shop",
        &[
            ("listen 9000", "listen ADDRESS"),
            ("server 10.0.0.11:9000", &format!("server {}", one.address)),
            ("server 10.0.0.12:9000", &format!("server {}", two.address)),
        ],
    );
    let Some(front) = Nginx::start("replicas", &config, &[]) else { return };
    let mut gateway = Gateway::start(front.address, &[]);
    let both = || (0..20).map(|_| gateway.call(Some(OWN), &envelope("/", ""))["data"].to_string()).collect::<Vec<_>>();
    assert!(both().contains(&"\"one\"".to_owned()) && both().contains(&"\"two\"".to_owned()));
    // What ends it is SIGKILL.
    let call = envelope("/", "");
    let done = call_while(|| client(gateway.address, &call), || drop(one));
    gateway.signal("TERM");
    let (_, log) = gateway.wait();
    assert_eq!(log.len(), 40 + done);
    assert!(log.iter().all(|line| line.contains(" status=200 ")));
}

/// Nor does a gateway that is told to stop: nginx does not know, but repeats what meets a port that is being closed.
#[test]
fn a_gateway_that_stops_takes_no_call_with_it() {
    let (service, _received) = echo();
    let [mut stops, stays] = [(); 2].map(|()| Gateway::start(service, &["--proxy", "127.0.0.1"]));
    let config = readme_config(
        "upstream gateways",
        &[
            ("listen 8080", "listen ADDRESS"),
            ("server 127.0.0.1:8081", &format!("server {}", stops.address)),
            ("server 127.0.0.1:8082", &format!("server {}", stays.address)),
        ],
    );
    let Some(front) = Nginx::start("gateways", &config, &[]) else { return };
    let request = format!("GET /v1/cloudrun/shop HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {OWN}\r\n\r\n");
    let client = || {
        let mut connection = Connection::to(front.address);
        let request = &request;
        move || {
            let answer = connection.ask(request);
            if answer.header("connection") == Some("close") {
                connection = Connection::to(front.address);
            }
            if answer.status == 200 { Ok(()) } else { Err(format!("{} {}", answer.status, answer.text())) }
        }
    };
    let mut calls = 0;
    call_while(client, || {
        stops.signal("TERM");
        let (status, log) = stops.wait();
        assert_eq!(status.code(), Some(0));
        calls = log.len();
    });
    assert!(calls > 0);
}

/// Where the balancer looks whether a gateway is ready, no call is lost that may not be repeated, nor made twice. This one
/// keeps connections, and looks now and then.
#[test]
fn a_gateway_that_says_that_it_stops_takes_no_call_with_it() {
    let (service, received) = echo();
    let options = ["--metrics", "127.0.0.1:0", "--leave", "4"];
    let [mut stops, stays] = [(); 2].map(|()| Gateway::start(service, &options));
    let metrics = stops.metrics();
    let (is_ready, is_over) = (AtomicBool::new(true), AtomicBool::new(false));
    let call = envelope("/", r#","method":"POST","data":"tea""#);
    let mut calls = 0;
    let done = thread::scope(|scope| {
        let looks = || {
            while !is_over.load(Ordering::Relaxed) {
                let answer = Connection::to(metrics).ask("GET /readyz HTTP/1.1\r\nHost: gateway\r\n\r\n");
                if answer.status == 503 {
                    is_ready.store(false, Ordering::Relaxed);
                    break;
                }
                thread::sleep(Duration::from_millis(200));
            }
        };
        scope.spawn(looks);
        let addresses = [stops.address, stays.address];
        let client = || {
            let mut connections = [None, None];
            let mut number = 0;
            let (call, is_ready) = (&call, &is_ready);
            move || {
                number += 1;
                let to = if is_ready.load(Ordering::Relaxed) { number % 2 } else { 1 };
                connections[to].get_or_insert_with(|| Connection::to(addresses[to]));
                call_on(&mut connections[to], call)
            }
        };
        let done = call_while(client, || {
            stops.signal("TERM");
            let (status, log) = stops.wait();
            assert_eq!(status.code(), Some(0));
            calls = log.len();
        });
        is_over.store(true, Ordering::Relaxed);
        done
    });
    assert!(calls > CALLS / 4, "{calls} of {done} calls went to the one that stops");
    assert!(!is_ready.into_inner());
    assert_eq!(received.try_iter().count(), done, "each call reaches the service once");
}
