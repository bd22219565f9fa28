//! Reads a head that is there as a whole: what the [`HeadReader`](super::head::HeadReader) is compared with in tests.

extern crate std;

use super::HttpError;
use super::body::Body;
use super::chunked::Chunked;
use super::head::Head;
use std::string::String;
use std::vec::Vec;

/// Reads the head at the beginning of these bytes, and returns its length too; `None` if its end is not among them. An
/// interim head says nothing but its status.
pub(super) fn head(bytes: &[u8], to_head: bool) -> Result<Option<(usize, Head)>, HttpError> {
    let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") else { return Ok(None) };
    let text: String = bytes[..end].iter().map(|byte| char::from(*byte)).collect();
    let mut lines = text.split("\r\n");
    let (version, status) = lines.next().and_then(status_line).ok_or(HttpError::Head)?;
    let lines: Vec<(&str, &str)> = lines.map(line).collect::<Option<_>>().ok_or(HttpError::Head)?;
    let said = match status {
        101 => return Err(HttpError::Switched),
        ..200 => Head { status, body: Body::Exact(0), keep_alive: false, retry_after: None },
        _ => said(version, status, &lines, to_head).ok_or(HttpError::Length)?,
    };
    Ok(Some((end + 4, said)))
}

fn status_line(line: &str) -> Option<(u32, u16)> {
    let rest = line.strip_prefix("HTTP/1.")?;
    let (version, status, reason) = (rest.get(..2)?, rest.get(2..5)?, rest.get(5..)?);
    let fits = matches!(version, "0 " | "1 ")
        && status.bytes().all(|digit| digit.is_ascii_digit())
        && !status.starts_with('0')
        && (reason.is_empty() || reason.starts_with(' '))
        && is_text(reason);
    if fits { Some((version.trim().parse().unwrap(), status.parse().unwrap())) } else { None }
}

fn line(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let fits = !name.is_empty() && name.chars().all(is_token) && is_text(value);
    if fits { Some((name, trim(value))) } else { None }
}

fn is_text(text: &str) -> bool {
    text.chars().all(|c| c == '\t' || (c >= ' ' && c != '\u{7f}'))
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Returns what the lines of a final head say; `None` when its length is uncertain.
fn said(version: u32, status: u16, lines: &[(&str, &str)], to_head: bool) -> Option<Head> {
    let values = |wanted: &'static str| {
        lines.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value)
    };
    let list = |wanted| values(wanted).flat_map(|value| value.split(',')).map(trim);
    let lengths: Vec<&str> = list("content-length").collect();
    let codings: Vec<&str> = values("transfer-encoding").collect();
    let announced = match (&lengths[..], &codings[..]) {
        ([], []) => Body::UntilClose,
        ([first, more @ ..], []) if more.iter().all(|length| length == first) => {
            Body::Exact(number(first)?.try_into().unwrap_or(usize::MAX))
        }
        ([], [coding]) if version == 1 && coding.eq_ignore_ascii_case("chunked") => Body::Chunked(Chunked::NEW),
        _ => return None,
    };
    let bodiless = to_head || status == 204 || status == 304;
    let has_option = |wanted: &str| list("connection").any(|option| option.eq_ignore_ascii_case(wanted));
    let ends = match announced {
        Body::Exact(0) => true,
        Body::UntilClose => bodiless,
        _ => !bodiless,
    };
    Some(Head {
        status,
        body: if bodiless { Body::Exact(0) } else { announced },
        keep_alive: ends && !has_option("close") && (version == 1 || has_option("keep-alive")),
        retry_after: values("retry-after").filter_map(number).max().map(|number| number.try_into().unwrap_or(u32::MAX)),
    })
}

fn number(digits: &str) -> Option<u64> {
    if digits.bytes().all(|digit| digit.is_ascii_digit()) { digits.parse().ok() } else { None }
}
