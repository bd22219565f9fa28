use super::harness::{Gateway, OWN, envelope, post_head};
use super::service::echo;

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
    assert_eq!(told(&proxy, "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 192.0.2.1\r\n"), "192.0.2.1");
    for nonsense in ["", "X-Forwarded-For: unknown\r\n", "X-Forwarded-For: 192.0.2.1,\r\n", "X-Forwarded-For: \r\n"] {
        assert_eq!(told(&proxy, nonsense), "127.0.0.1");
    }
}
