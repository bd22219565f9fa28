//! The differences between a stream of requests and a stream of replies: the keys, the limit, and what an envelope must
//! contain.
//!
//! Knows which key begins which field. The machine knows how a field is read.

use super::core::Core;
use super::event::{Event, Field};
use super::found::Found;
use super::role::{Part, Role};
use crate::envelope::fields::{Choice, Number};
use crate::envelope::parts::Seen;
use crate::envelope::reply::{self, Status};
use crate::envelope::request;
use crate::envelope::rules::Rule;
use crate::envelope::table::{reply, request};
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::cursor::Cursor;
use crate::limits::{NAME_LIMIT, REPLY_LIMIT, REQUEST_LIMIT};
use crate::{ErrorCode, Method, ResponseType, Timeout};

/// The direction of an envelope: [`Requests`] or [`Replies`].
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

/// What a machine needs to know of its direction.
pub(crate) trait Side: Sized {
    const LIMIT: usize;
    const TOO_LARGE: ErrorKind;
    /// Whether the headers are those of a request.
    const IS_REQUEST: bool;
    type Key: Copy;
    const UNKNOWN: Self::Key;
    type Facts: Facts<Key = Self::Key>;

    /// Advances a decoder. It is not generic, so that it is compiled once, with this crate: compiled with each user, it takes
    /// 134 bytes or 1.2 % more flash on a Cortex-M3.
    fn step(core: &mut Core<Self>, bytes: &mut [u8]) -> Result<Found, Error>;

    /// Looks up a key, given with its closing quote and the colon behind it.
    fn key(name: &[u8]) -> Self::Key;

    /// Reads a known key whose opening quote has been read, and a colon directly behind it. Otherwise reads nothing.
    fn strip_key(cursor: &mut Cursor<'_>) -> Option<Self::Key>;

    /// Returns the position of the key in [`Seen`].
    fn place(key: Self::Key) -> u32;

    /// Returns the kind of value under the key.
    fn part(key: Self::Key) -> Part;

    /// Returns what is missing in an envelope that ends here, if anything.
    fn missing(facts: &Self::Facts, seen: Seen) -> Option<ErrorKind>;
}

/// The facts of an envelope that are needed to judge the rest of it, or its end.
pub(crate) trait Facts {
    const NEW: Self;
    type Key;

