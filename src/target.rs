//! The one place that knows what a wide and a narrow processor want.
//!
//! A wide processor, of a host or a phone, has registers and instruction cache to spare. There the common way through a
//! step is part of its caller, so that a cursor stays in registers, and the rare ways are called. On a narrow one, a
//! microcontroller, what counts is flash: each step is code of its own, once, and a second way to save time costs more
//! than it saves.
//!
//! Which one a target is follows from its pointers. For tests, `--cfg callcontainer_target="narrow"` or `"wide"` says it
//! instead, on any host:
//!
//! ```sh
//! RUSTC_WORKSPACE_WRAPPER="$PWD/.ci/target/narrow" cargo test --all-features
//! ```

/// Whether the processor is a wide one.
pub(crate) const WIDE: bool =
    cfg!(any(callcontainer_target = "wide", all(target_pointer_width = "64", not(callcontainer_target = "narrow"))));
