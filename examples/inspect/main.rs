//! Says what is in callContainer envelopes and messages, one line a file.
//!
//! ```text
//! cargo run --example inspect -- request examples/envelopes/request/*.json
//! cargo run --example inspect -- --json reply examples/envelopes/reply/*.json
//! cargo run --example inspect -- message - # and paste what a console shows of an error
//! ```

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callcontainer::{
    Data, DataKind, Error, ErrorKind, Failure, REPLY_LIMIT, REQUEST_LIMIT, Reply, Request, Response, Text, Timeout,
};

const USAGE: &str = "\
usage: inspect [--json | --reencode] [--limit N] [--stream N] (request|reply) FILE...
       inspect [--json] [--limit N] message FILE...

  request, reply  what the files hold: envelopes
  message         or the text of an error, as a console shows it, with a stack or without
  FILE            a file with one of these; - is the standard input
  --json          print a JSON object for each file that decodes
  --reencode      write the envelope of the one FILE, encoded again
  --limit N       refuse files of more than N bytes
                  (without it, and at most: 102400 for a request, 1024000 for all else)
  --stream N      decode as a stream, in reads of N bytes: prints the same

exit status: 0 when all files decode, 1 when one does not,
             2 for wrong usage or a file that cannot be read
";

/// Decodes as a stream.
mod stream;

const ALL_DECODED: u8 = 0;
const NOT_DECODED: u8 = 1;
const WRONG_USAGE: u8 = 2;
const UNREADABLE: u8 = 2;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            // A reader that has gone away needs no help.
            let _ = io::stdout().write_all(USAGE.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(complaint) => {
            say(format_args!("inspect: {complaint}\n\n{}", USAGE.trim_end()));
            return ExitCode::from(WRONG_USAGE);
        }
    };
    let mut output = BufWriter::new(io::stdout().lock());
    let mut status = ALL_DECODED;
    let written = inspect_all(&options, &mut output, &mut status).and_then(|()| output.flush());
    match written {
        Ok(()) => {}
        // Whoever read our output has seen enough: `inspect … | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => {
            say(format_args!("inspect: standard output: {error}"));
            status = UNREADABLE;
        }
    }
    ExitCode::from(status)
}

/// A line to standard error. Unlike `eprintln!`, it survives a closed one.
fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

// ---------------------------------------------------------------- options

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Line,
    Json,
    Reencode,
}

#[derive(Clone, Copy)]
enum Direction {
    Request,
    Reply,
}

/// What a file holds.
#[derive(Clone, Copy)]
enum Content {
    Envelope(Direction),
    Message,
}

struct Options {
    form: Form,
    content: Content,
    limit: usize,
    /// Decode as a stream, in reads of so many bytes.
    stream: Option<usize>,
    files: Vec<OsString>,
}

impl Options {
    /// `None` when the user asked for help.
    fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        let mut form = Form::Line;
        let mut limit = None;
        let mut stream = None;
        let mut content = None;
        let mut files = Vec::new();
        let mut options_end = false;
        while let Some(argument) = arguments.next() {
            let shown = argument.to_string_lossy();
            if !options_end && shown.starts_with('-') && shown != "-" {
                match &*shown {
                    "--" => options_end = true,
                    "-h" | "--help" => return Ok(None),
                    "--json" | "--reencode" => {
                        let wanted = if shown == "--json" { Form::Json } else { Form::Reencode };
                        if form != Form::Line && form != wanted {
                            return Err("--json and --reencode exclude each other".into());
                        }
                        form = wanted;
                    }
                    other => {
                        let (name, value) = match other.split_once('=') {
                            Some((name, value)) => (name, Some(value)),
                            None => (other, None),
                        };
                        let place = match name {
                            "--limit" => &mut limit,
                            "--stream" => &mut stream,
                            _ => return Err(format!("unknown option {}", Printable(other))),
                        };
                        *place = Some(match value {
                            Some(value) => parse_number(name, value)?,
                            None => {
                                let next = arguments.next().ok_or_else(|| format!("{name} needs a number"))?;
                                parse_number(name, &next.to_string_lossy())?
                            }
                        });
                    }
                }
            } else if content.is_none() {
                content = Some(match &*shown {
                    "request" => Content::Envelope(Direction::Request),
                    "reply" => Content::Envelope(Direction::Reply),
                    "message" => Content::Message,
                    other => {
                        return Err(format!("expected the word request, reply or message, not {}", Printable(other)));
                    }
                });
            } else {
                files.push(argument);
            }
        }
        let Some(content) = content else {
            return Err("say what the files hold: request, reply or message".into());
        };
        if matches!(content, Content::Message) && (form == Form::Reencode || stream.is_some()) {
            return Err("--reencode and --stream are for envelopes, and a message is none".into());
        }
        let greatest = match content {
            Content::Envelope(Direction::Request) => REQUEST_LIMIT,
            // A message stands in a reply.
            Content::Envelope(Direction::Reply) | Content::Message => REPLY_LIMIT,
        };
        let limit = limit.unwrap_or(greatest);
        if limit > greatest {
            return Err(format!("--limit can be at most {greatest} here, not {limit}"));
        }
        if stream == Some(0) {
            return Err("--stream needs a number of at least 1".into());
        }
        if files.is_empty() {
            return Err("no file given".into());
        }
        if form == Form::Reencode && files.len() != 1 {
            return Err("--reencode takes exactly one file".into());
        }
        Ok(Some(Self { form, content, limit, stream, files }))
    }
}