    /// Converts the name or number under this key into an event.
    ///
    /// # Errors
    /// Why it is invalid.
    fn scalar(&mut self, key: Self::Key, name: Text<'_>, number: Option<i64>) -> Result<Event<'static>, ErrorKind>;

    /// Reports that `config` names the environment.
    fn has_env(&mut self) {}

    /// Adds more of the name of a service; `before` bytes of it came earlier.
    fn add_service(&mut self, _run: &[u8], _before: usize) {}

    /// Ends the name of a service. Returns whether it agrees with the name in the other place, if there was one.
    fn end_service(&mut self, _len: usize) -> bool {
        true
    }
}

/// The kind of value under a key that the table describes completely.
macro_rules! part {
    ({ $of:ident } $($key:ident $key_name:literal
        $(Text($rule:ident $(, $too:ident)?) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {
        match $of {
            $($(Key::$key => Part::of(Role::Text, Field::$key, Rule::$rule),)?
            $(Key::$key => Part::bare(Role::$kind),)?)*
            _ => Part::SKIP,
        }
    };
}

/// The event of a scalar that has a slot.
macro_rules! scalar {
    ({ $of:ident $name:ident $number:ident } $($key:ident $key_name:literal
        $(Text($rule:ident $(, $too:ident)?) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {
        match $of {
            $($($(Key::$key => <$value_type as $kind>::told($name, $number).map(Event::$key),)?)?)*
            _ => Err(ErrorKind::WrongType),
        }
    };
}

/// The facts of a request: whether `config` has an environment, and the first service that was named.
pub(crate) struct Said {
    env: bool,
    service: [u8; NAME_LIMIT],
    len: Option<u8>,
    differs: bool,
}

impl Side for Requests {
    const LIMIT: usize = REQUEST_LIMIT;
    const TOO_LARGE: ErrorKind = ErrorKind::RequestTooLarge;
    const IS_REQUEST: bool = true;
    type Key = request::Key;
    const UNKNOWN: Self::Key = request::Key::Unknown;
    type Facts = Said;

    fn step(core: &mut Core<Self>, bytes: &mut [u8]) -> Result<Found, Error> {
        core.step(bytes)
    }

    fn key(name: &[u8]) -> Self::Key {
        Self::Key::lookup(name)
    }

    #[inline(always)]
    fn strip_key(cursor: &mut Cursor<'_>) -> Option<Self::Key> {
        Self::Key::strip(cursor)
    }

    fn place(key: Self::Key) -> u32 {
        key as u32
    }

    fn part(key: Self::Key) -> Part {
        use request::Key;
        match key {
            Key::Config => Part::bare(Role::Config),
            Key::Service => Part::of(Role::Service, Field::Service, key.rule()),
            Key::Header => Part::bare(Role::Headers),
            Key::Data => Part::of(Role::Data, Field::Data, Rule::Any),
            Key::NativeBuffers => Part::bare(Role::Buffers),
            regular => request!(part { regular }),
        }
    }

    fn missing(facts: &Said, seen: Seen) -> Option<ErrorKind> {
        use request::Key;
        request::missing(facts.env || seen.has(Key::ResourceEnv as u32), seen.has(Key::Path as u32))
    }
}

impl Facts for Said {
    const NEW: Self = Self { env: false, service: [0; NAME_LIMIT], len: None, differs: false };
    type Key = request::Key;

    fn scalar(&mut self, key: Self::Key, name: Text<'_>, number: Option<i64>) -> Result<Event<'static>, ErrorKind> {
        use request::Key;
        request!(scalar { key name number })
    }

    fn has_env(&mut self) {
        self.env = true;
    }

    fn add_service(&mut self, run: &[u8], before: usize) {
        let Some(place) = self.service.get_mut(before..).and_then(|rest| rest.get_mut(..run.len())) else {
            return;
        };
        if self.len.is_none() {
            place.copy_from_slice(run);
        } else {
            self.differs |= place != run;
        }
    }

    fn end_service(&mut self, len: usize) -> bool {
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

impl Side for Replies {
    const LIMIT: usize = REPLY_LIMIT;
    const TOO_LARGE: ErrorKind = ErrorKind::ReplyTooLarge;
    const IS_REQUEST: bool = false;
    type Key = reply::Key;
    const UNKNOWN: Self::Key = reply::Key::Unknown;
    type Facts = reply::Facts;

    fn step(core: &mut Core<Self>, bytes: &mut [u8]) -> Result<Found, Error> {
        core.step(bytes)
    }

    fn key(name: &[u8]) -> Self::Key {
        Self::Key::lookup(name)
    }

    #[inline(always)]
    fn strip_key(cursor: &mut Cursor<'_>) -> Option<Self::Key> {
        Self::Key::strip(cursor)
    }

    fn place(key: Self::Key) -> u32 {
        key as u32
    }

    fn part(key: Self::Key) -> Part {
        use reply::Key;
        match key {
            Key::Header => Part::bare(Role::Headers),
            Key::Cookies => Part::of(Role::Cookies, Field::Cookie, Rule::Any),
            Key::Data => Part::of(Role::Data, Field::Data, Rule::Any),
            Key::NativeBuffers => Part::bare(Role::Buffers),
            regular => reply!(part { regular }),
        }
    }

    fn missing(facts: &reply::Facts, seen: Seen) -> Option<ErrorKind> {
        facts.outcome().missing(seen.has(reply::Key::ErrMsg as u32))
    }
}

impl Facts for reply::Facts {
    const NEW: Self = Self::NONE;
    type Key = reply::Key;

    fn scalar(&mut self, key: Self::Key, name: Text<'_>, number: Option<i64>) -> Result<Event<'static>, ErrorKind> {
        use reply::Key;
        match key {
            Key::Status => {
                let status = Status::told(name, number)?;
                self.status = Some(status);
                Ok(Event::Status(status.0))
            }
            Key::ErrCode | Key::Errno => {
                let code = ErrorCode::told(name, number)?;
                let (place, event): (_, fn(ErrorCode) -> Event<'static>) =
                    if key == Key::Errno { (&mut self.errno, Event::Errno) } else { (&mut self.code, Event::ErrCode) };
                *place = Some(code);
                Ok(event(code))
            }
            regular => reply!(scalar { regular name number }),
        }
    }
}
