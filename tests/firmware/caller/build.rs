//! Links the image for the board, with the section that holds the texts of the log.

fn main() {
    println!("cargo::rustc-link-arg-bins=-Tboard.ld");
    println!("cargo::rustc-link-arg-bins=-Tdefmt.x");
    println!("cargo::rerun-if-changed=build.rs");
}
