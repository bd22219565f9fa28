//! embassy-net's socket, reconnected in place.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use callcontainer::Request;
use callcontainer::client::{Cloud, Framing};
use callcontainer_stacks::embassy_socket::{Buffers, Uplink};
use embassy_time::Duration;

use crate::cable::{Cable, DEVICE, GATEWAY, MAC, on_a_stack};
use crate::cases::{self, Device, Outcome, Stack, outcome};
use crate::site::{ENVIRONMENT, Site, TOKEN};

/// As long as a busy machine may need.
const PATIENCE: Duration = Duration::from_secs(10);

impl Device for Uplink<'_> {
    fn call<'c>(&'c mut self, request: &'c Request<'c>) -> Pin<Box<dyn Future<Output = Outcome> + 'c>> {
        Box::pin(async move { outcome(Uplink::call(self, request, &mut [0; 4096]).await) })
    }
}

/// With buffers of this size for what comes in and goes out.
fn over<const RX: usize, const TX: usize>(cable: Cable, patience: Duration, work: impl AsyncFnOnce(&mut dyn Device)) {
    on_a_stack(cable, MAC, DEVICE, async |stack| {
        let mut buffers = Buffers::<RX, TX>::new();
        let cloud = Cloud::new(0).with_env(ENVIRONMENT);
        let framing = Framing::http("gateway", Some(TOKEN)).unwrap();
        let mut uplink = Uplink::new(stack, &mut buffers, cloud, GATEWAY.into(), framing, patience);
        work(&mut uplink).await;
    })
    .unwrap();
}

struct Over;

impl Stack for Over {
    fn with(gateway: SocketAddr, _: u32, work: impl AsyncFnOnce(&mut dyn Device)) {
        over::<1024, 1024>(Cable::to(gateway), PATIENCE, work);
    }
}

#[test]
fn it_stands_everything() {
    cases::battery::<Over>();
}

#[test]
fn calls_can_be_dropped() {
    cases::drops::<Over>();
}

#[test]
fn cut_off() {
    let site = Site::start(&[]);
    let cable = Cable::to(site.address);
    let pliers = cable.pliers();
    over::<1024, 1024>(cable, Duration::from_secs(1), async |device| cases::cut_off(device, &site, &pliers).await);
}

/// A socket that takes a few bytes at a time, either way.
#[test]
fn in_small_pieces() {
    let site = Site::start(&[]);
    over::<16, 64>(Cable::to(site.address), PATIENCE, async |device| {
        cases::idempotent(device, &site).await;
        cases::accounted_for(device, &site).await;
    });
}
