//! The role of a name or value in its envelope.
//!
//! Lists the roles that the machine treats differently. Which members an envelope has is in the tables.

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
    /// Of no interest.
    Skip,
    /// A text of which nothing more is asked than that it follows its rule.
    Text,
    /// One of a few names; the key says of which.
    Choice,
    /// A whole number; the key says what it stands for.
    Number,
    Config,
    /// The text in that.
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
    /// The same, where it is a text.
    DataText,
    Buffers,
    /// In `__nativeBuffers__`.
    Buffer,
    BufferKey,
    Base64,
}

/// A role, and what a text in it is told as, and which rule that follows.
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

    /// What is no text, nor has any in it.
    pub(super) const fn bare(role: Role) -> Self {
        Self { role, ..Self::SKIP }
    }
}

impl Role {
    /// Whether a value of this kind may stand here.
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

    /// Whether it is looked into, value by value.
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::Envelope | Self::Config | Self::Headers | Self::Cookies | Self::Buffers | Self::Buffer)
    }

    /// The level of values that stand in it.
    pub(super) const fn level(self) -> u8 {
        match self {
            Self::Envelope => 1,
            Self::Buffer => 3,
            _ => 2,
        }
    }

    /// Whether it is told as a text.
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

    /// The body that begins with it, if one does.
    pub(super) const fn body(self) -> Option<DataKind> {
        match self {
            Self::DataText => Some(DataKind::Text),
            Self::Data => Some(DataKind::Json),
            Self::Base64 => Some(DataKind::Bytes),
            _ => None,
        }
    }
}
