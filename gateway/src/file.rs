//! A configuration file: its syntax, and where each thing in it is wrong.
//!
//! Everything is checked before anything is used, and everything that is wrong is told at once.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::certificate::Name;
use super::digest::Digest;
use super::origin::Origin;
use super::settings::{Caller, Environment, Problem, Service, Settings};
use super::tls::{self, Tls};
use super::values;

/// How long a connection may be idle if the file does not say.
const IDLE: u32 = 60;

type Value<'t> = Spanned<DeValue<'t>>;

/// Reads a configuration file and all that it names.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(path: &Path) -> Result<Settings, Vec<Problem>> {
    let bytes = fs::read(path);
    let valid = bytes
        .as_ref()
        .map_or(&[][..], |bytes| bytes.utf8_chunks().next().map_or(&[], |chunk| chunk.valid().as_bytes()));
    let text = std::str::from_utf8(valid).unwrap_or_default();
    let mut reader = Reader { path, text, problems: Vec::new() };
    match &bytes {
        Err(error) => reader.problem(0, format!("the file cannot be read: {error}")),
        Ok(bytes) if bytes.len() > text.len() => reader.problem(text.len(), "what stands here is not UTF-8"),
        Ok(_) => {}
    }
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    if let Some(error) = errors.first() {
        // One error in the syntax makes others of what follows.
        reader.problem(error.span().map_or(0, |span| span.start), format!("this is not TOML: {}", error.message()));
        return Err(reader.problems);
    }
    let settings = reader.settings(Fields::of(document.get_ref(), 0));
    reader.problems.sort_by_key(|problem| (problem.line, problem.column));
    match settings {
        Some(settings) if reader.problems.is_empty() => Ok(settings),
        _ => Err(reader.problems),
    }
}

/// The text, and what has been found to be wrong with it.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    problems: Vec<Problem>,
}

/// The members of a table that have not been read yet.
struct Fields<'t> {
    /// Where the table begins.
    at: usize,
    members: Vec<(&'t str, usize, &'t Value<'t>)>,
}

impl<'t> Fields<'t> {
    fn of(table: &'t DeTable<'t>, at: usize) -> Self {
        let members = table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span().start, value));
        Self { at, members: members.collect() }
    }

    /// Where a member begins.
    fn key_at(&self, key: &str) -> Option<usize> {
        self.members.iter().find(|(other, ..)| *other == key).map(|(_, at, _)| *at)
    }

    /// Where the value of a member begins.
    fn value_at(&self, key: &str) -> Option<usize> {
        self.members.iter().find(|(other, ..)| *other == key).map(|(.., value)| value.span().start)
    }

    fn take(&mut self, key: &str) -> Option<&'t Value<'t>> {
        let at = self.members.iter().position(|(other, ..)| *other == key)?;
        Some(self.members.swap_remove(at).2)
    }
}

/// The numbers of the callers that have been read, by what they are known by.
#[derive(Default)]
struct Known {
    tokens: HashMap<Digest, usize>,
    certificates: HashMap<Name, usize>,
}

/// What is read of a caller, and where its appid stands.
struct Called {
    caller: Caller,
    appid_at: usize,
    has_lines: Option<usize>,
}

