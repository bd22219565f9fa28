//! What envelopes and messages hold, as JSON on one line: the output of `inspect --json`. The page in `web/page` has this
//! file, too, so nothing but `core` is used, and none of its formatting.

use core::fmt::{Result, Write};

use callcontainer::{Data, DataKind, Failure, Request, Response, Text, Timeout};

pub fn request(out: &mut impl Write, request: &Request<'_>) -> Result {
    let mut object = Object::open(out)?;
    string_or_null(object.key("env")?, request.env())?;
    string_or_null(object.key("resourceAppid")?, request.resource_appid())?;
    string_or_null(object.key("resourceEnv")?, request.resource_env())?;
    string(object.key("path")?, request.path())?;
    string(object.key("method")?, request.method().as_str().into())?;
    string_or_null(object.key("service")?, request.service())?;
    pairs(object.key("header")?, request.headers().iter())?;
    data(object.key("data")?, request.data())?;
    let timeout = object.key("timeout")?;
    match request.timeout() {
        Timeout::Milliseconds(milliseconds) => integer(timeout, milliseconds.into())?,
        Timeout::NotSet | Timeout::NoEffect => timeout.write_str("null")?,
    }
    string(object.key("dataType")?, request.data_type().as_text())?;
    string(object.key("responseType")?, request.response_type().as_str().into())?;
    string_or_null(object.key("callID")?, request.call_id())?;
    object.close()
}

pub fn response(out: &mut impl Write, response: &Response<'_>) -> Result {
    let mut object = Object::open(out)?;
    integer(object.key("statusCode")?, response.status().into())?;
    pairs(object.key("header")?, response.headers().iter())?;
    array(object.key("cookies")?, response.cookies().iter(), |out, cookie| string(out, cookie))?;
    data(object.key("data")?, response.data())?;
    string_or_null(object.key("callID")?, response.call_id())?;
    string(object.key("errMsg")?, response.err_msg())?;
    object.close()
}

pub fn failure(out: &mut impl Write, failure: &Failure<'_>) -> Result {
    let message = failure.message();
    let mut object = Object::open(out)?;
    let code = object.key("errCode")?;
    match failure.code() {
        Some(number) => integer(code, number.0.into())?,
        None => code.write_str("null")?,
    }
    string(object.key("errMsg")?, failure.err_msg())?;
    string(object.key("message")?, message.text())?;
    string_or_null(object.key("callID")?, failure.call_id())?;
    string_or_null(object.key("trace")?, message.trace())?;
    object.close()
}

fn data(out: &mut impl Write, data: Data<'_>) -> Result {
    let mut object = Object::open(out)?;
    string(object.key("kind")?, data.kind().map_or("none", DataKind::as_str).into())?;
    let value = object.key("value")?;
    match data {
        Data::None => value.write_str("null")?,
        Data::Text(text) => string(value, text)?,
        // As it stands: no number is rounded, no repeated key is lost.
        Data::Json(json) => without_white_space(value, json.as_str())?,
        Data::Bytes(bytes) => {
            value.write_char('"')?;
            match (bytes.as_base64(), bytes.as_slice()) {
                (Some(text), _) => text.chars().try_for_each(|character| value.write_char(character))?,
                (_, Some(bytes)) => base64(value, bytes)?,
                (None, None) => {}
            }
            value.write_char('"')?;
        }
    }
    object.close()
}

// ---------------------------------------------------------------- writing JSON

/// An object that is being written.
pub struct Object<'o, W> {
    out: &'o mut W,
    is_empty: bool,
}

impl<'o, W: Write> Object<'o, W> {
    /// Begins an object.
    pub fn open(out: &'o mut W) -> core::result::Result<Self, core::fmt::Error> {
        out.write_char('{')?;
        Ok(Self { out, is_empty: true })
    }

    /// Writes a key, which needs no escape, and returns where its value goes.
    pub fn key(&mut self, key: &str) -> core::result::Result<&mut W, core::fmt::Error> {
        if !core::mem::take(&mut self.is_empty) {
            self.out.write_char(',')?;
        }
        self.out.write_char('"')?;
        self.out.write_str(key)?;
        self.out.write_str("\":")?;
        Ok(self.out)
    }

    /// Ends the object.
    pub fn close(self) -> Result {
        self.out.write_char('}')
    }
}

