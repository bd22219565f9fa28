//! One HTTP/1.1 connection: how long it may wait for a request, and the answer to bytes that are not a request.
//!
//! Knows time limits and the answers that are due before a request can be looked at, but not what a call is.

use std::convert::Infallible;
use std::future::{Future as _, pending, poll_fn};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use hyper::Error;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::call::Calls;
use super::places::{Doing, Place};
use super::stranger::Stranger;
use super::{door, record};

/// How long the head of a request may take, from its first byte on.
const HEAD: Duration = Duration::from_secs(10);
/// The most bytes of a head.
const HEAD_BYTES: usize = 16 * 1024;

/// What the requests of a connection are answered with.
pub struct Serving {
    pub calls: Arc<Calls>,
    pub proxies: Arc<[IpAddr]>,
    /// How long a connection may be idle before a request, and between one and the next.
    pub idle: Duration,
}

/// What ends a connection.
enum End {
    /// The peer, or the answer that was its last.
    Over(Result<(), Error>),
    /// Nothing came for too long.
    Idle,
    /// A head took too long.
    Slow,
    /// Its place is another's.
    Lost,
}

/// Serves one connection until it ends, or it is time to stop. A request that has come then gets its answer.
pub async fn serve(serving: Arc<Serving>, stream: TcpStream, place: Arc<Place>, mut stop: watch::Receiver<bool>) {
    let answer = service_fn(|request| {
        let (serving, place) = (Arc::clone(&serving), Arc::clone(&place));
        async move {
            if !place.begins() {
                // The connection is about to be dropped.
                return pending().await;
            }
            let answer = door::answer(&serving.calls, &serving.proxies, place.peer(), request).await;
            place.answers();
            Ok::<_, Infallible>(answer)
        }
    });
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(Stranger::new(stream, Arc::clone(&place))), answer);
    let mut idle = serving.idle;
    let end = loop {
        tokio::select! {
            // The word to stop comes first, so that an answer that is still to come says that it is the last one; the
            // times come last, since what goes on before them changes what they are.
            biased;
            _ = stop.wait_for(|stop| *stop), if !idle.is_zero() => {
                if matches!(place.doing(), Some(Doing::Idle(_))) {
                    break End::Idle;
                }
                std::pin::Pin::new(&mut connection).graceful_shutdown();
                idle = Duration::ZERO;
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
                // This is what it has been answered.
                let status = if error.is_parse_too_large() { 431 } else { 400 };
                record::rejected(status, peer, &error.to_string());
                stream().linger().await;
            }
            // A stranger can end a connection in any way and at any time. It is no news, and a call that it cuts short has
            // its line in the log.
            End::Over(Err(_)) => {}
            End::Slow => turn_away(stream(), peer, 408, "the head took too long").await,
        }
    };
    tokio::select! {
        () = close => {}
        () = place.is_lost() => {}
    }
}

/// Waits until a connection has waited too long.
///
/// The beginning of a request that came along with the one before it counts as idle time: where one ends and the next
/// begins is not known out here.
async fn waits_too_long(place: &Place, idle: Duration) -> End {
    let mut timer = pin!(sleep_until(Instant::now()));
    poll_fn(|context| {
        let (at, end) = match place.doing() {
            Some(Doing::Idle(since)) => (since + idle, End::Idle),
            Some(Doing::Head(since)) => (since + HEAD, End::Slow),
            // What changes this wakes whoever is asked here.
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

/// Answers what is no request, and closes the connection.
async fn turn_away(mut stream: Stranger, peer: IpAddr, status: u16, text: &str) {
    record::rejected(status, peer, text);
    let reason = if status == 408 { "Request Timeout" } else { "Bad Request" };
    let length = text.len() + 1;
    let head = format!("HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n");
    let answer = format!("{head}Connection: close\r\n\r\n{text}\n");
    // It may not take it.
    if stream.write_all(answer.as_bytes()).await.is_ok() && stream.shutdown().await.is_ok() {
        stream.linger().await;
    }
}
