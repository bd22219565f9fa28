//! Whatever bytes a container answers with, in whatever pieces, the reply envelope decodes: as the response that the
//! model reads, or as a failure.
//!
//! The model reads the same rules off the documentation of `HttpReader` and `HttpResponse`, over the whole answer at
//! once, with `httparse` for the lines of the head. What a client makes of the answer that calls without a gateway is
//! compared with that in the [doors](doors).

use crate::cuts::Cuts;
use crate::decode::model::decoded;
use crate::doors;
use arbitrary::Arbitrary;
use callcontainer::gateway::{HttpReader, Refusal};
use callcontainer::{Data, DataType, Json, Method, Reply, Request, ResponseType, Text};

/// How the service is called, and what it answers.
#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    how: u8,
    cuts: u32,
    answer: &'a [u8],
}

/// Headers in order.
type Pairs = Vec<(String, String)>;

/// What the model reads.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Pairs,
    cookies: Vec<String>,
    pub(crate) body: Vec<u8>,
    keeps_alive: bool,
}

impl Input<'_> {
    pub fn check(&self) {
        let to_head = self.how & 1 == 1;
        let mut request = Request::new("/").with_env("e");
        if to_head {
            request = request.with_method(Method::Head);
        }
        if self.how & 2 == 2 {
            request = request.with_response_type(ResponseType::ArrayBuffer);
        }
        if self.how & 4 == 4 {
            request = request.with_data_type(DataType::from("text"));
        }
        let call_id = (self.how & 8 == 8).then(|| Text::new("17-0.5"));
        let expected =
            model(self.answer, to_head).filter(|answer| self.how & 2 == 2 || !is_coded(answer, self.how & 2 == 2));

        let whole = self.outcome(&request, call_id, Cuts::WHOLE);
        for cuts in [Cuts::BYTES, Cuts::new(self.cuts)] {
            assert_eq!(self.outcome(&request, call_id, cuts), whole, "{}", self.answer.escape_ascii());
        }
        // A client that calls without a gateway makes the same of it.
        let room = u16::from_le_bytes([self.how, self.how.rotate_left(3)]).wrapping_add(self.cuts as u16);
        doors::check_whole(&request, self.how & 16 == 16, self.answer, self.cuts, room);
        let shown = self.answer.escape_ascii();
        match (whole, expected) {
            (Ok((envelope, keeps_alive)), Some(expected)) => {
                self.compare(&envelope, &expected);
                assert_eq!(keeps_alive, expected.keeps_alive, "{shown}");
            }
            (Err(refusal), None) => {
                let mut buffer = vec![0; refusal.encoded_len(call_id)];
                let Reply::Failure(failure) = Reply::decode(refusal.encode(call_id, &mut buffer).unwrap()).unwrap()
                else {
                    panic!("no failure")
                };
                assert_eq!(failure.code(), Some(refusal.code()));
                assert_eq!(failure.call_id(), call_id);
            }
            (outcome, expected) => panic!("{outcome:?} instead of {expected:?}: {shown}"),
        }
    }

    /// The envelope of the reply and whether the connection may be used again, or why there is none.
    fn outcome(
        &self,
        request: &Request<'_>,
        call_id: Option<Text<'_>>,
        mut cuts: Cuts,
    ) -> Result<(Vec<u8>, bool), Refusal> {
        let mut memory = vec![0xAA; self.answer.len() + 1];
        let mut reader = HttpReader::new(request, &mut memory);
        let mut rest = self.answer;
        loop {
            let window = reader.window();
            assert!(!window.is_empty());
            let count = if rest.is_empty() { 0 } else { cuts.take(window.len().min(rest.len())) };
            let (piece, after) = rest.split_at(count);
            window[..count].copy_from_slice(piece);
            rest = after;
            match reader.commit(count) {
                Ok(true) => break,
                Ok(false) => {}
                Err(refusal) => {
                    assert!(reader.window().is_empty() && !reader.keeps_alive());
                    assert_eq!(reader.finish(call_id).unwrap_err(), refusal);
                    return Err(refusal);
                }
            }
        }
        // Whether something follows is seen only if it has come.
        let keeps_alive = reader.keeps_alive() && rest.is_empty();
        let response = reader.finish(call_id)?;
        let mut envelope = vec![0; response.encoded_len()];
        assert_eq!(response.encode(&mut envelope).unwrap().len(), response.encoded_len());
        Ok((envelope, keeps_alive))
    }

    fn compare(&self, envelope: &[u8], expected: &Answer) {
        let shown = self.answer.escape_ascii();
        let reply = Reply::decode(envelope).unwrap_or_else(|error| panic!("{error}: {}", envelope.escape_ascii()));
        // It is what the codec itself writes.
        assert_eq!(reply.encode(&mut vec![0; envelope.len()]).unwrap(), envelope);
        let Reply::Response(response) = reply else { panic!("a failure: {shown}") };
        assert_eq!(response.status(), expected.status);
        let headers: Vec<_> = response.headers().iter().map(|(name, value)| (decoded(name), decoded(value))).collect();
        assert_eq!(headers, expected.headers, "{shown}");
        assert_eq!(response.cookies().iter().map(decoded).collect::<Vec<_>>(), expected.cookies, "{shown}");
        assert_eq!(response.call_id().map(decoded).as_deref(), (self.how & 8 == 8).then_some("17-0.5"));
        if self.how & 2 == 2 {
            assert_eq!(response.data(), Data::from(expected.body.as_slice()));
            return;
        }
        let body = expected.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&expected.body);
        let text = String::from_utf8_lossy(body);
        let json = Json::new(&text).ok().filter(|_| self.how & 4 == 0);
        assert_eq!(response.data(), json.map_or(Data::from(&*text), Data::Json), "{shown}");
    }
}

