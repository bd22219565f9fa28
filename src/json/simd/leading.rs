//! Counts the leading bytes that are not special, sixteen at a time.

/// Returns the number of leading bytes that are not special, or `None` if there are fewer than sixteen bytes in all.
/// `first` returns the index of the first special byte, or 16 or more.
#[inline(always)]
pub(super) fn leading(bytes: &[u8], first: impl Fn(&[u8; 16]) -> usize) -> Option<usize> {
    let last = bytes.last_chunk::<16>()?;
    let mut at = 0_usize;
    let mut rest = bytes;
    while let Some((chunk, behind)) = rest.split_first_chunk::<16>() {
        let len = first(chunk);
        if len < 16 {
            return Some(at.wrapping_add(len));
        }
        rest = behind;
        at = at.wrapping_add(16);
    }
    // The last sixteen, which overlap the ones before. The overlap is known not to be special.
    Some(bytes.len().wrapping_sub(16).wrapping_add(first(last).min(16)))
}
