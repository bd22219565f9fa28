//! A device that calls now and then, through a proxy that closes connections sooner than the device calls again, to a
//! gateway that is started again from time to time.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use callcontainer::client::{CallError, Cloud, Framing, RetryError, StdTcp};
use callcontainer::embedded_io::ReadReady as _;
use callcontainer::{Json, Method, Reply, Request};
use callcontainer_stacks::std_socket::call;

use crate::nginx_server::Nginx;
use crate::site::{ENVIRONMENT, Site, TOKEN};

/// Eight seconds between calls and five that the proxy waits; twenty times as fast unless this variable is set.
const AT_FULL_LENGTH: &str = "CALLCONTAINER_AT_FULL_LENGTH";
const BETWEEN: Duration = Duration::from_secs(8);
const PROXY: &str = "
upstream gateways { server GATEWAY; keepalive 4; }
server {
    listen ADDRESS;
    keepalive_timeout KEEP;
    location / {
        proxy_pass http://gateways;
        proxy_http_version 1.1;
        proxy_set_header Connection \"\";
    }
}
";

/// What a device does about connections that are closed while it sleeps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    Nothing,
    /// Looks before it calls.
    Looks,
    /// Hangs up before it sleeps.
    HangsUp,
}

/// Makes twelve calls. Returns how many were answered, of those that may run twice and of the others.
fn twelve_calls(test: &str, care: Care) -> Option<[usize; 2]> {
    let (between, keep) =
        if std::env::var_os(AT_FULL_LENGTH).is_some() { (BETWEEN, "5s") } else { (BETWEEN / 20, "250ms") };
    let mut site = Site::start(&[]);
    let config = PROXY.replace("GATEWAY", &site.address.to_string()).replace("KEEP", keep);
    let proxy = Nginx::start(test, &config, &[])?;
    let mut cloud = Cloud::<StdTcp, 512>::new(0).with_env(ENVIRONMENT).with_deadlines();
    if care == Care::Looks {
        cloud = cloud.with_idle_check();
    }
    let mut answered = [0; 2];
    for number in 0..12 {
        let (path, body) = (format!("/readings/{number}"), number.to_string());
        let method = if number % 2 == 0 { Method::Put } else { Method::Post };
        let request = Request::new(&path).with_service("shop").with_method(method);
        let request = request.with_data(Json::new(&body).unwrap().into());
        let is_answered = report(&mut cloud, proxy.address, &request);
        let runs = site.runs(&path);
        assert_eq!(runs, usize::from(is_answered), "{path}: what was not answered was not let through either");
        answered[number % 2] += usize::from(is_answered);
        if care == Care::HangsUp {
            cloud.take();
        }
        if number % 4 == 3 {
            site.restart();
        }
        thread::sleep(between);
        until_closed(&mut cloud);
    }
    Some(answered)
}

/// Waits until the proxy has closed the connection, however busy it is.
fn until_closed(cloud: &mut Cloud<'static, StdTcp, 512>) {
    if let Some(socket) = cloud.connection() {
        while matches!(socket.read_ready(), Ok(false)) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Whether the call was answered.
fn report(cloud: &mut Cloud<'static, StdTcp, 512>, gateway: SocketAddr, request: &Request<'_>) -> bool {
    let framing = Framing::http("gateway", Some(TOKEN)).unwrap();
    match call(cloud, gateway, framing, request, &mut [0; 512]) {
        Ok(Reply::Response(response)) => {
            assert_eq!(response.status(), 200);
            true
        }
        // The device is told that it cannot know.
        Err(RetryError::Call(CallError::NoAnswer(_))) if request.method() == Method::Post => false,
        other => panic!("{}: {other:?}", request.path()),
    }
}

#[test]
fn what_may_run_twice_is_never_lost_and_the_rest_is_accounted_for() {
    let Some([idempotent, others]) = twelve_calls("now-and-then", Care::Nothing) else { return };
    // Each of the others is the first to notice that the proxy has closed the connection.
    assert_eq!((idempotent, others), (6, 0));
}

#[test]
fn nothing_is_lost_by_a_device_that_hangs_up_before_it_sleeps() {
    let Some(answered) = twelve_calls("hangs-up", Care::HangsUp) else { return };
    assert_eq!(answered, [6, 6]);
}

#[test]
fn nothing_is_lost_by_a_device_that_looks_before_it_calls() {
    let Some(answered) = twelve_calls("looks", Care::Looks) else { return };
    assert_eq!(answered, [6, 6]);
}
