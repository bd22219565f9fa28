//! Each stack of this package, run against the real gateway: what works, what is cut short, and what comes after it.

#[allow(dead_code, reason = "what the tests of the gateway use of it is more")]
#[path = "../../gateway/tests/program/authority.rs"]
mod authority;
#[path = "host/cable.rs"]
mod cable;
#[path = "host/cases.rs"]
mod cases;
#[path = "host/front.rs"]
mod front;
#[allow(dead_code, reason = "what the tests of the gateway use of it is more")]
#[path = "../../gateway/tests/program/harness.rs"]
mod harness;
#[path = "host/impostor.rs"]
mod impostor;
#[allow(dead_code, reason = "what the tests of the gateway use of it is more")]
#[path = "../../gateway/tests/program/nginx_server.rs"]
mod nginx_server;
#[allow(dead_code, reason = "what the tests of the gateway use of it is more")]
#[path = "../../gateway/tests/program/service.rs"]
mod service;
#[path = "host/site.rs"]
mod site;

#[path = "stacks/embassy_client.rs"]
mod embassy_client;
#[path = "stacks/embassy_socket.rs"]
mod embassy_socket;
#[path = "stacks/identity.rs"]
mod identity;
#[path = "stacks/now_and_then.rs"]
mod now_and_then;
#[path = "stacks/smoltcp_socket.rs"]
mod smoltcp_socket;
#[path = "stacks/std_socket.rs"]
mod std_socket;
#[path = "stacks/task.rs"]
mod task;
#[path = "stacks/tls.rs"]
mod tls;
#[path = "stacks/uart.rs"]
mod uart;

use std::path::PathBuf;
use std::sync::LazyLock;

/// The gateway: an example of this package, because a package's tests find no program but its own.
static GATEWAY: LazyLock<PathBuf> = LazyLock::new(|| harness::example("stacks-gateway"));
