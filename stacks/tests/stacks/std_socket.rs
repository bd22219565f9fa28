//! Sockets of the standard library.

use std::future::{Future, ready};
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::time::Duration;

use callcontainer::Request;
use callcontainer::client::{Cloud, Framing, StdTcp};
use callcontainer_stacks::std_socket::{call, call_adapted};
use embedded_io_adapters::std::FromStd;

use crate::cases::{self, Device, Outcome, Stack, block_on, outcome};
use crate::site::{ENVIRONMENT, TOKEN};

fn framing() -> Framing<'static> {
    Framing::http("gateway", Some(TOKEN)).unwrap()
}

struct Own(Cloud<'static, StdTcp, 512>, SocketAddr);

impl Device for Own {
    fn call<'c>(&'c mut self, request: &'c Request<'c>) -> Pin<Box<dyn Future<Output = Outcome> + 'c>> {
        Box::pin(ready(outcome(call(&mut self.0, self.1, framing(), request, &mut [0; 4096]))))
    }
}

struct Adapted(Cloud<'static, FromStd<TcpStream>, 512>, SocketAddr);

impl Device for Adapted {
    fn call<'c>(&'c mut self, request: &'c Request<'c>) -> Pin<Box<dyn Future<Output = Outcome> + 'c>> {
        let patience = Duration::from_millis(500);
        Box::pin(ready(outcome(call_adapted(&mut self.0, self.1, framing(), patience, request, &mut [0; 4096]))))
    }
}

impl Stack for Own {
    fn with(gateway: SocketAddr, _: u32, work: impl AsyncFnOnce(&mut dyn Device)) {
        let cloud = Cloud::new(0).with_env(ENVIRONMENT).with_deadlines().with_idle_check();
        block_on(work(&mut Self(cloud, gateway)));
    }
}

#[test]
fn that_of_the_crate_stands_everything() {
    cases::battery::<Own>();
}

impl Stack for Adapted {
    fn with(gateway: SocketAddr, _: u32, work: impl AsyncFnOnce(&mut dyn Device)) {
        block_on(work(&mut Self(Cloud::new(0).with_env(ENVIRONMENT), gateway)));
    }
}

#[test]
fn an_adapted_one_stands_everything() {
    cases::battery::<Adapted>();
}
