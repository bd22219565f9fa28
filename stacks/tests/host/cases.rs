//! What every stack has to stand, whatever it is made of.

use std::future::{Future, poll_fn};
use std::io::BufRead as _;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use callcontainer::{Data, Json, Method, Reply, Request};

use crate::cable::Pliers;
use crate::harness::Gateway;
use crate::nginx_server::Nginx;
use crate::service::{echo, service};
use crate::site::{ENVIRONMENT, Site};

/// What became of a call: the status and the body, or in words why there is none.
pub type Outcome = Result<(u16, String), String>;

/// A device that calls over a stack.
pub trait Device {
    /// Makes a call, on a new connection if need be.
    fn call<'c>(&'c mut self, request: &'c Request<'c>) -> Pin<Box<dyn Future<Output = Outcome> + 'c>>;
}

/// What became of a call that was answered, or was not.
pub fn outcome<E: std::fmt::Debug>(result: Result<Reply<'_>, E>) -> Outcome {
    match result {
        Ok(Reply::Response(response)) => match response.data() {
            Data::Json(json) => Ok((response.status(), json.to_string())),
            Data::Text(text) => Ok((response.status(), text.to_string())),
            other => Err(format!("{other:?}")),
        },
        Ok(Reply::Failure(failure)) => Err(failure.err_msg().to_string()),
        Err(error) => Err(format!("{error:?}")),
    }
}

fn request<'r>(method: Method, path: &'r str, body: &'r str) -> Request<'r> {
    let body = Json::new(body).unwrap();
    Request::new(path).with_service("shop").with_method(method).with_data(body.into())
}

/// Makes a call that must be answered, and has run once.
async fn is_answered(device: &mut dyn Device, site: &Site, method: Method, path: &str, body: &str) {
    let outcome = device.call(&request(method, path, body)).await;
    assert_eq!(outcome, Ok((200, body.to_owned())), "{path}");
    assert_eq!(site.runs(path), 1, "{path}");
}

/// Calls of both kinds, short and long, one after the other.
pub async fn calls(device: &mut dyn Device, site: &Site) {
    let long = format!("[{}0]", "123,".repeat(500));
    for number in 0..3 {
        let path = format!("/readings/{number}");
        is_answered(device, site, Method::Put, &path, "21.5").await;
        is_answered(device, site, Method::Post, &path, &long).await;
    }
}

/// A call of a method that may be repeated, after the connection has been closed: nobody notices.
pub async fn idempotent(device: &mut dyn Device, site: &Site) {
    is_answered(device, site, Method::Put, "/after", "1").await;
}

/// A call that must not run twice, in the same place: it may be lost, and then that is said.
pub async fn accounted_for(device: &mut dyn Device, site: &Site) {
    let outcome = device.call(&request(Method::Post, "/once", "1")).await;
    let runs = site.runs("/once");
    match outcome {
        Ok(reply) => assert_eq!((reply, runs), ((200, "1".to_owned()), 1)),
        Err(error) => {
            assert_eq!(runs, 0, "{error}");
            assert!(error.contains("NoAnswer") || error.contains("Write"), "{error}");
        }
    }
    is_answered(device, site, Method::Put, "/again", "2").await;
}

/// A gateway that closes connections on which nothing has been said for a second.
pub async fn idle(device: &mut dyn Device, site: &Site) {
    idempotent(device, site).await;
    wait(Duration::from_millis(1300)).await;
    idempotent(device, site).await;
    wait(Duration::from_millis(1300)).await;
    accounted_for(device, site).await;
}

/// A gateway that goes down and comes back.
pub async fn restarted(device: &mut dyn Device, site: &mut Site) {
    calls(device, site).await;
    site.restart();
    idempotent(device, site).await;
    site.restart();
    accounted_for(device, site).await;
    site.stop();
    let outcome = device.call(&request(Method::Put, "/nobody", "1")).await;
    assert!(outcome.is_err(), "{outcome:?}");
    site.restart();
    idempotent(device, site).await;
}

/// A gateway that is there and does not answer: a call ends, and is accounted for.
pub async fn silent(device: &mut dyn Device, site: &Site) {
    calls(device, site).await;
    for method in [Method::Put, Method::Post] {
        site.freeze();
        let begun = Instant::now();
        let outcome = device.call(&request(method, "/frozen", "1").with_timeout(300)).await;
        assert!(outcome.is_err(), "{outcome:?}");
        // It has to end. How soon depends on what else the machine does, as TLS that is not optimised takes seconds.
        let took = begun.elapsed();
        assert!(took > Duration::from_millis(250) && took < Duration::from_secs(45), "{took:?}");
        site.thaw();
        is_answered(device, site, Method::Post, "/thawed", "2").await;
    }
}

/// A network that loses everything, and tells nobody.
pub async fn cut_off(device: &mut dyn Device, site: &Site, pliers: &Pliers) {
    calls(device, site).await;
    for method in [Method::Put, Method::Post] {
        pliers.cut();
        let outcome = device.call(&request(method, "/lost", "1").with_timeout(300)).await;
        assert!(outcome.is_err(), "{outcome:?}");
        pliers.mend();
        is_answered(device, site, Method::Post, "/mended", "2").await;
    }
}

