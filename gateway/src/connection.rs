//! One HTTP/1.1 connection: how long it may wait for a request, and how input that is not a request is answered.
//!
//! Knows time, and the answers that are due before a request can be looked at. Knows nothing of calls.

use std::convert::Infallible;
use std::future::{Future as _, pending, poll_fn};
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, ready};
use std::time::Duration;

use hyper::Error;
use hyper::header::CONNECTION;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::answer::with;
use super::call::Calls;
use super::places::{Doing, Place};
use super::settings::Settings;
use super::stranger::{Patient, Stranger};
use super::tls::{Guest, Tls};
use super::{door, record};

/// How long the head of a request may take, from its first byte, and a TLS handshake, from the beginning.
pub(super) const HEAD: Duration = Duration::from_secs(10);
/// How long a connection may be idle once the gateway stops: whoever has just opened it, or had an answer on it, may have
/// sent a request.
pub(super) const UNDERWAY: Duration = Duration::from_secs(1);
/// The maximum length of a head in bytes.
pub(super) const HEAD_BYTES: usize = 16 * 1024;
/// How much is received at once, at most: a head with the longest envelope that is usual, so that the body need not be put
/// together of pieces. It begins with 8 KiB, and grows as requests do.
const READ_BYTES: usize = 112 * 1024;

/// What is needed to answer requests.
pub struct Serving {
    pub calls: Calls,
    pub proxies: Arc<[IpAddr]>,
    /// How long a connection may be idle before the first request, and between requests.
    pub idle: Duration,
    pub tls: Option<Arc<Tls>>,
}

impl Serving {
    /// What is needed with these settings. What is kept `before` and still of use is kept.
    pub fn new(settings: &Settings, before: Option<&Self>) -> Self {
        Self {
            calls: Calls::new(settings, before.map(|before| &before.calls)),
            proxies: Arc::clone(&settings.proxies),
            idle: settings.idle,
            tls: settings.tls.clone(),
        }
    }
}

/// What is needed now: each request takes it once, and keeps it to its end.
pub type Current = watch::Receiver<Arc<Serving>>;

/// The reason why a connection ends.
enum End {
    /// The peer has ended it, or the last answer has been sent.
    Over(Result<(), Error>),
    /// Nothing was received for too long.
    Idle,
    /// A head took too long.
    Slow,
    /// Its place was taken by another connection.
    Lost,
}

/// Serves one connection until it ends, or until the gateway stops. A request that is underway by then is still
/// answered.
///
/// Once it `leaves`, each answer is the last on its connection.
pub async fn serve(
    current: Current,
    leaves: Arc<AtomicBool>,
    stream: TcpStream,
    place: Arc<Place>,
    mut stop: watch::Receiver<bool>,
) {
    let stream = Patient::new(stream);
    let tls = current.borrow().tls.clone();
    let Some(tls) = tls else {
        return converse(current, &leaves, Stranger::new(stream, Arc::clone(&place)), None, place, stop).await;
    };
    let accepted = tokio::select! {
        biased;
        () = async { let _ = stop.wait_for(|stop| *stop).await; sleep(UNDERWAY).await } => return,
        accepted = timeout(HEAD, tls.accept(stream)) => accepted,
        () = place.is_lost() => return,
    };
    match accepted {
        Ok(Ok((stream, guest))) => {
            // The time of the handshake is not idle.
            if !place.begins() {
                return;
            }
            place.answers();
            place.has_sent();
            let stream = Stranger::encrypted(stream, Arc::clone(&place));
            converse(current, &leaves, stream, Some(&guest), place, stop).await;
        }
        // Whoever asks only whether anybody listens says nothing.
        Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {}
        Ok(Err(error)) => record::note("handshake", Some(place.peer()), &error.to_string()),
        Err(_) => record::note("handshake", Some(place.peer()), "it took too long"),
    }
}

