//! jiter: its iterator, field by field.

use super::Decode;
use super::fields::{Field, Take};
use super::key::Key;
use jiter::{Jiter as Iter, NumberInt};

#[derive(Default)]
pub struct Jiter {
    /// Memory in which the library unescapes, kept.
    tape: Vec<u8>,
}

impl Decode for Jiter {
    const NAME: &'static str = "jiter";

    #[inline]
    fn request(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        self.envelope(envelope, |iter| request(iter, take))
    }

    #[inline]
    fn reply(&mut self, envelope: &[u8], take: &mut impl Take) -> Option<()> {
        self.envelope(envelope, |iter| reply(iter, take))
    }
}

impl Jiter {
    #[inline(always)]
    fn envelope(&mut self, envelope: &[u8], walk: impl FnOnce(&mut Iter<'_>) -> Option<()>) -> Option<()> {
        let mut iter = Iter::with_tape(envelope, std::mem::take(&mut self.tape));
        let result = walk(&mut iter).and_then(|()| iter.finish().ok());
        self.tape = iter.into_tape();
        result
    }
}

#[inline(always)]
fn request(iter: &mut Iter<'_>, take: &mut impl Take) -> Option<()> {
    let mut key = iter.next_object().ok()?.map(Key::of_request);
    while let Some(known) = key {
        value(iter, known, take)?;
        key = iter.next_key().ok()?.map(Key::of_request);
    }
    Some(())
}

#[inline(always)]
fn reply(iter: &mut Iter<'_>, take: &mut impl Take) -> Option<()> {
    let mut key = iter.next_object().ok()?.map(Key::of_reply);
    while let Some(known) = key {
        value(iter, known, take)?;
        key = iter.next_key().ok()?.map(Key::of_reply);
    }
    Some(())
}

#[inline(always)]
fn value(iter: &mut Iter<'_>, key: Key, take: &mut impl Take) -> Option<()> {
    match key {
        Key::Text(field) => take.text(field, iter.next_str().ok()?.as_bytes()),
        Key::Number(field) => {
            let NumberInt::Int(number) = iter.next_int().ok()?;
            take.number(field, number);
        }
        Key::Config => config(iter, take)?,
        Key::Header => headers(iter, take)?,
        Key::Cookies => {
            let mut next = iter.next_array().ok()?;
            while next.is_some() {
                take.cookie(iter.next_str().ok()?.as_bytes());
                next = iter.array_step().ok()?;
            }
        }
        Key::Data => body(iter, take)?,
        Key::NativeBuffers => native_buffers(iter, take)?,
        Key::Other => iter.next_skip().ok()?,
    }
    Some(())
}

#[inline(always)]
fn config(iter: &mut Iter<'_>, take: &mut impl Take) -> Option<()> {
    let mut is_env = iter.next_object().ok()?.map(|key| key == "env");
    while let Some(env) = is_env {
        if env {
            take.text(Field::Env, iter.next_str().ok()?.as_bytes());
        } else {
            iter.next_skip().ok()?;
        }
        is_env = iter.next_key().ok()?.map(|key| key == "env");
    }
    Some(())
}

/// A name is lent until the next string is read, and so cannot be kept for its value unless it is plain.
#[inline(always)]
fn headers(iter: &mut Iter<'_>, take: &mut impl Take) -> Option<()> {
    let mut name = [0; 128];
    let mut length = keep(&mut name, iter.next_object().ok()?);
    while let Some(of) = length {
        take.header(&name[..of], iter.next_str().ok()?.as_bytes());
        length = keep(&mut name, iter.next_key().ok()?);
    }
    Some(())
}

#[inline(always)]
fn keep(room: &mut [u8; 128], name: Option<&str>) -> Option<usize> {
    let name = name?.as_bytes();
    let length = name.len().min(room.len());
    room[..length].copy_from_slice(&name[..length]);
    Some(length)
}

#[inline(always)]
fn body(iter: &mut Iter<'_>, take: &mut impl Take) -> Option<()> {
    let peek = iter.peek().ok()?;
    let start = iter.current_index();
    iter.known_skip(peek).ok()?;
    take.body(iter.slice_to_current(start));
    Some(())
}

#[inline(always)]
fn native_buffers(iter: &mut Iter<'_>, take: &mut impl Take) -> Option<()> {
    if iter.next_array().ok()?.is_none() {
        return Some(());
    }
    let mut is_base64 = iter.next_object().ok()?.map(|key| key == "base64");
    while let Some(base64) = is_base64 {
        if base64 {
            body(iter, take)?;
        } else if iter.next_str().ok()? != "data" {
            return None;
        }
        is_base64 = iter.next_key().ok()?.map(|key| key == "base64");
    }
    iter.array_step().ok()?.is_none().then_some(())
}
