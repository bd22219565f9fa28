//! Moves bytes within a buffer, towards its beginning.
//!
//! The method of slices for this panics if a range is invalid, and firmware would be linked with the panic even though
//! no range here ever is. Knows nothing of what the bytes are.

use core::cell::Cell;
use core::ops::Range;

/// Moves the bytes `from` of `buffer` to `to`, which is closer to the beginning. Otherwise, or if there are no such
/// bytes, nothing moves.
#[inline(never)]
pub(crate) fn shift(buffer: &mut [u8], from: Range<usize>, to: usize) {
    if to >= from.start {
        return;
    }
    let cells = Cell::from_mut(buffer).as_slice_of_cells();
    if let (Some(places), Some(bytes)) = (cells.get(to..), cells.get(from)) {
        for (place, byte) in places.iter().zip(bytes) {
            place.set(byte.get());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shift;

    #[test]
    fn every_range_of_a_buffer() {
        for (start, end, to) in (0..8).flat_map(|a| (0..8).flat_map(move |b| (0..8).map(move |c| (a, b, c)))) {
            let mut found = *b"abcdef";
            shift(&mut found, start..end, to);
            let mut expected = *b"abcdef";
            if to <= start && start <= end && end <= 6 {
                expected.copy_within(start..end, to);
            }
            assert_eq!(found, expected, "{start}..{end} to {to}");
        }
        shift(&mut [], 0..usize::MAX, 0);
        shift(&mut [1], 1..1, usize::MAX);
    }
}
