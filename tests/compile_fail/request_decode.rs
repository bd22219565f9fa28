use callcontainer::Request;

fn main() {
    let _request = Request::decode_bounded::<102_401>(b"{}");
}
