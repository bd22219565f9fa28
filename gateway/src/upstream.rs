//! The path to one service: connections that are reused, and one exchange over one of them.
//!
//! Knows how to send a request and receive its complete response, and when a connection cannot be used any more. Knows
//! nothing of who calls.

use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use callcontainer::Request;
use callcontainer::gateway::{HttpReader, Refusal};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::interval;

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
    stream: TcpStream,
    since: Instant,
}

/// Why there is no answer.
pub enum Failed {
    /// The answer of the service cannot be returned.
    Refused(Refusal),
    /// No connection could be made, with the reason for the operator.
    Unreachable(String),
    /// The connection ended before the first byte of an answer.
    Dead(String),
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Upstream {
    pub fn new(address: String) -> Self {
        Self { address, idle: Mutex::new(Vec::new()) }
    }

    /// Returns where the service listens, as `HOST:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sends an HTTP request, which is that of this call, receives the response, and makes the answer of it.
    ///
    /// An idle connection may turn out to be dead. Then the request is sent again, once, over a new connection, if its
    /// method allows that (RFC 9110, section 9.2.2); otherwise the service may have acted on it, and the caller must
    /// decide.
    ///
    /// Cancel safe: the connection is closed, since an answer may still arrive on it.
    pub async fn exchange<T>(
        &self,
        request: &Request<'_>,
        bytes: &[u8],
        finish: impl Fn(HttpReader<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Failed> {
        if let Some(stream) = self.take() {
            match self.exchange_over(stream, request, bytes, &finish).await {
                Err(Failed::Dead(_)) if request.method().is_idempotent() => {}
                outcome => return outcome,
            }
        }
        let connected = TcpStream::connect(&self.address).await;
        let stream = connected.map_err(|error| Failed::Unreachable(format!("connect: {error}")))?;
        stream.set_nodelay(true).map_err(|error| Failed::Unreachable(format!("connect: {error}")))?;
        self.exchange_over(stream, request, bytes, &finish).await
    }

    async fn exchange_over<T>(
        &self,
        mut stream: TcpStream,
        request: &Request<'_>,
        bytes: &[u8],
        finish: impl Fn(HttpReader<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Failed> {
        let (mut reading, mut writing) = stream.split();
        let mut sending = pin!(writing.write_all(bytes));
        let mut sent = None;
        // A service may answer before it has read the whole request, and even close the connection. So both directions
        // run at the same time, and an error in sending matters only if no answer arrives. No buffer is allocated until
        // one does.
        while sent.is_none() {
            tokio::select! {
                biased;
                result = sending.as_mut() => sent = Some(result),
                _ = reading.readable() => break,
            }
        }
        // If this fails, the following read returns the error.
        let _ = reading.readable().await;
        let mut buffer = vec![0; HttpReader::BUFFER];
        let mut reader = HttpReader::new(request, &mut buffer);
        let mut received = 0;
        loop {
            let read = tokio::select! {
                biased;
                result = sending.as_mut(), if sent.is_none() => {
                    sent = Some(result);
                    continue;
                }
                read = reading.read(reader.window()) => read,
            };
            let count = match read {
                Ok(count) if count > 0 || received > 0 => count,
                ended => return Err(Failed::Dead(trouble(sent, ended))),
            };
            received += count;
            if reader.commit(count)? {
                break;
            }
        }
        let again = reader.keeps_alive() && matches!(sent, Some(Ok(())));
        let answer = finish(reader)?;
        if again {
            self.put(stream);
        }
        Ok(answer)
    }

    /// Takes a connection that seems to be alive: nothing has been received on it, not even its end.
    fn take(&self) -> Option<TcpStream> {
        loop {
            let Idle { stream, since } = self.idle().pop()?;
            let silent = || stream.try_read(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
            if since.elapsed() < IDLE && silent() {
                return Some(stream);
            }
        }
    }

    fn put(&self, stream: TcpStream) {
        let mut idle = self.idle();
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(Idle { stream, since: Instant::now() });
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

/// Why a connection ended without an answer.
fn trouble(sent: Option<io::Result<()>>, read: io::Result<usize>) -> String {
    match (sent, read) {
        (Some(Err(error)), _) => format!("send: {error}"),
        (_, Err(error)) => format!("receive: {error}"),
        (_, Ok(_)) => "closed without an answer".to_owned(),
    }
}
