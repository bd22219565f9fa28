//! Any envelope, sound or damaged, through windows and in reads of any size: what the slice decoder says.

use super::generate;
use super::kit::{self, Way};
use callcontainer::stream::{Decoder, Replies, Requests};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

fn check_sizes<D: Way>(envelope: &[u8], sizes: &[usize], limit: usize) {
    fn through<D: Way, const W: usize>(envelope: &[u8], sizes: &[usize], limit: usize) {
        let cycle = || sizes.iter().copied().cycle();
        let run = kit::run::<D, W>(Decoder::new().with_limit(limit), envelope, cycle());
        kit::assert_like_slice::<D>(&run, envelope, limit);
        assert_eq!(run, kit::run::<D, W>(Decoder::new().with_limit(limit), envelope, []));
        let told = Decoder::new().with_limit(limit).with_length(envelope.len());
        let told = kit::run::<D, W>(told, envelope, cycle());
        assert_eq!((&told.first, &told.verdict), (&run.verdict, &run.verdict));
    }
    through::<D, 16>(envelope, sizes, limit);
    through::<D, 37>(envelope, sizes, limit);
    through::<D, 256>(envelope, sizes, limit);
}

fn limit() -> impl Strategy<Value = usize> {
    prop_oneof![4 => Just(usize::MAX), 1 => 0..600_usize]
}

proptest! {
    #[test]
    fn requests(
        envelope in generate::request(),
        edits in generate::edits(),
        sizes in vec(1..40_usize, 1..6),
        limit in limit(),
    ) {
        check_sizes::<Requests>(envelope.as_bytes(), &sizes, limit);
        check_sizes::<Requests>(&generate::damage(&envelope, &edits), &sizes, limit);
    }

    #[test]
    fn replies(
        envelope in generate::reply(),
        edits in generate::edits(),
        sizes in vec(1..40_usize, 1..6),
        limit in limit(),
    ) {
        check_sizes::<Replies>(envelope.as_bytes(), &sizes, limit);
        check_sizes::<Replies>(&generate::damage(&envelope, &edits), &sizes, limit);
    }
}

/// The envelopes that come with the crate.
pub fn fixtures(direction: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/envelopes").join(direction);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(files.len() > 15, "{direction}: {} files", files.len());
    files
}

/// Each file, each beginning of it, and each with one byte gone, in one piece, byte by byte and cut in two everywhere.
#[test]
fn every_file_and_what_is_left_of_it() {
    fn all<D: Way>(direction: &str) {
        for file in fixtures(direction) {
            kit::check::<D>(&file);
            for at in 0..file.len() {
                check_sizes::<D>(&file[..at], &[3], usize::MAX);
                let without = [&file[..at], &file[at + 1..]].concat();
                check_sizes::<D>(&without, &[11], usize::MAX);
            }
            for cut in 0..file.len() {
                let whole = kit::run::<D, 1024>(Decoder::new(), &file, []);
                assert_eq!(kit::run::<D, 1024>(Decoder::new(), &file, [cut]), whole, "cut at {cut}");
            }
        }
    }
    all::<Requests>("request");
    all::<Replies>("reply");
}
