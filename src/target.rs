//! The one place that knows what a wide and a narrow processor want.
//!
//! A wide processor, such as a host's, has registers and instruction cache to spare. The common case of a step is inlined
//! there, so that a cursor stays in registers, and the rare cases are called. On a narrow one, a microcontroller's, flash
//! counts: a step is code of its own, once for all callers, and a shortcut for the common case costs more than it saves.
//!
//! The width of a pointer tells the one from the other. For tests, `--cfg callcontainer_target="narrow"` or `"wide"`
//! decides instead, on any host:
//!
//! ```sh
//! RUSTC_WORKSPACE_WRAPPER="$PWD/.ci/target/narrow" cargo test --all-features
//! ```

/// Whether the processor is a wide one.
pub(crate) const WIDE: bool =
    cfg!(any(callcontainer_target = "wide", all(target_pointer_width = "64", not(callcontainer_target = "narrow"))));

/// Takes a step, a function that is always inlined, with its arguments: on a wide processor as part of the caller, and on
/// a narrow one by a call of code that all callers share.
macro_rules! door {
    ($step:expr, $a:expr) => {
        $crate::target::door!(called $step; $a)
    };
    ($step:expr, $a:expr, $b:expr) => {
        $crate::target::door!(called2 $step; $a, $b)
    };
    ($step:expr, $a:expr, $b:expr, $c:expr) => {
        $crate::target::door!(called3 $step; $a, $b, $c)
    };
    ($step:expr, $a:expr, $b:expr, $c:expr, $d:expr) => {
        $crate::target::door!(called4 $step; $a, $b, $c, $d)
    };
    ($called:ident $step:expr; $($argument:expr),+) => {
        if $crate::target::WIDE { $step($($argument),+) } else { $crate::target::$called($step, $($argument),+) }
    };
}
pub(crate) use door;

/// Functions that call a step. The arguments are theirs one by one: captured by a closure they would go through memory, and
/// what the compiler knows of them would be lost.
macro_rules! calls {
    ($($called:ident ($($argument:ident: $type:ident),+);)+) => {$(
        #[inline(never)]
        pub(crate) fn $called<$($type,)+ T>(step: impl FnOnce($($type),+) -> T, $($argument: $type),+) -> T {
            step($($argument),+)
        }
    )+};
}

calls! {
    called(a: A);
    called2(a: A, b: B);
    called3(a: A, b: B, c: C);
    called4(a: A, b: B, c: C, d: D);
}

/// On a wide processor, moves the branch that this stands in out of the way of the others.
#[inline(always)]
pub(crate) const fn rarely() {
    if WIDE {
        cold();
    }
}

#[cold]
#[inline(always)]
const fn cold() {}
