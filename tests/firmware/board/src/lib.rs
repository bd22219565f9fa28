//! The emulated board under every image: it starts one, measures it, and tells the host what came of it.
//!
//! It knows QEMU's mps2 boards and semihosting. It must never know what an image does. For RISC-V, images are linked
//! and not run, so there is nothing here but a start.

#![no_std]

#[cfg(target_arch = "arm")]
#[path = "arm.rs"]
mod machine;
#[cfg(target_arch = "riscv32")]
#[path = "riscv.rs"]
mod machine;
mod measure;
#[macro_use]
mod sections;

pub use machine::{exit, print, stack};
pub use measure::{Work, measure};
pub use sections::{Scratch, same};

/// Stops the image and says whether all was right. `measure` takes nothing else for a success.
pub fn finish(right: bool) -> ! {
    print(if right { b"RESULT ok\n" } else { b"RESULT wrong\n" });
    exit(right)
}

/// Prints `NAME NUMBER`.
pub fn print_number(name: &[u8], number: u32) {
    print(name);
    print(b" ");
    let mut place = 1_000_000_000;
    while place > 1 && number < place {
        place /= 10;
    }
    while place > 0 {
        print(&[b'0' | (number / place % 10) as u8]);
        place /= 10;
    }
    print(b"\n");
}

/// An image holds this only when something in it can panic: its name is one of those that `measure` looks for.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn panic_reached() -> ! {
    print(b"PANIC\n");
    exit(false)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    panic_reached()
}
