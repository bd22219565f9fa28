//! A gateway: everything but the process that it runs in.
//!
//! A call flows down this list and its answer back up. Nothing is kept from one call to the next but idle connections to
//! services, so any number of gateways with the same options answer alike.
//!
//! | module | what it knows | what it must never know |
//! |---|---|---|
//! | `options` | the command line | what becomes of it |
//! | `server` | listening sockets, how many connections, when to stop | what an envelope is |
//! | `stranger` | how long a peer may be slow | what the bytes mean |
//! | `door` | which HTTP request is a call, and whose | what is in the envelope |
//! | `line` | where an envelope on a serial line ends | what is in it |
//! | `directory` | callers, the environment, its services | how a call arrived |
//! | `call` | one call, from envelope to envelope | sockets of callers |
//! | `upstream` | connections to services, and one exchange over them | who calls |
//! | `record` | the line in the log | anything secret |

mod call;
mod directory;
mod door;
mod line;
mod options;
mod record;
mod server;
mod stranger;
mod upstream;

pub use options::Options;
pub use server::Gateway;
