use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

use callcontainer::line::{self, CHECK_LEN, Check};
use serde_json::Value;

use super::harness::{Gateway, OWN, PATIENCE, REUSE, assert_failure, envelope, eventually, tcp};
use super::service::{echo, gated, service};

const REQUEST_LIMIT: usize = 102_400;

/// The device's end of a line.
struct Line {
    stream: BufReader<TcpStream>,
}

impl Line {
    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// The next answer, which must be a reply envelope on one line.
    #[track_caller]
    fn receive(&mut self) -> Value {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).unwrap();
        assert_eq!(line.pop(), Some(b'\n'), "{}", line.escape_ascii());
        callcontainer::Reply::decode(&line).unwrap();
        serde_json::from_slice(&line).unwrap()
    }

    /// The next answer, which must have a check.
    #[track_caller]
    fn receive_checked(&mut self) -> Value {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).unwrap();
        assert_eq!(line.pop(), Some(b'\n'), "{}", line.escape_ascii());
        serde_json::from_slice(line::Line::new(&line).checked_envelope().unwrap()).unwrap()
    }

    /// What still comes before the gateway closes the connection.
    fn rest(mut self) -> Vec<u8> {
        self.stream.get_mut().shutdown(Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).unwrap();
        rest
    }
}

fn gateway_with_line(service: SocketAddr) -> (Gateway, SocketAddr) {
    let gateway = Gateway::start(service, &["--serial", "127.0.0.1:0", "--serial-caller", OWN]);
    let address = gateway.serial();
    (gateway, address)
}

