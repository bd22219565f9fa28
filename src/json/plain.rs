//! Writes a text itself: the characters, whatever is escaped.

use super::simd;
use super::sink::{Place, Sink, SliceSink, Source};
use super::text::{Segment, Text};

/// A text that is written as it is.
#[derive(Clone, Copy)]
pub(crate) struct Plain<'a>(pub(crate) Text<'a>);

/// Bytes that are put at once into a sink without a place.
const PIECE: usize = if simd::IS_BLOCKS { 512 } else { 0 };

impl Source for Plain<'_> {
    #[inline]
    fn put_all(self, sink: &mut impl Sink) {
        let raw = self.0.as_raw();
        if self.0.as_bytes().is_some() {
            return sink.put(raw);
        }
        let mut at = 0_usize;
        if let Some(place) = sink.place() {
            let (read, len) = simd::unescape(raw, place);
            sink.wrote(len);
            at = read;
        } else if simd::IS_BLOCKS {
            let mut piece = [0; PIECE];
            while at < raw.len() {
                let (read, len) = simd::unescape(raw.get(at..).unwrap_or_default(), &mut piece);
                // Only if the span is not valid: memory of a C program may have changed since it was.
                if read == 0 {
                    break;
                }
                sink.put(piece.get(..len).unwrap_or_default());
                at = at.wrapping_add(read);
            }
        }
        let rest = Text::from_span(raw.get(at..).unwrap_or_default(), true);
        rest.segments().for_each(|segment| segment.put(sink));
    }

    fn put_some(self, place: &mut Place, sink: &mut SliceSink<'_>) -> bool {
        let escaped = self.0.as_bytes().is_none();
        let rest = self.0.as_raw().get(place.at..).unwrap_or_default();
        let (read, len) = match sink.place() {
            Some(room) if escaped => simd::unescape(rest, room),
            _ => (0, 0),
        };
        sink.wrote(len);
        place.at = place.at.wrapping_add(read);
        // What is left, or does not fill a block.
        let mut segments = Text::from_span(rest.get(read..).unwrap_or_default(), escaped).segments();
        loop {
            let before = segments.position();
            let (done, whole) = match segments.next() {
                None => (before, true),
                Some(Segment::Run(run)) if run.len() > sink.room() => {
                    let fits = run.get(..sink.room()).unwrap_or_default();
                    sink.put(fits);
                    (before.wrapping_add(fits.len()), false)
                }
                Some(segment) if segment.len() > sink.room() => (before, false),
                Some(segment) => {
                    segment.put(sink);
                    continue;
                }
            };
            place.at = place.at.wrapping_add(done);
            return whole;
        }
    }

    fn len(self) -> usize {
        self.0.decoded_len()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::super::sink::{LEAST_ROOM, Place, Sink, SliceSink, Source};
    use super::super::text::Text;
    use super::Plain;
    use std::string::String;
    use std::vec;
    use std::vec::Vec;

    /// A sink that lends no place.
    struct Pieces(Vec<u8>);

    impl Sink for Pieces {
        fn put(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }
    }

    /// The same text, as it is and escaped, of every length and through places of every size.
    #[test]
    fn all_at_once_and_in_parts() {
        let parts =
            [("plain, 中文 and 😀", "plain, 中文 and 😀"), ("\n", r"\n"), ("é", r"\u00e9"), ("🦀", r"\ud83e\udd80")];
        for count in 0..40 {
            let (text, span): (String, String) = (0..count).map(|at| parts[at * at % 7 % parts.len()]).unzip();
            for plain in [Plain(Text::new(&text)), Plain(Text::from_escaped(&span).unwrap())] {
                assert_eq!(plain.len(), text.len());
                let mut pieces = Pieces(Vec::new());
                plain.put_all(&mut pieces);
                assert_eq!(pieces.0, text.as_bytes());
                for size in LEAST_ROOM..200 {
                    let (mut place, mut all) = (Place::default(), Vec::new());
                    loop {
                        let mut room = vec![0; size];
                        let mut sink = SliceSink::new(&mut room);
                        let whole = plain.put_some(&mut place, &mut sink);
                        let written = sink.finish().unwrap();
                        assert!(whole || written.len() + LEAST_ROOM > size, "{size}: there is room for more");
                        all.extend_from_slice(written);
                        if whole {
                            break;
                        }
                    }
                    assert_eq!(all, text.as_bytes(), "{count} {size}");
                }
            }
        }
    }

    /// As memory of a C program may be once it has changed: whatever is written, it ends.
    #[test]
    fn what_is_no_longer_valid_ends() {
        for span in [r"a\u", r"\", r"\u12", r"\ud83d\u", r"\x", r"\u\\\u00"] {
            for before in 0..140 {
                let raw = ["x".repeat(before).as_bytes(), span.as_bytes()].concat();
                let plain = Plain(Text::from_span(&raw, true));
                let mut pieces = Pieces(Vec::new());
                plain.put_all(&mut pieces);
                assert!(pieces.0.len() <= raw.len() + 12 && plain.len() <= raw.len() + 12, "{span} {before}");
                let (mut place, mut room) = (Place::default(), vec![0; 400]);
                assert!(plain.put_some(&mut place, &mut SliceSink::new(&mut room)), "{span} {before}");
            }
        }
    }
}
