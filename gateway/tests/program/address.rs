use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::forwarded;
use super::harness::{Gateway, OWN, envelope, post_head};
use super::random::{CASES, Random};
use super::service::echo;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Where a call comes from that 10.0.0.1 passes on, with these header lines, where it and its like are proxies.
fn passed_on(lines: &[&str]) -> IpAddr {
    let proxies = ["10.0.0.1", "10.0.0.2", "2001:db8::a"].map(ip);
    forwarded::caller(lines.iter().map(|line| line.as_bytes()), &proxies, ip("10.0.0.1"))
}

#[test]
fn an_entry_has_many_forms() {
    for (entry, address) in [
        ("192.0.2.1", "192.0.2.1"),
        (" \t192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1:0", "192.0.2.1"),
        ("192.0.2.1:65535", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:db8::1:80", "2001:db8::1:80"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:DB8:0::1]:8080", "2001:db8::1"),
        // Of version 4 in the form of version 6, as a socket for both has it.
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:80", "192.0.2.1"),
    ] {
        assert_eq!(passed_on(&[entry]), ip(address), "{entry}");
        assert_eq!(passed_on(&[&format!("198.51.100.1, {entry}")]), ip(address), "{entry}");
    }
    for entry in [
        "",
        "unknown",
        "_hidden",
        "192.0.2",
        "192.0.2.1:",
        "192.0.2.1:65536",
        "192.0.2.1:x",
        "[192.0.2.1]",
        "192.0.2.1]",
        "[2001:db8::1",
        "[2001:db8::1]80",
        "[2001:db8::1]:",
        "fe80::1%eth0",
        "\"192.0.2.1\"",
        "for=192.0.2.1",
        "1 92.0.2.1",
        "192.0.2.01",
        "localhost",
        "\u{e9}",
    ] {
        assert_eq!(passed_on(&[&format!("198.51.100.1, {entry}")]), ip("10.0.0.1"), "{entry}");
    }
}

