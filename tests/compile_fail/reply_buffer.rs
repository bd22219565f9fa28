use callcontainer::ReplyBuffer;

fn main() {
    let _buffer = ReplyBuffer::<1_024_001>::new();
}
