//! What the access log is told of a call, in logfmt: how it ended, or why it was none.
//!
//! Knows IDs, names, numbers and the addresses of peers. Knows no token, openid or unionid, and no header, path, query or
//! body, so none of them can get into the log.

use std::fmt::Write as _;
use std::net::IpAddr;

use callcontainer::gateway::{Refusal, Relation};

use super::host;

/// What is known about a call so far.
#[derive(Default)]
pub struct Record {
    pub call_id: String,
    pub env: Option<String>,
    pub service: Option<String>,
    pub relation: Option<Relation>,
    /// The length of what came, in bytes.
    pub received: usize,
    /// Why the proxy got no response, in its own words.
    pub trouble: Option<String>,
}

impl Record {
    /// The service has answered with this status, and the caller gets this number of bytes.
    pub fn answered(&self, status: u16, sent: usize) {
        self.tell("status", &status.to_string(), sent, None);
    }

    pub fn refused(&self, refusal: &Refusal, sent: usize) {
        self.tell("code", &refusal.code().to_string(), sent, Some(&refusal.to_string()));
    }

    /// The call of the open API has failed with this code.
    pub fn failed(&self, code: &str, trouble: &str, sent: usize) {
        self.tell("code", code, sent, Some(trouble));
    }

    /// Nobody waits for an answer any more.
    pub fn abandoned(&self) {
        self.tell("code", "abandoned", 0, None);
    }

    fn tell(&self, name: &str, outcome: &str, sent: usize, trouble: Option<&str>) {
        let mut line = String::with_capacity(192);
        let relation = self.relation.map(|relation| match relation {
            Relation::Own => "own",
            Relation::Reuse => "reuse",
            Relation::Public => "public",
        });
        field(&mut line, "call", Some(&self.call_id));
        field(&mut line, "env", self.env.as_deref());
        field(&mut line, "service", self.service.as_deref());
        field(&mut line, "caller", relation);
        field(&mut line, name, Some(outcome));
        let _ = write!(line, " in={} out={sent}", self.received);
        host::note("line", &line);
        if let Some(trouble) = self.trouble.as_deref().or(trouble) {
            let mut line = String::new();
            field(&mut line, "trouble", Some(trouble));
            host::note("trouble", &line);
        }
    }
}

/// A request is answered with this status, because it is no call or its caller may not call.
pub fn rejected(status: u16, peer: Option<IpAddr>, trouble: &str) {
    let mut line = String::new();
    field(&mut line, "event", Some("rejected"));
    field(&mut line, "status", Some(&status.to_string()));
    field(&mut line, "peer", peer.map(|peer| peer.to_string()).as_deref());
    field(&mut line, "trouble", Some(trouble));
    host::note("line", &line);
}

/// This request is nothing to tell of.
pub fn nothing() {
    host::note("quiet", "1");
}

/// Adds a field, with a space before it. What strangers write is escaped, so that it cannot leave its line or its field.
fn field(line: &mut String, name: &str, value: Option<&str>) {
    let value = value.unwrap_or("-");
    let is_plain =
        !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'=' | b'\\'));
    let _ = if is_plain { write!(line, " {name}={value}") } else { write!(line, " {name}={value:?}") };
}
