//! Services behind the gateway: one that says what it saw, and any that a test writes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;

use socket2::{Domain, Socket, Type};

use super::harness::PATIENCE;

/// A request as a service received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    /// The next request of a connection, unless it ends.
    pub fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut next = || {
            let mut line = String::new();
            stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
            Some(line.trim_end().to_owned())
        };
        let line = next()?;
        let mut headers = Vec::new();
        while let Some((name, value)) = next()?.split_once(": ") {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut received = Self { line, headers, body: Vec::new() };
        let length = received.header("content-length").map_or(0, |length| length.parse().unwrap());
        received.body.resize(length, 0);
        stream.read_exact(&mut received.body).ok()?;
        Some(received)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The headers that tell of the caller.
    pub fn identity(&self) -> Vec<(&str, &str)> {
        let told = |name: &str| {
            let name = name.replace('_', "-");
            name.starts_with("x-wx-") || name.contains("forwarded") || name == "x-real-ip"
        };
        let pairs = self.headers.iter().filter(|(name, _)| told(name));
        pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

/// A connection to a service, as the service has it.
pub struct Link {
    /// How many came before it.
    pub number: usize,
    pub stream: BufReader<TcpStream>,
}

impl Link {
    pub fn request(&mut self) -> Option<Received> {
        Received::read(&mut self.stream)
    }

    pub fn write(&mut self, bytes: impl AsRef<[u8]>) {
        // The gateway may have given up.
        let _ = self.stream.get_mut().write_all(bytes.as_ref());
    }

    /// Answers with a body of a length that is told.
    pub fn respond(&mut self, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        self.write([head.as_bytes(), body].concat());
    }

    /// Waits until the gateway closes the connection.
    pub fn is_dropped(&mut self) -> bool {
        let mut rest = Vec::new();
        self.stream.get_mut().set_read_timeout(Some(PATIENCE)).unwrap();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }

    /// Closes the connection so that the other side gets an error, by leaving what it sent unread.
    pub fn reset(self) {
        drop(self);
    }
}

/// A service: each connection goes to a thread of its own, where this is done with it.
pub fn service(serve: impl Fn(Link) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
            let serve = Arc::clone(&serve);
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || serve(Link { number, stream: BufReader::new(stream) }));
        }
    });
    address
}

/// A service that answers with the body that it gets, and tells of every request: the number of its connection too.
pub fn echo() -> (SocketAddr, Receiver<(usize, Received)>) {
    let (sender, receiver) = channel();
    let address = service(move |mut link| {
        while let Some(request) = link.request() {
            let body = request.body.clone();
            // First, so that whoever has the answer finds the request.
            if sender.send((link.number, request)).is_err() {
                break;
            }
            link.respond(body);
        }
    });
    (address, receiver)
}

/// A service that tells of every request, and answers with its body once nobody holds the gate.
pub fn gated() -> (SocketAddr, Receiver<()>, Arc<RwLock<()>>) {
    let (arrived, arrivals) = channel();
    let gate = Arc::new(RwLock::new(()));
    let opens = Arc::clone(&gate);
    let address = service(move |mut link| {
        while let Some(request) = link.request() {
            arrived.send(()).unwrap();
            drop(opens.read());
            link.respond(request.body);
        }
    });
    (address, arrivals, gate)
}

/// An address that nothing listens on, and nobody is given by the system while the tests run. Who asks for it by its
/// number, and allows for others that do, can still listen on it.
pub fn nobody() -> SocketAddr {
    static KEPT: Mutex<Vec<Socket>> = Mutex::new(Vec::new());
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    KEPT.lock().unwrap().push(socket);
    address
}
