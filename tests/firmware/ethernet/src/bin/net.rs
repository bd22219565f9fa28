//! A firmware with a network card: it makes calls over TCP, to a server that closes idle connections, its cable is
//! pulled, and it calls the service by the platform's own doors, without an envelope.

#![no_std]
#![no_main]

use board::finish;
use callcontainer::client::{CallError, Framing, Retried, RetryError};
use core::cell::RefCell;
use ethernet::calls::{self, Device, TOKEN, download, greeting, is_greeting, judge, report};
use ethernet::connection::{Connection, Delay, Error};
use ethernet::given::Given;
use ethernet::network::Network;
use ethernet::part::part;
use ethernet::tell;
use ethernet::time::{self, SECOND};

type Plain<'n> = Device<'static, Connection<'n>>;

/// Makes an idempotent call whatever the state of the connection.
fn insist<'n>(
    cloud: &mut Plain<'n>,
    network: &'n RefCell<Network>,
    port: u16,
    framing: Framing<'static>,
) -> Retried<bool, Error, CallError<Error>> {
    let mut delay = Delay(network);
    let mut calls = cloud.retrying(&mut delay, |cloud| {
        // There is one socket, so the old connection goes first.
        drop(cloud.take());
        cloud.init(Connection::open(network, port)?, framing);
        Ok(())
    });
    let mut buffer = [0; 512];
    Ok(is_greeting(&calls.call(&greeting(), &mut buffer)?))
}

/// Says of a call whether it is right, and prints an error.
fn judge_retried(result: Retried<bool, Error, CallError<Error>>) -> bool {
    match result {
        Ok(right) => right,
        Err(RetryError::Call(error)) => judge(Err(error)),
        Err(RetryError::Connect(error)) => {
            tell("CONNECT", error.text());
            false
        }
    }
}

/// Connects to a door of the platform. There is one socket, so the old connection goes first.
fn turn<'n>(cloud: &mut Plain<'n>, network: &'n RefCell<Network>, port: u16, framing: Framing<'static>) -> bool {
    drop(cloud.take());
    match Connection::open(network, port) {
        Ok(connection) => cloud.init(connection, framing).is_none(),
        Err(error) => judge_retried(Err(RetryError::Connect(error))),
    }
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    time::start();
    let (Some(given), Ok(framing)) = (Given::read(), Framing::http("10.0.2.2", Some(TOKEN))) else { finish(false) };
    let mut started = None;
    part("start", || {
        // SAFETY: this is the only call.
        started = unsafe { Network::start(given.seed) };
        started.is_some()
    });
    let Some(network) = started else { finish(false) };
    let mut cloud = Plain::new(given.seed);
    let port = given.gateway;

    let mut right = part("address", || network.borrow_mut().wait_for_address().is_some());
    right &= part("connect", || {
        let Ok(connection) = Connection::open(network, port) else { return false };
        cloud.init(connection, framing);
        true
    });
    right &= part("post", || judge(report(&mut cloud)));
    right &= part("stream", || judge(download(&mut cloud)));

    // The gateway closes a connection that is idle for a second, and the next call does not know.
    network.borrow_mut().pause(2500);
    let before = network.borrow().connections();
    right &= cloud.is_ready();
    right &= part("after-idle", || judge_retried(insist(&mut cloud, network, port, framing)));
    right &= network.borrow().connections() == before.wrapping_add(1);

    // Whoever runs this image pulls the cable, and plugs it in again, when they are asked to.
    tell("CABLE", "pull");
    let down = network.borrow_mut().wait(20 * SECOND, |network| (!network.is_up()).then_some(()));
    right &= down.is_some();
    right &= part("no-link", || match insist(&mut cloud, network, port, framing) {
        Err(RetryError::Connect(Error::NoLink)) => true,
        Ok(_) => false,
        other => judge_retried(other),
    });
    tell("CABLE", "plug");
    let up = network.borrow_mut().wait(20 * SECOND, |network| network.is_up().then_some(()));
    right &= up.is_some();
    right &= part("after-link", || judge_retried(insist(&mut cloud, network, port, framing)));

    right &= part("domain", || {
        turn(&mut cloud, network, given.service, calls::DOMAIN) && judge(calls::report_at_door(&mut cloud))
    });
    right &= part("open-api", || {
        turn(&mut cloud, network, port, calls::WRONG_TOKEN) && judge(calls::report_at_open_api(&mut cloud))
    });
    finish(right)
}
