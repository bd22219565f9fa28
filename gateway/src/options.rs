//! The command line: the syntax of each value, how values must fit together, and a clear message if they do not.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::net::{IpAddr, SocketAddr};

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory as _, Parser};

/// Serves callContainer: takes envelopes over HTTP and hands them to the services of one environment.
///
/// A call is `POST /` with an envelope as its body and `Authorization: Bearer TOKEN`; the answer is a reply envelope.
/// It may also be any request to `/v1/cloudrun/NAME/PATH` with such a token, as with the platform's open API.
/// `GET /healthz` says that the gateway runs. SIGINT and SIGTERM let the calls in flight finish.
#[derive(Clone, Parser)]
#[command(name = "callcontainer-gateway")]
pub struct Options {
    /// Where to listen for HTTP; port 0 picks a free one
    #[arg(long, value_name = "ADDR")]
    pub listen: SocketAddr,
    /// The environment that is served
    #[arg(long, value_name = "ENV", value_parser = name)]
    pub env: String,
    /// The app that owns the environment
    #[arg(long, value_name = "APPID", value_parser = name)]
    pub owner: String,
    /// An app that the owner shares the environment with; may be repeated
    #[arg(long, value_name = "APPID", value_parser = name)]
    pub share: Vec<String>,
    /// A service of the environment and where it listens; may be repeated
    #[arg(long = "service", value_name = "NAME=HOST:PORT", value_parser = service, required = true)]
    pub services: Vec<Service>,
    /// Who calls with this bearer token; may be repeated
    #[arg(
        long = "caller",
        value_name = "TOKEN=APPID,OPENID[,UNIONID]",
        value_parser = Secret { option: "--caller <TOKEN=APPID,OPENID[,UNIONID]>", read: caller },
        required_unless_present = "public"
    )]
    pub callers: Vec<Caller>,
    /// The access token of the caller with this bearer token, which its service is told; may be repeated
    #[arg(long = "access-token", value_name = "TOKEN=VALUE", value_parser = Secret { option: "--access-token <TOKEN=VALUE>", read: access_token })]
    pub access_tokens: Vec<AccessToken>,
    /// Leave the environment open to the public network: a call without a known token is another client's
    #[arg(long)]
    pub public: bool,
    /// A proxy whose X-Forwarded-For is believed, and which may have all the connections; may be repeated
    #[arg(long = "proxy", value_name = "IP", value_parser = proxy)]
    pub proxies: Vec<IpAddr>,
    /// How long an HTTP connection may be idle, before a request and between one and the next
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub idle: u32,
    /// Where to listen for serial lines too: one envelope a line; port 0 picks a free one
    #[arg(long, value_name = "ADDR")]
    pub serial: Option<SocketAddr>,
    /// Who calls on the serial lines: the token of a --caller. Without it, they are other clients'
    #[arg(long, value_name = "TOKEN", requires = "serial")]
    pub serial_caller: Option<String>,
    /// Refuse what comes on serial lines without a check, or with a wrong one
    #[arg(long, requires = "serial")]
    pub serial_checked: bool,
}

/// A service and where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub name: String,
    /// `HOST:PORT`
    pub address: String,
}

/// Who calls with a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    pub token: String,
    pub appid: String,
    pub openid: String,
    pub unionid: Option<String>,
    /// What stands in an --access-token.
    pub access_token: Option<String>,
}

/// What a service is told of a caller, as the platform would have given it out.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The bearer token of the caller.
    pub token: String,
    pub value: String,
}

/// Says nothing: all of it is secret.
impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken").finish_non_exhaustive()
    }
}

/// Says which app calls, and nothing that is secret.
impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("appid", &self.appid).finish_non_exhaustive()
    }
}

impl Options {
    /// Reads a command line, the first word of which is the program.
    ///
    /// # Errors
    /// What is wrong with it, or the help that it asks for; `clap::Error::exit` prints either and ends the process as
    /// is the custom.
    pub fn read(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        let mut options = Self::try_parse_from(words)?;
        let refuse = |message: String| Err(Self::command().error(ErrorKind::ValueValidation, message));
        let mut names = HashSet::new();
        if let Some(twice) = options.services.iter().find(|service| !names.insert(&service.name)) {
            return refuse(format!("the service '{}' is given twice", twice.name));
        }
        let mut tokens = HashSet::new();
        if let Some(twice) = options.callers.iter().find(|caller| !tokens.insert(&caller.token)) {
            return refuse(format!("two callers have the same token, the second of the app '{}'", twice.appid));
        }
        match &options.serial_caller {
            Some(token) if !tokens.contains(token) => {
                return refuse("the token of --serial-caller is that of no --caller".to_owned());
            }
            None if options.serial.is_some() && !options.public => {
                return refuse("--serial needs a --serial-caller, or --public".to_owned());
            }
            _ => {}
        }
        for AccessToken { token, value } in &options.access_tokens {
            let Some(caller) = options.callers.iter_mut().find(|caller| caller.token == *token) else {
                return refuse("the token of an --access-token is that of no --caller".to_owned());
            };
            if caller.access_token.replace(value.clone()).is_some() {
                return refuse("two of the --access-token are for the same caller".to_owned());
            }
        }
        Ok(options)
    }
}

