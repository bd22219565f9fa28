//! The answer to the page: an object in JSON.

use core::fmt::{Result, Write};

use callcontainer::explain::{Finding, Language, Overhead, Part, Place, Sentence, Spent, Subject, What, put_refusal};
use callcontainer::gateway::Relation;
use callcontainer::{Error, Text};

use crate::http::{Party, Sent, send};
use crate::values::{self, Object, Quoted, array, base64, integer, string};

/// What the page asks about.
pub struct Asked<'a> {
    text: &'a [u8],
    what: What,
    language: Language,
    party: Party<'a>,
    found: core::result::Result<Finding<'a>, Error>,
}

impl<'a> Asked<'a> {
    /// Takes apart what the page has written: a text, and behind it three fields of these lengths. `None` if they are not
    /// there, or no text.
    pub fn of(written: &'a [u8], what: u32, chinese: bool, lengths: [usize; 3]) -> Option<Self> {
        let [appid, openid, owner] = lengths;
        let fields = appid.checked_add(openid)?.checked_add(owner)?;
        let (text, fields) = written.split_at_checked(written.len().checked_sub(fields)?)?;
        let (appid, fields) = fields.split_at_checked(appid)?;
        let (openid, owner) = fields.split_at_checked(openid)?;
        let field = |bytes| core::str::from_utf8(bytes).ok();
        let what = match what {
            1 => What::Request,
            2 => What::Reply,
            3 => What::Message,
            _ => What::detect(text),
        };
        Some(Self {
            text,
            what,
            language: if chinese { Language::Chinese } else { Language::English },
            party: Party { appid: field(appid)?, openid: field(openid)?, owner: field(owner)? },
            found: what.read(text, what.limit()),
        })
    }

    /// Returns what becomes of a request at a gateway. `take` gives memory.
    pub fn http(&self, take: &mut impl FnMut(usize) -> Option<&'static mut [u8]>) -> Option<Sent> {
        match &self.found {
            Ok(Finding::Request(request)) => send(request, self.party, take),
            _ => None,
        }
    }
}

/// Writes the answer.
///
/// # Errors
/// Those of `out`.
pub fn put(asked: &Asked<'_>, http: Option<&Sent>, out: &mut impl Write) -> Result {
    let language = asked.language;
    let mut object = Object::open(out)?;
    plain(object.key("what")?, asked.what.name())?;
    integer(object.key("length")?, asked.text.len() as i64)?;
    integer(object.key("limit")?, asked.what.limit() as i64)?;
    match &asked.found {
        Ok(finding) => {
            if let Some(subject) = finding.subject() {
                put_subject(object.key("why")?, subject, language)?;
            }
            if asked.what != What::Message {
                put_spent(object.key("spent")?, &finding.spent(asked.text), language)?;
                put_text(object.key("seen")?, |out| finding.put_seen(out))?;
            }
            array(object.key("notes")?, finding.seen(), |out, words| plain(out, words.text(language)))?;
        }
        Err(error) => {
            put_error(object.key("error")?, asked.text, *error, language)?;
            put_subject(object.key("why")?, Subject::Kind(error.kind()), language)?;
            if asked.what == What::Request {
                put_text(object.key("seen")?, |out| put_refusal(*error, out))?;
            }
        }
    }
    if let Some(sent) = http {
        put_sent(object.key("http")?, sent, language)?;
    }
    // Last, so that the page need not parse a megabyte to show what is said of it.
    if let Ok(finding) = &asked.found {
        put_value(object.key("value")?, finding)?;
    }
    object.close()
}

fn plain(out: &mut impl Write, text: &str) -> Result {
    string(out, Text::new(text))
}

