//! The lines in the log: what a call was and how it ended, and who was rejected. Each is counted as it is written.
//!
//! Knows IDs, names, numbers, the addresses of peers and the operator's own problems. Knows no token, openid or
//! unionid, and no header, path, query or body, so none of them can get into the log.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use callcontainer::gateway::{Refusal, Relation};
use callcontainer::{ErrorCode, Text};

use super::metrics::{self, ABANDONED, DURATIONS, EVENTS, FAILURES, FAULTS, RECEIVED, REJECTED, RESPONSES, SENT};

/// What is known about a call so far. When dropped, it is counted and writes its line to the standard error, so that a
/// call whose client disconnects early is logged too.
pub struct Record {
    begun: Instant,
    call_id: Option<String>,
    env: Option<String>,
    service: Option<String>,
    relation: Option<Relation>,
    received: usize,
    sent: usize,
    outcome: Outcome,
    trouble: Option<String>,
}

enum Outcome {
    /// Nobody waits for the answer any more.
    Abandoned,
    /// The service answered with this status.
    Status(u16),
    /// The call failed with this code.
    Code(ErrorCode),
    /// The call of the open API failed with this code.
    Fault(&'static str),
    /// It was not a call: another line says so.
    Rejected,
}

impl Record {
    /// A call begins.
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            call_id: None,
            env: None,
            service: None,
            relation: None,
            received: 0,
            sent: 0,
            outcome: Outcome::Abandoned,
            trouble: None,
        }
    }

    /// Records the length of the envelope, or of the part of it that was read.
    pub fn received(&mut self, bytes: usize) {
        self.received = bytes;
    }

    /// Records the names in the decoded envelope.
    pub fn names(&mut self, call_id: Text<'_>, env: Option<Text<'_>>, service: Option<Text<'_>>) {
        self.call_id = Some(call_id.to_string());
        self.env = env.map(|text| text.to_string());
        self.service = service.map(|text| text.to_string());
    }

    /// Records that the call may go on to its service.
    pub fn permitted(&mut self, relation: Relation) {
        self.relation = Some(relation);
    }

    /// Records a problem with a connection for the operator, in our own words or those of the operating system.
    pub fn trouble(&mut self, trouble: String) {
        self.trouble = Some(trouble);
    }

    /// Records that a response is returned.
    pub fn answered(&mut self, status: u16, bytes: usize) {
        self.outcome = Outcome::Status(status);
        self.sent = bytes;
    }

    /// Records that a failure is returned.
    pub fn refused(&mut self, refusal: &Refusal, bytes: usize) {
        self.outcome = Outcome::Code(refusal.code());
        self.sent = bytes;
        self.trouble.get_or_insert_with(|| refusal.to_string());
    }

    /// Records that an error of the open API is returned.
    pub fn failed(&mut self, code: &'static str, trouble: &str, bytes: usize) {
        self.outcome = Outcome::Fault(code);
        self.sent = bytes;
        self.trouble.get_or_insert_with(|| trouble.to_owned());
    }

    /// The envelope did not arrive, so this was not a call: it is answered with this status.
    pub fn rejected(mut self, status: u16, peer: IpAddr, trouble: &str) {
        self.outcome = Outcome::Rejected;
        rejected(status, peer, trouble);
    }

    fn line(&self, took: Duration) -> String {
        let mut line = beginning();
        field(&mut line, "call", self.call_id.as_deref());
        field(&mut line, "env", self.env.as_deref());
        field(&mut line, "service", self.service.as_deref());
        let caller = self.relation.map(|relation| match relation {
            Relation::Own => "own",
            Relation::Reuse => "reuse",
            Relation::Public => "public",
        });
        field(&mut line, "caller", caller);
        let (name, value) = match self.outcome {
            Outcome::Abandoned => ("code", "abandoned".to_owned()),
            Outcome::Status(status) => ("status", status.to_string()),
            Outcome::Code(code) => ("code", code.to_string()),
            Outcome::Fault(code) => ("code", code.to_owned()),
            Outcome::Rejected => return line,
        };
        field(&mut line, name, Some(&value));
        let milliseconds = took.as_secs_f64() * 1000.0;
        let _ = write!(line, " in={} out={} ms={milliseconds:.1}", self.received, self.sent);
        if let Some(trouble) = &self.trouble {
            field(&mut line, "trouble", Some(trouble));
        }
        line
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        match self.outcome {
            Outcome::Abandoned => ABANDONED.add(1),
            Outcome::Status(status) => RESPONSES.count(&metrics::class(status)),
            Outcome::Code(code) => FAILURES.count(&code),
            Outcome::Fault(code) => FAULTS.count(&code),
            Outcome::Rejected => return,
        }
        let took = self.begun.elapsed();
        DURATIONS.observe(took);
        RECEIVED.add(self.received as u64);
        SENT.add(self.sent as u64);
        write(self.line(took));
    }
}

/// Logs an event that does not belong to a call, and the peer of its connection, if it belongs to one.
pub fn note(event: &'static str, peer: Option<IpAddr>, trouble: &str) {
    EVENTS.count(&event);
    let mut line = beginning();
    field(&mut line, "event", Some(event));
    if let Some(peer) = peer {
        field(&mut line, "peer", Some(&peer.to_string()));
    }
    field(&mut line, "trouble", Some(trouble));
    write(line);
}

/// Logs that another configuration is in effect.
pub fn reloaded(file: &str, envs: usize, callers: usize) {
    EVENTS.count(&"reloaded");
    let mut line = beginning();
    field(&mut line, "event", Some("reloaded"));
    field(&mut line, "file", Some(file));
    let _ = write!(line, " envs={envs} callers={callers}");
    write(line);
}

/// Logs that a configuration is broken, so that the one before it stays in effect.
pub fn not_reloaded(at: &str, trouble: &str) {
    EVENTS.count(&"not-reloaded");
    let mut line = beginning();
    field(&mut line, "event", Some("not-reloaded"));
    field(&mut line, "at", Some(at));
    field(&mut line, "trouble", Some(trouble));
    write(line);
}

/// Logs that a request is answered with this status because it is not a call, or because its caller may not call.
pub fn rejected(status: u16, peer: IpAddr, trouble: &str) {
    REJECTED.count(&status);
    let mut line = beginning();
    field(&mut line, "event", Some("rejected"));
    field(&mut line, "status", Some(&status.to_string()));
    field(&mut line, "peer", Some(&peer.to_string()));
    field(&mut line, "trouble", Some(trouble));
    write(line);
}

fn beginning() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("time={}.{:03}", now.as_secs(), now.subsec_millis())
}

fn write(mut line: String) {
    line.push('\n');
    // A single write, so that lines of different calls do not mix. If the log is gone, there is nobody to tell.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// Adds a field in logfmt. Input from strangers is escaped, so it cannot leave its line or its field.
fn field(line: &mut String, name: &str, value: Option<&str>) {
    let value = value.unwrap_or("-");
    let plain =
        !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'=' | b'\\'));
    let _ = if plain { write!(line, " {name}={value}") } else { write!(line, " {name}={value:?}") };
}
