//! One connection of HTTP/2 to a service, which many calls share.
//!
//! Knows how a request is written in HTTP/2, and which ones the service has not begun. Knows nothing of which service it
//! is.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use h2::Reason;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper::header::{CONNECTION, HOST};
use hyper::http::uri::{Authority, Scheme};
use hyper::{Request, Response, Uri, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use super::link::{HEAD_BYTES, Trouble, receive};
use super::upstream::Failed;
use super::wire::Stream;

/// The most calls at a time over one connection: as many as the least that a service should take (RFC 9113, section
/// 6.5.2).
pub(super) const CALLS: usize = 100;
/// How long a service may say nothing while it has calls, before it is asked for a sign of life, and how long it then
/// has: together less than the time of a call.
pub(super) const SILENCE: Duration = Duration::from_secs(5);

/// A connection.
#[derive(Clone)]
pub struct Shared {
    sender: SendRequest<Full<Bytes>>,
    scheme: Scheme,
    authority: Authority,
    /// Each call holds it, and so does the pool.
    calls: Arc<()>,
}

impl Shared {
    /// Begins to speak HTTP/2. The connection ends once nobody has this any more.
    ///
    /// # Errors
    /// The stream fails, or the address is none.
    pub async fn new(stream: Box<dyn Stream>, scheme: Scheme, address: &str) -> Result<Self, String> {
        let authority = address.parse().map_err(|_| "the address is none".to_owned())?;
        let mut builder = Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).keep_alive_interval(SILENCE).keep_alive_timeout(SILENCE);
        builder.max_header_list_size(u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX));
        let handshake = builder.handshake(TokioIo::new(stream)).await;
        let (sender, connection) = handshake.map_err(|error| error.to_string())?;
        // How it ends is told to each call.
        tokio::spawn(async { drop(connection.await) });
        Ok(Self { sender, scheme, authority, calls: Arc::new(()) })
    }

    /// Whether another call may use it.
    pub fn has_room(&self) -> bool {
        !self.sender.is_closed() && Arc::strong_count(&self.calls) <= CALLS
    }

    /// Whether no call uses it. Only the pool may ask.
    pub fn is_idle(&self) -> bool {
        Arc::strong_count(&self.calls) == 1
    }

    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Sends a request, and receives the whole answer.
    ///
    /// Cancel safe: the service is told that nobody waits for the answer, and no other call is affected.
    pub async fn exchange(mut self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Failed> {
        let mut target = std::mem::take(request.uri_mut()).into_parts();
        (target.scheme, target.authority) = (Some(self.scheme), Some(self.authority));
        *request.uri_mut() = Uri::from_parts(target).map_err(|error| Failed::Broken(error.to_string()))?;
        *request.version_mut() = Version::HTTP_2;
        // HTTP/2 has neither (RFC 9113, sections 8.2.2 and 8.3.1).
        request.headers_mut().remove(HOST);
        request.headers_mut().remove(CONNECTION);
        let answer = match self.sender.try_send_request(request).await {
            Ok(answer) => answer,
            Err(mut error) => {
                let was_sent = error.take_message().is_none();
                let error = error.into_error();
                let why = why(&error);
                return Err(if was_sent && !is_refused(&error) { Failed::Dead(why) } else { Failed::Unsent(why) });
            }
        };
        let (head, body) = answer.into_parts();
        match receive(body, true).await {
            Ok(body) => Ok(Response::from_parts(head, body)),
            Err(Trouble::TooLarge) => Err(Failed::TooLarge),
            Err(Trouble::Unclear(why)) => Err(Failed::Broken(why.to_owned())),
            Err(Trouble::Http(error)) => Err(Failed::Broken(why(&error))),
        }
    }
}

/// Whether the service says that it has not begun with the request: it refuses it, or ends the connection in good order
/// and takes no more (RFC 9113, section 8.7).
fn is_refused(error: &hyper::Error) -> bool {
    let error = error.source().and_then(|source| source.downcast_ref::<h2::Error>());
    error.is_some_and(|error| {
        error.reason() == Some(Reason::REFUSED_STREAM)
            || error.is_go_away() && error.is_remote() && error.reason() == Some(Reason::NO_ERROR)
    })
}

fn why(error: &hyper::Error) -> String {
    error.source().map_or_else(|| format!("receive: {error}"), |source| format!("receive: {source}"))
}
