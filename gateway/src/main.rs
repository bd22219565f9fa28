//! A gateway for `callContainer`: receives envelopes over HTTP, and passes them on to the services of one environment.
//!
//! ```text
//! cargo run --release -p callcontainer-gateway -- --listen 127.0.0.1:8080 --env prod-01 --owner WXAAA \
//!     --service shop=127.0.0.1:9000 --caller s3cret=WXAAA,o-alice
//! ```
//!
//! This file is the process: its arguments, its signals, its exit code. The gateway itself is the library.

use std::io::{self, Write as _};
use std::process::ExitCode;

use callcontainer_gateway::{Gateway, Options};
use tokio::signal::unix::{Signal, SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    match run(options).await {
        Ok(status) => status,
        Err(error) => {
            // If the standard error is gone too, the exit code must be enough.
            let _ = writeln!(io::stderr(), "callcontainer-gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until a signal to stop, and then until the calls in flight are done. A second signal stops at once.
async fn run(options: Options) -> io::Result<ExitCode> {
    let mut signals = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let gateway = Gateway::start(options).await?;
    // The parent process waits for this line, which contains the port. A closed standard output is no reason to stop.
    let _ = writeln!(io::stdout(), "listening on http://{}", gateway.address());
    if let Some(address) = gateway.serial() {
        let _ = writeln!(io::stdout(), "listening for lines on {address}");
    }

    next(&mut signals).await;
    tokio::select! {
        () = gateway.stop() => Ok(ExitCode::SUCCESS),
        () = next(&mut signals) => Ok(ExitCode::FAILURE),
    }
}

async fn next((interrupt, terminate): &mut (Signal, Signal)) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
