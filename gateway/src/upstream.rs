//! The path to one service: connections that are reused, and when a request is sent a second time.
//!
//! Knows when a connection cannot be used any more. Knows nothing of who calls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::http::uri::Scheme;
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpStream;
use tokio::time::interval;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::link::Link;
use super::origin::{Origin, Protocol};
use super::record;
use super::shared::Shared;
use super::wire::{Stream, Wire};

/// How long a connection may be idle: less than the 5 s after which many servers close theirs, so that a request rarely
/// meets a connection that is being closed.
pub(super) const IDLE: Duration = Duration::from_secs(4);
/// How often idle connections are checked.
const TIDY: Duration = Duration::from_secs(1);
/// The maximum number of idle connections.
pub(super) const IDLE_CONNECTIONS: usize = 64;

/// The authorities that the system trusts. Without any, no certificate is accepted.
static SYSTEM: LazyLock<Option<Arc<ClientConfig>>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map_or_else(|| "the system trusts no authority".to_owned(), ToString::to_string);
        record::note("trust", None, &why);
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    // It fails only for a provider that has no cipher for either.
    let builder = builder.with_protocol_versions(&[&TLS13, &TLS12]).ok()?;
    Some(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
});

/// A service.
pub struct Upstream {
    origin: Origin,
    /// How TLS is spoken, if it is.
    tls: Option<TlsConnector>,
    /// Idle connections of HTTP/1.1. The most recently used one comes last.
    idle: Mutex<Vec<Idle<Box<Link>>>>,
    /// All connections of HTTP/2, and when each was last taken.
    shared: Mutex<Vec<Idle<Shared>>>,
    /// Held while a connection is made that others may share.
    connecting: tokio::sync::Mutex<()>,
    /// The service has been found to leave bodies unread.
    is_careless: AtomicBool,
}

struct Idle<C> {
    connection: C,
    since: Instant,
}

/// A connection.
enum Way {
    Own(Box<Link>),
    Shared(Shared),
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
    /// The service has not begun with the request.
    Unsent(String),
}

impl Upstream {
    /// Creates the path to a service. If it speaks TLS, its certificate is checked as `trust` says, whose protocols are
    /// replaced by those of HTTP; by default against the authorities that the system trusts, or those in the file that
    /// the variable `SSL_CERT_FILE` names.
    pub fn new(origin: Origin, trust: Option<Arc<ClientConfig>>) -> Self {
        let is_tls = origin.protocol() == Protocol::Https;
        let config = if is_tls { trust.or_else(|| SYSTEM.clone()) } else { None };
        let tls = config.map(|config| {
            let mut config = ClientConfig::clone(&config);
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Arc::new(config).into()
        });
        Self {
            origin,
            tls,
            idle: Mutex::default(),
            shared: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
            is_careless: AtomicBool::new(false),
        }
    }

