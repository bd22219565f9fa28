//! A firmware with a network card that makes its calls through TLS 1.3: to a server that closes idle connections, with
//! its cable pulled, by the platform's own doors, without an envelope, and to servers that it must not trust.
//!
//! A connection borrows the memory for its records, which the next one needs again. So each connection, and the cloud
//! over it, has a function of its own below, and what it could not do is done in the next one.

#![no_std]
#![no_main]

use board::finish;
use callcontainer::Method;
use callcontainer::client::{CallError, Framing, Retries};
use core::cell::RefCell;
use embedded_tls::TlsError;
use ethernet::calls::{self, Device, GATEWAY_NAME, SERVICE_NAME, TOKEN, download, greet, judge, report};
use ethernet::given::Given;
use ethernet::network::Network;
use ethernet::part::part;
use ethernet::tell;
use ethernet::time::{self, SECOND};
use ethernet::tls::{self, Buffers, Clock, Secure, TestOnlyNumbers};

const OTHER_NAME: &str = "other.internal";

/// What makes connections.
struct Connector<'n> {
    network: &'n RefCell<Network>,
    given: Given,
    numbers: TestOnlyNumbers,
    framing: Framing<'static>,
    /// Connections made.
    made: u64,
}

type Calls<'b, 'n> = Device<'static, Secure<'b, 'n>>;

impl<'n> Connector<'n> {
    fn open<'b>(&mut self, port: u16, name: &str, buffers: &'b mut Buffers) -> Result<Secure<'b, 'n>, TlsError> {
        tls::open(self.network, port, name, &self.given, &mut self.numbers, buffers)
    }

    /// Connects to the gateway; the calls over a connection have IDs of their own.
    fn connect<'b>(&mut self, buffers: &'b mut Buffers) -> Option<Calls<'b, 'n>> {
        self.connect_to(GATEWAY_NAME, self.framing, buffers)
    }

    /// As [`connect`](Self::connect), to the server of this name.
    fn connect_to<'b>(
        &mut self,
        name: &str,
        framing: Framing<'static>,
        buffers: &'b mut Buffers,
    ) -> Option<Calls<'b, 'n>> {
        self.made = self.made.wrapping_add(1);
        let mut calls = None;
        part("handshake", || match self.open(self.given.secure, name, buffers) {
            Ok(secure) => {
                let first = self.given.seed.wrapping_add(self.made << 32);
                calls.insert(Calls::new(first)).init(secure, framing);
                true
            }
            Err(error) => {
                tls::tell_error(&error);
                false
            }
        });
        calls
    }

    /// Whether a server is refused because of its certificate.
    fn refuses(&mut self, port: u16, name: &str, buffers: &mut Buffers) -> bool {
        match self.open(port, name, buffers) {
            Ok(_) => false,
            Err(TlsError::InvalidCertificate) => true,
            Err(error) => {
                tls::tell_error(&error);
                false
            }
        }
    }
}

/// Whether an idempotent call came to nothing because the connection had ended, so that it may be made again.
fn is_lost<E>(result: &Result<bool, CallError<E>>) -> bool {
    if let Err(error) = result {
        calls::tell_error(error);
    }
    result.as_ref().is_err_and(|error| Retries::new().next(error, Method::Get).is_some())
}

/// Calls, and calls again after a pause in which the server has closed the connection.
#[inline(never)]
fn first(connector: &mut Connector<'_>, buffers: &mut Buffers) -> Option<bool> {
    let network = connector.network;
    let mut calls = connector.connect(buffers)?;
    let mut right = part("post", || judge(report(&mut calls)));
    right &= part("stream", || judge(download(&mut calls)));
    // The server closes a connection that is idle for a second, and the next call does not know.
    network.borrow_mut().pause(2500);
    right &= calls.is_ready() && part("lost", || is_lost(&greet(&mut calls))) && !calls.is_ready();
    Some(right)
}

/// Makes the call that was lost, and one without a link.
#[inline(never)]
fn second(connector: &mut Connector<'_>, buffers: &mut Buffers) -> Option<bool> {
    let network = connector.network;
    let mut calls = connector.connect(buffers)?;
    let mut right = part("again", || judge(greet(&mut calls)));
    // Whoever runs this image pulls the cable, and plugs it in again, when they are asked to.
    tell("CABLE", "pull");
    network.borrow_mut().wait(20 * SECOND, |network| (!network.is_up()).then_some(()))?;
    right &= calls.is_ready() && part("no-link", || is_lost(&greet(&mut calls))) && !calls.is_ready();
    Some(right)
}

/// Makes the call that was lost, and ends the connection as TLS wants it.
#[inline(never)]
fn last(connector: &mut Connector<'_>, buffers: &mut Buffers, name: &str) -> Option<bool> {
    let mut calls = connector.connect(buffers)?;
    let right = part(name, || judge(greet(&mut calls)));
    Some(right & part("close", || calls.take().is_some_and(|secure| secure.close().is_ok())))
}

/// Calls the service at its own domain.
#[inline(never)]
fn domain(connector: &mut Connector<'_>, buffers: &mut Buffers) -> Option<bool> {
    let mut calls = connector.connect_to(SERVICE_NAME, calls::DOMAIN, buffers)?;
    Some(part("domain", || judge(calls::report_at_door(&mut calls))))
}

/// Calls the service through the open HTTP API.
#[inline(never)]
fn open_api(connector: &mut Connector<'_>, buffers: &mut Buffers) -> Option<bool> {
    let mut calls = connector.connect_to(GATEWAY_NAME, calls::WRONG_TOKEN, buffers)?;
    Some(part("open-api", || judge(calls::report_at_open_api(&mut calls))))
}

fn run(connector: &mut Connector<'_>, buffers: &mut Buffers) -> Option<bool> {
    let network = connector.network;
    let (secure, foreign) = (connector.given.secure, connector.given.foreign);
    let mut right = part("address", || network.borrow_mut().wait_for_address().is_some());
    right &= first(connector, buffers)?;
    right &= second(connector, buffers)?;
    right &= matches!(connector.open(secure, GATEWAY_NAME, buffers), Err(TlsError::Io(_)));
    tell("CABLE", "plug");
    network.borrow_mut().wait(20 * SECOND, |network| network.is_up().then_some(()))?;
    right &= last(connector, buffers, "after-link")?;
    right &= domain(connector, buffers)?;
    right &= open_api(connector, buffers)?;

    // Each of these differs in one thing from the server that is trusted, before and after.
    right &= part("foreign-authority", || connector.refuses(foreign, GATEWAY_NAME, buffers));
    right &= part("wrong-name", || connector.refuses(secure, OTHER_NAME, buffers));
    Clock::set(connector.given.now.wrapping_add(3 * 24 * 60 * 60));
    right &= part("expired", || connector.refuses(secure, GATEWAY_NAME, buffers));
    Clock::set(connector.given.now);
    right &= last(connector, buffers, "trusted-again")?;
    Some(right)
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    time::start();
    let (Some(given), Ok(framing)) = (Given::read(), Framing::http(GATEWAY_NAME, Some(TOKEN))) else { finish(false) };
    let mut started = None;
    // SAFETY: these are the only calls.
    let mut buffers = unsafe {
        part("start", || {
            started = Network::start(given.seed);
            started.is_some()
        });
        Buffers::take()
    };
    let Some(network) = started else { finish(false) };
    Clock::set(given.now);
    let numbers = TestOnlyNumbers::new(given.seed);
    let mut connector = Connector { network, given, numbers, framing, made: 0 };
    finish(run(&mut connector, &mut buffers).unwrap_or(false))
}
