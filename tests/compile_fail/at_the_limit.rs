//! Everything that `compile_fail` holds one byte too large or too small, at the size that is just right.

use callcontainer::{
    BoundedReply, BoundedRequest, Reply, ReplyBuffer, ReplyCapacity, Request, RequestBuffer, RequestCapacity, Response,
};

struct Ping;

impl RequestCapacity for Ping {
    const ENV: usize = 7;
    const PATH: usize = 5;
}

struct Pong;

impl ReplyCapacity for Pong {
    const TEXT: usize = 4;
}

const PING: usize = BoundedRequest::<Ping>::MAX_ENCODED_LEN;
const PONG: usize = BoundedReply::<Pong>::MAX_ENCODED_LEN;

fn main() {
    let request = Request::new("/ping").with_env("prod-01");
    let reply = Reply::from(Response::new(200).with_data("pong".into()));

    let mut buffer = Box::new(RequestBuffer::<102_400>::new());
    let envelope = buffer.encode(&request).unwrap();
    assert_eq!(Request::decode_bounded::<102_400>(envelope), Ok(request));

    let mut buffer = Box::new(ReplyBuffer::<1_024_000>::new());
    let envelope = buffer.encode(&reply).unwrap();
    assert_eq!(Reply::decode_bounded::<1_024_000>(envelope), Ok(reply));

    let mut buffer = RequestBuffer::<PING>::new();
    let envelope = BoundedRequest::<Ping>::new(request).unwrap().encode(&mut buffer);
    assert_eq!(Request::decode_bounded::<PING>(envelope), Ok(request));

    let mut buffer = ReplyBuffer::<PONG>::new();
    let envelope = BoundedReply::<Pong>::new(reply).unwrap().encode(&mut buffer);
    assert_eq!(Reply::decode_bounded::<PONG>(envelope), Ok(reply));
}
