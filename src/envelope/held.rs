//! The data of a request, and what writes them.
//!
//! In Rust, the linker drops what no type of a program mentions, so [`Data`] write themselves. The C interface learns at
//! run time of which kind its data are. There, whoever makes data also says what writes them, by a pointer: so a program
//! has the code of those kinds alone that it makes. On a [wide](crate::target) processor, where size matters less than
//! speed, the pointer is not followed.

use super::data::Data;
use super::members::Members;
use crate::json::sink::Sink;

#[cfg(feature = "c")]
pub(crate) use late::Held;
#[cfg(feature = "c")]
pub use late::{Find, Means};

/// Data that write themselves.
#[cfg(not(feature = "c"))]
pub(crate) type Held<'a> = Data<'a>;

/// Data, as they are set in Rust.
#[inline(always)]
pub(crate) const fn own(data: Data<'_>) -> Held<'_> {
    #[cfg(not(feature = "c"))]
    return data;
    #[cfg(feature = "c")]
    Held { data, find: Means::of_any }
}

#[inline(always)]
pub(crate) const fn data<'a>(held: &Held<'a>) -> Data<'a> {
    #[cfg(not(feature = "c"))]
    return *held;
    #[cfg(feature = "c")]
    held.data
}

/// For a decoder, which sets data that nobody may ever write.
#[inline(always)]
pub(crate) const fn slot<'h, 'a>(held: &'h mut Held<'a>) -> &'h mut Data<'a> {
    #[cfg(not(feature = "c"))]
    return held;
    #[cfg(feature = "c")]
    &mut held.data
}

/// Writes the member of the envelope that holds the data.
#[inline(always)]
pub(crate) fn put(held: &Held<'_>, sink: &mut impl Sink, members: &mut Members) {
    held.put(sink, members);
}

#[cfg(feature = "c")]
mod late {
    use super::super::members::{Key, key};
    use super::{Data, Members, Sink};
    use crate::base64::Encoded;
    use crate::json::sink::{Place, SliceSink, Source};
    use crate::json::write::{Compact, Content};
    use crate::target::WIDE;
    use core::fmt;

    /// Returns what writes data; nothing for no data.
    pub type Find = fn(&Data<'_>) -> Option<&'static Means>;

    /// Data, and what writes them.
    #[derive(Clone, Copy)]
    pub(crate) struct Held<'a> {
        pub(super) data: Data<'a>,
        pub(super) find: Find,
    }

    impl<'a> Held<'a> {
        /// Data that are written by what is found by this alone; it must be one for data of their kind.
        pub(crate) const fn new(data: Data<'a>, find: Find) -> Self {
            Self { data, find }
        }

        #[inline(always)]
        pub(super) fn put(&self, sink: &mut impl Sink, members: &mut Members) {
            if WIDE {
                return self.data.put(sink, members);
            }
            if let Some(means) = (self.find)(&self.data) {
                means.put(&self.data, sink, members);
            }
        }
    }

