//! Cortex-M: the start, semihosting, and the system timer.

use core::arch::asm;
use core::ptr::{addr_of, addr_of_mut};

unsafe extern "C" {
    static stack_top: u8;
    static mut data_start: u32;
    static data_end: u32;
    static data_load: u32;
    static mut bss_start: u32;
    static bss_end: u32;
    fn main() -> !;
}

#[repr(C)]
struct Vectors {
    stack: *const u8,
    reset: unsafe extern "C" fn() -> !,
    exceptions: [extern "C" fn() -> !; 14],
}

// SAFETY: it is read by the processor alone.
unsafe impl Sync for Vectors {}

#[unsafe(link_section = ".vectors")]
#[used]
static VECTORS: Vectors = Vectors { stack: &raw const stack_top, reset, exceptions: [fault; 14] };

/// Where the processor begins.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".text.reset")]
unsafe extern "C" fn reset() -> ! {
    // SAFETY: nothing has run before, and the linker says that these ranges are RAM and whole words.
    unsafe {
        let (mut to, mut from) = (addr_of_mut!(data_start), addr_of!(data_load));
        while to.cast_const() < addr_of!(data_end) {
            to.write_volatile(from.read_volatile());
            (to, from) = (to.add(1), from.add(1));
        }
        let mut to = addr_of_mut!(bss_start);
        while to.cast_const() < addr_of!(bss_end) {
            to.write_volatile(0);
            to = to.add(1);
        }
        // A Cortex-M0 faults where a word is read at an odd address; let this core do the same for its images.
        #[cfg(not(target_has_atomic = "32"))]
        CONFIGURATION.write_volatile(CONFIGURATION.read_volatile() | UNALIGNED_FAULTS);
        main()
    }
}

#[cfg(not(target_has_atomic = "32"))]
const CONFIGURATION: *mut u32 = 0xE000_ED14 as *mut u32;
#[cfg(not(target_has_atomic = "32"))]
const UNALIGNED_FAULTS: u32 = 1 << 3;

extern "C" fn fault() -> ! {
    print(b"FAULT\n");
    exit(false)
}

/// Asks the debugger, which is QEMU, to do something (Arm's "Semihosting for AArch32 and AArch64").
fn semihost(operation: u32, argument: u32) {
    // SAFETY: QEMU reads what `argument` says and writes nothing.
    unsafe { asm!("bkpt 0xAB", inout("r0") operation => _, in("r1") argument, options(nostack, readonly)) }
}

/// Prints on the host's standard output.
pub fn print(text: &[u8]) {
    const WRITE_CHARACTER: u32 = 0x03;
    for byte in text {
        semihost(WRITE_CHARACTER, core::ptr::from_ref(byte) as u32);
    }
}

/// Ends the emulation.
pub fn exit(success: bool) -> ! {
    const EXIT: u32 = 0x18;
    const APPLICATION_EXIT: u32 = 0x2_0026;
    const RUN_TIME_ERROR: u32 = 0x2_0023;
    semihost(EXIT, if success { APPLICATION_EXIT } else { RUN_TIME_ERROR });
    loop {}
}

/// Instructions to a tick: under `-icount shift=0` an instruction takes one nanosecond, and the core runs at 25 MHz.
pub(crate) const INSTRUCTIONS_PER_TICK: u32 = 40;

/// Ticks that something takes, up to 24 bits of them.
pub(crate) fn ticks(run: impl FnOnce()) -> u32 {
    const CONTROL: *mut u32 = 0xE000_E010 as *mut u32;
    const RELOAD: *mut u32 = 0xE000_E014 as *mut u32;
    const CURRENT: *mut u32 = 0xE000_E018 as *mut u32;
    const LONGEST: u32 = 0x00FF_FFFF;
    const CORE_CLOCK_ENABLED: u32 = 0b101;
    // SAFETY: the registers of the system timer (Armv7-M Architecture Reference Manual, B3.3), which nothing else uses.
    unsafe {
        RELOAD.write_volatile(LONGEST);
        CURRENT.write_volatile(0);
        CONTROL.write_volatile(CORE_CLOCK_ENABLED);
        // The first tick loads the counter.
        while CURRENT.read_volatile() == 0 {}
        let start = CURRENT.read_volatile();
        run();
        start.wrapping_sub(CURRENT.read_volatile()) & LONGEST
    }
}

/// How deep the stack gets in something, in bytes: the RAM below is painted, and then looked at.
#[inline(never)]
pub fn stack(run: impl FnOnce()) -> u32 {
    const PAINT: u32 = 0xA5A5_5A5A;
    const WORDS: usize = 16 * 1024;
    let top: *mut u32;
    // SAFETY: it reads a register.
    unsafe { asm!("mov {}, sp", out(reg) top, options(nomem, nostack, preserves_flags)) }
    // SAFETY: below the stack there are hundreds of kilobytes of RAM that nothing uses, and no interrupt is on.
    unsafe {
        for depth in 1..=WORDS {
            top.sub(depth).write_volatile(PAINT);
        }
        run();
        let mut depth = WORDS;
        while depth > 0 && top.sub(depth).read_volatile() == PAINT {
            depth = depth.wrapping_sub(1);
        }
        (depth as u32).wrapping_mul(4)
    }
}
