//! The entities that the gateway knows: its callers by their tokens, its environments, and the services in them.
//!
//! Knows nothing of how a call arrived or where it goes.

use std::collections::HashMap;

use callcontainer::gateway::{Access, Caller, Env, Grant, HttpRequest, Refusal};
use callcontainer::{ErrorCode, Request};
use http_body_util::Full;
use hyper::body::Bytes;

use super::certificate::{Certificate, Name};
use super::digest::Digest;
use super::record::Record;
use super::settings::{self, Environment, Service, Settings};
use super::upstream::{Outgoing, Reuse};

/// The value of `X-WX-SOURCE`: a call from a client, such as a Mini Program.
const SOURCE: &str = "wx_client";
const MISMATCH: Refusal = Refusal::new(ErrorCode::ACCESS_DENIED, "Authorization mismatch uin");
const INVALID_HOST: Refusal = Refusal::new(ErrorCode::ACCESS_DENIED, "Invalid host");

/// The tables.
pub struct Directory {
    envs: Vec<Environment>,
    /// The number of each environment, by its name, and that of its first service.
    numbers: HashMap<String, (usize, usize)>,
    callers: Vec<settings::Caller>,
    line_caller: Option<usize>,
    /// Whether any environment is open to the public network.
    public: bool,
    /// The numbers of the callers.
    tokens: HashMap<Digest, usize>,
    certificates: HashMap<Name, usize>,
}

/// The party that a call belongs to.
#[derive(Clone, Copy)]
pub enum Party<'a> {
    /// A caller with a known token or certificate.
    Known(&'a settings::Caller),
    /// Another client over the public network, about which nothing is known.
    Other,
}

impl Directory {
    pub fn new(settings: &Settings) -> Self {
        let mut tokens = HashMap::new();
        let mut certificates = HashMap::new();
        for (number, caller) in settings.callers.iter().enumerate() {
            tokens.extend(caller.tokens.iter().map(|token| (*token, number)));
            certificates.extend(caller.certificates.iter().map(|name| (name.clone(), number)));
        }
        let mut numbers = HashMap::new();
        let mut services = 0;
        for (number, env) in settings.envs.iter().enumerate() {
            numbers.insert(env.name.clone(), (number, services));
            services += env.services.len();
        }
        Self {
            envs: settings.envs.clone(),
            numbers,
            callers: settings.callers.clone(),
            line_caller: settings.line_caller,
            public: settings.envs.iter().any(|env| env.public),
            tokens,
            certificates,
        }
    }

