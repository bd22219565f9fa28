//! The network: the TCP/IP stack over the card, its address from DHCP, and one TCP socket.
//!
//! It knows when to poll the stack, and what a lost link means. It must never know what goes over a connection.

use crate::card::Card;
use crate::slot::Slot;
use crate::time::{self, MICROSECOND, SECOND};
use board::Scratch;
use core::cell::RefCell;
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::{dhcpv4, tcp};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, IpCidr, Ipv4Address};

/// The machine that the emulator runs on, as the emulated network sees it.
const HOST: Ipv4Address = Ipv4Address::new(10, 0, 2, 2);

static NETWORK: Slot<RefCell<Network>> = Slot::new();
static SOCKETS: Slot<[SocketStorage<'static>; 2]> = Slot::new();
static RECEIVED: Scratch<4096> = Scratch::new();
static SENT: Scratch<2048> = Scratch::new();

/// The network.
pub struct Network {
    card: Card,
    interface: Interface,
    sockets: SocketSet<'static>,
    dhcp: SocketHandle,
    tcp: SocketHandle,
    was_up: bool,
    port: u16,
    /// Connections made.
    connections: u32,
}

fn instant() -> Instant {
    Instant::from_micros((time::now() / MICROSECOND) as i64)
}

impl Network {
    /// Starts the card and the stack. `None` if there is no card.
    ///
    /// # Safety
    /// It is called once.
    #[inline(never)]
    pub unsafe fn start(seed: u64) -> Option<&'static RefCell<Self>> {
        // SAFETY: the caller calls this once.
        let (card, storage, received, sent) =
            unsafe { (Card::start(), SOCKETS.fill([SocketStorage::EMPTY; 2]), RECEIVED.take(), SENT.take()) };
        let mut card = card?;
        let mut config = Config::new(EthernetAddress(card.address()).into());
        config.random_seed = seed;
        let interface = Interface::new(config, &mut card, instant());
        let mut socket = tcp::Socket::new(tcp::SocketBuffer::new(received), tcp::SocketBuffer::new(sent));
        // When nothing is acknowledged for so long, the other end is gone.
        socket.set_timeout(Some(Duration::from_secs(10)));
        // The buffer holds less than three segments, so the other end would wait for most acknowledgements that wait.
        socket.set_ack_delay(None);
        let mut sockets = SocketSet::new(storage.as_mut_slice());
        let dhcp = sockets.add(dhcpv4::Socket::new());
        let tcp = sockets.add(socket);
        // From where on ports are taken must differ from start to start, or the other end may take a new connection for
        // an old one.
        let port = 0xC000 | (seed as u16 & 0x3FFF);
        let network = Self { card, interface, sockets, dhcp, tcp, was_up: false, port, connections: 0 };
        // SAFETY: as above.
        Some(unsafe { NETWORK.fill(RefCell::new(network)) })
    }

    pub(crate) fn tcp(&mut self) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(self.tcp)
    }

    /// Whether there is a link.
    pub fn is_up(&self) -> bool {
        self.was_up
    }

    /// The address, once there is one.
    pub fn address(&self) -> Option<Ipv4Address> {
        self.interface.ipv4_addr()
    }

    /// How many connections were made.
    pub fn connections(&self) -> u32 {
        self.connections
    }

    /// Begins a connection to this port of the host. Whether it succeeds is seen later, by the state of the socket.
    pub(crate) fn connect(&mut self, port: u16) -> Result<(), tcp::ConnectError> {
        self.port = 0xC000 | self.port.wrapping_add(1);
        self.connections = self.connections.wrapping_add(1);
        let socket = self.sockets.get_mut::<tcp::Socket<'_>>(self.tcp);
        socket.abort();
        socket.connect(self.interface.context(), (HOST, port), self.port)
    }

    /// Lets the stack do what is to be done now.
    pub fn poll(&mut self) {
        let is_up = self.card.is_up();
        if is_up != self.was_up {
            self.was_up = is_up;
            crate::tell("LINK", if is_up { "up" } else { "down" });
            // It may be another network from now on. A connection of the old one would only wait for its end.
            self.tcp().abort();
            self.sockets.get_mut::<dhcpv4::Socket<'_>>(self.dhcp).reset();
        }
        self.interface.poll(instant(), &mut self.card, &mut self.sockets);
        match self.sockets.get_mut::<dhcpv4::Socket<'_>>(self.dhcp).poll() {
            None => {}
            Some(dhcpv4::Event::Configured(config)) => {
                let address = IpCidr::Ipv4(config.address);
                self.interface.update_ip_addrs(|addresses| {
                    addresses.clear();
                    // There is room for two.
                    let _ = addresses.push(address);
                });
                if let Some(router) = config.router {
                    let _ = self.interface.routes_mut().add_default_ipv4_route(router);
                }
            }
            Some(dhcpv4::Event::Deconfigured) => {
                self.interface.update_ip_addrs(|addresses| addresses.clear());
                self.interface.routes_mut().remove_default_ipv4_route();
            }
        }
    }

    /// Polls the stack until this has a result, or `within` ticks have passed; sleeps in between.
    pub fn wait<T>(&mut self, within: u64, mut result: impl FnMut(&mut Self) -> Option<T>) -> Option<T> {
        let end = time::now().saturating_add(within);
        loop {
            self.poll();
            let result = result(self);
            let left = end.saturating_sub(time::now());
            if result.is_some() || left == 0 {
                return result;
            }
            // What the result was found in, such as the room that a read made, may have given the stack something to
            // do.
            let delay = self.interface.poll_delay(instant(), &self.sockets).map(|delay| delay.total_micros());
            match delay {
                Some(0) => {}
                Some(micros) => self.card.wait(left.min(micros.saturating_mul(MICROSECOND))),
                None => self.card.wait(left),
            }
        }
    }

    /// Lets time pass.
    pub fn pause(&mut self, milliseconds: u32) {
        self.wait::<()>(u64::from(milliseconds).saturating_mul(time::MILLISECOND), |_| None);
    }

    /// Waits until there is a link and an address, 20 seconds at most.
    pub fn wait_for_address(&mut self) -> Option<Ipv4Address> {
        self.wait(20 * SECOND, |network| network.address())
    }
}
