//! Bytes that are UTF-8 and bytes that are not: each set says what the standard library says.

use super::{Random, Vec, sets};

#[track_caller]
fn compare(bytes: &[u8]) {
    for set in sets() {
        assert_eq!((set.to_str)(bytes), core::str::from_utf8(bytes).ok(), "{}: {}", set.name, bytes.escape_ascii());
    }
}

/// Every pair of bytes, and what may follow, wherever it is cut: at the end, and at each place around a seam.
#[test]
fn all_sequences_at_every_seam() {
    let behind: [&[u8]; 7] = [b"", b"\x80", b"\xBF", b"\x80\x80", b"a", b"\x8F\xBF", b"\xC2\x80"];
    for pair in 0..=u16::MAX {
        let pair = pair.to_be_bytes();
        if pair.is_ascii() {
            continue;
        }
        for before in [0, 60 + usize::from(pair[1] % 8), 124 + usize::from(pair[0] % 8)] {
            for rest in behind {
                let mut bytes = [&b"a".repeat(before), pair.as_slice(), rest].concat();
                compare(&bytes);
                bytes.extend_from_slice(&b"z".repeat(70));
                compare(&bytes);
            }
        }
    }
}

#[test]
fn random_texts_with_one_byte_changed() {
    let mut random = Random(9);
    let parts = [
        "a",
        "plain ASCII that is longer than a register ",
        "é",
        "߿",
        "ࠀ",
        "中",
        "\u{d7ff}",
        "\u{e000}",
        "😀",
        "\u{10ffff}",
    ];
    for turn in 0..60_000 {
        let count = random.below(40);
        let mut bytes: Vec<u8> = (0..count).flat_map(|_| random.pick(&parts).bytes()).collect();
        compare(&bytes);
        if let Some(byte) = bytes.get_mut(random.next() as usize % count.max(1)) {
            *byte = random.next() as u8;
        }
        bytes.truncate(bytes.len() - turn % 3 % (bytes.len() + 1));
        compare(&bytes);
    }
}
