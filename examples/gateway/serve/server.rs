//! The listening sockets: how many connections there may be, and how they end.
//!
//! It knows connections. It must never know what an envelope is.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::call::Calls;
use super::options::Options;
use super::stranger::Stranger;
use super::{door, line, record};

/// The most connections at a time. Further ones wait, unaccepted, in the queue of the operating system. A connection has
/// one call at a time, so this bounds the calls too, and with them the memory.
const CONNECTIONS: u32 = 512;
/// The most serial lines at a time. They may be idle for ever, so they have places of their own.
const LINES: u32 = 64;
/// How long the head of a request may take, and how long a connection may be idle before it.
const HEAD: Duration = Duration::from_secs(10);
/// The most bytes of a head.
const HEAD_BYTES: usize = 16 * 1024;
/// How long calls in flight have to finish: longer than a call can take.
const GRACE: Duration = Duration::from_secs(20);
/// How long to wait when the operating system has no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// A gateway that runs.
pub struct Gateway {
    address: SocketAddr,
    serial: Option<SocketAddr>,
    places: Arc<Semaphore>,
    lines: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

impl Gateway {
    /// Starts a gateway on the current runtime. When this returns, it listens.
    ///
    /// # Errors
    /// An address cannot be listened on.
    pub async fn start(options: Options) -> io::Result<Self> {
        let (stopping, stop) = watch::channel(false);
        let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
        let lines = Arc::new(Semaphore::new(LINES as usize));
        let listener = listen(options.listen).await?;
        let address = listener.local_addr()?;
        let serial_listener = match options.serial {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let serial = serial_listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let calls = Arc::new(Calls::new(&options));
        tokio::spawn({
            let calls = Arc::clone(&calls);
            let mut stop = stop.clone();
            async move {
                tokio::select! {
                    () = calls.tidy() => {}
                    _ = stop.wait_for(|stop| *stop) => {}
                }
            }
        });
        if let Some(listener) = serial_listener {
            let token: Option<Arc<str>> = options.serial_caller.map(Into::into);
            let calls = Arc::clone(&calls);
            tokio::spawn(accept(listener, Arc::clone(&lines), stop.clone(), move |stream, peer, stop| {
                serve_line(stream, peer, Arc::clone(&calls), token.clone(), stop)
            }));
        }
        let proxies: Arc<[IpAddr]> = options.proxies.into();
        tokio::spawn(accept(listener, Arc::clone(&places), stop, move |stream, peer, stop| {
            serve(stream, peer, Arc::clone(&calls), Arc::clone(&proxies), stop)
        }));
        Ok(Self { address, serial, places, lines, stopping })
    }

    /// Where it listens for HTTP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for serial lines, if it does.
    pub fn serial(&self) -> Option<SocketAddr> {
        self.serial
    }

    /// Accepts no more connections, closes those that are idle, and waits for the calls in flight, but not for ever.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        // Every connection has a place, so when all the places are free, no connection is left.
        let all = async { (self.places.acquire_many(CONNECTIONS).await, self.lines.acquire_many(LINES).await) };
        if timeout(GRACE, all).await.is_err() {
            record::note("stop", "connections that did not end were dropped");
        }
    }
}

async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
    TcpListener::bind(address).await.map_err(named)
}

/// Takes connections in until it is time to stop, each to a task and a place of its own.
async fn accept<F>(
    listener: TcpListener,
    places: Arc<Semaphore>,
    mut stop: watch::Receiver<bool>,
    serve: impl Fn(TcpStream, IpAddr, watch::Receiver<bool>) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let accepted = tokio::select! {
            accepted = admit(&listener, &places) => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, peer, place)) => {
                let connection = serve(stream, peer, stop.clone());
                tokio::spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                // Either the peer is gone again, or there are no more file descriptors.
                record::note("accept", &error.to_string());
                sleep(NO_ROOM).await;
            }
        }
    }
}

async fn admit(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer.ip().to_canonical(), place))
}

/// Serves one connection of HTTP/1.1.
async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    calls: Arc<Calls>,
    proxies: Arc<[IpAddr]>,
    mut stop: watch::Receiver<bool>,
) {
    let answer = service_fn(|request| {
        let (calls, proxies) = (Arc::clone(&calls), Arc::clone(&proxies));
        async move { Ok::<_, Infallible>(door::answer(&calls, &proxies, peer, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(Stranger::new(stream)), answer);
    let mut connection = pin!(connection);
    // How the connection ends is no news: a stranger can end it in any way and at any time, and a call that it cuts short
    // has its line in the log.
    tokio::select! {
        // First, so that an answer that is still to come says that it is the last one.
        biased;
        _ = stop.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
        _ = connection.as_mut() => return,
    }
    let _ = connection.await;
}

/// Serves one connection that stands for a serial line, or comes from what holds the other end of one.
async fn serve_line(
    stream: TcpStream,
    peer: IpAddr,
    calls: Arc<Calls>,
    token: Option<Arc<str>>,
    stop: watch::Receiver<bool>,
) {
    // The options have been held against each other, so the line is somebody's.
    let Ok(party) = calls.party(token.as_deref()) else { return };
    // As above, how the connection ends is no news.
    let _ = line::answer(&calls, party, &peer.to_string(), Stranger::new(stream), stop).await;
}
