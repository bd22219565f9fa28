//! What `wx.request` does with an object: pairs of a query or a form.
//!
//! It knows `encodeURIComponent` and how pairs join those of a path. It must never know where they go.

use crate::envelope::rules::Fingerprint;
use crate::json::cursor::Cursor;
use crate::json::sink::Sink;
use crate::{Json, Text};
use core::ops::Range;

/// The most pairs of a path that an object can be joined with.
pub(super) const PAIRS: usize = 64;

/// Percent-encodes what it is given (RFC 3986, section 2.1), but for the bytes that are kept.
pub(super) struct Percent<'s, S> {
    sink: &'s mut S,
    keep: fn(u8) -> bool,
}

impl<'s, S: Sink> Percent<'s, S> {
    /// As `encodeURIComponent` does.
    pub(super) const fn component(sink: &'s mut S) -> Self {
        Self {
            sink,
            keep: |byte| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')')
            },
        }
    }

    /// What stands in a path already: all that may stand in the target of a request, escapes included.
    pub(super) const fn target(sink: &'s mut S) -> Self {
        Self {
            sink,
            keep: |byte| {
                byte.is_ascii_graphic()
                    && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#')
            },
        }
    }

    fn text(&mut self, text: Text<'_>) {
        text.segments().for_each(|segment| segment.put(self));
    }
}

impl<S: Sink> Sink for Percent<'_, S> {
    fn put(&mut self, bytes: &[u8]) {
        let digit = |value: u8| if value < 10 { value | b'0' } else { value.wrapping_add(b'A' - 10) };
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            let kept = rest.iter().take_while(|byte| (self.keep)(**byte)).count();
            if kept > 0 {
                self.sink.put(rest.get(..kept).unwrap_or_default());
                rest = rest.get(kept..).unwrap_or_default();
            } else {
                self.sink.put(&[b'%', digit(first >> 4), digit(first & 0x0F)]);
                rest = after;
            }
        }
    }
}

/// A fingerprint of what is written.
impl Sink for Fingerprint {
    fn put(&mut self, bytes: &[u8]) {
        self.add(bytes);
    }
}

/// A member of an object.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    name: Text<'a>,
    value: Value<'a>,
}

#[derive(Clone, Copy)]
enum Value<'a> {
    /// A string, or a number, boolean or `null` as it is written.
    Text(Text<'a>),
    /// An object or array.
    Nested(Json<'a>),
}

impl Pair<'_> {
    pub(super) const fn is_nested(&self) -> bool {
        matches!(self.value, Value::Nested(_))
    }

    /// Writes `name=value`, both as `encodeURIComponent` gives them.
    pub(super) fn put(&self, sink: &mut impl Sink) {
        Percent::component(sink).text(self.name);
        sink.put(b"=");
        match self.value {
            Value::Text(text) => Percent::component(sink).text(text),
            Value::Nested(json) => json.put(&mut Percent::component(sink)),
        }
    }

    /// Stands for the name as it is written.
    fn fingerprint(&self) -> Fingerprint {
        let mut fingerprint = Fingerprint::NEW;
        Percent::component(&mut fingerprint).text(self.name);
        fingerprint
    }
}

/// The members of an object, in order; none where it is no object. A name that stands twice, which it does in no object
/// of JavaScript, comes twice.
pub(super) struct Pairs<'a> {
    cursor: Cursor<'a>,
    /// The first is still to come.
    first: bool,
}

