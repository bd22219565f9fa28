//! What the gateway tells whoever runs it, on a listener of its own.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::config::{Config, hash};
use super::harness::{Answer, Connection, Gateway, OWN, STRANGER, envelope, eventually, post_head};
use super::service::{echo, gated, nobody, service};

const METRICS: [&str; 2] = ["--metrics", "127.0.0.1:0"];

fn get(address: SocketAddr, path: &str) -> Answer {
    Connection::to(address).ask(&format!("GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n"))
}

fn status(address: SocketAddr, path: &str) -> u16 {
    get(address, path).status
}

/// The samples of a page by their names and labels.
#[track_caller]
fn samples(address: SocketAddr) -> HashMap<String, f64> {
    let answer = get(address, "/metrics");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; version=0.0.4; charset=utf-8")));
    let text = answer.text();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("# ")).collect();
    let samples: HashMap<_, _> = lines
        .iter()
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect();
    assert_eq!(samples.len(), lines.len(), "a sample that is there twice: {text}");
    samples
}

/// The sum of all samples whose names begin like this.
fn sum(samples: &HashMap<String, f64>, beginning: &str) -> f64 {
    samples.iter().filter(|(name, _)| name.starts_with(beginning)).map(|(_, value)| value).sum()
}

/// What a line in the log counts as.
fn counted(line: &str) -> String {
    let field = |name: &str| {
        let rest = line.split_once(&format!(" {name}="))?.1;
        Some(rest.split(' ').next().unwrap().to_owned())
    };
    if field("event").as_deref() == Some("rejected") {
        return format!("callcontainer_rejected_total{{status=\"{}\"}}", field("status").unwrap());
    }
    let (outcome, code) = match (field("status"), field("code").as_deref()) {
        (Some(status), _) => ("response", format!("{}xx", &status[..1])),
        (_, Some("abandoned")) => ("abandoned", "abandoned".to_owned()),
        (_, code) => ("failure", code.unwrap().to_owned()),
    };
    format!("callcontainer_calls_total{{outcome=\"{outcome}\",code=\"{code}\"}}")
}

/// Ten thousand calls of 64 clients at a time, with every kind of end that they can choose, while the metrics are read
/// over and over: no number ever falls, and in the end each is that of the lines in the log.
#[test]
fn numbers_are_those_of_the_log() {
    const CLIENTS: usize = 64;
    const CALLS: usize = 157;
    let service = service(|mut link| {
        while let Some(request) = link.request() {
            let status = if request.line.contains("/missing") { "404 Not Found" } else { "200 OK" };
            link.write(format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok"));
        }
    });
    let mut gateway = Gateway::start(service, &[&METRICS[..], &["--leave", "0"]].concat());
    let metrics = gateway.metrics();
    let before = samples(metrics);
    assert_eq!(sum(&before, "callcontainer_calls_total"), 0.0);
    let is_over = AtomicBool::new(false);
    let pages = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut pages = 0;
            let mut last = before;
            while !is_over.load(Ordering::Relaxed) {
                let now = samples(metrics);
                let grows = |name: &str| !name.starts_with("callcontainer_places");
                for (name, value) in last.iter().filter(|(name, _)| grows(name)) {
                    assert!(now[name] >= *value, "{name} was {value} and is {}", now[name]);
                }
                last = now;
                pages += 1;
            }
            pages
        });
        let clients = (0..CLIENTS).map(|client| {
            let gateway = &gateway;
            scope.spawn(move || {
                let mut connection = gateway.connect();
                for number in 0..CALLS {
                    match (client + number) % 8 {
                        0 => drop(connection.call(Some(STRANGER), &envelope("/", ""))),
                        1 => drop(connection.call(Some(OWN), r#"{"config":7}"#)),
                        2 => drop(connection.call(Some(OWN), &envelope("/missing", ""))),
                        3 => {
                            let answer = connection.ask(&format!(
                                "GET /v1/cloudrun/{} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {OWN}\r\n\r\n",
                                if number % 2 == 0 { "shop/orders" } else { "none" }
                            ));
                            assert_eq!(answer.status, if number % 2 == 0 { 200 } else { 404 });
                        }
                        4 => {
                            // From its head alone, so its connection ends.
                            assert_eq!(gateway.connect().call(None, &envelope("/", "")).status, 401);
                        }
                        _ => assert_eq!(connection.call(Some(OWN), &envelope("/", "")).envelope()["data"], "ok"),
                    }
                }
            })
        });
        let clients: Vec<_> = clients.collect();
        let failed = clients.into_iter().filter_map(|client| client.join().err()).count();
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(failed, 0);
        reader.join().unwrap()
    });
    assert!(pages > 10, "{pages} pages were read while the calls were made");
    let samples = samples(metrics);
    gateway.signal("TERM");
    let (_, log) = gateway.wait();
    assert_eq!(log.len(), CLIENTS * CALLS);

    let mut expected = HashMap::<String, f64>::new();
    for line in &log {
        *expected.entry(counted(line)).or_default() += 1.0;
    }
    assert_eq!(expected.len(), 6, "{expected:?}");
    let totals =
        |name: &str| name.starts_with("callcontainer_calls_total") || name.starts_with("callcontainer_rejected");
    let found = samples.iter().filter(|(name, value)| totals(name) && **value > 0.0);
    assert_eq!(found.map(|(name, value)| (name.clone(), *value)).collect::<HashMap<_, _>>(), expected);

    let calls: Vec<&String> = log.iter().filter(|line| line.contains(" ms=")).collect();
    let all = |field: &str| -> f64 {
        let values = calls.iter().map(|line| line.split_once(field).unwrap().1.split(' ').next().unwrap());
        values.map(|value| value.parse::<f64>().unwrap()).sum()
    };
    assert_eq!(samples["callcontainer_received_bytes_total"], all(" in="));
    assert_eq!(samples["callcontainer_sent_bytes_total"], all(" out="));
    let number = calls.len() as f64;
    assert_eq!(samples["callcontainer_call_duration_seconds_count"], number);
    assert_eq!(samples["callcontainer_call_duration_seconds_bucket{le=\"+Inf\"}"], number);
    // A line has a tenth of a millisecond.
    let apart = (samples["callcontainer_call_duration_seconds_sum"] - all(" ms=") / 1000.0).abs();
    assert!(apart <= number * 0.000_051, "{apart} s");
    let within = calls.iter().filter(|line| {
        let (_, rest) = line.split_once(" ms=").unwrap();
        rest.split(' ').next().unwrap().parse::<f64>().unwrap() <= 5.0
    });
    let within = within.count() as f64 - samples["callcontainer_call_duration_seconds_bucket{le=\"0.005\"}"];
    assert!((0.0..=number / 10.0).contains(&within), "{within} calls are in another bucket");
}

