//! What hostile envelopes may cost: time linear in their length and not much more a byte than ordinary ones, and a
//! stack that does not depend on them.

/// What work costs, beside other work.
#[path = "resources/cost.rs"]
mod cost;
/// The envelopes.
#[path = "resources/inputs.rs"]
mod inputs;
/// Decoding on the smallest stack that a thread can have.
#[path = "resources/stack.rs"]
mod stack;
/// How long it takes.
#[path = "resources/time.rs"]
mod time;