#[test]
fn a_chain_of_proxies() {
    for (lines, address) in [
        (&["192.0.2.1, 10.0.0.2"][..], "192.0.2.1"),
        (&["192.0.2.1, 10.0.0.2, [2001:db8::a]:443, 10.0.0.2:80"], "192.0.2.1"),
        // What a proxy that is not known says counts for nothing.
        (&["192.0.2.1, 10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (&["10.0.0.2, 192.0.2.1, 10.0.0.2"], "192.0.2.1"),
        // Several lines are one list.
        (&["192.0.2.1", "10.0.0.2"], "192.0.2.1"),
        (&["192.0.2.7, 192.0.2.1", "10.0.0.2, 10.0.0.2", "2001:db8::a"], "192.0.2.1"),
        // Where an entry is none, the last proxy before it is as far as anybody knows.
        (&["192.0.2.1, unknown, 10.0.0.2"], "10.0.0.2"),
        (&["192.0.2.1, , 10.0.0.2"], "10.0.0.2"),
        (&["192.0.2.1", "", "10.0.0.2"], "10.0.0.2"),
        // The call may be a proxy's own.
        (&["10.0.0.2"], "10.0.0.2"),
        (&["10.0.0.2, 10.0.0.1"], "10.0.0.2"),
        (&[], "10.0.0.1"),
    ] {
        assert_eq!(passed_on(lines), ip(address), "{lines:?}");
    }
}

/// An address: a proxy's, or any.
fn address(random: &mut Random) -> IpAddr {
    match random.below(6) {
        number @ 0..4 => ip(["10.0.0.1", "10.0.0.2", "2001:db8::a", "10.0.0.1"][number]),
        4 => Ipv4Addr::from(random.next() as u32).into(),
        _ => IpAddr::from(Ipv6Addr::from(u128::from(random.next()) << 64 | u128::from(random.next()))).to_canonical(),
    }
}

/// An entry, and what it says.
fn entry(random: &mut Random) -> (String, Option<IpAddr>) {
    if random.chance(9) {
        let nonsense = random.bytes(0..10, b"ghijklmnopqrstuvwxyz []\"");
        return (String::from_utf8(nonsense).unwrap(), None);
    }
    let address = address(random);
    let port = random.chance(2).then(|| random.next() as u16);
    let text = match (address, port) {
        (IpAddr::V4(_), None) => address.to_string(),
        (IpAddr::V4(_), Some(port)) => format!("{address}:{port}"),
        (IpAddr::V6(_), None) if random.chance(2) => format!("[{address}]"),
        (IpAddr::V6(_), None) => address.to_string(),
        (IpAddr::V6(_), Some(port)) => format!("[{address}]:{port}"),
    };
    (text, Some(address))
}

/// However the list is cut into lines, the address is that of the first, from its end, that is no proxy's.
#[test]
fn the_caller_is_the_last_that_is_no_proxy() {
    let proxies = ["10.0.0.1", "10.0.0.2", "2001:db8::a"].map(ip);
    let mut random = Random::new(1);
    for _ in 0..CASES {
        let peer = if random.chance(3) { address(&mut random) } else { ip("10.0.0.1") };
        let mut lines: Vec<String> = Vec::new();
        let mut said = Vec::new();
        for _ in 0..random.below(8) {
            let (text, address) = entry(&mut random);
            said.push(address);
            match lines.last_mut() {
                Some(line) if random.chance(2) => *line += &format!(",{text}"),
                _ => lines.push(text),
            }
        }
        // From the peer on, backwards, as long as each is a proxy.
        let known =
            said.iter().rev().take_while(|address| address.is_some_and(|address| proxies.contains(&address))).count();
        let mut chain: Vec<Option<IpAddr>> = said.iter().rev().copied().take(known + 1).collect();
        chain.insert(0, Some(peer));
        if !proxies.contains(&peer) {
            chain.truncate(1);
        }
        let expected = chain.into_iter().flatten().next_back().unwrap();
        let found = forwarded::caller(lines.iter().map(|line| line.as_bytes()), &proxies, peer);
        assert_eq!(found, expected, "{lines:?} from {peer}");
    }
}

/// Calls with these headers, and gives the address that the service is told.
fn told(more: &[&str], headers: &str) -> String {
    let (service, received) = echo();
    let gateway = Gateway::start(service, more);
    let body = envelope("/", "");
    let head = post_head(Some(OWN), &format!("{headers}Content-Length: {}\r\n", body.len()));
    assert_eq!(gateway.connect().ask(&(head + &body)).envelope()["statusCode"], 200);
    let (_, seen) = received.recv().unwrap();
    assert_eq!(seen.header("x-forwarded-for"), seen.header("x-original-forwarded-for"));
    seen.header("x-forwarded-for").unwrap().to_owned()
}

#[test]
fn nobody_says_who_they_are_themselves() {
    assert_eq!(told(&[], "X-Forwarded-For: 192.0.2.1\r\n"), "127.0.0.1");
    assert_eq!(told(&["--proxy", "192.0.2.7"], "X-Forwarded-For: 192.0.2.1\r\n"), "127.0.0.1");
}

#[test]
fn a_known_proxy_is_believed_in_what_it_added() {
    let proxy = ["--proxy", "127.0.0.1"];
    assert_eq!(told(&proxy, "X-Forwarded-For: 192.0.2.1\r\n"), "192.0.2.1");
    assert_eq!(told(&proxy, "X-Forwarded-For: forged, 198.51.100.7, 2001:db8::1\r\n"), "2001:db8::1");
    assert_eq!(told(&proxy, "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 192.0.2.1:4711\r\n"), "192.0.2.1");
    let chain = ["--proxy", "127.0.0.1", "--proxy", "::ffff:192.0.2.9"];
    assert_eq!(
        told(&chain, "X-Forwarded-For: 1.1.1.1, [2001:db8::1]:80\r\nX-Forwarded-For: 192.0.2.9\r\n"),
        "2001:db8::1"
    );
    for nonsense in ["", "X-Forwarded-For: unknown\r\n", "X-Forwarded-For: 192.0.2.1,\r\n", "X-Forwarded-For: \r\n"] {
        assert_eq!(told(&proxy, nonsense), "127.0.0.1");
    }
}
