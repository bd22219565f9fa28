//! Finds a name in a small set of known names, for example the keys of an envelope.
//!
//! Knows how names are distinguished, but not what they mean.

use crate::json::cursor::Cursor;
use crate::target::WIDE;

/// A set of names, each in the form that is usual in an envelope: with its closing quote, and a colon directly after
/// it.
pub(crate) struct Names<const N: usize> {
    names: [&'static str; N],
    slots: Slots,
}

/// What follows each name.
pub(crate) const BEHIND: [u8; 2] = *b"\":";

/// The indices of names, by their first words.
struct Slots {
    places: [u8; SLOTS],
    /// By the index of a name, the index of the next one that begins with the same word, or one past the last.
    next: [u8; MOST],
    /// The multiplier that gives different words different slots.
    multiplier: u32,
}

/// Bytes compared at once.
const WORD: usize = 4;
/// The maximum number of names that may begin with the same word.
const SAME: usize = 2;
/// The maximum number of names: [`Names::strip`] has code for each.
const MOST: usize = 16;
const SLOTS: usize = 32;
/// The maximum number of multipliers tried. For this few names, far fewer are needed.
const TRIES: u32 = 10_000;
/// Leaves as many bits as an index into the slots has.
const SHIFT: u32 = u32::BITS - SLOTS.ilog2();

impl Slots {
    /// Returns the slot of a name that begins with this word.
    #[inline(always)]
    const fn of(word: [u8; WORD], multiplier: u32) -> usize {
        (u32::from_le_bytes(word).wrapping_mul(multiplier) >> SHIFT) as usize
    }

    /// Returns the index of the first name that may begin with this word, or one past the last.
    #[inline(always)]
    fn place(&self, word: [u8; WORD]) -> usize {
        self.places.get(Self::of(word, self.multiplier)).map_or(0, |place| usize::from(*place))
    }

    /// Returns the index of the next name that begins with the same word as this one, or one past the last.
    #[inline(always)]
    fn next(&self, place: usize) -> usize {
        self.next.get(place).map_or(usize::MAX, |next| usize::from(*next))
    }
}

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
impl<const N: usize> Names<N> {
    /// Creates the set from names in any order. Does not compile if a name lacks the required suffix or is shorter than
    /// a word including it, if too many names begin with the same word, or if there are too many names.
    pub(crate) const fn new(names: [&'static str; N]) -> Self {
        assert!(N <= MOST, "there are more names than are told apart");
        let mut next = [N as u8; MOST];
        let mut place = 0;
        while place < N {
            let name = names[place].as_bytes();
            assert!(name[name.len() - 2] == b'"' && name[name.len() - 1] == b':', "a name lacks what stands behind it");
            let (mut other, mut same) = (N, 1);
            while other > place + 1 {
                other -= 1;
                if Self::begin_alike(&names, place, other) {
                    next[place] = other as u8;
                    same += 1;
                }
            }
            assert!(same <= SAME, "too many names begin with the same word");
            place += 1;
        }
        let mut multiplier = 1;
        let mut tries = 0;
        loop {
            assert!(tries < TRIES, "no multiplier tells the first words apart");
            if let Some(places) = Self::places(&names, multiplier) {
                return Self { names, slots: Slots { places, next, multiplier } };
            }
            multiplier = multiplier.wrapping_add(0x9E37_79B8);
            tries += 1;
        }
    }

    /// Returns the indices by slot for this multiplier, if it gives each first word its own slot.
    const fn places(names: &[&str; N], multiplier: u32) -> Option<[u8; SLOTS]> {
        let mut places = [N as u8; SLOTS];
        let mut place = 0;
        while place < N {
            let slot = Slots::of(Self::word(names[place]), multiplier);
            let first = places[slot] as usize;
            if first == N {
                places[slot] = place as u8;
            } else if !Self::begin_alike(names, first, place) {
                return None;
            }
            place += 1;
        }
        Some(places)
    }

    /// Returns whether the names at these indices begin with the same word.
    const fn begin_alike(names: &[&str; N], one: usize, other: usize) -> bool {
        u32::from_le_bytes(Self::word(names[one])) == u32::from_le_bytes(Self::word(names[other]))
    }

    /// Returns the length of the longest name, including its suffix.
    pub(crate) const fn longest(&self) -> usize {
        let mut longest = 0;
        let mut place = 0;
        while place < N {
            if self.names[place].len() > longest {
                longest = self.names[place].len();
            }
            place += 1;
        }
        longest
    }

    const fn word(name: &str) -> [u8; WORD] {
        let name = name.as_bytes();
        [name[0], name[1], name[2], name[3]]
    }
}

impl<const N: usize> Names<N> {
    /// Returns the index of this name, which ends with [`BEHIND`], or `N` if it is not in the set.
    pub(crate) fn find(&self, name: &[u8]) -> usize {
        let mut place = name.first_chunk().map_or(N, |word| self.slots.place(*word));
        while let Some(known) = self.names.get(place)
            && known.as_bytes() != name
        {
            place = self.slots.next(place);
        }
        place
    }

