//! A device with little memory: makes a call with a window of 512 bytes, however large the reply; through a gateway, or
//! to the platform itself.
//!
//! ```text
//! cargo run --release --example device -- --gateway 127.0.0.1:8080 --token s3cret --env prod-01 \
//!     --service shop --path /catalogue > catalogue.json
//! cargo run --release --example device -- --open-api --tls --env prod-01 --service shop --path /catalogue
//! ```
//!
//! The body of the response goes to the standard output as it comes; to the standard error goes what became of the
//! call, and what memory it took. The exit code is 0 when there is a response, whatever its status. Before that the end
//! of the body has not been checked: what was written then is not to be trusted.
//!
//! This file knows the order of a call, blocking and async, which are the same but for the waiting.

mod memory;
mod public_tls;
mod socket;
mod tls;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use callcontainer::client::{CallError, Cloud, Deadline as _, Framing, OpenApiHost, ReplyStream, StdTcp};
use callcontainer::stream::{Event, Field, Outcome};
use callcontainer::{Request, embedded_io, embedded_io_async};
use clap::error::ErrorKind;
use clap::{ArgGroup, CommandFactory as _, Parser};
use memory::Heap;
use rand_core::OsRng;
use socket::Socket;

/// How long the other end may take to be there, and the whole call, in milliseconds: a little more than the longest
/// call.
const PATIENCE: u32 = 16_000;

/// Bytes of the window, which is all that a reply passes through.
const WINDOW: usize = 512;

type Wrong = Box<dyn std::error::Error>;

/// Where the token stands when the command line, which others on the machine can read, does not have it.
const TOKEN: &str = "CALLCONTAINER_TOKEN";

/// Calls a container as a device with little memory does, and says what memory it took.
#[derive(Parser)]
#[command(name = "device", group(ArgGroup::new("way").required(true).args(["gateway", "serial", "domain", "open_api"])))]
struct Options {
    /// Where the gateway listens for HTTP
    #[arg(long, value_name = "ADDR")]
    gateway: Option<String>,
    /// Where the gateway listens for one envelope a line, as on a serial port
    #[arg(long, value_name = "ADDR")]
    serial: Option<String>,
    /// The service's own domain, with the port unless it is 80, or 443 with TLS
    #[arg(long, value_name = "HOST")]
    domain: Option<String>,
    /// The platform's open HTTP API
    #[arg(long, requires = "service")]
    open_api: bool,
    /// The host of the open HTTP API, unless it is that of the environment
    #[arg(long, conflicts_with_all = ["gateway", "serial", "domain"])]
    host: Option<String>,
    /// The environment is not in China
    #[arg(long, conflicts_with_all = ["gateway", "serial", "domain", "host"])]
    abroad: bool,
    /// The bearer token of the device; without it, the variable CALLCONTAINER_TOKEN
    #[arg(long, conflicts_with_all = ["serial", "domain"])]
    token: Option<String>,
    /// Speak TLS with the server, which an authority vouches for that the system trusts
    #[arg(long, conflicts_with = "serial")]
    tls: bool,
    /// The one authority to trust instead, as PEM or DER, with TLS 1.3 that takes no heap: it has signed the server's
    /// certificate itself, on the curve P-256
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca: Option<PathBuf>,
    /// The name in the server's certificate, unless it is that of its address
    #[arg(long, requires = "tls")]
    name: Option<String>,
    /// Send a check behind every line, and insist on one
    #[arg(long, conflicts_with_all = ["gateway", "domain", "open_api"])]
    check: bool,
    /// The environment to call
    #[arg(long, required_unless_present_any = ["domain", "host"])]
    env: Option<String>,
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
    /// Returns the options of the command line, with what it leaves to other places. Ends the process, with code 2, when
    /// they are wrong.
    fn get() -> Self {
        let mut options = Self::parse();
        let fail = |kind, why: String| -> ! { Self::command().error(kind, why).exit() };
        if options.gateway.is_some() || options.open_api {
            options.token = options.token.or_else(|| std::env::var(TOKEN).ok());
            if options.token.is_none() {
                fail(ErrorKind::MissingRequiredArgument, format!("there is neither --token nor {TOKEN}"));
            }
        }
        if let (true, None, Some(env)) = (options.open_api, &options.host, &options.env) {
            let host = if options.abroad { OpenApiHost::abroad(env) } else { OpenApiHost::new(env) };
            match host {
                Ok(host) => options.host = Some(host.to_string()),
                Err(error) => fail(ErrorKind::ValueValidation, format!("--env: {error}")),
            }
        }
        options
    }