/// A server that refuses a call by its head, while the client still sends. What it says is one of these.
pub async fn refused(device: &mut dyn Device, expected: &[&str]) {
    let long = format!("[{}0]", "123,".repeat(10_000));
    for method in [Method::Put, Method::Post] {
        let outcome = device.call(&request(method, "/long", &long)).await;
        assert!(
            outcome.as_ref().is_err_and(|error| expected.iter().any(|expected| error.contains(expected))),
            "{outcome:?}"
        );
    }
}

/// Drops a call at each place where it waits. The next one gets through.
pub async fn dropped(device: &mut dyn Device, site: &Site) {
    for most in 1..200 {
        let done = give_up(most, device.call(&request(Method::Put, "/dropped", "0"))).await;
        is_answered(device, site, Method::Post, "/next", "1").await;
        if let Some(outcome) = done {
            assert_eq!(outcome, Ok((200, "0".to_owned())));
            assert!(most > 1, "it never waited");
            return;
        }
    }
    panic!("it never ended");
}

/// Says that a future has been woken, and passes it on.
struct Bell {
    rung: AtomicBool,
    next: Waker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        self.next.wake_by_ref();
    }
}

/// Polls a future so many times, each when it has been woken, and then drops it.
async fn give_up<T>(polls: u32, future: impl Future<Output = T>) -> Option<T> {
    let (mut left, mut future) = (polls, pin!(future));
    let mut bell: Option<Arc<Bell>> = None;
    poll_fn(|context| {
        if let Some(bell) = &bell
            && !bell.rung.load(Ordering::SeqCst)
        {
            return Poll::Pending;
        }
        let fresh = Arc::new(Bell { rung: AtomicBool::new(false), next: context.waker().clone() });
        bell = Some(Arc::clone(&fresh));
        left -= 1;
        match future.as_mut().poll(&mut Context::from_waker(&fresh.into())) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Waits, in a runtime and out of it.
async fn wait(time: Duration) {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => tokio::time::sleep(time).await,
        Err(_) => thread::sleep(time),
    }
}

/// Polls what is never pending.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

/// A name that no other test has.
pub fn name() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("stacks-{}", COUNT.fetch_add(1, Ordering::SeqCst))
}

/// A stack, and how a device gets on it.
pub trait Stack {
    /// Gives a device that calls a gateway at this address to `work`. What is between the two, if anything, closes
    /// connections on which nothing has been said for `idle` seconds.
    fn with(gateway: SocketAddr, idle: u32, work: impl AsyncFnOnce(&mut dyn Device));
}

/// Longer than any test.
const NEVER: u32 = 600;

/// What every stack stands. The cases wait more than they work, so they do it at the same time.
pub fn battery<S: Stack>() {
    at_once(&[
        ("calls", || {
            let site = Site::start(&[]);
            S::with(site.address, NEVER, async |device| calls(device, &site).await);
        }),
        ("idle", || {
            let site = Site::start(&["--idle", "1"]);
            S::with(site.address, 1, async |device| idle(device, &site).await);
        }),
        ("restarted", || {
            let mut site = Site::start(&[]);
            S::with(site.address, NEVER, async |device| restarted(device, &mut site).await);
        }),
        ("silent", || {
            let site = Site::start(&[]);
            S::with(site.address, NEVER, async |device| silent(device, &site).await);
        }),
        ("refused by the gateway", || {
            let service = format!("shop={}", echo().0);
            let words = ["--env", ENVIRONMENT, "--owner", "WXAAA", "--caller", "other=WXAAA,o-alice", "--service"];
            let gateway = Gateway::start_with(&[&words[..], &[&service]].concat());
            S::with(gateway.address, NEVER, async |device| refused(device, &["-501000"]).await);
        }),
        ("refused by a proxy", || {
            let config = "server { listen ADDRESS; client_max_body_size 8k; location / { return 204; } }";
            let Some(proxy) = Nginx::start(&name(), config, &[]) else { return };
            S::with(proxy.address, NEVER, async |device| refused(device, &["status: 413"]).await);
        }),
        ("refused and reset", || {
            let service = service(|mut link| {
                link.stream.read_line(&mut String::new()).unwrap();
                link.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                link.reset();
            });
            // The reset may come first, at a proxy too.
            let expected = ["status: 413", "Write(", "status: 502"];
            S::with(service, NEVER, async |device| refused(device, &expected).await);
        }),
    ]);
}

/// What a stack stands whose calls can be dropped.
pub fn drops<S: Stack>() {
    let site = Site::start(&[]);
    S::with(site.address, NEVER, async |device| dropped(device, &site).await);
}

/// Runs each of these in a thread with its name.
fn at_once(cases: &[(&str, fn())]) {
    let start = |(name, case): &(&str, fn())| thread::Builder::new().name((*name).to_owned()).spawn(*case).unwrap();
    let threads = cases.iter().map(start).collect::<Vec<_>>();
    let failed = threads.into_iter().map(|thread| thread.join().is_err()).filter(|failed| *failed).count();
    assert_eq!(failed, 0, "cases that failed");
}
