//! The example `gateway`, run as its users run it: the built program, real sockets, services that misbehave.

#[path = "gateway_example/address.rs"]
mod address;
#[cfg(feature = "client")]
#[path = "gateway_example/client.rs"]
mod client;
#[path = "gateway_example/crowd.rs"]
mod crowd;
#[path = "gateway_example/device.rs"]
mod device;
#[path = "gateway_example/door.rs"]
mod door;
#[path = "gateway_example/faults.rs"]
mod faults;
#[path = "../examples/gateway/serve/forwarded.rs"]
mod forwarded;
#[path = "gateway_example/harness.rs"]
mod harness;
#[path = "gateway_example/identity.rs"]
mod identity;
#[path = "gateway_example/idle.rs"]
mod idle;
#[path = "gateway_example/limits.rs"]
mod limits;
#[path = "gateway_example/load.rs"]
mod load;
#[path = "gateway_example/log.rs"]
mod log;
#[path = "gateway_example/nginx.rs"]
mod nginx;
#[path = "gateway_example/opening.rs"]
mod opening;
#[path = "gateway_example/options.rs"]
mod options;
#[path = "gateway_example/rejected.rs"]
mod rejected;
#[path = "gateway_example/reuse.rs"]
mod reuse;
#[path = "gateway_example/roundtrip.rs"]
mod roundtrip;
#[path = "gateway_example/serial.rs"]
mod serial;
#[path = "gateway_example/service.rs"]
mod service;
#[cfg(feature = "client")]
#[path = "gateway_example/sleeper.rs"]
mod sleeper;
#[path = "gateway_example/stop.rs"]
mod stop;