    /// Returns the party that a call with this token and this certificate belongs to. If public access to any
    /// environment is open, a missing token and an unknown token are treated alike: the caller is anonymous, and an
    /// unknown token gains nothing.
    ///
    /// A certificate of a known caller is enough. A token beside it must be of the same caller: neither can lend the
    /// other its rights. And a browser shows its certificate for whatever page asks, so that it alone says nothing about
    /// a request that is of a page.
    ///
    /// # Errors
    /// The caller is unknown, and public access is closed everywhere; or the two are of different callers.
    pub fn party(
        &self,
        token: Option<&str>,
        certificate: Option<&Certificate>,
        is_of_page: bool,
    ) -> Result<Party<'_>, Refusal> {
        let by_token = token.and_then(|token| self.tokens.get(&Digest::of(token))).copied();
        let certificate = certificate.filter(|_| token.is_some() || !is_of_page);
        let by_certificate = certificate.and_then(|certificate| self.holder(certificate));
        if by_certificate.is_some() && token.is_some() && by_token != by_certificate {
            return Err(MISMATCH);
        }
        self.known_or_other(by_certificate.or(by_token))
    }

    /// Returns the caller that a certificate belongs to: by its fingerprint, else by the names in it. If those are of
    /// several callers, it belongs to none.
    fn holder(&self, certificate: &Certificate) -> Option<usize> {
        if let Some(number) = self.certificates.get(&certificate.fingerprint) {
            return Some(*number);
        }
        let mut numbers = certificate.names.iter().filter_map(|name| self.certificates.get(name));
        let number = numbers.next()?;
        numbers.all(|other| other == number).then_some(*number)
    }

    /// Returns the party that serial lines belong to.
    ///
    /// # Errors
    /// They belong to nobody, and public access is closed everywhere.
    pub fn line_party(&self) -> Result<Party<'_>, Refusal> {
        self.known_or_other(self.line_caller)
    }

    fn known_or_other(&self, number: Option<usize>) -> Result<Party<'_>, Refusal> {
        match number.and_then(|number| self.callers.get(number)) {
            Some(caller) => Ok(Party::Known(caller)),
            None if self.public => Ok(Party::Other),
            None => Err(MISMATCH),
        }
    }

    /// Returns the environment that a request to this host is for. If there is only one, every host is its own; of
    /// several, the first label of the host names one.
    pub fn environment(&self, host: &str) -> Option<&Environment> {
        if let [env] = &self.envs[..] {
            return Some(env);
        }
        let label = host.split(['.', ':']).next()?;
        // Case makes no difference in a host (RFC 3986, section 3.2.2), and no two names differ in case alone.
        self.envs.iter().find(|env| env.name.eq_ignore_ascii_case(label))
    }

    /// Whether a caller may call an environment as another client. Who is known where there is only one may.
    pub fn admits(&self, env: &Environment, caller: &settings::Caller) -> bool {
        self.envs.len() == 1 || env.admits(&caller.appid)
    }

    /// Returns the services of all environments, as they are numbered.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.envs.iter().flat_map(|env| &env.services)
    }

    /// Returns the number of the service of this name in an environment.
    pub fn service(&self, env: &Environment, name: &str) -> Option<usize> {
        let (_, first) = self.numbers.get(&env.name)?;
        let number = env.services.iter().position(|service| service.name == name)?;
        Some(first + number)
    }

    /// Decides about a call, and makes the HTTP request for its service, whose number comes first. What the request has
    /// in common with the envelope is shared with it.
    ///
    /// # Errors
    /// The call is not allowed, or its request cannot be written.
    pub fn admit(
        &self,
        envelope: &Bytes,
        request: &Request<'_>,
        party: Party<'_>,
        address: &str,
        record: &mut Record,
    ) -> Result<(usize, Outgoing), Refusal> {
        let caller = match party {
            Party::Known(settings::Caller { appid, openid, unionid, access_token, .. }) => {
                let mut caller = Caller::new(appid, openid, SOURCE).with_address(address);
                caller.unionid = unionid.as_deref();
                caller.access_token = access_token.as_deref();
                Some(caller)
            }
            Party::Other => None,
        };
        // The other environments have no part in the decision.
        let name = request.target_env().ok_or(INVALID_HOST)?;
        let numbers = match name.as_str() {
            Some(name) => self.numbers.get(name),
            None => self.numbers.get(&name.to_string()),
        };
        let (number, first) = numbers.ok_or(INVALID_HOST)?;
        let called = self.envs.get(*number).ok_or(INVALID_HOST)?;
        let Environment { name, owner, shared_with, public, services } = called;
        let names: Vec<&str> = services.iter().map(|service| service.name.as_str()).collect();
        let envs = [Env::new(name, owner, &names).with_public(*public)];
        let grants: Vec<Grant<'_>> = shared_with.iter().map(|app| Grant::new(name, owner, app)).collect();
        let permission = Access::new(&envs, &grants).decide(request, caller.as_ref())?;
        record.permitted(permission.relation);
        let found = services.iter().enumerate().find(|(_, service)| service.name == permission.service);
        let (number, service) = found.ok_or(INVALID_HOST)?;
        let http = HttpRequest::new(request, &permission, caller.as_ref(), service.origin.address())?;
        let reuse = Reuse { success: http.keeps_alive(200), failure: http.keeps_alive(400) };
        Ok((first + number, Outgoing { request: http.to_http(envelope)?.map(Full::new), reuse }))
    }
}
