//! A gateway: everything but the process that it runs in.
//!
//! A call flows down this list and its answer back up. Nothing is kept from one call to the next but idle connections to
//! services, so any number of gateways with the same options answer alike.
//!
//! | module | knows | does not know |
//! |---|---|---|
//! | `options` | the command line | what becomes of it |
//! | `server` | listening sockets, and when to stop | what is said on a connection |
//! | `places` | how many connections there may be, and which has to go | what is said on one |
//! | `stranger` | how long a peer may be slow | what the bytes mean |
//! | `connection` | how long a connection may wait, and what is no request | what a call is |
//! | `door` | which HTTP request is a call, and whose | what is in the envelope |
//! | `head` | what the head of a request must hold, and the token in it | whose the token is |
//! | `forwarded` | whose call a proxy passes on | what the call is |
//! | `line` | where an envelope on a serial line ends | what is in it |
//! | `opening` | what a line cannot begin with | what a line is |
//! | `directory` | callers, the environment, its services | how a call arrived |
//! | `call` | one call, from envelope to envelope | sockets of callers |
//! | `upstream` | connections to services, and one exchange over them | who calls |
//! | `record` | the line in the log | anything secret |

mod call;
mod connection;
mod directory;
mod door;
mod forwarded;
mod head;
mod line;
mod opening;
mod options;
mod places;
mod record;
mod server;
mod stranger;
mod upstream;

pub use options::Options;
pub use server::Gateway;