    /// Returns the server, as it was given.
    fn server(&self) -> &str {
        let given = [&self.gateway, &self.serial, &self.domain, &self.host];
        given.into_iter().flatten().next().map_or("", String::as_str)
    }

    /// Returns the server without its port, and whether it has one.
    fn host(&self) -> (&str, bool) {
        match self.server().rsplit_once(':') {
            // Not what is inside the brackets of an IPv6 address.
            Some((host, port)) if !port.ends_with(']') => (host, true),
            _ => (self.server(), false),
        }
    }

    fn address(&self) -> String {
        match (self.host(), self.tls) {
            ((_, true), _) => self.server().to_owned(),
            ((host, false), true) => format!("{host}:443"),
            ((host, false), false) => format!("{host}:80"),
        }
    }

    /// Returns the name that the server's certificate must have.
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.host().0.trim_matches(['[', ']']))
    }

    fn framing(&self) -> Result<Framing<'_>, callcontainer::Error> {
        match (&self.service, &self.token) {
            (Some(service), Some(token)) if self.open_api => Framing::open_api(self.server(), service, token),
            _ if self.domain.is_some() => Framing::domain(self.server()),
            _ if self.gateway.is_some() => Framing::http(self.server(), self.token.as_deref()),
            _ if self.check => Ok(Framing::CHECKED_LINE),
            _ => Ok(Framing::LINE),
        }
    }

    fn request(&self) -> Request<'_> {
        let mut request = Request::new(&self.path);
        if let Some(env) = &self.env {
            request = request.with_env(env);
        }
        if let Some(service) = &self.service {
            request = request.with_service(service);
        }
        request
    }
}

fn main() -> ExitCode {
    match run(&Options::get()) {
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
    let address = options.address();
    if options.asynchronous {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        return runtime.block_on(async {
            let socket = Socket::connect(&address).await?;
            // Nor is what tokio makes for its own use the first time that something gives way, as long reads do.
            tokio::task::yield_now().await;
            let heap = Heap::watch();
            let Some(trust) = trust else {
                if !options.tls {
                    return make_call_async(options, &heap, socket).await;
                }
                let opened = public_tls::open(socket, options.name()).await;
                return make_call_async(options, &heap, opened.map_err(|why| format!("TLS: {why}"))?).await;
            };
            let mut records = tls::Records::new();
            let opened = tls::open::<Clock, _>(socket, &mut records, trust, &mut OsRng).await;
            make_call_async(options, &heap, opened.map_err(|why| format!("TLS: {why:?}"))?).await
        });
    }
    let mut socket = StdTcp::connect(address, PATIENCE)?;
    socket.set_deadline(PATIENCE);
    let heap = Heap::watch();
    let Some(trust) = trust else {
        if !options.tls {
            return make_call(options, &heap, socket);
        }
        let opened = public_tls::open_blocking(socket, options.name());
        return make_call(options, &heap, opened.map_err(|why| format!("TLS: {why}"))?);
    };
    let mut records = tls::Records::new();
    let opened = tls::open_blocking::<Clock, _>(socket, &mut records, trust, &mut OsRng);
    make_call(options, &heap, opened.map_err(|why| format!("TLS: {why:?}"))?)
}

/// The time of day, by which certificates are valid or not.
struct Clock;

impl embedded_tls::TlsClock for Clock {
    fn now() -> Option<u64> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|time| time.as_secs())
    }
}

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
