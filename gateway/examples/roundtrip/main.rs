//! Calls that go all the way: a client, a gateway, a container, and back.
//!
//! ```text
//! cargo run --release --example roundtrip
//! ```
//!
//! Starts a small container service and the gateway on loopback ports, makes calls, and prints for each what was sent,
//! what the container saw and what came back. Ends with exit code 1 if anything is not as it should be.

mod client;
mod container;

use std::io::{self, Write};
use std::process::ExitCode;

use callcontainer::{Data, ErrorCode, Json, Method, REQUEST_LIMIT, Reply, Request, ResponseType};
use callcontainer_gateway::{Gateway, Options};
use container::{Container, Seen};

#[tokio::main]
async fn main() -> io::Result<ExitCode> {
    let container = Container::start().await?;
    let service = format!("shop={}", container.address());
    let words = [
        [
            "callcontainer-gateway",
            "--listen",
            "127.0.0.1:0",
            "--env",
            "prod-01",
            "--owner",
            "WXAAA",
            "--share",
            "WXBBB",
        ]
        .as_slice(),
        &["--service", &service, "--caller", "t-alice=WXAAA,o-alice,u-alice", "--caller", "t-bob=WXBBB,o-bob"],
        &["--caller", "t-eve=WXCCC,o-eve", "--serial", "127.0.0.1:0", "--serial-caller", "t-alice"],
    ]
    .concat();
    let gateway = Gateway::start(Options::read(&words).map_err(io::Error::other)?).await?;
    let line = gateway.serial().ok_or(io::ErrorKind::AddrNotAvailable)?;
    println!(
        "a container at {}, and a gateway at {}, with a serial line at {line}:",
        container.address(),
        gateway.address()
    );
    println!("{}\n", words.join(" "));

    let mut wrong = 0;
    for step in &steps() {
        let envelope = step.envelope()?;
        let answer = match step.way {
            Way::Http(token) => client::post(gateway.address(), token, &envelope).await?,
            Way::Line => client::send_line(line, &envelope).await?,
        };
        let seen = container.take();
        let verdict = step.judge(seen.as_ref(), &answer);
        print(step, &envelope, seen.as_ref(), &answer, &verdict)?;
        wrong += usize::from(verdict.is_err());
    }
    gateway.stop().await;
    if wrong > 0 {
        println!("{wrong} calls did not go as they should");
        return Ok(ExitCode::FAILURE);
    }
    println!("all calls went as they should");
    Ok(ExitCode::SUCCESS)
}

/// One call, and what is to become of it.
struct Step {
    title: &'static str,
    way: Way,
    request: Request<'static>,
    /// Written behind the envelope: white space that makes it too large.
    padding: usize,
    expected: Expected,
}

