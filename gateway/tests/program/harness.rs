//! A gateway that runs, and clients of it.

use std::io::{BufRead, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use socket2::{Domain, Socket, Type};

use super::GATEWAY;

/// No step of a test takes longer, on a machine that does much else too.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub const ENV: &str = "prod-01";
pub const OWN: &str = "t-own";
pub const REUSE: &str = "t-reuse";
pub const STRANGER: &str = "t-stranger";

/// The built example stands beside the folder of this test's own binary.
pub fn example(name: &str) -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let profile = this.parent().unwrap().parent().unwrap();
    let example = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(example.exists(), "no {}: `cargo build --example {name}` makes it", example.display());
    example
}

pub struct Gateway {
    pub child: Child,
    pub address: SocketAddr,
    printed: Mutex<Receiver<String>>,
    log: Mutex<Receiver<String>>,
}

impl Gateway {
    /// A gateway for one environment with the service `shop`, and a caller of each kind.
    #[track_caller]
    pub fn start(service: SocketAddr, more: &[&str]) -> Self {
        let service = format!("shop={service}");
        let own = format!("{OWN}=WXAAA,o-alice,u-alice");
        let reuse = format!("{REUSE}=WXBBB,o-bob");
        let stranger = format!("{STRANGER}=WXCCC,o-eve");
        let mut words = vec!["--env", ENV, "--owner", "WXAAA", "--share", "WXBBB", "--service", &service];
        words.extend(["--caller", &own, "--caller", &reuse, "--caller", &stranger]);
        words.extend(more);
        Self::start_with(&words)
    }

    /// A gateway with these options; it listens on a port of its own unless they say where.
    #[track_caller]
    pub fn start_with(words: &[&str]) -> Self {
        Self::run(Command::new(&*GATEWAY), words)
    }

    /// A gateway as above for which the authorities that the system trusts are those in a file.
    #[track_caller]
    pub fn start_trusting(file: &str, words: &[&str]) -> Self {
        let mut command = Command::new(&*GATEWAY);
        command.env("SSL_CERT_FILE", file).env_remove("SSL_CERT_DIR");
        Self::run(command, words)
    }

    /// A gateway as above that may have only so many files open.
    #[track_caller]
    pub fn start_with_files(files: usize, words: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")]).arg(&*GATEWAY);
        Self::run(command, words)
    }

