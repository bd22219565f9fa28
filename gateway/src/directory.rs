//! The entities that the gateway knows: its callers by their tokens, its environment, and the services in it.
//!
//! Knows nothing of how a call arrived or where it goes.

use std::collections::HashMap;

use callcontainer::gateway::{Access, Caller, Env, Grant, HttpRequest, Refusal};
use callcontainer::{ErrorCode, Request};

use super::options::{self, Options};
use super::record::Record;

/// The value of `X-WX-SOURCE`: a call from a client, such as a Mini Program.
const SOURCE: &str = "wx_client";

/// The tables.
pub struct Directory {
    env: String,
    owner: String,
    public: bool,
    shares: Vec<String>,
    services: Vec<options::Service>,
    /// By token. The hash is keyed at random, so that the time of a look-up reveals nothing about the tokens.
    callers: HashMap<String, options::Caller>,
}

/// The party that a call belongs to.
#[derive(Clone, Copy)]
pub enum Party<'a> {
    /// A caller with a known token.
    Known(&'a options::Caller),
    /// Another client over the public network, about which nothing is known.
    Other,
}

/// A complete HTTP request, and the service that it is for.
pub struct Outgoing {
    /// The number of the service.
    pub service: usize,
    pub bytes: Vec<u8>,
}

impl Directory {
    pub fn new(options: &Options) -> Self {
        Self {
            env: options.env.clone(),
            owner: options.owner.clone(),
            public: options.public,
            shares: options.share.clone(),
            services: options.services.clone(),
            callers: options.callers.iter().map(|caller| (caller.token.clone(), caller.clone())).collect(),
        }
    }

    /// Returns the party that a call with this token belongs to. If public access is open, a missing token and an
    /// unknown token are treated alike: the caller is anonymous, and an unknown token gains nothing.
    ///
    /// # Errors
    /// The caller is unknown, and public access is closed.
    pub fn party(&self, token: Option<&str>) -> Result<Party<'_>, Refusal> {
        match token.and_then(|token| self.callers.get(token)) {
            Some(caller) => Ok(Party::Known(caller)),
            None if self.public => Ok(Party::Other),
            None => Err(Refusal::new(ErrorCode::ACCESS_DENIED, "Authorization mismatch uin")),
        }
    }

    /// Returns the environment.
    pub fn env(&self) -> &str {
        &self.env
    }

    /// Returns the number of the service of this name.
    pub fn service(&self, name: &str) -> Option<usize> {
        self.services.iter().position(|service| service.name == name)
    }

    /// Decides about a call, and writes the HTTP request for its service.
    ///
    /// # Errors
    /// The call is not allowed, or its request cannot be written.
    pub fn admit(
        &self,
        request: &Request<'_>,
        party: Party<'_>,
        address: &str,
        record: &mut Record,
    ) -> Result<Outgoing, Refusal> {
        let services: Vec<&str> = self.services.iter().map(|service| service.name.as_str()).collect();
        let envs = [Env::new(&self.env, &self.owner, &services).with_public(self.public)];
        let grant = |share| Grant::new(&self.env, &self.owner, share);
        let grants: Vec<Grant<'_>> = self.shares.iter().map(|share| grant(share)).collect();
        let access = Access::new(&envs, &grants);
        let caller = match party {
            Party::Known(options::Caller { appid, openid, unionid, access_token, .. }) => {
                let mut caller = Caller::new(appid, openid, SOURCE).with_address(address);
                caller.unionid = unionid.as_deref();
                caller.access_token = access_token.as_deref();
                Some(caller)
            }
            Party::Other => None,
        };
        let permission = access.decide(request, caller.as_ref())?;
        record.permitted(permission.relation);
        let found = self.services.iter().enumerate().find(|(_, service)| service.name == permission.service);
        let (number, service) = found.ok_or(Refusal::new(ErrorCode::ACCESS_DENIED, "Invalid host"))?;
        let http = HttpRequest::new(request, &permission, caller.as_ref(), &service.address)?;
        let mut bytes = vec![0; http.encoded_len()];
        http.encode(&mut bytes)?;
        Ok(Outgoing { service: number, bytes })
    }
}
