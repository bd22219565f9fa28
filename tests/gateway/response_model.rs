use super::oracle::without_halves;
use super::responses::Call;
use callcontainer::{Data, Reply, ResponseType};

/// What a reply is to hold, computed from owned strings and nothing of the crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) cookies: Vec<String>,
    pub(super) data: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Text(String),
    /// As it stands, without white space.
    Json(String),
    Bytes(Vec<u8>),
}

/// Of a response with this status, these header lines and this body.
pub(super) fn expected(call: &Call<'_>, status: u16, lines: &[(String, Vec<u8>)], body: &[u8]) -> Expected {
    let (headers, cookies) = fields(lines);
    Expected { status, headers, cookies, data: data(call, body) }
}

/// The headers and cookies that these lines become.
pub(super) fn fields(lines: &[(String, Vec<u8>)]) -> (Vec<(String, String)>, Vec<String>) {
    let is = |name: &str, other: &str| name.to_ascii_lowercase() == other;
    let value = |value: &[u8]| String::from_utf8_lossy(value).trim_matches([' ', '\t']).to_owned();
    let connection = lines.iter().filter(|(name, _)| is(name, "connection"));
    let nominated: Vec<String> = connection
        .flat_map(|(_, value)| value.split(|byte| *byte == b',').map(String::from_utf8_lossy))
        .take(16)
        .map(|option| option.trim().to_ascii_lowercase())
        .collect();
    let (mut headers, mut cookies) = (Vec::<(String, String)>::new(), Vec::new());
    for (name, bytes) in lines {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "set-cookie" => cookies.push(value(bytes)),
            "connection" | "keep-alive" | "te" | "trailer" | "transfer-encoding" | "upgrade" => {}
            _ if lower.starts_with("proxy-") || nominated.contains(&lower) => {}
            // The reader has made sure that all of them are the same.
            "content-length" => {
                if !headers.iter().any(|(other, _)| is(other, &lower)) {
                    let length = value(bytes).split(',').next().unwrap().trim().to_owned();
                    headers.push((name.clone(), length));
                }
            }
            _ => match headers.iter_mut().find(|(other, _)| is(other, &lower)) {
                Some((_, joined)) => *joined = format!("{joined}, {}", value(bytes)),
                None => headers.push((name.clone(), value(bytes))),
            },
        }
    }
    (headers, cookies)
}

fn data(call: &Call<'_>, body: &[u8]) -> Body {
    if call.response_type == ResponseType::ArrayBuffer {
        return Body::Bytes(body.to_vec());
    }
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // Half of a surrogate pair matters in a string that is the whole, and nowhere else.
    let whole = without_halves(text.as_bytes());
    match serde_json::from_slice::<serde_json::Value>(&whole) {
        Ok(serde_json::Value::String(_)) if whole != text.as_bytes() => Body::Text(text.to_owned()),
        Ok(serde_json::Value::String(text)) if call.data_type == "json" => Body::Text(text),
        Ok(_) if call.data_type == "json" => Body::Json(compact(text)),
        _ => Body::Text(text.to_owned()),
    }
}

/// JSON without the white space between its tokens.
fn compact(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let mut compacted = String::new();
    for character in json.chars() {
        if quoted || !character.is_ascii_whitespace() {
            compacted.push(character);
        }
        quoted ^= character == '"' && !escaped;
        escaped = quoted && character == '\\' && !escaped;
    }
    compacted
}

/// What an envelope holds.
#[track_caller]
pub(super) fn decoded(envelope: &[u8]) -> Expected {
    let Ok(Reply::Response(response)) = Reply::decode(envelope) else {
        panic!("no response: {}", String::from_utf8_lossy(envelope));
    };
    let mut bytes = vec![0; envelope.len()];
    Expected {
        status: response.status(),
        headers: response.headers().iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        cookies: response.cookies().iter().map(|cookie| cookie.to_string()).collect(),
        data: match response.data() {
            Data::Text(text) => Body::Text(text.to_string()),
            Data::Json(json) => Body::Json(json.as_str().to_owned()),
            Data::Bytes(data) => Body::Bytes(data.decode(&mut bytes).unwrap().to_vec()),
            Data::None => panic!("no data: {}", String::from_utf8_lossy(envelope)),
        },
    }
}
