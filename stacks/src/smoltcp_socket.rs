//! smoltcp by itself, blocking: the main loop of a device without an executor. Whoever waits for the socket polls the
//! interface meanwhile.

use callcontainer::client::Deadline;
use callcontainer::embedded_io::{self, ErrorKind, ErrorType};
use smoltcp::iface::{Interface, SocketHandle, SocketSet};
use smoltcp::phy::Device;
use smoltcp::socket::tcp;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::IpEndpoint;

/// The clock of the device, and how it waits.
pub trait Clock {
    fn now(&mut self) -> Instant;

    /// Waits for an interrupt, but not longer than this.
    fn wait(&mut self, longest: Duration);
}

/// A TCP socket, with the interface that it needs to get anywhere.
pub struct Socket<'a, D, K> {
    device: D,
    interface: Interface,
    sockets: SocketSet<'a>,
    handle: SocketHandle,
    clock: K,
    deadline: Option<Instant>,
    /// The port of the last connection.
    port: u16,
}

/// The first of the ports that nobody else uses.
const FIRST_PORT: u16 = 49152;
/// The longest wait without a look at the interface.
const TURN: Duration = Duration::from_millis(50);

impl<'a, D: Device, K: Clock> Socket<'a, D, K> {
    /// `seed` is a random number: ports begin with it, so that connections from before a restart are not met again.
    /// `patience` is how long the gateway may say nothing.
    pub fn new(
        device: D,
        interface: Interface,
        mut sockets: SocketSet<'a>,
        buffers: (&'a mut [u8], &'a mut [u8]),
        clock: K,
        seed: u16,
        patience: Duration,
    ) -> Self {
        let (incoming, outgoing) = buffers;
        let mut socket = tcp::Socket::new(tcp::SocketBuffer::new(incoming), tcp::SocketBuffer::new(outgoing));
        // The timeout by itself covers only what has not been acknowledged; with the keep-alive it covers the wait for
        // a reply too.
        socket.set_timeout(Some(patience));
        socket.set_keep_alive(Some(patience / 3));
        socket.set_nagle_enabled(false);
        let handle = sockets.add(socket);
        Self { device, interface, sockets, handle, clock, deadline: None, port: FIRST_PORT | seed }
    }

    /// Connects, or connects again.
    ///
    /// # Errors
    /// The gateway refuses, says nothing in time, or cannot be reached.
    pub fn connect(&mut self, gateway: impl Into<IpEndpoint>) -> Result<(), ErrorKind> {
        self.deadline = None;
        self.socket().abort();
        // Sends the reset, if there is a need for one.
        self.poll();
        self.port = self.port.wrapping_add(1) | FIRST_PORT;
        let socket = self.sockets.get_mut::<tcp::Socket<'_>>(self.handle);
        let connecting = socket.connect(self.interface.context(), gateway, self.port);
        connecting.map_err(|_| ErrorKind::AddrNotAvailable)?;
        self.wait_for(|socket| match socket.state() {
            tcp::State::SynSent | tcp::State::SynReceived => None,
            tcp::State::Closed => Some(Err(ErrorKind::ConnectionRefused)),
            _ => Some(Ok(())),
        })
    }

    fn socket(&mut self) -> &mut tcp::Socket<'a> {
        self.sockets.get_mut(self.handle)
    }

    /// Sends and receives what can be.
    fn poll(&mut self) {
        let now = self.clock.now();
        self.interface.poll(now, &mut self.device, &mut self.sockets);
    }

    /// Polls until there is a result.
    fn wait_for<T>(
        &mut self,
        mut ready: impl FnMut(&mut tcp::Socket<'a>) -> Option<Result<T, ErrorKind>>,
    ) -> Result<T, ErrorKind> {
        loop {
            self.poll();
            if let Some(result) = ready(self.socket()) {
                // What this has changed, such as the room in a buffer, is told at once.
                self.poll();
                return result;
            }
            let now = self.clock.now();
            if self.deadline.is_some_and(|deadline| now >= deadline) {
                return Err(ErrorKind::TimedOut);
            }
            let delay = self.interface.poll_delay(now, &self.sockets).unwrap_or(TURN);
            self.clock.wait(delay.min(TURN));
        }
    }
}

impl<D, K> ErrorType for Socket<'_, D, K> {
    type Error = ErrorKind;
}

impl<D: Device, K: Clock> embedded_io::Read for Socket<'_, D, K> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.wait_for(|socket| match socket.recv_slice(buffer) {
            Ok(0) => None,
            Ok(count) => Some(Ok(count)),
            Err(tcp::RecvError::Finished) => Some(Ok(0)),
            Err(tcp::RecvError::InvalidState) => Some(Err(ErrorKind::ConnectionReset)),
        })
    }
}

/// For `Cloud::with_idle_check`.
impl<D: Device, K: Clock> embedded_io::ReadReady for Socket<'_, D, K> {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        self.poll();
        let socket = self.socket();
        Ok(socket.can_recv() || !socket.may_recv())
    }
}

impl<D: Device, K: Clock> embedded_io::Write for Socket<'_, D, K> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        if bytes.is_empty() {
            return Ok(0);
        }
        self.wait_for(|socket| match socket.send_slice(bytes) {
            Ok(0) => None,
            Ok(count) => Some(Ok(count)),
            Err(tcp::SendError::InvalidState) => Some(Err(ErrorKind::ConnectionReset)),
        })
    }

    /// What is written is on its way, and goes on as long as the socket is read.
    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.poll();
        Ok(())
    }
}

impl<D: Device, K: Clock> Deadline for Socket<'_, D, K> {
    fn set_deadline(&mut self, milliseconds: u32) {
        self.deadline = Some(self.clock.now() + Duration::from_millis(milliseconds.into()));
    }
}
