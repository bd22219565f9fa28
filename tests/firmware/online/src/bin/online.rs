//! A device with a network card: an address by DHCP, then calls over TCP. Connections that the gateway closes, and a cable
//! that is pulled.

#![no_std]
#![no_main]

use board::{finish, print, print_number, stack};
use callcontainer::client::{CallError, Cloud, Retries, RetryError};
use callcontainer::embedded_io::ErrorKind;
use callcontainer::{Method, Reply, Request};
use online::calls::{self, WINDOW, done, done_at, is_small, small};
use online::clock::{Ticks, cost};
use online::host::Told;
use online::network::{Tcp, host, up};
use static_cell::StaticCell;

/// The client stands in a static, with the socket inside.
static CLOUD: StaticCell<Cloud<'static, Tcp, WINDOW>> = StaticCell::new();

type Lost = RetryError<ErrorKind, CallError<ErrorKind>>;

/// Makes a call, on the connection that there is, or on another.
fn call<'b>(
    cloud: &mut Cloud<'static, Tcp, WINDOW>,
    request: &Request<'_>,
    retries: Retries,
    buffer: &'b mut [u8],
) -> Result<Reply<'b>, Lost> {
    let gateway = host(Told::get().gateway);
    let connect = |cloud: &mut Cloud<'static, Tcp, WINDOW>| match cloud.connection() {
        Some(socket) => socket.connect(gateway),
        None => Err(ErrorKind::NotConnected),
    };
    cloud.retrying(&mut Ticks::default(), connect).with_retries(retries).call(request, buffer)
}

fn run(cloud: &mut Cloud<'static, Tcp, WINDOW>) -> bool {
    let once = Retries::new().at_most(0);
    let mut buffer = [0; 512];

    let (reply, thousands) = cost(|| call(cloud, &small(), Retries::new(), &mut buffer));
    let mut right = done_at(b"CONNECT and GET", reply.is_ok_and(|reply| is_small(&reply)), thousands);
    let (is_right, thousands) = cost(|| calls::report(cloud));
    right &= done_at(b"typed POST", is_right, thousands);
    let (result, thousands) = cost(|| calls::download(cloud));
    right &= done_at(b"1023000 bytes through 512", result == Ok(true), thousands);

    // The gateway closes the connection meanwhile. Nobody looks.
    calls::sleep(2, || {});
    let reply = call(cloud, &small(), once, &mut buffer);
    right &= done(b"GET on a connection that was closed", reply.is_ok_and(|reply| is_small(&reply)));
    calls::sleep(2, || {});
    let post = Request::new("/readings").with_service("meter").with_method(Method::Post);
    let lost = call(cloud, &post, once, &mut buffer);
    // It may have run, for all that is known here: it is told, and not made again.
    right &= done(b"POST on a connection that was closed", matches!(lost, Err(Lost::Call(CallError::NoAnswer(_)))));

    print(b"CABLE off\n");
    while cloud.connection().is_some_and(|socket| socket.device().has_link()) {}
    let lost = call(cloud, &small(), Retries::new().at_most(1), &mut buffer);
    right &= done(b"GET without a cable", matches!(lost, Err(Lost::Connect(_))));
    print(b"CABLE on\n");
    while cloud.connection().is_some_and(|socket| !socket.device().has_link()) {}
    let reply = call(cloud, &small(), Retries::backoff(100, 1000), &mut buffer);
    right & done(b"GET with the cable again", reply.is_ok_and(|reply| is_small(&reply)))
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let mut right = false;
    let deepest = stack(|| {
        let cloud = CLOUD.init_with(|| calls::cloud(1));
        let seed = board::host_seconds() as u16;
        if let (Some(socket), Ok(framing)) = (up(seed), calls::framing()) {
            print(b"DHCP ok\n");
            cloud.init_unconnected(socket, framing);
            right = run(cloud);
        }
    });
    print_number(b"stack", deepest);
    finish(right)
}
