//! What other filters of Envoy have left about a request: its dynamic metadata, in protobuf.
//!
//! Envoy gives each value by its path too, but as bytes without its kind: those of a number may be somebody's name.

/// Returns the string with this name in the struct that a filter has left.
pub fn string<'a>(metadata: &'a [u8], filter: &str, within: &str, name: &str) -> Option<&'a str> {
    // The numbers are those of `google.protobuf.Value`.
    let of_filter = value(metadata, filter)?;
    let found = only(value(of_filter, within)?, 5)?;
    std::str::from_utf8(only(value(found, name)?, 3)?).ok()
}

/// Returns the value of this key in a map, which is field 1 of `Metadata` and of `google.protobuf.Struct`.
fn value<'a>(message: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let mut found = None;
    for (number, entry) in fields(message)? {
        if number == 1
            && let [(1, Some(name)), (2, value)] = fields(entry?)?.as_slice()
            && *name == key.as_bytes()
        {
            found = *value;
        }
    }
    found
}

/// Returns the field of a message that has this field and no other.
fn only(message: &[u8], number: u64) -> Option<&[u8]> {
    match fields(message)?.as_slice() {
        [(found, value)] if *found == number => *value,
        _ => None,
    }
}

/// The number of a field, and its bytes if it has a length.
type Field<'a> = (u64, Option<&'a [u8]>);

/// Returns the fields of a message.
fn fields(mut rest: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let tag = number(&mut rest)?;
        let length = match tag & 7 {
            0 => number(&mut rest).map(|_| 0)?,
            1 => 8,
            2 => usize::try_from(number(&mut rest)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (value, others) = rest.split_at_checked(length)?;
        rest = others;
        fields.push((tag >> 3, (tag & 7 == 2).then_some(value)));
    }
    Some(fields)
}

/// Takes a number of seven bits a byte, the least first.
fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, others) = rest.split_first()?;
        *rest = others;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
