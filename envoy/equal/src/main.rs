//! Prints what the library makes of calls and of responses, a case a line, for `equal.mjs` to compare the filter with.
//!
//! Nothing here is from the filter. What a service receives is read from the request as the library writes it in HTTP/1.1,
//! and a reply is read from the response by `HttpReader` too, where it is one in HTTP/1.1.

#![forbid(unsafe_code)]

// Of what it shares with the fuzz targets it needs a part.
#[path = "../../../fuzz/src/arbitrary.rs"]
#[allow(dead_code)]
mod arbitrary;
mod calls;
mod cases;
#[path = "../../../fuzz/src/http.rs"]
#[allow(dead_code)]
mod http;
mod inputs;
mod responses;

/// Calls without a gateway are not compared here, but the inputs of `http_request` have one each, of this shape.
mod outgoing {
    use crate::http::model::Call;

    #[derive(Debug)]
    #[allow(dead_code)]
    pub struct Direct {
        pub service: String,
        pub token: String,
        pub named: Option<String>,
        pub env: Option<String>,
        pub segments: String,
        pub cuts: u32,
    }

    impl Direct {
        pub fn check(&self, _: &Call, _: &str) {}
    }
}

use std::io::{BufWriter, Write};
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let mut root = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(root), None) = (root.next(), root.next()) else {
        eprintln!("usage: callcontainer-envoy-equal ROOT-OF-THE-REPOSITORY");
        std::process::exit(2);
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    for case in cases::all(&root)? {
        writeln!(out, "{case}")?;
    }
    out.flush()
}
