//! What reaches a log by defmt: what is of use, and no token, no identity, no value of a secret header.

#![cfg(all(feature = "client", feature = "defmt", feature = "gateway"))]
#![allow(unsafe_code, reason = "a logger of defmt is unsafe to implement")]

use callcontainer::client::{Framing, OpenApiHost};
use callcontainer::gateway::Caller;
use callcontainer::{Data, Reply, Request};
use std::cell::RefCell;

thread_local! {
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

#[defmt::global_logger]
struct Logger;

// SAFETY: each thread has a log of its own.
unsafe impl defmt::Logger for Logger {
    fn acquire() {}

    unsafe fn flush() {}

    unsafe fn release() {}

    unsafe fn write(bytes: &[u8]) {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
    }
}

defmt::timestamp!("{=u8}", 0);

#[defmt::panic_handler]
fn panic() -> ! {
    std::process::abort()
}

/// Returns the values in what is logged of this; what stands between them is in tables of the program.
fn logged(value: &impl defmt::Format) -> Vec<u8> {
    LOGGED.take();
    defmt::println!("{}", value);
    LOGGED.take()
}

/// Checks that all of this stands in a log, in this order.
#[track_caller]
fn holds(logged: &[u8], parts: &[&[u8]]) {
    let mut rest = logged;
    for part in parts {
        let at = rest.windows(part.len()).position(|bytes| bytes == *part);
        let at = at.unwrap_or_else(|| panic!("no {} in {}", part.escape_ascii(), logged.escape_ascii()));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn what_is_of_use_is_logged_and_nothing_secret() {
    let secrets = [("x-api-key", "s3cret")];
    let http = Framing::http("gateway.internal", Some("s3cret")).unwrap().with_headers(&secrets).unwrap();
    let open = Framing::open_api("api.tcloudbasegateway.com", "shop", "s3cret").unwrap();
    let caller = Caller::new("WXAAA", "s3cret", "wx_client").with_access_token("s3cret").with_unionid("s3cret");
    for (logged, parts) in [
        (logged(&http), &[&b"gateway.internal"[..]][..]),
        (logged(&open), &[b"api.tcloudbasegateway.com"]),
        (logged(&caller), &[b"WXAAA", b"wx_client"]),
    ] {
        holds(&logged, parts);
        assert!(!logged.windows(6).any(|bytes| bytes == b"s3cret"), "{}", logged.escape_ascii());
    }
    let host = OpenApiHost::new("prod-001").unwrap();
    holds(&logged(&host), &[host.as_str().as_bytes()]);
}

#[test]
fn the_parts_of_an_envelope_are_logged() {
    let envelope =
        br#"{"statusCode":200,"header":{"etag":"\"v1\"","X-Trace":"7f2c"},"cookies":["a=b"],"data":{"celsius":21.5}}"#;
    let Reply::Response(response) = Reply::decode(envelope).unwrap() else { panic!() };
    let parts = [&b"etag"[..], br#"\"v1\""#, b"X-Trace", b"7f2c", b"a=b", br#"{"celsius":21.5}"#];
    holds(&logged(&response), &parts);
    let request = Request::new("/orders").with_env("prod-01").with_data(Data::from(&b"\x01\xFE"[..]));
    holds(&logged(&request), &[b"prod-01", b"/orders", b"\x01\xFE"]);
    let envelope = br#"{"config":{"env":"e"},"path":"/","__nativeBuffers__":[{"key":"data","base64":"Af4="}]}"#;
    holds(&logged(&Request::decode(envelope).unwrap()), &[b"/", b"Af4="]);
}
