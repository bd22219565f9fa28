//! Any network that makes connections, by the trait `TcpConnect` of embedded-nal-async: embassy-net's `TcpClient`, or
//! the driver of a modem. Each connection is a new one.

use crate::timed::Timed;
use callcontainer::client::{CallError, Cloud, Framing, Retried};
use callcontainer::embedded_io::ErrorKind;
use callcontainer::{Reply, Request};
use core::net::SocketAddr;
use embassy_time::Delay;
use embedded_nal_async::TcpConnect;

/// The cloud, beside what is needed to connect it.
pub struct Uplink<'a, N: TcpConnect + 'a> {
    /// Made with `with_deadlines`.
    pub cloud: Cloud<'a, Timed<N::Connection<'a>>, 512>,
    pub network: &'a N,
    pub gateway: SocketAddr,
    pub framing: Framing<'a>,
}

impl<'a, N: TcpConnect> Uplink<'a, N> {
    /// Makes a call, on a new connection if need be.
    ///
    /// # Errors
    /// As for [`Retrying::call`](callcontainer::client::Retrying::call).
    pub async fn call<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
    ) -> Retried<Reply<'b>, N::Error, CallError<ErrorKind>> {
        let (network, gateway, framing) = (self.network, self.gateway, self.framing);
        self.cloud
            .retrying_async(&mut Delay, async |cloud| {
                // First of all the old connection gives its buffers back: the pool may hold no more than one.
                drop(cloud.take());
                cloud.init(Timed::new(network.connect(gateway).await?), framing);
                Ok(())
            })
            .call_async(request, buffer)
            .await
    }
}
