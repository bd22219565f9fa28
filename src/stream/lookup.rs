//! What a machine keeps of the names that go through its window: the one under way, to look it up, and of header names
//! what tells whether one stands twice.

use crate::envelope::fingerprint::Fingerprint;
use crate::envelope::header_names::{FORBIDDEN_HEADER, SERVICE_HEADER};
use crate::envelope::names::BEHIND;
use crate::envelope::{reply, request};
use crate::json::sink::SliceSink;
use crate::json::text::Text;
use crate::limits::HEADERS_LIMIT;
use crate::{Method, ResponseType};

/// Room for the longest of the strings that are looked up: a key with what stands behind it, the name of a header, a
/// parameter. The keys inside `config` and `__nativeBuffers__` are shorter than that of the latter.
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

/// A string that may be a known name. One that has no room is none of them, and comes out empty.
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

    /// With the closing quote and colon of a key.
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
    /// Those that are whole. Nothing but zeros at first, which are written where they stand.
    known: [Fingerprint; HEADERS_LIMIT],
    count: usize,
    /// That under way.
    name: Fingerprint,
}

impl HeaderNames {
    pub(super) const NEW: Self = Self { known: [Fingerprint::ZERO; HEADERS_LIMIT], count: 0, name: Fingerprint::NEW };

    /// Whether no more may come.
    pub(super) const fn is_full(&self) -> bool {
        self.count >= HEADERS_LIMIT
    }

    /// More of the name under way.
    pub(super) fn add(&mut self, run: Text<'_>) {
        self.name.add_name(run);
    }

    /// The name under way ends. Says whether it is a new one.
    pub(super) fn end(&mut self) -> bool {
        let name = core::mem::replace(&mut self.name, Fingerprint::NEW);
        let is_new = !self.known.get(..self.count).unwrap_or_default().contains(&name);
        if let Some(place) = self.known.get_mut(self.count) {
            *place = name;
        }
        self.count = self.count.wrapping_add(1);
        is_new
    }
}

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
