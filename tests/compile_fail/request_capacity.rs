use callcontainer::{BoundedRequest, RequestBuffer, RequestCapacity};

struct Wide;

impl RequestCapacity for Wide {
    const ENV: usize = 129;
    const PATH: usize = 1;
}

fn main() {
    let _ = RequestBuffer::<{ BoundedRequest::<Wide>::MAX_ENCODED_LEN }>::new();
}
