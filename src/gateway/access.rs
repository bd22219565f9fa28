//! Who may call what: environments, the apps that their owners share them with, and the decision on a call.
//!
//! A pure function over borrowed tables. Knows appids and environments; knows nothing of how a call arrived.

use super::caller::Caller;
use super::refusal::Refusal;
use crate::{ErrorCode, Request, Text};

/// A cloud hosting environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Env<'a> {
    /// Its ID, such as `prod-01`.
    pub id: &'a str,
    /// The appid that owns it.
    pub owner: &'a str,
    /// The names of its services.
    pub services: &'a [&'a str],
    /// Whether the owner has opened it to the public network.
    pub public: bool,
}

impl<'a> Env<'a> {
    /// Creates an environment with this ID, the appid of its owner, and these services, which is not open to the public
    /// network.
    #[must_use]
    pub const fn new(id: &'a str, owner: &'a str, services: &'a [&'a str]) -> Self {
        Self { id, owner, services, public: false }
    }

    /// Sets whether it is open to the public network.
    #[must_use]
    pub const fn with_public(mut self, public: bool) -> Self {
        self.public = public;
        self
    }
}

/// The sharing of an environment with another app of the same principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Grant<'a> {
    /// The ID of the environment.
    pub env: &'a str,
    /// The appid that shares it. Only the owner can: an app that was granted an environment cannot share it further, so
    /// a grant by any other app is void.
    pub by: &'a str,
    /// The appid that may call it.
    pub to: &'a str,
}

impl<'a> Grant<'a> {
    /// Creates a grant of the environment with this ID `by` its owner, an appid, to another appid.
    #[must_use]
    pub const fn new(env: &'a str, by: &'a str, to: &'a str) -> Self {
        Self { env, by, to }
    }
}

/// The environments that a gateway serves, and the grants of their owners.
///
/// ```
/// use callcontainer::gateway::{Access, Caller, Env, Grant, Relation};
/// use callcontainer::{ErrorCode, Request};
///
/// let envs = [Env::new("prod-001", "WXAAA", &["shop"])];
/// let grants = [Grant::new("prod-001", "WXAAA", "WXBBB")];
/// let access = Access::new(&envs, &grants);
/// let caller = Caller::new("WXBBB", "o-1", "wx_client");
///
/// let call = Request::new("/").with_env("prod-001").with_service("shop");
/// assert_eq!(access.decide(&call, Some(&caller)).unwrap_err().code(), ErrorCode::ACCESS_DENIED);
///
/// let call = call.with_resource("WXAAA", "prod-001");
/// assert_eq!(access.decide(&call, Some(&caller)).unwrap().relation, Relation::Reuse);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Access<'a> {
    /// The environments.
    pub envs: &'a [Env<'a>],
    /// The grants.
    pub grants: &'a [Grant<'a>],
}

/// The relation of the caller to the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Relation {
    /// The app that owns the environment.
    Own,
    /// An app that the owner shares the environment with: resource reuse.
    Reuse,
    /// Another client, over the public network. Nothing is known about the caller.
    Public,
}

/// A call that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Permission<'a> {
    /// The environment that is called.
    pub env: &'a Env<'a>,
    /// The service that is called, with its name in the environment.
    pub service: &'a str,
    /// The relation of the caller to the environment.
    pub relation: Relation,
}

impl<'a> Permission<'a> {
    /// Creates the permission for a call to a service of an environment, by a caller with this relation to it.
    /// [`Access::decide`] creates one if the tables allow the call.
    #[must_use]
    pub const fn new(env: &'a Env<'a>, service: &'a str, relation: Relation) -> Self {
        Self { env, service, relation }
    }
}

impl<'a> Access<'a> {
    /// Creates the access rules for these environments: by their owners, and by the apps that these grants name.
    #[must_use]
    pub const fn new(envs: &'a [Env<'a>], grants: &'a [Grant<'a>]) -> Self {
        Self { envs, grants }
    }

    /// Decides whether a caller may make a call; `None` is another client over the public network.
    ///
    /// # Errors
    /// [`ErrorCode::ACCESS_DENIED`], with one of two messages. `Invalid host`: there is no such environment or service.
    /// `Authorization mismatch uin`: the environment neither belongs to the caller nor is shared with it, or
    /// `resourceAppid` and `resourceEnv` do not name its owner and the environment; or the caller is unknown, and
    /// public access is closed.
    pub fn decide(&self, request: &Request<'_>, caller: Option<&Caller<'_>>) -> Result<Permission<'a>, Refusal> {
        let env = request.target_env().and_then(|id| self.envs.iter().find(|env| id == env.id)).ok_or(INVALID_HOST)?;
        let service = request
            .service()
            .and_then(|service| env.services.iter().find(|name| service == **name))
            .ok_or(INVALID_HOST)?;
        if !names_owner(request, env) {
            return Err(MISMATCH);
        }
        let relation = match caller {
            None if env.public => Relation::Public,
            None => return Err(MISMATCH),
            Some(caller) if caller.appid == env.owner => Relation::Own,
            // Another app must state that it means an environment of a different owner.
            Some(caller) if request.resource_appid().is_some() && self.shares(env, caller.appid) => Relation::Reuse,
            Some(_) => return Err(MISMATCH),
        };
        Ok(Permission { env, service, relation })
    }

    /// Whether the owner of an environment shares it with an app.
    fn shares(&self, env: &Env<'_>, appid: &str) -> bool {
        self.grants.iter().any(|grant| grant.env == env.id && grant.by == env.owner && grant.to == appid)
    }
}

/// Whether `resourceAppid` and `resourceEnv`, if present, match the environment.
fn names_owner(request: &Request<'_>, env: &Env<'_>) -> bool {
    let fits = |given: Option<Text<'_>>, expected: &str| given.is_none_or(|given| given == expected);
    fits(request.resource_appid(), env.owner) && fits(request.resource_env(), env.id)
}

const INVALID_HOST: Refusal = Refusal::new(ErrorCode::ACCESS_DENIED, "Invalid host");
const MISMATCH: Refusal = Refusal::new(ErrorCode::ACCESS_DENIED, "Authorization mismatch uin");
