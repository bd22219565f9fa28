//! What `wx.request` does with an object or array: converts it to pairs of a query or a form.
//!
//! Knows `encodeURIComponent`, how JavaScript converts values to strings, and how pairs are joined to those of a path.
//! Knows nothing of where they go.

use crate::envelope::fingerprint::Fingerprint;
use crate::json::cursor::Cursor;
use crate::json::plain::Plain;
use crate::json::sink::{Sink, SliceSink, Source};
use crate::json::walk::Kind;
use crate::json::write;
use crate::target::WIDE;
use crate::{Json, Text};
use core::ops::Range;

/// The most pairs in a path that others can be joined to.
pub(crate) const PAIRS: usize = 64;

/// Percent-encodes its input (RFC 3986, section 2.1), except for the bytes that are kept.
pub(crate) struct Percent<'s> {
    /// Of any kind: with code for each of the three, a client takes 1916 bytes or 3.9 % more flash on a Cortex-M3.
    sink: &'s mut dyn Sink,
    keep: fn(u8) -> bool,
}

impl<'s> Percent<'s> {
    /// Encodes like `encodeURIComponent`.
    pub(crate) const fn component(sink: &'s mut impl Sink) -> Self {
        Self {
            sink,
            keep: |byte| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')')
            },
        }
    }

    /// Encodes what is already part of a path: keeps everything that may be in the target of a request, escapes
    /// included.
    pub(crate) const fn target(sink: &'s mut impl Sink) -> Self {
        Self {
            sink,
            keep: |byte| {
                byte.is_ascii_graphic()
                    && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#')
            },
        }
    }

    fn text(&mut self, text: Text<'_>) {
        Plain(text).put_all(self);
    }
}

impl Sink for Percent<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if WIDE {
            return bytes.chunks(AT_ONCE).for_each(|bytes| self.put_at_once(bytes));
        }
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            let kept = rest.iter().take_while(|byte| (self.keep)(**byte)).count();
            if kept > 0 {
                self.sink.put(rest.get(..kept).unwrap_or_default());
                rest = rest.get(kept..).unwrap_or_default();
            } else {
                self.sink.put(&encoded(*first));
                rest = after;
            }
        }
    }
}

/// Returns how a byte is written that is not kept.
#[inline]
fn encoded(byte: u8) -> [u8; 3] {
    let digit = |value: u8| if value < 10 { value | b'0' } else { value.wrapping_add(b'A' - 10) };
    [b'%', digit(byte >> 4), digit(byte & 0x0F)]
}

/// Bytes that a wide processor puts at once, so that a window is soon past what it has shown.
const AT_ONCE: usize = 64;

impl Percent<'_> {
    fn put_at_once(&mut self, bytes: &[u8]) {
        let mut room = [0; 3 * AT_ONCE];
        let mut sink = SliceSink::new(&mut room);
        if !self.sink.drops() {
            for byte in bytes {
                if (self.keep)(*byte) {
                    sink.put(&[*byte]);
                } else {
                    sink.put(&encoded(*byte));
                }
            }
        }
        self.sink.put(sink.finish().unwrap_or_default());
    }
}

/// Returns the target of a path to which nothing is joined, if it stands there as it is written.
pub(crate) fn plain_target(path: Text<'_>) -> Option<&[u8]> {
    let target = path.as_bytes()?.split(|byte| *byte == b'#').next()?;
    let keep = Percent::target(&mut SliceSink::default()).keep;
    Some(target).filter(|target| target.iter().all(|byte| keep(*byte)))
}

/// Computes the fingerprint of what is written.
impl Sink for Fingerprint {
    fn put(&mut self, bytes: &[u8]) {
        self.add(bytes);
    }
}

/// A member of an object, or an element of an array.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    name: Name<'a>,
    value: Value<'a>,
}

#[derive(Clone, Copy)]
enum Name<'a> {
    Text(Text<'a>),
    /// The index of an element.
    Index(usize),
}

#[derive(Clone, Copy)]
enum Value<'a> {
    /// A string, or a number, boolean or `null` as it is written. `JSON.stringify` writes all three as `String` does.
    Text(Text<'a>),
    /// An object or array.
    Nested(Json<'a>),
}

/// How a value that is an object or array is written.
#[derive(Clone, Copy)]
pub(crate) enum Nested {
    /// As JSON text, in a query.
    Json,
    /// As JavaScript's `String(value)`, in a form.
    String,
}

impl Name<'_> {
    fn put(&self, sink: &mut Percent<'_>) {
        match self {
            Self::Text(text) => sink.text(*text),
            Self::Index(index) => write::integer(sink, i32::try_from(*index).unwrap_or(i32::MAX)),
        }
    }
}

