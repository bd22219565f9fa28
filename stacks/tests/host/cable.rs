//! A cable with no network card: Ethernet frames in memory, and at the far end a host that passes each TCP connection
//! on to an address of this machine. It needs no rights, and can be cut.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use embassy_futures::join::join_array;
use embassy_futures::select::{Either, Either3, select, select3};
use embassy_net::tcp::TcpSocket;
use embassy_net::{Config, Ipv4Cidr, Stack, StackResources, StaticConfigV4};
use embassy_net_driver_channel as channel;
use embassy_net_driver_channel::driver::{HardwareAddress, LinkState};
use embassy_time::{Duration, with_timeout};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The far end, where the gateway seems to be.
pub const GATEWAY: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 8080);
/// The device.
pub const DEVICE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
pub const PREFIX: u8 = 24;
/// The hardware address of the device.
pub const MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];

/// More than the devices here have at a time, with those that they have left without a word.
const CONNECTIONS: usize = 8;

/// A frame, and the Ethernet header before it.
pub const MTU: usize = 1514;

/// The device's end of a cable.
pub struct Cable {
    pub outgoing: UnboundedSender<Vec<u8>>,
    pub incoming: UnboundedReceiver<Vec<u8>>,
    cut: Arc<AtomicBool>,
}

/// Cuts the cable and mends it, while the device has it in use.
#[derive(Clone)]
pub struct Pliers(Arc<AtomicBool>);

impl Pliers {
    /// From here on no frame arrives, in either direction, and nobody is told.
    pub fn cut(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub fn mend(&self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Cable {
    /// A cable to a host that passes connections to [`GATEWAY`] on to this address.
    pub fn to(target: SocketAddr) -> Self {
        let (outgoing, arriving) = unbounded_channel();
        let (leaving, incoming) = unbounded_channel();
        let cut = Arc::<AtomicBool>::default();
        let far = Self { outgoing: leaving, incoming: arriving, cut: Arc::clone(&cut) };
        thread::spawn(move || {
            on_a_stack(far, [2, 0, 0, 0, 0, 1], GATEWAY.0, async |stack| {
                // So many connections at a time.
                join_array([(); CONNECTIONS].map(|()| pass_on(stack, target))).await;
            });
        });
        Self { outgoing, incoming, cut }
    }

    pub fn pliers(&self) -> Pliers {
        Pliers(Arc::clone(&self.cut))
    }

    /// Moves frames between the cable and the network stack, until the other end is gone.
    pub async fn plug_in(mut self, port: channel::Runner<'_, MTU>) {
        let (state, mut to_stack, mut from_stack) = port.split();
        state.set_link_state(LinkState::Up);
        loop {
            match select(self.incoming.recv(), from_stack.tx_buf()).await {
                Either::First(None) => return,
                Either::First(Some(frame)) => {
                    // With no buffer free, a frame is lost, as with a real card. TCP sends it again.
                    if let Some(buffer) = to_stack.try_rx_buf().filter(|_| !self.cut.load(Ordering::SeqCst)) {
                        buffer[..frame.len()].copy_from_slice(&frame);
                        to_stack.rx_done(frame.len());
                    }
                }
                Either::Second(frame) => {
                    if !self.cut.load(Ordering::SeqCst) && self.outgoing.send(frame.to_vec()).is_err() {
                        return;
                    }
                    from_stack.tx_done();
                }
            }
        }
    }
}

/// How a network stack with this address is set up.
pub fn config(address: Ipv4Addr) -> Config {
    let address = Ipv4Cidr::new(address, PREFIX);
    Config::ipv4_static(StaticConfigV4 { address, gateway: None, dns_servers: Default::default() })
}

/// Runs a network stack at an end of a cable, and what uses it. Not from within another runtime.
pub fn on_a_stack<T>(
    cable: Cable,
    mac: [u8; 6],
    address: Ipv4Addr,
    work: impl AsyncFnOnce(Stack<'_>) -> T,
) -> Option<T> {
    let mut state = channel::State::<MTU, 16, 16>::new();
    let (port, device) = channel::new(&mut state, HardwareAddress::Ethernet(mac));
    let mut resources = StackResources::<{ CONNECTIONS + 1 }>::new();
    let seed = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), mac);
    let (stack, mut runner) = embassy_net::new(device, config(address), &mut resources, seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match select3(work(stack), runner.run(), cable.plug_in(port)).await {
            Either3::First(done) => Some(done),
            _ => None,
        }
    })
}

/// Takes one connection after the other, and passes it on.
async fn pass_on(stack: Stack<'_>, target: SocketAddr) {
    let (mut incoming, mut outgoing) = ([0; 4096], [0; 4096]);
    loop {
        let mut socket = TcpSocket::new(stack, &mut incoming, &mut outgoing);
        // A device may drop a connection without a word, as embassy-net's `TcpClient` does.
        socket.set_keep_alive(Some(Duration::from_millis(100)));
        socket.set_timeout(Some(Duration::from_secs(2)));
        if socket.accept(GATEWAY.1).await.is_err() {
            continue;
        }
        match TcpStream::connect(target).await {
            Ok(stream) => relay(&mut socket, stream).await,
            Err(_) => socket.abort(),
        }
        // What has been said has to be heard, even if it is that there is nothing more to say. After a cut nobody
        // hears it.
        let _ = with_timeout(Duration::from_secs(2), socket.flush()).await;
    }
}

/// Copies both ways until both have ended, or either fails. How a side ends is passed on too.
async fn relay(socket: &mut TcpSocket<'_>, mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let (mut up, mut down) = ([0; 1024], [0; 1024]);
    // What still comes in each direction.
    let (mut rises, mut falls) = (true, true);
    let mut is_reset = false;
    while falls || rises && !is_reset {
        let rising = async { if rises { socket.read(&mut up).await } else { pending().await } };
        let falling = async { if falls { stream.read(&mut down).await } else { pending().await } };
        match select(rising, falling).await {
            Either::First(Ok(0)) => {
                rises = false;
                is_reset |= stream.shutdown().await.is_err();
            }
            // A gateway that has answered early reads no more. Its answer is still passed on.
            Either::First(Ok(count)) => {
                is_reset |= stream.write_all(&up[..count]).await.is_err();
                rises &= !is_reset;
            }
            Either::First(Err(_)) => return,
            Either::Second(Ok(count @ 1..)) => {
                let mut rest = &down[..count];
                while !rest.is_empty() {
                    let Ok(count) = socket.write(rest).await else { return };
                    rest = &rest[count..];
                }
            }
            Either::Second(Ok(0)) if !is_reset => {
                falls = false;
                socket.close();
            }
            Either::Second(_) => {
                falls = false;
                is_reset = true;
            }
        }
    }
    if is_reset {
        // What was said before the reset arrives before it.
        let _ = socket.flush().await;
        socket.abort();
    }
}