fn post(text: &str) -> String {
    envelope("/", &format!(r#","method":"POST","data":"{text}","callID":"id-{text}""#))
}

/// Calls one after another, and several written at once: each has its answer, in its place, and the service is told
/// whose line it is.
#[test]
fn one_envelope_a_line() {
    let (service, received) = echo();
    let (_gateway, address) = gateway_with_line(service);
    let mut line = Line::to(address);
    for number in 0..5 {
        line.write(post(&format!("number {number}")) + "\n");
        let reply = line.receive();
        assert_eq!(reply["data"], format!("number {number}"));
        assert_eq!(reply["callID"], format!("id-number {number}"));
    }
    let several: Vec<_> = (5..25).map(|number| post(&format!("number {number}")) + "\n").collect();
    line.write(several.concat());
    for number in 5..25 {
        assert_eq!(line.receive()["data"], format!("number {number}"));
    }
    assert!(line.rest().is_empty());
    let received: Vec<_> = received.try_iter().collect();
    assert_eq!(received.len(), 25);
    for (_, request) in received {
        assert_eq!(request.header("x-wx-openid"), Some("o-alice"));
        assert_eq!(request.header("x-original-forwarded-for"), Some("127.0.0.1"));
    }
}

/// What an envelope of a line says of its caller counts for nothing, as over HTTP; and each line is that of the caller
/// that the options name.
#[test]
fn whose_line_it_is() {
    let (service, received) = echo();
    let forged = r#","header":{"X-WX-SERVICE":"shop","X-WX-OPENID":"o-root","Authorization":"Bearer t-own"}}"#;
    let own = format!(r#"{{"config":{{"env":"prod-01"}},"path":"/"{forged}"#);
    let reuse = own.replacen('{', r#"{"resourceAppid":"WXAAA","#, 1);

    let gateway = Gateway::start(service, &["--serial", "127.0.0.1:0", "--serial-caller", REUSE]);
    let mut line = Line::to(gateway.serial());
    line.write(own.clone() + "\n");
    assert_failure(&line.receive(), -501_000, "Authorization mismatch uin");
    line.write(reuse + "\n");
    assert_eq!(line.receive()["statusCode"], 200);
    let (_, request) = received.recv().unwrap();
    assert_eq!(request.header("x-wx-from-openid"), Some("o-bob"));
    assert_eq!(request.header("x-wx-openid"), None);

    let gateway = Gateway::start(service, &["--serial", "127.0.0.1:0", "--public"]);
    let mut line = Line::to(gateway.serial());
    line.write(own + "\n");
    assert_eq!(line.receive()["statusCode"], 200);
    assert_eq!(received.recv().unwrap().1.identity(), []);
}

/// An answer is one line even where the service writes many.
#[test]
fn an_answer_is_one_line() {
    let service = service(|mut link| {
        while link.request().is_some() {
            link.respond("{\n\"a\": [\r\n1\r\n]}\n");
        }
    });
    let (_gateway, address) = gateway_with_line(service);
    let mut line = Line::to(address);
    for more in ["", r#","dataType":"其他""#, r#","responseType":"arraybuffer""#] {
        line.write(envelope("/", more) + "\n");
        assert_eq!(line.receive()["statusCode"], 200);
    }
    assert!(line.rest().is_empty());
}

/// Noise has an answer a line, and harms nothing that comes after it.
#[test]
fn the_next_line_is_found_again() {
    let (service, received) = echo();
    let (gateway, address) = gateway_with_line(service);
    let mut line = Line::to(address);
    let good = post("tea") + "\n";
    let half = &good[..good.len() / 2];
    let noise: [&[u8]; 9] = [
        b"noise",
        b"\0\xFF\xFE\x80",
        b"{",
        b"GET / HTTP/1.1\r",
        half.as_bytes(),
        b"[[[[[[[[",
        b"{}",
        b"{\"config\":7}\x00",
        &good.as_bytes()[10..good.len() - 1],
    ];
    for noise in noise {
        line.write([noise, b"\n", good.as_bytes()].concat());
        let reply = line.receive();
        assert!(reply["errCode"].is_i64(), "{}: {reply}", noise.escape_ascii());
        assert!(reply["callID"].is_string(), "{reply}");
        assert_eq!(line.receive()["data"], "tea", "{}", noise.escape_ascii());
    }
    line.write("{bad\n");
    let reply = line.receive();
    assert_failure(&reply, 40097, "system error: ");
    assert!(reply["errMsg"].as_str().unwrap().contains(" at byte 1 "), "{reply}");
    // Nothing is on an empty line, so nothing is said of it.
    line.write("\n\r\n \t\n".to_owned() + good.trim_end() + "\r\n");
    assert_eq!(line.receive()["data"], "tea");
    // A line that does not end is no call: what is missing from it may be anything.
    line.write(good.trim_end());
    assert!(line.rest().is_empty());
    assert_eq!(received.try_iter().count(), noise.len() + 1);
    // Each of them has its line in the log.
    let logged: Vec<_> = (0..2 * noise.len() + 2).map(|_| gateway.log_line()).collect();
    assert_eq!(logged.iter().filter(|line| line.contains(" status=200 ")).count(), noise.len() + 1);
}

/// A line that is too long is answered as soon as it is, once, and is not taken for anything else until it ends.
#[test]
fn a_line_at_the_limit_and_longer_ones() {
    let (service, received) = echo();
    let (gateway, address) = gateway_with_line(service);
    let mut line = Line::to(address);
    let padded = |length: usize| post("tea") + &" ".repeat(length - post("tea").len());
    line.write(padded(REQUEST_LIMIT) + "\n");
    assert_eq!(line.receive()["data"], "tea");
    for length in [REQUEST_LIMIT + 1, REQUEST_LIMIT + 2, REQUEST_LIMIT + 8192, 5_000_000] {
        line.write(padded(length) + "\n" + &post("more") + "\n");
        assert_failure(&line.receive(), -606_001, "请求包大小超过 100KB");
        assert_eq!(line.receive()["data"], "more", "{length}");
    }
    // The answer comes before the end of the line does; a call at the end of it is none.
    line.write(vec![b'x'; REQUEST_LIMIT + CHECK_LEN + 1]);
    assert_failure(&line.receive(), -606_001, "请求包大小超过 100KB");
    let before = gateway.resident_bytes();
    for _ in 0..100 {
        line.write(vec![b'x'; 300_000]);
    }
    line.write(post("hidden") + "\n" + &post("last") + "\n");
    assert_eq!(line.receive()["data"], "last");
    assert!(gateway.resident_bytes() < before + 8 * 1024 * 1024);
    assert!(line.rest().is_empty());
    assert_eq!(received.try_iter().count(), 6);
}

/// A line with the check of its envelope.
fn checked(envelope: &str) -> Vec<u8> {
    [envelope.as_bytes(), &Check::of(envelope.as_bytes()).trailer(), b"\n"].concat()
}

/// Each line is answered in kind, whatever came before it.
#[test]
fn a_check_is_answered_with_one() {
    let (service, received) = echo();
    let (_gateway, address) = gateway_with_line(service);
    let mut line = Line::to(address);
    for number in 0..5 {
        line.write(checked(&post(&format!("checked {number}"))));
        line.write(post(&format!("bare {number}")) + "\n");
        let reply = line.receive_checked();
        assert_eq!(reply["data"], format!("checked {number}"));
        assert_eq!(reply["callID"], format!("id-checked {number}"));
        assert_eq!(line.receive()["data"], format!("bare {number}"));
    }
    // A failure has one too.
    line.write(checked("{bad"));
    assert_failure(&line.receive_checked(), 40097, "system error: ");
    line.write(checked(&envelope("/", r#","config":{"env":"prod-02"}"#)));
    assert!(line.receive_checked()["errCode"].is_i64());
    for byte in checked(&post("slow")) {
        line.write([byte]);
    }
    assert_eq!(line.receive_checked()["data"], "slow");
    assert!(line.rest().is_empty());
    assert_eq!(received.try_iter().count(), 11);
}

/// A call that has changed on its way is never run. The answer says why, and the next call is found again.
#[test]
fn a_wrong_check_is_no_call() {
    let (service, received) = echo();
    let (gateway, address) = gateway_with_line(service);
    let mut line = Line::to(address);
    let call = post("tea");
    let right = checked(&call);
    let failure = |reply: &Value| {
        assert_failure(reply, 40097, "system error: ");
        // Not that of the call: what it says cannot be trusted.
        assert!(reply["callID"].is_string() && reply["callID"] != "id-tea", "{reply}");
        reply["errMsg"].as_str().unwrap().to_owned()
    };
    let mut flipped = 0;
    for bit in 0..8 * (right.len() - 1) {
        let mut changed = right.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let newline = changed.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        if newline < changed.len() {
            // Two lines, the first without a check: it is cut short, and no envelope.
            line.write(&changed);
            failure(&line.receive());
            line.stream.read_until(b'\n', &mut Vec::new()).unwrap();
            continue;
        }
        line.write(&changed);
        if line::Line::new(&changed[..changed.len() - 1]).is_checked() {
            let text = failure(&line.receive_checked());
            assert!(text.contains(&format!("a check of the line that is wrong or missing at byte {}", call.len())));
            flipped += 1;
        } else {
            failure(&line.receive());
        }
    }
    // All but those that leave no check behind.
    assert!(flipped > 8 * call.len() - 20, "{flipped}");
    line.write(&right);
    assert_eq!(line.receive_checked()["data"], "tea");
    assert!(line.rest().is_empty());
    assert_eq!(received.try_iter().count(), 1);
    let logged: Vec<_> = (0..flipped).map(|_| gateway.log_line()).collect();
    assert!(logged.iter().all(|line| line.contains("code=40097")), "{logged:?}");
}

/// With the option, nothing is a call that has no check; and every answer has one.
#[test]
fn a_gateway_that_insists_on_checks() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &["--serial", "127.0.0.1:0", "--serial-caller", OWN, "--serial-checked"]);
    let mut line = Line::to(gateway.serial());
    for bare in [post("tea"), "{}".to_owned(), "noise".to_owned(), post("tea") + "#0000000", post("tea") + "#1234567A"]
    {
        line.write(bare + "\n");
        let reply = line.receive_checked();
        assert_failure(&reply, 40097, "system error: a check of the line that is wrong or missing");
        line.write(checked(&post("tea")));
        assert_eq!(line.receive_checked()["data"], "tea");
    }
    line.write(vec![b'x'; REQUEST_LIMIT + CHECK_LEN + 1]);
    assert_failure(&line.receive_checked(), -606_001, "请求包大小超过 100KB");
    line.write("\n\r\n \n");
    assert!(line.rest().is_empty());
    assert_eq!(received.try_iter().count(), 5);
}

/// The check is no part of what is limited.
#[test]
fn a_checked_line_at_the_limit() {
    let (service, received) = echo();
    let (_gateway, address) = gateway_with_line(service);
    let mut line = Line::to(address);
    let padded = |length: usize| envelope("/", &format!(r#","method":"POST","data":"{}""#, "x".repeat(length)));
    let around = padded(0).len();
    line.write(checked(&padded(REQUEST_LIMIT - around)));
    assert_eq!(line.receive_checked()["data"].as_str().unwrap().len(), REQUEST_LIMIT - around);
    // One byte more is told with a check as long as there is one; what is longer has none that anybody knows of.
    line.write(checked(&padded(REQUEST_LIMIT - around + 1)));
    assert_failure(&line.receive(), -606_001, "请求包大小超过 100KB");
    line.write(checked(&post("next")));
    assert_eq!(line.receive_checked()["data"], "next");
    assert!(line.rest().is_empty());
    assert_eq!(received.try_iter().count(), 2);
}

#[test]
fn a_line_one_byte_at_a_time() {
    let (service, _received) = echo();
    let (_gateway, address) = gateway_with_line(service);
    let mut line = Line::to(address);
    for _ in 0..2 {
        for byte in (post("slow") + "\n").as_bytes() {
            line.write([*byte]);
        }
        assert_eq!(line.receive()["data"], "slow");
    }
}

/// A line may be silent for ever, so the system is asked to find out when its other end is gone.
#[test]
fn a_silent_line_is_kept_alive() {
    let (service, _received) = echo();
    let (_gateway, address) = gateway_with_line(service);
    let line = Line::to(address);
    let own = line.stream.get_ref().local_addr().unwrap();
    eventually("a timer for it", || {
        // The number of a keepalive timer, and when it fires next, in hundredths of a second.
        let timer = tcp(address, own).map(|row| row[5].clone()).unwrap_or_default();
        let Some(when) = timer.strip_prefix("02:") else { return false };
        assert!(u64::from_str_radix(when, 16).unwrap() <= 30 * 100, "{timer}");
        true
    });
}

/// Lines do not wait for one another, and a line that says nothing harms none.
#[test]
fn many_lines_at_a_time() {
    let (service, received) = echo();
    let (_gateway, address) = gateway_with_line(service);
    let mut silent = Line::to(address);
    silent.write("{\"config\"");
    thread::scope(|scope| {
        for number in 0..16 {
            scope.spawn(move || {
                let mut line = Line::to(address);
                for call in 0..20 {
                    let text = format!("{number}-{call}");
                    line.write(post(&text) + "\n");
                    assert_eq!(line.receive()["data"], text);
                }
            });
        }
    });
    assert_eq!(received.try_iter().count(), 320);
    assert!(silent.rest().is_empty());
}

/// The call in flight is answered, then the line is closed, as the idle one is; what waits behind it is not begun.
#[test]
fn a_signal_lets_the_call_in_flight_finish() {
    let (address, arrivals, gate) = gated();
    let hold = gate.write().unwrap();
    let (mut gateway, address) = gateway_with_line(address);
    let mut idle = Line::to(address);
    let mut busy = Line::to(address);
    busy.write(post("first") + "\n" + &post("second") + "\n");
    arrivals.recv().unwrap();
    gateway.signal("TERM");
    assert_eq!(idle.stream.read(&mut [0]).unwrap(), 0);
    drop(hold);
    assert_eq!(busy.receive()["data"], "first");
    let rest = busy.rest();
    assert!(rest.is_empty(), "{}", rest.escape_ascii());
    let (status, log) = gateway.wait();
    assert_eq!(status.code(), Some(0), "{log:?}");
    assert_eq!(arrivals.try_iter().count(), 0);
}
