//! From a card to a socket: an address by DHCP, then TCP.

use crate::clock::Ticks;
use crate::lan9118::Lan9118;
use crate::smoltcp_socket::{Clock as _, Socket};
use smoltcp::iface::{Config, Interface, SocketSet, SocketStorage};
use smoltcp::socket::dhcpv4;
use smoltcp::time::Duration;
use smoltcp::wire::{EthernetAddress, IpCidr, IpEndpoint, Ipv4Address};
use static_cell::StaticCell;

/// The host, as QEMU's user network has it.
pub const HOST: Ipv4Address = Ipv4Address::new(10, 0, 2, 2);

/// How long the gateway may be out of reach.
const PATIENCE: Duration = Duration::from_secs(2);

pub type Tcp = Socket<'static, Lan9118, Ticks>;

/// An endpoint on the host.
#[must_use]
pub fn host(port: u16) -> IpEndpoint {
    IpEndpoint::new(HOST.into(), port)
}

/// Bytes of the buffers of a socket: what comes, what goes.
const INCOMING: usize = 4096;
const OUTGOING: usize = 1024;

/// Gets an address, and makes a socket that is not connected yet. Once.
pub fn up(seed: u16) -> Option<Tcp> {
    static STORAGE: StaticCell<[SocketStorage<'static>; 2]> = StaticCell::new();
    static BUFFERS: StaticCell<([u8; INCOMING], [u8; OUTGOING])> = StaticCell::new();
    let (mut card, mut clock) = (Lan9118::new()?, Ticks::default());
    let mut config = Config::new(EthernetAddress(card.address()).into());
    config.random_seed = seed.into();
    let mut interface = Interface::new(config, &mut card, clock.now());
    let mut sockets = SocketSet::new(STORAGE.init_with(|| [SocketStorage::EMPTY; 2]).as_mut_slice());
    let dhcp = sockets.add(dhcpv4::Socket::new());
    let lease = loop {
        let now = clock.now();
        interface.poll(now, &mut card, &mut sockets);
        match sockets.get_mut::<dhcpv4::Socket<'_>>(dhcp).poll() {
            Some(dhcpv4::Event::Configured(lease)) => break lease,
            _ => clock.wait(Duration::from_millis(10)),
        }
    };
    let (address, router) = (lease.address, lease.router);
    interface.update_ip_addrs(|addresses| _ = addresses.push(IpCidr::Ipv4(address)));
    if let Some(router) = router {
        interface.routes_mut().add_default_ipv4_route(router).ok()?;
    }
    // The lease is longer than the images run.
    sockets.remove(dhcp);
    let (incoming, outgoing) = BUFFERS.init_with(|| ([0; INCOMING], [0; OUTGOING]));
    Some(Socket::new(card, interface, sockets, (incoming, outgoing), clock, seed, PATIENCE))
}