    #[track_caller]
    fn run(mut command: Command, words: &[&str]) -> Self {
        let listen: &[&str] = if words.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let mut child = command
            .args(listen)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = lines(child.stderr.take().unwrap());
        let printed = lines(child.stdout.take().unwrap());
        let Ok(first) = printed.recv_timeout(PATIENCE) else {
            panic!("the gateway does not start: {:?}", log.iter().collect::<Vec<_>>());
        };
        let address = first.strip_prefix("listening on http://").or(first.strip_prefix("listening on https://"));
        let address = address.and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("it printed {first}"));
        Self { child, address, printed: Mutex::new(printed), log: Mutex::new(log) }
    }

    /// Where it listens for serial lines, which it says but once.
    #[track_caller]
    pub fn serial(&self) -> SocketAddr {
        let line = self.printed.lock().unwrap().recv_timeout(PATIENCE).expect("a second line");
        line.strip_prefix("listening for lines on ").unwrap().parse().unwrap()
    }

    /// Where it answers for metrics, which it says but once, and last.
    #[track_caller]
    pub fn metrics(&self) -> SocketAddr {
        let line = self.printed.lock().unwrap().recv_timeout(PATIENCE).expect("a line about metrics");
        line.strip_prefix("listening for metrics on http://").unwrap().parse().unwrap()
    }

    pub fn connect(&self) -> Connection {
        Connection::to(self.address)
    }

    /// Makes one call on a connection of its own, and gives the reply envelope.
    #[track_caller]
    pub fn call(&self, token: Option<&str>, envelope: &str) -> Value {
        let answer = self.connect().call(token, envelope);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.envelope()
    }

    /// The next line of its log.
    #[track_caller]
    pub fn log_line(&self) -> String {
        self.log.lock().unwrap().recv_timeout(PATIENCE).expect("a line in the log")
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status().unwrap();
        assert!(status.success());
    }

    /// How it ends, which is soon, and the rest of its log.
    #[track_caller]
    pub fn wait(&mut self) -> (ExitStatus, Vec<String>) {
        let log = self.log.lock().unwrap().iter().collect();
        (self.child.wait().unwrap(), log)
    }

    /// Its memory, as the system counts it, and that of the processes that it has started.
    pub fn resident_bytes(&self) -> usize {
        let mut processes = vec![self.child.id().to_string()];
        let mut bytes = 0;
        while let Some(process) = processes.pop() {
            let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
            let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
            bytes += 1024 * line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap();
            for thread in std::fs::read_dir(format!("/proc/{process}/task")).unwrap() {
                let children = std::fs::read_to_string(thread.unwrap().path().join("children")).unwrap_or_default();
                processes.extend(children.split_whitespace().map(str::to_owned));
            }
        }
        bytes
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines that come out of a process, read at once so that it never waits.
fn lines(output: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// A connection of a client.
pub struct Connection {
    pub stream: BufReader<TcpStream>,
}

/// An HTTP response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The next answer of a connection, unless that ends before.
    pub fn read(stream: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
            match line.trim_end().split_once(": ") {
                Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
                None => break,
            }
        }
        let mut answer = Self { status, headers, body: Vec::new() };
        let length = answer.header("content-length").expect("a length").parse().unwrap();
        answer.body.resize(length, 0);
        stream.read_exact(&mut answer.body).ok()?;
        Some(answer)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The reply envelope, which the crate itself must be able to read.
    #[track_caller]
    pub fn envelope(&self) -> Value {
        callcontainer::Reply::decode(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()));
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Connection {
    pub fn to(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    /// A connection from this address of the machine, where it has several: all of 127.0.0.0/8 is its own.
    pub fn from(own: IpAddr, address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((own, 0)).into()).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::over(socket.into())
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).unwrap();
    }

    /// Sends a call and waits for its answer.
    #[track_caller]
    pub fn call(&mut self, token: Option<&str>, envelope: &str) -> Answer {
        let head = post_head(token, &format!("Content-Length: {}\r\n", envelope.len()));
        self.write(&[head.as_bytes(), envelope.as_bytes()].concat());
        self.receive()
    }

    /// Sends any request, and waits for its answer.
    #[track_caller]
    pub fn ask(&mut self, request: &str) -> Answer {
        self.write(request.as_bytes());
        self.receive()
    }

    #[track_caller]
    pub fn receive(&mut self) -> Answer {
        self.try_receive().expect("a whole answer")
    }

    /// An answer, unless the connection ends before it does.
    pub fn try_receive(&mut self) -> Option<Answer> {
        Answer::read(&mut self.stream)
    }

    /// Whether the other side closes this connection, and says nothing more.
    #[track_caller]
    pub fn is_closed(&mut self) -> bool {
        match self.stream.read(&mut [0]) {
            Ok(read) => read == 0,
            Err(error) => {
                let waited = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                assert!(!waited, "the connection stays open");
                true
            }
        }
    }

    /// Whether it is open and nothing has come on it.
    pub fn is_silent(&self) -> bool {
        let stream = self.stream.get_ref();
        stream.set_nonblocking(true).unwrap();
        let peeked = stream.peek(&mut [0]);
        stream.set_nonblocking(false).unwrap();
        peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

/// Tries until it succeeds, because a test cannot know how long things take on a busy machine.
#[track_caller]
pub fn eventually(what: &str, mut succeeds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !succeeds() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether this much time has passed, within what a clock may be behind: Envoy's timers count from when its loop last woke.
pub fn has_passed(time: Duration, took: Duration) -> bool {
    took + Duration::from_millis(100) >= time
}

/// What the system says of the connections from one port to another of this machine: the columns of `/proc/net/tcp`.
pub fn tcp(local: SocketAddr, remote: SocketAddr) -> Option<Vec<String>> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let ports = [local, remote].map(|address| format!(":{:04X}", address.port()));
    let mut rows = table.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    rows.find(|row| row.get(1..3).is_some_and(|ends| ends.iter().zip(&ports).all(|(end, port)| end.ends_with(port))))
}

/// The head of a call, with headers that say how long the body is.
pub fn post_head(token: Option<&str>, framing: &str) -> String {
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("POST / HTTP/1.1\r\nHost: gateway\r\n{authorization}{framing}\r\n")
}

/// An envelope for the service `shop`, with more members, each behind a comma.
pub fn envelope(path: &str, more: &str) -> String {
    format!(r#"{{"config":{{"env":"{ENV}"}},"path":"{path}","header":{{"X-WX-SERVICE":"shop"}}{more}}}"#)
}

#[track_caller]
pub fn assert_failure(reply: &Value, code: i64, text: &str) {
    assert_eq!(reply["errCode"], code, "{reply}");
    let message = reply["errMsg"].as_str().unwrap();
    let beginning = format!("cloud.callContainer:fail Error: errCode: {code} | errMsg: {text}");
    assert!(message.starts_with(&beginning), "{message}");
    let call_id = reply["callID"].as_str().unwrap();
    assert!(message.ends_with(&format!("(callId: {call_id})")), "{message}");
}
