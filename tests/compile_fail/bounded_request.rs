use callcontainer::{BoundedRequest, Request, RequestBuffer, RequestCapacity};

struct Ping;

impl RequestCapacity for Ping {
    const ENV: usize = 7;
    const PATH: usize = 5;
}

fn main() {
    const ONE_TOO_SMALL: usize = BoundedRequest::<Ping>::MAX_ENCODED_LEN - 1;
    let mut buffer = RequestBuffer::<ONE_TOO_SMALL>::new();
    let request = BoundedRequest::<Ping>::new(Request::new("/").with_env("prod-01")).unwrap();
    request.encode(&mut buffer);
}