/// Where a request is under way in every place, its body never comes, and who is next waits, the one who runs the
/// gateway is still answered, and sees why.
#[test]
fn health_is_told_when_all_places_are_busy() {
    const PLACES: usize = 640;
    let _one = super::crowd::one_at_a_time();
    let gateway = Gateway::start(nobody(), &[&METRICS[..], &["--proxy", "127.0.0.1"]].concat());
    let metrics = gateway.metrics();
    // The requests end after 20 s, which may be over before all is seen.
    eventually("all places busy", || {
        let busy = super::crowd::busy([127, 0, 0, 1].into(), &gateway, PLACES);
        let mut next = gateway.connect();
        next.write(b"GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n");
        let healthy = ["/healthz", "/readyz"].map(|path| status(metrics, path));
        let samples = samples(metrics);
        let waits = next.is_silent();
        assert_eq!(healthy, [200, 200]);
        assert_eq!(samples["callcontainer_places_limit{listener=\"http\"}"], PLACES as f64);
        drop(busy);
        waits && samples["callcontainer_places{listener=\"http\",state=\"busy\"}"] == PLACES as f64
    });
}

#[test]
fn places_are_told() {
    let (service, arrivals, gate) = gated();
    let serial = ["--serial", "127.0.0.1:0", "--serial-caller", OWN];
    let gateway = Gateway::start(service, &[&METRICS[..], &serial].concat());
    let serial = gateway.serial();
    let metrics = gateway.metrics();
    let hold = gate.write().unwrap();
    let call = envelope("/", r#","method":"POST","data":"tea""#);
    let mut busy = gateway.connect();
    busy.write((post_head(Some(OWN), &format!("Content-Length: {}\r\n", call.len())) + &call).as_bytes());
    let mut line = Connection::to(serial);
    line.write((call + "\n").as_bytes());
    arrivals.recv().unwrap();
    arrivals.recv().unwrap();
    let _waiting = [(); 3].map(|()| gateway.connect());
    let places = |listener: &str, state: &str| {
        samples(metrics)[&format!("callcontainer_places{{listener=\"{listener}\",state=\"{state}\"}}")]
    };
    eventually("three that wait", || places("http", "waiting") == 3.0);
    assert_eq!([places("http", "busy"), places("serial", "busy"), places("serial", "waiting")], [1.0, 1.0, 0.0]);
    drop(hold);
    busy.receive();
    eventually("four that wait", || places("http", "busy") == 0.0 && places("http", "waiting") == 4.0);
}

/// Balancers see that it will stop while it still takes calls, on connections that are then closed. Whoever runs it is
/// answered to the end.
#[test]
fn readiness_ends_before_calls_do() {
    let (service, arrivals, gate) = gated();
    let mut gateway = Gateway::start(service, &[&METRICS[..], &["--leave", "10"]].concat());
    let metrics = gateway.metrics();
    let call = envelope("/", r#","method":"POST","data":"tea""#);
    let mut used = gateway.connect();
    let answer = used.call(Some(OWN), &call);
    assert_eq!((answer.status, answer.header("connection")), (200, None));
    assert_eq!(["/healthz", "/readyz"].map(|path| status(metrics, path)), [200, 200]);

    gateway.signal("TERM");
    let begun = Instant::now();
    eventually("an answer that it is not ready", || status(metrics, "/readyz") == 503);
    for connection in [&mut used, &mut gateway.connect()] {
        let answer = connection.call(Some(OWN), &call);
        assert_eq!(answer.envelope()["data"], "tea");
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(connection.is_closed());
    }

    let _ = arrivals.try_iter().count();
    let hold = gate.write().unwrap();
    let mut last = gateway.connect();
    last.write((post_head(Some(OWN), &format!("Content-Length: {}\r\n", call.len())) + &call).as_bytes());
    arrivals.recv().unwrap();
    eventually("a connection that is refused", || TcpStream::connect(gateway.address).is_err());
    assert!(begun.elapsed() > Duration::from_secs(9));
    assert_eq!(["/healthz", "/readyz"].map(|path| status(metrics, path)), [200, 503]);
    drop(hold);
    assert_eq!(last.receive().envelope()["data"], "tea");
    drop(last);
    assert_eq!(gateway.wait().0.code(), Some(0));
}

/// A reload counts, whether the file is taken or not.
#[test]
fn reloads_are_counted() {
    let caller = format!("[[caller]]\nappid = 'WXAAA'\nopenid = 'o-1'\ntoken_sha256 = ['{}']\n", hash(OWN));
    let services = format!("services = {{ shop = '{}' }}\n", nobody());
    let right = format!("[[env]]\nname = 'prod-01'\nowner = 'WXAAA'\n{services}{caller}");
    let config = Config::new("counted", &right);
    let gateway = config.start(&METRICS);
    let metrics = gateway.metrics();
    for (text, event) in [(&right, "reloaded"), (&"not TOML".to_owned(), "not-reloaded"), (&right, "reloaded")] {
        config.write(text);
        gateway.signal("HUP");
        let line = gateway.log_line();
        assert!(line.contains(&format!(" event={event} ")), "{line}");
    }
    let samples = samples(metrics);
    let events = |event: &str| samples[&format!("callcontainer_events_total{{event=\"{event}\"}}")];
    assert_eq!(["reloaded", "not-reloaded"].map(events), [2.0, 1.0]);
}

/// Who asks for nothing on this listener, or for what is not there, keeps nobody from being answered.
#[test]
fn the_listener_has_limits_of_its_own() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &METRICS);
    let metrics = gateway.metrics();
    let mut silent: Vec<Connection> = (0..100).map(|_| Connection::to(metrics)).collect();
    silent.iter_mut().for_each(|connection| {
        // It may have been closed.
        let _ = connection.stream.get_mut().write_all(b"GET /");
    });
    let begun = Instant::now();
    assert_eq!(status(metrics, "/healthz"), 200);
    assert!(silent.iter_mut().all(Connection::is_closed));
    assert!(begun.elapsed() < Duration::from_secs(60));

    assert_eq!(["/", "/metrics/", "/healthz/x", "/v1/cloudrun/shop"].map(|path| status(metrics, path)), [404; 4]);
    for method in ["POST", "DELETE", "TRACE"] {
        let request = format!("{method} /metrics HTTP/1.1\r\nHost: gateway\r\nContent-Length: 3\r\n\r\nabc");
        let answer = Connection::to(metrics).ask(&request);
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
    }
    let mut large = Connection::to(metrics);
    let _ =
        large.stream.get_mut().write_all(format!("GET /metrics HTTP/1.1\r\nX: {}\r\n", "x".repeat(20_000)).as_bytes());
    assert!(large.try_receive().is_none_or(|answer| answer.status == 431));
    // One request, and the connection ends.
    let mut twice = Connection::to(metrics);
    assert_eq!(
        twice.ask("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").status,
        200
    );
    assert!(twice.is_closed());
    // What is only for whoever runs it is not for callers.
    assert_eq!(status(gateway.address, "/metrics"), 404);
    assert_eq!(status(gateway.address, "/readyz"), 404);
    // Nobody has called, and none of this is in the log but what was closed to make room.
    let samples = samples(metrics);
    assert_eq!(sum(&samples, "callcontainer_calls_total"), 0.0);
    assert_eq!(samples["callcontainer_rejected_total{status=\"404\"}"], 2.0);
    assert!(samples["callcontainer_events_total{event=\"crowded\"}"] > 0.0);
}
