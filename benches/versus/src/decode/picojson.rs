//! picojson: its pull parser over a slice, event by event.

use super::Decode;
use super::fields::{Field, Take};
use super::key::Key;
use callcontainer::REPLY_LIMIT;
use picojson::{Event, NumberResult, ParseError, PullParser, SliceParser};
use serde_json::Value;

pub struct Picojson {
    /// Memory in which the library unescapes, kept.
    scratch: Vec<u8>,
}

impl Default for Picojson {
    fn default() -> Self {
        Self { scratch: vec![0; REPLY_LIMIT] }
    }
}

impl Decode for Picojson {
    const NAME: &'static str = "picojson";

    #[inline]
    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        whole(&mut SliceParser::with_buffer_from_slice(envelope, &mut self.scratch), Key::of_request, take)
    }

    #[inline]
    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        whole(&mut SliceParser::with_buffer_from_slice(envelope, &mut self.scratch), Key::of_reply, take)
    }
}

type Parser<'a, 'b> = SliceParser<'a, 'b>;

#[inline(always)]
fn whole(parser: &mut Parser<'_, '_>, lookup: fn(&str) -> Key, take: &mut impl Take) -> Option<()> {
    if !matches!(parser.next_event().ok()?, Event::StartObject) {
        return None;
    }
    loop {
        let key = match parser.next_event().ok()? {
            Event::Key(key) => lookup(&key),
            Event::EndObject => break,
            _ => return None,
        };
        value(parser, key, take)?;
    }
    matches!(parser.next_event().ok()?, Event::EndDocument).then_some(())
}

#[inline(always)]
fn value(parser: &mut Parser<'_, '_>, key: Key, take: &mut impl Take) -> Option<()> {
    match (key, parser.next_event().ok()?) {
        (Key::Text(field), Event::String(text)) => take.text(field, text.as_bytes()),
        (Key::Number(field), Event::Number(number)) => match number.parsed() {
            NumberResult::Integer(number) => take.number(field, *number),
            _ => return None,
        },
        (Key::Config, Event::StartObject) => loop {
            let is_env = match parser.next_event().ok()? {
                Event::Key(key) => *key == *"env",
                Event::EndObject => break,
                _ => return None,
            };
            match parser.next_event().ok()? {
                Event::String(env) if is_env => take.text(Field::Env, env.as_bytes()),
                Event::StartObject | Event::StartArray if !is_env => skip(parser).ok()?,
                _ if !is_env => {}
                _ => return None,
            }
        },
        (Key::Header, Event::StartObject) => {
            let mut name = [0; 128];
            loop {
                // A name is lent until the next event.
                let length = match parser.next_event().ok()? {
                    Event::Key(key) => {
                        name.get_mut(..key.len())?.copy_from_slice(key.as_bytes());
                        key.len()
                    }
                    Event::EndObject => break,
                    _ => return None,
                };
                let Event::String(value) = parser.next_event().ok()? else { return None };
                take.header(&name[..length], value.as_bytes());
            }
        }
        (Key::Cookies, Event::StartArray) => loop {
            match parser.next_event().ok()? {
                Event::String(cookie) => take.cookie(cookie.as_bytes()),
                Event::EndArray => break,
                _ => return None,
            }
        },
        (Key::NativeBuffers, Event::StartArray) => native_buffers(parser, take)?,
        (Key::Data, Event::String(text)) => take.parsed_body(|| Value::from(text.as_ref())),
        (Key::Data | Key::Other, Event::StartObject | Event::StartArray) => skip(parser).ok()?,
        (Key::Data | Key::Other, _) => {}
        _ => return None,
    }
    Some(())
}

#[inline(always)]
fn native_buffers(parser: &mut Parser<'_, '_>, take: &mut impl Take) -> Option<()> {
    loop {
        match parser.next_event().ok()? {
            Event::StartObject => {}
            Event::EndArray => return Some(()),
            _ => return None,
        }
        loop {
            let is_base64 = match parser.next_event().ok()? {
                Event::Key(key) if *key == *"base64" => true,
                Event::Key(key) if *key == *"key" => false,
                Event::EndObject => break,
                _ => return None,
            };
            match parser.next_event().ok()? {
                Event::String(text) if is_base64 => take.parsed_body(|| Value::from(text.as_ref())),
                Event::String(text) if *text == *"data" => {}
                _ => return None,
            }
        }
    }
}

/// Goes past the rest of an object or array.
#[inline(always)]
fn skip(parser: &mut Parser<'_, '_>) -> Result<(), ParseError> {
    let mut depth = 1_u32;
    while depth > 0 {
        match parser.next_event()? {
            Event::StartObject | Event::StartArray => depth += 1,
            Event::EndObject | Event::EndArray => depth -= 1,
            _ => {}
        }
    }
    Ok(())
}
