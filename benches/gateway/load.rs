//! The load: keep-alive connections, on each of which one call follows another, and every answer is looked at.
//!
//! One thread drives all connections, so that as much as possible of the machine is left for what is measured.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// What stands in a request where the number of the call belongs, wherever it stands.
pub const NUMBER: &str = "0000000000";
/// The maximum size of the head of an answer, and of what is looked at on either side of its body.
const HEAD: usize = 16 * 1024;
/// How much is received at once.
const BUFFER: usize = 128 * 1024;
/// How long one call may take. All have answered with a failure by then.
const PATIENCE: Duration = Duration::from_secs(20);
/// The calls on each connection before anything is measured.
const WARM_UP: u32 = 3;

/// One kind of call: the bytes of its request, and how an answer to it is known.
#[derive(Clone)]
pub struct Call {
    request: Vec<u8>,
    numbers: Vec<usize>,
    /// The length of the body of the answer, and what it ends with.
    length: usize,
    end: Vec<u8>,
    /// What stands before and behind the number in the answer.
    mark: (&'static str, &'static str),
}

/// A whole answer.
pub struct Answer {
    pub head: String,
    pub body: Vec<u8>,
}

impl Call {
    /// Makes the call once, and returns it with its answer, whose like is expected from then on.
    ///
    /// Each `NUMBER` in the request becomes the number of the call. It is given back in the header `X-N`: within the
    /// body if the answer is an `envelope`, in its head otherwise.
    pub async fn try_out(address: &str, request: Vec<u8>, envelope: bool) -> Result<(Self, Answer), String> {
        let starts = request.windows(NUMBER.len()).enumerate();
        let numbers = starts.filter(|(_, window)| *window == NUMBER.as_bytes()).map(|(at, _)| at).collect();
        let mark = if envelope { ("\"X-N\":\"", "\"") } else { ("\r\nX-N: ", "\r\n") };
        let mut call = Self { request, numbers, length: 0, end: Vec::new(), mark };
        let mut connection = Connection::open(address).await?;
        let mut body = Vec::new();
        let head = connection.exchange(&call.request, |piece| body.extend_from_slice(piece)).await?;
        call.length = body.len();
        call.end = body.iter().rev().take(64).rev().copied().collect();
        Ok((call, Answer { head, body }))
    }

    fn numbered(&self, request: &mut [u8], number: u64) {
        for &at in &self.numbers {
            request[at..at + NUMBER.len()]
                .copy_from_slice(format!("{number:0width$}", width = NUMBER.len()).as_bytes());
        }
    }
}

/// Open connections, each of which has made calls.
pub struct Load {
    call: Arc<Call>,
    connections: Vec<Connection>,
    next: u64,
}

impl Load {
    /// Opens the connections, and warms each of them up.
    pub async fn open(address: &str, call: Call, count: usize) -> Result<Self, String> {
        let mut connections = Vec::new();
        for _ in 0..count {
            connections.push(Connection::open(address).await?);
        }
        let mut load = Self { call: Arc::new(call), connections, next: 1 };
        load.drive(Until::Calls(WARM_UP)).await?;
        Ok(load)
    }

    /// Makes calls on all connections for this long, and returns how many. All have their answers then.
    pub async fn run(&mut self, time: Duration) -> Result<u64, String> {
        self.drive(Until::Time(Instant::now() + time)).await
    }

    async fn drive(&mut self, until: Until) -> Result<u64, String> {
        let mut tasks = JoinSet::new();
        // The connections count in steps, so that no two calls have one number.
        let step = self.connections.len() as u64;
        for connection in self.connections.drain(..) {
            let call = Arc::clone(&self.call);
            tasks.spawn(connection.calls(call, self.next, step, until));
            self.next += 1;
        }
        let mut made = 0;
        let mut last = self.next;
        while let Some(joined) = tasks.join_next().await {
            let (connection, calls, number) = joined.map_err(|error| error.to_string())??;
            self.connections.push(connection);
            made += calls;
            last = last.max(number);
        }
        self.next = last;
        Ok(made)
    }
}

#[derive(Clone, Copy)]
enum Until {
    Calls(u32),
    Time(Instant),
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| format!("connect: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(Self { stream, buffer: vec![0; BUFFER] })
    }

    /// Makes calls with the numbers `number`, `number + step` and so on. Returns how many, and the number after the last.
    async fn calls(
        mut self,
        call: Arc<Call>,
        mut number: u64,
        step: u64,
        until: Until,
    ) -> Result<(Self, u64, u64), String> {
        let mut request = call.request.clone();
        let mut made: u64 = 0;
        loop {
            let more = match until {
                Until::Calls(count) => made < u64::from(count),
                Until::Time(end) => Instant::now() < end,
            };
            if !more {
                return Ok((self, made, number));
            }
            call.numbered(&mut request, number);
            self.call(&call, &request, number).await.map_err(|error| format!("call {number}: {error}"))?;
            made += 1;
            number += step;
        }
    }

