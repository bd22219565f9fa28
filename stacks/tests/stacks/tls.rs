//! TLS over the other stacks, to nginx in front of the gateway.

use std::future::{Future, ready};
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::time::Duration as Time;

use callcontainer::client::{CallError, Framing};
use callcontainer::{Data, Json, Method, Request};
use callcontainer_stacks::tls::{Records, Trust};
use callcontainer_stacks::tls_socket::{self, Jobs, Link};
use callcontainer_stacks::{tls_blocking, tls_client};
use embassy_futures::select::{Either, select};
use embassy_net::tcp::TcpSocket;
use embassy_net::tcp::client::{TcpClient, TcpClientState};
use embassy_time::Duration;
use embedded_io_adapters::std::FromStd;
use embedded_nal_async::TcpConnect;
use embedded_tls::TlsError;
use rand_core::OsRng;
use tokio::sync::{mpsc, oneshot};

use crate::cable::{Cable, DEVICE, GATEWAY, MAC, on_a_stack};
use crate::cases::{self, Device, Outcome, Stack, block_on, outcome};
use crate::front::{Front, NAME, Today};
use crate::site::{ENVIRONMENT, TOKEN};

fn framing() -> Framing<'static> {
    Framing::http(NAME, Some(TOKEN)).unwrap()
}

/// A call on its way to the task, and where its outcome goes.
struct Job {
    method: Method,
    path: String,
    body: String,
    timeout: u32,
    outcome: oneshot::Sender<Outcome>,
}

/// What the task does, from the task's side.
struct Desk {
    jobs: mpsc::Receiver<Job>,
    current: Option<Job>,
}

impl Jobs for Desk {
    async fn current(&mut self) -> Request<'_> {
        if self.current.is_none() {
            self.current = self.jobs.recv().await;
        }
        let Some(job) = &self.current else { std::future::pending().await };
        let request = Request::new(&job.path).with_service("shop").with_method(job.method).with_timeout(job.timeout);
        request.with_data(Json::new(&job.body).unwrap().into())
    }

    fn done(&mut self, result: tls_socket::Result<'_>) {
        if let Some(job) = self.current.take() {
            // Whoever asked may be gone.
            let _ = job.outcome.send(outcome(result));
        }
    }
}

impl Device for mpsc::Sender<Job> {
    fn call<'c>(&'c mut self, request: &'c Request<'c>) -> Pin<Box<dyn Future<Output = Outcome> + 'c>> {
        Box::pin(async move {
            let Data::Json(body) = request.data() else { panic!("no JSON") };
            let (sender, receiver) = oneshot::channel();
            let job = Job {
                method: request.method(),
                path: request.path().to_string(),
                body: body.to_string(),
                timeout: request.timeout().milliseconds().unwrap_or(callcontainer::TIMEOUT_LIMIT),
                outcome: sender,
            };
            assert!(self.send(job).await.is_ok());
            receiver.await.unwrap()
        })
    }
}

struct OverSocket;

impl Stack for OverSocket {
    fn with(gateway: SocketAddr, idle: u32, work: impl AsyncFnOnce(&mut dyn Device)) {
        let Some(front) = Front::to(gateway, idle) else { return };
        on_a_stack(Cable::to(front.address()), MAC, DEVICE, async |stack| {
            let (mut incoming, mut outgoing) = ([0; 2048], [0; 2048]);
            let mut socket = TcpSocket::new(stack, &mut incoming, &mut outgoing);
            let mut records = Box::new(Records::new());
            let link = Link {
                gateway: GATEWAY.into(),
                framing: framing(),
                env: ENVIRONMENT,
                trust: Trust { ca: &front.ca, server_name: NAME },
                rng: OsRng,
                patience: Duration::from_secs(20),
            };
            let (mut sender, jobs) = mpsc::channel(1);
            let mut desk = Desk { jobs, current: None };
            let task = tls_socket::serve::<Today, _>(&mut socket, &mut records, link, &mut desk);
            let Either::First(()) = select(work(&mut sender), task).await;
        })
        .unwrap();
    }
}

#[test]
fn it_stands_everything_over_a_socket() {
    cases::battery::<OverSocket>();
}

impl<N: TcpConnect> Device for tls_client::Uplink<'_, N, OsRng> {
    fn call<'c>(&'c mut self, request: &'c Request<'c>) -> Pin<Box<dyn Future<Output = Outcome> + 'c>> {
        Box::pin(async move {
            let mut buffer = [0; 4096];
            let call = tls_client::Uplink::call::<Today>(self, request, &mut buffer);
            let patience = request.timeout().milliseconds().unwrap_or(20_000);
            match tokio::time::timeout(Time::from_millis(patience.into()), call).await {
                Ok(result) => outcome(result),
                Err(_) => Err("NoAnswer in time".to_owned()),
            }
        })
    }
}

struct OverClient;

impl Stack for OverClient {
    fn with(gateway: SocketAddr, idle: u32, work: impl AsyncFnOnce(&mut dyn Device)) {
        let Some(front) = Front::to(gateway, idle) else { return };
        on_a_stack(Cable::to(front.address()), MAC, DEVICE, async |stack| {
            let state = Box::new(TcpClientState::<2, 2048, 2048>::new());
            let network = TcpClient::new(stack, &state);
            let mut records = Box::new(Records::new());
            let mut uplink = tls_client::Uplink {
                network: &network,
                gateway: GATEWAY.into(),
                framing: framing(),
                env: ENVIRONMENT,
                trust: Trust { ca: &front.ca, server_name: NAME },
                rng: OsRng,
                records: &mut records,
            };
            work(&mut uplink).await;
        })
        .unwrap();
    }
}

#[test]
fn it_stands_everything_over_a_client() {
    cases::battery::<OverClient>();
}

#[test]
fn calls_can_be_dropped() {
    cases::drops::<OverClient>();
}

struct Caller<'a> {
    front: &'a Front,
    records: Box<Records>,
}

impl Caller<'_> {
    /// A session for one call.
    fn once(&mut self, request: &Request<'_>) -> Result<Result<Outcome, CallError<TlsError>>, TlsError> {
        let patience = Time::from_millis(request.timeout().milliseconds().unwrap_or(20_000).into());
        let stream = TcpStream::connect(self.front.address()).unwrap();
        stream.set_read_timeout(Some(patience)).unwrap();
        stream.set_write_timeout(Some(patience)).unwrap();
        let trust = Trust { ca: &self.front.ca, server_name: NAME };
        let socket = FromStd::new(stream);
        tls_blocking::session::<Today, _, _>(socket, &mut self.records, trust, &mut OsRng, framing(), |cloud| {
            cloud.call(&request.with_env(ENVIRONMENT), &mut [0; 4096]).map(|reply| outcome::<()>(Ok(reply)))
        })
    }
}

impl Device for Caller<'_> {
    fn call<'c>(&'c mut self, request: &'c Request<'c>) -> Pin<Box<dyn Future<Output = Outcome> + 'c>> {
        Box::pin(ready(match self.once(request) {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => Err(format!("{error:?}")),
            Err(error) => Err(format!("{error:?}")),
        }))
    }
}

struct Blocking;

impl Stack for Blocking {
    fn with(gateway: SocketAddr, idle: u32, work: impl AsyncFnOnce(&mut dyn Device)) {
        let Some(front) = Front::to(gateway, idle) else { return };
        block_on(work(&mut Caller { front: &front, records: Box::new(Records::new()) }));
    }
}

#[test]
fn it_stands_everything_blocking() {
    cases::battery::<Blocking>();
}