impl<'a> Pairs<'a> {
    pub(super) fn new(object: Json<'a>) -> Self {
        let mut cursor = Cursor::new(object.as_bytes());
        // What is no object has no name next.
        cursor.expect(b'{');
        Self { cursor, first: true }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        // The text has been validated, so nothing in it is wrong.
        if !self.cursor.next_name(core::mem::take(&mut self.first)) {
            return None;
        }
        let name = self.cursor.string().text;
        self.cursor.colon();
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

/// Writes the pairs of an object.
pub(super) fn put_form(sink: &mut impl Sink, object: Json<'_>) {
    for (at, pair) in Pairs::new(object).enumerate() {
        if at > 0 {
            sink.put(b"&");
        }
        pair.put(sink);
    }
}

/// A path taken apart: what comes before the query, and the query if there is one. A fragment is left out.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    path: Text<'a>,
    query: Option<Text<'a>>,
}

impl<'a> Target<'a> {
    pub(super) fn new(path: Text<'a>) -> Self {
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
        let part = |range: Range<usize>| path.slice(range).unwrap_or_default();
        // A question mark may be an escape of six bytes.
        let query = question.map(|at| {
            let after = path.char_indices().map(|(at, _)| at).find(|next| *next > at).unwrap_or(end);
            part(after.min(end)..end)
        });
        Self { path: part(0..question.unwrap_or(end)), query }
    }

    /// The pairs of the query as they stand.
    fn pairs(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        let mut rest = self.query.filter(|query| !query.is_empty());
        core::iter::from_fn(move || {
            let query = rest?;
            let len = query.as_raw().len();
            let mut characters = query.char_indices();
            let end = characters.find(|(_, character)| *character == '&').map(|(at, _)| at);
            let after = end.map(|_| characters.next().map_or(len, |(at, _)| at));
            rest = after.and_then(|after| query.slice(after..len));
            query.slice(0..end.unwrap_or(len))
        })
    }

    /// Whether an object can be joined with the query.
    pub(super) fn can_join(&self) -> bool {
        // Not all of them are counted: each takes a look at the rest of the path.
        self.pairs().take(PAIRS + 1).count() <= PAIRS
    }

    /// Writes the target, with the members of an object joined to the query: a member takes the place of the pair of
    /// the same name, every other pair stays as it stands, and the other members follow.
    pub(super) fn put(&self, sink: &mut impl Sink, object: Option<Json<'_>>) {
        Percent::target(sink).text(self.path);
        let Some(object) = object.filter(|object| Pairs::new(*object).next().is_some()) else {
            if let Some(query) = self.query {
                sink.put(b"?");
                Percent::target(sink).text(query);
            }
            return;
        };
        let mut names = [None; PAIRS];
        for (slot, pair) in names.iter_mut().zip(self.pairs()) {
            *slot = Some(name_of(pair));
        }
        // Which member takes the place of each pair: the last of the name, as in an object of JavaScript.
        let mut members = [None; PAIRS];
        for member in Pairs::new(object) {
            let name = Some(member.fingerprint());
            if let Some(place) = names.iter().position(|other| *other == name)
                && let Some(slot) = members.get_mut(place)
            {
                *slot = Some(member);
            }
        }
        let mut separator: &[u8] = b"?";
        for (at, pair) in self.pairs().enumerate() {
            let name = names.get(at).copied().flatten();
            let first = names.iter().position(|other| *other == name).unwrap_or(at);
            let member = members.get(first).copied().flatten();
            // A second pair of a name whose first was replaced is gone with it.
            if member.is_some() && first < at {
                continue;
            }
            sink.put(separator);
            separator = b"&";
            match member {
                Some(member) => member.put(sink),
                None => Percent::target(sink).text(pair),
            }
        }
        for member in Pairs::new(object) {
            let name = Some(member.fingerprint());
            if names.contains(&name) {
                continue;
            }
            sink.put(separator);
            separator = b"&";
            member.put(sink);
        }
    }
}

/// Stands for the name of a pair as it is written.
fn name_of(pair: Text<'_>) -> Fingerprint {
    let end = pair.char_indices().find(|(_, character)| *character == '=').map(|(at, _)| at);
    let name = pair.slice(0..end.unwrap_or(pair.as_raw().len())).unwrap_or_default();
    let mut fingerprint = Fingerprint::NEW;
    Percent::target(&mut fingerprint).text(name);
    fingerprint
}