    /// Makes one call, and looks at its answer.
    async fn call(&mut self, call: &Call, request: &[u8], number: u64) -> Result<(), String> {
        let mut length = 0;
        let mut start = Vec::new();
        let mut end = Vec::new();
        let exchange = self.exchange(request, |piece| {
            length += piece.len();
            start.extend_from_slice(&piece[..piece.len().min(2048_usize.saturating_sub(start.len()))]);
            // The end may come in several pieces.
            end.extend_from_slice(&piece[piece.len().saturating_sub(call.end.len())..]);
            let surplus = end.len().saturating_sub(call.end.len());
            end.drain(..surplus);
        });
        let head = timeout(PATIENCE, exchange).await.map_err(|_| "no answer")??;
        if length != call.length || end != call.end {
            return Err(format!(
                "an answer of {length} bytes instead of {}: {}",
                call.length,
                String::from_utf8_lossy(&start)
            ));
        }
        let mark = format!("{}{number:0width$}{}", call.mark.0, call.mark.1, width = NUMBER.len());
        let found = |text: &[u8]| text.windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark.as_bytes()));
        if found(head.as_bytes()) || found(&start) { Ok(()) } else { Err(format!("the answer of another: {head}")) }
    }

    /// Sends a request, receives the answer, and hands over its body piece by piece. Returns its head.
    async fn exchange(&mut self, request: &[u8], mut body: impl FnMut(&[u8])) -> Result<String, String> {
        self.stream.write_all(request).await.map_err(|error| format!("send: {error}"))?;
        let mut filled = 0;
        let (head, framing, mut at) = loop {
            filled += receive(&mut self.stream, &mut self.buffer[filled..]).await?;
            let received = &self.buffer[..filled];
            if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
                // With the end of its last line, and without the empty one.
                let head = String::from_utf8_lossy(&received[..end + 2]).into_owned();
                let framing = Framing::of(&head)?;
                break (head, framing, end + 4);
            }
            if filled > HEAD {
                return Err("a head without an end".to_owned());
            }
        };
        match framing {
            Framing::Length(mut left) => loop {
                let piece = &self.buffer[at..filled];
                if piece.len() > left {
                    return Err("more than the answer".to_owned());
                }
                body(piece);
                left -= piece.len();
                if left == 0 {
                    return Ok(head);
                }
                at = 0;
                filled = receive(&mut self.stream, &mut self.buffer).await?;
            },
            Framing::Chunks => loop {
                // What is left in the buffer begins with a line that says how long the chunk is.
                let line = self.buffer[at..filled].windows(2).position(|window| window == b"\r\n");
                let Some(line) = line else {
                    self.buffer.copy_within(at..filled, 0);
                    (at, filled) = (0, filled - at);
                    filled += receive(&mut self.stream, &mut self.buffer[filled..]).await?;
                    continue;
                };
                let size = String::from_utf8_lossy(&self.buffer[at..at + line]).into_owned();
                let size = usize::from_str_radix(&size, 16).map_err(|_| format!("a chunk of {size:?}"))?;
                at += line + 2;
                // The chunk, and the end of its line.
                let mut left = size + 2;
                while left > 0 {
                    if at == filled {
                        at = 0;
                        filled = receive(&mut self.stream, &mut self.buffer).await?;
                    }
                    let piece = &self.buffer[at..filled];
                    let piece = &piece[..piece.len().min(left)];
                    body(&piece[..piece.len().min(left.saturating_sub(2))]);
                    at += piece.len();
                    left -= piece.len();
                }
                if size == 0 {
                    return if at == filled { Ok(head) } else { Err("more than the answer".to_owned()) };
                }
            },
        }
    }
}

async fn receive(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<usize, String> {
    match stream.read(buffer).await {
        Ok(0) => Err("closed before the answer was complete".to_owned()),
        Ok(count) => Ok(count),
        Err(error) => Err(format!("receive: {error}")),
    }
}

/// How long a body is.
enum Framing {
    Length(usize),
    Chunks,
}

impl Framing {
    /// Only a success is an answer, and one after which the connection stays open.
    fn of(head: &str) -> Result<Self, String> {
        if !head.starts_with("HTTP/1.1 200 ") {
            return Err(format!("not a success: {head}"));
        }
        let mut framing = None;
        for line in head.lines().skip(1) {
            let (name, value) = line.split_once(':').ok_or_else(|| format!("not a header: {line:?}"))?;
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => framing = value.parse().ok().map(Self::Length),
                "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => framing = Some(Self::Chunks),
                "connection" if value.eq_ignore_ascii_case("close") => return Err("the connection ends".to_owned()),
                _ => {}
            }
        }
        framing.ok_or_else(|| format!("a body of unknown length: {head}"))
    }
}
