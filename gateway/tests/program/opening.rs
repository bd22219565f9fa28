//! What speaks HTTP or TLS to the serial port gets nothing, and nothing that it sends is a call.

#[path = "../../src/opening.rs"]
#[allow(clippy::module_inception)]
mod opening;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};

use opening::{Foreign, Opening, is_request_line};

use super::harness::{Gateway, OWN, PATIENCE, envelope};
use super::random::{CASES, Random};
use super::service::echo;

/// What is said of these bytes when they come in these pieces: `None` where it is not known yet.
fn verdict<'b>(pieces: impl IntoIterator<Item = &'b [u8]>) -> Option<Result<(), Foreign>> {
    let mut opening = Opening::default();
    for piece in pieces {
        match opening.look(piece) {
            Ok(_) if opening == Opening::Line => return Some(Ok(())),
            Ok(_) => {}
            Err(foreign) => return Some(Err(foreign)),
        }
    }
    None
}

#[test]
fn what_it_is() {
    for (bytes, expected) in [
        (&b""[..], None),
        (b" \r\n\t\n", None),
        (b"{", Some(Ok(()))),
        (b"\r\n\r\n {", Some(Ok(()))),
        (b"[", Some(Ok(()))),
        (b"\0", Some(Ok(()))),
        (b"\xFF", Some(Ok(()))),
        (b"noise", None),
        (b"noise\n", Some(Ok(()))),
        (b"noise\r", Some(Ok(()))),
        (b"nfig\":", Some(Ok(()))),
        (b"POST", None),
        (b"POST ", Some(Err(Foreign::Http))),
        (b"\r\nget / HTTP/1.1\r\n", Some(Err(Foreign::Http))),
        (b"x ", Some(Err(Foreign::Http))),
        (b"PRI * HTTP/2.0\r\n", Some(Err(Foreign::Http))),
        (b"!#$%&'*+-.^_`|~09azAZ ", Some(Err(Foreign::Http))),
        (b"PROXY TCP4 192.0.2.1 ", Some(Err(Foreign::Http))),
        (&[b'x'; 64], None),
        (&[b'x'; 65], Some(Err(Foreign::Http))),
        (b"\x16", None),
        (b"\x16\x03\x01", Some(Err(Foreign::Tls))),
        (b"\x16\x02", Some(Ok(()))),
    ] {
        assert_eq!(verdict([bytes]), expected, "{}", bytes.escape_ascii());
    }
}