    /// Reads a name whose opening quote has been read, and its colon. Returns the index of the name, or `N` if it is
    /// not in the set.
    #[inline(always)]
    pub(crate) fn read(&self, cursor: &mut Cursor<'_>) -> usize {
        if !WIDE {
            return read(cursor, &self.names, &self.slots);
        }
        self.read_known(cursor).unwrap_or_else(|| cursor.apart(|cursor| read_any(cursor, &self.names)))
    }

    /// Reads a name of the set whose opening quote has been read, in its usual form. Otherwise reads nothing.
    #[inline(always)]
    pub(crate) fn read_known(&self, cursor: &mut Cursor<'_>) -> Option<usize> {
        let (place, behind) = self.strip(cursor.rest())?;
        cursor.go_to(behind);
        Some(place)
    }

    /// Returns the index of the name that this text begins with, and what follows it. Each name has code of its own
    /// here, with its length as a constant, so that a processor that predicts the branch need not wait for the length.
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
        const { assert!(MOST == 16) };
        strip!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    }

    /// Returns the same for the name at this index and the next one that begins with the same word, if there is one.
    #[inline(always)]
    fn strip_at<'a, const AT: usize>(&self, text: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let name = self.names.get(AT)?.as_bytes();
        if let Some(behind) = text.strip_prefix(name) {
            return Some((AT, behind));
        }
        let place = self.slots.next(AT);
        text.strip_prefix(self.names.get(place)?.as_bytes()).map(|behind| (place, behind))
    }
}

#[inline(never)]
fn read(cursor: &mut Cursor<'_>, names: &[&str], slots: &Slots) -> usize {
    let mut place = cursor.rest().first_chunk().map_or(names.len(), |word| slots.place(*word));
    for _ in 0..SAME {
        match names.get(place).and_then(|name| strip(cursor.rest(), name.as_bytes())) {
            Some(behind) => {
                cursor.go_to(behind);
                return place;
            }
            None => place = slots.next(place),
        }
    }
    cursor.apart(|cursor| read_any(cursor, names))
}

/// Returns what follows the name, which is at least a word long, in a text that begins with it.
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
    // The last word may overlap the one before.
    (start.last_chunk::<WORD>()? == name.last_chunk()?).then_some(behind)
}

/// Reads a name that is unknown, or written in an unusual form.
#[inline(never)]
fn read_any(cursor: &mut Cursor<'_>, names: &[&str]) -> usize {
    let name = cursor.string().text;
    let place = match name.as_bytes() {
        // An invalid string is not a name.
        _ if cursor.result().is_err() => None,
        // Most have a different length.
        Some(name) => names.iter().position(|known| {
            known.len() == name.len().wrapping_add(BEHIND.len()) && known.as_bytes().starts_with(name)
        }),
        None => names.iter().position(|known| known.strip_suffix("\":").is_some_and(|known| name == *known)),
    };
    cursor.colon();
    place.unwrap_or(names.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_ANY_ORDER: [&str; 4] = ["data\":", "path\":", "key\":", "dataType\":"];

    #[test]
    fn every_name_is_found_wherever_it_stands() {
        let mut order = IN_ANY_ORDER;
        for turn in 0..IN_ANY_ORDER.len() {
            order.rotate_left(1);
            order.swap(0, turn);
            let names = Names::new(order);
            assert_eq!(names.longest(), "dataType\":".len());
            for (place, name) in order.iter().enumerate() {
                assert_eq!(names.find(name.as_bytes()), place, "{name} in {order:?}");
                let mut cursor = Cursor::new(name.as_bytes());
                assert_eq!(names.read(&mut cursor), place, "{name} in {order:?}");
                assert_eq!(cursor.rest(), b"");
            }
            for other in ["dat\":", "dataT\":", "dataTypes\":", "pat\":", "\":"] {
                assert_eq!(names.find(other.as_bytes()), order.len(), "{other} in {order:?}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "too many names begin with the same word")]
    fn names_that_begin_alike_are_few() {
        Names::new(["resourceA\":", "path\":", "resourceB\":", "resourceC\":"]);
    }

    #[test]
    #[should_panic(expected = "a name lacks what stands behind it")]
    fn a_name_has_its_quote_and_colon() {
        Names::new(["path\":", "data\""]);
    }

    #[test]
    #[should_panic(expected = "more names than are told apart")]
    fn there_are_no_more_names_than_have_code() {
        Names::new(["path\":"; 17]);
    }
}