impl<'t> Reader<'_> {
    fn problem(&mut self, at: usize, sentence: impl Into<String>) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
        self.problems.push(Problem { file: self.path.to_owned(), line, column, sentence: sentence.into() });
    }

    /// Refuses members that have not been read.
    fn no_more(&mut self, fields: &Fields<'_>, known: &str) {
        for (_, at, _) in &fields.members {
            self.problem(*at, format!("there is no such key; here may stand {known}"));
        }
    }

    fn table(&mut self, value: &'t Value<'t>, what: &str) -> Option<Fields<'t>> {
        let at = value.span().start;
        match value.get_ref() {
            DeValue::Table(table) => Some(Fields::of(table, at)),
            _ => {
                self.problem(at, format!("{what} is a table"));
                None
            }
        }
    }

    /// The tables of an array, none if it is missing.
    fn tables(&mut self, value: Option<&'t Value<'t>>, what: &str) -> Vec<Fields<'t>> {
        let Some(value) = value else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(array) => array.iter().filter_map(|value| self.table(value, what)).collect(),
            _ => {
                self.problem(value.span().start, format!("there may be several: write [[{what}]]"));
                Vec::new()
            }
        }
    }

    fn boolean(&mut self, value: Option<&Value<'_>>, what: &str) -> Option<bool> {
        let value = value?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.problem(value.span().start, format!("{what} is true or false"));
        }
        boolean
    }

    /// A text that obeys a rule.
    fn text<T, E: ToString>(
        &mut self,
        value: &Value<'_>,
        what: &str,
        rule: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let at = value.span().start;
        let Some(text) = value.get_ref().as_str() else {
            self.problem(at, format!("{what} is a text in quotation marks"));
            return None;
        };
        match rule(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(at, format!("{what}: {}", error.to_string()));
                None
            }
        }
    }

    /// A text that must be there.
    fn needed<T, E: ToString>(
        &mut self,
        fields: &mut Fields<'_>,
        what: &str,
        rule: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        match fields.take(what) {
            Some(value) => self.text(value, what, rule),
            None => {
                self.problem(fields.at, format!("{what} is missing here"));
                None
            }
        }
    }

    /// Texts that obey a rule, in an array; without one they are none. Each comes with where it stands.
    fn texts<T, E: ToString>(
        &mut self,
        value: Option<&Value<'_>>,
        what: &str,
        rule: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<(T, usize)> {
        let Some(value) = value else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(array) => {
                let read = |value| Some((self.text(value, what, &rule)?, value.span().start));
                array.iter().filter_map(read).collect()
            }
            _ => {
                self.problem(value.span().start, format!("{what} is an array of texts: [\"…\"]"));
                Vec::new()
            }
        }
    }

    fn settings(&mut self, mut fields: Fields<'t>) -> Option<Settings> {
        let idle = fields.take("idle");
        let idle = idle.map_or(Some(IDLE), |value| self.seconds(value, "idle"));
        let mut proxies = Vec::new();
        let mut known = HashSet::new();
        for (proxy, at) in self.texts(fields.take("proxies"), "proxies", values::proxy) {
            if !known.insert(proxy) {
                self.problem(at, "this proxy is given twice");
            }
            proxies.push(proxy);
        }

        let tls = fields.take("tls").and_then(|value| self.table(value, "tls"));
        let has_authority = tls.as_ref().is_some_and(|tls| tls.key_at("client_ca").is_some());
        let tls = tls.and_then(|tls| self.tls(tls));

        let mut envs = Vec::new();
        let mut names = HashSet::new();
        for env in self.tables(fields.take("env"), "env") {
            let at = env.at;
            let Some(env) = self.environment(env) else { continue };
            if !names.insert(env.name.to_ascii_lowercase()) {
                self.problem(at, "an environment of this name is given twice, case aside");
            }
            envs.push(env);
        }
        let all_read = self.problems.is_empty();
        if envs.is_empty() && all_read {
            self.problem(0, "there is no environment: write [[env]]");
        }

        let mut callers = Vec::new();
        let mut line_caller = None;
        let mut known = Known::default();
        for (number, fields) in self.tables(fields.take("caller"), "caller").into_iter().enumerate() {
            if let Some(at) = fields.key_at("certificate").filter(|_| !has_authority) {
                self.problem(at, "nobody vouches for certificates: there is no client_ca in [tls]");
            }
            let Some(Called { caller, appid_at, has_lines }) = self.caller(fields, number, &mut known) else {
                continue;
            };
            // Not if an environment that may know it could not be read.
            if all_read && !envs.iter().any(|env| env.admits(&caller.appid)) {
                self.problem(appid_at, "no environment belongs to this app or is shared with it");
            }
            if let Some(at) = has_lines
                && line_caller.replace(number).is_some()
            {
                self.problem(at, "serial lines belong to one caller, and an earlier one has them");
            }
            callers.push(caller);
        }
        self.no_more(&fields, "idle, proxies, [tls], [[env]] and [[caller]]");
        if callers.is_empty() && self.problems.is_empty() && !envs.iter().any(|env| env.public) {
            self.problem(0, "nobody could call: there is neither a [[caller]] nor a public environment");
        }
        let idle = Duration::from_secs(idle?.into());
        Some(Settings { envs, callers, line_caller, proxies: proxies.into(), idle, tls: tls.map(Arc::new) })
    }

    fn seconds(&mut self, value: &Value<'_>, what: &str) -> Option<u32> {
        let number = value.get_ref().as_integer();
        let number = number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
        let seconds = number.filter(|seconds| *seconds > 0);
        if seconds.is_none() {
            self.problem(value.span().start, format!("{what} is a whole number of seconds, from 1 to {}", u32::MAX));
        }
        seconds
    }

    fn tls(&mut self, mut fields: Fields<'t>) -> Option<Tls> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let (key_at, required_at) = (fields.value_at("key"), fields.key_at("client_required"));
        let certificates = self.needed(&mut fields, "certificate", |file| certificates(&folder.join(file)));
        let key = self.needed(&mut fields, "key", |file| key(&folder.join(file)));
        let required = self.boolean(fields.take("client_required"), "client_required").unwrap_or(true);
        let verifier = match (fields.take("client_ca"), required_at) {
            (Some(value), _) => Some(self.text(value, "client_ca", |file| verifier(&folder.join(file), required))?),
            (None, Some(at)) => {
                self.problem(at, "nobody vouches for certificates: there is no client_ca");
                None
            }
            (None, None) => None,
        };
        self.no_more(&fields, "certificate, key, client_ca and client_required");
        match Tls::new(certificates?, key?, verifier) {
            Ok(tls) => Some(tls),
            Err(error) => {
                self.problem(key_at?, format!("the certificate cannot be used with this key: {error}"));
                None
            }
        }
    }

    fn environment(&mut self, mut fields: Fields<'t>) -> Option<Environment> {
        let name = self.needed(&mut fields, "name", values::name);
        let owner = self.needed(&mut fields, "owner", values::name);
        let mut shared_with = Vec::new();
        for (app, at) in self.texts(fields.take("shared_with"), "shared_with", values::name) {
            if owner.as_ref() == Some(&app) {
                self.problem(at, "this app owns the environment");
            } else if shared_with.contains(&app) {
                self.problem(at, "this app is given twice");
            }
            shared_with.push(app);
        }
        let public = self.boolean(fields.take("public"), "public").unwrap_or(false);
        let mut services = Vec::new();
        match fields.take("services") {
            Some(value) => {
                let table = self.table(value, "services");
                let at = value.span().start;
                if table.as_ref().is_some_and(|table| table.members.is_empty()) {
                    self.problem(at, "an environment has a service: NAME = \"HOST:PORT\"");
                }
                let members = table.map(|table| table.members).unwrap_or_default();
                for (name, at, value) in members {
                    let name = values::service_name(name).map_err(|error| self.problem(at, error)).ok();
                    let origin = self.text(value, "a service", Origin::read);
                    services.extend(name.zip(origin).map(|(name, origin)| Service { name, origin }));
                }
            }
            None => self.problem(fields.at, "services is missing here"),
        }
        self.no_more(&fields, "name, owner, shared_with, public and services");
        Some(Environment { name: name?, owner: owner?, shared_with, public, services })
    }

    /// Reads a caller, and adds what it is known by to that of the callers before it.
    fn caller(&mut self, mut fields: Fields<'t>, number: usize, known: &mut Known) -> Option<Called> {
        let problems = self.problems.len();
        let appid_at = fields.value_at("appid");
        let appid = self.needed(&mut fields, "appid", values::name);
        let openid = self.needed(&mut fields, "openid", values::name);
        let unionid = fields.take("unionid");
        let unionid = unionid.and_then(|value| self.text(value, "unionid", values::name));
        let access_token = fields.take("access_token");
        let access_token = access_token.and_then(|value| self.text(value, "access_token", values::token));
        if let Some(at) = fields.key_at("token") {
            fields.take("token");
            self.problem(at, "a token does not stand in a file: give token_sha256, what `sha256sum` makes of it");
        }
        let mut own = Vec::new();
        for (digest, at) in self.texts(fields.take("token_sha256"), "token_sha256", digest) {
            if digest == Digest::of("") {
                self.problem(at, "this is the digest of an empty text, not of a token");
            }
            match known.tokens.insert(digest, number) {
                Some(other) if other == number => self.problem(at, "this token is given twice"),
                Some(_) => self.problem(at, "an earlier caller has the same token"),
                None => own.push(digest),
            }
        }
        let mut certificates = Vec::new();
        for (name, at) in self.texts(fields.take("certificate"), "certificate", Name::read) {
            match known.certificates.insert(name.clone(), number) {
                Some(other) if other == number => self.problem(at, "this name is given twice"),
                Some(_) => self.problem(at, "an earlier caller has the same name"),
                None => certificates.push(name),
            }
        }
        let lines_at = fields.key_at("serial");
        let has_lines = self.boolean(fields.take("serial"), "serial").unwrap_or(false);
        self.no_more(&fields, "appid, openid, unionid, access_token, token_sha256, certificate and serial");
        if own.is_empty() && certificates.is_empty() && !has_lines && self.problems.len() == problems {
            self.problem(fields.at, "nothing shows who this caller is: give it token_sha256 or certificate");
        }
        let caller = Caller { tokens: own, certificates, appid: appid?, openid: openid?, unionid, access_token };
        Some(Called { caller, appid_at: appid_at?, has_lines: lines_at.filter(|_| has_lines) })
    }
}

fn digest(text: &str) -> Result<Digest, &'static str> {
    Digest::read(text).ok_or("a SHA-256 digest is 64 hexadecimal digits")
}

/// The certificates in a PEM file, of which there is at least one.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = contents(file)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    // The library's words repeat what is in the file.
    let certificates = read.map_err(|_| "the file is broken")?;
    if certificates.is_empty() { Err("there is no certificate in the file, as PEM".into()) } else { Ok(certificates) }
}

/// The first private key in a PEM file.
fn key(file: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let bytes = contents(file)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| "there is no private key in the file, as PEM".into())
}

/// What checks that one of the authorities in a PEM file has issued a certificate.
fn verifier(file: &Path, required: bool) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut authorities = RootCertStore::empty();
    for (number, certificate) in certificates(file)?.into_iter().enumerate() {
        let added = authorities.add(certificate);
        added.map_err(|error| format!("certificate {} in the file cannot be used: {error}", number + 1))?;
    }
    tls::verifier(authorities, required).map_err(|error| error.to_string())
}

fn contents(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("the file cannot be read: {error}"))
}
