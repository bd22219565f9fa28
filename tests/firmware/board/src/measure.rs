//! Runs the work of an image and counts what it takes.

use crate::machine::{INSTRUCTIONS_PER_TICK, stack, ticks};
use crate::print_number;
use core::hint::black_box;

/// What an image does with an input, and whether the result is what it should be.
pub struct Work<T> {
    pub run: fn(&'static [u8]) -> T,
    /// Lies in the section `.check`, so that it does not count.
    pub is_right: fn(&T, &'static [u8]) -> bool,
    /// An envelope of about 220 bytes.
    pub small: &'static [u8],
    /// An envelope of 95 KiB.
    pub large: &'static [u8],
}

/// The small envelope is short in ticks, so it is done as many times as there are instructions in a tick.
const REPEATS: u32 = INSTRUCTIONS_PER_TICK;

/// Does the work, prints what it takes, and says whether the results were right.
#[inline(never)]
pub fn measure<T>(work: &Work<T>) -> bool {
    let right = is_right(work, work.small) && is_right(work, work.large);
    let mut deepest = stack(|| once(work, work.small));
    deepest = deepest.max(stack(|| once(work, work.large)));
    let small = ticks(|| (0..REPEATS).for_each(|_| once(work, work.small)));
    let large = ticks(|| once(work, work.large)).wrapping_mul(INSTRUCTIONS_PER_TICK);
    print_number(b"stack", deepest);
    print_number(b"small", small);
    print_number(b"large", large);
    print_number(b"large_bytes", work.large.len() as u32);
    right
}

/// The work with the result in the frame, as a firmware would have it.
#[inline(never)]
fn once<T>(work: &Work<T>, input: &'static [u8]) {
    black_box((work.run)(black_box(input)));
}

#[inline(never)]
fn is_right<T>(work: &Work<T>, input: &'static [u8]) -> bool {
    (work.is_right)(&black_box((work.run)(input)), input)
}
