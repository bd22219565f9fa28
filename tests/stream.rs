//! The stream decoder says what the slice decoder says, whatever the sizes of window and reads.

#[path = "stream/collect.rs"]
mod collect;
#[path = "stream/counted.rs"]
mod counted;
#[cfg(feature = "embedded-io-v0_7")]
#[path = "stream/drivers.rs"]
mod drivers;
#[path = "json_oracle/generate.rs"]
#[allow(dead_code, reason = "made for other tests too")]
mod generate;
#[path = "stream/kit.rs"]
mod kit;
#[path = "stream/large.rs"]
mod large;
#[path = "stream/names.rs"]
mod names;
#[path = "stream/property.rs"]
mod property;
#[cfg(feature = "embedded-io-v0_7")]
#[path = "stream/script.rs"]
mod script;
#[path = "stream/twice.rs"]
mod twice;
