//! A device with little memory: makes a call through a gateway, with a window of 512 bytes, however large the reply.
//!
//! ```text
//! cargo run --release --example device -- --gateway 127.0.0.1:8080 --token s3cret --env prod-01 \
//!     --service shop --path /catalogue > catalogue.json
//! ```
//!
//! The body of the response goes to the standard output as it comes; to the standard error goes what became of the
//! call, and what memory it took. The exit code is 0 when there is a response, whatever its status. Before that the end
//! of the body has not been checked: what was written then is not to be trusted.
//!
//! This file knows the order of a call, blocking and async, which are the same but for the waiting.

mod memory;
mod socket;
mod tls;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use callcontainer::client::{CallError, Cloud, Deadline as _, Framing, ReplyStream, StdTcp};
use callcontainer::stream::{Event, Field, Outcome};
use callcontainer::{Request, embedded_io, embedded_io_async};
use clap::{ArgGroup, Parser};
use memory::Heap;
use rand_core::OsRng;
use socket::Socket;

/// How long the other end may take to be there, and the whole call, in milliseconds: a little more than the longest
/// call.
const PATIENCE: u32 = 16_000;

/// Bytes of the window, which is all that a reply passes through.
const WINDOW: usize = 512;

type Wrong = Box<dyn std::error::Error>;

/// Calls a container through a gateway, as a device with little memory does, and says what memory it took.
#[derive(Parser)]
#[command(name = "device", group(ArgGroup::new("way").required(true).args(["gateway", "serial"])))]
struct Options {
    /// Where the gateway listens for HTTP
    #[arg(long, value_name = "ADDR", requires = "token")]
    gateway: Option<String>,
    /// The bearer token of the device
    #[arg(long)]
    token: Option<String>,
    /// Where the gateway listens for one envelope a line, as on a serial port
    #[arg(long, value_name = "ADDR", conflicts_with = "token")]
    serial: Option<String>,
    /// Speak TLS 1.3 with the gateway
    #[arg(long, requires_all = ["gateway", "ca"])]
    tls: bool,
    /// The certificate of the authority that has signed that of the gateway, as PEM or DER
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca: Option<PathBuf>,
    /// The name in the gateway's certificate, unless it is that of its address
    #[arg(long, requires = "tls")]
    name: Option<String>,
    /// Send a check behind every line, and insist on one
    #[arg(long, conflicts_with = "gateway")]
    check: bool,
    /// The environment to call
    #[arg(long)]
    env: String,
    /// The service to call
    #[arg(long)]
    service: Option<String>,
    /// The path to call, with its query
    #[arg(long, default_value = "/")]
    path: String,
    /// Make the call async
    #[arg(long = "async")]
    asynchronous: bool,
}

impl Options {
    fn address(&self) -> &str {
        self.gateway.as_deref().or(self.serial.as_deref()).unwrap_or_default()
    }

    /// Returns the name that the gateway's certificate must have.
    fn name(&self) -> &str {
        let host = self.address().rsplit_once(':').map_or(self.address(), |(host, _)| host);
        self.name.as_deref().unwrap_or(host)
    }

    fn framing(&self) -> Result<Framing<'_>, callcontainer::Error> {
        match &self.gateway {
            Some(host) => Framing::http(host, self.token.as_deref()),
            None if self.check => Ok(Framing::CHECKED_LINE),
            None => Ok(Framing::LINE),
        }
    }

    fn request(&self) -> Request<'_> {
        let request = Request::new(&self.path).with_env(&self.env);
        match &self.service {
            Some(service) => request.with_service(service),
            None => request,
        }
    }
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(Outcome::Response { .. }) => ExitCode::SUCCESS,
        Ok(Outcome::Failure { .. }) => ExitCode::FAILURE,
        Err(wrong) => {
            // With the standard error gone too, the exit code has to do.
            let _ = writeln!(io::stderr(), "device: {wrong}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<Outcome, Wrong> {
    // What the standard library makes for its own use is not the call's.
    io::stdout().flush()?;
    let authority = options.ca.as_ref().map(|file| authority(&std::fs::read(file)?)).transpose()?;
    let trust = authority.as_deref().map(|authority| tls::Trust { ca: authority, server_name: options.name() });
    if options.asynchronous {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        return runtime.block_on(async {
            let socket = Socket::connect(options.address()).await?;
            // Nor is what tokio makes for its own use the first time that something gives way, as long reads do.
            tokio::task::yield_now().await;
            let heap = Heap::watch();
            let Some(trust) = trust else { return make_call_async(options, &heap, socket).await };
            let mut records = tls::Records::new();
            let opened = tls::open::<Clock, _>(socket, &mut records, trust, &mut OsRng).await;
            make_call_async(options, &heap, opened.map_err(Untrusted)?).await
        });
    }
    let mut socket = StdTcp::connect(options.address(), PATIENCE)?;
    socket.set_deadline(PATIENCE);
    let heap = Heap::watch();
    let Some(trust) = trust else { return make_call(options, &heap, socket) };
    let mut records = tls::Records::new();
    let opened = tls::open_blocking::<Clock, _>(socket, &mut records, trust, &mut OsRng);
    make_call(options, &heap, opened.map_err(Untrusted)?)
}

/// The time of day, by which certificates are valid or not.
struct Clock;

impl embedded_tls::TlsClock for Clock {
    fn now() -> Option<u64> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|time| time.as_secs())
    }
}