/// Writes an array, each item by a function.
pub fn array<W: Write, T>(
    out: &mut W,
    items: impl IntoIterator<Item = T>,
    mut put: impl FnMut(&mut W, T) -> Result,
) -> Result {
    out.write_char('[')?;
    let mut is_first = true;
    for item in items {
        if !core::mem::take(&mut is_first) {
            out.write_char(',')?;
        }
        put(out, item)?;
    }
    out.write_char(']')
}

fn pairs<'a>(out: &mut impl Write, headers: impl Iterator<Item = (Text<'a>, Text<'a>)>) -> Result {
    array(out, headers, |out, (name, value)| array(out, [name, value], |out, text| string(out, text)))
}

/// Writes a string, decoded and escaped again.
pub fn string(out: &mut impl Write, text: Text<'_>) -> Result {
    let mut inside = Quoted::open(out)?;
    match text.as_str() {
        Some(text) => inside.write_str(text)?,
        None => text.chars().try_for_each(|character| inside.write_char(character))?,
    }
    inside.close()
}

pub fn string_or_null(out: &mut impl Write, text: Option<Text<'_>>) -> Result {
    match text {
        Some(text) => string(out, text),
        None => out.write_str("null"),
    }
}

/// A string that is being written: what is written to it is escaped.
pub struct Quoted<'o, W>(&'o mut W);

impl<'o, W: Write> Quoted<'o, W> {
    /// Begins a string.
    pub fn open(out: &'o mut W) -> core::result::Result<Self, core::fmt::Error> {
        out.write_char('"')?;
        Ok(Self(out))
    }

    /// Ends the string.
    pub fn close(self) -> Result {
        self.0.write_char('"')
    }
}

impl<W: Write> Write for Quoted<'_, W> {
    fn write_str(&mut self, text: &str) -> Result {
        let needs_escape = |character: char| matches!(character, '"' | '\\' | '\0'..='\x1f');
        // Mostly, one piece.
        for piece in text.split_inclusive(needs_escape) {
            let mut characters = piece.chars();
            match characters.next_back().filter(|last| needs_escape(*last)) {
                Some(last) => {
                    self.0.write_str(characters.as_str())?;
                    escape(self.0, last)?;
                }
                None => self.0.write_str(piece)?,
            }
        }
        Ok(())
    }
}

fn escape(out: &mut impl Write, character: char) -> Result {
    out.write_char('\\')?;
    let short = match character {
        '"' | '\\' => character,
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{c}' => 'f',
        '\r' => 'r',
        _ => {
            out.write_str("u00")?;
            let digit = |value: u32| char::from_digit(value, 16).unwrap_or('0');
            out.write_char(digit(u32::from(character) >> 4))?;
            digit(u32::from(character) & 15)
        }
    };
    out.write_char(short)
}

/// Writes a number in decimal digits.
pub fn integer(out: &mut impl Write, number: i64) -> Result {
    if number < 0 {
        out.write_char('-')?;
    }
    let number = number.unsigned_abs();
    // No division here can be one by zero, which an optimiser sees as well.
    let mut divisor = 1_u64;
    while number.checked_div(divisor).unwrap_or(0) >= 10 {
        divisor = divisor.saturating_mul(10);
    }
    while divisor > 0 {
        let digit = number.checked_div(divisor).unwrap_or(0) % 10;
        out.write_char(char::from_digit(digit as u32, 10).unwrap_or('0'))?;
        divisor /= 10;
    }
    Ok(())
}

/// The same JSON on one line: white space goes, except inside strings.
fn without_white_space(out: &mut impl Write, json: &str) -> Result {
    let mut in_string = false;
    let mut escaped = false;
    let is_space = |character: char| {
        if in_string {
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
            return false;
        }
        in_string = character == '"';
        matches!(character, ' ' | '\t' | '\n' | '\r')
    };
    json.split(is_space).try_for_each(|piece| out.write_str(piece))
}

/// Writes bytes in base64 (RFC 4648, section 4).
pub fn base64(out: &mut impl Write, bytes: &[u8]) -> Result {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3) {
        let [first, second, third] = [0, 1, 2].map(|at| group.get(at).copied().map_or(0, u32::from));
        let bits = first << 16 | second << 8 | third;
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = ALPHABET.get((bits >> shift & 63) as usize).copied().unwrap_or(b'=');
            out.write_char(if place > group.len() { '=' } else { char::from(letter) })?;
        }
    }
    Ok(())
}