/// An environment, appid, openid or unionid: what may stand in a header as it is, between commas.
fn name(value: &str) -> Result<String, String> {
    if value.is_empty() {
        return Err("it is empty".into());
    }
    if value.len() > callcontainer::NAME_LIMIT {
        return Err(format!("it is longer than {} bytes", callcontainer::NAME_LIMIT));
    }
    if value
        .chars()
        .any(|character| character.is_control() || character.is_whitespace() || matches!(character, ',' | '=' | '"'))
    {
        return Err("it holds a space, a control character, a comma, an equals sign or a quotation mark".into());
    }
    Ok(value.to_owned())
}

/// Checks that a text is a token of RFC 6750, section 2.1.
fn is_token(token: &str) -> Result<(), &'static str> {
    let body = token.trim_end_matches('=');
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    if body.is_empty() || !body.bytes().all(of_token) {
        return Err("a token is letters, digits, '-', '.', '_', '~', '+' and '/', with '=' at its end alone");
    }
    Ok(())
}

/// An address, as connections from it have it.
fn proxy(value: &str) -> Result<IpAddr, std::net::AddrParseError> {
    value.parse().map(|address: IpAddr| address.to_canonical())
}

/// Whether a service may have this name.
pub fn is_service_name(name: &str) -> bool {
    let ends = |at: Option<char>, may: fn(&char) -> bool| at.as_ref().is_some_and(may);
    name.len() <= 60
        && ends(name.chars().next(), char::is_ascii_alphabetic)
        && ends(name.chars().next_back(), char::is_ascii_alphanumeric)
        && name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
}

fn service(value: &str) -> Result<Service, String> {
    let (name, address) = value.split_once('=').ok_or("it has no '=' between name and address")?;
    if !is_service_name(name) {
        return Err("a service's name is at most 60 letters, digits, '-' and '_', begins with a letter and ends \
                    with a letter or digit"
            .into());
    }
    let (host, port) = address.rsplit_once(':').ok_or("the address has no ':' between host and port")?;
    if !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Err("the port is not a number from 1 to 65535".into());
    }
    // An IPv6 address stands in brackets, as it does in the header `Host` that is made of this.
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_host = match bracketed {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')),
    };
    if !is_host {
        return Err("the host is neither a name nor an IP address (IPv6 stands in brackets)".into());
    }
    Ok(Service { name: name.to_owned(), address: address.to_owned() })
}

/// Reads a value that has secrets in it. Unlike a plain function as parser, it does not print what is wrong.
#[derive(Clone)]
struct Secret<T> {
    option: &'static str,
    read: fn(&str) -> Result<T, String>,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Secret<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        let value = value.to_str().ok_or_else(|| "it is not UTF-8".to_owned());
        value.and_then(self.read).map_err(|error| {
            let message = format!("invalid value for '{}': {error}\n", self.option);
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}

fn caller(value: &str) -> Result<Caller, String> {
    // A token may end with equals signs; what comes behind it holds none.
    let (token, who) = value.rsplit_once('=').ok_or("it has no '=' between token and appid")?;
    is_token(token)?;
    let mut parts = who.split(',');
    let mut part = |what| match parts.next() {
        Some(value) => name(value).map(Some).map_err(|error| format!("the {what} is wrong: {error}")),
        None => Ok(None),
    };
    let appid = part("appid")?.ok_or("it has no appid")?;
    let openid = part("openid")?.ok_or("it has no openid")?;
    let unionid = part("unionid")?;
    if parts.next().is_some() {
        return Err("there is more than appid, openid and unionid".into());
    }
    Ok(Caller { token: token.to_owned(), appid, openid, unionid, access_token: None })
}

fn access_token(value: &str) -> Result<AccessToken, String> {
    // Both tokens may end with equals signs, and neither begins with one: of the first signs, the last is between them.
    let end = value.find('=').ok_or("it has no '=' between the two tokens")?;
    let signs = value.bytes().skip(end).take_while(|byte| *byte == b'=').count();
    let (token, value) = value.split_at(end + signs - 1);
    let value = value.trim_start_matches('=');
    is_token(token)?;
    is_token(value)?;
    Ok(AccessToken { token: token.to_owned(), value: value.to_owned() })
}