fn parse_number(option: &str, number: &str) -> Result<usize, String> {
    number.parse().map_err(|_| format!("{option} needs a number, not {}", Printable(number)))
}

// ---------------------------------------------------------------- files

/// Goes through the files. `status` is right even when writing fails half way.
fn inspect_all(options: &Options, output: &mut impl Write, status: &mut u8) -> io::Result<()> {
    let mut bytes = Vec::new();
    for file in &options.files {
        let name = file.to_string_lossy();
        let name = Printable(&name);
        let shown = open(file).and_then(|mut input| match (options.content, options.stream) {
            (Content::Envelope(direction), Some(size)) => {
                let collected = stream::collect(&mut *input, direction, options.limit, size)?;
                Ok(collected.and_then(|collected| collected.envelope(|envelope| envelope.show(options.form, name))))
            }
            (content, _) => {
                read(input, options.limit, &mut bytes)?;
                Ok(match content {
                    Content::Envelope(direction) => Envelope::decode(&bytes, direction, options.limit)
                        .and_then(|envelope| envelope.show(options.form, name)),
                    Content::Message => message(&bytes, options.limit)
                        .map(|message| show_message(message, options.form, name).into_bytes()),
                })
            }
        });
        let shown = match shown {
            Ok(shown) => shown,
            Err(error) => {
                say(format_args!("inspect: cannot read {name}: {error}"));
                *status = UNREADABLE;
                continue;
            }
        };
        match shown {
            Ok(shown) => output.write_all(&shown)?,
            Err(error) => {
                *status = (*status).max(NOT_DECODED);
                let (kind, offset) = (error.kind(), error.offset());
                let line = format!("error\t{name}\t{}\tbyte {offset}\t{kind}", kind.name());
                if options.form == Form::Reencode {
                    say(format_args!("{line}"));
                } else {
                    writeln!(output, "{line}")?;
                }
            }
        }
    }
    Ok(())
}

fn open(file: &OsString) -> io::Result<Box<dyn Read>> {
    Ok(if file == "-" { Box::new(io::stdin().lock()) } else { Box::new(File::open(file)?) })
}

/// Reads one byte more than the limit at most: enough to see that there is too much.
fn read(input: impl Read, limit: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.clear();
    input.take(limit as u64 + 1).read_to_end(bytes)?;
    Ok(())
}

// ---------------------------------------------------------------- what is printed

#[allow(clippy::large_enum_variant)] // there is one at a time
enum Envelope<'a> {
    Request(Request<'a>),
    Reply(Reply<'a>),
}

impl<'a> Envelope<'a> {
    fn decode(bytes: &'a [u8], direction: Direction, limit: usize) -> Result<Self, Error> {
        match direction {
            Direction::Request => Request::decode_within(bytes, limit).map(Self::Request),
            Direction::Reply => Reply::decode_within(bytes, limit).map(Self::Reply),
        }
    }

    fn show(&self, form: Form, name: Printable<'_>) -> Result<Vec<u8>, Error> {
        Ok(match form {
            Form::Line => format!("ok\t{name}\t{}\n", self.line()).into_bytes(),
            Form::Json => format!("{}\n", self.json()).into_bytes(),
            Form::Reencode => self.encoded()?,
        })
    }

    fn encoded(&self) -> Result<Vec<u8>, Error> {
        let length = match self {
            Self::Request(request) => request.encoded_len()?,
            Self::Reply(reply) => reply.encoded_len()?,
        };
        let mut buffer = vec![0; length];
        match self {
            Self::Request(request) => request.encode(&mut buffer)?,
            Self::Reply(reply) => reply.encode(&mut buffer)?,
        };
        Ok(buffer)
    }

    fn line(&self) -> String {
        match self {
            Self::Request(request) => format!(
                "{} {} env={} service={} {}",
                request.method().as_str(),
                Printable(&decoded(request.path())),
                Printable(&decoded_or_dash(request.target_env())),
                Printable(&decoded_or_dash(request.service())),
                summary(request.data()),
            ),
            Self::Reply(Reply::Response(response)) => {
                format!("{} {}", response.status(), summary(response.data()))
            }
            Self::Reply(Reply::Failure(failure)) => {
                format!("fail {} {}", code_or_none(failure), summary(Data::None))
            }
        }
    }

    fn json(&self) -> String {
        match self {
            Self::Request(request) => request_json(request),
            Self::Reply(Reply::Response(response)) => response_json(response),
            Self::Reply(Reply::Failure(failure)) => failure_json(failure),
        }
    }
}

/// The text of a message.
fn message(bytes: &[u8], limit: usize) -> Result<&str, Error> {
    if bytes.len() > limit {
        return Err(Error::new(ErrorKind::TooLong, limit));
    }
    let text = str::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::InvalidUtf8, error.valid_up_to()))?;
    // As some editors begin a file.
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text).trim())
}

