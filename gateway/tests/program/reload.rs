//! SIGHUP: the file is read again. What is broken changes nothing, and what is right changes everything but the calls in
//! flight.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::config::{Config, hash};
use super::harness::{Connection, Gateway, OWN, assert_failure, envelope, post_head};
use super::service::{echo, gated};

/// The environment `prod-01` with the service `shop` there, and callers with these tokens.
fn text(shop: std::net::SocketAddr, tokens: &[&str]) -> String {
    let env = format!("[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\nservices = {{ shop = '{shop}' }}\n");
    let caller = |token: &&str| {
        format!("[[caller]]\nappid = 'WXAAA'\nopenid = 'o-{token}'\ntoken_sha256 = ['{}']\n", hash(token))
    };
    env + &tokens.iter().map(caller).collect::<String>()
}

/// Sends the signal, and returns the next line of the log that tells of it, without the time.
#[track_caller]
fn reload(gateway: &Gateway) -> String {
    gateway.signal("HUP");
    loop {
        let line = gateway.log_line();
        if let Some((_, event)) = line.split_once(" event=") {
            return event.to_owned();
        }
    }
}

fn status(connection: &mut Connection, token: &str) -> u16 {
    connection.call(Some(token), &envelope("/", "")).status
}

/// A token works from the reload on that adds it, and to the one that takes it away, also on connections that are open.
#[test]
fn callers_come_and_go() {
    let (shop, received) = echo();
    let config = Config::new("come-and-go", &text(shop, &["first"]));
    let gateway = config.start(&[]);
    let mut first = gateway.connect();
    assert_eq!(status(&mut first, "first"), 200);
    assert_eq!(status(&mut gateway.connect(), "second"), 401);
    config.write(text(shop, &["first", "second"]));
    // Not before the signal.
    assert_eq!(status(&mut gateway.connect(), "second"), 401);
    assert_eq!(reload(&gateway), "rejected status=401 peer=127.0.0.1 trouble=\"-501000 Authorization mismatch uin\"");
    assert!(gateway.log_line().contains(" event=rejected "));
    let line = gateway.log_line();
    assert!(line.ends_with(&format!(" event=reloaded file={} envs=1 callers=2", config.path())), "{line}");
    let mut second = gateway.connect();
    assert_eq!((status(&mut second, "second"), status(&mut first, "first")), (200, 200));
    config.write(text(shop, &["second"]));
    assert!(reload(&gateway).starts_with("reloaded "));
    // It was open all the time, and the refusal has an answer.
    assert_eq!(status(&mut second, "second"), 200);
    assert_eq!(status(&mut first, "first"), 401);
    let openids: Vec<_> = received.try_iter().map(|(_, seen)| seen.header("x-wx-openid").unwrap().to_owned()).collect();
    assert_eq!(openids, ["o-first", "o-second", "o-first", "o-second"]);
}

/// A broken file says where it is broken, and what was in effect is still.
#[test]
fn a_broken_file_changes_nothing() {
    let (shop, _received) = echo();
    let right = text(shop, &["first"]);
    let config = Config::new("broken-later", &right);
    let gateway = config.start(&[]);
    let mut connection = gateway.connect();
    for (broken, at, trouble) in [
        (right.clone() + "s3cret", "9:7", "\"this is not TOML: "),
        (right.clone() + "idle = 's3cret'", "9:1", "\"there is no such key; "),
        ("idle = 's3cret'\n".to_owned() + &right, "1:8", "\"idle is a whole number "),
        (right.replace("WXAAA'\nopenid", "WXBBB'\nopenid"), "6:9", "\"no environment belongs to this app "),
        (String::new(), "1:1", "\"there is no environment: "),
    ] {
        config.write(&broken);
        let line = reload(&gateway);
        let expected = format!("not-reloaded at={}:{at} trouble={trouble}", config.path());
        assert!(line.starts_with(&expected), "{line}");
        assert!(!line.contains("s3cret"), "{line}");
        assert_eq!(status(&mut connection, "first"), 200);
        assert!(gateway.log_line().contains(" status=200 "));
    }
    // Each thing that is wrong has a line of its own.
    config.write("idle = 0\nproxies = ['a']\n".to_owned() + &right);
    assert!(reload(&gateway).contains(":1:8 "));
    assert!(gateway.log_line().contains(":2:12 "));
    std::fs::remove_file(config.path()).unwrap();
    assert!(reload(&gateway).contains("the file cannot be read"));
    config.write(right);
    assert!(reload(&gateway).starts_with("reloaded "));
    assert_eq!(status(&mut connection, "first"), 200);
}

