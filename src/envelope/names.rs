//! Finds a name among a few that are known, such as the keys of an envelope.
//!
//! It knows how names are told apart, by one look at the only one that it can be. It must never know what they stand
//! for.

use crate::json::Text;

/// A few names, in order.
pub(crate) struct Names<const N: usize> {
    names: [&'static str; N],
    slots: Slots,
}

/// The place of the one name that may stand in each slot.
type Slots = [u8; 32];

/// The slot of a name, by its length and its last byte.
const fn slot(len: usize, last: u8) -> usize {
    len.wrapping_mul(19).wrapping_add((last >> 1) as usize) & 31
}

impl<const N: usize> Names<N> {
    /// Does not compile when two of the names have one slot.
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
    pub(crate) const fn new(names: [&'static str; N]) -> Self {
        let mut slots = [N as u8; 32];
        let mut place = 0;
        while place < N {
            let name = names[place].as_bytes();
            let slot = slot(name.len(), name[name.len() - 1]);
            assert!(slots[slot] == N as u8, "two names have one slot: another hash is needed");
            slots[slot] = place as u8;
            place += 1;
        }
        Self { names, slots }
    }

    /// The place of this name, or `N` when it is none of them.
    pub(crate) fn place_of(&self, name: Text<'_>) -> usize {
        place_of(name, &self.names, &self.slots)
    }
}

fn place_of(name: Text<'_>, names: &[&str], slots: &Slots) -> usize {
    let Some(bytes) = name.as_bytes() else {
        return names.iter().position(|known| name == *known).unwrap_or(names.len());
    };
    let slot = slot(bytes.len(), bytes.last().copied().unwrap_or(0));
    let place = slots.get(slot).map_or(names.len(), |place| usize::from(*place));
    match names.get(place) {
        Some(known) if known.as_bytes() == bytes => place,
        _ => names.len(),
    }
}