impl Pair<'_> {
    /// Writes `name=value`, both encoded like `encodeURIComponent`.
    fn put(&self, sink: &mut impl Sink, nested: Nested) {
        self.name.put(&mut Percent::component(sink));
        sink.put(b"=");
        let mut sink = Percent::component(sink);
        match (self.value, nested) {
            (Value::Text(text), _) => sink.text(text),
            (Value::Nested(json), Nested::Json) => json.put(&mut sink),
            // All strings are valid text: see `are_texts`.
            (Value::Nested(json), Nested::String) => drop(put_string(&mut sink, json)),
        }
    }

    /// Returns the fingerprint of the name as it is written.
    #[inline(never)]
    fn fingerprint(&self) -> Fingerprint {
        let mut fingerprint = Fingerprint::NEW;
        self.name.put(&mut Percent::component(&mut fingerprint));
        fingerprint
    }
}

/// Writes the result of JavaScript's `String(value)` for an object or array.
///
/// The elements of an array are joined by commas, those of a nested array by the same commas, and `null` in either is
/// empty. So the brackets are dropped, the commas stay, and the depth of a value makes no difference.
///
/// Stops at a string that is not valid text, and returns whether there is none.
fn put_string(sink: &mut Percent<'_>, json: Json<'_>) -> bool {
    let mut cursor = Cursor::new(json.as_bytes());
    loop {
        match cursor.peek() {
            0 => return cursor.result().is_ok(),
            bracket @ (b'[' | b']') => cursor.expect(bracket),
            b',' => {
                cursor.expect(b',');
                sink.put(b",");
            }
            b'"' => {
                cursor.expect(b'"');
                sink.text(cursor.string().text);
            }
            first => {
                let span = cursor.value(1);
                match first {
                    b'{' => sink.put(b"[object Object]"),
                    b'n' => {}
                    _ => sink.put(span.raw),
                }
            }
        }
    }
}

/// The members of an object or the elements of an array, in order; none for any other value. A duplicate name, which no
/// JavaScript object has, is returned twice.
pub(crate) struct Pairs<'a> {
    cursor: Cursor<'a>,
    is_object: bool,
    /// The number of pairs returned.
    count: usize,
}

impl<'a> Pairs<'a> {
    pub(crate) fn new(json: Json<'a>) -> Self {
        let mut cursor = Cursor::new(json.as_bytes());
        let is_object = json.kind() == Some(Kind::Object);
        // Any other value leaves nothing to read.
        cursor.expect(if is_object { b'{' } else { b'[' });
        Self { cursor, is_object, count: 0 }
    }

    /// Advances to the next value, if there is one, and returns its name.
    fn next_name(&mut self) -> Option<Name<'a>> {
        // The text has been validated, so it contains no errors, and it ends with a bracket.
        if self.cursor.rest().is_empty() {
            return None;
        }
        if !self.is_object {
            return self.cursor.next_value(self.count).then_some(Name::Index(self.count));
        }
        if !self.cursor.next_name(self.count == 0) {
            return None;
        }
        let name = self.cursor.string().text;
        self.cursor.colon();
        Some(Name::Text(name))
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        let name = self.next_name()?;
        self.count = self.count.wrapping_add(1);
        let value = match self.cursor.peek() {
            b'"' => {
                self.cursor.expect(b'"');
                Value::Text(self.cursor.string().text)
            }
            first => {
                let span = self.cursor.value(1);
                match first {
                    b'{' | b'[' => Value::Nested(Json::from_span(span.raw, span.spaces)),
                    _ => Value::Text(Text::from_span(span.raw, false)),
                }
            }
        };
        Some(Pair { name, value })
    }
}

/// Whether all names and strings that will be written are valid text. `encodeURIComponent` throws on half of a
/// surrogate pair. (In JSON that is nested in a query it is an escape, which is written as it is.)
pub(crate) fn are_texts(json: Json<'_>, nested: Nested) -> bool {
    let mut pairs = Pairs::new(json);
    let values = pairs.by_ref().all(|pair| match (pair.value, nested) {
        (Value::Nested(json), Nested::String) => put_string(&mut Percent::component(&mut SliceSink::default()), json),
        _ => true,
    });
    // The pairs end at a name or string that is not valid text.
    values && pairs.cursor.result().is_ok()
}

/// Writes the pairs of an object or array as a form.
pub(crate) fn put_form(sink: &mut impl Sink, json: Json<'_>) {
    for (at, pair) in Pairs::new(json).enumerate() {
        if at > 0 {
            sink.put(b"&");
        }
        pair.put(sink, Nested::String);
    }
}

/// A path split into the part before the query, and the query if there is one. A fragment is dropped.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    path: Text<'a>,
    query: Option<Text<'a>>,
}

