use super::response_model::{decoded, expected, fields};
use super::responses::{Answer, Call, answer, answer_in, answer_to_parts};
use callcontainer::gateway::{HttpReader, Refusal};
use callcontainer::{Method, ResponseType};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// How a response says where its body ends.
#[derive(Clone, Debug)]
enum Framing {
    Length,
    /// Chunks of these lengths, over and over, with this behind each size and these trailers.
    Chunked(Vec<usize>, String, String),
    Close,
}

#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) status: u16,
    interim: String,
    lines: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    framing: Framing,
}

impl Sent {
    /// The bytes of the response, and its header lines with those of the framing.
    pub(super) fn written(&self) -> (Vec<u8>, Vec<(String, Vec<u8>)>) {
        let mut lines = self.lines.clone();
        let at = lines.len() / 2;
        match self.framing {
            Framing::Length => {
                lines.insert(at, ("content-Length".to_owned(), self.body.len().to_string().into_bytes()));
            }
            Framing::Chunked(..) => lines.insert(at, ("Transfer-encoding".to_owned(), b"chunked".to_vec())),
            Framing::Close => {}
        }
        let mut bytes = format!("{}HTTP/1.1 {} Reason\r\n", self.interim, self.status).into_bytes();
        for (name, value) in &lines {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        bytes.extend(b"\r\n");
        let Framing::Chunked(lengths, extension, trailers) = &self.framing else {
            bytes.extend(&self.body);
            return (bytes, lines);
        };
        let (mut rest, mut lengths) = (&self.body[..], lengths.iter().cycle());
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.len().min(*lengths.next().unwrap()));
            bytes.extend([format!("{:x}{extension}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
            rest = after;
        }
        bytes.extend(format!("0{extension}\r\n{trailers}\r\n").as_bytes());
        (bytes, lines)
    }
}

pub(super) fn any_wanted() -> impl Strategy<Value = Call<'static>> {
    let response_type = prop_oneof![3 => Just(ResponseType::Text), 1 => Just(ResponseType::ArrayBuffer)];
    let data_type = prop_oneof![3 => Just("json"), 1 => select(vec!["text", "", "JSON", "jso"])];
    (data_type, response_type, option::of(Just("17-0.5"))).prop_map(|(data_type, response_type, call_id)| Call {
        method: Method::Get,
        data_type,
        response_type,
        call_id,
    })
}

fn any_line() -> impl Strategy<Value = (String, Vec<u8>)> {
    const NAMES: &[&str] = &[
        "set-cookie",
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "te",
        "trailer",
        "upgrade",
        "vary",
        "content-type",
        "x-a",
        "x-b",
    ];
    let name = prop_oneof![
        6 => (select(NAMES), any::<u64>()).prop_map(|(name, cases)| super::model::cased(name, cases)),
        1 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}"
            .prop_filter("no framing", |name| !["content-length", "transfer-encoding", "content-encoding"].contains(&&*name.to_ascii_lowercase())),
    ];
    let value = prop_oneof![
        3 => select(vec!["", "a", "x-a", "X-B ,close", "vary,\tx-a", "\"q\\", " spaced\t", "名😀", "a, b"]).prop_map(|value| value.as_bytes().to_vec()),
        1 => vec(prop_oneof![Just(b'\t'), b' '..=b'~', 0x80..=0xFF_u8], 0..12),
    ];
    (name, value)
}

/// Text of JSON, with every kind of white space, and bytes that are not UTF-8 in its strings.
fn any_json() -> impl Strategy<Value = Vec<u8>> {
    let broken: Vec<&[u8]> = vec![b"\xff", b"\xe4\xb8", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90"];
    let whole: Vec<&[u8]> = vec![
        b"a",
        b" ",
        b"  \\\"",
        b"\\\\",
        b"\\u00e9\\n",
        b"\\ud83d\\ude00",
        b"\\uD83D",
        b"\\ude00",
        "名😀\u{feff}".as_bytes(),
    ];
    let piece = prop_oneof![3 => select(whole), 1 => select(broken)];
    let string = vec(piece, 0..5).prop_map(|pieces| [b"\"", &pieces.concat()[..], b"\""].concat());
    let scalar = select(vec!["0", "-7", "1.50", "1e5", "true", "false", "null"]);
    let leaf = prop_oneof![string.clone(), scalar.prop_map(|scalar| scalar.as_bytes().to_vec())];
    let space = || select(vec![&b""[..], b"", b" ", b"\r\n\t"]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let value = (space(), inner, space()).prop_map(|(before, value, after)| [before, &value, after].concat());
        let member = (space(), string.clone(), space(), value.clone())
            .prop_map(|(before, name, after, value)| [before, &name, after, b":", &value].concat());
        prop_oneof![
            vec(value, 0..4).prop_map(|values| [b"[", &values.join(&b","[..])[..], b"]"].concat()),
            vec(member, 0..4).prop_map(|members| [b"{", &members.join(&b","[..])[..], b"}"].concat()),
        ]
    })
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let changed = (any_json(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut json, at, byte)| {
        let at = at.index(json.len());
        json[at] = byte;
        json
    });
    let cut = (any_json(), any::<prop::sample::Index>()).prop_map(|(json, at)| json[..at.index(json.len())].to_vec());
    let body = prop_oneof![5 => any_json(), 2 => changed, 1 => cut, 2 => vec(any::<u8>(), 0..40), 1 => "\\PC{0,20}".prop_map(String::into_bytes)];
    (select(vec!["", "", "", "\u{feff}", "\u{feff}\u{feff}", " "]), body)
        .prop_map(|(mark, body)| [mark.as_bytes(), &body].concat())
}

