//! More connections than there are places for.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::harness::{Connection, Gateway, OWN, envelope, eventually, post_head};
use super::service::{echo, gated, nobody};

/// As the README has it.
const PLACES: usize = 640;
const SHARE: usize = 512;
const LINES: usize = 64;

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n";

/// Other addresses of this machine.
const NEIGHBOUR: [IpAddr; 2] =
    [IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2)), IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 3))];

/// Each of these tests has many files open, of which the system gives a process so many.
pub static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub fn one_at_a_time() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Silent connections that never end by themselves take no place from those who have something to say: the one that has
/// waited longest is closed for each that comes.
#[test]
fn silent_connections_stop_nobody() {
    let _one = one_at_a_time();
    let (service, arrivals, gate) = gated();
    let gateway = Gateway::start(service, &["--idle", "3600"]);
    // A call under way is no idle connection, however long it has been there.
    let hold = gate.write().unwrap();
    let mut busy = gateway.connect();
    let call = envelope("/", r#","method":"POST","data":"tea","timeout":60000"#);
    busy.write((post_head(Some(OWN), &format!("Content-Length: {}\r\n", call.len())) + &call).as_bytes());
    arrivals.recv().unwrap();
    let mut silent: Vec<Connection> = (0..SHARE + 20).map(|_| gateway.connect()).collect();

    let mut health = gateway.connect();
    assert_eq!(health.ask(HEALTH).status, 200);
    drop(hold);
    let mut caller = gateway.connect();
    assert_eq!(caller.call(Some(OWN), &call).envelope()["data"], "tea");
    // It has been there all the time, if not for longer than a call may take.
    assert_eq!(busy.receive().status, 200);

    // The one call and these are as many as there may be, so 21 were too many; then came two that are still there.
    let closed = 21 + 2;
    for connection in &mut silent[..closed] {
        assert!(connection.is_closed());
    }
    assert!(silent[closed + 1..].iter().all(Connection::is_silent));
    let log: Vec<String> = (0..closed + 2).map(|_| gateway.log_line()).collect();
    let crowded = log.iter().filter(|line| line.contains(" event=crowded peer=127.0.0.1 "));
    let crowded: Vec<_> = crowded.filter(|line| line.contains("512 places that one may have")).collect();
    assert_eq!(crowded.len(), closed, "{log:?}");

    // So it is with those who only begin to say something.
    let gateway = Gateway::start(service, &["--idle", "3600"]);
    let begin = || {
        let mut connection = gateway.connect();
        connection.write(b"POST /");
        connection
    };
    let _begun: Vec<Connection> = (0..SHARE).map(|_| begin()).collect();
    assert_eq!(gateway.connect().ask(HEALTH).status, 200);
    let line = gateway.log_line();
    assert!(line.contains(" event=crowded "), "{line}");
}

/// Connections on each of which a request is under way: its body does not come.
pub fn busy(from: IpAddr, gateway: &Gateway, count: usize) -> Vec<Connection> {
    let head = post_head(Some(OWN), "Expect: 100-continue\r\nContent-Length: 3\r\n");
    let open = || {
        let mut connection = Connection::from(from, gateway.address);
        connection.write(head.as_bytes());
        connection
    };
    let mut all: Vec<Connection> = (0..count).map(|_| open()).collect();
    for connection in &mut all {
        // The gateway has begun to read it.
        let mut word = [0; 25];
        std::io::Read::read_exact(&mut connection.stream, &mut word).unwrap();
        assert_eq!(&word, b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    all
}

/// What this address is answered when it asks for something small.
fn health(from: IpAddr, address: SocketAddr) -> Option<u16> {
    let mut connection = Connection::from(from, address);
    // It may be closed before this is sent.
    let _ = std::io::Write::write_all(connection.stream.get_mut(), HEALTH.as_bytes());
    connection.try_receive().map(|answer| answer.status)
}

/// No address has all of the places, not with requests that are under way either, unless it is a proxy's.
#[test]
fn one_address_cannot_keep_out_another() {
    let _one = one_at_a_time();
    // The requests end after 20 s, which may be over before all is seen.
    eventually("an address that has its share", || {
        let gateway = Gateway::start(nobody(), &[]);
        let _busy = busy(NEIGHBOUR[0], &gateway, SHARE);
        let refused = matches!(health(NEIGHBOUR[0], gateway.address), None | Some(503));
        assert_eq!(gateway.connect().ask(HEALTH).status, 200);
        let line = refused.then(|| gateway.log_line());
        line.is_some_and(|line| line.contains(" event=rejected status=503 peer=127.0.0.2 "))
    });
    let gateway = Gateway::start(nobody(), &["--proxy", "127.0.0.3"]);
    let _busy = busy(NEIGHBOUR[1], &gateway, SHARE);
    assert_eq!(health(NEIGHBOUR[1], gateway.address), Some(200));
}

/// Where a request is under way in every place, who comes next waits for the first that ends.
#[test]
fn who_comes_next_waits() {
    let _one = one_at_a_time();
    let gateway = Gateway::start(nobody(), &["--proxy", "127.0.0.3"]);
    let mut busy = busy(NEIGHBOUR[1], &gateway, PLACES);
    let mut next = gateway.connect();
    next.write(HEALTH.as_bytes());
    // It has its answer, if it is not too late for it.
    assert!(matches!(busy[7].ask("{ }").status, 200 | 408));
    // Its connection, which is idle now, gives its place to the one that waits.
    assert_eq!(next.receive().status, 200);
    assert!(busy[7].is_closed());
}

/// Where the system has no room for another connection, it is the same.
#[test]
fn silent_connections_take_no_files_away() {
    let service = format!("shop={}", nobody());
    let words = ["--env", "prod-01", "--owner", "WXAAA", "--service", &service, "--public", "--idle", "3600"];
    let gateway = Gateway::start_with_files(64, &words);
    let _silent: Vec<Connection> = (0..100).map(|_| gateway.connect()).collect();
    assert_eq!(gateway.connect().ask(HEALTH).status, 200);
    eventually("a line that says so", || {
        gateway.log_line().contains(" trouble=\"the system has no room for another: ")
    });
}

/// A line may be idle for ever, but one that has never said anything goes when places run out.
#[test]
fn lines_that_say_nothing() {
    let _one = one_at_a_time();
    let (service, received) = echo();
    let gateway = Gateway::start(service, &["--serial", "127.0.0.1:0", "--serial-caller", OWN]);
    let address = gateway.serial();
    let call = |line: &mut Connection| {
        line.write((envelope("/", "") + "\n").as_bytes());
        let mut reply = String::new();
        std::io::BufRead::read_line(&mut line.stream, &mut reply).unwrap();
        assert!(reply.contains("200"), "{reply}");
    };
    let mut silent: Vec<Connection> = (0..LINES).map(|_| Connection::to(address)).collect();
    let mut used: Vec<Connection> = (0..LINES).map(|_| Connection::to(address)).collect();
    for line in &mut silent {
        assert!(line.is_closed());
        assert!(gateway.log_line().contains(" event=crowded peer=127.0.0.1 "));
    }
    used.iter_mut().for_each(call);
    // Now each of them stays, and one more waits until one of them ends.
    let mut next = Connection::to(address);
    next.write((envelope("/", "") + "\n").as_bytes());
    used.iter_mut().for_each(call);
    used.pop();
    let mut reply = String::new();
    std::io::BufRead::read_line(&mut next.stream, &mut reply).unwrap();
    assert!(reply.contains("200"), "{reply}");
    assert_eq!(received.try_iter().count(), 2 * LINES + 1);
}
