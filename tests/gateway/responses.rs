use callcontainer::gateway::{HttpReader, HttpResponse, Refusal};
use callcontainer::{DataType, Error, ErrorCode, ErrorKind, Method, Reply, Request, ResponseType, Text};

/// What of a call matters to its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) data_type: &'a str,
    pub(super) response_type: ResponseType,
    pub(super) call_id: Option<&'a str>,
}

impl Default for Call<'_> {
    fn default() -> Self {
        Self { method: Method::Get, data_type: "json", response_type: ResponseType::Text, call_id: None }
    }
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) envelope: Vec<u8>,
    pub(super) status: u16,
    pub(super) keeps_alive: bool,
}

/// The call itself.
pub(super) fn request<'a>(call: &Call<'a>) -> Request<'a> {
    let request = Request::new("/").with_env("prod-01").with_method(call.method);
    request.with_data_type(DataType::Other(Text::new(call.data_type))).with_response_type(call.response_type)
}

/// What is made of a response that is given in its parts, by headers of more than one type.
#[track_caller]
pub(super) fn answer_to_parts<N: AsRef<[u8]>, V: AsRef<[u8]>>(
    call: &Call<'_>,
    status: u16,
    headers: &[(N, V)],
    body: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let (request, call_id) = (request(call), call.call_id.map(Text::new));
    let pairs: Vec<(&[u8], &[u8])> = headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    let mapped = headers.iter().map(|(name, value)| (name, value));
    let response = HttpResponse::from_parts(&request, status, mapped, body, call_id);
    let cloned = HttpResponse::from_parts(&request, status, pairs, body, call_id);
    let (response, cloned) = match (response, cloned) {
        (Ok(response), Ok(cloned)) => (response, cloned),
        (response, cloned) => {
            let refusal = response.err().unwrap();
            assert_eq!(cloned.err(), Some(refusal));
            return Err(refusal);
        }
    };
    assert_eq!((response.status(), cloned.status()), (status, status));
    let mut envelope = vec![0xAA; response.encoded_len()];
    assert_eq!(response.encode(&mut envelope).unwrap().len(), response.encoded_len());
    assert_eq!(cloned.encode(&mut vec![0; cloned.encoded_len()]).unwrap(), envelope);
    Ok(envelope)
}

/// What is made of a response that comes in these pieces, each in as many reads as the buffer makes necessary, until it
/// is there or the pieces are at an end.
///
/// Whatever is written is what the encoder of replies writes for the reply that it decodes to.
#[track_caller]
pub(super) fn answer_in(call: &Call<'_>, pieces: &[&[u8]], buffer: usize) -> Result<Answer, Refusal> {
    let request = request(call);
    let mut buffer = vec![0xAA; buffer];
    let mut reader = HttpReader::new(&request, &mut buffer);
    let mut done = false;
    'reads: for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let window = reader.window();
            assert!(done || !window.is_empty(), "a window without room");
            let len = window.len().min(rest.len());
            window[..len].copy_from_slice(&rest[..len]);
            rest = &rest[len..];
            done = reader.commit(len)?;
            if done {
                break 'reads;
            }
        }
    }
    if !done {
        assert!(reader.commit(0)?);
    }
    let keeps_alive = reader.keeps_alive();
    let response = reader.finish(call.call_id.map(Text::new))?;
    let length = response.encoded_len();
    let mut envelope = vec![0xAA; length];
    assert_eq!(response.encode(&mut envelope).unwrap().len(), length);
    let mut larger = vec![0xAA; length + 3];
    assert_eq!(response.encode(&mut larger).unwrap(), envelope);
    assert_eq!(larger[length..], [0xAA; 3]);
    assert_eq!(response.encode(&mut larger[..length - 1]), Err(Error::new(ErrorKind::BufferTooSmall, length - 1)));
    assert_eq!(response.encode(&mut []), Err(Error::new(ErrorKind::BufferTooSmall, 0)));
    let reply = Reply::decode(&envelope).unwrap_or_else(|error| panic!("{error} of {envelope:?}"));
    assert_eq!(reply.encode(&mut larger).unwrap(), envelope, "{}", String::from_utf8_lossy(&envelope));
    let Reply::Response(decoded) = reply else { panic!("no response: {}", String::from_utf8_lossy(&envelope)) };
    assert_eq!(decoded.status(), response.status());
    Ok(Answer { status: response.status(), envelope, keeps_alive })
}

/// The same of a response that comes at once, with room for all. If it is complete, its parts give the same.
#[track_caller]
pub(super) fn answer(call: &Call<'_>, response: &[u8]) -> Result<Answer, Refusal> {
    const ROOM: usize = HttpReader::BUFFER + 1024 * 1024;
    let found = answer_in(call, &[response], ROOM);
    let mut buffer = vec![0; ROOM.max(response.len() + 1)];
    let mut reader = HttpReader::new(&request(call), &mut buffer);
    reader.window()[..response.len()].copy_from_slice(response);
    if let Ok(true) = reader.commit(response.len()).and_then(|done| if done { Ok(true) } else { reader.commit(0) }) {
        let (lines, parts) = (lines(response), reader.finish_parts().unwrap());
        let from_parts = answer_to_parts(call, parts.status(), &lines, parts.body());
        assert_eq!(from_parts, found.clone().map(|found| found.envelope));
    }
    found
}

/// The header lines of a complete response, as another parser reads them.
fn lines(response: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut rest = response;
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 200];
        let mut other = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(len) = other.parse(rest).unwrap() else { panic!("no head") };
        if other.code.unwrap() >= 200 {
            return other.headers.iter().map(|line| (line.name.to_owned(), line.value.to_vec())).collect();
        }
        rest = &rest[len..];
    }
}

/// A response of 200 with these header lines, and this behind the head.
pub(super) fn http(lines: &str, body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\n", lines.as_bytes(), b"\r\n", body].concat()
}

/// The envelope for this body and no headers.
#[track_caller]
pub(super) fn reply(call: &Call<'_>, body: &[u8]) -> Vec<u8> {
    answer(call, &http("", body)).unwrap().envelope
}

/// It is refused, and a client reads why.
#[track_caller]
pub(super) fn assert_refused(call: &Call<'_>, response: &[u8], code: i32, message: &str) {
    let refusal = answer(call, response).unwrap_err();
    assert_eq!(refusal.to_string(), format!("{code} {message}"));
    assert_eq!(refusal.code(), ErrorCode(code));
    super::refusal::assert_read_back(
        &super::refusal::envelope(&refusal, Some(Text::new("17-0.5"))),
        ErrorCode(code),
        message,
        Some("17-0.5"),
    );
}
