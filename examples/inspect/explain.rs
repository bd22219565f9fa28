//! Says why: what an error means, where it is, and what to do; or how the bytes of an envelope are spent.

use std::fmt::{self, Write};

use callcontainer::Error;
use callcontainer::explain::{Finding, Language, Overhead, Part, Place, Sentence, Spent, Subject, What, put_refusal};

/// Writes lines with a label before each group of them.
struct Lines<'o> {
    out: &'o mut String,
    language: Language,
}

/// Columns before what a line says.
const INDENT: usize = 12;

impl Lines<'_> {
    /// Begins a line with this label, in one language or the other, or with none.
    fn label(&mut self, english: &str, chinese: &str) {
        let (label, columns) = match self.language {
            Language::English => (english, english.len()),
            // Each character takes two columns.
            Language::Chinese => (chinese, chinese.chars().count() * 2),
        };
        let _ = write!(self.out, "  {label}{:1$}", "", INDENT - 2 - columns);
    }

    fn line(&mut self, english: &str, chinese: &str, text: &str) {
        self.label(english, chinese);
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn words(&mut self, english: &str, chinese: &str, put: impl FnOnce(&mut String) -> fmt::Result) {
        self.label(english, chinese);
        let before = self.out.len();
        let _ = put(self.out);
        if self.out.len() == before {
            self.out.push('-');
        }
        self.out.push('\n');
    }

    fn sentence(&mut self, english: &str, chinese: &str, sentence: &Sentence) {
        self.label(english, chinese);
        let confidence = sentence.confidence().words().text(self.language);
        let _ = match self.language {
            Language::English => writeln!(self.out, "{} [{confidence}]", sentence.text(self.language)),
            Language::Chinese => writeln!(self.out, "{}【{confidence}】", sentence.text(self.language)),
        };
    }

    fn explanation(&mut self, subject: Subject) {
        let explanation = subject.explanation();
        self.sentence("meaning", "含义", explanation.meaning());
        self.sentence("cause", "原因", explanation.cause());
        self.sentence("remedy", "处理", explanation.remedy());
        self.sentence("retry", "重试", explanation.advice().sentence());
    }

    fn spent(&mut self, spent: &Spent, limit: usize) {
        let total = spent.total();
        let tenths = (total * 1000).checked_div(limit).unwrap_or(1000);
        let left = limit.saturating_sub(total);
        let size = match self.language {
            Language::English => format!("{total} of {limit} bytes, {}.{} %: {left} left", tenths / 10, tenths % 10),
            Language::Chinese => format!("{total} / {limit} 字节，{}.{}%，还剩 {left}", tenths / 10, tenths % 10),
        };
        self.line("size", "大小", &size);
        let parts = Part::ALL.map(|part| (part.words(), spent.part(part)));
        self.counts("spent", "用途", &parts);
        let overheads = Overhead::ALL.map(|overhead| (overhead.words(), spent.overhead(overhead)));
        self.counts("overhead", "开销", &overheads);
    }

    fn counts(&mut self, english: &str, chinese: &str, counts: &[(callcontainer::explain::Words, usize)]) {
        let (language, comma) = (self.language, if self.language == Language::English { ", " } else { "，" });
        let counts = counts.iter().filter(|(_, bytes)| *bytes > 0);
        let shown: Vec<_> = counts.map(|(words, bytes)| format!("{} {bytes}", words.text(language))).collect();
        if !shown.is_empty() {
            self.line(english, chinese, &shown.join(comma));
        }
    }
}

/// Says what there is to say of what was read.
pub(crate) fn finding(what: What, text: &[u8], limit: usize, finding: &Finding<'_>, language: Language) -> String {
    let mut out = String::new();
    let mut lines = Lines { out: &mut out, language };
    if let Some(subject) = finding.subject() {
        lines.words("why", "问题", |out| subject.put_name(out));
        lines.explanation(subject);
    }
    if what != What::Message {
        lines.spent(&finding.spent(text), limit);
    }
    let mut label = ("seen", "可见");
    // A message is what was seen.
    if what != What::Message && !matches!(finding, Finding::Request(_)) {
        lines.words(label.0, label.1, |out| finding.put_seen(out));
        label = ("", "");
    }
    for words in finding.seen() {
        lines.line(label.0, label.1, words.text(language));
        label = ("", "");
    }
    out
}

/// Says what an error means, and where it is.
pub(crate) fn error(what: What, text: &[u8], error: Error, language: Language) -> String {
    let mut out = String::new();
    let mut lines = Lines { out: &mut out, language };
    let place = Place::new(text, error);
    let mut member = String::new();
    let _ = place.put_member(&mut member);
    let at = match (language, member.as_str()) {
        (Language::English, "") => format!("line {}, column {}", place.line(), place.column()),
        (Language::English, member) => format!("line {}, column {}, in {member}", place.line(), place.column()),
        (Language::Chinese, "") => format!("第 {} 行，第 {} 列", place.line(), place.column()),
        (Language::Chinese, member) => format!("第 {} 行，第 {} 列，在 {member} 中", place.line(), place.column()),
    };
    lines.line("place", "位置", &at);
    lines.words("", "", |out| {
        place.put_before(out)?;
        place.put_at(out)?;
        place.put_after(out)
    });
    lines.line("", "", &format!("{:1$}^", "", place.columns_before()));
    lines.line("expected", "应为", place.expected(language));
    lines.explanation(Subject::Kind(error.kind()));
    if what == What::Request {
        lines.words("seen", "可见", |out| put_refusal(error, out));
    }
    out
}
