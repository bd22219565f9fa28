//! Sockets of the standard library, as on embedded Linux and ESP-IDF: with the crate's own `StdTcp`, or as
//! embedded-io-adapters has them.

extern crate std;

use callcontainer::client::{CallError, Cloud, Framing, Retried, StdTcp};
use callcontainer::embedded_hal::delay::DelayNs;
use callcontainer::{Reply, Request};
use core::time::Duration;
use embedded_io_adapters::std::FromStd;
use std::io;
use std::net::{SocketAddr, TcpStream};

/// Waits by letting the thread sleep.
pub struct Sleep;

impl DelayNs for Sleep {
    fn delay_ns(&mut self, nanoseconds: u32) {
        std::thread::sleep(Duration::from_nanos(nanoseconds.into()));
    }
}

/// Makes a call with the crate's own socket, on a new connection if need be. The cloud is made `with_deadlines`, so
/// that the timeout of a call holds for a gateway that has gone silent too.
///
/// # Errors
/// As for [`Retrying::call`](callcontainer::client::Retrying::call).
pub fn call<'b, 'f>(
    cloud: &mut Cloud<'f, StdTcp, 512>,
    gateway: SocketAddr,
    framing: Framing<'f>,
    request: &Request<'_>,
    buffer: &'b mut [u8],
) -> Retried<Reply<'b>, io::Error, CallError<io::Error>> {
    cloud
        .retrying(&mut Sleep, |cloud| StdTcp::connect(gateway, 3000).map(|socket| _ = cloud.init(socket, framing)))
        .call(request, buffer)
}

/// The same with the adapter. Here the timeout is that of each read and each write.
///
/// # Errors
/// As for [`Retrying::call`](callcontainer::client::Retrying::call).
pub fn call_adapted<'b, 'f>(
    cloud: &mut Cloud<'f, FromStd<TcpStream>, 512>,
    gateway: SocketAddr,
    framing: Framing<'f>,
    patience: Duration,
    request: &Request<'_>,
    buffer: &'b mut [u8],
) -> Retried<Reply<'b>, io::Error, CallError<io::Error>> {
    cloud
        .retrying(&mut Sleep, |cloud| {
            let stream = TcpStream::connect_timeout(&gateway, patience)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(patience))?;
            stream.set_write_timeout(Some(patience))?;
            cloud.init(FromStd::new(stream), framing);
            Ok(())
        })
        .call(request, buffer)
}
