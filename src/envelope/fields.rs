//! What is generated from a [table](super::table) alone: its keys, and the members that are decoded, checked and
//! encoded in the same way wherever they appear.
//!
//! Knows what a slot of a table may hold, but not which members there are.

use super::members::{Key, Members};
use super::values;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::cursor::Cursor;
use crate::json::sink::Sink;

/// A text, or a value made from one.
pub(crate) trait TextSlot<'a>: Copy {
    fn of(text: Text<'a>) -> Self;

    /// Returns the text, if there is one.
    fn text(self) -> Option<Text<'a>>;

    /// Returns the value of the member, if it is written.
    #[inline(always)]
    fn member(self) -> Option<Text<'a>> {
        self.text()
    }
}

/// A value represented by one of a set of names.
pub(crate) trait Choice: Copy + Default + PartialEq {
    /// The error for any other name.
    const WRONG: ErrorKind;
    /// Length of the longest name in a JSON string, with its quotes.
    const LONGEST: usize;

    fn of(name: Text<'_>) -> Option<Self>;

    fn name(self) -> &'static str;

    #[inline(always)]
    fn decode(cursor: &mut Cursor<'_>) -> Self {
        values::name(cursor, Self::of, Self::WRONG).unwrap_or_default()
    }

    /// Returns the value of a name that came in pieces.
    ///
    /// # Errors
    /// [`WRONG`](Self::WRONG) for any other.
    #[inline]
    fn told(name: Text<'_>, _number: Option<i64>) -> Result<Self, ErrorKind> {
        Self::of(name).ok_or(Self::WRONG)
    }

    #[inline(always)]
    fn put(&self, sink: &mut impl Sink, members: &mut Members, key: &Key) {
        if *self != Self::default() {
            members.string(sink, key, &Text::new(self.name()));
        }
    }

    /// Each of the names may be encoded.
    #[inline(always)]
    fn check(self) -> Result<(), Error> {
        Ok(())
    }
}

/// A value represented by an integer.
pub(crate) trait Number: Copy {
    /// The error for any other number.
    const WRONG: ErrorKind;
    /// Length of the longest number that is written.
    const LONGEST: usize;

    fn of(number: i64) -> Option<Self>;

    /// Returns the number that is written, if any.
    fn number(self) -> Option<i32>;

    /// Returns the value of a number that came in pieces; `None` stands for one that is not an integer.
    ///
    /// # Errors
    /// [`WRONG`](Self::WRONG) for any other.
    #[inline]
    fn told(_name: Text<'_>, number: Option<i64>) -> Result<Self, ErrorKind> {
        number.and_then(Self::of).ok_or(Self::WRONG)
    }

    /// Reads a value; `None` means that there is an error.
    #[inline(always)]
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        values::integer(cursor, Self::of, Self::WRONG)
    }

    #[inline(always)]
    fn decode(cursor: &mut Cursor<'_>) -> Self
    where
        Self: Default,
    {
        Self::read(cursor).unwrap_or_default()
    }

    #[inline(always)]
    fn put(&self, sink: &mut impl Sink, members: &mut Members, key: &Key) {
        if let Some(number) = self.number() {
            members.integer(sink, key, number);
        }
    }

    /// Checks a value that will be encoded.
    ///
    /// # Errors
    /// The error if a decoder would read something else.
    fn check(self) -> Result<(), Error>;
}

impl<'a> TextSlot<'a> for Option<Text<'a>> {
    #[inline(always)]
    fn of(text: Text<'a>) -> Self {
        Some(text)
    }

    #[inline(always)]
    fn text(self) -> Option<Text<'a>> {
        self
    }
}

