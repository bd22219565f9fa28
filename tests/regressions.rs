//! What fuzzers, simulations and mutants have shown, one test each, named for what it shows.

use callcontainer::{Data, Error, ErrorKind, Reply, Request};

/// The limit of a name counts bytes, and its last one may stand inside a character. That byte is told, as for any other
/// text that is too long.
#[test]
fn a_name_is_too_long_from_a_byte_on_that_may_be_inside_a_character() {
    for (name, inside) in [("a".repeat(128) + "中", 0), ("a".repeat(127) + "中", 1), ("a".repeat(126) + "中", 2)] {
        let envelope = format!(r#"{{"config":{{"env":"{name}"}},"path":"/"}}"#);
        let start = envelope.find("aaa").unwrap();
        let expected = Error::new(ErrorKind::TooLong, start + 128);
        assert_eq!(Request::decode(envelope.as_bytes()), Err(expected));
        assert_eq!(envelope.find('中').unwrap() + inside, expected.offset());
    }
}

/// Short strings are read in words, long ones in blocks: each byte is told at every place in strings of either kind.
#[test]
fn every_byte_is_seen_at_every_place_in_a_string() {
    for (open, close) in [("", ""), ("[", "]"), ("{\"", "\":0}")] {
        for length in (1..=34).chain([63, 64, 65, 130]) {
            for place in (0..length).filter(|place| length < 35 || place % 7 == 0 || *place + 3 > length) {
                let quote = if open.ends_with('"') { "" } else { "\"" };
                let head = format!("{{\"statusCode\":200,\"data\":{open}{quote}{}", "a".repeat(place));
                let tail = format!("{}{quote}{close}}}", "b".repeat(length - place - 1));
                for byte in 0..=255_u8 {
                    let envelope = [head.as_bytes(), &[byte], tail.as_bytes()].concat();
                    let expected = match byte {
                        // What follows a backslash or a quote is another matter.
                        b'"' | b'\\' => {
                            let is_valid = serde_json::from_slice::<serde_json::Value>(&envelope).is_ok();
                            assert_eq!(Reply::decode(&envelope).is_ok(), is_valid, "{}", envelope.escape_ascii());
                            continue;
                        }
                        0..0x20 => Err(Error::new(ErrorKind::ControlCharacter, head.len())),
                        0x80.. => Err(Error::new(ErrorKind::InvalidUtf8, head.len())),
                        _ => Ok(()),
                    };
                    let outcome = Reply::decode(&envelope).map(|_| ());
                    assert_eq!(outcome, expected, "{}", envelope.escape_ascii());
                }
            }
        }
    }
}

/// As above, for what is written.
#[test]
fn every_character_is_written_at_every_place_in_a_text() {
    for character in (0..=0xFF_u8).map(char::from).chain(['中', '\u{2028}', '\u{FFFF}', '😀']) {
        for length in (0..20).chain([62, 63, 64, 65]) {
            for after in [0, 1, 9] {
                let text = format!("{}{character}{}", "a".repeat(length), "b".repeat(after));
                let request = Request::new("/").with_env("e").with_data(Data::from(text.as_str()));
                let mut buffer = [0; 512];
                let envelope = request.encode(&mut buffer).unwrap();
                let expected = format!(
                    r#"{{"config":{{"env":"e"}},"path":"/","data":{}}}"#,
                    serde_json::to_string(&text).unwrap()
                );
                assert_eq!(str::from_utf8(envelope).unwrap(), expected);
                assert_eq!(Request::decode(envelope).unwrap().data(), Data::from(text.as_str()));
            }
        }
    }
}

/// Base64 is checked in groups and in blocks: what is no digit is told at every place, and the bytes come out right.
#[test]
fn every_digit_is_seen_at_every_place_in_base64() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let bytes: Vec<u8> = (0..200_usize).map(|at| (at * 37 + at / 7) as u8).collect();
    for length in (1..=52).chain([95, 96, 97, 143, 144, 145, 192]) {
        let digits = STANDARD.encode(&bytes[..length]);
        let head = r#"{"statusCode":200,"__nativeBuffers__":[{"key":"data","base64":""#;
        let envelope = |digits: &[u8]| [head.as_bytes(), digits, br#""}]}"#].concat();
        for place in 0..digits.len() {
            let places = if place < 8 || place % 5 == 0 || place + 8 > digits.len() { 1 } else { 16 };
            for byte in (0..=255_u8).step_by(places).filter(|byte| !b"\"\\".contains(byte)) {
                let mut digits = digits.clone().into_bytes();
                digits[place] = byte;
                let expected = STANDARD.decode(&digits).ok();
                let envelope = envelope(&digits);
                let decoded = Reply::decode(&envelope).ok().map(|reply| {
                    let Reply::Response(response) = reply else { panic!("a failure") };
                    let Data::Bytes(bytes) = response.data() else { panic!("no bytes") };
                    bytes.decode(&mut vec![0; bytes.decoded_len()]).unwrap().to_vec()
                });
                assert_eq!(decoded, expected, "{}", envelope.escape_ascii());
            }
        }
        let request = Request::new("/").with_env("e").with_data(Data::from(&bytes[..length]));
        let mut buffer = [0; 512];
        let written = str::from_utf8(request.encode(&mut buffer).unwrap()).unwrap();
        assert!(written.ends_with(&format!(r#""base64":"{digits}"}}]}}"#)), "{written}");
    }
}

/// Headers are shown as they are, escapes undone.
#[test]
fn headers_are_shown() {
    let envelope = br#"{"config":{"env":"e"},"path":"/","header":{"x-a":"\u0031","x-b":2}}"#;
    let request = Request::decode(envelope).unwrap();
    assert_eq!(format!("{:?}", request.headers()), r#"{"x-a": "1", "x-b": "2"}"#);
}

/// A service may answer with what no reply holds: the refusal says what it is.
#[cfg(feature = "gateway")]
#[test]
fn a_refusal_says_what_no_reply_holds() {
    use callcontainer::gateway::HttpReader;

    let long = format!("{}: 1\r\n", "n".repeat(129));
    let many: String = (0..65).map(|number| format!("x-{number}: 1\r\n")).collect();
    for (headers, kind) in [(long, ErrorKind::TooLong), (many, ErrorKind::TooManyHeaders)] {
        let answer = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 0\r\n\r\n");
        let mut memory = [0; 4096];
        let mut reader = HttpReader::new(&Request::new("/").with_env("e"), &mut memory);
        reader.window()[..answer.len()].copy_from_slice(answer.as_bytes());
        let refusal = match reader.commit(answer.len()) {
            Ok(is_done) => {
                assert!(is_done);
                reader.finish(None).unwrap_err()
            }
            Err(refusal) => refusal,
        };
        assert_eq!(refusal.cause().map(|error| error.kind()), Some(kind), "{refusal:?}");
    }
}

/// The limits that a response of a service is held to, as numbers: one more is too much.
#[cfg(feature = "gateway")]
#[test]
fn a_response_may_be_as_long_as_it_may() {
    use callcontainer::gateway::HttpReader;

    let is_taken = |answer: &str| {
        let mut memory = vec![0; 64 * 1024];
        let mut reader = HttpReader::new(&Request::new("/").with_env("e"), &mut memory);
        reader.window()[..answer.len()].copy_from_slice(answer.as_bytes());
        reader.commit(answer.len()).and_then(|is_done| {
            assert!(is_done, "{answer}");
            reader.finish(None).map(|_| ())
        })
    };
    let lines = |count: usize| format!("HTTP/1.1 204 A\r\n{}\r\n", "X: 1\r\n".repeat(count));
    let head = |length: usize| format!("HTTP/1.1 204 A\r\nX:{}\r\n\r\n", "y".repeat(length - 22));
    let interim = |count: usize| "HTTP/1.1 100 A\r\n\r\n".repeat(count) + "HTTP/1.1 204 A\r\n\r\n";
    let chunked = |body: &str| format!("HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
    let aside = |count: usize| chunked(&format!("1;{}\r\nx\r\n0\r\n\r\n", "y".repeat(count - 1)));
    let digits = |count: usize| chunked(&format!("{:0>count$}\r\nx\r\n0\r\n\r\n", 1));
    assert_eq!(head(100).len(), 100);
    for (longest, longer) in [
        (lines(128), lines(129)),
        (head(32 * 1024), head(32 * 1024 + 1)),
        (interim(16), interim(17)),
        (aside(4096), aside(4097)),
        (digits(16), digits(17)),
    ] {
        assert_eq!(is_taken(&longest), Ok(()));
        assert!(is_taken(&longer).is_err());
    }
}

/// A sign behind the digits of a number that an earlier piece had begun was passed over where the piece was long.
#[test]
fn a_number_that_goes_on_in_another_piece_ends_where_it_ends() {
    use callcontainer::stream::{DecodeStep, ReplyDecoder};

    for number in ["12-34", "-0+1", "1.5-2", "1e5+6-7", "0-", "12"] {
        let envelope = format!(r#"{{"statusCode":200,"x":{number},"y":"{}"}}"#, "z".repeat(100));
        let whole = Reply::decode(envelope.as_bytes()).err();
        for cut in 0..envelope.len() {
            let mut decoder = ReplyDecoder::<512>::new();
            let mut pieces = [&envelope[..cut], &envelope[cut..], ""].into_iter();
            let error = loop {
                match decoder.step() {
                    Ok(DecodeStep::More) => match pieces.next().map(str::as_bytes) {
                        None | Some([]) if pieces.len() == 0 => decoder.end(),
                        None | Some([]) => {}
                        Some(piece) => {
                            decoder.window()[..piece.len()].copy_from_slice(piece);
                            decoder.commit(piece.len());
                        }
                    },
                    Ok(DecodeStep::Event(_)) => {}
                    Ok(DecodeStep::End) => break None,
                    Err(error) => break Some(error),
                }
            };
            assert_eq!(error, whole, "{number} cut at {cut}");
        }
    }
}
