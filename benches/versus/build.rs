//! Builds the side of simdjson, where the feature asks for it.

fn main() {
    println!("cargo::rerun-if-changed=src/decode/simdjson.cpp");
    #[cfg(feature = "simdjson")]
    {
        cc::Build::new().cpp(true).std("c++17").opt_level(3).file("src/decode/simdjson.cpp").compile("versus_simdjson");
        println!("cargo::rustc-link-lib=simdjson");
    }
}