pub(super) fn any_sent() -> impl Strategy<Value = Sent> {
    let chunked = (vec(1_usize..30, 1..4), "([ \t]{0,2}|[ \t]?;[ -~]{0,6})", "([A-Za-z-]{1,5}:[ -~]{0,6}\r\n){0,2}");
    let framing = prop_oneof![
        Just(Framing::Length),
        chunked.prop_map(|(lengths, extension, trailers)| Framing::Chunked(lengths, extension, trailers)),
        Just(Framing::Close),
    ];
    let status = prop_oneof![2 => Just(200_u16), 1 => 200..1000_u16]
        .prop_filter("a body may follow", |status| !matches!(status, 204 | 304));
    let interim = "(HTTP/1\\.[01] 1(00|03|99) [a-z]{0,3}\r\n(Link: [a-z]{0,5}\r\n){0,2}\r\n){0,2}";
    (status, interim, vec(any_line(), 0..8), any_body(), framing)
        .prop_map(|(status, interim, lines, body, framing)| Sent { status, interim, lines, body, framing })
}

fn in_pieces(call: &Call<'_>, response: &[u8], size: usize) -> Result<Answer, Refusal> {
    answer_in(call, &response.chunks(size).collect::<Vec<_>>(), HttpReader::BUFFER)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_reply_says_what_the_response_said(call in any_wanted(), sent in any_sent(), size in 1_usize..50) {
        let (response, lines) = sent.written();
        let found = answer(&call, &response).unwrap();
        prop_assert_eq!(decoded(&found.envelope), expected(&call, sent.status, &lines, &sent.body));
        prop_assert_eq!(answer_to_parts(&call, sent.status, &lines, &sent.body).unwrap(), &found.envelope[..]);
        prop_assert_eq!(in_pieces(&call, &response, size).unwrap(), found);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Every split gives the same answer; every beginning is too short, or as much of it as has come.
    #[test]
    fn a_response_may_be_split_anywhere_and_cut_nowhere(call in any_wanted(), sent in any_sent()) {
        let (response, lines) = sent.written();
        let whole = answer(&call, &response).unwrap();
        let head = response.len() - sent.body.len();
        for at in 0..response.len() {
            let (first, second) = response.split_at(at);
            prop_assert_eq!(answer_in(&call, &[first, second], HttpReader::BUFFER), Ok(whole.clone()));
            let cut = answer_in(&call, &[first], HttpReader::BUFFER);
            if matches!(sent.framing, Framing::Close) && at >= head {
                let expected = expected(&call, sent.status, &lines, &sent.body[..at - head]);
                prop_assert_eq!(decoded(&cut.unwrap().envelope), expected);
            } else {
                let expected = "-501001 resource system error: an HTTP response that is cut short";
                prop_assert_eq!(cut.unwrap_err().to_string(), expected);
            }
        }
    }

    /// A response that was broken is refused, or says what another reader of its head says too; and never anything else
    /// because it came in pieces.
    #[test]
    fn a_broken_response_is_refused_or_read_as_others_read_it(
        call in any_wanted(),
        sent in any_sent(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>(), select(vec!["", "\r\n", "\n", "\r", "\0", ":", " ", ";", "0", "Content-Length: 1\r\n"])), 1..4),
        size in 1_usize..20,
    ) {
        for (at, byte, inserted) in changes {
            let (mut response, _) = sent.written();
            let at = at.index(response.len());
            if inserted.is_empty() {
                response[at] = byte;
            } else {
                response.splice(at..at, inserted.bytes());
            }
            let found = answer(&call, &response);
            // Only what comes along with the end of a response spoils the connection.
            let envelope = |answer: Answer| answer.envelope;
            prop_assert_eq!(in_pieces(&call, &response, size).map(envelope), found.clone().map(envelope));
            match found {
                Err(refusal) => {
                    prop_assert_eq!(refusal.code().0, -501_001);
                    super::refusal::envelope(&refusal, None);
                }
                Ok(answer) => {
                    let mut rest = &response[..];
                    loop {
                        let mut headers = [httparse::EMPTY_HEADER; 128];
                        let mut other = httparse::Response::new(&mut headers);
                        let httparse::Status::Complete(len) = other.parse(rest).unwrap() else { panic!("no head") };
                        rest = &rest[len..];
                        let status = other.code.unwrap();
                        if status < 200 {
                            continue;
                        }
                        let lines: Vec<_> =
                            other.headers.iter().map(|line| (line.name.to_owned(), line.value.to_vec())).collect();
                        let found = decoded(&answer.envelope);
                        prop_assert_eq!((found.headers, found.cookies), fields(&lines));
                        prop_assert_eq!(found.status, status);
                        break;
                    }
                }
            }
        }
    }
}
