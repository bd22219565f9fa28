//! The listening sockets: who is admitted, and how everything ends.
//!
//! Knows connections. Knows nothing of the data on them.

use std::fmt;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::connection::{self, Current, Serving};
use super::monitor::{self, Monitor};
use super::options::Options;
use super::places::{Place, Places};
use super::settings::{Problem, Settings};
use super::stranger::{Patient, Stranger};
use super::{line, record};

/// The most simultaneous connections. A connection has one call at a time, so this also bounds the calls, and with them
/// the memory.
pub(super) const CONNECTIONS: usize = 640;
/// The most of them from one address other than a proxy, so that no single address can take them all.
pub(super) const SHARE: usize = 512;
/// The most simultaneous serial lines. All may come from one address, such as that of a server with serial ports.
pub(super) const LINES: usize = 64;
/// The keepalive of a silent serial line: the idle time before the first probe, the interval, and the number of probes.
pub(super) const LINE_KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(30), Duration::from_secs(10), 3);
/// The most connections to take when the gateway stops: as many as the system keeps for it.
pub(super) const QUEUE: u32 = 1024;
/// How long calls in flight have to finish: longer than a call can take.
pub(super) const GRACE: Duration = Duration::from_secs(20);
/// How long to wait if the operating system has no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(100);
/// How long to wait if another connection is closed to make room.
const ROOM: Duration = Duration::from_millis(5);

/// A running gateway.
pub struct Gateway {
    address: SocketAddr,
    serial: Option<SocketAddr>,
    metrics: Option<SocketAddr>,
    places: Arc<Places>,
    lines: Arc<Places>,
    /// How long to go on taking calls once it has been told to stop.
    leave: Duration,
    leaves: Arc<AtomicBool>,
    stopping: watch::Sender<bool>,
    serving: watch::Sender<Arc<Serving>>,
    options: Options,
    /// Metrics are there until this is dropped.
    _monitoring: watch::Sender<bool>,
}

/// Why a gateway does not start.
#[derive(Debug)]
pub enum NotStarted {
    /// The configuration file is broken: everything that is wrong with it.
    Broken(Vec<Problem>),
    /// An address cannot be listened on.
    Listen(io::Error),
}

impl From<io::Error> for NotStarted {
    fn from(error: io::Error) -> Self {
        Self::Listen(error)
    }
}

impl From<NotStarted> for io::Error {
    fn from(error: NotStarted) -> Self {
        match error {
            NotStarted::Broken(_) => Self::other(error.to_string()),
            NotStarted::Listen(error) => error,
        }
    }
}

