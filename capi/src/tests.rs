//! Sizes of objects, for the header.

use crate::object::taken;

#[test]
fn objects_have_room() {
    for (name, (taken, given)) in [
        ("framing", taken::<callcontainer::client::Framing<'static>>()),
        ("client", taken::<crate::client::Client>()),
        ("call", taken::<crate::client::Ongoing>()),
        ("decoder", taken::<crate::stream::Decoder>()),
        ("encoder", taken::<crate::stream::Encoder>()),
        ("measure", taken::<crate::stream::Measure>()),
        ("gate", taken::<crate::gateway::Gate>()),
        ("reader", taken::<crate::reader::Reader>()),
    ] {
        std::println!("{name} {taken} of {given}");
        assert!(taken <= given, "{name}");
    }
}
