//! What becomes of a response: a reply envelope, or a failure.

use callcontainer::gateway::{HttpReader, HttpResponse, Refusal};
use callcontainer::{ErrorCode, Method, REPLY_LIMIT, Request, Text};
use serde_json::{Value, json};

use crate::calls::{bytes, failure, pairs};

/// A response as a proxy has it.
#[derive(Clone, Default)]
pub struct Response {
    /// `:status`, if it is there.
    pub status: Option<String>,
    /// In lower case.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub body: Vec<u8>,
    /// Why the proxy itself answers, if it does.
    pub details: Option<String>,
    /// The same in HTTP/1.1.
    pub wire: Option<Vec<u8>>,
}

fn platform(code: ErrorCode) -> Refusal {
    Refusal::new(code, code.message().unwrap_or_default())
}

impl Response {
    pub fn new(status: &str, headers: &[(&[u8], &[u8])], body: Vec<u8>) -> Self {
        let headers = headers.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        Self { status: Some(status.to_owned()), headers, body, ..Self::default() }
    }

    pub fn of_proxy(details: &str) -> Self {
        let mut response = Self::new("503", &[(b"content-type", b"text/plain")], b"upstream connect error".to_vec());
        response.details = Some(details.to_owned());
        response
    }

    /// Takes a response in HTTP/1.1, or what is none: then the proxy answers.
    pub fn of_wire(wire: &[u8], is_head: bool) -> Self {
        let mut wire = wire.to_vec();
        let mut start = 0;
        loop {
            let mut lines = vec![httparse::EMPTY_HEADER; 256];
            let mut head = httparse::Response::new(&mut lines);
            let Ok(httparse::Status::Complete(len)) = head.parse(&wire[start..]) else { break };
            let status = head.code.unwrap_or_default();
            let headers: Vec<_> = head
                .headers
                .iter()
                .map(|line| (line.name.to_ascii_lowercase().into_bytes(), line.value.to_vec()))
                .collect();
            // A proxy has names in lower case.
            let names: Vec<_> = head
                .headers
                .iter()
                .map(|line| (line.name.as_ptr().addr() - wire.as_ptr().addr(), line.name.len()))
                .collect();
            for (at, len) in names {
                wire[at..at + len].make_ascii_lowercase();
            }
            start += len;
            if (100..200).contains(&status) && status != 101 {
                continue;
            }
            let bodiless = is_head || matches!(status, 204 | 304);
            let body = if bodiless { Vec::new() } else { wire[start..].to_vec() };
            return Self { status: Some(status.to_string()), headers, body, details: None, wire: Some(wire) };
        }
        let mut response = Self::of_proxy("upstream_reset_before_response_started{protocol_error}");
        response.wire = Some(wire);
        response
    }

    /// Returns the response as the proxy has it, and what must become of it.
    pub fn case(mut self, request: &Request<'_>, call_id: &str) -> (Value, Value) {
        let expected = match self.outcome(request, call_id) {
            Ok(envelope) => json!({ "envelope": bytes(&envelope), "status": self.status }),
            Err(refusal) => {
                let mut expected = failure(&refusal, Some(call_id));
                // No response has such a status, so that the filter need not say why it is none.
                let status = self.status.as_ref().and_then(|status| status.parse::<u16>().ok());
                if status.is_none_or(|status| status < 200) {
                    expected["short"] = failure(&platform(refusal.code()), Some(call_id))["envelope"].take();
                }
                expected
            }
        };
        let mut headers = self.headers;
        if let Some(status) = self.status {
            headers.insert(0, (b":status".to_vec(), status.into_bytes()));
        }
        let answer = json!({ "headers": pairs(&headers), "body": bytes(&self.body), "details": self.details.map(|details| bytes(details.as_bytes())) });
        (answer, expected)
    }

