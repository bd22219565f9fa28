//! What the gateway is configured with: its callers by their tokens, its environment, and the services in it.

use std::collections::HashMap;

use callcontainer::gateway::{Access, Caller, Env, Grant, HttpRequest, Refusal};
use callcontainer::{ErrorCode, Request};

use super::options::{self, Options};
use super::record::Record;

/// What `X-WX-SOURCE` says: a call of a client, as a Mini Program is one.
const SOURCE: &str = "wx_client";

/// The tables.
pub struct Directory {
    env: String,
    owner: String,
    public: bool,
    shares: Vec<String>,
    services: Vec<options::Service>,
    /// By token. The hash is keyed at random, so that the time of a look-up tells nothing about the tokens.
    callers: HashMap<String, options::Caller>,
}

/// Whose a call is.
#[derive(Clone, Copy)]
pub enum Party<'a> {
    /// A caller with a token that is known.
    Known(&'a options::Caller),
    /// Another client over the public network, of which nothing is known.
    Other,
}

/// An HTTP request, whole, and the service that it is for.
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

    /// Whose a call with this token is. Where public access is open, no token and a token that is not known are the
    /// same: whoever calls is nobody in particular, and gains nothing by it.
    ///
    /// # Errors
    /// Nobody is known to call, and public access is closed.
    pub fn party(&self, token: Option<&str>) -> Result<Party<'_>, Refusal> {
        match token.and_then(|token| self.callers.get(token)) {
            Some(caller) => Ok(Party::Known(caller)),
            None if self.public => Ok(Party::Other),
            None => Err(Refusal::new(ErrorCode::ACCESS_DENIED, "Authorization mismatch uin")),
        }
    }

    /// Decides about a call, and writes the HTTP request that takes it to its service.
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
        record.permitted(&permission);
        let found = self.services.iter().enumerate().find(|(_, service)| service.name == permission.service);
        let (number, service) = found.ok_or(Refusal::new(ErrorCode::ACCESS_DENIED, "Invalid host"))?;
        let http = HttpRequest::new(request, &permission, caller.as_ref(), &service.address)?;
        let mut bytes = vec![0; http.encoded_len()];
        http.encode(&mut bytes)?;
        Ok(Outgoing { service: number, bytes })
    }
}
