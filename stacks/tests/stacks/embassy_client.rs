//! embassy-net's `TcpClient`, with a pool of a single connection.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use callcontainer::Request;
use callcontainer::client::{Cloud, Framing};
use callcontainer_stacks::embassy_client::Uplink;
use embassy_net::tcp::client::{TcpClient, TcpClientState};
use embassy_time::Duration;
use embedded_nal_async::TcpConnect;

use crate::cable::{Cable, DEVICE, GATEWAY, MAC, on_a_stack};
use crate::cases::{self, Device, Outcome, Stack, outcome};
use crate::site::{ENVIRONMENT, Site, TOKEN};

impl<N: TcpConnect> Device for Uplink<'_, N> {
    fn call<'c>(&'c mut self, request: &'c Request<'c>) -> Pin<Box<dyn Future<Output = Outcome> + 'c>> {
        Box::pin(async move { outcome(Uplink::call(self, request, &mut [0; 4096]).await) })
    }
}

fn over(cable: Cable, patience: Duration, work: impl AsyncFnOnce(&mut dyn Device)) {
    on_a_stack(cable, MAC, DEVICE, async |stack| {
        let state = TcpClientState::<1, 1024, 1024>::new();
        let mut network = TcpClient::new(stack, &state);
        network.set_timeout(Some(patience));
        let mut uplink = Uplink {
            cloud: Cloud::new(0).with_env(ENVIRONMENT).with_deadlines(),
            network: &network,
            gateway: GATEWAY.into(),
            framing: Framing::http("gateway", Some(TOKEN)).unwrap(),
        };
        work(&mut uplink).await;
    })
    .unwrap();
}

struct Over;

impl Stack for Over {
    fn with(gateway: SocketAddr, _: u32, work: impl AsyncFnOnce(&mut dyn Device)) {
        over(Cable::to(gateway), Duration::from_secs(10), work);
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
    over(cable, Duration::from_secs(1), async |device| cases::cut_off(device, &site, &pliers).await);
}
