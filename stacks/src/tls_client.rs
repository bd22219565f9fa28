//! embedded-tls over any `TcpConnect` of embedded-nal-async, with a session for each call: for a device that reports
//! now and then, and sleeps longer than a gateway keeps a connection.

use crate::tls::{Records, Session, Trust, open};
use callcontainer::client::{CallError, Cloud, Framing, Retried, RetryError};
use callcontainer::embedded_io::Error as _;
use callcontainer::{Reply, Request};
use core::net::SocketAddr;
use embedded_nal_async::TcpConnect;
use embedded_tls::{CryptoRngCore, TlsClock, TlsError};

/// What a call needs, and keeps for the next one.
pub struct Uplink<'a, N, R> {
    pub network: &'a N,
    pub gateway: SocketAddr,
    pub framing: Framing<'a>,
    pub env: &'a str,
    pub trust: Trust<'a>,
    pub rng: R,
    pub records: &'a mut Records,
}

impl<N: TcpConnect, R: CryptoRngCore> Uplink<'_, N, R> {
    /// Connects, opens a session, makes the call, and closes the session. `K` knows what time it is.
    ///
    /// # Errors
    /// Why there is no session, or no reply. Nothing is repeated.
    pub async fn call<'b, K: TlsClock>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
    ) -> Retried<Reply<'b>, TlsError, CallError<TlsError>> {
        let (framing, env) = (self.framing, self.env);
        let session = self.open::<K>().await.map_err(RetryError::Connect)?;
        let mut cloud = Cloud::<_, 512>::new(0).with_env(env);
        cloud.init(session, framing);
        let reply = cloud.call_async(request, buffer).await;
        if let Some(session) = cloud.take() {
            // The reply is complete: how the goodbye ends no longer matters.
            let _ = session.close().await;
        }
        reply.map_err(RetryError::Call)
    }

    async fn open<K: TlsClock>(&mut self) -> Result<Session<'_, N::Connection<'_>>, TlsError> {
        let connection = self.network.connect(self.gateway).await.map_err(|error| TlsError::Io(error.kind()))?;
        open::<K, _>(connection, self.records, self.trust, &mut self.rng).await
    }
}
