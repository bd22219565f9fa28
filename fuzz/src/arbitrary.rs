//! What structured inputs are made of: texts, JSON and headers in which everything that matters comes up often.

use crate::http::model::{Spelt, Tree};
use arbitrary::{Arbitrary, Result, Unstructured};

/// Characters that mean something to JSON, to HTTP, to UTF-8 or to nobody.
const SPECIAL: [char; 32] = [
    '"',
    '\\',
    '/',
    ' ',
    '\t',
    '\r',
    '\n',
    '\0',
    '\u{8}',
    '\u{c}',
    '\u{1f}',
    '\u{7f}',
    '\u{80}',
    '\u{85}',
    '\u{a0}',
    '\u{7ff}',
    '\u{800}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{feff}',
    '\u{ffff}',
    '\u{10000}',
    '\u{10ffff}',
    '?',
    '&',
    '=',
    '#',
    '%',
    ':',
    ',',
    ';',
    '名',
];

/// Text made of pieces: as it is, special characters, and runs that reach every limit.
#[derive(Clone, Debug, Default)]
pub struct Words(pub String);

#[derive(Arbitrary)]
enum Piece<'a> {
    Verbatim(&'a str),
    Special(u8),
    Any(char),
    /// Around the limit of a name.
    Short(u8),
    /// Around the limit of a path.
    Long(u8, u16),
}

impl<'a> Arbitrary<'a> for Words {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut text = String::new();
        for piece in u.arbitrary_iter::<Piece<'a>>()? {
            match piece? {
                Piece::Verbatim(verbatim) => text.push_str(verbatim),
                Piece::Special(which) => text.push(special(which)),
                Piece::Any(character) => text.push(character),
                Piece::Short(count) => text.push_str(&"a".repeat(120 + usize::from(count % 16))),
                Piece::Long(which, count) => {
                    let character = if which & 1 == 0 { 'b' } else { special(which >> 1) };
                    text.extend(std::iter::repeat_n(character, usize::from(count % 9000)));
                }
            }
        }
        Ok(Self(text))
    }
}

fn special(which: u8) -> char {
    SPECIAL[usize::from(which) % SPECIAL.len()]
}

impl Words {
    /// The same as a path may stand in an envelope, but for its length.
    pub fn into_path(self) -> String {
        let legal = self.0.replace(|character: char| character == ' ' || character.is_ascii_control(), "_");
        format!("/{}", legal.trim_start_matches('/'))
    }
}

/// A text and one of the ways to spell it in JSON.
pub fn spelt(u: &mut Unstructured<'_>) -> Result<Spelt> {
    Ok(Spelt::new(&Words::arbitrary(u)?.0, u64::arbitrary(u)?))
}

/// A JSON value of any shape and depth.
pub fn tree(u: &mut Unstructured<'_>) -> Result<Tree> {
    nested(u, 5)
}

fn nested(u: &mut Unstructured<'_>, levels: u8) -> Result<Tree> {
    const SCALARS: [&str; 16] = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "-1",
        "1.50",
        "1e+21",
        "-0.0E-7",
        "300",
        "4294967296",
        "1e999",
        "12345678901234567890",
        "-9223372036854775809",
        "0.1e-400",
    ];
    Ok(match u8::arbitrary(u)? % if levels == 0 { 3 } else { 7 } {
        0 => Tree::Scalar((*u.choose(&SCALARS)?).to_owned()),
        1 => Tree::Scalar(number(u)?),
        2 => Tree::Text(spelt(u)?),
        3 => {
            let mut list = Vec::new();
            while bool::arbitrary(u)? {
                list.push(nested(u, levels - 1)?);
            }
            Tree::List(list)
        }
        4 | 5 => {
            let mut members: Vec<(Spelt, Tree)> = Vec::new();
            while bool::arbitrary(u)? {
                let member = (spelt(u)?, nested(u, levels - 1)?);
                if members.iter().all(|(name, _)| name.text != member.0.text) {
                    members.push(member);
                }
            }
            Tree::Object(members)
        }
        _ => {
            let kinds = u64::arbitrary(u)?;
            let mut tree = nested(u, levels - 1)?;
            for level in 0..u8::arbitrary(u)? % 140 {
                let in_list = kinds.rotate_right(level.into()) & 1 == 0;
                tree = if in_list { Tree::List(vec![tree]) } else { Tree::Object(vec![(Spelt::new("d", 0), tree)]) };
            }
            tree
        }
    })
}

/// A number in any notation and of any length.
fn number(u: &mut Unstructured<'_>) -> Result<String> {
    let mut number = if bool::arbitrary(u)? { "-".to_owned() } else { String::new() };
    number.push_str(&u128::arbitrary(u)?.to_string());
    if bool::arbitrary(u)? {
        number.push_str(&format!(".{}", "05".repeat(usize::from(u8::arbitrary(u)?) + 1)));
    }
    if bool::arbitrary(u)? {
        number.push_str(u.choose(&["e", "E", "e+", "E-"])?);
        number.push_str(&u16::arbitrary(u)?.to_string());
    }
    Ok(number)
}

/// The name of a header: one that means something in some letter case, a token, or any text.
pub fn header_name(u: &mut Unstructured<'_>) -> Result<String> {
    const NAMES: [&str; 42] = [
        "x-wx-openid",
        "x-wx-appid",
        "x-wx-unionid",
        "x-wx-source",
        "x-wx-env",
        "x-wx-from-openid",
        "x-wx-from-appid",
        "x-wx-from-unionid",
        "x-wx-cloudbase-access-token",
        "x-wx-from-cloudbase-access-token",
        "x-wx-exclude-credentials",
        "x-wx-service",
        "x-forwarded-for",
        "x-original-forwarded-for",
        "x-real-ip",
        "forwarded",
        "x-forwarded-host",
        "client-ip",
        "true-client-ip",
        "x-azure-clientip",
        "x-envoy-external-address",
        "cf-connecting-ipv6",
        "x-remote-addr",
        "x-appengine-user-ip",
        "proxy",
        "content-encoding",
        "host",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",
        "expect",
        "accept-encoding",
        "referer",
        "content-type",
        "set-cookie",
        "cookie",
        "authorization",
        "x",
    ];
    /// The bytes of a token that are neither letters nor digits, and two of those that may stand in none.
    const TOKEN_SIGNS: [&str; 17] =
        ["_", ".", "-", "~", "!", "#", "$", "%", "&", "'", "*", "+", "^", "`", "|", " ", "\0"];
    const TOKEN: &[u8] = b"!#$%&'*+-.^_`|~0189AZaz";
    Ok(match u8::arbitrary(u)? {
        0..=150 => {
            let cases = u64::arbitrary(u)?;
            let name = crate::http::model::cased(u.choose(&NAMES)?, cases);
            let others = cases >> 60;
            // Other bytes for all of its hyphens, or for the last.
            let other = TOKEN_SIGNS[usize::from(u8::arbitrary(u)?) % TOKEN_SIGNS.len()];
            match (others, name.rsplit_once('-')) {
                (0xC.., _) => name.replace('-', other),
                (0xA.., Some((before, after))) => format!("{before}{other}{after}"),
                _ => name,
            }
        }
        151..=230 => {
            let length = if bool::arbitrary(u)? { u.int_in_range(1..=8)? } else { u.int_in_range(120..=130)? };
            let mut name = String::new();
            for _ in 0..length {
                name.push(char::from(*u.choose(TOKEN)?));
            }
            name
        }
        _ => Words::arbitrary(u)?.0,
    })
}
