//! What a gateway serves and for whom, wherever it was configured. A value of these types has been checked whole.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::certificate::Name;
use super::digest::Digest;
use super::origin::Origin;
use super::tls::Tls;

/// Everything that can be replaced while the gateway runs.
pub struct Settings {
    pub envs: Vec<Environment>,
    pub callers: Vec<Caller>,
    /// The caller that serial lines belong to, by its number.
    pub line_caller: Option<usize>,
    pub proxies: Arc<[IpAddr]>,
    /// How long a connection may be idle.
    pub idle: Duration,
    /// How connections are encrypted, if they are.
    pub tls: Option<Arc<Tls>>,
}

/// An environment.
#[derive(Clone, Debug)]
pub struct Environment {
    pub name: String,
    /// The app that owns it.
    pub owner: String,
    /// The apps that its owner shares it with.
    pub shared_with: Vec<String>,
    /// Whether it is open to the public network.
    pub public: bool,
    pub services: Vec<Service>,
}

impl Environment {
    /// Whether an app may call it: its owner, or one that it is shared with.
    pub fn admits(&self, appid: &str) -> bool {
        self.owner == appid || self.shared_with.iter().any(|other| other == appid)
    }
}

/// A service and where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub name: String,
    pub origin: Origin,
}

/// A caller: what it is known by, and what services are told of it.
#[derive(Clone)]
pub struct Caller {
    /// Any of these tokens is its own.
    pub tokens: Vec<Digest>,
    /// A client certificate with any of these names is its own.
    pub certificates: Vec<Name>,
    pub appid: String,
    pub openid: String,
    pub unionid: Option<String>,
    pub access_token: Option<String>,
}

/// Says which app calls, and nothing that is secret.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("appid", &self.appid).finish_non_exhaustive()
    }
}

/// What is wrong with a configuration, and where. It repeats no value, since that may be a secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    /// From 1 on.
    pub line: usize,
    /// In characters, from 1 on.
    pub column: usize,
    pub sentence: String,
}

impl Problem {
    /// Where it is: `FILE:LINE:COLUMN`.
    pub fn place(&self) -> String {
        format!("{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.sentence)
    }
}
