//! The command line: the syntax of each value, how values must fit together, and a clear message if they do not.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{ArgPredicate, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory as _, Parser};

use super::digest::Digest;
use super::origin::Origin;
use super::settings::{self, Environment, Problem, Service, Settings};
use super::{file, values};

/// Serves callContainer: takes envelopes over HTTP and hands them to the services of an environment.
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
    /// A file with environments, callers and proxies, instead of the options for them; SIGHUP rereads it
    #[arg(long, value_name = "FILE", conflicts_with_all = DESCRIBED)]
    pub config: Option<PathBuf>,
    /// The environment that is served
    #[arg(long, value_name = "ENV", value_parser = values::name, required_unless_present = "config")]
    pub env: Option<String>,
    /// The app that owns the environment
    #[arg(long, value_name = "APPID", value_parser = values::name, required_unless_present = "config")]
    pub owner: Option<String>,
    /// An app that the owner shares the environment with; may be repeated
    #[arg(long, value_name = "APPID", value_parser = values::name)]
    pub share: Vec<String>,
    /// A service of the environment and where it listens; may be repeated
    #[arg(long = "service", value_name = "NAME=ORIGIN", value_parser = service, required_unless_present = "config")]
    pub services: Vec<Service>,
    /// Who calls with this bearer token; may be repeated
    #[arg(
        long = "caller",
        value_name = "TOKEN=APPID,OPENID[,UNIONID]",
        value_parser = Secret { option: "--caller <TOKEN=APPID,OPENID[,UNIONID]>", read: caller },
        required_unless_present_any = ["public", "config"]
    )]
    pub callers: Vec<Caller>,
    /// The access token of the caller with this bearer token, which its service is told; may be repeated
    #[arg(long = "access-token", value_name = "TOKEN=VALUE", value_parser = Secret { option: "--access-token <TOKEN=VALUE>", read: access_token })]
    pub access_tokens: Vec<AccessToken>,
    /// Leave the environment open to the public network: a call without a known token is another client's
    #[arg(long)]
    pub public: bool,
    /// A proxy whose X-Forwarded-For is believed, and which may have all the connections; may be repeated
    #[arg(long = "proxy", value_name = "IP", value_parser = values::proxy)]
    pub proxies: Vec<IpAddr>,
    /// How long an HTTP connection may be idle, before a request and between one and the next
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub idle: u32,
    /// Where to answer /metrics, /healthz and /readyz, which is not for callers; port 0 picks a free one
    #[arg(long, value_name = "ADDR")]
    pub metrics: Option<SocketAddr>,
    /// How long to go on taking calls once told to stop, while /readyz says so: by default 5 with --metrics, else 0
    #[arg(
        long,
        value_name = "SECONDS",
        hide_default_value = true,
        default_value_t = 0,
        default_value_if("metrics", ArgPredicate::IsPresent, "5")
    )]
    pub leave: u32,
    /// Where to listen for serial lines too: one envelope a line; port 0 picks a free one
    #[arg(long, value_name = "ADDR")]
    pub serial: Option<SocketAddr>,
    /// Who calls on the serial lines: the token of a --caller. Without it, they are other clients'
    #[arg(long, value_name = "TOKEN", requires = "serial", conflicts_with = "config")]
    pub serial_caller: Option<String>,
    /// Refuse what comes on serial lines without a check, or with a wrong one
    #[arg(long, requires = "serial")]
    pub serial_checked: bool,
}

/// The options that describe what a file describes.
const DESCRIBED: [&str; 9] =
    ["env", "owner", "share", "services", "callers", "access_tokens", "public", "proxies", "idle"];

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
            None if options.serial.is_some() && !options.public && options.config.is_none() => {
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

    /// What is served and for whom: as these options say, or the file that they name, which is read now.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    pub fn settings(&self) -> Result<Settings, Vec<Problem>> {
        match &self.config {
            Some(path) => self.read_file(path),
            None => Ok(self.described()),
        }
    }

    fn read_file(&self, path: &Path) -> Result<Settings, Vec<Problem>> {
        let settings = file::read(path)?;
        if self.serial.is_some() && settings.line_caller.is_none() && !settings.envs.iter().any(|env| env.public) {
            let sentence = "--serial needs a caller with `serial = true`, or a public environment".to_owned();
            return Err(vec![Problem { file: path.to_owned(), line: 1, column: 1, sentence }]);
        }
        Ok(settings)
    }

    fn described(&self) -> Settings {
        let env = self.env.iter().zip(&self.owner).map(|(name, owner)| Environment {
            name: name.clone(),
            owner: owner.clone(),
            shared_with: self.share.clone(),
            public: self.public,
            services: self.services.clone(),
        });
        let callers = self.callers.iter().map(|caller| settings::Caller {
            tokens: vec![Digest::of(&caller.token)],
            certificates: Vec::new(),
            appid: caller.appid.clone(),
            openid: caller.openid.clone(),
            unionid: caller.unionid.clone(),
            access_token: caller.access_token.clone(),
        });
        let line_caller =
            self.serial_caller.as_ref().and_then(|token| self.callers.iter().position(|caller| caller.token == *token));
        Settings {
            envs: env.collect(),
            callers: callers.collect(),
            line_caller,
            proxies: self.proxies.clone().into(),
            idle: Duration::from_secs(self.idle.into()),
            tls: None,
        }
    }
}

fn service(value: &str) -> Result<Service, String> {
    let (name, origin) = value.split_once('=').ok_or("it has no '=' between name and address")?;
    Ok(Service { name: values::service_name(name)?, origin: Origin::read(origin)? })
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
    let token = values::token(token)?;
    let mut parts = who.split(',');
    let mut part = |what| match parts.next() {
        Some(value) => values::name(value).map(Some).map_err(|error| format!("the {what} is wrong: {error}")),
        None => Ok(None),
    };
    let appid = part("appid")?.ok_or("it has no appid")?;
    let openid = part("openid")?.ok_or("it has no openid")?;
    let unionid = part("unionid")?;
    if parts.next().is_some() {
        return Err("there is more than appid, openid and unionid".into());
    }
    Ok(Caller { token, appid, openid, unionid, access_token: None })
}

fn access_token(value: &str) -> Result<AccessToken, String> {
    // Both tokens may end with equals signs, and neither begins with one: of the first signs, the last is between them.
    let end = value.find('=').ok_or("it has no '=' between the two tokens")?;
    let signs = value.bytes().skip(end).take_while(|byte| *byte == b'=').count();
    let (token, value) = value.split_at(end + signs - 1);
    let value = value.trim_start_matches('=');
    Ok(AccessToken { token: values::token(token)?, value: values::token(value)? })
}