/// Writes a string that is made of pieces.
fn put_text<W: Write>(out: &mut W, put: impl FnOnce(&mut Quoted<'_, W>) -> Result) -> Result {
    let mut quoted = Quoted::open(out)?;
    put(&mut quoted)?;
    quoted.close()
}

fn put_value(out: &mut impl Write, finding: &Finding<'_>) -> Result {
    match finding {
        Finding::Request(request) => values::request(out, request),
        Finding::Response(response) => values::response(out, response),
        Finding::Failure(failure) => values::failure(out, failure),
    }
}

fn put_error(out: &mut impl Write, text: &[u8], error: Error, language: Language) -> Result {
    let place = Place::new(text, error);
    let mut object = Object::open(out)?;
    plain(object.key("kind")?, error.kind().name())?;
    integer(object.key("offset")?, error.offset() as i64)?;
    integer(object.key("line")?, place.line() as i64)?;
    integer(object.key("column")?, place.column() as i64)?;
    put_text(object.key("before")?, |out| place.put_before(out))?;
    put_text(object.key("at")?, |out| place.put_at(out))?;
    put_text(object.key("after")?, |out| place.put_after(out))?;
    put_text(object.key("member")?, |out| place.put_member(out))?;
    plain(object.key("expected")?, place.expected(language))?;
    object.close()
}

fn put_subject(out: &mut impl Write, subject: Subject, language: Language) -> Result {
    let explanation = subject.explanation();
    let mut object = Object::open(out)?;
    put_text(object.key("name")?, |out| subject.put_name(out))?;
    put_sentence(object.key("meaning")?, explanation.meaning(), language)?;
    put_sentence(object.key("cause")?, explanation.cause(), language)?;
    put_sentence(object.key("remedy")?, explanation.remedy(), language)?;
    put_sentence(object.key("retry")?, explanation.advice().sentence(), language)?;
    object.close()
}

fn put_sentence(out: &mut impl Write, sentence: &Sentence, language: Language) -> Result {
    let mut object = Object::open(out)?;
    plain(object.key("text")?, sentence.text(language))?;
    plain(object.key("confidence")?, sentence.confidence().name())?;
    plain(object.key("mark")?, sentence.confidence().words().text(language))?;
    object.close()
}

fn put_spent(out: &mut impl Write, spent: &Spent, language: Language) -> Result {
    let mut object = Object::open(out)?;
    let parts = Part::ALL.map(|part| (part.words(), spent.part(part)));
    let overheads = Overhead::ALL.map(|overhead| (overhead.words(), spent.overhead(overhead)));
    for (key, counts) in [("parts", &parts[..]), ("overheads", &overheads)] {
        array(object.key(key)?, counts, |out, (words, bytes)| {
            out.write_char('[')?;
            plain(out, words.text(language))?;
            out.write_char(',')?;
            integer(out, *bytes as i64)?;
            out.write_char(']')
        })?;
    }
    object.close()
}

fn put_sent(out: &mut impl Write, sent: &Sent, language: Language) -> Result {
    let mut object = Object::open(out)?;
    match sent {
        Sent::Request { bytes, relation } => {
            let relation = match relation {
                Relation::Own => "own",
                Relation::Reuse => "reuse",
                Relation::Public => "public",
            };
            plain(object.key("relation")?, relation)?;
            let end = bytes.windows(HEAD_END.len()).position(|window| window == HEAD_END).unwrap_or(bytes.len());
            let (head, body) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
            // What it is made of is text.
            plain(object.key("head")?, core::str::from_utf8(head).unwrap_or_default())?;
            let body = body.strip_prefix(HEAD_END).unwrap_or_default();
            match core::str::from_utf8(body) {
                Ok(text) => plain(object.key("body")?, text)?,
                Err(_) => put_text(object.key("base64")?, |out| base64(out, body))?,
            }
        }
        Sent::Refused(code, message) => {
            put_subject(object.key("refused")?, Subject::of_code(*code, *message), language)?;
        }
    }
    object.close()
}

/// What ends the head of an HTTP message.
const HEAD_END: &[u8] = b"\r\n\r\n";
