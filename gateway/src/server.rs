//! The listening sockets: who is admitted, and how everything ends.
//!
//! Knows connections. Knows nothing of the data on them.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::call::Calls;
use super::connection::{self, Serving};
use super::options::Options;
use super::places::{Place, Places};
use super::stranger::Stranger;
use super::{line, record};

/// The most simultaneous connections. A connection has one call at a time, so this also bounds the calls, and with them
/// the memory.
const CONNECTIONS: usize = 640;
/// The most of them from one address other than a proxy, so that no single address can take them all.
const SHARE: usize = 512;
/// The most simultaneous serial lines. All may come from one address, such as that of a server with serial ports.
const LINES: usize = 64;
/// The keepalive of a silent serial line: the idle time before the first probe, the interval, and the number of probes.
const LINE_KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(30), Duration::from_secs(10), 3);
/// How long calls in flight have to finish: longer than a call can take.
const GRACE: Duration = Duration::from_secs(20);
/// How long to wait if the operating system has no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(100);
/// How long to wait if another connection is closed to make room.
const ROOM: Duration = Duration::from_millis(5);

/// A running gateway.
pub struct Gateway {
    address: SocketAddr,
    serial: Option<SocketAddr>,
    places: Arc<Places>,
    lines: Arc<Places>,
    stopping: watch::Sender<bool>,
}

impl Gateway {
    /// Starts a gateway on the current runtime. It is listening when this returns.
    ///
    /// # Errors
    /// An address cannot be listened on.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = listen(options.listen).await?;
        let address = listener.local_addr()?;
        let serial_listener = match options.serial {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let serial = serial_listener.as_ref().map(TcpListener::local_addr).transpose()?;

        let (stopping, stop) = watch::channel(false);
        let calls = Arc::new(Calls::new(&options));
        let proxies: Arc<[IpAddr]> = options.proxies.into();
        let places = Places::new(CONNECTIONS, SHARE, Arc::clone(&proxies));
        let lines = Places::new(LINES, LINES + 1, Arc::default());
        tokio::spawn(tidy(Arc::clone(&calls), stop.clone()));
        if let Some(listener) = serial_listener {
            let token: Option<Arc<str>> = options.serial_caller.map(Into::into);
            let insists = options.serial_checked;
            let calls = Arc::clone(&calls);
            tokio::spawn(accept(listener, Arc::clone(&lines), stop.clone(), move |stream, place, stop| {
                serve_line(Arc::clone(&calls), token.clone(), insists, stream, place, stop)
            }));
        }
        let idle = Duration::from_secs(options.idle.into());
        let serving = Arc::new(Serving { calls, proxies, idle });
        tokio::spawn(accept(listener, Arc::clone(&places), stop, move |stream, place, stop| {
            connection::serve(Arc::clone(&serving), stream, place, stop)
        }));
        Ok(Self { address, serial, places, lines, stopping })
    }

    /// Returns the address where it listens for HTTP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address where it listens for serial lines, if it does.
    pub fn serial(&self) -> Option<SocketAddr> {
        self.serial
    }

    /// Accepts no more connections, closes idle ones, and waits for the calls in flight, but not for ever.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        let all = async { (self.places.are_free().await, self.lines.are_free().await) };
        if timeout(GRACE, all).await.is_err() {
            record::note("stop", None, "connections that did not end were dropped");
        }
    }
}

async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
    TcpListener::bind(address).await.map_err(named)
}

/// Closes unused connections to services, until the gateway stops.
async fn tidy(calls: Arc<Calls>, mut stop: watch::Receiver<bool>) {
    tokio::select! {
        () = calls.tidy() => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// Accepts connections until the gateway stops, each with its own task and place.
async fn accept<F>(
    listener: TcpListener,
    places: Arc<Places>,
    mut stop: watch::Receiver<bool>,
    serve: impl Fn(TcpStream, Arc<Place>, watch::Receiver<bool>) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let admitted = tokio::select! {
            admitted = admit(&listener, &places) => admitted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match admitted {
            Ok(Some((stream, place))) => {
                tokio::spawn(serve(stream, Arc::new(place), stop.clone()));
            }
            Ok(None) => {}
            // The peer has already disconnected.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
            Err(error) => {
                // File descriptors have run out, or the like.
                record::note("accept", None, &error.to_string());
                sleep(if places.make_room() { ROOM } else { NO_ROOM }).await;
            }
        }
    }
}

/// Returns the next connection and a place for it; `None` if it was rejected.
async fn admit(listener: &TcpListener, places: &Arc<Places>) -> io::Result<Option<(TcpStream, Place)>> {
    let (stream, peer) = listener.accept().await?;
    // Without this option, answers are only delayed.
    let _ = stream.set_nodelay(true);
    let peer = peer.ip().to_canonical();
    let Some(place) = places.take(peer).await else {
        record::rejected(503, peer, "its address has all of the places that one may have, and uses them");
        // The peer may be gone, or may send so much that it misses this.
        let _ = stream.try_write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return Ok(None);
    };
    Ok(Some((stream, place)))
}

/// Serves one connection that stands for a serial line, or comes from the device at the other end of one.
async fn serve_line(
    calls: Arc<Calls>,
    token: Option<Arc<str>>,
    insists: bool,
    stream: TcpStream,
    place: Arc<Place>,
    stop: watch::Receiver<bool>,
) {
    // The options have been checked for consistency, so the line belongs to somebody.
    let Ok(party) = calls.party(token.as_deref()) else { return };
    // A line may be silent for ever, and its other end may disappear without notice. If the system does not probe, it
    // will not find out.
    let (time, interval, retries) = LINE_KEEPALIVE;
    let keepalive = TcpKeepalive::new().with_time(time).with_interval(interval).with_retries(retries);
    let _ = SockRef::from(&stream).set_tcp_keepalive(&keepalive);
    let stream = Stranger::new(stream, Arc::clone(&place));
    tokio::select! {
        // How the connection ends is not worth a log line.
        _ = line::answer(&calls, party, insists, &place, stream, stop) => {}
        () = place.is_lost() => {}
    }
}
