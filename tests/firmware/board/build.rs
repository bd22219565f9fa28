//! Puts the linker script where the linker of every image looks for it.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let script = if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("arm") { "arm.ld" } else { "riscv.ld" };
    let out = PathBuf::from(env::var("OUT_DIR").unwrap());
    fs::copy(script, out.join("board.ld")).unwrap();
    fs::copy("sections.ld", out.join("sections.ld")).unwrap();
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed={script}");
    println!("cargo::rerun-if-changed=sections.ld");
}
