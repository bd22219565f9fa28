//! The inputs of the fuzz targets and the examples, by name.

use std::io;
use std::path::Path;

use arbitrary::{Arbitrary, Unstructured};

use crate::http::Hop;
use crate::http::model::Told;

pub struct Envelope {
    pub name: String,
    pub bytes: Vec<u8>,
    /// How its service is called, if it is said.
    pub told: Option<Told>,
}

pub struct Answer {
    pub name: String,
    /// How its service is called: bits as those of `fuzz/src/container.rs`.
    pub how: u8,
    /// In HTTP/1.1.
    pub bytes: Vec<u8>,
}

/// The files of a folder in order, or none if it is not there.
fn files(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<_> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    paths.retain(|path| path.is_file());
    paths.into_iter().map(|path| Ok((path.display().to_string(), std::fs::read(path)?))).collect()
}

/// The seeds of a target, and at most this many inputs that a fuzzer has found, from all over its corpus.
fn of_target(root: &Path, target: &str, limit: usize) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut inputs = files(&root.join("fuzz/seeds").join(target))?;
    let corpus = files(&root.join("fuzz/corpus").join(target))?;
    let step = corpus.len().div_ceil(limit).max(1);
    inputs.extend(corpus.into_iter().step_by(step));
    Ok(inputs)
}

/// What stands behind the choices that a target's inputs begin with.
fn behind(choices: usize, bytes: &[u8]) -> Vec<u8> {
    bytes.get(choices..).unwrap_or_default().to_vec()
}

pub fn envelopes(root: &Path, limit: usize) -> io::Result<Vec<Envelope>> {
    let mut all = Vec::new();
    for kind in ["request", "reply"] {
        all.extend(files(&root.join("examples/envelopes").join(kind))?);
    }
    all.extend(of_target(root, "decode_request", limit)?);
    all.extend(of_target(root, "reencode", limit / 4)?);
    let streamed = of_target(root, "stream_decode", limit / 2)?;
    all.extend(streamed.into_iter().map(|(name, bytes)| (name, behind(8, &bytes))));
    let mut all: Vec<_> = all.into_iter().map(|(name, bytes)| Envelope { name, bytes, told: None }).collect();
    for (name, bytes) in of_target(root, "http_request", limit)? {
        // What is no call is none to the fuzz target either.
        if let Ok(hop) = Hop::arbitrary_take_rest(Unstructured::new(&bytes)) {
            let told = hop.who.as_ref().map_or(Told::Nothing, |_| hop.told);
            all.push(Envelope { name, bytes: hop.call.envelope().into_bytes(), told: Some(told) });
        }
    }
    Ok(all)
}

pub fn answers(root: &Path, limit: usize) -> io::Result<Vec<Answer>> {
    let mut all = Vec::new();
    for (name, bytes) in of_target(root, "container", limit)? {
        let how = bytes.first().copied().unwrap_or_default();
        all.push(Answer { name, how, bytes: behind(5, &bytes) });
    }
    for (target, choices) in [("decode_reply", 0), ("json", 0), ("base64", 0), ("message", 2)] {
        for (at, (name, bytes)) in of_target(root, target, limit / 4)?.into_iter().enumerate() {
            let body = behind(choices, &bytes);
            let how = u8::try_from(at % 16).unwrap_or_default() & !1;
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
            all.push(Answer { name, how, bytes: [head.as_bytes(), &body].concat() });
        }
    }
    Ok(all)
}
