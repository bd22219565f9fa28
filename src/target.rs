//! The only place that knows the different needs of wide and narrow processors.
//!
//! A wide processor, for example a host's, has registers and instruction cache to spare. There, the common case of a
//! step is inlined, so that a cursor stays in registers, and the rare cases are called. On a narrow processor, a
//! microcontroller's, flash is scarce: a step is a function of its own, shared by all callers, and a shortcut for the
//! common case costs more than it saves.
//!
//! The pointer width decides which of the two it is, and WebAssembly is wide: it runs on hosts. For tests,
//! `--cfg callcontainer_target="narrow"` or `"wide"` decides instead, on any host:
//!
//! ```sh
//! RUSTC_WORKSPACE_WRAPPER="$PWD/.ci/target/narrow" cargo test --all-features
//! ```

/// Whether the processor is wide.
pub(crate) const WIDE: bool = cfg!(any(
    callcontainer_target = "wide",
    all(any(target_pointer_width = "64", target_family = "wasm"), not(callcontainer_target = "narrow"))
));

/// Runs a step, a function that is always inlined, with its arguments: on a wide processor as part of the caller, on a
/// narrow one by a call of code that all callers share.
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

/// Defines functions that call a step. They take the arguments one by one: if a closure captured them, they would go
/// through memory, and the compiler would lose what it knows of them.
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

/// On a wide processor, moves the branch that contains this call out of the way of the others.
#[inline(always)]
pub(crate) const fn rarely() {
    if WIDE {
        cold();
    }
}

#[cold]
#[inline(always)]
const fn cold() {}
