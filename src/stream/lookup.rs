//! What a machine keeps of the names that pass through its window: the current name, to look it up, and fingerprints of
//! the header names, to detect duplicates. Only a trusted producer of the envelope needs no such check.

use crate::envelope::fingerprint::Fingerprint;
use crate::envelope::header_names::{FORBIDDEN_HEADER, SERVICE_HEADER};
use crate::envelope::names::BEHIND;
use crate::envelope::{reply, request};
use crate::json::sink::SliceSink;
use crate::json::text::Text;
use crate::limits::HEADERS_LIMIT;
use crate::{Method, ResponseType};

/// Room for the longest string that is looked up: a key with its closing quote and colon, the name of a header, or a
/// parameter. The keys inside `config` and `__nativeBuffers__` are shorter than `__nativeBuffers__`.
const ROOM: usize = {
    let mut room = 0;
    let mut rest: &[usize] = &[
        request::Key::LONGEST,
        reply::Key::LONGEST,
        FORBIDDEN_HEADER.len(),
        SERVICE_HEADER.len(),
        Method::LONGEST,
        ResponseType::LONGEST,
    ];
    while let Some((len, others)) = rest.split_first() {
        if *len > room {
            room = *len;
        }
        rest = others;
    }
    room
};

/// A string that may be a known name. A string that does not fit is not a known name, and is returned as empty.
pub(super) struct Lookup {
    room: [u8; ROOM],
    len: usize,
}

impl Lookup {
    pub(super) const NEW: Self = Self { room: [0; ROOM], len: 0 };

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    pub(super) fn add(&mut self, run: Text<'_>) {
        let before = self.len;
        let mut sink = SliceSink::new(self.room.get_mut(before..).unwrap_or_default());
        run.segments().for_each(|segment| segment.put(&mut sink));
        self.len = before.saturating_add(sink.len());
    }

    /// Returns the string with the closing quote and colon of a key.
    pub(super) fn closed(&mut self) -> &[u8] {
        let end = self.len.saturating_add(BEHIND.len());
        match self.room.get_mut(self.len..end).and_then(|room| room.first_chunk_mut()) {
            Some(behind) => {
                *behind = BEHIND;
                self.room.get(..end).unwrap_or_default()
            }
            None => &[],
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.room.get(..self.len).unwrap_or_default()
    }
}

/// The header names so far.
pub(super) struct HeaderNames {
    /// The complete names. All zeros at first, so that they are zeroed in place.
    known: [Fingerprint; HEADERS_LIMIT],
    count: usize,
    /// The current name.
    name: Fingerprint,
}

impl HeaderNames {
    pub(super) const NEW: Self = Self { known: [Fingerprint::ZERO; HEADERS_LIMIT], count: 0, name: Fingerprint::NEW };

    /// Whether no more headers are allowed.
    const fn is_full(&self) -> bool {
        self.count >= HEADERS_LIMIT
    }

    /// Adds more of the current name.
    fn add(&mut self, run: Text<'_>) {
        self.name.add_name(run);
    }

    /// Adds a complete name, if there is none in progress and it is a new one, and fits. Returns whether it did.
    fn add_whole(&mut self, name: Text<'_>) -> bool {
        let mut fingerprint = Fingerprint::NEW;
        fingerprint.add_name(name);
        match self.known.split_at_mut_checked(self.count) {
            Some((known, [place, ..])) if !known.contains(&fingerprint) => {
                *place = fingerprint;
                self.count = self.count.wrapping_add(1);
                true
            }
            _ => false,
        }
    }

    /// Ends the current name. Returns whether it is a new one.
    fn end(&mut self) -> bool {
        let name = core::mem::replace(&mut self.name, Fingerprint::NEW);
        let is_new = !self.known.get(..self.count).unwrap_or_default().contains(&name);
        if let Some(place) = self.known.get_mut(self.count) {
            *place = name;
        }
        self.count = self.count.wrapping_add(1);
        is_new
    }
}

/// What is kept of the headers so far.
#[allow(clippy::large_enum_variant, reason = "what comes in place of the names takes their room")]
pub(super) enum Headers<P> {
    /// Their names: anyone may have written the envelope.
    Names(HeaderNames),
    /// Nothing. This crate makes the envelope as it is decoded, and tells a header or a cookie as it comes, so that names
    /// repeat. What makes it is kept in this place, which is free then.
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only the client makes envelopes"))]
    Trusted(P),
}

impl<P> Headers<P> {
    pub(super) const fn is_trusted(&self) -> bool {
        matches!(self, Self::Trusted(_))
    }

    /// Returns what makes the envelope, which is this if nothing has been trusted before.
    #[cfg(feature = "client")]
    pub(super) fn trust(&mut self, producer: P) -> Option<&mut P> {
        if !self.is_trusted() {
            *self = Self::Trusted(producer);
        }
        if let Self::Trusted(producer) = self { Some(producer) } else { None }
    }

    /// Whether no more headers are allowed.
    pub(super) const fn is_full(&self) -> bool {
        matches!(self, Self::Names(names) if names.is_full())
    }

    /// Adds more of the current name.
    pub(super) fn add(&mut self, run: Text<'_>) {
        if let Self::Names(names) = self {
            names.add(run);
        }
    }

    /// Adds a complete name, if it is allowed. Returns whether it did.
    pub(super) fn add_whole(&mut self, name: Text<'_>) -> bool {
        if let Self::Names(names) = self { names.add_whole(name) } else { false }
    }

    /// Ends the current name. Returns whether it is allowed.
    pub(super) fn end(&mut self) -> bool {
        if let Self::Names(names) = self { names.end() } else { true }
    }
}

/// The room in which a producer lies without making anything larger.
#[cfg(feature = "client")]
pub(crate) const PRODUCER_ROOM: usize = size_of::<HeaderNames>();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_that_is_looked_up_has_room() {
        let names = ["\"__nativeBuffers__\":".len() - 1, "x-wx-service".len(), "referer".len(), "arraybuffer".len()];
        for len in names.into_iter().chain(Method::ALL.map(|method| method.as_str().len())) {
            assert!(len <= ROOM, "{len} bytes in {ROOM}");
        }
        let mut lookup = Lookup::NEW;
        lookup.add(Text::new("__nativeBuffers__"));
        assert_eq!(lookup.closed(), b"__nativeBuffers__\":");
        lookup.clear();
        lookup.add(Text::new("__nativeBuffers__and_more"));
        assert!(lookup.closed().is_empty());
        assert!(lookup.bytes().is_empty());
    }
}
