//! The HTTP request that a gateway would send for a call, and whom it would say that the caller is.

use callcontainer::gateway::{Access, Caller, Env, Grant, HttpRequest, Relation};
use callcontainer::{ErrorCode, NAME_LIMIT, Request, Text};

/// The caller, as the page's three fields say.
#[derive(Clone, Copy)]
pub struct Party<'a> {
    /// Appid of the app that calls; empty for another client.
    pub appid: &'a str,
    /// ID of its user.
    pub openid: &'a str,
    /// Appid of the environment's owner; empty for that which the request names, or else for the caller.
    pub owner: &'a str,
}

/// What becomes of a call at a gateway.
pub enum Sent {
    /// It is sent to the service.
    Request {
        /// Head and body.
        bytes: &'static [u8],
        relation: Relation,
    },
    /// It is refused, with this code and message.
    Refused(ErrorCode, &'static str),
}

/// Makes the request for a call. The environment is taken to be there, with the service that is named, open to the public
/// network, and shared with whoever calls. `take` gives memory.
pub fn send(
    request: &Request<'_>,
    party: Party<'_>,
    take: &mut impl FnMut(usize) -> Option<&'static mut [u8]>,
) -> Option<Sent> {
    let mut buffers = [[0; NAME_LIMIT]; 3];
    let [env, service, resource] = &mut buffers;
    let env = name(request.target_env(), env);
    let service = name(request.service(), service);
    let resource = name(request.resource_appid(), resource);
    let owner = [party.owner, resource, party.appid].into_iter().find(|owner| !owner.is_empty()).unwrap_or("-");
    let services = [service];
    let envs = [Env::new(env, owner, if service.is_empty() { &[] } else { &services }).with_public(true)];
    let grants = [Grant::new(env, owner, party.appid)];
    let caller = Caller::new(party.appid, party.openid, "wx_client");
    let caller = Some(&caller).filter(|caller| !caller.appid.is_empty());
    let permission = match Access::new(&envs, &grants).decide(request, caller) {
        Ok(permission) => permission,
        Err(refusal) => return Some(Sent::Refused(refusal.code(), refusal.message())),
    };
    match HttpRequest::new(request, &permission, caller, service) {
        Ok(http) => {
            let place = take(http.encoded_len())?;
            Some(Sent::Request { bytes: http.encode(place).ok()?, relation: permission.relation })
        }
        Err(refusal) => Some(Sent::Refused(refusal.code(), refusal.message())),
    }
}

/// Returns a name without its escapes.
fn name<'b>(text: Option<Text<'b>>, buffer: &'b mut [u8]) -> &'b str {
    let text = text.unwrap_or_default();
    text.as_str().or_else(|| text.decode(buffer).ok()).unwrap_or_default()
}
