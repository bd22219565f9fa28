//! A device that calls now and then, over TCP, against a gateway that has closed the connection each time.

use crate::peer::block_on;
use crate::retrying::Waits;
use callcontainer::client::{CallError, Cloud, Framing, RetryError};
use callcontainer::{Method, Reply, Request, embedded_io, embedded_io_async};
use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A socket, blocking, also where it is async.
struct Socket(TcpStream);

/// An error, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Failed(std::io::ErrorKind);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failed {}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self(error.kind())
    }
}

impl embedded_io::Error for Failed {
    fn kind(&self) -> embedded_io::ErrorKind {
        match self.0 {
            std::io::ErrorKind::ConnectionReset => embedded_io::ErrorKind::ConnectionReset,
            std::io::ErrorKind::ConnectionAborted => embedded_io::ErrorKind::ConnectionAborted,
            std::io::ErrorKind::BrokenPipe => embedded_io::ErrorKind::BrokenPipe,
            std::io::ErrorKind::Interrupted => embedded_io::ErrorKind::Interrupted,
            _ => embedded_io::ErrorKind::Other,
        }
    }
}

impl embedded_io::ErrorType for Socket {
    type Error = Failed;
}

impl embedded_io::Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failed> {
        Ok(self.0.read(buffer)?)
    }
}

impl embedded_io::Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Failed> {
        Ok(self.0.write(bytes)?)
    }

    fn flush(&mut self) -> Result<(), Failed> {
        Ok(())
    }
}

impl embedded_io_async::Read for Socket {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failed> {
        embedded_io::Read::read(self, buffer)
    }
}

impl embedded_io_async::Write for Socket {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Failed> {
        embedded_io::Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Failed> {
        Ok(())
    }
}

/// The envelope of the next request, unless the connection ends before it does.
fn receive(stream: &mut BufReader<TcpStream>, is_line: bool) -> Option<Vec<u8>> {
    let mut line = || {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).ok()?;
        line.ends_with(b"\n").then_some(line)
    };
    if is_line {
        // One that is empty ends whatever was unfinished before.
        return line().filter(|line| line != b"\n").or_else(line);
    }
    let mut length = 0;
    loop {
        let line = line()?;
        if let Some(said) = line.strip_prefix(b"Content-Length: ") {
            length = str::from_utf8(said).unwrap().trim().parse().unwrap();
        }
        if line == b"\r\n" {
            break;
        }
    }
    let mut envelope = vec![0; length];
    stream.read_exact(&mut envelope).ok()?;
    Some(envelope)
}

/// Answers one call on each connection, tells of it, and closes the connection without having said so.
fn serve(listener: &TcpListener, is_line: bool, calls: &Sender<String>) {
    for stream in listener.incoming().map_while(Result::ok) {
        let mut stream = BufReader::new(stream);
        let Some(envelope) = receive(&mut stream, is_line) else { continue };
        let id = Request::decode(envelope.trim_ascii()).unwrap().call_id().unwrap().to_string();
        let reply = format!(r#"{{"statusCode":200,"callID":"{id}"}}"#);
        let answer = if is_line { format!("{reply}\n") } else { crate::http::sized(&reply) };
        if calls.send(id).is_err() {
            return;
        }
        stream.get_mut().write_all(answer.as_bytes()).unwrap();
    }
}

fn gateway(is_line: bool) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, calls) = channel();
    std::thread::spawn(move || serve(&listener, is_line, &sender));
    (address, calls)
}

/// Waits until the other end has closed the connection.
fn until_closed(socket: &TcpStream) {
    assert_eq!(socket.peek(&mut [0]).unwrap_or(0), 0, "nobody has asked for anything");
}

#[test]
fn a_device_that_calls_now_and_then_loses_no_get_and_knows_of_each_post() {
    for framing in [Framing::http("gateway", Some("s3cret")).unwrap(), Framing::LINE] {
        for asynchronous in [false, true] {
            // The next call meets the end that has come, or that comes while it goes out.
            for waits in [false, true] {
                let (address, calls) = gateway(format!("{framing:?}") == "Line");
                let mut cloud = Cloud::<Socket, 512>::new(0).with_env("prod-01");
                let (mut buffer, mut delay) = ([0; 256], Waits::default());
                let (open, made) = (RefCell::new(None), Cell::new(0));
                let mut connect = |cloud: &mut Cloud<'_, Socket, 512>| {
                    made.set(made.get() + 1);
                    let socket = TcpStream::connect(address)?;
                    socket.set_read_timeout(Some(PATIENCE)).unwrap();
                    open.replace(Some(socket.try_clone().unwrap()));
                    cloud.init(Socket(socket), framing);
                    Ok::<(), Failed>(())
                };
                let mut posts = 0;
                for number in 0..24 {
                    let method = if number % 2 == 0 { Method::Post } else { Method::Get };
                    // Some do not go out at once.
                    let path = format!("/readings?pad={}", "x".repeat(if number % 3 == 0 { 4000 } else { 0 }));
                    let id = format!("call-{number}");
                    let call = Request::new(&path).with_method(method).with_call_id(&id);
                    let before = made.get() + usize::from(!cloud.is_ready());
                    let result = if asynchronous {
                        block_on(
                            cloud
                                .retrying_async(&mut delay, async |cloud| connect(cloud))
                                .call_async(&call, &mut buffer),
                        )
                    } else {
                        cloud.retrying(&mut delay, &mut connect).call(&call, &mut buffer)
                    };
                    let ran = calls.try_iter().filter(|ran| *ran == id).count();
                    match result {
                        Ok(Reply::Response(response)) => assert_eq!((response.status(), ran), (200, 1)),
                        Err(RetryError::Call(CallError::NoAnswer(_))) if method == Method::Post => assert_eq!(ran, 0),
                        Err(RetryError::Call(CallError::Write(error))) if method == Method::Post => {
                            assert!(ran == 0 && error.written > 0);
                        }
                        other => panic!("call {number}: {other:?}"),
                    }
                    // What may not run twice is not sent again.
                    assert!(method == Method::Get || made.get() == before);
                    posts += usize::from(method == Method::Post && ran == 1);
                    assert!(delay.0.is_empty());
                    if let Some(open) = open.borrow().as_ref().filter(|_| waits && cloud.is_ready()) {
                        until_closed(open);
                    }
                }
                // The first one at least went out on a connection that was new.
                assert!(posts > 0);
            }
        }
    }
}
