//! Errors between a type and its JSON, with their position.

use core::fmt;
use serde::{de, ser};

/// Why a value was refused by its type, or could not be written, and at which byte.
///
/// When reading, the offset is that of the refused value or name from the start of the JSON text, in bytes; when
/// writing, it is the number of bytes written before the error.
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
    /// `None` until it is known. serde creates errors without a position.
    offset: Option<usize>,
}

impl Error {
    pub(super) const fn new(kind: ErrorKind) -> Self {
        Self { kind, offset: None }
    }

    pub(super) const fn at(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset: Some(offset) }
    }

    /// Returns the error with this offset, unless it already has a better one.
    pub(super) const fn or_at(self, offset: usize) -> Self {
        match self.offset {
            Some(_) => self,
            None => Self::at(self.kind, offset),
        }
    }

    /// Returns what went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the byte at which it went wrong. 0 for an error that did not come from [`Json`](crate::Json).
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
    /// The value breaks a rule of the type's own. Its message is dropped.
    Custom,
    /// The value has another type than requested: a string for a number, a fraction for an integer.
    WrongType,
    /// The value has the right type, but is not allowed: a zero that must not be one.
    InvalidValue,
    /// The type does not allow this number of elements. When there are too few, the offset is that of the array or
    /// object.
    InvalidLength(usize),
    /// An enum has no variant of this name. The offset is that of the name.
    UnknownVariant,
    /// A struct has no field of this name and denies unknown fields. The offset is that of the name.
    UnknownField,
    /// The field of this name is missing. The offset is that of the object.
    MissingField(&'static str),
    /// The field of this name is given twice. The offset is that of the second name.
    DuplicateField(&'static str),
    /// The type took fewer elements or members than there are. The offset is that of the first one left.
    TrailingElements,
    /// The number does not fit its type: 300 for a `u8`, 1e999 for an `f64`.
    OutOfRange,
    /// The scratch is too small for the decoded text. The offset is that of the string.
    ScratchTooSmall,
    /// The buffer is too small for the JSON. The offset is the number of bytes that did fit.
    BufferTooSmall,
    /// The key of a map is neither a string nor anything that JSON can have in place of a string.
    KeyNotString,
    /// The value nests deeper than a [`Json`](crate::Json) may: 127 levels.
    TooDeep,
    /// A handwritten `Serialize` or `Deserialize` wrote or asked for a value before its key, or for two keys in a row.
    OutOfTurn,
    /// The written text is not JSON, for this reason: a string that claims to be escaped but is not. Or a string that
    /// was read is not a text, because of [`LoneSurrogate`](crate::ErrorKind::LoneSurrogate); the offset is that of the
    /// escape.
    Json(crate::ErrorKind),
}

impl ErrorKind {
    /// Returns why a text that was written here is not a [`Json`](crate::Json).
    pub(super) const fn from_json(kind: crate::ErrorKind) -> Self {
        match kind {
            crate::ErrorKind::TooDeep => Self::TooDeep,
            other => Self::Json(other),
        }
    }

    /// Returns the kind's name in lower case with hyphens, such as `wrong-type`: for logs and tools.
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
