//! What a stream has told, to be compared with the whole reply.

use callcontainer::stream::{Event, Field, Outcome};
use callcontainer::{Data, DataKind, ErrorCode, Reply};

/// What a stream has told, with headers of the same name combined as in a reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub status: Option<u16>,
    pub headers: Vec<(String, String)>,
    pub cookies: Vec<String>,
    pub call_id: String,
    pub data: Option<(DataKind, Vec<u8>)>,
    pub code: Option<ErrorCode>,
    pub err_msg: String,
    pub outcome: Option<Outcome>,
    /// A text that has begun.
    pub text: String,
    /// The number of pieces of the body.
    pub pieces: usize,
}

impl Told {
    /// Takes what comes next.
    pub fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Status(status) => assert_eq!(self.status.replace(status), None),
            Event::ErrCode(code) => assert_eq!(self.code.replace(code), None),
            Event::Data(kind) => assert_eq!(self.data.replace((kind, Vec::new())), None),
            Event::Json { json, .. } => self.add(json),
            Event::Bytes { bytes, .. } => self.add(bytes),
            Event::Text { field: Field::Data, text, .. } => self.add(text.to_string().as_bytes()),
            Event::Text { field, text, last } => {
                self.text += &text.to_string();
                if last {
                    let text = std::mem::take(&mut self.text);
                    match field {
                        Field::HeaderName => self.headers.push((text.to_ascii_lowercase(), String::new())),
                        Field::HeaderValue => self.headers.last_mut().unwrap().1 = text,
                        Field::Cookie => self.cookies.push(text),
                        Field::CallId => self.call_id = text,
                        Field::ErrMsg => self.err_msg = text,
                        other => panic!("{other:?}"),
                    }
                }
            }
            other => panic!("{other:?}"),
        }
    }

    /// Adds a piece of the body.
    pub fn add(&mut self, piece: &[u8]) {
        self.data.as_mut().unwrap().1.extend_from_slice(piece);
        self.pieces += 1;
    }

    /// Combines what is told as often as it comes, as a gateway does.
    pub fn combine(&mut self, dropped: &[&str]) {
        let mut combined = Vec::<(String, String)>::new();
        for (name, value) in std::mem::take(&mut self.headers) {
            match combined.iter_mut().find(|(other, _)| *other == name) {
                _ if dropped.contains(&name.as_str()) => {}
                Some((_, before)) => *before += &format!(", {value}"),
                None => combined.push((name, value)),
            }
        }
        self.headers = combined;
        self.pieces = 0;
        if let Some((DataKind::Json, json)) = &mut self.data {
            *json = without_spaces(json);
        }
    }

    /// What would be told of this reply.
    pub fn of(reply: &Reply<'_>) -> Self {
        let Reply::Response(response) = reply else { panic!("{reply:?}") };
        let data = response.data();
        let content = match data {
            Data::None => None,
            Data::Text(text) => Some(text.to_string().into_bytes()),
            Data::Json(json) => Some(without_spaces(json.as_bytes())),
            Data::Bytes(bytes) => Some(bytes.decode(&mut vec![0; bytes.decoded_len()]).unwrap().to_vec()),
        };
        Self {
            status: Some(response.status()),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string().to_ascii_lowercase(), value.to_string()))
                .collect(),
            cookies: response.cookies().iter().map(|cookie| cookie.to_string()).collect(),
            call_id: response.call_id().unwrap().to_string(),
            data: data.kind().zip(content),
            outcome: Some(Outcome::Response { status: response.status() }),
            ..Self::default()
        }
    }
}

/// JSON without the white space between its tokens.
fn without_spaces(json: &[u8]) -> Vec<u8> {
    let (mut in_string, mut is_escaped) = (false, false);
    let is_kept = move |byte: &u8| {
        in_string ^= *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        in_string || !b" \t\r\n".contains(byte)
    };
    json.iter().copied().filter(is_kept).collect()
}