/// Why the other end is not spoken to.
#[derive(Debug)]
struct Untrusted(embedded_tls::TlsError);

impl std::fmt::Display for Untrusted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TLS: {:?}", self.0)
    }
}

impl std::error::Error for Untrusted {}

/// Returns the DER of a certificate in a file.
fn authority(file: &[u8]) -> Result<Vec<u8>, Wrong> {
    let Some((_, pem)) = str::from_utf8(file).ok().and_then(|text| text.split_once("-----BEGIN CERTIFICATE-----"))
    else {
        return Ok(file.to_vec());
    };
    let (lines, _) = pem.split_once("-----END CERTIFICATE-----").ok_or("the certificate has no end")?;
    let digits: String = lines.split_whitespace().collect();
    Ok(base64::prelude::BASE64_STANDARD.decode(digits)?)
}

fn make_call<C>(options: &Options, heap: &Heap, connection: C) -> Result<Outcome, Wrong>
where
    C: embedded_io::Read<Error: 'static> + embedded_io::Write,
{
    let mut cloud = cloud()?;
    cloud.init(connection, options.framing()?);
    let request = options.request();
    let mut reply = cloud.start(&request)?.stream();
    let heard = hear(&mut reply);
    report(heap, size_of_val(&reply), &heard)?;
    Ok(heard?)
}

/// As [`make_call`], async.
async fn make_call_async<C>(options: &Options, heap: &Heap, connection: C) -> Result<Outcome, Wrong>
where
    C: embedded_io_async::Read<Error: 'static> + embedded_io_async::Write,
{
    let mut cloud = cloud()?;
    cloud.init(connection, options.framing()?);
    let request = options.request();
    let mut reply = cloud.start(&request)?.stream();
    let heard = hear_async(&mut reply).await;
    report(heap, size_of_val(&reply), &heard)?;
    Ok(heard?)
}

/// A cloud whose calls begin at the time of day: no earlier run has reached it, as long as the clock goes forward.
fn cloud<'f, C>() -> Result<Cloud<'f, C, WINDOW>, Wrong> {
    let time = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(Cloud::new(u64::try_from(time)?))
}

/// Says what memory a call took. What it keeps on the stack beside the window is `reply` bytes, and no window.
fn report<E>(heap: &Heap, reply: usize, heard: &Result<Outcome, E>) -> io::Result<()> {
    let (bytes, allocations) = heap.used();
    let mut stderr = io::stderr().lock();
    match heard {
        Ok(Outcome::Response { status }) => writeln!(stderr, "device: status {status}")?,
        Ok(Outcome::Failure { code: Some(code) }) => writeln!(stderr, "device: failure {code}")?,
        Ok(Outcome::Failure { code: None }) => writeln!(stderr, "device: failure")?,
        Err(_) => {}
    }
    writeln!(
        stderr,
        "device: window {WINDOW} bytes, state of the call {reply} bytes, heap at most {bytes} bytes in {allocations} allocations"
    )
}

/// Why a reply was not heard to its end.
#[derive(Debug)]
enum Stopped<E> {
    Call(CallError<E>),
    Output(io::Error),
}

impl<E: std::fmt::Debug> std::fmt::Display for Stopped<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::Output(error) => write!(f, "the standard output: {error}"),
        }
    }
}

impl<E: std::fmt::Debug> std::error::Error for Stopped<E> {}

impl<E> From<CallError<E>> for Stopped<E> {
    fn from(error: CallError<E>) -> Self {
        Self::Call(error)
    }
}

impl<E> From<io::Error> for Stopped<E> {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Takes the reply as it comes.
fn hear<C>(reply: &mut ReplyStream<'_, C>) -> Result<Outcome, Stopped<C::Error>>
where
    C: embedded_io::Read + embedded_io::Write,
{
    use embedded_io::BufRead;
    let mut stdout = io::stdout().lock();
    loop {
        match reply.next_event()? {
            Some(Event::Data(_)) => {
                let mut body = reply.body();
                while let piece @ [_, ..] = body.fill_buf()? {
                    stdout.write_all(piece)?;
                    let length = piece.len();
                    body.consume(length);
                }
            }
            Some(other) => message(&other)?,
            None => break,
        }
    }
    stdout.flush()?;
    reply.outcome().ok_or(Stopped::Call(CallError::UnexpectedEof))
}

/// As [`hear`], async.
async fn hear_async<C>(reply: &mut ReplyStream<'_, C>) -> Result<Outcome, Stopped<C::Error>>
where
    C: embedded_io_async::Read + embedded_io_async::Write,
{
    use embedded_io_async::BufRead;
    let mut stdout = io::stdout();
    loop {
        match reply.next_event_async().await? {
            Some(Event::Data(_)) => {
                let mut body = reply.body();
                while let piece @ [_, ..] = body.fill_buf().await? {
                    stdout.write_all(piece)?;
                    let length = piece.len();
                    body.consume(length);
                }
            }
            Some(other) => message(&other)?,
            None => break,
        }
    }
    stdout.flush()?;
    reply.outcome().ok_or(Stopped::Call(CallError::UnexpectedEof))
}

/// Says what `errMsg` says, as it comes.
fn message(event: &Event<'_>) -> io::Result<()> {
    if let Event::Text { field: Field::ErrMsg, text, last } = event {
        write!(io::stderr(), "{text}{}", if *last { "\n" } else { "" })?;
    }
    Ok(())
}
