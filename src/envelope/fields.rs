//! What comes from a [table](super::table) alone: its keys, and the members that are read, checked and written alike
//! wherever they stand.
//!
//! It knows what may stand in a slot of a table. It must never know which members there are.

use super::members::{Key, Members};
use super::values;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::cursor::Cursor;
use crate::json::sink::Sink;

/// A text, or what is made of one.
pub(crate) trait TextSlot<'a>: Copy {
    fn of(text: Text<'a>) -> Self;

    /// The text, if there is one.
    fn text(self) -> Option<Text<'a>>;

    /// What the member says, where it is written.
    #[inline(always)]
    fn member(self) -> Option<Text<'a>> {
        self.text()
    }
}

/// One of a few names.
pub(crate) trait Choice: Copy + Default + PartialEq {
    /// What any other name is.
    const WRONG: ErrorKind;
    /// Length of the longest name in a JSON string, with its quotes.
    const LONGEST: usize;

    fn of(name: Text<'_>) -> Option<Self>;

    fn name(self) -> &'static str;

    #[inline(always)]
    fn decode(cursor: &mut Cursor<'_>) -> Self {
        values::name(cursor, Self::of, Self::WRONG).unwrap_or_default()
    }

    /// The same of a name that came in pieces.
    ///
    /// # Errors
    /// What is wrong with another.
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

/// What a whole number stands for.
pub(crate) trait Number: Copy {
    /// What any other number is.
    const WRONG: ErrorKind;
    /// Length of the longest that is written.
    const LONGEST: usize;

    fn of(number: i64) -> Option<Self>;

    /// What is written, if anything is.
    fn number(self) -> Option<i32>;

    /// The same of a number that came in pieces, unless it is not whole.
    ///
    /// # Errors
    /// What is wrong with another.
    #[inline]
    fn told(_name: Text<'_>, number: Option<i64>) -> Result<Self, ErrorKind> {
        number.and_then(Self::of).ok_or(Self::WRONG)
    }

    /// Reads one; without one something is wrong.
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

    /// Checks what is to be encoded.
    ///
    /// # Errors
    /// What says that a decoder would make something else of it.
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

/// The keys of a table.
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
            /// Length of the longest name, with its closing quote and a colon behind it.
            pub(crate) const LONGEST: usize = NAMES.longest();

            /// The key whose name this is, with its closing quote and a colon behind it.
            pub(crate) fn lookup(name: &[u8]) -> Self {
                Self::at(NAMES.find(name))
            }

            /// Reads a name whose opening quote has been read, and its colon.
            #[inline(always)]
            pub(in crate::envelope) fn read(cursor: &mut Cursor<'_>) -> Self {
                Self::at(NAMES.read(cursor))
            }

            #[inline(always)]
            const fn at(place: usize) -> Self {
                $(if place == Self::$key as usize {
                    return Self::$key;
                })*
                Self::Unknown
            }

            /// The rule of its text.
            #[inline(always)]
            pub(crate) const fn rule(self) -> Rule {
                match self {
                    $($(Self::$key => Rule::$rule,)?)*
                    _ => Rule::Any,
                }
            }

            /// The key as it is written.
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

/// A type with the slots of a table, beside what it has of its own.
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
            /// With nothing in any slot.
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

            /// Checks the slots that are to be encoded, but for texts.
            ///
            /// # Errors
            /// What says that a decoder would make something else of it.
            #[inline(always)]
            pub(super) fn check_scalars(&self) -> Result<(), Error> {
                $($($($kind::check(self.$value)?;)?)?)*
                Ok(())
            }
        }
    };
}

/// Reads the value under a key into its slot, if it has one.
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

/// Checks texts that are to be encoded, some given and then those in the slots of this. All that keeps the rule of a name
/// keeps theirs, so whoever knows that of all texts need not look at one.
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
