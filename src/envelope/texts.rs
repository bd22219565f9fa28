//! The texts of both envelopes, by name.

use super::table::{reply, request};

/// Makes [`Field`] from the given variants, and from the texts among the lines of the tables.
macro_rules! fields {
    // All lines have been read.
    ({ $($all:tt)* }) => {
        /// The texts of an envelope. The header `X-WX-SERVICE` may name the service instead of the text for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum Field {
            $($all)*
        }
    };
    // Already present from the other table.
    ({ $($all:tt)* } $key:ident $key_name:literal Text($rule:ident, too)
        $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?; $($rest:tt)*) => {
        fields! { { $($all)* } $($rest)* }
    };
    ({ $($all:tt)* } $key:ident $key_name:literal Text($rule:ident)
        $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?; $($rest:tt)*) => {
        fields! { { $($all)* #[doc = concat!("`", $key_name, "`.")] $key, } $($rest)* }
    };
    // Not a text.
    ({ $($all:tt)* } $key:ident $key_name:literal
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?; $($rest:tt)*) => {
        fields! { { $($all)* } $($rest)* }
    };
}

macro_rules! of_request {
    ($all:tt $($lines:tt)*) => {
        reply! { of_both { $all $($lines)* } }
    };
}

macro_rules! of_both {
    ({ $all:tt $($lines:tt)* } $($more:tt)*) => {
        fields! { $all $($lines)* $($more)* }
    };
}

request!(of_request {
    /// `config.env`, of a request.
    Env,
    /// The name of a header. The next text is its value.
    HeaderName,
    /// The value of the header whose name came before it; a number or a boolean reads as its text.
    HeaderValue,
    /// One of `cookies`, of a reply.
    Cookie,
    /// `data`, if it is text.
    Data,
});
