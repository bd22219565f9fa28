//! A device that signs in by itself, and calls a service through the platform's open HTTP API.
//!
//! ```text
//! cargo run --release --example token -- --env prod-01 --service shop --path /readings --device-id 5f0c9a4e
//! ```
//!
//! **What may live in a device** is a token of its own, as here, which ends after two hours, or a publishable key, which
//! may do no more than a stranger. An API key never: it may do everything, for ever, and can be read out of any device.
//!
//! Each body goes to the standard output. The exit code is 0 when each call has a response.

#[allow(dead_code, reason = "this program makes no async calls")]
#[path = "../device/public_tls.rs"]
mod public_tls;
mod session;
#[allow(dead_code, reason = "as above")]
#[path = "../device/socket.rs"]
mod socket;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use callcontainer::client::{Deadline as _, OpenApiHost, StdTcp};
use callcontainer::{Data, Reply, Request, embedded_io};
use clap::Parser;
use session::{Session, Trouble};

/// How long a connection may take to be there, and then to be done with, in milliseconds: a little more than the longest
/// call.
const PATIENCE: u32 = 16_000;

/// Signs in as a device, and calls a service.
#[derive(Parser)]
#[command(name = "token")]
struct Options {
    /// The environment to call
    #[arg(long)]
    env: String,
    /// The service to call
    #[arg(long)]
    service: String,
    /// The path to call, with its query
    #[arg(long, default_value = "/")]
    path: String,
    /// What this device is known by: chosen at random once, and kept
    #[arg(long)]
    device_id: String,
    /// How many calls to make
    #[arg(long, default_value_t = 1)]
    calls: u32,
    /// Seconds between two calls
    #[arg(long, default_value_t = 60)]
    pause: u64,
    /// Another host, with its port, to be spoken to without TLS
    #[arg(long, value_name = "HOST")]
    plain: Option<String>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(wrong) => {
            let _ = writeln!(io::stderr(), "token: {wrong}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether each call has a response.
fn run(options: &Options) -> Result<bool, Box<dyn std::error::Error>> {
    let connect = |address: &str| {
        let mut socket = StdTcp::connect(address, PATIENCE)?;
        socket.set_deadline(PATIENCE);
        Ok(socket)
    };
    if let Some(host) = &options.plain {
        return Ok(calls(options, host, || connect(host))?);
    }
    let host = OpenApiHost::new(&options.env)?;
    let address = format!("{host}:443");
    Ok(calls(options, host.as_str(), || public_tls::open_blocking(connect(&address)?, host.as_str()))?)
}

fn calls<C: embedded_io::Read<Error = io::Error> + embedded_io::Write>(
    options: &Options,
    host: &str,
    mut connect: impl FnMut() -> io::Result<C>,
) -> Result<bool, Trouble<io::Error>> {
    let mut session = Session::new(host, &options.service, &options.device_id);
    let begun = Instant::now();
    let mut buffer = [0; 8192];
    let mut are_responses = true;
    for number in 0..options.calls {
        if number > 0 {
            sleep(Duration::from_secs(options.pause));
        }
        let request = Request::new(&options.path);
        let shown = session.call(begun.elapsed().as_secs(), &mut connect, &request, &mut buffer, |reply| show(&reply));
        are_responses &= shown?.map_err(Trouble::Connect)?;
    }
    Ok(are_responses)
}

/// Shows what became of a call. Returns whether it is a response.
fn show(reply: &Reply<'_>) -> io::Result<bool> {
    match reply {
        Reply::Response(response) => {
            writeln!(io::stderr(), "token: status {}", response.status())?;
            match response.data() {
                // Bytes come only to whoever asks for them.
                Data::None | Data::Bytes(_) => writeln!(io::stdout())?,
                Data::Text(text) => writeln!(io::stdout(), "{text}")?,
                Data::Json(json) => writeln!(io::stdout(), "{json}")?,
            }
            Ok(true)
        }
        Reply::Failure(failure) => {
            writeln!(io::stderr(), "token: {}", failure.err_msg())?;
            Ok(false)
        }
    }
}
