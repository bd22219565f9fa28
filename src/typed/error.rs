//! What can go wrong between a type and its JSON, and where.

use core::fmt;
use serde::{de, ser};

/// Why a value was refused by its type, or could not be written, and at which byte.
///
/// When reading, the offset counts bytes from the start of the JSON text to the value or name that was refused; when
/// writing, the bytes that were written before it.
///
/// ```
/// use callcontainer::Json;
/// use callcontainer::typed::ErrorKind;
///
/// let error = Json::new("[1, 2, true]").unwrap().to::<[u8; 3]>(&mut []).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::WrongType);
/// assert_eq!(error.offset(), 7);
/// assert_eq!(error.to_string(), "a value of another type than asked for at byte 7");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Error {
    kind: ErrorKind,
    /// `None` until it is known. serde makes errors without saying where.
    offset: Option<usize>,
}

impl Error {
    pub(super) const fn new(kind: ErrorKind) -> Self {
        Self { kind, offset: None }
    }

    pub(super) const fn at(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset: Some(offset) }
    }

    /// The same error, at this byte unless it already knows a better one.
    pub(super) const fn or_at(self, offset: usize) -> Self {
        match self.offset {
            Some(_) => self,
            None => Self::at(self.kind, offset),
        }
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The byte at which it went wrong. 0 for an error that did not come from [`Json`](crate::Json).
    #[must_use]
    pub const fn offset(&self) -> usize {
        match self.offset {
            Some(offset) => offset,
            None => 0,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset())
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Json(kind) => Some(kind),
            _ => None,
        }
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::new(ErrorKind::Custom)
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::new(ErrorKind::WrongType)
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::new(ErrorKind::InvalidValue)
    }

    fn invalid_length(length: usize, _: &dyn de::Expected) -> Self {
        Self::new(ErrorKind::InvalidLength(length))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new(ErrorKind::UnknownVariant)
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::new(ErrorKind::UnknownField)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(ErrorKind::MissingField(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(ErrorKind::DuplicateField(field))
    }
}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::new(ErrorKind::Custom)
    }
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ErrorKind {
    /// The type has a rule of its own, and the value breaks it. Its message is dropped.
    Custom,
    /// The value has another type than the one asked for: a string for a number, a fraction for an integer.
    WrongType,
    /// The value has the right type, but the type that asked for it does not allow it: a zero that must not be one.
    InvalidValue,
    /// This many elements are there, and the type allows no such number. When there are too few, the offset is that of
    /// the array or object.
    InvalidLength(usize),
    /// An enum has no variant of this name. The offset is that of the name.
    UnknownVariant,
    /// A struct has no field of this name and denies unknown ones. The offset is that of the name.
    UnknownField,
    /// The field of this name is missing. The offset is that of the object.
    MissingField(&'static str),
    /// The field of this name is given twice. The offset is that of the second name.
    DuplicateField(&'static str),
    /// The type took fewer elements or members than there are. The offset is that of the first that it left.
    TrailingElements,
    /// The number does not fit its type: 300 for a `u8`, 1e999 for an `f64`.
    OutOfRange,
    /// The scratch is too small for what is to be decoded into it. The offset is that of the string.
    ScratchTooSmall,
    /// The buffer is too small for what is to be written. The offset is the number of bytes that found room.
    BufferTooSmall,
    /// The key of a map is neither a string nor anything that JSON can have in the place of one.
    KeyNotString,
    /// The value nests deeper than a [`Json`](crate::Json) may: 127 levels.
    TooDeep,
    /// A handwritten `Serialize` or `Deserialize` wrote or asked for a value before its key, or for two keys in a row.
    OutOfTurn,
    /// What was written as JSON is none, because of this: a string that is said to be escaped, and is not. Or a string
    /// that was read is no text, because of [`LoneSurrogate`](crate::ErrorKind::LoneSurrogate); the offset is that of the
    /// escape.
    Json(crate::ErrorKind),
}

impl ErrorKind {
    /// Why a text that was written here is no [`Json`](crate::Json).
    pub(super) const fn from_json(kind: crate::ErrorKind) -> Self {
        match kind {
            crate::ErrorKind::TooDeep => Self::TooDeep,
            other => Self::Json(other),
        }
    }

    /// The kind's name in lower case with hyphens, such as `wrong-type`: for logs and tools.
    ///
    /// ```
    /// use callcontainer::typed::ErrorKind;
    ///
    /// assert_eq!(ErrorKind::MissingField("id").name(), "missing-field");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::WrongType => "wrong-type",
            Self::InvalidValue => "invalid-value",
            Self::InvalidLength(_) => "invalid-length",
            Self::UnknownVariant => "unknown-variant",
            Self::UnknownField => "unknown-field",
            Self::MissingField(_) => "missing-field",
            Self::DuplicateField(_) => "duplicate-field",
            Self::TrailingElements => "trailing-elements",
            Self::OutOfRange => "out-of-range",
            Self::ScratchTooSmall => "scratch-too-small",
            Self::BufferTooSmall => "buffer-too-small",
            Self::KeyNotString => "key-not-string",
            Self::TooDeep => "too-deep",
            Self::OutOfTurn => "out-of-turn",
            Self::Json(kind) => kind.name(),
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Custom => "a value that breaks a rule of its type",
            Self::WrongType => "a value of another type than asked for",
            Self::InvalidValue => "a value that its type does not allow",
            Self::InvalidLength(length) => return write!(f, "a length of {length} that the type does not allow"),
            Self::UnknownVariant => "a variant that the enum does not have",
            Self::UnknownField => "a field that the struct does not have",
            Self::MissingField(field) => return write!(f, "no field {field:?} in the object"),
            Self::DuplicateField(field) => return write!(f, "a second field {field:?}"),
            Self::TrailingElements => "more elements than the type takes",
            Self::OutOfRange => "a number that does not fit its type",
            Self::ScratchTooSmall => "a scratch too small for the decoded text",
            Self::BufferTooSmall => "a buffer too small for the result",
            Self::KeyNotString => "a key that cannot be a string",
            Self::TooDeep => "nesting deeper than 127 levels",
            Self::OutOfTurn => "a key or value out of turn",
            Self::Json(kind) => return kind.fmt(f),
        })
    }
}
