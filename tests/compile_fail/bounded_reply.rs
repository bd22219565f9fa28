use callcontainer::{BoundedReply, ReplyBuffer, ReplyCapacity, Response};

struct Pong;

impl ReplyCapacity for Pong {
    const TEXT: usize = 4;
}

fn main() {
    const ONE_TOO_SMALL: usize = BoundedReply::<Pong>::MAX_ENCODED_LEN - 1;
    let mut buffer = ReplyBuffer::<ONE_TOO_SMALL>::new();
    let reply = BoundedReply::<Pong>::new(Response::new(200).into()).unwrap();
    reply.encode(&mut buffer);
}
