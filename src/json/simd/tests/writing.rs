//! Writing: strings with escapes, and base64 both ways.

use super::super::write::escape_sixteens;
use super::{Random, Set, String, Vec, format, sets, vec};

/// Returns one byte as written in a string, by the letter of RFC 8259, section 7.
fn escaped(byte: u8) -> Vec<u8> {
    match byte {
        b'"' => b"\\\"".to_vec(),
        b'\\' => b"\\\\".to_vec(),
        b'\n' => b"\\n".to_vec(),
        b'\r' => b"\\r".to_vec(),
        b'\t' => b"\\t".to_vec(),
        0x08 => b"\\b".to_vec(),
        0x0C => b"\\f".to_vec(),
        0..=0x1F => format!("\\u{byte:04x}").into_bytes(),
        _ => vec![byte],
    }
}

/// Compares what all ways write of this text into this much room, given the escapes of its bytes.
#[track_caller]
fn compare_escape(text: &[u8], room: usize) -> usize {
    let mut least = usize::MAX;
    for Set { name, escape: path, .. } in sets() {
        let mut place = vec![0xAA; room];
        let (read, written) = path(text, &mut place);
        let expected: Vec<u8> = text[..read].iter().flat_map(|byte| escaped(*byte)).collect();
        assert_eq!(place[..written], expected, "{name}: {}", String::from_utf8_lossy(text));
        let behind = place.iter().skip(written + text.len() - read);
        assert!(behind.copied().all(|byte| byte == 0xAA), "{name}: what the text does not overwrite is left alone");
        least = least.min(read);
    }
    least
}

#[test]
fn every_byte_is_escaped_at_every_place_of_a_block() {
    for byte in 0..=255 {
        for place in 0..64 {
            let mut text = vec![b'a'; 192];
            text[place] = byte;
            text[64 + place] = byte;
            assert_eq!(compare_escape(&text, 1000), 128);
        }
        assert_eq!(compare_escape(&[byte; 256], 2000), 192);
    }
}

/// The same for what is too short for blocks.
#[track_caller]
fn compare_short(text: &[u8], room: usize) -> usize {
    let mut place = vec![0xAA; room];
    let (read, written) = escape_sixteens(text, &mut place);
    let expected: Vec<u8> = text[..read].iter().flat_map(|byte| escaped(*byte)).collect();
    assert_eq!(place[..written], expected, "{}", String::from_utf8_lossy(text));
    let behind = place.iter().skip(written + text.len() - read);
    assert!(behind.copied().all(|byte| byte == 0xAA), "what the text does not overwrite is left alone");
    read
}

#[test]
fn every_byte_is_escaped_at_every_place_of_a_short_text() {
    for byte in (0..=b'#').chain(*b"[\\]\x7E\x7F\x80\xFF") {
        for len in 0..40 {
            for place in 0..len {
                let mut text = vec![[b'a', 0x80, b'/'][len % 3]; len];
                text[place] = byte;
                text[len - 1 - place / 2] = byte;
                let exact = text.iter().map(|byte| escaped(*byte).len()).sum::<usize>();
                assert_eq!(compare_short(&text, exact + 22), len, "{byte:#x} at {place} of {len}");
                for room in [place, exact - 1, exact] {
                    assert!(compare_short(&text, room) <= len);
                }
            }
        }
    }
}

#[test]
fn texts_of_all_bytes_in_any_room() {
    let mut random = Random(5);
    for _ in 0..20_000 {
        let long = random.below(400);
        let rare = 1 + random.below(40);
        let text: Vec<u8> = (0..long)
            .map(|_| if random.below(rare) == 0 { random.below(256) as u8 } else { b'a' + random.below(26) as u8 })
            .collect();
        compare_escape(&text, random.below(3000));
        compare_short(&text, random.below(3000));
    }
}

#[test]
fn symbols_of_base64_at_every_place() {
    for byte in 0..=255_u8 {
        let is_symbol = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        for place in 0..64 {
            let mut piece = [b'A'; 64];
            piece[place] = byte;
            let expected = if is_symbol { 64 } else { place };
            for Set { name, symbols, .. } in sets() {
                assert_eq!(symbols(&piece), expected, "{name}: {byte:#x} at {place}");
            }
        }
    }
}

#[test]
fn base64_of_any_bytes_in_any_room() {
    use base64::Engine;
    let mut random = Random(6);
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..random.below(200)).map(|_| random.below(256) as u8).collect();
        let room = random.below(300);
        for Set { name, base64, .. } in sets() {
            let Some((path, from, to)) = base64 else { continue };
            let mut place = vec![0; room];
            let (read, written) = path(&bytes, &mut place);
            assert_eq!(read % 3, 0, "{name}");
            let symbols = base64::engine::general_purpose::STANDARD.encode(&bytes[..read]);
            assert_eq!(&place[..written], symbols.as_bytes(), "{name}");
            assert!(bytes.len() - read < from || place.len() - written < to, "{name}");
        }
    }
}

/// Whatever else stands at whatever place ends what is decoded, and no byte of a group before it is lost.
#[test]
fn base64_is_decoded_up_to_what_is_no_symbol() {
    use base64::Engine;
    let standard = base64::engine::general_purpose::STANDARD;
    let mut random = Random(7);
    for byte in 0..=255_u8 {
        let is_symbol = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        for place in 0..200 {
            let bytes: [u8; 150] = core::array::from_fn(|_| random.below(256) as u8);
            let mut text = standard.encode(bytes).into_bytes();
            text[place] = byte;
            let room = if random.below(4) == 0 { random.below(200) } else { 200 };
            for Set { name, from_base64, .. } in sets() {
                let Some((path, from, to)) = from_base64 else { continue };
                let mut decoded = [0; 200];
                let (read, written) = path(&text, &mut decoded[..room]);
                assert!(read % 4 == 0 && (is_symbol || read <= place), "{name}: {byte:#x} at {place}");
                let same = standard.decode(&text[..read]).expect("there are only symbols");
                assert_eq!(&decoded[..written], same, "{name}: {byte:#x} at {place}");
                let wrong = if is_symbol { text.len() } else { place };
                assert!(wrong - read < from || room - written < to, "{name}: {byte:#x} at {place}, {room}");
            }
        }
    }
}
