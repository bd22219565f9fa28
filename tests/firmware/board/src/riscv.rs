//! RISC-V: enough of a start to link an image.

use core::arch::global_asm;

global_asm!(".section .text.reset", ".global reset", "reset:", "la sp, stack_top", "j main");

/// Says nothing: there is nobody to hear it.
pub fn print(text: &[u8]) {
    core::hint::black_box(text);
}

/// Stops.
pub fn exit(_: bool) -> ! {
    loop {}
}

pub(crate) const INSTRUCTIONS_PER_TICK: u32 = 0;

pub(crate) fn ticks(run: impl FnOnce()) -> u32 {
    run();
    0
}

#[inline(never)]
pub fn stack(run: impl FnOnce()) -> u32 {
    run();
    0
}
