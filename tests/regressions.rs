//! What fuzzers, simulations and mutants have shown, one test each, named for what it shows.

use callcontainer::{Error, ErrorKind, Request};

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
