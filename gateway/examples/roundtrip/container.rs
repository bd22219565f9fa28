//! A container service: it remembers what it saw, and answers with the body that it got.
//!
//! Knows plain HTTP, as every service in a container does, and nothing of envelopes or the gateway.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// One request, as it arrived.
pub struct Seen {
    /// Method and target.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A service that runs.
pub struct Container {
    address: SocketAddr,
    seen: Arc<Mutex<Option<Seen>>>,
}

impl Container {
    /// Starts a service on a free loopback port.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Mutex::new(None));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                let answer = service_fn(move |request| answer(request, Arc::clone(&shared)));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
        Ok(Self { address, seen })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it saw since the last time, if anything.
    pub fn take(&self) -> Option<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

async fn answer(
    request: Request<Incoming>,
    seen: Arc<Mutex<Option<Seen>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let line = format!("{} {}", request.method(), request.uri());
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
    let Ok(body) = request.into_body().collect().await else {
        let mut broken = Response::default();
        *broken.status_mut() = StatusCode::BAD_REQUEST;
        return Ok(broken);
    };
    let body = body.to_bytes();
    *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Seen { line, headers, body: body.to_vec() });
    Ok(Response::new(Full::new(body)))
}
