use callcontainer::RequestBuffer;

fn main() {
    let _buffer = RequestBuffer::<102_401>::new();
}
