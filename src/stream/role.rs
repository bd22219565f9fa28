//! The role of a value or name in its envelope.
//!
//! Knows the kinds that a machine treats differently. Knows nothing of which members an envelope has.

use super::event::Field;
use crate::envelope::data::DataKind;
use crate::envelope::rules::Rule;
use crate::json::walk::Kind;

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Role {
    /// The envelope itself.
    Envelope,
    /// A name, other than that of a header.
    Key,
    /// Ignored.
    Skip,
    /// A text that must only follow its rule.
    Text,
    /// One of a few names; the key tells which ones.
    Choice,
    /// A whole number; the key tells its meaning.
    Number,
    Config,
    /// The text `env` in `config`.
    Env,
    /// A text that names the service.
    Service,
    Headers,
    HeaderName,
    HeaderValue,
    /// The value of the header that names the service.
    HeaderService,
    Cookies,
    Data,
    /// `data` that is a text.
    DataText,
    Buffers,
    /// An entry of `__nativeBuffers__`.
    Buffer,
    BufferKey,
    Base64,
}

/// A role, the field that a text in it is reported as, and the rule for that text.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(super) role: Role,
    pub(super) field: Field,
    pub(super) rule: Rule,
}

impl Part {
    pub(super) const SKIP: Self = Self::of(Role::Skip, Field::Data, Rule::Any);

    pub(super) const fn of(role: Role, field: Field, rule: Rule) -> Self {
        Self { role, field, rule }
    }

    /// The part of a value that neither is a text nor contains one.
    pub(super) const fn bare(role: Role) -> Self {
        Self { role, ..Self::SKIP }
    }
}

impl Role {
    /// Whether a value of this kind is allowed here.
    pub(super) fn allows(self, kind: Kind) -> bool {
        match self {
            Self::Envelope | Self::Config | Self::Headers | Self::Buffer => kind == Kind::Object,
            Self::Cookies | Self::Buffers => kind == Kind::Array,
            Self::Number => kind == Kind::Number,
            Self::HeaderValue | Self::HeaderService => matches!(kind, Kind::String | Kind::Number | Kind::Bool),
            Self::Data | Self::Skip => true,
            _ => kind == Kind::String,
        }
    }

    /// Whether its values are processed one by one.
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::Envelope | Self::Config | Self::Headers | Self::Cookies | Self::Buffers | Self::Buffer)
    }

    /// Returns the nesting level of the values in it.
    pub(super) const fn level(self) -> u8 {
        match self {
            Self::Envelope => 1,
            Self::Buffer => 3,
            _ => 2,
        }
    }

    /// Whether it is reported as a text.
    pub(super) const fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::Env
                | Self::Service
                | Self::HeaderName
                | Self::HeaderValue
                | Self::HeaderService
                | Self::DataText
        )
    }

    /// Returns the kind of body that begins with it, if one does.
    pub(super) const fn body(self) -> Option<DataKind> {
        match self {
            Self::DataText => Some(DataKind::Text),
            Self::Data => Some(DataKind::Json),
            Self::Base64 => Some(DataKind::Bytes),
            _ => None,
        }
    }
}
