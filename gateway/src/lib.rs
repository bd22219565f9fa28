//! A gateway: everything but the process that it runs in.
//!
//! A call passes down this list and its answer back up. Nothing is kept between calls except idle connections to
//! services, so any number of gateways with the same configuration answer alike.
//!
//! | module | knows | knows nothing of |
//! |---|---|---|
//! | `options` | the command line | what it is used for |
//! | `file` | the configuration file, and where it is wrong | what it is used for |
//! | `values` | the rules of single values | where they are configured |
//! | `settings` | what can be configured | where it is configured |
//! | `digest` | what a token is known by | who it belongs to |
//! | `certificate` | what a client certificate is known by | who it belongs to |
//! | `tls` | whose certificates are accepted | who they belong to |
//! | `server` | listening sockets, and when to stop | the data on a connection |
//! | `places` | how many connections there may be, and which one to drop | the data on a connection |
//! | `stranger` | how long a peer may be slow | what the bytes mean |
//! | `connection` | how long a connection may wait, and what is not a request | calls |
//! | `door` | which HTTP request is a call, and who it belongs to | what is in the envelope |
//! | `body` | how long the body of a request may be, and take | what it means |
//! | `answer` | how an HTTP answer is put together | when one is due |
//! | `head` | what the head of a request must contain, and the token in it | who the token belongs to |
//! | `forwarded` | where a call comes from that a proxy passes on | the call |
//! | `line` | where an envelope on a serial line ends | what is in it |
//! | `opening` | what a line cannot begin with | what a line is |
//! | `directory` | callers, environments, their services | how a call arrived |
//! | `call` | one call, from envelope to envelope | the sockets of callers |
//! | `open_door` | which request of the open API is a call, and whether its caller may call | services |
//! | `open_call` | one call of the open API, from request to response | the sockets of callers |
//! | `passage` | what of a request reaches a service, and what of its response the caller | who calls |
//! | `fault` | the errors of the open API | what went wrong |
//! | `upstream` | the connections to a service, and what is sent a second time | who calls |
//! | `origin` | where a service listens, and what it speaks | connections |
//! | `shared` | one connection to a service that many calls share | which service it is |
//! | `link` | one connection to a service, and one exchange over it | which service it is |
//! | `wire` | whether anything of an answer has come | what was asked |
//! | `record` | the line in the log | anything secret |
//! | `metrics` | how many lines there were, and what they come to | any one call |
//! | `monitor` | what whoever runs the gateway may ask | calls |

mod answer;
mod body;
mod call;
mod certificate;
mod connection;
mod digest;
mod directory;
mod door;
mod fault;
mod file;
mod forwarded;
mod head;
mod line;
mod link;
mod metrics;
mod monitor;
mod open_call;
mod open_door;
mod opening;
mod options;
mod origin;
mod passage;
mod places;
mod record;
mod server;
mod settings;
mod shared;
mod stranger;
mod tls;
mod upstream;
mod values;
mod wire;

pub use options::Options;
pub use server::{Gateway, NotStarted};
pub use settings::{Problem, Settings};

/// What the README says of limits, and what no test has the time to wait for.
#[cfg(test)]
mod tests {
    use super::{body, connection, line, link, monitor, server, shared, stranger, upstream};
    use std::time::Duration;

    #[test]
    fn limits_are_as_documented() {
        let seconds = Duration::from_secs;
        assert_eq!((server::CONNECTIONS, server::SHARE, server::LINES), (640, 512, 64));
        assert_eq!(server::LINE_KEEPALIVE, (seconds(30), seconds(10), 3));
        assert_eq!((server::GRACE, server::QUEUE), (seconds(20), 1024));
        assert_eq!((connection::HEAD, connection::HEAD_BYTES), (seconds(10), 16 * 1024));
        assert_eq!(connection::UNDERWAY, seconds(1));
        assert_eq!(body::BODY, seconds(20));
        assert_eq!((stranger::STALL, stranger::LINGER), (seconds(20), seconds(5)));
        assert_eq!((upstream::IDLE, upstream::IDLE_CONNECTIONS), (seconds(4), 64));
        assert_eq!((shared::CALLS, shared::SILENCE), (100, seconds(5)));
        assert_eq!((monitor::CONNECTIONS, monitor::TIME, monitor::HEAD_BYTES), (16, seconds(5), 8 * 1024));
        assert_eq!(link::HEAD_BYTES, 32 * 1024);
        // An envelope of the greatest length, and its check.
        assert_eq!(line::LINE_LIMIT, 102_400 + 9);
    }
}