/// How a call gets to the gateway.
enum Way {
    /// Over HTTP, with this token.
    Http(&'static str),
    /// On a line, which is that of `t-alice`.
    Line,
}

enum Expected {
    /// The container sees this request line, and these headers and no other `X-WX-*`; the reply holds this data.
    Success { line: &'static str, identity: &'static [(&'static str, &'static str)], body: &'static [u8] },
    /// The container sees nothing; the reply is a failure with this code.
    Failure(ErrorCode),
}

const OWN: &[(&str, &str)] = &[
    ("x-wx-openid", "o-alice"),
    ("x-wx-appid", "WXAAA"),
    ("x-wx-unionid", "u-alice"),
    ("x-wx-env", "prod-01"),
    ("x-wx-source", "wx_client"),
];

const REUSE: &[(&str, &str)] = &[
    ("x-wx-appid", "WXAAA"),
    ("x-wx-from-openid", "o-bob"),
    ("x-wx-from-appid", "WXBBB"),
    ("x-wx-env", "prod-01"),
    ("x-wx-source", "wx_client"),
];

fn steps() -> Vec<Step> {
    let json = |text| Data::Json(Json::new(text).expect("it is JSON"));
    let call = |path, headers| Request::new(path).with_env("prod-01").with_headers(headers);
    let service: &[(&str, &str)] = &[("X-WX-SERVICE", "shop")];
    let order = json(r#"{"item": "茶", "count": 2}"#);
    let success = |line, identity, body| Expected::Success { line, identity, body };
    let step = |title, token, request, expected| Step { title, way: Way::Http(token), request, padding: 0, expected };
    vec![
        step(
            "own app: a POST with JSON",
            "t-alice",
            call("/orders", service).with_method(Method::Post).with_data(order),
            success("POST /orders", OWN, r#"{"item":"茶","count":2}"#.as_bytes()),
        ),
        step(
            "resource reuse: another app that the environment is shared with",
            "t-bob",
            call("/orders", service).with_resource("WXAAA", "prod-01").with_method(Method::Post).with_data(order),
            success("POST /orders", REUSE, r#"{"item":"茶","count":2}"#.as_bytes()),
        ),
        step(
            "a GET whose data joins the query",
            "t-alice",
            call("/items?page=1&sort=price", service)
                .with_data(json(r#"{"page": 2, "name": "绿茶", "tags": ["a b"]}"#)),
            success("GET /items?page=2&sort=price&name=%E7%BB%BF%E8%8C%B6&tags=%5B%22a%20b%22%5D", OWN, b""),
        ),
        step(
            "an ArrayBuffer both ways",
            "t-alice",
            call("/cards/uid", service)
                .with_method(Method::Put)
                .with_data(Data::Bytes(callcontainer::Bytes::new(&[0x79, 0xFB, 0xCF, 0x3C])))
                .with_response_type(ResponseType::ArrayBuffer),
            success("PUT /cards/uid", OWN, &[0x79, 0xFB, 0xCF, 0x3C]),
        ),
        Step {
            way: Way::Line,
            ..step(
                "a serial line: the gateway knows whose it is",
                "",
                call("/readings", service).with_method(Method::Post).with_data(json(r#"{"celsius": 21.5}"#)),
                success("POST /readings", OWN, br#"{"celsius":21.5}"#),
            )
        },
        step(
            "an identity that is forged: what the caller says of itself does not arrive",
            "t-alice",
            call(
                "/whoami",
                &[("X-WX-SERVICE", "shop"), ("x-wx-OPENID", "o-root"), ("X_WX_FROM_OPENID", "o-root"), ("Host", "x")],
            )
            .with_method(Method::Post)
            .with_data("hello".into()),
            success("POST /whoami", OWN, b"hello"),
        ),
        Step {
            title: "a request that is too large",
            way: Way::Http("t-alice"),
            request: call("/orders", service).with_method(Method::Post).with_data(order),
            padding: REQUEST_LIMIT,
            expected: Expected::Failure(ErrorCode::REQUEST_TOO_LARGE),
        },
        step(
            "an app that the environment is not shared with",
            "t-eve",
            call("/orders", service).with_resource("WXAAA", "prod-01"),
            Expected::Failure(ErrorCode::ACCESS_DENIED),
        ),
    ]
}

impl Step {
    fn envelope(&self) -> io::Result<Vec<u8>> {
        let mut envelope = vec![0; self.request.encoded_len().map_err(io::Error::other)?];
        self.request.encode(&mut envelope).map_err(io::Error::other)?;
        envelope.resize(envelope.len() + self.padding, b' ');
        Ok(envelope)
    }

    /// What is right, or what is not.
    fn judge(&self, seen: Option<&Seen>, answer: &[u8]) -> Result<String, String> {
        let reply = Reply::decode(answer).map_err(|error| format!("the answer is no reply: {error}"))?;
        match (&self.expected, seen, reply) {
            (Expected::Success { line, identity, body }, Some(seen), Reply::Response(response)) => {
                if seen.line != *line {
                    return Err(format!("the container should see {line}"));
                }
                let told: Vec<_> = seen.headers.iter().filter(|(name, _)| is_identity(name)).collect();
                if !identity.iter().all(|(name, value)| told.iter().any(|(n, v)| n == name && v == value))
                    || told.len() != identity.len()
                {
                    return Err(format!("the container should be told {identity:?}"));
                }
                if seen.body != *body {
                    return Err("the body is another one".into());
                }
                let mut returned = vec![0; response.data().len()];
                let echo = match response.data() {
                    Data::Bytes(bytes) => bytes.decode(&mut returned).map_err(|error| error.to_string())?,
                    Data::Text(text) => text.decode(&mut returned).map_err(|error| error.to_string())?.as_bytes(),
                    Data::Json(json) => json.as_bytes(),
                    Data::None => b"",
                };
                if response.status() != 200 || echo != *body {
                    return Err("the container's answer should come back".into());
                }
                Ok(format!("the container was told {} things of the caller, and its answer came back", told.len()))
            }
            (Expected::Failure(code), None, Reply::Failure(failure)) if failure.code() == Some(*code) => {
                Ok(format!("refused with {code}, and the container saw nothing"))
            }
            (Expected::Success { .. }, ..) => Err("this call should reach the container and come back".into()),
            (Expected::Failure(code), ..) => Err(format!("this call should be refused with {code}")),
        }
    }
}

fn is_identity(name: &str) -> bool {
    name.starts_with("x-wx-") || name.starts_with("x_wx_")
}

fn print(
    step: &Step,
    envelope: &[u8],
    seen: Option<&Seen>,
    answer: &[u8],
    verdict: &Result<String, String>,
) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "== {}", step.title)?;
    writeln!(output, "sent  {}", shortened(envelope))?;
    match seen {
        None => writeln!(output, "saw   nothing")?,
        Some(seen) => {
            writeln!(output, "saw   {}", seen.line)?;
            for (name, value) in &seen.headers {
                writeln!(output, "      {name}: {value}")?;
            }
            if !seen.body.is_empty() {
                writeln!(output, "      {}", shortened(&seen.body))?;
            }
        }
    }
    writeln!(output, "back  {}", shortened(answer))?;
    match verdict {
        Ok(right) => writeln!(output, "ok    {right}\n"),
        Err(wrong) => writeln!(output, "WRONG {wrong}\n"),
    }
}

/// Text as it is, bytes that are no text in hexadecimal, and of what is long the beginning.
fn shortened(bytes: &[u8]) -> String {
    const SHOWN: usize = 300;
    let Ok(text) = std::str::from_utf8(bytes) else { return format!("{bytes:02x?}") };
    let text = text.trim_end();
    let shown: String = text.chars().take(SHOWN).collect();
    let more = if shown.len() < bytes.len() { format!(" … {} bytes in all", bytes.len()) } else { String::new() };
    shown + &more
}
