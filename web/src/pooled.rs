//! hyper-util's client with its pool of connections, over HTTP/1.1 or HTTP/2.

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::time::Duration;

/// A client that a gateway can be made of.
pub type Pooled = Client<HttpConnector, Full<Bytes>>;

/// Returns a client of HTTP/1.1, or of HTTP/2 without an upgrade ("prior knowledge", RFC 9113, section 3.3).
pub fn pooled(http2: bool) -> Pooled {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        // Less than the 5 s after which many servers close a connection.
        .pool_idle_timeout(Duration::from_secs(4))
        .http2_only(http2)
        .build(connector)
}
