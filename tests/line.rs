//! The check of a line: the CRC against published values and another implementation, and what it notices.

use callcontainer::line::{CHECK_LEN, Check, Line};
use callcontainer::{Error, ErrorKind, REPLY_LIMIT};
use proptest::prelude::{any, proptest};

/// The polynomial of Castagnoli, its bits in reverse order.
const POLYNOMIAL: u32 = 0x82F6_3B78;

/// The register behind one bit more.
fn shifted(register: u32) -> u32 {
    register >> 1 ^ if register & 1 == 1 { POLYNOMIAL } else { 0 }
}

/// Bit by bit, without a table.
fn crc_32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |register, byte| (0..8).fold(register ^ u32::from(*byte), |rest, _| shifted(rest)))
}

fn checked(envelope: &[u8]) -> Vec<u8> {
    [envelope, &Check::of(envelope).trailer()].concat()
}

/// The values of the catalogue of CRCs, and of RFC 3720, appendix B.4.
#[test]
fn published_values() {
    let ascending: Vec<u8> = (0..32).collect();
    let descending: Vec<u8> = (0..32).rev().collect();
    for (bytes, crc) in [
        (&b""[..], 0),
        (b"123456789", 0xE306_9283),
        (&[0; 32], 0x8A91_36AA),
        (&[0xFF; 32], 0x62A8_AB43),
        (&ascending, 0x46DD_794E),
        (&descending, 0x113F_DB5C),
    ] {
        assert_eq!(Check::of(bytes).trailer(), *format!("#{crc:08x}").as_bytes(), "{bytes:?}");
        assert_eq!(crc_32c(bytes), crc);
    }
    assert_eq!(Check::new(), Check::default());
}

proptest! {
    #[test]
    fn as_bit_by_bit_in_any_pieces(bytes: Vec<u8>, cuts: Vec<usize>) {
        let whole = Check::of(&bytes);
        assert_eq!(whole.trailer(), *format!("#{:08x}", crc_32c(&bytes)).as_bytes());
        let (mut pieces, mut rest) = (Check::new(), &bytes[..]);
        for cut in cuts {
            let (piece, behind) = rest.split_at(cut % (rest.len() + 1));
            pieces.update(piece);
            rest = behind;
        }
        pieces.update(rest);
        assert_eq!(pieces, whole);
    }

    #[test]
    fn any_line_is_taken_apart(bytes: Vec<u8>, end in any::<[u8; 3]>()) {
        let line = checked(&bytes);
        assert_eq!(Line::new(&line).envelope(), Ok(&bytes[..]));
        assert_eq!(Line::new(&line).checked_envelope(), Ok(&bytes[..]));
        let other = [&line[..], &end].concat();
        let taken = Line::new(&other);
        assert!(!taken.is_checked() || end.iter().all(u8::is_ascii_hexdigit));
        let _ = (taken.envelope(), taken.checked_envelope());
    }
}

#[test]
fn what_is_a_check() {
    let wrong = |offset| Err(Error::new(ErrorKind::InvalidCheck, offset));
    for bare in [
        &b""[..],
        b"#",
        b"{}",
        b"#1234567",
        b"{}#1234567",
        b"{}#1234567A",
        b"{}#1234567g",
        b"{}+12345678",
        b"{}#12345678 ",
    ] {
        let line = Line::new(bare);
        assert_eq!((line.is_checked(), line.envelope()), (false, Ok(bare)));
        assert_eq!(line.checked_envelope(), wrong(bare.len().saturating_sub(CHECK_LEN)));
    }
    for (line, length) in
        [(&b"#12345678"[..], 0), (b"{}#12345678", 2), (b"{}##12345678", 3), (b"{}#123456789#abcdef01", 12)]
    {
        let line = Line::new(line);
        assert!(line.is_checked());
        assert_eq!((line.envelope(), line.checked_envelope()), (wrong(length), wrong(length)));
    }
}

/// Every pair of bits of a short line, but for those of the check's sign: without it there is no check.
#[test]
fn one_or_two_flipped_bits_are_noticed() {
    let line = checked(br#"{"statusCode":200,"callID":"7","data":{"valve":0}}"#);
    let sign = line.len() - CHECK_LEN;
    for first in 0..8 * line.len() {
        for second in 0..8 * line.len() {
            let mut changed = line.clone();
            changed[first / 8] ^= 1 << (first % 8);
            if second != first {
                changed[second / 8] ^= 1 << (second % 8);
            }
            assert!(Line::new(&changed).checked_envelope().is_err(), "{}", changed.escape_ascii());
            let hit = [first, second].iter().any(|bit| bit / 8 >= sign);
            assert!(hit || Line::new(&changed).envelope().is_err(), "{}", changed.escape_ascii());
        }
    }
}

/// What one flipped bit does to the CRC is never undone by other digits in one place, up to the longest reply. So a flip
/// in the envelope and another in the check do not go together. Two in the envelope are noticed by the polynomial.
#[test]
fn a_flip_in_the_longest_envelope_changes_more_than_one_digit() {
    let mut syndrome = 1;
    for bits in 1..=8 * REPLY_LIMIT {
        syndrome = shifted(syndrome);
        let digits = (0..8).filter(|digit| syndrome >> (4 * digit) & 15 != 0).count();
        assert!(digits > 1, "{bits}");
        // That these are the changes of what is sent.
        if bits % 8 == 0 && bits <= 800 {
            let (zeros, mut one) = (vec![0; bits / 8], vec![0; bits / 8]);
            one[0] = 1;
            assert_eq!(crc_32c(&zeros) ^ crc_32c(&one), syndrome);
        }
    }
}
