//! Detects what the processor has beyond the baseline of x86-64.
#![allow(unsafe_code, reason = "asks the processor")]

use core::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
use core::sync::atomic::{AtomicU8, Ordering};

/// Proof that the processor has AVX2 and what came with it: BMI1, BMI2, LZCNT, POPCNT and PCLMULQDQ.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

/// What is known of the processor: [`NO`] or [`YES`] once it has been queried, and how many pieces there have been before.
/// Querying takes a virtual machine microseconds, so a process that decodes a single small envelope does without.
static ANSWER: AtomicU8 = AtomicU8::new(0);
const NO: u8 = 0xFE;
const YES: u8 = 0xFF;

/// The pieces after which a query is worth while, because more will come.
const PIECES: u8 = 4;
/// The length of a piece, in bytes, that is worth a query by itself.
const LONG: usize = 4096;

impl Avx2 {
    /// Returns the proof, if there is one, for a piece of this many bytes. The processor is not queried for the first pieces
    /// if they are short.
    #[inline]
    pub(super) fn for_work(bytes: usize) -> Option<Self> {
        if cfg!(callcontainer_simd = "baseline") {
            return None;
        }
        if ALWAYS {
            return Some(Self(()));
        }
        match ANSWER.load(Ordering::Relaxed) {
            YES => Some(Self(())),
            NO => None,
            pieces => Self::perhaps_ask(pieces, bytes),
        }
    }

    #[cold]
    #[inline(never)]
    fn perhaps_ask(pieces: u8, bytes: usize) -> Option<Self> {
        if pieces < PIECES && bytes < LONG {
            // A count that another thread has overwritten is made up for by the next piece.
            ANSWER.store(pieces.wrapping_add(1), Ordering::Relaxed);
            return None;
        }
        let yes = has_all();
        // Every query gets the same result, so the order does not matter.
        ANSWER.store(if yes { YES } else { NO }, Ordering::Relaxed);
        yes.then_some(Self(()))
    }
}

/// Decides from now on what is taken: AVX2 from the first byte on, if the processor has it, or never.
pub(super) fn take(avx2: bool) {
    ANSWER.store(if avx2 && has_all() { YES } else { NO }, Ordering::Relaxed);
}

/// Whether the program is built only for such processors.
const ALWAYS: bool = cfg!(all(
    target_feature = "avx2",
    target_feature = "bmi1",
    target_feature = "bmi2",
    target_feature = "lzcnt",
    target_feature = "popcnt",
    target_feature = "pclmulqdq"
));

/// Bits of leaf 1 in ECX: PCLMULQDQ, POPCNT, OSXSAVE, AVX.
const LEAF_1_ECX: u32 = 1 << 1 | 1 << 23 | 1 << 27 | 1 << 28;
/// Bits of leaf 7 in EBX: BMI1, AVX2, BMI2.
const LEAF_7_EBX: u32 = 1 << 3 | 1 << 5 | 1 << 8;
/// Bit of leaf 0x8000_0001 in ECX: LZCNT.
const EXTENDED_1_ECX: u32 = 1 << 5;
/// The operating system saves the registers of SSE and AVX.
const STATE: u64 = 1 << 1 | 1 << 2;

#[allow(unused_unsafe, reason = "`cpuid` is safe in newer compilers")]
fn has_all() -> bool {
    // SAFETY: every x86-64 has `cpuid`. The highest leaf is asked for first, and no higher one is read.
    let (highest, highest_extended) = unsafe { (__cpuid(0).eax, __cpuid(0x8000_0000).eax) };
    if highest < 7 || highest_extended < 0x8000_0001 {
        return false;
    }
    // SAFETY: as above.
    let (one, seven, extended) = unsafe { (__cpuid(1).ecx, __cpuid_count(7, 0).ebx, __cpuid(0x8000_0001).ecx) };
    if one & LEAF_1_ECX != LEAF_1_ECX || seven & LEAF_7_EBX != LEAF_7_EBX || extended & EXTENDED_1_ECX == 0 {
        return false;
    }
    state() & STATE == STATE
}

/// Returns which registers the operating system saves.
fn state() -> u64 {
    #[target_feature(enable = "xsave")]
    fn read() -> u64 {
        // SAFETY: register 0 exists wherever `xgetbv` does.
        unsafe { _xgetbv(0) }
    }
    // SAFETY: OSXSAVE, which has been checked, says that `xgetbv` exists and may be used.
    unsafe { read() }
}
