//! Converts bytes that a service sends as text: UTF-8, with U+FFFD for what is not (the WHATWG's Encoding Standard: one
//! for each longest beginning of a character).
//!
//! Knows UTF-8, and that text may be JSON. Knows nothing of where the text came from.

use crate::envelope::members::{Members, key};
use crate::json::sink::Sink;
use crate::json::walk::{Walker, is_space};
use crate::json::{Json, Text, write};
use crate::{Data, DataType, ResponseType};

pub(crate) const REPLACEMENT: &str = "\u{fffd}";

/// The body in the reply.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'a> {
    /// Its text is all valid UTF-8, or it is not text.
    Clean(Data<'a>),
    /// JSON once the invalid UTF-8 in its strings is replaced. Only [`Body::put`] may read it.
    BrokenJson(Data<'a>),
    /// Text with invalid UTF-8 that must be replaced.
    BrokenText(&'a [u8]),
}

/// Whether a body is to be text, and there is any. That of an empty JSON string has its quotes.
pub(crate) fn is_text(body: &[u8], response_type: ResponseType) -> bool {
    response_type != ResponseType::ArrayBuffer && !matches!(body, b"" | b"\xEF\xBB\xBF")
}

impl<'a> Body<'a> {
    pub(crate) fn new(body: &'a [u8], data_type: DataType<'_>, response_type: ResponseType) -> Self {
        if let Ok(data) = Data::from_body(body, data_type, response_type) {
            return Self::Clean(data);
        }
        let text = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        match broken_json(text).filter(|_| data_type == DataType::Json) {
            Some(json) => Self::BrokenJson(Data::from(json)),
            None => Self::BrokenText(text),
        }
    }

    /// Writes the member of the envelope that contains it.
    pub(crate) fn put(&self, sink: &mut impl Sink, members: &mut Members) {
        match self {
            Self::Clean(data) => data.put(sink, members),
            Self::BrokenJson(data) => data.put(&mut Replacing(sink), members),
            Self::BrokenText(text) => {
                members.key(sink, key!("data"));
                sink.put(b"\"");
                put_content(sink, text);
                sink.put(b"\"");
            }
        }
    }
}

/// Writes text as the content of a JSON string.
pub(crate) fn put_content(sink: &mut impl Sink, text: &[u8]) {
    for chunk in text.utf8_chunks() {
        write::content(sink, Text::new(chunk.valid()));
        if !chunk.invalid().is_empty() {
            sink.put(REPLACEMENT.as_bytes());
        }
    }
}

/// Returns the JSON that a text is once its invalid UTF-8 is replaced, which is only possible in strings.
fn broken_json(text: &[u8]) -> Option<Json<'_>> {
    let start = text.iter().position(|byte| !is_space(*byte))?;
    let end = text.iter().rposition(|byte| !is_space(*byte))?.saturating_add(1);
    let text = text.get(start..end)?;
    let mut walker = Walker::new(1);
    // The walker stops early only at a sequence cut by the end of a piece, and no such sequence continues with U+FFFD.
    let mut takes_all = |piece: &str| walker.feed(piece.as_bytes()) == Ok(piece.len());
    for chunk in text.utf8_chunks() {
        if !takes_all(chunk.valid()) || !chunk.invalid().is_empty() && !takes_all(REPLACEMENT) {
            return None;
        }
    }
    let is_text = |content: &[u8]| content.utf8_chunks().all(|run| Text::from_escaped(run.valid()).is_ok());
    match text {
        // A string must be readable as a text.
        [b'"', content @ .., b'"'] if !is_text(content) => None,
        _ => walker.may_end().then_some(Json::from_span(text, walker.spaces())),
    }
}

/// Passes on what is written, with invalid UTF-8 replaced. It receives each string, or each part of it between escapes,
/// at once: neither copying JSON nor copying a text that is still escaped cuts a character.
pub(crate) struct Replacing<'s, S>(pub(crate) &'s mut S);

impl<S: Sink> Sink for Replacing<'_, S> {
    fn put(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            self.0.put(chunk.valid().as_bytes());
            if !chunk.invalid().is_empty() {
                self.0.put(REPLACEMENT.as_bytes());
            }
        }
    }
}
