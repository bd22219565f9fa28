//! Finds a name among a few that are known, such as the keys of an envelope.
//!
//! It knows how names are told apart. It must never know what they stand for.

use crate::json::cursor::Cursor;

/// A few names, each as it mostly stands in an envelope: with its closing quote, and a colon right behind that.
pub(crate) struct Names<const N: usize> {
    names: [&'static str; N],
    slots: Slots,
}

/// What stands behind each name.
pub(crate) const BEHIND: &str = "\":";

/// By their first words, the places of names.
struct Slots {
    places: [u8; SLOTS],
    /// What tells the words apart.
    multiplier: u32,
}

/// Bytes that are compared at once.
const WORD: usize = 4;
/// So many names may begin with the same word.
const SAME: usize = 2;
const SLOTS: usize = 32;
/// Leaves as many bits as tell the slots apart.
const SHIFT: u32 = u32::BITS - SLOTS.ilog2();

impl Slots {
    /// The slot of a name that begins with this word.
    #[inline(always)]
    const fn of(word: [u8; WORD], multiplier: u32) -> usize {
        (u32::from_le_bytes(word).wrapping_mul(multiplier) >> SHIFT) as usize
    }

    /// The place of the first name that may begin with this word, or one behind all.
    #[inline(always)]
    fn place(&self, word: [u8; WORD]) -> usize {
        self.places.get(Self::of(word, self.multiplier)).map_or(0, |place| usize::from(*place))
    }
}

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
impl<const N: usize> Names<N> {
    /// Names, of which two with the same first word stand one behind the other. Does not compile when they do not, or
    /// when a name has not got behind it what must be there, or is shorter than a word together with that.
    pub(crate) const fn new(names: [&'static str; N]) -> Self {
        let mut place = 0;
        while place < N {
            let name = names[place].as_bytes();
            assert!(name[name.len() - 2] == b'"' && name[name.len() - 1] == b':');
            place += 1;
        }
        let mut multiplier = 1;
        loop {
            if let Some(places) = Self::places(&names, multiplier) {
                return Self { names, slots: Slots { places, multiplier } };
            }
            multiplier = multiplier.wrapping_add(0x9E37_79B8);
        }
    }

    /// The places by the slots that this multiplier gives, if it gives each first word one of its own.
    const fn places(names: &[&str; N], multiplier: u32) -> Option<[u8; SLOTS]> {
        let mut places = [N as u8; SLOTS];
        let mut place = 0;
        while place < N {
            let word = Self::word(names[place]);
            if place == 0 || u32::from_le_bytes(word) != u32::from_le_bytes(Self::word(names[place - 1])) {
                let slot = Slots::of(word, multiplier);
                if places[slot] != N as u8 {
                    return None;
                }
                places[slot] = place as u8;
            }
            place += 1;
        }
        Some(places)
    }

    const fn word(name: &str) -> [u8; WORD] {
        let name = name.as_bytes();
        [name[0], name[1], name[2], name[3]]
    }
}

impl<const N: usize> Names<N> {
    /// The place of this name, which has [`BEHIND`] behind it, or `N` when it is none of them.
    pub(crate) fn find(&self, name: &[u8]) -> usize {
        let first = name.first_chunk().map_or(N, |word| self.slots.place(*word));
        let is_it = |place: &usize| self.names.get(*place).is_some_and(|known| known.as_bytes() == name);
        (first..first.wrapping_add(SAME)).find(is_it).unwrap_or(N)
    }

    /// Reads a name whose opening quote has been read, and its colon: the place of the name, or `N` when it is none of
    /// them.
    #[inline(always)]
    pub(crate) fn read(&self, cursor: &mut Cursor<'_>) -> usize {
        if cfg!(not(target_pointer_width = "64")) {
            return read(cursor, &self.names, &self.slots);
        }
        match self.strip(cursor.rest()) {
            Some((place, behind)) => {
                cursor.go_to(behind);
                place
            }
            None => cursor.apart(|cursor| read_any(cursor, &self.names)),
        }
    }

    /// The place of the name that this text begins with, and what follows it. Each name has code of its own here, to which
    /// its length is known, so that a processor which guesses right where to go need not wait for the length.
    #[inline(always)]
    fn strip<'a>(&self, text: &'a [u8]) -> Option<(usize, &'a [u8])> {
        macro_rules! strip {
            ($($place:literal)*) => {
                match self.slots.place(*text.first_chunk()?) {
                    $($place => self.strip_at::<$place>(text),)*
                    _ => None,
                }
            };
        }
        const { assert!(N <= 13) };
        strip!(0 1 2 3 4 5 6 7 8 9 10 11 12)
    }

    /// The same of the name at this place and the one behind it, if that begins with the same word.
    #[inline(always)]
    fn strip_at<'a, const AT: usize>(&self, text: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let name = self.names.get(AT)?.as_bytes();
        if let Some(behind) = text.strip_prefix(name) {
            return Some((AT, behind));
        }
        let place = const { AT + 1 };
        let name_behind = self.names.get(place)?.as_bytes();
        if name_behind.first_chunk::<WORD>() != name.first_chunk() {
            return None;
        }
        text.strip_prefix(name_behind).map(|behind| (place, behind))
    }
}

#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
fn read(cursor: &mut Cursor<'_>, names: &[&str], slots: &Slots) -> usize {
    let mut place = cursor.rest().first_chunk().map_or(names.len(), |word| slots.place(*word));
    for _ in 0..SAME {
        match names.get(place).and_then(|name| strip(cursor.rest(), name.as_bytes())) {
            Some(behind) => {
                cursor.go_to(behind);
                return place;
            }
            None => place = place.wrapping_add(1),
        }
    }
    cursor.apart(|cursor| read_any(cursor, names))
}

/// What follows the name, which is not shorter than a word, in a text that begins with it.
#[inline(always)]
fn strip<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, behind) = text.split_at_checked(name.len())?;
    let (mut rest, mut other) = (start, name);
    while let (Some((word, behind)), Some((same, others))) =
        (rest.split_first_chunk::<WORD>(), other.split_first_chunk())
    {
        if word != same {
            return None;
        }
        (rest, other) = (behind, others);
    }
    // The last word may have bytes in common with the one before.
    (start.last_chunk::<WORD>()? == name.last_chunk()?).then_some(behind)
}

/// Reads a name that is not known, or is written in another way than it mostly is.
#[inline(never)]
fn read_any(cursor: &mut Cursor<'_>, names: &[&str]) -> usize {
    let name = cursor.string().text;
    let place = match name.as_bytes() {
        // What is not right is no name.
        _ if cursor.result().is_err() => None,
        // Most have another length.
        Some(name) => names.iter().position(|known| {
            known.len() == name.len().wrapping_add(BEHIND.len()) && known.as_bytes().starts_with(name)
        }),
        None => names.iter().position(|known| known.strip_suffix(BEHIND).is_some_and(|known| name == *known)),
    };
    cursor.colon();
    place.unwrap_or(names.len())
}
