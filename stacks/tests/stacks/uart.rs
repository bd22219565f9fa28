//! A serial port, at whose other end a converter passes lines on to the gateway.

use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use callcontainer::client::{CallError, Cloud, Framing};
use callcontainer::embedded_io::{self, ErrorKind, ErrorType};
use callcontainer::{Json, Method, Request};
use callcontainer_stacks::halves::Halves;
use callcontainer_stacks::uart::{INCOMING, OUTGOING, call, open};
use embassy_executor::{Executor, Spawner};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::cases::outcome;
use crate::harness::Gateway;
use crate::service::echo;
use crate::site::{ENVIRONMENT, TOKEN};

/// The converter: the wire between the rings and the gateway. It connects again by itself, which takes a while.
fn wire(serial: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut stream = tokio::net::TcpStream::connect(serial).await.unwrap();
        let (mut up, mut down) = ([0; 64], [0; 64]);
        loop {
            tokio::select! {
                count = OUTGOING.read(&mut up) => stream.write_all(&up[..count]).await.unwrap(),
                count = stream.read(&mut down) => {
                    let mut rest = &down[..count.unwrap()];
                    assert!(!rest.is_empty(), "the gateway has closed the line");
                    while !rest.is_empty() {
                        rest = &rest[INCOMING.write(rest).await..];
                    }
                }
            }
        }
    });
}

/// What a task has to say in the end: its name, whether all of its calls were answered, and how many it gave up.
type Report = (&'static str, bool, usize);

/// Makes calls, for ever; every third is given up, mostly while it waits for its reply.
#[embassy_executor::task(pool_size = 2)]
async fn caller(name: &'static str, reports: std::sync::mpsc::Sender<Report>) {
    let mut buffer = [0; 1024];
    let (mut number, mut given_up) = (0_u32, 0);
    loop {
        let (path, body) = (format!("/{name}/{number}"), format!("[{}{number}]", "1,".repeat(100)));
        let request = Request::new(&path).with_service("shop").with_method(Method::Put);
        let request = request.with_data(Json::new(&body).unwrap().into());
        if number % 3 == 2 {
            let call = call(&request, &mut buffer);
            let called = embassy_time::with_timeout(embassy_time::Duration::from_micros(300), call).await;
            given_up += usize::from(called.is_err());
        } else {
            let answered = outcome(call(&request, &mut buffer).await) == Ok((200, body));
            if number >= 30 || !answered {
                // Only the first is waited for.
                let _ = reports.send((name, answered, given_up));
            }
        }
        number += 1;
        embassy_time::Timer::after_millis(1).await;
    }
}

#[test]
fn several_tasks_share_a_line() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &["--serial", "127.0.0.1:0", "--serial-caller", TOKEN]);
    let serial = gateway.serial();
    thread::spawn(move || wire(serial));
    let (sender, reports) = channel();
    thread::spawn(move || {
        let executor = Box::leak(Box::new(Executor::new()));
        executor.run(|spawner: Spawner| {
            open(7, ENVIRONMENT);
            for name in ["thermometer", "barometer"] {
                spawner.spawn(caller(name, sender.clone()).unwrap());
            }
        });
    });
    let mut names = Vec::new();
    while names.len() < 2 {
        let (name, answered, given_up) = reports.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(answered, "{name}");
        assert!(given_up > 0, "{name}");
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

/// A receiver that gives a byte at a time, and loses one now and then, of which it tells.
struct Receiver {
    stream: TcpStream,
    reads: usize,
    overruns: usize,
}

#[derive(Debug)]
enum ReceiveError {
    Overrun,
    Gone,
}

impl std::fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for ReceiveError {}

impl embedded_io::Error for ReceiveError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Overrun => ErrorKind::Other,
            Self::Gone => ErrorKind::BrokenPipe,
        }
    }
}

impl ErrorType for Receiver {
    type Error = ReceiveError;
}

impl embedded_io::Read for Receiver {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReceiveError> {
        let count = std::io::Read::read(&mut self.stream, &mut buffer[..1]).map_err(|_| ReceiveError::Gone)?;
        self.reads += 1;
        if self.reads.is_multiple_of(1000) {
            self.overruns += 1;
            return Err(ReceiveError::Overrun);
        }
        Ok(count)
    }
}

/// A transmitter that has room for three bytes, and never fails.
struct Transmitter(TcpStream);

impl ErrorType for Transmitter {
    type Error = std::convert::Infallible;
}

impl embedded_io::Write for Transmitter {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        Ok(std::io::Write::write(&mut self.0, &bytes[..bytes.len().min(3)]).unwrap())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[test]
fn two_halves_with_errors_of_their_own_are_one_line() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &["--serial", "127.0.0.1:0", "--serial-caller", TOKEN]);
    let stream = TcpStream::connect(gateway.serial()).unwrap();
    stream.set_nodelay(true).unwrap();
    let reader = Receiver { stream: stream.try_clone().unwrap(), reads: 0, overruns: 0 };
    let mut cloud = Cloud::<_, 64>::new(0).with_env(ENVIRONMENT);
    cloud.init(Halves { reader, writer: Transmitter(stream) }, Framing::LINE);
    let mut lost = 0;
    for number in 0..60 {
        let body = number.to_string();
        let request = Request::new("/").with_service("shop").with_method(Method::Post);
        match cloud.call(&request.with_data(Json::new(&body).unwrap().into()), &mut [0; 512]) {
            Err(CallError::Io(ErrorKind::Other) | CallError::NoAnswer(Some(ErrorKind::Other))) => lost += 1,
            result => assert_eq!(outcome(result), Ok((200, body))),
        }
        assert!(cloud.is_ready(), "a line goes on after an overrun");
    }
    let halves = cloud.take().unwrap();
    assert_eq!(lost, halves.reader.overruns);
    assert!(lost > 3, "{lost}");
}