fn show_message(message: &str, form: Form, name: Printable<'_>) -> String {
    let failure = Failure::from_err_msg(message);
    if form == Form::Json {
        return format!("{}\n", failure_json(&failure));
    }
    let parts = failure.message();
    let quoted = |text: Text<'_>| Printable(&string(text)).to_string();
    format!(
        "ok\t{name}\tfail {} text={} callID={} trace={}\n",
        code_or_none(&failure),
        quoted(parts.text()),
        Printable(&decoded_or_dash(parts.call_id())),
        parts.trace().map_or("-".into(), quoted),
    )
}

fn code_or_none(failure: &Failure<'_>) -> String {
    failure.code().map_or("none".into(), |code| code.to_string())
}

fn kind(data: Data<'_>) -> &'static str {
    data.kind().map_or("none", DataKind::as_str)
}

fn summary(data: Data<'_>) -> String {
    format!("data={} {} bytes", kind(data), data.len())
}

fn request_json(request: &Request<'_>) -> String {
    let timeout = match request.timeout() {
        Timeout::Milliseconds(milliseconds) => milliseconds.to_string(),
        Timeout::NotSet | Timeout::NoEffect => "null".into(),
    };
    object(&[
        ("env", string_or_null(request.env())),
        ("resourceAppid", string_or_null(request.resource_appid())),
        ("resourceEnv", string_or_null(request.resource_env())),
        ("path", string(request.path())),
        ("method", string(request.method().as_str().into())),
        ("service", string_or_null(request.service())),
        ("header", pairs(request.headers().iter())),
        ("data", data_json(request.data())),
        ("timeout", timeout),
        ("dataType", string(request.data_type().as_text())),
        ("responseType", string(request.response_type().as_str().into())),
        ("callID", string_or_null(request.call_id())),
    ])
}

fn response_json(response: &Response<'_>) -> String {
    object(&[
        ("statusCode", response.status().to_string()),
        ("header", pairs(response.headers().iter())),
        ("cookies", array(response.cookies().iter().map(string))),
        ("data", data_json(response.data())),
        ("callID", string_or_null(response.call_id())),
        ("errMsg", string(response.err_msg())),
    ])
}

fn failure_json(failure: &Failure<'_>) -> String {
    let message = failure.message();
    object(&[
        ("errCode", failure.code().map_or("null".into(), |code| code.to_string())),
        ("errMsg", string(failure.err_msg())),
        ("message", string(message.text())),
        ("callID", string_or_null(failure.call_id())),
        ("trace", string_or_null(message.trace())),
    ])
}

fn data_json(data: Data<'_>) -> String {
    let value = match data {
        Data::None => "null".into(),
        Data::Text(text) => string(text),
        // As it stands: no number is rounded, no repeated key is lost.
        Data::Json(json) => without_white_space(json.as_str()),
        Data::Bytes(bytes) => {
            let mut buffer = vec![0; bytes.decoded_len()];
            let bytes = bytes.decode(&mut buffer).expect("the buffer is as long as the bytes");
            format!("\"{}\"", STANDARD.encode(bytes))
        }
    };
    object(&[("kind", string(kind(data).into())), ("value", value)])
}

// ---------------------------------------------------------------- writing JSON

fn object(members: &[(&str, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn pairs<'a>(headers: impl Iterator<Item = (Text<'a>, Text<'a>)>) -> String {
    array(headers.map(|(name, value)| array([string(name), string(value)].into_iter())))
}

fn string(text: Text<'_>) -> String {
    serde_json::to_string(&*decoded(text)).expect("a string can always be written")
}

fn string_or_null(text: Option<Text<'_>>) -> String {
    text.map_or("null".into(), string)
}

/// The same JSON on one line: white space goes, except inside strings.
fn without_white_space(json: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    let keep = |character: &char| {
        if in_string {
            in_string = escaped || *character != '"';
            escaped = !escaped && *character == '\\';
            return true;
        }
        in_string = *character == '"';
        !matches!(character, ' ' | '\t' | '\n' | '\r')
    };
    json.chars().filter(keep).collect()
}

// ---------------------------------------------------------------- text

fn decoded(text: Text<'_>) -> Cow<'_, str> {
    text.as_str().map_or_else(|| Cow::Owned(text.chars().collect()), Cow::Borrowed)
}

fn decoded_or_dash(text: Option<Text<'_>>) -> Cow<'_, str> {
    text.map_or(Cow::Borrowed("-"), decoded)
}

/// Text that keeps to its line and its column, whatever is in it.
#[derive(Clone, Copy)]
struct Printable<'a>(&'a str);

impl Display for Printable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
                write!(formatter, "{}", character.escape_default())?;
            } else {
                write!(formatter, "{character}")?;
            }
        }
        Ok(())
    }
}