    fn outcome(&mut self, request: &Request<'_>, call_id: &str) -> Result<Vec<u8>, Refusal> {
        let id = Some(Text::new(call_id));
        let mut memory = vec![0; HttpReader::BUFFER];
        let read = self.wire.as_deref().map(|wire| read(request, wire, &mut memory));
        if let Some(details) = &self.details {
            let is_timeout = details.contains("timeout") || details.contains("duration");
            let refusal = platform(if is_timeout { ErrorCode::REQUEST_TIMEOUT } else { ErrorCode::CLOUD_SYSTEM_ERROR });
            // What is no response to a proxy is none to the reader, which says besides what is wrong with it.
            if let Some(read) = read {
                assert_eq!(read.map(|_| ()).unwrap_err().code(), refusal.code());
            }
            return Err(refusal);
        }
        let status = self.status.as_ref().and_then(|status| status.parse().ok()).unwrap_or_default();
        let bodiless = request.method() == Method::Head || matches!(status, 204 | 304);
        let reply = match read {
            Some(Ok(reader)) => {
                let response = reader.finish(id);
                // Without chunks, and without what stands behind the response.
                let mut memory = vec![0; HttpReader::BUFFER];
                let again = read_again(request, self.wire.as_deref(), &mut memory);
                self.body = again.finish_parts().expect("it has been read").body().to_vec();
                Some(response.and_then(|response| {
                    encoded(|buffer| response.encode(buffer).map(<[u8]>::len), response.encoded_len())
                }))
            }
            Some(Err(refusal)) if refusal.code() == ErrorCode::RESPONSE_TOO_LARGE => Some(Err(refusal)),
            // The proxy reads it otherwise, or as far as it goes.
            Some(Err(_)) | None => None,
        };
        // A proxy's own headers are no business of the caller.
        let headers: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| !name.starts_with(b"x-envoy-") && !name.starts_with(b":"))
            .map(|(name, value)| (name, value))
            .collect();
        let has_own = headers.len() < self.headers.len();
        // The filter takes no more than this, even if it is white space that would not be in the reply.
        let length = self.headers.iter().filter(|(name, _)| name == b"content-length").map(|(_, value)| value);
        let length = length.map(|value| String::from_utf8_lossy(value).into_owned()).collect::<Vec<_>>().join(",");
        let stated = length.parse::<u64>().is_ok_and(|length| length > REPLY_LIMIT as u64);
        if stated && !bodiless && self.body.is_empty() {
            // The proxy would not say that it is complete.
            self.body.push(b'x');
        }
        if self.body.len() > REPLY_LIMIT || stated && !bodiless {
            return Err(platform(ErrorCode::RESPONSE_TOO_LARGE));
        }
        let parts = HttpResponse::from_parts(request, status, headers, &self.body, id)
            .and_then(|response| encoded(|buffer| response.encode(buffer).map(<[u8]>::len), response.encoded_len()));
        // Both doors of the library say the same.
        if let Some(reply) = reply.filter(|_| !has_own) {
            assert_eq!(
                shown(&parts),
                shown(&reply),
                "{:?}",
                self.wire.as_deref().map(<[u8]>::escape_ascii).map(|it| it.to_string())
            );
        }
        parts
    }
}

/// The envelope, or the code.
fn shown(outcome: &Result<Vec<u8>, Refusal>) -> String {
    match outcome {
        Ok(envelope) => envelope.escape_ascii().to_string(),
        Err(refusal) => format!("refused: {}", refusal.code()),
    }
}

fn encoded(
    encode: impl FnOnce(&mut [u8]) -> Result<usize, callcontainer::Error>,
    length: usize,
) -> Result<Vec<u8>, Refusal> {
    let mut envelope = vec![0; length];
    assert_eq!(encode(&mut envelope)?, length);
    Ok(envelope)
}

fn read<'b>(request: &Request<'_>, mut wire: &[u8], memory: &'b mut [u8]) -> Result<HttpReader<'b>, Refusal> {
    let mut reader = HttpReader::new(request, memory);
    loop {
        let window = reader.window();
        let (piece, rest) = wire.split_at(wire.len().min(window.len()));
        window[..piece.len()].copy_from_slice(piece);
        wire = rest;
        if reader.commit(piece.len())? {
            return Ok(reader);
        }
    }
}

fn read_again<'b>(request: &Request<'_>, wire: Option<&[u8]>, memory: &'b mut [u8]) -> HttpReader<'b> {
    read(request, wire.unwrap_or_default(), memory).expect("it has been read")
}