/// Defines the keys of a table.
macro_rules! keys {
    ($($key:ident $name:literal
        $(Text($rule:ident $(, $too:ident)?) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {
        /// The keys, in the order of encoding.
        #[derive(Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Key {
            $($key,)*
            Unknown,
        }

        static NAMES: Names<{ Key::Unknown as usize }> = Names::new([$(concat!($name, "\":")),*]);

        const _: () = assert!((Key::Unknown as u32) < u32::BITS, "each key has a bit of its own in what has been seen");

        impl Key {
            /// Length of the longest name, with its closing quote and a colon after it.
            pub(crate) const LONGEST: usize = NAMES.longest();

            /// Returns the key with this name. The name includes its closing quote and a colon after it.
            pub(crate) fn lookup(name: &[u8]) -> Self {
                Self::at(NAMES.find(name))
            }

            /// Reads a name whose opening quote has been read, and its colon.
            #[inline(always)]
            pub(in crate::envelope) fn read(cursor: &mut Cursor<'_>) -> Self {
                Self::at(NAMES.read(cursor))
            }

            /// Reads a name whose opening quote has been read, and a colon directly behind it, if this is one of them.
            #[inline(always)]
            pub(crate) fn strip(cursor: &mut Cursor<'_>) -> Option<Self> {
                NAMES.read_known(cursor).map(Self::at)
            }

            #[inline(always)]
            const fn at(place: usize) -> Self {
                $(if place == Self::$key as usize {
                    return Self::$key;
                })*
                Self::Unknown
            }

            /// Returns the rule of its text.
            #[inline(always)]
            pub(crate) const fn rule(self) -> Rule {
                match self {
                    $($(Self::$key => Rule::$rule,)?)*
                    _ => Rule::Any,
                }
            }

            /// Returns the key as it is written.
            #[inline(always)]
            pub(in crate::envelope) const fn written(self) -> &'static WrittenKey {
                match self {
                    $(Self::$key => key!($name),)*
                    Self::Unknown => key!(""),
                }
            }
        }
    };
}

/// Defines a type with the slots of a table in addition to its own fields.
macro_rules! slots {
    ({
        $(#[$attribute:meta])*
        pub struct $name:ident { $($own:ident: $own_type:ty,)* }
    }
    $($key:ident $key_name:literal
        $(Text($rule:ident $(, $too:ident)?) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {
        $(#[$attribute])*
        pub struct $name<'a> {
            $(pub(in crate::envelope) $own: $own_type,)*
            $($($(pub(in crate::envelope) $slot: $type,)?)? $($(pub(in crate::envelope) $value: $value_type,)?)?)*
        }

        impl<'a> $name<'a> {
            /// Creates a value with nothing in any slot.
            #[inline(always)]
            const fn bare($($own: $own_type),*) -> Self {
                Self { $($own,)* $($($($slot: $absent,)?)? $($($value: $default,)?)?)* }
            }

            /// Writes the member with this key, if it has a slot.
            #[inline(always)]
            pub(super) fn put_slot(&self, key: Key, sink: &mut impl Sink, members: &mut Members) {
                match key {
                    $($($(Key::$key => members.string_if(sink, key.written(), self.$slot.member().as_ref()),)?)?
                    $($(Key::$key => $kind::put(&self.$value, sink, members, key.written()),)?)?)*
                    _ => {}
                }
            }

            /// Checks the slots that will be encoded, except texts.
            ///
            /// # Errors
            /// The error if a decoder would read something else.
            #[inline(always)]
            pub(super) fn check_scalars(&self) -> Result<(), Error> {
                $($($($kind::check(self.$value)?;)?)?)*
                Ok(())
            }
        }
    };
}

/// Reads the value of a key into its slot, if it has one.
macro_rules! decode_slot {
    ({ $into:ident $of:ident $cursor:ident } $($key:ident $key_name:literal
        $(Text($rule:ident $(, $too:ident)?) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {
        match $of {
            $($($(Key::$key => $into.$slot = TextSlot::of(values::text(&mut $cursor, Rule::$rule)),)?)?
            $($(Key::$key => $into.$value = $kind::decode(&mut $cursor),)?)?)*
            _ => {}
        }
    };
}

/// Checks texts that will be encoded: the given ones, then those in the slots. Everything that follows the rule of a
/// name also follows the rules of the slots, so a caller that knows this of all texts can skip the check.
macro_rules! check_texts {
    ({ $of:ident $(, $own:expr => $own_rule:expr)* } $($key:ident $key_name:literal
        $(Text($rule:ident $(, $too:ident)?) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {{
        let texts = [$($own,)* $($($($of.$slot.text(),)?)?)*];
        let rules = const { [$($own_rule,)* $($($({ let _ = stringify!($slot); Rule::$rule.of_names() },)?)?)*] };
        for (text, rule) in texts.iter().zip(rules) {
            if let Some(text) = text {
                rule.check_text(*text)?;
            }
        }
    }};
}

pub(crate) use {check_texts, decode_slot, keys, slots};
