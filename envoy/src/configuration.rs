//! The configuration of the filter: JSON, checked as a whole before any of it is used.

use std::collections::HashSet;
use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;

use serde::Deserialize;

/// What the filter is told.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The environment.
    pub env: String,
    /// The app that owns it.
    pub owner: String,
    /// The apps that the owner shares it with.
    #[serde(default)]
    pub share: Vec<String>,
    /// Whether it is open to other clients.
    #[serde(default)]
    pub public: bool,
    pub services: Vec<Service>,
    #[serde(default)]
    pub callers: Vec<Caller>,
    pub jwt: Option<Jwt>,
    /// The proxies in front, which say in `X-Forwarded-For` where a call comes from.
    #[serde(default)]
    pub proxies: Vec<IpAddr>,
    /// The value of `X-WX-SOURCE`.
    #[serde(default = "source")]
    pub source: String,
    /// The header that tells routes which service is called.
    #[serde(default = "service_header")]
    pub service_header: String,
    /// When it came into force, in nanoseconds since 1970: no two proxies make the same IDs.
    #[serde(skip)]
    pub started: u64,
}

/// A service of the environment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub name: String,
    /// The value of `Host`, which is the name if this is missing.
    pub host: Option<String>,
    /// Whether the proxy speaks HTTP/2 to it.
    #[serde(default)]
    pub http2: bool,
}

impl Service {
    pub fn host(&self) -> &str {
        self.host.as_deref().unwrap_or(&self.name)
    }
}

/// Who calls with a token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    pub token: String,
    pub appid: String,
    pub openid: String,
    pub unionid: Option<String>,
    pub access_token: Option<String>,
}

/// Where the claims are of a JWT that the proxy has checked, and which of them say who calls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    /// The `payload_in_metadata` of the provider in Envoy's `jwt_authn`.
    pub metadata: String,
    #[serde(default = "appid")]
    pub appid: String,
    #[serde(default = "openid")]
    pub openid: String,
    #[serde(default = "unionid")]
    pub unionid: String,
}

fn source() -> String {
    "wx_client".to_owned()
}

fn service_header() -> String {
    "x-wx-service".to_owned()
}

fn appid() -> String {
    "appid".to_owned()
}

fn openid() -> String {
    "sub".to_owned()
}

fn unionid() -> String {
    "unionid".to_owned()
}

/// What is wrong in a configuration, without anything secret.
pub struct Wrong(String);

impl Display for Wrong {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration is wrong: {}", self.0)
    }
}

impl Configuration {
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn read(json: &[u8]) -> Result<Self, Wrong> {
        let mut configuration: Self = serde_json::from_slice(json).map_err(|error| Wrong(shown(&error)))?;
        configuration.check().map_err(Wrong)?;
        configuration.proxies.iter_mut().for_each(|proxy| *proxy = proxy.to_canonical());
        Ok(configuration)
    }

    fn check(&self) -> Result<(), String> {
        name("env", &self.env)?;
        name("owner", &self.owner)?;
        name("source", &self.source)?;
        self.share.iter().try_for_each(|appid| name("an appid in share", appid))?;
        if self.services.is_empty() {
            return Err("services is empty".to_owned());
        }
        let mut names = HashSet::new();
        for service in &self.services {
            if !is_service_name(&service.name) {
                return Err(
                    "the name of a service is at most 60 letters, digits, '-' and '_', begins with a letter and \
                            ends with a letter or digit"
                        .to_owned(),
                );
            }
            if !names.insert(&service.name) {
                return Err(format!("the service {} is there twice", service.name));
            }
            if service.host.as_ref().is_some_and(|host| host.is_empty() || !host.bytes().all(is_of_host)) {
                return Err(format!("the host of the service {} is none", service.name));
            }
        }
        let mut tokens = HashSet::new();
        for (number, caller) in self.callers.iter().enumerate() {
            let named = |what: &str| format!("the {what} of caller {number}, counted from 0,");
            name(&named("appid"), &caller.appid)?;
            name(&named("openid"), &caller.openid)?;
            caller.unionid.as_ref().map_or(Ok(()), |unionid| name(&named("unionid"), unionid))?;
            token(&named("token"), &caller.token)?;
            caller.access_token.as_ref().map_or(Ok(()), |value| token(&named("access_token"), value))?;
            if !tokens.insert(&caller.token) {
                return Err(format!("{} is that of another one", named("token").trim_end_matches(',')));
            }
        }
        if self.callers.is_empty() && self.jwt.is_none() && !self.public {
            return Err("nobody may call: there are no callers and no jwt, and public is not true".to_owned());
        }
        // What routes select on must come from this filter alone.
        let header = &self.service_header;
        let is_token = !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_token || !callcontainer::gateway::is_protected_header(header) || is_identity(header) {
            return Err("service_header must begin with x-wx- and not be that of an \
                        identity, or begin with x-envoy-callcontainer"
                .to_owned());
        }
        Ok(())
    }
}

/// An environment, appid, openid or unionid: what may stand in a header as it is, between commas.
///
/// # Errors
/// The sentence that says what is wrong.
pub fn name(what: &str, value: &str) -> Result<(), String> {
    let is_wrong =
        |character: char| character.is_control() || character.is_whitespace() || matches!(character, ',' | '=' | '"');
    if value.is_empty() {
        return Err(format!("{what} is empty"));
    }
    if value.len() > callcontainer::NAME_LIMIT {
        return Err(format!("{what} is longer than {} bytes", callcontainer::NAME_LIMIT));
    }
    if value.chars().any(is_wrong) {
        return Err(format!(
            "{what} has a space, a control character, a comma, an equals sign or a quotation mark in it"
        ));
    }
    Ok(())
}

/// A token of RFC 6750, section 2.1.
fn token(what: &str, value: &str) -> Result<(), String> {
    let body = value.trim_end_matches('=');
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    if body.is_empty() || !body.bytes().all(of_token) {
        return Err(format!(
            "{what} is not letters, digits, '-', '.', '_', '~', '+' and '/', with '=' at its end alone"
        ));
    }
    Ok(())
}

pub fn is_service_name(name: &str) -> bool {
    let ends = |at: Option<char>, may: fn(&char) -> bool| at.as_ref().is_some_and(may);
    name.len() <= 60
        && ends(name.chars().next(), char::is_ascii_alphabetic)
        && ends(name.chars().next_back(), char::is_ascii_alphanumeric)
        && name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':' | b'[' | b']')
}

/// Whether the filter itself gives this header to services, or the proxy acts on it.
fn is_identity(header: &str) -> bool {
    let header = header.to_ascii_lowercase();
    let own = ["openid", "appid", "unionid", "cloudbase-access-token", "env", "source"];
    let rest = header.strip_prefix("x-wx-");
    let rest = rest.map(|rest| rest.strip_prefix("from-").unwrap_or(rest));
    match rest {
        Some(rest) => own.contains(&rest),
        None => !header.starts_with("x-envoy-callcontainer"),
    }
}

/// Shows what is wrong with JSON, but no value in it: it may be a token.
fn shown(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("invalid") {
        return format!("a value of the wrong kind at line {} column {}", error.line(), error.column());
    }
    text
}
