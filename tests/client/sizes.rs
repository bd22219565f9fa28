//! What the futures of calls take: under an executor they are static RAM.

use crate::peer::Peer;
use crate::retrying::{NoPeer, Waits};
use callcontainer::Request;
use callcontainer::client::{Cloud, Framing};

/// The most bytes on a 64-bit host. The connection is of no size of its own: a peer does not wait for anything, and its
/// futures hold two references.
#[test]
fn the_futures_of_calls_are_no_larger_than_they_were() {
    let request = Request::new("/").with_env("e");
    let (mut cloud, mut buffer, mut waits) = (Cloud::<Peer, 128>::new(0), [0; 64], Waits::default());
    cloud.init(Peer::new(""), Framing::LINE);
    let mut sizes = vec![("call_async", size_of_val(&cloud.call_async(&request, &mut buffer)), 880)];
    let mut calls = cloud.retrying_async(&mut waits, async |_| Err::<(), _>(NoPeer));
    sizes.push(("retrying_async", size_of_val(&calls.call_async(&request, &mut buffer)), 1050));
    let mut stream = cloud.start(&request).unwrap().stream();
    sizes.push(("next_event_async", size_of_val(&stream.next_event_async()), 300));
    for (name, size, most) in sizes {
        println!("{name} {size}");
        assert!(size <= most, "{name} takes {size} bytes, more than {most}");
    }
}
