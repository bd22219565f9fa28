use callcontainer::Reply;

fn main() {
    let _reply = Reply::decode_bounded::<1_024_001>(b"{}");
}
