//! embassy-net's `TcpSocket`, reconnected in place: the socket and its buffers are made once, and stay.

use crate::timed::Timed;
use callcontainer::client::{CallError, Cloud, Framing, Retried};
use callcontainer::embedded_io::ErrorKind;
use callcontainer::{Json, Method, Reply, Request};
use embassy_net::tcp::{ConnectError, TcpSocket};
use embassy_net::{IpEndpoint, Stack};
use embassy_sync::blocking_mutex::raw::RawMutex;
use embassy_sync::channel::Receiver;
use embassy_time::{Delay, Duration, Timer, with_timeout};

/// The memory of a socket: on the stack of a task, or in a `StaticCell`.
pub struct Buffers<const RX: usize, const TX: usize> {
    incoming: [u8; RX],
    outgoing: [u8; TX],
}

impl<const RX: usize, const TX: usize> Buffers<RX, TX> {
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self { incoming: [0; RX], outgoing: [0; TX] }
    }
}

/// The cloud, beside what is needed to connect it.
pub struct Uplink<'a> {
    cloud: Cloud<'a, Timed<TcpSocket<'a>>, 512>,
    gateway: IpEndpoint,
    patience: Duration,
}

impl<'a> Uplink<'a> {
    /// `patience` is how long connecting may take, and how long the gateway may be out of reach before that counts as
    /// the end of a connection.
    pub fn new<const RX: usize, const TX: usize>(
        stack: Stack<'a>,
        buffers: &'a mut Buffers<RX, TX>,
        cloud: Cloud<'a, Timed<TcpSocket<'a>>, 512>,
        gateway: IpEndpoint,
        framing: Framing<'a>,
        patience: Duration,
    ) -> Self {
        let mut socket = TcpSocket::new(stack, &mut buffers.incoming, &mut buffers.outgoing);
        // The timeout by itself covers only what has not been acknowledged; with the keep-alive it covers the wait for
        // a reply too.
        socket.set_timeout(Some(patience));
        socket.set_keep_alive(Some(patience / 3));
        socket.set_nagle_enabled(false);
        // A gateway that is there and does not answer is what the deadlines are for.
        let mut uplink = Self { cloud: cloud.with_deadlines().with_idle_check(), gateway, patience };
        uplink.cloud.init_unconnected(Timed::new(socket), framing);
        uplink
    }

    /// Makes a call, on a new connection if need be.
    ///
    /// # Errors
    /// As for [`Retrying::call`](callcontainer::client::Retrying::call).
    pub async fn call<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
    ) -> Retried<Reply<'b>, ConnectError, CallError<ErrorKind>> {
        let (gateway, patience) = (self.gateway, self.patience);
        self.cloud
            .retrying_async(&mut Delay, async |cloud| {
                let timed = cloud.connection().ok_or(ConnectError::InvalidState)?;
                connect(&mut timed.connection, gateway, patience).await
            })
            .call_async(request, buffer)
            .await
    }
}

/// Connects, or connects again.
///
/// # Errors
/// As for [`TcpSocket::connect`].
pub async fn connect(socket: &mut TcpSocket<'_>, gateway: IpEndpoint, patience: Duration) -> Result<(), ConnectError> {
    socket.abort();
    let connecting = async {
        // Waits until the reset has been sent, which never happens while the link is down.
        let _ = socket.flush().await;
        socket.connect(gateway).await
    };
    with_timeout(patience, connecting).await.unwrap_or(Err(ConnectError::TimedOut))
}

/// Reports each reading, for ever: the body of a task. A reading that is not answered is sent again; a `PUT` to a path
/// with its number does no harm when it arrives twice.
pub async fn report<M: RawMutex, const N: usize>(
    uplink: &mut Uplink<'_>,
    readings: Receiver<'_, M, (u32, i32), N>,
) -> ! {
    loop {
        let (number, celsius) = readings.receive().await;
        let (Ok(path), Ok(body)) =
            (heapless::format!(32; "/readings/{number}"), heapless::format!(32; "{{\"celsius\":{celsius}}}"))
        else {
            continue;
        };
        let Ok(json) = Json::new(&body) else { continue };
        let request = Request::new(&path).with_service("shop").with_method(Method::Put).with_data(json.into());
        let mut buffer = [0; 512];
        loop {
            let reply = with_timeout(Duration::from_secs(60), uplink.call(&request, &mut buffer)).await;
            if let Ok(Ok(Reply::Response(response))) = reply
                && response.status() < 500
            {
                break;
            }
            Timer::after_millis(500).await;
        }
    }
}
