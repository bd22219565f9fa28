//! A device that calls now and then: what becomes of its calls when the gateway has closed the connection since.

use std::cell::{Cell, RefCell};
use std::net::TcpStream;
use std::sync::mpsc::channel;

use callcontainer::client::{CallError, Cloud, Framing, RetryError};
use callcontainer::embedded_hal::delay::DelayNs;
use callcontainer::{Method, Reply, Request, embedded_hal_async};

use super::client::{Connection, block_on};
use super::harness::{ENV, Gateway, OWN};
use super::service::service;

/// Nothing is to be waited for: no call is made again by advice.
struct NoDelay;

impl DelayNs for NoDelay {
    fn delay_ns(&mut self, _: u32) {
        panic!("a wait");
    }
}

impl embedded_hal_async::delay::DelayNs for NoDelay {
    async fn delay_ns(&mut self, _: u32) {
        panic!("a wait");
    }
}

#[test]
fn a_gateway_that_closes_idle_connections_loses_no_get_and_each_post_is_accounted_for() {
    calls_now_and_then(false);
}

#[test]
fn nor_does_it_where_the_client_is_async() {
    calls_now_and_then(true);
}

fn calls_now_and_then(asynchronous: bool) {
    let (sender, ran) = channel();
    let address = service(move |mut link| {
        while let Some(request) = link.request() {
            // It is told before it is answered.
            sender.send(request.line).unwrap();
            link.respond("{}");
        }
    });
    let gateway = Gateway::start(address, &["--idle", "2"]);
    let framing = Framing::http("gateway", Some(OWN)).unwrap();
    let mut cloud = Cloud::<Connection, 512>::new(0).with_env(ENV);
    let (open, connections) = (RefCell::<Option<TcpStream>>::default(), Cell::new(0));
    let connect = |cloud: &mut Cloud<'_, Connection, 512>| {
        connections.set(connections.get() + 1);
        let connection = Connection::to(gateway.address);
        open.replace(Some(connection.0.try_clone().unwrap()));
        cloud.init(connection, framing);
        Ok::<(), ()>(())
    };
    let mut buffer = [0; 512];
    let mut told = Vec::new();
    for number in 0..6 {
        let method = if number % 2 == 0 { Method::Post } else { Method::Get };
        let path = format!("/readings/{number}");
        let call = Request::new(&path).with_service("shop").with_method(method);
        let before = connections.get() + usize::from(!cloud.is_ready());
        let result = if asynchronous {
            block_on(cloud.retrying_async(&mut NoDelay, async |cloud| connect(cloud)).call_async(&call, &mut buffer))
        } else {
            cloud.retrying(&mut NoDelay, connect).call(&call, &mut buffer)
        };
        let line = format!("{} {path} HTTP/1.1", method.as_str());
        let runs = ran.try_iter().filter(|ran| *ran == line).count();
        match result {
            Ok(Reply::Response(response)) => assert_eq!((response.status(), runs), (200, 1)),
            Err(RetryError::Call(CallError::NoAnswer(_))) if method == Method::Post => assert_eq!(runs, 0),
            other => panic!("call {number}: {other:?}"),
        }
        if method == Method::Post {
            assert_eq!(connections.get(), before, "what may not run twice is not sent again");
        }
        told.push((method, runs, connections.get()));
        // The gateway ends it, which takes two seconds.
        if let Some(open) = open.borrow().as_ref().filter(|_| cloud.is_ready()) {
            assert_eq!(open.peek(&mut [0]).unwrap(), 0);
        }
    }
    let (post, get) = (Method::Post, Method::Get);
    // A `POST` finds the connection of the `GET` before it, and does not get through.
    assert_eq!(told, [(post, 1, 1), (get, 1, 2), (post, 0, 2), (get, 1, 3), (post, 0, 3), (get, 1, 4)]);
}
