//! What a part of the work takes.

use crate::time;
use board::print;

/// Instructions to a tick: under `-icount shift=0` an instruction takes one nanosecond.
const INSTRUCTIONS_PER_TICK: u64 = 40;

unsafe extern "C" {
    static stack_top: u8;
}

/// Does a part of the work, and prints one line about it:
///
/// ```text
/// PART name RIGHT instructions microseconds stack
/// ```
///
/// RIGHT is `right` or `wrong`. The instructions are those of everything that ran, the TCP/IP stack among it, and none
/// are executed while the processor sleeps. The microseconds are those of the emulated timer, sleep included. The stack
/// is that of the whole image, in bytes, at its deepest in this part.
pub fn part(name: &str, run: impl FnOnce() -> bool) -> bool {
    let (mut right, mut ticks, mut awake) = (false, 0, 0);
    let here = 0_u32;
    let below = board::stack(|| {
        let (start, slept) = (time::now(), time::slept());
        right = run();
        ticks = time::now().wrapping_sub(start);
        awake = ticks.wrapping_sub(time::slept().wrapping_sub(slept).into());
    });
    let above = (&raw const stack_top).addr().wrapping_sub((&raw const here).addr());
    print(b"PART ");
    print(name.as_bytes());
    print(if right { b" right" } else { b" wrong" });
    number(awake.wrapping_mul(INSTRUCTIONS_PER_TICK));
    number(ticks / time::MICROSECOND);
    number(above.wrapping_add(below as usize) as u64);
    print(b"\n");
    right
}

fn number(mut number: u64) {
    let mut digits = [b' '; 21];
    for place in digits.iter_mut().skip(1).rev() {
        *place = b'0' | (number % 10) as u8;
        number /= 10;
    }
    let leading = digits.iter().skip(1).take(19).take_while(|digit| **digit == b'0').count();
    print(b" ");
    print(digits.get(1 + leading..).unwrap_or_default());
}