/// One line for each reason.
impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(problems) => problems.iter().enumerate().try_for_each(|(number, problem)| {
                let end = if number > 0 { "\n" } else { "" };
                write!(f, "{end}{problem}")
            }),
            Self::Listen(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotStarted {}

impl Gateway {
    /// Starts a gateway on the current runtime. It is listening when this returns.
    ///
    /// # Errors
    /// The configuration file is broken, or an address cannot be listened on.
    pub async fn start(options: Options) -> Result<Self, NotStarted> {
        let settings = &options.settings().map_err(NotStarted::Broken)?;
        let listener = listen(options.listen).await?;
        let address = listener.local_addr()?;
        let serial_listener = match options.serial {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let serial = serial_listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let metrics_listener = match options.metrics {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let metrics = metrics_listener.as_ref().map(TcpListener::local_addr).transpose()?;

        let (stopping, stop) = watch::channel(false);
        let (serving, current) = watch::channel(Arc::new(Serving::new(settings, None)));
        let places = Places::new(CONNECTIONS, SHARE, Arc::clone(&settings.proxies));
        let lines = Places::new(LINES, LINES + 1, Arc::default());
        tokio::spawn(tidy(current.clone(), stop.clone()));
        if let Some(listener) = serial_listener {
            let insists = options.serial_checked;
            let current = current.clone();
            tokio::spawn(accept(listener, Arc::clone(&lines), stop.clone(), move |stream, place, stop| {
                serve_line(current.clone(), insists, stream, place, stop)
            }));
        }
        let leaves = Arc::new(AtomicBool::new(false));
        let (monitoring, monitored) = watch::channel(false);
        if let Some(listener) = metrics_listener {
            let places = [("http", Arc::clone(&places)), ("serial", Arc::clone(&lines))];
            let monitor = Arc::new(Monitor { places, leaves: Arc::clone(&leaves) });
            let places = Places::new(monitor::CONNECTIONS, monitor::CONNECTIONS + 1, Arc::default());
            tokio::spawn(accept(listener, places, monitored, move |stream, place, _| {
                monitor::serve(Arc::clone(&monitor), stream, place)
            }));
        }
        let leave = Duration::from_secs(options.leave.into());
        let leaving = Arc::clone(&leaves);
        tokio::spawn(accept(listener, Arc::clone(&places), stop, move |stream, place, stop| {
            connection::serve(current.clone(), Arc::clone(&leaving), stream, place, stop)
        }));
        Ok(Self {
            address,
            serial,
            metrics,
            places,
            lines,
            leave,
            leaves,
            stopping,
            serving,
            options,
            _monitoring: monitoring,
        })
    }

    /// Returns the address where it listens for HTTP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it takes TLS there, and nothing else.
    pub fn is_encrypted(&self) -> bool {
        self.serving.borrow().tls.is_some()
    }

    /// Returns the address where it listens for serial lines, if it does.
    pub fn serial(&self) -> Option<SocketAddr> {
        self.serial
    }

    /// Returns the address where it answers for metrics, if it does.
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Rereads the file of the options, and serves as it says from the next request on, if nothing in it is wrong. Calls
    /// in flight end as they began, and connections stay. The log tells the outcome.
    pub async fn reload(&self) {
        let options = self.options.clone();
        let read = tokio::task::spawn_blocking(move || options.settings());
        // It does not panic, and nothing aborts it.
        let Ok(read) = read.await else { return };
        match read {
            Ok(settings) => self.replace(&settings),
            Err(problems) => problems.iter().for_each(log),
        }
    }

    fn replace(&self, settings: &Settings) {
        let before = Arc::clone(&self.serving.borrow());
        let file = self.options.config.as_deref().unwrap_or(Path::new("-"));
        if before.tls.is_some() != settings.tls.is_some() {
            let sentence = "[tls] comes and goes with a restart alone".to_owned();
            return log(&Problem { file: file.to_owned(), line: 1, column: 1, sentence });
        }
        self.serving.send_replace(Arc::new(Serving::new(settings, Some(&before))));
        self.places.trust(Arc::clone(&settings.proxies));
        record::reloaded(&file.display().to_string(), settings.envs.len(), settings.callers.len());
    }

    /// Says that it will stop, and goes on for as long as balancers need to see it and leave. Then accepts no more
    /// connections, closes idle ones, and waits for the calls in flight, but not for ever.
    pub async fn stop(self) {
        self.leaves.store(true, Ordering::Relaxed);
        sleep(self.leave).await;
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

/// Logs what is wrong with a configuration that is not used.
fn log(problem: &Problem) {
    record::not_reloaded(&problem.place(), &problem.sentence);
}

/// Closes unused connections to services, until the gateway stops.
async fn tidy(mut current: Current, mut stop: watch::Receiver<bool>) {
    loop {
        let serving = Arc::clone(&current.borrow_and_update());
        tokio::select! {
            () = serving.calls.tidy() => {}
            changed = current.changed() => if changed.is_err() { return },
            _ = stop.wait_for(|stop| *stop) => return,
        }
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
    let mut queued = QUEUE;
    loop {
        let admitted = tokio::select! {
            // What has connected by the time when it stops is served too: the system would reset it.
            biased;
            admitted = admit(&listener, &places), if queued > 0 => admitted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        queued -= u32::from(*stop.borrow());
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
    current: Current,
    insists: bool,
    stream: TcpStream,
    place: Arc<Place>,
    stop: watch::Receiver<bool>,
) {
    // A line may be silent for ever, and its other end may disappear without notice. If the system does not probe, it
    // will not find out.
    let (time, interval, retries) = LINE_KEEPALIVE;
    let keepalive = TcpKeepalive::new().with_time(time).with_interval(interval).with_retries(retries);
    let _ = SockRef::from(&stream).set_tcp_keepalive(&keepalive);
    let stream = Stranger::new(Patient::new(stream), Arc::clone(&place));
    tokio::select! {
        // How the connection ends is not worth a log line.
        _ = line::answer(&current, insists, &place, stream, stop) => {}
        () = place.is_lost() => {}
    }
}
