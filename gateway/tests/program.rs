//! The gateway, run as its users run it: the built program, real sockets, services that misbehave.

#[path = "program/address.rs"]
mod address;
#[path = "program/authority.rs"]
mod authority;
#[path = "program/client.rs"]
mod client;
#[path = "program/config.rs"]
mod config;
#[path = "program/crowd.rs"]
mod crowd;
#[path = "program/device.rs"]
mod device;
#[path = "program/door.rs"]
mod door;
#[path = "program/faults.rs"]
mod faults;
#[path = "../src/forwarded.rs"]
mod forwarded;
#[path = "program/harness.rs"]
mod harness;
#[path = "program/identity.rs"]
mod identity;
#[path = "program/idle.rs"]
mod idle;
#[path = "program/limits.rs"]
mod limits;
#[path = "program/load.rs"]
mod load;
#[path = "program/log.rs"]
mod log;
#[path = "program/metrics.rs"]
mod metrics;
#[path = "program/mutual.rs"]
mod mutual;
#[path = "program/nginx.rs"]
mod nginx;
#[path = "program/nginx_server.rs"]
mod nginx_server;
#[path = "program/open_api.rs"]
mod open_api;
#[path = "program/opening.rs"]
mod opening;
#[path = "program/options.rs"]
mod options;
#[path = "program/random.rs"]
mod random;
#[path = "program/rejected.rs"]
mod rejected;
#[path = "program/reload.rs"]
mod reload;
#[path = "program/replicas.rs"]
mod replicas;
#[path = "program/reuse.rs"]
mod reuse;
#[path = "program/roundtrip.rs"]
mod roundtrip;
#[path = "program/serial.rs"]
mod serial;
#[path = "program/service.rs"]
mod service;
#[path = "program/sleeper.rs"]
mod sleeper;
#[path = "program/stop.rs"]
mod stop;
#[path = "program/tls.rs"]
mod tls;
#[path = "program/upstream.rs"]
mod upstream;

use std::path::PathBuf;
use std::sync::LazyLock;

/// The built program, or another that takes its options.
static GATEWAY: LazyLock<PathBuf> = LazyLock::new(|| {
    let other = std::env::var_os("CALLCONTAINER_GATEWAY");
    other.unwrap_or_else(|| env!("CARGO_BIN_EXE_callcontainer-gateway").into()).into()
});
