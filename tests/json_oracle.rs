//! `serde_json` as the judge: what it accepts is accepted, what it refuses is refused, and both see the same values.
//!
//! The judge has to be asked with care, because `serde_json` by itself draws some lines elsewhere:
//!
//! - A `RawValue` is checked by the grammar and as UTF-8, whole and without recursion. Half of a surrogate pair in it
//!   passes, as it does here where nobody reads the string. A `String` refuses it, as is done here in a text. So [`oracle`]
//!   reads a text level by level, each level as `RawValue`s, and [`model`] says which of the strings are texts.
//! - A `Value` refuses numbers beyond `f64`, which are JSON all the same. So numbers stay `RawValue`s.
//! - A `Value` nests 127 levels and no more. `RawValue`s nest without limit, so the limit here is this crate's own: the
//!   oracle says how deep a text is, and [`ErrorKind::TooDeep`] must come exactly when that is too deep.
//!
//! What an envelope adds to JSON (known names, types, limits) is written down once more in [`model`], over what
//! `serde_json` has read.
//!
//! [`ErrorKind::TooDeep`]: callcontainer::ErrorKind::TooDeep

/// Every byte everywhere, and UTF-8 at every alignment.
#[path = "json_oracle/bytes.rs"]
mod bytes;
/// Decodes, and holds the outcome against oracle and model. The fuzzers use it too.
#[path = "json_oracle/check.rs"]
mod check;
/// Random JSON texts, random envelopes, random damage.
#[path = "json_oracle/generate.rs"]
mod generate;
/// Envelopes of 95 KiB.
#[path = "json_oracle/large.rs"]
mod large;
/// Every known key with values that may and may not stand there.
#[path = "json_oracle/members.rs"]
mod members;
/// What an envelope may hold, over what `serde_json` has read of it.
#[path = "json_oracle/model.rs"]
mod model;
/// Valid texts that were damaged.
#[path = "json_oracle/mutations.rs"]
mod mutations;
/// What Node.js takes for JSON.
#[path = "json_oracle/node.rs"]
mod node;
/// What `serde_json` says of a text, its prefixes and its errors.
#[path = "json_oracle/oracle.rs"]
mod oracle;
/// Texts that end too early.
#[path = "json_oracle/prefixes.rs"]
mod prefixes;
/// Random valid texts.
#[path = "json_oracle/values.rs"]
mod values;

use check::{check_reply, check_request, check_value};
