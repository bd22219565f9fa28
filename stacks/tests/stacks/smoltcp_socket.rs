//! smoltcp by itself, over a device in memory.

use std::future::{Future, ready};
use std::net::SocketAddr;
use std::pin::Pin;
use std::thread;

use callcontainer::Request;
use callcontainer::client::{CallError, Cloud, Framing, Retried};
use callcontainer::embedded_io::ErrorKind;
use callcontainer_stacks::smoltcp_socket::{Clock, Socket};
use callcontainer_stacks::std_socket::Sleep;
use smoltcp::iface::{Config, Interface, SocketSet, SocketStorage};
use smoltcp::phy::{self, DeviceCapabilities, Medium};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, IpCidr};

use crate::cable::{Cable, DEVICE, GATEWAY, MAC, MTU, PREFIX};
use crate::cases::{self, Device, Outcome, Stack, block_on, outcome};
use crate::site::{ENVIRONMENT, Site, TOKEN};

/// A network card at the end of a cable.
struct Card(Cable);

impl phy::Device for Card {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sent<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received, Sent<'_>)> {
        let frame = self.0.incoming.try_recv().ok()?;
        Some((Received(frame), Sent(&self.0)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sent<'_>> {
        Some(Sent(&self.0))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = MTU;
        capabilities
    }
}

struct Received(Vec<u8>);

impl phy::RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, work: F) -> R {
        work(&self.0)
    }
}

struct Sent<'a>(&'a Cable);

impl phy::TxToken for Sent<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, work: F) -> R {
        let mut frame = vec![0; len];
        let result = work(&mut frame);
        // Where the other end is gone, frames go nowhere.
        let _ = self.0.outgoing.send(frame);
        result
    }
}

struct Host(std::time::Instant);

impl Clock for Host {
    fn now(&mut self) -> Instant {
        Instant::from_micros(i64::try_from(self.0.elapsed().as_micros()).unwrap())
    }

    /// An interrupt would end it sooner.
    fn wait(&mut self, longest: Duration) {
        thread::sleep(std::time::Duration::from(longest).min(std::time::Duration::from_millis(1)));
    }
}

/// As long as a busy machine may need.
const PATIENCE: Duration = Duration::from_secs(10);

struct Caller<'a>(Cloud<'a, Socket<'a, Card, Host>, 512>);

impl Caller<'_> {
    fn call<'b>(
        &mut self,
        request: &Request<'_>,
        buffer: &'b mut [u8],
    ) -> Retried<callcontainer::Reply<'b>, ErrorKind, CallError<ErrorKind>> {
        self.0
            .retrying(&mut Sleep, |cloud| cloud.connection().ok_or(ErrorKind::NotConnected)?.connect(GATEWAY))
            .call(request, buffer)
    }
}

impl Device for Caller<'_> {
    fn call<'c>(&'c mut self, request: &'c Request<'c>) -> Pin<Box<dyn Future<Output = Outcome> + 'c>> {
        Box::pin(ready(outcome(Caller::call(self, request, &mut [0; 4096]))))
    }
}

fn over(cable: Cable, sizes: (usize, usize), patience: Duration, work: impl AsyncFnOnce(&mut dyn Device)) {
    let (mut card, mut host) = (Card(cable), Host(std::time::Instant::now()));
    let mut interface = Interface::new(Config::new(EthernetAddress(MAC).into()), &mut card, host.now());
    interface.update_ip_addrs(|addresses| addresses.push(IpCidr::new(DEVICE.into(), PREFIX)).unwrap());
    let mut storage = [SocketStorage::EMPTY];
    let (mut incoming, mut outgoing) = (vec![0; sizes.0], vec![0; sizes.1]);
    let sockets = SocketSet::new(&mut storage[..]);
    let buffers = (&mut incoming[..], &mut outgoing[..]);
    let socket = Socket::new(card, interface, sockets, buffers, host, 0x1234, patience);
    let mut cloud = Cloud::new(0).with_env(ENVIRONMENT).with_deadlines().with_idle_check();
    cloud.init_unconnected(socket, Framing::http("gateway", Some(TOKEN)).unwrap());
    block_on(work(&mut Caller(cloud)));
}

struct Over;

impl Stack for Over {
    fn with(gateway: SocketAddr, _: u32, work: impl AsyncFnOnce(&mut dyn Device)) {
        over(Cable::to(gateway), (1024, 1024), PATIENCE, work);
    }
}

#[test]
fn it_stands_everything() {
    cases::battery::<Over>();
}

#[test]
fn cut_off() {
    let site = Site::start(&[]);
    let cable = Cable::to(site.address);
    let pliers = cable.pliers();
    over(cable, (1024, 1024), Duration::from_secs(1), async |device| cases::cut_off(device, &site, &pliers).await);
}

#[test]
fn in_small_pieces() {
    let site = Site::start(&[]);
    over(Cable::to(site.address), (16, 64), PATIENCE, async |device| {
        cases::idempotent(device, &site).await;
        cases::accounted_for(device, &site).await;
    });
}