    /// Returns where the service listens.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Sends a request, and receives the response.
    ///
    /// It is sent again, once, over another connection, in these cases:
    ///
    /// - An idle connection turns out to be dead, and the method allows it (RFC 9110, section 9.2.2). With another
    ///   method the service may have acted on it, and the caller must decide.
    /// - The service says that it has not begun with it (RFC 9113, section 8.7).
    /// - A connection on which a body has been sent ends with an answer that says that this was no request. The service
    ///   may have left that body unread, and taken it for the beginning of this request. If it answers with another
    ///   status now, it has, and no connection to it is used again after a body; nor is one if the method is not
    ///   idempotent, so that this happens to one such request at most.
    ///
    /// Cancel safe: a connection of HTTP/1.1 is closed, since an answer may still arrive on it, and with HTTP/2 the
    /// service is told.
    pub async fn exchange(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Failed> {
        let taken = self.take().await;
        let was_idle = taken.is_some();
        let way = match taken {
            Some(way) => way,
            None => self.connect().await?,
        };
        let is_idempotent = outgoing.request.method().is_idempotent();
        let is_doubtful = matches!(&way, Way::Own(link) if link.has_carried());
        let is_shared = matches!(way, Way::Shared(_));
        let copy = (was_idle && is_idempotent || is_doubtful || is_shared).then(|| outgoing.clone());
        let outcome = self.exchange_over(way, outgoing).await;
        let Some(copy) = copy else { return outcome.map(|(answer, _)| answer) };
        let doubted = match outcome {
            Ok((answer, true)) if is_doubtful && says_no_request(answer.status()) => Some(answer.status()),
            Err(Failed::Dead(_)) if was_idle && is_idempotent => None,
            Err(Failed::Unsent(_)) => None,
            outcome => return outcome.map(|(answer, _)| answer),
        };
        let way = self.connect().await?;
        let (answer, _) = self.exchange_over(way, copy).await?;
        // What must not be repeated has been. That happens once.
        if doubted.is_some_and(|doubted| doubted != answer.status() || !is_idempotent) {
            self.is_careless.store(true, Ordering::Relaxed);
        }
        Ok(answer)
    }

    async fn connect(&self) -> Result<Way, Failed> {
        let unreachable = |why: String| Failed::Unreachable(format!("connect: {why}"));
        if self.origin.protocol() != Protocol::Http2 {
            return self.connect_now().await.map_err(unreachable);
        }
        // Of many calls that find no connection, one makes it.
        let _connecting = self.connecting.lock().await;
        match self.take_shared() {
            Some(shared) => Ok(Way::Shared(shared)),
            None => self.connect_now().await.map_err(unreachable),
        }
    }

    async fn connect_now(&self) -> Result<Way, String> {
        let stream = TcpStream::connect(self.origin.address()).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let (stream, scheme): (Box<dyn Stream>, _) = match self.origin.protocol() {
            Protocol::Http => return own(Box::new(stream)).await,
            Protocol::Http2 => (Box::new(stream), Scheme::HTTP),
            Protocol::Https => {
                let tls = self.tls.as_ref().ok_or("TLS cannot be spoken")?;
                let name = ServerName::try_from(self.origin.host().to_owned()).map_err(|error| error.to_string())?;
                let stream = tls.connect(name, stream).await.map_err(|error| error.to_string())?;
                if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
                    return own(Box::new(stream)).await;
                }
                (Box::new(stream), Scheme::HTTPS)
            }
        };
        let shared = Shared::new(stream, scheme, self.origin.address()).await?;
        lock(&self.shared).push(Idle { connection: shared.clone(), since: Instant::now() });
        Ok(Way::Shared(shared))
    }

    /// Returns the answer, and whether the connection cannot be used again.
    async fn exchange_over(
        &self,
        way: Way,
        Outgoing { request, reuse }: Outgoing,
    ) -> Result<(Response<Bytes>, bool), Failed> {
        let link = match way {
            Way::Own(link) => link,
            Way::Shared(shared) => return Ok((shared.exchange(request).await?, false)),
        };
        let (answer, link) = link.exchange(request).await?;
        let again = if answer.status() < StatusCode::BAD_REQUEST { reuse.success } else { reuse.failure };
        let has_ended = link.is_none();
        let is_careless = || self.is_careless.load(Ordering::Relaxed);
        if let Some(link) = link.filter(|link| again && !(link.has_carried() && is_careless())) {
            self.put(link);
        }
        Ok((answer, has_ended))
    }

    /// Takes a connection that seems to be alive.
    async fn take(&self) -> Option<Way> {
        if self.origin.protocol() != Protocol::Http
            && let Some(shared) = self.take_shared()
        {
            return Some(Way::Shared(shared));
        }
        loop {
            let Idle { connection: mut link, since } = lock(&self.idle).pop()?;
            if since.elapsed() < IDLE && link.is_open().await {
                return Some(Way::Own(link));
            }
        }
    }

    fn take_shared(&self) -> Option<Shared> {
        let mut all = lock(&self.shared);
        let idle = all.iter_mut().find(|idle| idle.connection.has_room())?;
        idle.since = Instant::now();
        Some(idle.connection.clone())
    }

    fn put(&self, link: Box<Link>) {
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(Idle { connection: link, since: Instant::now() });
        }
    }

    /// Periodically closes connections that have been idle for too long. Never returns.
    pub async fn tidy(all: &[Arc<Self>]) {
        let mut tick = interval(TIDY);
        loop {
            tick.tick().await;
            for upstream in all {
                lock(&upstream.idle).retain(|idle| idle.since.elapsed() < IDLE);
                lock(&upstream.shared).retain(|Idle { connection, since }| {
                    !connection.is_closed() && (!connection.is_idle() || since.elapsed() < IDLE)
                });
            }
        }
    }
}

async fn own(stream: Box<dyn Stream>) -> Result<Way, String> {
    let link = Link::new(Wire::new(stream)).await.map_err(|error| error.to_string())?;
    Ok(Way::Own(Box::new(link)))
}

/// Whether a status says that what came was no request: it was not understood, or its method is none.
fn says_no_request(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED)
}

/// No change here can be left half done, so it does not matter whether a thread panicked while it held the lock.
fn lock<T>(pool: &Mutex<T>) -> MutexGuard<'_, T> {
    pool.lock().unwrap_or_else(PoisonError::into_inner)
}
