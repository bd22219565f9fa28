//! What whoever runs the gateway asks it: its metrics, whether it runs, and whether it takes calls.
//!
//! On a listening socket of its own, so that it answers when no caller gets through, and to the end. Knows numbers, and
//! how long it may take to ask for them. Knows nothing of calls.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::answer::{Answer, plain, response, with};
use super::metrics::Page;
use super::places::{Place, Places};
use super::stranger::{Patient, Stranger};

/// The most simultaneous connections. When all are in use, the one that has waited longest is closed for the next.
pub const CONNECTIONS: usize = 16;
/// How long a connection may take, from its beginning to its end: it is for one request.
pub(super) const TIME: Duration = Duration::from_secs(5);
/// The maximum length of a head in bytes: the least that `hyper` allows.
pub(super) const HEAD_BYTES: usize = 8 * 1024;

/// What is told, beside what has been counted.
pub struct Monitor {
    /// The places of each listening socket.
    pub places: [(&'static str, Arc<Places>); 2],
    /// The gateway has been told to stop.
    pub leaves: Arc<AtomicBool>,
}

/// Answers the request of one connection.
pub async fn serve(monitor: Arc<Monitor>, stream: TcpStream, place: Arc<Place>) {
    let answer = service_fn(|request| {
        let answer = monitor.answer(&request);
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .header_read_timeout(None)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(Stranger::new(Patient::new(stream), Arc::clone(&place))), answer);
    tokio::select! {
        // How it ends is not worth a line in the log.
        _ = timeout(TIME, connection) => {}
        () = place.is_lost() => {}
    }
}

impl Monitor {
    fn answer<B>(&self, request: &Request<B>) -> Answer {
        let path = request.uri().path();
        if !matches!(path, "/metrics" | "/healthz" | "/readyz") {
            return plain(StatusCode::NOT_FOUND, "there is /metrics, /healthz and /readyz\n");
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return with(plain(StatusCode::METHOD_NOT_ALLOWED, "this can be read\n"), ALLOW, "GET, HEAD");
        }
        match path {
            "/metrics" => {
                let page = response(StatusCode::OK, self.page().into());
                with(page, CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
            }
            "/readyz" if self.leaves.load(Ordering::Relaxed) => plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
            _ => plain(StatusCode::OK, "ok\n"),
        }
    }

    fn page(&self) -> String {
        let mut page = Page::new();
        let name = "callcontainer_places";
        page.metric(name, "gauge", "Places in use: busy with a request, or waiting for one.");
        for (listener, places) in &self.places {
            let (busy, waiting) = places.used();
            page.line(format_args!("{name}{{listener=\"{listener}\",state=\"busy\"}} {busy}"));
            page.line(format_args!("{name}{{listener=\"{listener}\",state=\"waiting\"}} {waiting}"));
        }
        let name = "callcontainer_places_limit";
        page.metric(name, "gauge", "How many places there are.");
        for (listener, places) in &self.places {
            page.line(format_args!("{name}{{listener=\"{listener}\"}} {}", places.all()));
        }
        let name = "callcontainer_build_info";
        page.metric(name, "gauge", "The version of the gateway.");
        page.line(format_args!("{name}{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")));
        page.into_text()
    }
}
