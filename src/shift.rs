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

/// Moves the bytes `from` of `buffer` to its end, and returns where they are then. If there are no such bytes, nothing
/// moves.
#[cfg(feature = "client")]
#[inline(never)]
pub(crate) fn shift_to_end(buffer: &mut [u8], from: Range<usize>) -> usize {
    let to = buffer.len().saturating_sub(from.len());
    let cells = Cell::from_mut(buffer).as_slice_of_cells();
    if let (Some(places), Some(bytes)) = (cells.get(to..), cells.get(from)) {
        for (place, byte) in places.iter().zip(bytes).rev() {
            place.set(byte.get());
        }
    }
    to
}

#[cfg(test)]
mod tests {
    use super::shift;
    #[cfg(feature = "client")]
    use super::shift_to_end;

    #[cfg(feature = "client")]
    #[test]
    fn every_range_to_the_end() {
        for (start, end) in (0..7).flat_map(|start| (start..7).map(move |end| (start, end))) {
            let mut found = *b"abcdef";
            let to = shift_to_end(&mut found, start..end);
            let mut expected = *b"abcdef";
            expected.copy_within(start..end, 6 - (end - start));
            assert_eq!((found, to), (expected, 6 - (end - start)), "{start}..{end}");
        }
        shift_to_end(&mut [], 0..usize::MAX);
        shift_to_end(&mut [1], 1..9);
    }

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