/// Any method makes an HTTP request, and the pieces that bytes come in change nothing.
#[test]
fn no_request_is_a_line() {
    const TOKEN: &[u8] = b"!#$%&'*+.^_`|~-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut random = Random::new(1);
    for _ in 0..CASES {
        let mut bytes = random.bytes(0..10, b" \t\r\n");
        bytes.extend(random.bytes(1..81, TOKEN));
        bytes.push(b' ');
        bytes.extend(random.bytes(0..21, &(b' '..=b'~').collect::<Vec<_>>()));
        let mut cuts: Vec<usize> = (0..random.below(5)).map(|_| random.below(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
        assert_eq!(verdict(pieces), Some(Err(Foreign::Http)), "{} in {cuts:?}", bytes.escape_ascii());
    }
}

/// Whatever comes, the pieces that it comes in change nothing; and what a client of this crate sends is a line.
#[test]
fn pieces_change_nothing() {
    // What means something, and each byte as often as another.
    let alphabet: Vec<u8> = [b' ', b'\n', b'{', b'P', 22, 3].repeat(256).into_iter().chain(0..=255).collect();
    let mut random = Random::new(2);
    for _ in 0..CASES {
        let bytes = random.bytes(0..80, &alphabet);
        assert_eq!(verdict(bytes.chunks(1)), verdict([&bytes[..]]), "{}", bytes.escape_ascii());
        let sent = [if random.chance(2) { &b"\n"[..] } else { b"" }, b"{", &bytes].concat();
        assert_eq!(verdict(sent.chunks(1)), Some(Ok(())), "{}", sent.escape_ascii());
    }
}

/// Sends this, whole or a byte at a time, and gives all that comes back before the gateway closes the connection.
fn answer(address: SocketAddr, request: &[u8], at_once: bool) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    let pieces = if at_once { request.chunks(request.len()) } else { request.chunks(1) };
    // It may be closed before all has been sent.
    let _ = pieces.map(|piece| stream.write_all(piece)).take_while(Result::is_ok).count();
    let mut answer = Vec::new();
    // It is reset if what was sent came after it was closed.
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[test]
fn what_ends_as_a_request_line_does() {
    for line in ["GET / HTTP/1.1", "{} / HTTP/1.1\r", "x HTTP/9.0 \t\r", "http/1.0", "\u{feff}POST/ HTTP/1.1"] {
        assert!(is_request_line(line.as_bytes()), "{line}");
    }
    for line in
        ["", "HTTP", "HTTP/1", "HTTP/1.", "HTTP/1.x", "HTTP/x.1", "HTTP 1.1", "HTPP/1.1", "{\"data\":\"HTTP/1.1\"}"]
    {
        assert!(!is_request_line(line.as_bytes()), "{line}");
    }
}

#[test]
fn nothing_is_executed() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &["--serial", "127.0.0.1:0", "--serial-caller", OWN]);
    let address = gateway.serial();
    let line = envelope("/", r#","method":"POST","data":"page""#) + "\n";
    let length = line.len();
    let long = "x".repeat(200_000);
    // As Chromium sends it.
    let browser = format!(
        "Host: {address}\r\nConnection: keep-alive\r\nContent-Length: {length}\r\nUser-Agent: Mozilla/5.0\r\n\
         Content-Type: text/plain;charset=UTF-8\r\nAccept: */*\r\nOrigin: https://page.example\r\n\
         Sec-Fetch-Mode: no-cors\r\nReferer: https://page.example/\r\n\r\n{line}"
    );
    let http = [
        format!("POST / HTTP/1.1\r\n{browser}"),
        format!("POST / HTTP/1.0\r\n\r\n{line}"),
        format!("POST /\n\n{line}"),
        format!("\r\n\r\nPOST / HTTP/1.1\r\n{browser}"),
        format!("\n \t\n POST / HTTP/1.1\r\n{browser}"),
        format!("post / HTTP/1.1\r\n{browser}"),
        format!("PUT /x HTTP/1.1\r\n{browser}"),
        format!("M-SEARCH * HTTP/1.1\r\n{browser}"),
        format!("CONNECT {address} HTTP/1.1\r\n{browser}"),
        format!("GET /?{long} HTTP/1.1\r\n{browser}"),
        format!("GET  HTTP/1.1\n{line}{line}"),
        format!("{long} / HTTP/1.1\r\n{browser}"),
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{line}"),
        format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{line}\r\n0\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\n{line}"),
        // No method by the standard, but curl sends it.
        format!("{{\"a\":1}} / HTTP/1.1\r\n{browser}"),
        format!("\"X / HTTP/1.1\r\n{browser}"),
        format!("\u{feff}POST / HTTP/1.1\r\n{browser}"),
        format!("\0POST / HTTP/1.0 \r\n{browser}"),
        format!("POST\t/ HTTP/1.1\r\n{browser}"),
        format!("POST/ http/1.1\n{browser}"),
        format!("/ / HTTP/1.1\r\n{browser}"),
        format!("{}POST / HTTP/1.1\r\n{browser}", " ".repeat(150_000)),
        format!("{}POST / HTTP/1.1\r\n{browser}", "\r\n".repeat(60_000)),
    ];
    // A ticket that another server gave out earlier may hold lines.
    let tls = format!("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{7f}\u{3}\u{3}ticket\n{line}\n{line}");
    let word = |request: &str| if request.starts_with('\u{16}') { "TLS handshake" } else { "HTTP request" };
    for request in http.iter().chain([&tls]) {
        for at_once in [true, request.len() > 10_000] {
            assert_eq!(answer(address, request.as_bytes(), at_once).escape_ascii().to_string(), "", "{request}");
            let said = gateway.log_line();
            assert!(said.contains(" event=rejected peer=127.0.0.1 ") && said.contains(word(request)), "{said}");
        }
    }
    // A line that is too long is answered at once, and its end tells what it was.
    for method in ["{", "/"] {
        let request = format!("{method} /{long} HTTP/1.1\r\n{browser}");
        let answer = String::from_utf8(answer(address, request.as_bytes(), true)).unwrap();
        assert!(answer.lines().count() <= 1 && !answer.contains("statusCode"), "{answer}");
        while !gateway.log_line().contains(" event=rejected peer=127.0.0.1 ") {}
    }
    // Nor is it later.
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(line.replace("page", "device").as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.contains("device"), "{reply}");
    let bodies: Vec<_> = received.try_iter().map(|(_, request)| request.body).collect();
    assert_eq!(bodies, [b"device"]);
}
