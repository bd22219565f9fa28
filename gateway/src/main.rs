//! A gateway for `callContainer`: receives envelopes over HTTP, and passes them on to the services of environments.
//!
//! ```text
//! cargo run --release -p callcontainer-gateway -- --listen 127.0.0.1:8080 --env prod-01 --owner WXAAA \
//!     --service shop=127.0.0.1:9000 --caller s3cret=WXAAA,o-alice
//! ```
//!
//! This file is the process: its arguments, its signals, its exit code. The gateway itself is the library.

use std::io::{self, Write as _};
use std::process::ExitCode;

use callcontainer_gateway::{Gateway, NotStarted, Options};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

fn main() -> ExitCode {
    let options = Options::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let served = Runtime::new().and_then(|runtime| {
        let served = runtime.block_on(run(options));
        // Not once the file has been read or the name of a service found: either may take for ever.
        runtime.shutdown_background();
        served
    });
    served.unwrap_or_else(|error| {
        // If the standard error is gone too, the exit code must be enough.
        let _ = writeln!(io::stderr(), "callcontainer-gateway: {error}");
        ExitCode::FAILURE
    })
}

/// Serves until a signal to stop, and then until the calls in flight are done. A second signal stops at once. SIGHUP
/// rereads the configuration file, if there is one.
async fn run(options: Options) -> io::Result<ExitCode> {
    let mut signals = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    // Without a file, the signal ends the process, as it always does.
    let mut hangup = options.config.is_some().then(|| signal(SignalKind::hangup())).transpose()?;
    let gateway = match Gateway::start(options).await {
        Ok(gateway) => gateway,
        Err(error @ NotStarted::Broken(_)) => {
            let _ = writeln!(io::stderr(), "{error}");
            // As for wrong options.
            return Ok(ExitCode::from(2));
        }
        Err(NotStarted::Listen(error)) => return Err(error),
    };
    // The parent process waits for this line, which contains the port. A closed standard output is no reason to stop.
    let scheme = if gateway.is_encrypted() { "https" } else { "http" };
    let _ = writeln!(io::stdout(), "listening on {scheme}://{}", gateway.address());
    if let Some(address) = gateway.serial() {
        let _ = writeln!(io::stdout(), "listening for lines on {address}");
    }
    if let Some(address) = gateway.metrics() {
        let _ = writeln!(io::stdout(), "listening for metrics on http://{address}");
    }

    loop {
        // A signal to stop counts while the file is read, too.
        let reload = async {
            received(hangup.as_mut()).await;
            gateway.reload().await;
        };
        tokio::select! {
            () = next(&mut signals) => break,
            () = reload => {}
        }
    }
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

/// Waits for a signal, for ever if it is not listened for.
async fn received(signal: Option<&mut Signal>) {
    if let Some(signal) = signal
        && signal.recv().await.is_some()
    {
        return;
    }
    std::future::pending::<()>().await;
}