/// Whether there is text in a coding that is not undone.
fn is_coded(answer: &Answer, is_array_buffer: bool) -> bool {
    let codings = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let mut codings = codings.flat_map(|(_, value)| value.split(',').map(str::to_owned).collect::<Vec<_>>());
    let text = answer.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&answer.body);
    !is_array_buffer
        && !text.is_empty()
        && codings.any(|coding| !["", "identity"].contains(&coding.trim().to_ascii_lowercase().as_str()))
}

/// Reads a whole answer; nothing where it is refused.
fn model(answer: &[u8], to_head: bool) -> Option<Answer> {
    read(answer, to_head, 128, fields).map(|(status, (headers, cookies), body, keeps_alive)| Answer {
        status,
        headers,
        cookies,
        body,
        keeps_alive,
    })
}

/// Reads a whole answer, whose heads have at most so many lines: its status, what these are made into, its body, and
/// whether the connection may be used again.
pub(crate) fn read<T>(
    mut rest: &[u8],
    to_head: bool,
    most: usize,
    fields: impl Fn(&[httparse::Header<'_>]) -> Option<T>,
) -> Option<(u16, T, Vec<u8>, bool)> {
    for _ in 0..=16 {
        let end = rest.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let (head, behind) = rest.split_at(end);
        let bare_lf = head.iter().enumerate().any(|(at, byte)| *byte == b'\n' && (at == 0 || head[at - 1] != b'\r'));
        if bare_lf || !head.starts_with(b"HTTP/1.") {
            return None;
        }
        let mut lines = vec![httparse::EMPTY_HEADER; most];
        let mut parsed = httparse::Response::new(&mut lines);
        let httparse::Status::Complete(length) = parsed.parse(head).ok()? else { return None };
        let (version, status) = (parsed.version?, parsed.code?);
        if length != end || !(100..=999).contains(&status) || status == 101 {
            return None;
        }
        if status < 200 {
            rest = behind;
            continue;
        }
        let (body, by_close, left) = body(parsed.headers, version, to_head || matches!(status, 204 | 304), behind)?;
        let made = fields(parsed.headers)?;
        let stated = body_is_stated(parsed.headers);
        let keeps_alive = !by_close
            && left == 0
            && !((to_head || matches!(status, 204 | 304)) && stated)
            && (version == 1 || connection(parsed.headers, "keep-alive"))
            && !connection(parsed.headers, "close");
        return Some((status, made, body, keeps_alive));
    }
    None
}

fn values<'h>(lines: &'h [httparse::Header<'_>], name: &str) -> Vec<&'h [u8]> {
    let named = lines.iter().filter(|line| line.name.eq_ignore_ascii_case(name));
    named.map(|line| line.value.trim_ascii()).collect()
}

fn connection(lines: &[httparse::Header<'_>], option: &str) -> bool {
    listed(lines).any(|listed| listed.eq_ignore_ascii_case(option.as_bytes()))
}

/// What `Connection` lists.
pub(crate) fn listed<'h>(lines: &'h [httparse::Header<'_>]) -> impl Iterator<Item = &'h [u8]> {
    values(lines, "connection").into_iter().flat_map(|value| value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// Whether a body is announced that is not empty.
fn body_is_stated(lines: &[httparse::Header<'_>]) -> bool {
    !values(lines, "transfer-encoding").is_empty()
        || values(lines, "content-length").iter().any(|length| length.iter().any(|digit| matches!(digit, b'1'..=b'9')))
}

/// The body, whether the end of the connection ends it, and how many bytes follow it.
fn body(lines: &[httparse::Header<'_>], version: u8, bodiless: bool, behind: &[u8]) -> Option<(Vec<u8>, bool, usize)> {
    let lengths = values(lines, "content-length").into_iter().flat_map(|value| value.split(|byte| *byte == b','));
    let (mut lengths, codings) =
        (lengths.map(<[u8]>::trim_ascii).collect::<Vec<_>>(), values(lines, "transfer-encoding"));
    // What is said again with the same digits is said once.
    lengths.dedup();
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) if bodiless => Some((Vec::new(), false, behind.len())),
        ([], []) => Some((behind.to_vec(), true, 0)),
        ([length], []) if !length.is_empty() && length.iter().all(u8::is_ascii_digit) => {
            let length: u64 = str::from_utf8(length).unwrap().parse().ok()?;
            let length = if bodiless { 0 } else { usize::try_from(length).ok()? };
            let body = behind.get(..length)?;
            Some((body.to_vec(), false, behind.len() - length))
        }
        ([], [coding]) if version == 1 && coding.eq_ignore_ascii_case(b"chunked") => {
            if bodiless {
                Some((Vec::new(), false, behind.len()))
            } else {
                chunked(behind)
            }
        }
        _ => None,
    }
}

/// A line without its end, and what follows it.
fn line(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = rest.windows(2).position(|two| two == b"\r\n")?;
    let line = &rest[..end];
    let legal = line.iter().all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7F));
    legal.then_some((line, &rest[end + 2..]))
}

fn chunked(mut rest: &[u8]) -> Option<(Vec<u8>, bool, usize)> {
    let (mut body, mut aside) = (Vec::new(), 0);
    loop {
        let (size, after) = line(rest)?;
        let digits = size.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let extension = size[digits..].trim_ascii_start();
        let is_legal = extension.is_empty() || extension.starts_with(b";");
        if !is_legal || !(1..=16).contains(&digits) {
            return None;
        }
        aside += size.len() - digits;
        let size = u64::from_str_radix(str::from_utf8(&size[..digits]).unwrap(), 16).ok()?;
        rest = after;
        if size == 0 {
            break;
        }
        let size = usize::try_from(size).ok()?;
        body.extend_from_slice(rest.get(..size)?);
        rest = rest[size..].strip_prefix(b"\r\n")?;
    }
    loop {
        let (trailer, after) = line(rest)?;
        rest = after;
        let is_line = httparse::parse_headers(&[trailer, b"\r\n\r\n"].concat(), &mut [httparse::EMPTY_HEADER; 1])
            .is_ok_and(|status| status.is_complete());
        if !trailer.is_empty() && !is_line {
            return None;
        }
        aside += trailer.len();
        if trailer.is_empty() {
            // What stands beside the data has a limit.
            return (aside <= 4096).then_some((body, false, rest.len()));
        }
    }
}

/// The headers and the cookies of the reply.
fn fields(lines: &[httparse::Header<'_>]) -> Option<(Pairs, Vec<String>)> {
    const DROPPED: [&str; 6] = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];
    let nominated: Vec<_> = listed(lines).take(16).map(<[u8]>::to_ascii_lowercase).collect();
    let (mut headers, mut cookies) = (Pairs::new(), Vec::new());
    for line in lines {
        let (name, value) = (line.name.to_ascii_lowercase(), String::from_utf8_lossy(line.value));
        if name == "set-cookie" {
            cookies.push(value.into_owned());
        } else if DROPPED.contains(&name.as_str())
            || name.starts_with("proxy-")
            || nominated.iter().any(|it| *it == name.as_bytes())
        {
        } else if line.name.len() > 128 {
            return None;
        } else if name == "content-length" {
            // All of them are known to be the same.
            if !headers.iter().any(|(other, _)| other.eq_ignore_ascii_case("content-length")) {
                headers.push((line.name.to_owned(), value.split(',').next().unwrap().trim().to_owned()));
            }
        } else if let Some((_, joined)) = headers.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(line.name)) {
            joined.push_str(", ");
            joined.push_str(&value);
        } else {
            headers.push((line.name.to_owned(), value.into_owned()));
        }
    }
    (headers.len() <= 64).then_some((headers, cookies))
}
