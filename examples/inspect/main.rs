//! Says what is in callContainer envelopes and messages, one line a file.
//!
//! ```text
//! cargo run --example inspect -- request examples/envelopes/request/*.json
//! cargo run --example inspect -- --json reply examples/envelopes/reply/*.json
//! cargo run --example inspect -- message - # and paste what a console shows of an error
//! cargo run --example inspect -- --explain --lang zh message examples/messages/*.txt
//! ```

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

use callcontainer::explain::{Finding, Language, What};
use callcontainer::{Data, DataKind, Error, Failure, Reply, Request, Text};

const USAGE: &str = "\
usage: inspect [--json | --reencode] [--limit N] [--stream N] (request|reply) FILE...
       inspect [--json] [--limit N] message FILE...
       inspect --explain [--lang en|zh] [--limit N] (request|reply|message) FILE...

  request, reply  what the files hold: envelopes
  message         or the text of an error, as a console shows it, with a stack or without
  FILE            a file with one of these; - is the standard input
  --json          print a JSON object for each file that decodes
  --reencode      write the envelope of the one FILE, encoded again
  --explain       say why a call failed, where an envelope is wrong, and what to do;
                  or how the bytes of one are spent
  --lang LANG     explain in English (en, as without it) or in Chinese (zh)
  --limit N       refuse files of more than N bytes
                  (without it, and at most: 102400 for a request, 1024000 for all else)
  --stream N      decode as a stream, in reads of N bytes: prints the same

exit status: 0 when all files decode, 1 when one does not,
             2 for wrong usage or a file that cannot be read
";

/// Says why.
mod explain;
/// Decodes as a stream.
mod stream;
/// JSON.
mod values;

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
    Explain(Language),
}

#[derive(Clone, Copy)]
enum Direction {
    Request,
    Reply,
}

impl From<Direction> for What {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Request => Self::Request,
            Direction::Reply => Self::Reply,
        }
    }
}

/// What a file holds.
#[derive(Clone, Copy)]
enum Content {
    Envelope(Direction),
    Message,
}

impl Content {
    fn what(self) -> What {
        match self {
            Self::Envelope(direction) => direction.into(),
            Self::Message => What::Message,
        }
    }
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
        let mut language = None;
        let mut files = Vec::new();
        let mut options_end = false;
        while let Some(argument) = arguments.next() {
            let shown = argument.to_string_lossy();
            if !options_end && shown.starts_with('-') && shown != "-" {
                match &*shown {
                    "--" => options_end = true,
                    "-h" | "--help" => return Ok(None),
                    "--json" | "--reencode" | "--explain" => {
                        let wanted = match &*shown {
                            "--json" => Form::Json,
                            "--reencode" => Form::Reencode,
                            _ => Form::Explain(Language::English),
                        };
                        if form != Form::Line && form != wanted {
                            return Err("--json, --reencode and --explain exclude each other".into());
                        }
                        form = wanted;
                    }
                    other => {
                        let (name, value) = match other.split_once('=') {
                            Some((name, value)) => (name, Some(value)),
                            None => (other, None),
                        };
                        if !matches!(name, "--limit" | "--stream" | "--lang") {
                            return Err(format!("unknown option {}", Printable(other)));
                        }
                        let value = match value {
                            Some(value) => value.to_owned(),
                            None => {
                                let next = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
                                next.to_string_lossy().into_owned()
                            }
                        };
                        match name {
                            "--limit" => limit = Some(parse_number(name, &value)?),
                            "--stream" => stream = Some(parse_number(name, &value)?),
                            _ => language = Some(parse_language(&value)?),
                        }
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
        match (&mut form, language) {
            (Form::Explain(_), _) if stream.is_some() => {
                return Err("--explain and --stream exclude each other: a stream is gone when it is wrong".into());
            }
            (Form::Explain(place), Some(language)) => *place = language,
            (_, Some(_)) => return Err("--lang is for --explain".into()),
            (_, None) => {}
        }
        let greatest = content.what().limit();
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

fn parse_language(name: &str) -> Result<Language, String> {
    let language = Language::ALL.into_iter().find(|language| language.tag() == name);
    language.ok_or_else(|| format!("--lang needs en or zh, not {}", Printable(name)))
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
                let found = content.what().read(&bytes, options.limit);
                Ok(found.and_then(|found| show(&found, content, &bytes, options, name)))
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
                if let Form::Explain(language) = options.form {
                    let explained = explain::error(options.content.what(), &bytes, error, language);
                    output.write_all(explained.as_bytes())?;
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

impl Envelope<'_> {
    fn show(&self, form: Form, name: Printable<'_>) -> Result<Vec<u8>, Error> {
        Ok(match form {
            Form::Line | Form::Explain(_) => format!("ok\t{name}\t{}\n", self.line()).into_bytes(),
            Form::Json => json_line(|out| self.put_json(out)).into_bytes(),
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

    fn put_json(&self, out: &mut String) -> fmt::Result {
        match self {
            Self::Request(request) => values::request(out, request),
            Self::Reply(Reply::Response(response)) => values::response(out, response),
            Self::Reply(Reply::Failure(failure)) => values::failure(out, failure),
        }
    }
}

/// What was read, in the form that was asked for.
fn show(
    found: &Finding<'_>,
    content: Content,
    bytes: &[u8],
    options: &Options,
    name: Printable<'_>,
) -> Result<Vec<u8>, Error> {
    let mut shown = match (content, *found) {
        (Content::Message, Finding::Failure(failure)) => show_message(&failure, options.form, name).into_bytes(),
        (_, Finding::Request(request)) => Envelope::Request(request).show(options.form, name)?,
        (_, Finding::Response(response)) => Envelope::Reply(response.into()).show(options.form, name)?,
        (_, Finding::Failure(failure)) => Envelope::Reply(failure.into()).show(options.form, name)?,
    };
    if let Form::Explain(language) = options.form {
        shown.extend(explain::finding(content.what(), bytes, options.limit, found, language).into_bytes());
    }
    Ok(shown)
}

fn show_message(failure: &Failure<'_>, form: Form, name: Printable<'_>) -> String {
    if form == Form::Json {
        return json_line(|out| values::failure(out, failure));
    }
    let parts = failure.message();
    let quoted = |text: Text<'_>| {
        let mut quoted = String::new();
        values::string(&mut quoted, text).expect("a string takes all");
        Printable(&quoted).to_string()
    };
    format!(
        "ok\t{name}\tfail {} text={} callID={} trace={}\n",
        code_or_none(failure),
        quoted(parts.text()),
        Printable(&decoded_or_dash(parts.call_id())),
        parts.trace().map_or("-".into(), quoted),
    )
}

fn json_line(put: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut line = String::new();
    put(&mut line).expect("a string takes all");
    line.push('\n');
    line
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