/// A call that has begun ends as it began, wherever its environment and its caller have gone since.
#[test]
fn a_call_in_flight_keeps_what_it_began_with() {
    let (slow, arrivals, gate) = gated();
    let (other, received) = echo();
    let config = Config::new("in-flight", &text(slow, &["first"]));
    let gateway = config.start(&[]);
    let hold = gate.write().unwrap();
    let mut connection = gateway.connect();
    let body = envelope("/", r#","method":"POST","data":"tea""#);
    connection.write((post_head(Some("first"), &format!("Content-Length: {}\r\n", body.len())) + &body).as_bytes());
    arrivals.recv().unwrap();
    config.write(text(other, &["second"]));
    assert!(reload(&gateway).starts_with("reloaded "));
    assert_eq!(status(&mut gateway.connect(), "second"), 200);
    received.recv().unwrap();
    drop(hold);
    assert_eq!(connection.receive().envelope()["data"], "tea");
    assert_eq!(status(&mut connection, "first"), 401);
    assert!(received.try_iter().next().is_none());
}

/// The environment itself, its services and who shares it.
#[test]
fn environments_change() {
    let (shop, received) = echo();
    let config = Config::new("environments", &text(shop, &["first"]));
    let gateway = config.start(&[]);
    let mut connection = gateway.connect();
    assert_eq!(connection.call(Some("first"), &envelope("/", "")).envelope()["statusCode"], 200);
    config.write(text(shop, &["first"]).replace("prod-01", "prod-02"));
    assert!(reload(&gateway).starts_with("reloaded "));
    let reply = connection.call(Some("first"), &envelope("/", "")).envelope();
    assert_failure(&reply, -501_000, "Invalid host");
    let moved = envelope("/", "").replace("prod-01", "prod-02");
    assert_eq!(connection.call(Some("first"), &moved).envelope()["statusCode"], 200);
    // The service stays where it was, and so does the connection to it.
    let connections: Vec<_> = received.try_iter().map(|(connection, _)| connection).collect();
    assert_eq!(connections, [0, 0]);
}

/// The serial line follows too: it belongs to another caller from its next envelope on.
#[test]
fn a_line_changes_hands() {
    let (shop, received) = echo();
    let config = Config::new("line", &(text(shop, &["first"]) + "serial = true\n"));
    let gateway = config.start(&["--serial", "127.0.0.1:0"]);
    let mut line = Connection::to(gateway.serial());
    let mut ask = || {
        line.write((envelope("/", "") + "\n").as_bytes());
        let mut reply = String::new();
        std::io::BufRead::read_line(&mut line.stream, &mut reply).unwrap();
        assert!(reply.contains("\"statusCode\":200"), "{reply}");
        received.recv().unwrap().1.header("x-wx-openid").unwrap().to_owned()
    };
    assert_eq!(ask(), "o-first");
    config.write(text(shop, &["first", "second"]) + "serial = true\n");
    assert!(reload(&gateway).starts_with("reloaded "));
    assert_eq!(ask(), "o-second");
    // Nobody's is broken.
    config.write(text(shop, &["first"]));
    let line = reload(&gateway);
    assert!(line.contains(":1:1 trouble=\"--serial needs a caller"), "{line}");
    assert_eq!(ask(), "o-second");
}

/// Ten thousand calls of 64 clients while the file is read again and again, now broken, now another: every one is
/// answered with what it sent.
#[test]
fn no_call_is_lost() {
    const CLIENTS: usize = 64;
    const CALLS: usize = 160;
    let (shop, received) = echo();
    let config = Config::new("load", &text(shop, &["first"]));
    let gateway = config.start(&[]);
    let done = AtomicBool::new(false);
    let reloads = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let gateway = &gateway;
                scope.spawn(move || {
                    let mut connection = gateway.connect();
                    for number in 0..CALLS {
                        let sent = format!("{client}/{number} ").repeat(1 + 7 * number % 100);
                        let more = format!(r#","method":"POST","data":["{sent}"]"#);
                        let answer = connection.call(Some("first"), &envelope("/", &more));
                        assert_eq!(answer.status, 200, "{}", answer.text());
                        assert_eq!(answer.envelope()["data"][0], sent);
                    }
                })
            })
            .collect();
        let reloading = scope.spawn(|| {
            let mut reloads = 0;
            while !done.load(Ordering::Relaxed) {
                let tokens: &[&str] = if reloads % 2 == 0 { &["first", "second"] } else { &["first"] };
                config.write(text(shop, tokens) + if reloads % 3 == 2 { "broken" } else { "" });
                let line = reload(&gateway);
                // A file that is being written is not read: this waits for the reload before it writes again.
                assert_eq!(line.starts_with("reloaded "), reloads % 3 != 2, "{line}");
                reloads += 1;
            }
            reloads
        });
        // A client that panics must not leave the other thread at work for ever.
        let outcomes: Vec<_> = clients.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        let reloads = reloading.join().unwrap();
        assert!(outcomes.iter().all(Result::is_ok));
        reloads
    });
    assert!(reloads >= 10, "it was read {reloads} times");
    assert_eq!(received.try_iter().count(), CLIENTS * CALLS, "each call reaches the service once");
}

/// Without a file, nothing is reread: the signal means what it always does. It ends the process, unless whoever has
/// started it has it ignored, as `nohup` does.
#[test]
fn options_are_not_reread() {
    let (shop, _received) = echo();
    let mut gateway = Gateway::start(shop, &[]);
    gateway.signal("HUP");
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    if u64::from_str_radix(ignored.trim(), 16).unwrap() & 1 == 1 {
        assert_eq!(gateway.call(Some(OWN), &envelope("/", ""))["statusCode"], 200);
        return;
    }
    let (status, _) = gateway.wait();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(1));
}
