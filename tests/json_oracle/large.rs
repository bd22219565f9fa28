use super::{check_reply, check_request};
use base64::prelude::{BASE64_STANDARD, Engine};
use callcontainer::{Data, REQUEST_LIMIT, Reply};
use std::fmt::Write;

/// Whole envelope, in bytes.
const SIZE: usize = 95 * 1024;
const _: () = assert!(SIZE <= REQUEST_LIMIT);

/// The same numbers every time (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self, below: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % u64::from(below)) as u32
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.next(choices.len() as u32) as usize]
    }

    fn chinese(&mut self) -> char {
        char::from_u32(0x4E00 + self.next(0x51A5)).unwrap()
    }
}

/// Many small objects, some of them inside others, with white space here and there.
fn objects(len: usize) -> String {
    let mut random = Random(1);
    let mut json = "[".to_owned();
    while json.len() < len {
        let (id, price) = (random.next(1 << 30), random.next(100_000));
        let space = random.one_of(&["", "", " ", "\n  "]);
        write!(json, r#"{{"id":{id},{space}"price":{price}.{:02},"tags":["#, price % 100).unwrap();
        for tag in 0..random.next(4) {
            write!(
                json,
                r#"{}{{"t{tag}":[{},null]}}"#,
                if tag == 0 { "" } else { "," },
                random.one_of(&["true", "false"])
            )
            .unwrap();
        }
        let name = random.one_of(&["tea", "caf\\u00e9", "\u{8336}", "\\\"", ""]);
        write!(json, r#"],"name":"{name}","{}":{{}}}},"#, random.one_of(&["in", "out"])).unwrap();
    }
    json + "{}]"
}

/// Chinese text with few other characters.
fn chinese(len: usize) -> String {
    let mut random = Random(2);
    let mut text = String::new();
    while text.len() < len {
        match random.next(30) {
            0 => text.push_str(random.one_of(&["\u{ff0c}", "\u{3002}", ", ", "OK", "\u{1f600}", "\u{e9}", "24"])),
            _ => text.push(random.chinese()),
        }
    }
    text
}

/// The characters that have a short escape, and its letter.
const SHORT: [(char, char); 8] =
    [('"', '"'), ('\\', '\\'), ('/', '/'), ('\u{8}', 'b'), ('\u{c}', 'f'), ('\n', 'n'), ('\r', 'r'), ('\t', 't')];

/// A string in which almost everything is escaped, and what it stands for.
fn escaped(len: usize) -> (String, String) {
    let mut random = Random(3);
    let (mut content, mut decoded) = (String::new(), String::new());
    while content.len() < len {
        let character = match random.next(8) {
            0 => random.one_of(&SHORT).0,
            1 => char::from(random.next(0x20) as u8),
            2 => char::from_u32(0x1F600 + random.next(0x50)).unwrap(),
            3 | 4 => random.chinese(),
            _ => char::from(0x20 + random.next(0x5F) as u8),
        };
        decoded.push(character);
        let short = SHORT.iter().find(|(escaped, _)| *escaped == character);
        match short {
            Some((_, letter)) if random.next(2) == 0 => content.extend(['\\', *letter]),
            None if random.next(4) == 0 && character >= ' ' => content.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    match random.next(2) {
                        0 => write!(content, "\\u{unit:04x}").unwrap(),
                        _ => write!(content, "\\u{unit:04X}").unwrap(),
                    }
                }
            }
        }
    }
    (content, decoded)
}

fn bytes(len: usize) -> Vec<u8> {
    let mut random = Random(4);
    (0..len).map(|_| random.next(256) as u8).collect()
}

/// An envelope of exactly [`SIZE`] bytes: an unknown member fills what the others leave.
fn fill(members: &str, body: &str) -> String {
    let len = members.len() + body.len() + r#"{,"pad":"",}"#.len();
    assert!((SIZE - 400..=SIZE).contains(&len), "{len}");
    let envelope = format!(r#"{{{members},"pad":"{}",{body}}}"#, "x".repeat(SIZE - len));
    assert_eq!(envelope.len(), SIZE);
    envelope
}

const REQUEST: &str = r#""config":{"env":"prod-01"},"path":"/big","method":"POST","header":{"X-WX-SERVICE":"shop"}"#;
const REPLY: &str = r#""statusCode":200,"header":{"content-type":"text/plain"},"cookies":["a=1"],"callID":"c-1""#;

/// Decodes the body as request and as reply, and hands what was found to `check`; then again after encoding it.
fn check_body(body: &str, check: impl Fn(Data<'_>)) {
    let envelope = fill(REQUEST, body);
    let request = check_request(envelope.as_bytes()).unwrap();
    check(request.data());
    let mut buffer = vec![0; REQUEST_LIMIT];
    let encoded = request.encode(&mut buffer).unwrap();
    assert_eq!(request.encoded_len(), Ok(encoded.len()));
    let again = check_request(encoded).unwrap();
    assert_eq!(again, request);

    let envelope = fill(REPLY, body);
    let reply = check_reply(envelope.as_bytes()).unwrap();
    let Reply::Response(response) = reply else { panic!("{reply:?}") };
    check(response.data());
    let mut buffer = vec![0; REQUEST_LIMIT];
    let encoded = reply.encode(&mut buffer).unwrap();
    assert_eq!(check_reply(encoded).unwrap(), reply);
}

#[test]
fn objects_of_95_kib() {
    let json = objects(SIZE - 350);
    let expected: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(expected.as_array().unwrap().len() > 700);
    check_body(&format!(r#""data":{json}"#), |data| match data {
        Data::Json(found) => {
            assert_eq!(found.as_str(), json);
            assert_eq!(serde_json::from_slice::<serde_json::Value>(found.as_bytes()).unwrap(), expected);
        }
        other => panic!("{other:?}"),
    });
}

#[test]
fn chinese_of_95_kib() {
    let expected = chinese(SIZE - 250);
    check_body(&format!(r#""data":"{expected}""#), |data| match data {
        Data::Text(text) => {
            assert_eq!(text.as_str(), Some(&*expected));
            assert_eq!(text.decoded_len(), expected.len());
        }
        other => panic!("{other:?}"),
    });
}

#[test]
fn escapes_of_95_kib() {
    let (content, expected) = escaped(SIZE - 250);
    assert!(content.len() > 3 * expected.chars().count());
    check_body(&format!(r#""data":"{content}""#), |data| match data {
        Data::Text(text) => {
            assert_eq!(text.as_raw(), content.as_bytes());
            assert_eq!(text.as_str(), None);
            assert_eq!(text.decode(&mut vec![0; expected.len()]).unwrap(), expected);
            assert_eq!(text, &*expected);
        }
        other => panic!("{other:?}"),
    });
}

#[test]
fn base64_of_95_kib() {
    let expected = bytes((SIZE - 350) / 4 * 3 - 1);
    let base64 = BASE64_STANDARD.encode(&expected);
    check_body(&format!(r#""__nativeBuffers__":[{{"key":"data","base64":"{base64}"}}]"#), |data| match data {
        Data::Bytes(bytes) => {
            assert_eq!(bytes.decoded_len(), expected.len());
            assert_eq!(bytes.decode(&mut vec![0; expected.len()]).unwrap(), expected);
        }
        other => panic!("{other:?}"),
    });
}
