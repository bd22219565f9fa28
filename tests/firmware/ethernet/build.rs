//! Links the images for the board.

fn main() {
    println!("cargo::rustc-link-arg-bins=-Tboard.ld");
    println!("cargo::rerun-if-changed=build.rs");
}
