//! A firmware with a network card that gets an address and connects, and makes no calls: what the other images hold
//! beside it is theirs.

#![no_std]
#![no_main]

use board::finish;
use ethernet::connection::Connection;
use ethernet::given::Given;
use ethernet::network::Network;
use ethernet::part::part;
use ethernet::time;

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    time::start();
    let Some(given) = Given::read() else { finish(false) };
    let mut started = None;
    part("start", || {
        // SAFETY: this is the only call.
        started = unsafe { Network::start(given.seed) };
        started.is_some()
    });
    let Some(network) = started else { finish(false) };
    let mut right = part("address", || network.borrow_mut().wait_for_address().is_some());
    right &= part("connect", || Connection::open(network, given.gateway).is_ok());
    finish(right)
}
