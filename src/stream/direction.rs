//! What tells a stream of requests from one of replies: the keys, the limit, and what an envelope must have.
//!
//! It knows which key begins which field. How a field is read is the machine's business.

use super::decoder::Decoder;
use super::machine::{Facts, Role};
use crate::envelope::{reply, request};
use crate::error::{Error, ErrorKind};
use crate::limits::{NAME_LIMIT, REQUEST_LIMIT, RESPONSE_LIMIT};

/// Decodes a request envelope that comes in pieces, through a window of `WINDOW` bytes.
pub type RequestDecoder<const WINDOW: usize> = Decoder<Requests, WINDOW>;

/// Decodes a reply envelope that comes in pieces, through a window of `WINDOW` bytes.
pub type ReplyDecoder<const WINDOW: usize> = Decoder<Replies, WINDOW>;

/// The way an envelope goes: [`Requests`] or [`Replies`].
#[allow(private_bounds, reason = "there are two")]
pub trait Direction: Side {}

/// From client to gateway.
#[derive(Clone, Copy, Debug)]
pub enum Requests {}

/// From gateway to client.
#[derive(Clone, Copy, Debug)]
pub enum Replies {}

impl Direction for Requests {}
impl Direction for Replies {}

/// What a machine asks of its direction.
pub(super) trait Side {
    const LIMIT: usize;
    const TOO_LARGE: ErrorKind;
    /// Whether the headers are those of a request.
    const IS_REQUEST: bool;
    type Service: Service;

    /// What stands under this key of the envelope, which has its closing quote and a colon behind it.
    fn role(key: &[u8]) -> Role;

    /// Makes sure that nothing is missing in an envelope that closes here.
    fn close(facts: &mut Facts, bracket: usize) -> Result<(), Error>;
}

impl Side for Requests {
    const LIMIT: usize = REQUEST_LIMIT;
    const TOO_LARGE: ErrorKind = ErrorKind::RequestTooLarge;
    const IS_REQUEST: bool = true;
    type Service = Named;

    fn role(key: &[u8]) -> Role {
        use request::Key;
        match Key::lookup(key) {
            Key::Unknown => Role::Skip,
            Key::Config => Role::Config,
            Key::ResourceAppid => Role::ResourceAppid,
            Key::ResourceEnv => Role::ResourceEnv,
            Key::Path => Role::Path,
            Key::Service => Role::Service,
            Key::Method => Role::Method,
            Key::Header => Role::Headers,
            Key::Data => Role::Data,
            Key::NativeBuffers => Role::Buffers,
            Key::Timeout => Role::Timeout,
            Key::DataType => Role::DataType,
            Key::ResponseType => Role::ResponseType,
            Key::CallId => Role::CallId,
        }
    }

    fn close(facts: &mut Facts, bracket: usize) -> Result<(), Error> {
        let has_env = facts.has(Role::Env) || facts.has(Role::ResourceEnv);
        let missing = request::missing(has_env, facts.has(Role::Path));
        missing.map_or(Ok(()), |missing| Err(Error::new(missing, bracket)))
    }
}

impl Side for Replies {
    const LIMIT: usize = RESPONSE_LIMIT;
    const TOO_LARGE: ErrorKind = ErrorKind::ReplyTooLarge;
    const IS_REQUEST: bool = false;
    type Service = ();

    fn role(key: &[u8]) -> Role {
        use reply::Key;
        match Key::lookup(key) {
            Key::Unknown => Role::Skip,
            Key::Status => Role::Status,
            Key::Header => Role::Headers,
            Key::Cookies => Role::Cookies,
            Key::Data => Role::Data,
            Key::NativeBuffers => Role::Buffers,
            Key::CallId => Role::CallId,
            Key::ErrMsg => Role::ErrMsg,
            Key::ErrCode => Role::ErrCode,
            Key::Errno => Role::Errno,
        }
    }

    fn close(facts: &mut Facts, bracket: usize) -> Result<(), Error> {
        let missing = facts.outcome().missing(facts.has(Role::ErrMsg));
        missing.map_or(Ok(()), |missing| Err(Error::new(missing, bracket)))
    }
}

/// Holds the name of a service against that in the other place that may name it.
pub(super) trait Service {
    const NEW: Self;

    /// More of the name, of which `before` bytes came earlier.
    fn add(&mut self, run: &[u8], before: usize);

    /// The name ends. Says whether it agrees with that in the other place, if it has been there.
    fn end(&mut self, len: usize) -> bool;
}

/// No direction but that of requests names a service.
impl Service for () {
    const NEW: Self = ();

    fn add(&mut self, _: &[u8], _: usize) {}

    fn end(&mut self, _: usize) -> bool {
        true
    }
}

/// The service that was named first.
pub(super) struct Named {
    name: [u8; NAME_LIMIT],
    len: Option<u8>,
    differs: bool,
}

impl Service for Named {
    const NEW: Self = Self { name: [0; NAME_LIMIT], len: None, differs: false };

    fn add(&mut self, run: &[u8], before: usize) {
        let Some(place) = self.name.get_mut(before..).and_then(|rest| rest.get_mut(..run.len())) else {
            return;
        };
        if self.len.is_none() {
            place.copy_from_slice(run);
        } else {
            self.differs |= place != run;
        }
    }

    fn end(&mut self, len: usize) -> bool {
        let len = len as u8;
        match self.len {
            None => {
                self.len = Some(len);
                true
            }
            Some(first) => first == len && !self.differs,
        }
    }
}

const _: () = assert!(NAME_LIMIT <= u8::MAX as usize);
