//! Sockets of the standard library.

use std::future::{Future, ready};
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::time::Duration;

use callcontainer::Request;
use callcontainer::client::{Cloud, Framing, StdTcp};
use callcontainer_stacks::std_socket::{call, call_adapted};
use embedded_io_adapters::std::FromStd;

use crate::cases::{self, Device, Outcome, battery, block_on, outcome};
use crate::site::{ENVIRONMENT, Site, TOKEN};

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
        let patience = Duration::from_secs(1);
        Box::pin(ready(outcome(call_adapted(&mut self.0, self.1, framing(), patience, request, &mut [0; 4096]))))
    }
}

mod own {
    use super::*;

    fn with(gateway: SocketAddr, work: impl AsyncFnOnce(&mut dyn Device)) {
        let cloud = Cloud::new(0).with_env(ENVIRONMENT).with_deadlines();
        block_on(work(&mut Own(cloud, gateway)));
    }

    battery!(with);
}

mod adapted {
    use super::*;

    fn with(gateway: SocketAddr, work: impl AsyncFnOnce(&mut dyn Device)) {
        block_on(work(&mut Adapted(Cloud::new(0).with_env(ENVIRONMENT), gateway)));
    }

    battery!(with);
}
