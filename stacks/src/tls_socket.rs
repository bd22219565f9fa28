//! embedded-tls over embassy-net's `TcpSocket`, as a task that never ends.
//!
//! A session borrows its buffers for as long as it lives, and so does a cloud over it. So neither is kept beside them:
//! a loop makes both anew, and what must outlive a session stands outside.

use crate::embassy_socket::connect;
use crate::tls::{Records, Trust, open};
use callcontainer::client::{CallError, Cloud, Framing, Retried, Retries, RetryError};
use callcontainer::embedded_io::{Error as _, ErrorKind};
use callcontainer::{Reply, Request, TIMEOUT_LIMIT};
use embassy_net::IpEndpoint;
use embassy_net::tcp::TcpSocket;
use embassy_time::{Duration, Timer, with_timeout};
use embedded_tls::{CryptoRngCore, TlsClock, TlsError};

/// What became of a call.
pub type Result<'b> = Retried<Reply<'b>, TlsError, CallError<TlsError>>;

/// The calls that the device has to make, one after the other.
#[allow(async_fn_in_trait)]
pub trait Jobs {
    /// Waits for a call, and returns the same one until it is done. It can be dropped and asked again.
    async fn current(&mut self) -> Request<'_>;

    /// Takes the result of that call.
    fn done(&mut self, result: Result<'_>);
}

/// What a session needs beside the socket.
pub struct Link<'a, R> {
    pub gateway: IpEndpoint,
    pub framing: Framing<'a>,
    pub env: &'a str,
    pub trust: Trust<'a>,
    pub rng: R,
    /// How long it may take to connect, and to open a session.
    pub patience: Duration,
}

/// Makes the calls, for ever: the body of a task. `K` knows what time it is.
pub async fn serve<K: TlsClock, R: CryptoRngCore>(
    socket: &mut TcpSocket<'_>,
    records: &mut Records,
    mut link: Link<'_, R>,
    jobs: &mut impl Jobs,
) -> ! {
    let mut buffer = [0; 4096];
    let mut retries = Retries::new();
    loop {
        // There is no session before there is something to say.
        let method = jobs.current().await.method();
        let opening = async {
            let connected = connect(socket, link.gateway, link.patience).await;
            connected.map_err(|error| TlsError::Io(error.kind()))?;
            open::<K, _>(&mut *socket, records, link.trust, &mut link.rng).await
        };
        let opened = with_timeout(link.patience, opening).await;
        let session = match opened.unwrap_or(Err(TlsError::Io(ErrorKind::TimedOut))) {
            Ok(session) => session,
            Err(error) => {
                let result = Err(RetryError::Connect(error));
                match retries.next(&result, method) {
                    Some(milliseconds) => Timer::after_millis(milliseconds.into()).await,
                    None => {
                        jobs.done(result);
                        retries = Retries::new();
                    }
                }
                continue;
            }
        };
        let mut cloud = Cloud::<_, 512>::new(0).with_env(link.env);
        cloud.init(session, link.framing);
        while cloud.is_ready() {
            let request = jobs.current().await;
            let method = request.method();
            let milliseconds = request.timeout().milliseconds().unwrap_or(TIMEOUT_LIMIT);
            // A second more than the call, in which the gateway may say that its time is up.
            let patience = Duration::from_millis(milliseconds.into()) + Duration::from_secs(1);
            let calling = with_timeout(patience, cloud.call_async(&request, &mut buffer));
            let result = calling.await.unwrap_or(Err(CallError::NoAnswer(None))).map_err(RetryError::Call);
            match retries.next(&result, method) {
                Some(milliseconds) => Timer::after_millis(milliseconds.into()).await,
                None => {
                    jobs.done(result);
                    retries = Retries::new();
                }
            }
        }
    }
}
