//! The path to one service: connections that are reused, and when a request is sent a second time.
//!
//! Knows when a connection cannot be used any more. Knows nothing of who calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpStream;
use tokio::time::interval;

use super::link::Link;
use super::wire::Wire;

/// How long a connection may be idle: less than the 5 s after which many servers close theirs, so that a request rarely
/// meets a connection that is being closed.
const IDLE: Duration = Duration::from_secs(4);
/// How often idle connections are checked.
const TIDY: Duration = Duration::from_secs(1);
/// The maximum number of idle connections.
const IDLE_CONNECTIONS: usize = 64;

/// A service.
pub struct Upstream {
    /// `HOST:PORT`
    address: String,
    /// The most recently used one comes last.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    link: Link,
    since: Instant,
}

/// A request for a service.
#[derive(Clone)]
pub struct Outgoing {
    pub request: Request<Full<Bytes>>,
    pub reuse: Reuse,
}

/// Whether a connection of HTTP/1.1 may be used again after a request, as far as it depends on the request: a service may
/// leave a body unread, and take it for the next one.
#[derive(Clone, Copy)]
pub struct Reuse {
    /// After an answer with a status below 400.
    pub success: bool,
    /// After one with a status of 400 or above.
    pub failure: bool,
}

/// Why there is no answer.
pub enum Failed {
    /// The body of the answer is longer than any reply.
    TooLarge,
    /// The answer is not HTTP, or not complete, with the reason for the operator.
    Broken(String),
    /// No connection could be made, with the reason for the operator.
    Unreachable(String),
    /// The connection ended before the first byte of an answer.
    Dead(String),
}

impl Upstream {
    pub fn new(address: String) -> Self {
        Self { address, idle: Mutex::new(Vec::new()) }
    }

    /// Returns where the service listens, as `HOST:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sends a request, and receives the response.
    ///
    /// An idle connection may turn out to be dead. Then the request is sent again, once, over a new connection, if its
    /// method allows that (RFC 9110, section 9.2.2); otherwise the service may have acted on it, and the caller must
    /// decide.
    ///
    /// Cancel safe: the connection is closed, since an answer may still arrive on it.
    pub async fn exchange(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Failed> {
        if let Some(link) = self.take().await {
            let copy = outgoing.request.method().is_idempotent().then(|| outgoing.clone());
            match (self.exchange_over(link, outgoing).await, copy) {
                (Err(Failed::Dead(_)), Some(copy)) => self.exchange_anew(copy).await,
                (outcome, _) => outcome,
            }
        } else {
            self.exchange_anew(outgoing).await
        }
    }

    async fn exchange_anew(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Failed> {
        let link = self.connect().await.map_err(|why| Failed::Unreachable(format!("connect: {why}")))?;
        self.exchange_over(link, outgoing).await
    }

    async fn connect(&self) -> Result<Link, String> {
        let stream = TcpStream::connect(&self.address).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Link::new(Wire::new(stream)).await.map_err(|error| error.to_string())
    }

    async fn exchange_over(
        &self,
        link: Link,
        Outgoing { request, reuse }: Outgoing,
    ) -> Result<Response<Bytes>, Failed> {
        let (answer, link) = link.exchange(request).await?;
        let again = if answer.status() < StatusCode::BAD_REQUEST { reuse.success } else { reuse.failure };
        if let Some(link) = link.filter(|_| again) {
            self.put(link);
        }
        Ok(answer)
    }

    /// Takes a connection that seems to be alive.
    async fn take(&self) -> Option<Link> {
        loop {
            let Idle { mut link, since } = self.idle().pop()?;
            if since.elapsed() < IDLE && link.is_open().await {
                return Some(link);
            }
        }
    }

    fn put(&self, link: Link) {
        let mut idle = self.idle();
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(Idle { link, since: Instant::now() });
        }
    }

    /// Periodically closes connections that have been idle for too long. Never returns.
    pub async fn tidy(all: &[Arc<Self>]) {
        let mut tick = interval(TIDY);
        loop {
            tick.tick().await;
            for upstream in all {
                upstream.idle().retain(|idle| idle.since.elapsed() < IDLE);
            }
        }
    }

    /// No change here can be left half done, so it does not matter whether a thread panicked while it held the lock.
    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
