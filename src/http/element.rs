//! One element of a value, or a name, that arrives byte by byte: which word it is, or which number.
//!
//! Knows the words that the framing depends on. Keeps none of the bytes.

/// The words that matter, in names and in values; letter case does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Connection,
    ContentLength,
    RetryAfter,
    TransferEncoding,
    Chunked,
    Close,
    KeepAlive,
    Other,
}

/// Each word in lower case, in order: words with the same beginning are next to each other.
static WORDS: &[(&[u8], Word)] = &[
    (b"chunked", Word::Chunked),
    (b"close", Word::Close),
    (b"connection", Word::Connection),
    (b"content-length", Word::ContentLength),
    (b"keep-alive", Word::KeepAlive),
    (b"retry-after", Word::RetryAfter),
    (b"transfer-encoding", Word::TransferEncoding),
];

/// An element, as far as it has been received. Blanks around it do not belong to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    /// The number that its digits are, as long as it is one.
    number: u64,
    /// Its length in bytes, blanks not counted. A head is not as long as this can count.
    len: u16,
    /// The index of the first word that begins like this; beyond them if none does.
    word: u8,
    /// It is neither a word nor a number.
    is_other: bool,
    /// A blank came behind the last byte.
    has_ended: bool,
}

impl Element {
    pub(super) const NEW: Self = Self { number: 0, len: 0, word: 0, is_other: false, has_ended: false };

    /// Takes the next byte of what may be a word.
    pub(super) fn add_letter(&mut self, byte: u8) {
        if self.grows(byte) {
            self.is_other = !self.leads_on(byte.to_ascii_lowercase());
            self.len = self.len.wrapping_add(1);
        }
    }

    /// Takes the next byte of what may be a number.
    pub(super) fn add_digit(&mut self, byte: u8) {
        if self.grows(byte) {
            let digit = byte.wrapping_sub(b'0');
            let number = self.number.checked_mul(10).and_then(|number| number.checked_add(digit.into()));
            self.is_other = digit > 9 || number.is_none();
            self.number = number.unwrap_or_default();
            self.len = self.len.wrapping_add(1);
        }
    }

    /// Whether this byte makes a difference.
    const fn grows(&mut self, byte: u8) -> bool {
        if matches!(byte, b' ' | b'\t') {
            self.has_ended = self.len > 0;
            return false;
        }
        self.is_other |= self.has_ended;
        !self.is_other
    }

    /// Finds the first word that goes on with this letter. Returns whether there is one.
    fn leads_on(&mut self, letter: u8) -> bool {
        let len = usize::from(self.len);
        let mut words = WORDS.iter().skip(self.word.into());
        let Some((first, _)) = words.next() else { return false };
        if first.get(len) == Some(&letter) {
            return true;
        }
        let beginning = first.get(..len).unwrap_or(first);
        for (word, _) in words {
            self.word = self.word.wrapping_add(1);
            if !word.starts_with(beginning) {
                return false;
            }
            if word.get(len) == Some(&letter) {
                return true;
            }
        }
        false
    }

    /// Returns the word that this is.
    pub(super) fn word(&self) -> Word {
        match WORDS.get(usize::from(self.word)) {
            Some((text, word)) if !self.is_other && text.len() == usize::from(self.len) => *word,
            _ => Word::Other,
        }
    }

    /// Returns the number that this is and how many digits it has, if it is one or more digits, and nothing else, and
    /// fits into 64 bits.
    pub(super) const fn number(&self) -> Option<(u64, u16)> {
        if self.is_other || self.len == 0 { None } else { Some((self.number, self.len)) }
    }
}