    impl fmt::Debug for Held<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.data.fmt(f)
        }
    }

    #[cfg(feature = "defmt")]
    impl defmt::Format for Held<'_> {
        fn format(&self, fmt: defmt::Formatter<'_>) {
            defmt::write!(fmt, "{}", self.data);
        }
    }

    /// What writes data of one kind.
    pub struct Means {
        key: &'static Key,
        before: &'static [u8],
        after: &'static [u8],
        /// As [`Source::put_some`].
        put_some: fn(&Data<'_>, &mut Place, &mut SliceSink<'_>) -> bool,
    }

    static TEXT: Means = Means {
        key: key!("data"),
        before: b"\"",
        after: b"\"",
        put_some: |data, place, sink| match data {
            Data::Text(text) => Content(*text).put_some(place, sink),
            Data::Json(json) => Content(json.as_text().unwrap_or_default()).put_some(place, sink),
            _ => true,
        },
    };

    static JSON: Means = Means {
        key: key!("data"),
        before: b"",
        after: b"",
        put_some: |data, place, sink| match data {
            Data::Json(json) => Compact(json.as_bytes()).put_some(place, sink),
            _ => true,
        },
    };

    /// Bytes that are in base64 already.
    static BASE64: Means = Means {
        put_some: |data, place, sink| match data {
            Data::Bytes(bytes) => Content(bytes.as_base64().unwrap_or_default()).put_some(place, sink),
            _ => true,
        },
        ..BYTES
    };

    static PLAIN_BYTES: Means = BYTES;

    const BYTES: Means = Means {
        key: key!("__nativeBuffers__"),
        before: b"[{\"key\":\"data\",\"base64\":\"",
        after: b"\"}]",
        put_some: |data, place, sink| match data {
            Data::Bytes(bytes) => Encoded(bytes.as_slice().unwrap_or_default()).put_some(place, sink),
            _ => true,
        },
    };

    /// Each finds it for data of one kind.
    impl Means {
        /// For data of any kind.
        pub fn of_any(data: &Data<'_>) -> Option<&'static Self> {
            match data {
                Data::None => None,
                Data::Text(_) => Self::of_text(data),
                Data::Json(_) => Self::of_json(data),
                Data::Bytes(bytes) if bytes.as_slice().is_some() => Self::of_bytes(data),
                Data::Bytes(_) => Self::of_base64(data),
            }
        }

        /// For no data.
        pub fn of_none(_: &Data<'_>) -> Option<&'static Self> {
            None
        }

        /// For text.
        pub fn of_text(_: &Data<'_>) -> Option<&'static Self> {
            Some(&TEXT)
        }

        /// For JSON, a string of which is text.
        pub fn of_json(data: &Data<'_>) -> Option<&'static Self> {
            let is_string =
                matches!(data, Data::Text(_)) || matches!(data, Data::Json(json) if json.as_text().is_some());
            Some(if is_string { &TEXT } else { &JSON })
        }

        /// For bytes themselves.
        pub fn of_bytes(_: &Data<'_>) -> Option<&'static Self> {
            Some(&PLAIN_BYTES)
        }

        /// For bytes in base64.
        pub fn of_base64(_: &Data<'_>) -> Option<&'static Self> {
            Some(&BASE64)
        }

        fn put(&'static self, data: &Data<'_>, sink: &mut impl Sink, members: &mut Members) {
            members.key(sink, self.key);
            sink.put(self.before);
            sink.put_long(Written { data, means: self });
            sink.put(self.after);
        }
    }

    /// Data with what writes them.
    #[derive(Clone, Copy)]
    struct Written<'d> {
        data: &'d Data<'d>,
        means: &'static Means,
    }

    impl Source for Written<'_> {
        fn put_all(self, sink: &mut impl Sink) {
            let mut place = Place::default();
            let mut room = [0; 64];
            let mut whole = false;
            while !whole {
                let mut piece = SliceSink::new(&mut room);
                whole = self.put_some(&mut place, &mut piece);
                let len = piece.len();
                sink.put(room.get(..len).unwrap_or_default());
            }
        }

        fn put_some(self, place: &mut Place, sink: &mut SliceSink<'_>) -> bool {
            (self.means.put_some)(self.data, place, sink)
        }
    }

    #[cfg(test)]
    mod tests {
        extern crate std;

        use super::*;
        use crate::{Bytes, Json, Text};
        use std::vec;

        /// What is written by means is what data write themselves, into any room.
        #[test]
        fn data_are_written_the_same_by_means() {
            let long = "\u{1}\"\u{4e2d}".repeat(40);
            let datas = [
                Data::None,
                Data::Text(Text::new("")),
                Data::Text(Text::new("a\"b")),
                Data::Text(Text::new(&long)),
                Data::Text(Text::from_escaped(r"\u4e2d\n\ud83d\ude00").unwrap()),
                Data::Json(Json::new("{ \"a\" : [ 1, \" \\\" \" ] }").unwrap()),
                Data::Json(Json::new(r#" "\u0041 \/ string" "#).unwrap()),
                Data::Json(Json::new("7").unwrap()),
                Data::Bytes(Bytes::new(&[])),
                Data::Bytes(Bytes::new(long.as_bytes())),
                Data::Bytes(Bytes::from_base64("efvPNA==").unwrap()),
            ];
            for data in datas {
                let mut expected = vec![0; 1024];
                let mut sink = SliceSink::new(&mut expected);
                data.put(&mut sink, &mut Members::new());
                let len = sink.len();
                for room in [0, 1, len.saturating_sub(1), len, len + 1] {
                    let mut written = vec![0; room];
                    let mut sink = SliceSink::new(&mut written);
                    if let Some(means) = Means::of_any(&data) {
                        means.put(&data, &mut sink, &mut Members::new());
                    }
                    assert_eq!(sink.len(), len, "{data:?}");
                    if room >= len {
                        assert_eq!(written[..len], expected[..len]);
                    }
                }
                assert_eq!(Means::of_any(&data).is_none(), data.kind().is_none());
            }
        }
    }
}
