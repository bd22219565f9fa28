//! Finds a name among a few that are known, such as the keys of an envelope.
//!
//! It knows how names are told apart. It must never know what they stand for.

use crate::json::Text;
use crate::json::cursor::Cursor;

/// A few names, each as it mostly stands in an envelope: with its closing quote, and a colon right behind that.
pub(crate) struct Names<const N: usize> {
    names: [&'static str; N],
    slots: Slots,
}

/// What stands behind each name.
const BEHIND: &str = "\":";

/// By their first words, the places of names.
struct Slots {
    places: [u8; SLOTS],
    /// What tells the words apart.
    multiplier: u32,
}

const SLOTS: usize = 32;
/// Leaves as many bits as tell the slots apart.
const SHIFT: u32 = u32::BITS - SLOTS.ilog2();

impl Slots {
    /// The slot of a name that begins with this word.
    #[inline(always)]
    const fn of(word: [u8; WORD], multiplier: u32) -> usize {
        (u32::from_le_bytes(word).wrapping_mul(multiplier) >> SHIFT) as usize
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
    /// The place of this name, or `N` when it is none of them.
    pub(crate) fn place_of(&self, name: Text<'_>) -> usize {
        place_of(name, &self.names)
    }

    /// Reads a name whose opening quote has been read, and its colon: the place of the name, or `N` when it is none of
    /// them.
    #[inline(always)]
    pub(crate) fn read(&self, cursor: &mut Cursor<'_>) -> usize {
        read(cursor, &self.names, &self.slots)
    }
}

/// Bytes that are compared at once.
const WORD: usize = 4;

/// The place of the first name that may be the one that a text begins with, or a place behind all.
#[inline(always)]
fn slot(text: &[u8], slots: &Slots) -> usize {
    let Some(word) = text.first_chunk() else { return usize::from(u8::MAX) };
    slots.places.get(Slots::of(*word, slots.multiplier)).map_or(0, |place| usize::from(*place))
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
    (start.last_chunk::<WORD>() == name.last_chunk()).then_some(behind)
}

#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
fn read(cursor: &mut Cursor<'_>, names: &[&str], slots: &Slots) -> usize {
    let mut place = slot(cursor.rest(), slots);
    // Two may begin with the same word.
    for _ in 0..2 {
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

/// Reads a name that is not known, or is written in another way than it mostly is.
#[inline(never)]
fn read_any(cursor: &mut Cursor<'_>, names: &[&str]) -> usize {
    let name = cursor.string().text;
    // What is not right is no name.
    let place = if cursor.result().is_ok() { place_of(name, names) } else { names.len() };
    cursor.colon();
    place
}

#[inline(never)]
fn place_of(name: Text<'_>, names: &[&str]) -> usize {
    names.iter().position(|known| known.strip_suffix(BEHIND).is_some_and(|known| name == *known)).unwrap_or(names.len())
}