impl<'a> Target<'a> {
    pub(crate) fn new(path: Text<'a>) -> Self {
        let (mut question, mut end) = (None, path.as_raw().len());
        for (at, character) in path.char_indices() {
            match character {
                '?' if question.is_none() => question = Some(at),
                '#' => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let part = |range: Range<usize>| path.part(range).unwrap_or_default();
        // A question mark may be an escape of six bytes.
        let query = question.map(|at| {
            let after = path.char_indices().map(|(at, _)| at).find(|next| *next > at).unwrap_or(end);
            part(after.min(end)..end)
        });
        Self { path: part(0..question.unwrap_or(end)), query }
    }

    /// Returns the pairs of the query as they are written.
    fn pairs(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        let mut rest = self.query.filter(|query| !query.is_empty());
        core::iter::from_fn(move || {
            let pair;
            (pair, rest) = split_pair(rest?);
            pair
        })
    }

    /// Whether pairs can be joined to the query.
    pub(crate) fn can_join(&self) -> bool {
        // Counts no more than necessary: each pair takes a scan of the rest of the path.
        self.pairs().take(PAIRS + 1).count() <= PAIRS
    }

    /// Writes the target, with the members of an object or the elements of an array joined to the query: each replaces
    /// the pair of the same name. All other pairs stay as they are, and the remaining members follow.
    pub(crate) fn put(&self, sink: &mut impl Sink, joined: Option<Json<'_>>) {
        Percent::target(sink).text(self.path);
        let Some(joined) = joined.filter(|json| Pairs::new(*json).next().is_some()) else {
            if let Some(query) = self.query {
                sink.put(b"?");
                Percent::target(sink).text(query);
            }
            return;
        };
        self.put_joined(sink, joined);
    }

    /// Writes the query, with the pairs of what is joined to it. Only this takes the stack for the names.
    #[inline(never)]
    fn put_joined(&self, sink: &mut impl Sink, joined: Json<'_>) {
        let mut names = [Fingerprint::ZERO; PAIRS];
        let slots = names.iter_mut().zip(self.pairs());
        let count = slots.map(|(slot, pair)| *slot = name_of(pair)).count();
        let names = names.get(..count).unwrap_or_default();
        // The place of the member that replaces each pair: of the last one of that name, as in a JavaScript object. The
        // members themselves would take kilobytes of stack, and few are replaced.
        let mut members = [NO_MEMBER; PAIRS];
        for (at, member) in Pairs::new(joined).enumerate() {
            let name = member.fingerprint();
            if let Some(place) = names.iter().position(|other| *other == name)
                && let Some(slot) = members.get_mut(place)
            {
                *slot = at as u32;
            }
        }
        let mut separator: &[u8] = b"?";
        for ((at, pair), name) in self.pairs().enumerate().zip(names) {
            let first = names.iter().position(|other| other == name).unwrap_or(at);
            let member = members.get(first).filter(|member| **member != NO_MEMBER);
            // If the first pair of a name is replaced, further pairs of that name are dropped.
            if member.is_some() && first < at {
                continue;
            }
            sink.put(separator);
            separator = b"&";
            match member.and_then(|at| Pairs::new(joined).nth(*at as usize)) {
                Some(member) => member.put(sink, Nested::Json),
                None => Percent::target(sink).text(pair),
            }
        }
        for member in Pairs::new(joined) {
            if names.contains(&member.fingerprint()) {
                continue;
            }
            sink.put(separator);
            separator = b"&";
            member.put(sink, Nested::Json);
        }
    }
}

/// Stands for the place of a member where there is none. A request has no room for so many.
const NO_MEMBER: u32 = u32::MAX;

/// Splits off the first pair of a query, and returns it and the rest.
#[inline(never)]
fn split_pair(query: Text<'_>) -> (Option<Text<'_>>, Option<Text<'_>>) {
    let len = query.as_raw().len();
    let mut characters = query.char_indices();
    let end = characters.find(|(_, character)| *character == '&').map(|(at, _)| at);
    let after = end.map(|_| characters.next().map_or(len, |(at, _)| at));
    (query.part(0..end.unwrap_or(len)), after.and_then(|after| query.part(after..len)))
}

/// Returns the fingerprint of the name of a pair as it is written.
fn name_of(pair: Text<'_>) -> Fingerprint {
    let end = pair.char_indices().find(|(_, character)| *character == '=').map(|(at, _)| at);
    let name = pair.part(0..end.unwrap_or(pair.as_raw().len())).unwrap_or_default();
    let mut fingerprint = Fingerprint::NEW;
    Percent::target(&mut fingerprint).text(name);
    fingerprint
}
