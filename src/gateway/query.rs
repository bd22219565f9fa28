//! What `wx.request` does with an object or array: pairs of a query or a form.
//!
//! It knows `encodeURIComponent`, what JavaScript makes a string of, and how pairs join those of a path. It must never
//! know where they go.

use crate::envelope::fingerprint::Fingerprint;
use crate::json::cursor::Cursor;
use crate::json::sink::{Sink, SliceSink};
use crate::json::walk::Kind;
use crate::json::write;
use crate::{Json, Text};
use core::ops::Range;

/// The most pairs of a path that others can be joined with.
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

/// A member of an object, or an element of an array.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    name: Name<'a>,
    value: Value<'a>,
}

#[derive(Clone, Copy)]
enum Name<'a> {
    Text(Text<'a>),
    /// Of an element.
    Index(usize),
}

#[derive(Clone, Copy)]
enum Value<'a> {
    /// A string, or a number, boolean or `null` as it is written. `JSON.stringify` writes all three as `String` does.
    Text(Text<'a>),
    /// An object or array.
    Nested(Json<'a>),
}

/// What becomes of a value that is an object or array.
#[derive(Clone, Copy)]
pub(super) enum Nested {
    /// JSON text, as in a query.
    Json,
    /// What JavaScript's `String(value)` gives, as in a form.
    String,
}

impl Name<'_> {
    fn put<S: Sink>(&self, sink: &mut Percent<'_, S>) {
        match self {
            Self::Text(text) => sink.text(*text),
            Self::Index(index) => write::integer(sink, i32::try_from(*index).unwrap_or(i32::MAX)),
        }
    }
}

impl Pair<'_> {
    /// Writes `name=value`, both as `encodeURIComponent` gives them.
    fn put(&self, sink: &mut impl Sink, nested: Nested) {
        self.name.put(&mut Percent::component(sink));
        sink.put(b"=");
        let mut sink = Percent::component(sink);
        match (self.value, nested) {
            (Value::Text(text), _) => sink.text(text),
            (Value::Nested(json), Nested::Json) => json.put(&mut sink),
            // All of them are texts: see `are_texts`.
            (Value::Nested(json), Nested::String) => drop(put_string(&mut sink, json)),
        }
    }

    /// Stands for the name as it is written.
    fn fingerprint(&self) -> Fingerprint {
        let mut fingerprint = Fingerprint::NEW;
        self.name.put(&mut Percent::component(&mut fingerprint));
        fingerprint
    }
}

/// Writes what JavaScript's `String(value)` gives for an object or array.
///
/// The elements of an array are joined by commas, those of an array in it by the same commas, and `null` in either is
/// nothing; so the brackets go, the commas stay, and it makes no difference how deep anything stands.
///
/// Ends at a string that is no text, and says whether there is none.
fn put_string<S: Sink>(sink: &mut Percent<'_, S>, json: Json<'_>) -> bool {
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

/// The members of an object or the elements of an array, in order; none where it is neither. A name that stands twice,
/// which it does in no object of JavaScript, comes twice.
pub(super) struct Pairs<'a> {
    cursor: Cursor<'a>,
    is_object: bool,
    /// So many have come.
    count: usize,
}

impl<'a> Pairs<'a> {
    pub(super) fn new(json: Json<'a>) -> Self {
        let mut cursor = Cursor::new(json.as_bytes());
        let is_object = json.kind() == Some(Kind::Object);
        // Of what is neither, nothing is left.
        cursor.expect(if is_object { b'{' } else { b'[' });
        Self { cursor, is_object, count: 0 }
    }

    /// Goes to the next value, if there is one, and gives its name.
    fn next_name(&mut self) -> Option<Name<'a>> {
        // The text has been validated, so nothing in it is wrong, and it ends with a bracket.
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

/// Whether all names and strings that are written for this are texts. At half of a surrogate pair `encodeURIComponent`
/// throws. (In JSON that is nested in a query it is an escape, which is written as it stands.)
pub(super) fn are_texts(json: Json<'_>, nested: Nested) -> bool {
    let mut pairs = Pairs::new(json);
    let values = pairs.by_ref().all(|pair| match (pair.value, nested) {
        (Value::Nested(json), Nested::String) => put_string(&mut Percent::component(&mut SliceSink::default()), json),
        _ => true,
    });
    // At what is no text, the pairs end.
    values && pairs.cursor.result().is_ok()
}

/// Writes the pairs of an object or array as a form.
pub(super) fn put_form(sink: &mut impl Sink, json: Json<'_>) {
    for (at, pair) in Pairs::new(json).enumerate() {
        if at > 0 {
            sink.put(b"&");
        }
        pair.put(sink, Nested::String);
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
        let part = |range: Range<usize>| path.part(range).unwrap_or_default();
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
            rest = after.and_then(|after| query.part(after..len));
            query.part(0..end.unwrap_or(len))
        })
    }

    /// Whether pairs can be joined with the query.
    pub(super) fn can_join(&self) -> bool {
        // Not all of them are counted: each takes a look at the rest of the path.
        self.pairs().take(PAIRS + 1).count() <= PAIRS
    }

    /// Writes the target, with the members of an object or the elements of an array joined to the query: one takes the
    /// place of the pair of the same name, every other pair stays as it stands, and the others follow.
    pub(super) fn put(&self, sink: &mut impl Sink, joined: Option<Json<'_>>) {
        Percent::target(sink).text(self.path);
        let Some(joined) = joined.filter(|json| Pairs::new(*json).next().is_some()) else {
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
        for member in Pairs::new(joined) {
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
                Some(member) => member.put(sink, Nested::Json),
                None => Percent::target(sink).text(pair),
            }
        }
        for member in Pairs::new(joined) {
            let name = Some(member.fingerprint());
            if names.contains(&name) {
                continue;
            }
            sink.put(separator);
            separator = b"&";
            member.put(sink, Nested::Json);
        }
    }
}

/// Stands for the name of a pair as it is written.
fn name_of(pair: Text<'_>) -> Fingerprint {
    let end = pair.char_indices().find(|(_, character)| *character == '=').map(|(at, _)| at);
    let name = pair.part(0..end.unwrap_or(pair.as_raw().len())).unwrap_or_default();
    let mut fingerprint = Fingerprint::NEW;
    Percent::target(&mut fingerprint).text(name);
    fingerprint
}
