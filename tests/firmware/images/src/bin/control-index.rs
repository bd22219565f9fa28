//! The control of the panic gate: an index that can be out of bounds, which the gate must notice.

#![no_std]
#![no_main]

use board::{Work, finish, measure};

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    finish(measure(&Work {
        run: |input| input[core::hint::black_box(200)],
        is_right: |byte, input| input.get(200) == Some(byte),
        small: images::small_request(),
        large: images::large_request(),
    }))
}
