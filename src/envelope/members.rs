//! Writes the members of one JSON object, with the commas where they belong.

use crate::json::Text;
use crate::json::sink::Sink;
use crate::json::write;

/// The object being written; its bracket and the commas are written with its members.
pub(crate) struct Members {
    any: bool,
}

impl Members {
    pub(crate) const fn new() -> Self {
        Self { any: false }
    }

    /// Writes a key; its value must follow. The keys of an envelope need no escapes.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn key(&mut self, sink: &mut impl Sink, key: &str) {
        self.separate(sink);
        sink.put(b"\"");
        sink.put(key.as_bytes());
        sink.put(b"\":");
    }

    /// Writes a key that may need escapes; its value must follow.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn text_key(&mut self, sink: &mut impl Sink, key: Text<'_>) {
        self.separate(sink);
        write::string(sink, key);
        sink.put(b":");
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn string(&mut self, sink: &mut impl Sink, key: &str, value: Text<'_>) {
        self.key(sink, key);
        write::string(sink, value);
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(crate) fn string_if(&mut self, sink: &mut impl Sink, key: &str, value: Option<Text<'_>>) {
        if let Some(value) = value {
            self.string(sink, key, value);
        }
    }

    pub(crate) fn integer(&mut self, sink: &mut impl Sink, key: &str, value: i32) {
        self.key(sink, key);
        write::integer(sink, value);
    }

    /// Writes the closing bracket.
    pub(crate) fn end(self, sink: &mut impl Sink) {
        sink.put(if self.any { b"}" } else { b"{}" });
    }

    fn separate(&mut self, sink: &mut impl Sink) {
        sink.put(if self.any { b"," } else { b"{" });
        self.any = true;
    }
}