/// Serves a connection with this client, if it is encrypted, as [`serve`].
async fn converse(
    current: Current,
    leaves: &AtomicBool,
    stream: Stranger,
    guest: Option<&Guest>,
    place: Arc<Place>,
    mut stop: watch::Receiver<bool>,
) {
    let answer = service_fn(|request| {
        let (current, place) = (&current, Arc::clone(&place));
        async move {
            if !place.begins() {
                // The connection is about to be dropped.
                return pending().await;
            }
            let serving = Arc::clone(&current.borrow());
            let is_accepted = guest.zip(serving.tls.as_ref()).is_none_or(|(guest, tls)| guest.is_accepted(tls));
            let answer = if is_accepted {
                let certificate = guest.and_then(Guest::certificate);
                door::answer(&serving.calls, &serving.proxies, place.peer(), certificate, request).await
            } else {
                door::turn_out(place.peer())
            };
            place.answers();
            let is_last = leaves.load(Ordering::Relaxed);
            Ok::<_, Infallible>(if is_last { with(answer, CONNECTION, "close") } else { answer })
        }
    });
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(READ_BYTES)
        .serve_connection(TokioIo::new(stream), answer);
    let (mut idle, mut stops) = (current.borrow().idle, false);
    let end = loop {
        tokio::select! {
            // The timeouts come last, since the branches before them change them.
            biased;
            _ = stop.wait_for(|stop| *stop), if !stops => {
                stops = true;
                idle = idle.min(UNDERWAY);
            }
            result = &mut connection => break End::Over(result),
            () = place.is_lost() => break End::Lost,
            end = waits_too_long(&place, idle) => break end,
        }
    };
    let peer = place.peer();
    let stream = move || connection.into_parts().io.into_inner();
    let close = async {
        match end {
            End::Idle | End::Lost => {}
            End::Over(Ok(())) => stream().linger().await,
            End::Over(Err(error)) if error.is_parse_version_h2() => {
                turn_away(stream(), peer, 400, "HTTP/2 is not spoken here").await;
            }
            End::Over(Err(error)) if error.is_parse() => {
                // hyper has already answered with this status.
                let status = if error.is_parse_too_large() { 431 } else { 400 };
                record::rejected(status, peer, &error.to_string());
                stream().linger().await;
            }
            // A peer can end a connection in any way and at any time. That is not worth a log line, and a call that it
            // cuts short has its own.
            End::Over(Err(_)) => {}
            End::Slow => turn_away(stream(), peer, 408, "the head took too long").await,
        }
    };
    tokio::select! {
        () = close => {}
        () = place.is_lost() => {}
    }
}

/// Waits until the connection has waited too long.
///
/// The beginning of a request that arrived together with the previous one counts as idle time: the boundary between
/// them is not known here.
async fn waits_too_long(place: &Place, idle: Duration) -> End {
    let mut timer = pin!(sleep_until(Instant::now()));
    poll_fn(|context| {
        let (at, end) = match place.doing() {
            Some(Doing::Idle(since)) => (since + idle, End::Idle),
            Some(Doing::Head(since)) => (since + HEAD, End::Slow),
            // A change of this state wakes the task that is polled here.
            Some(Doing::Request | Doing::Answer | Doing::Closing(_)) | None => return Poll::Pending,
        };
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        ready!(timer.as_mut().poll(context));
        Poll::Ready(end)
    })
    .await
}

/// Answers input that is not a request, and closes the connection.
async fn turn_away(mut stream: Stranger, peer: IpAddr, status: u16, text: &str) {
    record::rejected(status, peer, text);
    let reason = if status == 408 { "Request Timeout" } else { "Bad Request" };
    let length = text.len() + 1;
    let head = format!("HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n");
    let answer = format!("{head}Connection: close\r\n\r\n{text}\n");
    // The peer may not accept it.
    if stream.write_all(answer.as_bytes()).await.is_ok() && stream.shutdown().await.is_ok() {
        stream.linger().await;
    }
}
