//! hifijson: its lexer over a slice, field by field.

use super::Decode;
use super::fields::{Field, Take};
use super::key::Key;
use hifijson::num::LexWrite as _;
use hifijson::str::LexAlloc as _;
use hifijson::token::Lex as _;
use hifijson::{Error, Expect, SliceLexer};
use std::borrow::Cow;

pub struct Hifijson;

impl Decode for Hifijson {
    const NAME: &'static str = "hifijson";

    #[inline]
    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        whole(envelope, Key::of_request, take).ok()
    }

    #[inline]
    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        whole(envelope, Key::of_reply, take).ok()
    }
}

#[inline(always)]
fn whole(envelope: &[u8], lookup: fn(&str) -> Key, take: &mut impl Take) -> Result<(), Error> {
    SliceLexer::new(envelope).exactly_one(SliceLexer::ws_peek, |next, lexer| {
        object(next, lexer, |key, next, lexer| value(lookup(&key), next, lexer, take))
    })
}

/// An object; the function reads each value.
#[inline(always)]
fn object<'a>(
    next: u8,
    lexer: &mut SliceLexer<'a>,
    mut member: impl FnMut(Cow<'a, str>, u8, &mut SliceLexer<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    if next != b'{' {
        return Err(Expect::Value.into());
    }
    lexer.discarded().seq(b'}', SliceLexer::ws_peek, |next, lexer| {
        let key = string(next, lexer)?;
        lexer.expect(SliceLexer::ws_peek, b':').ok_or(Expect::Colon)?;
        member(key, lexer.ws_peek().ok_or(Expect::Value)?, lexer)
    })
}

#[inline(always)]
fn string<'a>(next: u8, lexer: &mut SliceLexer<'a>) -> Result<Cow<'a, str>, Error> {
    if next != b'"' {
        return Err(Expect::String.into());
    }
    Ok(lexer.discarded().str_string()?)
}

#[inline(always)]
fn value(key: Key, next: u8, lexer: &mut SliceLexer<'_>, take: &mut impl Take) -> Result<(), Error> {
    match key {
        Key::Text(field) => take.text(field, string(next, lexer)?.as_bytes()),
        Key::Number(field) => {
            let (number, _) = lexer.num_string().validated()?;
            take.number(field, number.parse().map_err(|_| Expect::Value)?);
        }
        Key::Config => object(next, lexer, |key, next, lexer| {
            if key == "env" {
                take.text(Field::Env, string(next, lexer)?.as_bytes());
                return Ok(());
            }
            hifijson::ignore::parse(next, lexer)
        })?,
        Key::Header => object(next, lexer, |name, next, lexer| {
            take.header(name.as_bytes(), string(next, lexer)?.as_bytes());
            Ok(())
        })?,
        Key::Cookies => array(next, lexer, |next, lexer| {
            take.cookie(string(next, lexer)?.as_bytes());
            Ok(())
        })?,
        Key::Data => body(next, lexer, take)?,
        Key::NativeBuffers => array(next, lexer, |next, lexer| {
            object(next, lexer, |key, next, lexer| match &*key {
                "base64" => body(next, lexer, take),
                "key" if string(next, lexer)? != "data" => Err(Expect::Value.into()),
                "key" => Ok(()),
                _ => hifijson::ignore::parse(next, lexer),
            })
        })?,
        Key::Other => hifijson::ignore::parse(next, lexer)?,
    }
    Ok(())
}

#[inline(always)]
fn array<'a>(
    next: u8,
    lexer: &mut SliceLexer<'a>,
    item: impl FnMut(u8, &mut SliceLexer<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    if next != b'[' {
        return Err(Expect::Value.into());
    }
    lexer.discarded().seq(b']', SliceLexer::ws_peek, item)
}

#[inline(always)]
fn body(next: u8, lexer: &mut SliceLexer<'_>, take: &mut impl Take) -> Result<(), Error> {
    let start = lexer.as_slice();
    hifijson::ignore::parse(next, lexer)?;
    take.body(&start[..start.len() - lexer.as_slice().len()]);
    Ok(())
}
