//! The crate's own client, over TCP, in both framings.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use callcontainer::client::{CallError, Cloud, Framing};
use callcontainer::embedded_io::{self, ErrorType};
use callcontainer::embedded_io_async;
use callcontainer::{Bytes, Data, ErrorCode, ErrorKind, Json, Method, Reply, Request, ResponseType};

use super::harness::{Gateway, OWN, PATIENCE, REUSE};
use super::service::{echo, service};

/// A TCP connection as embedded-io has it.
pub struct Connection(pub TcpStream);

impl Connection {
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }
}

impl ErrorType for Connection {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        self.0.read(buffer).map_err(|_| embedded_io::ErrorKind::Other)
    }
}

impl embedded_io::Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.0.write(bytes).map_err(|_| embedded_io::ErrorKind::Other)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// It blocks, also where it is async.
impl embedded_io_async::Read for Connection {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        embedded_io::Read::read(self, buffer)
    }
}

impl embedded_io_async::Write for Connection {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        embedded_io::Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// Polls what is never pending.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

static CALL: LazyLock<Request<'_>> =
    LazyLock::new(|| Request::new("/").with_env("prod-01").with_service("shop").with_method(Method::Post));

/// Each framing, as far as a window of 512 bytes goes: what the client does with a cloud that is ready.
fn in_every_framing(service: SocketAddr, check: impl Fn(&mut Cloud<'_, Connection, 512>)) {
    let gateway = Gateway::start(service, &["--serial", "127.0.0.1:0", "--serial-caller", OWN]);
    let mut cloud = Cloud::new(0);
    cloud.init(Connection::to(gateway.address), Framing::http("gateway", Some(OWN)).unwrap());
    check(&mut cloud);
    let serial = gateway.serial();
    for framing in [Framing::LINE, Framing::CHECKED_LINE] {
        let mut cloud = Cloud::new(0);
        cloud.init(Connection::to(serial), framing);
        check(&mut cloud);
    }
}

#[test]
fn bodies_of_every_kind_come_back() {
    let (service, received) = echo();
    let mut buffer = vec![0; 300_000];
    let long = "长".repeat(30_000);
    let bytes: Vec<u8> = (0..=255).cycle().take(60_000).collect();
    let bodies = [
        Data::from("hello"),
        Data::from(long.as_str()),
        Data::Json(Json::new(r#"{"a": [1, "二", null]}"#).unwrap()),
        Data::Bytes(Bytes::new(&bytes)),
        Data::from("two\r\nlines\n"),
    ];
    let buffer = std::cell::RefCell::new(&mut buffer);
    in_every_framing(service, |cloud| {
        for body in bodies {
            let mut call = CALL.with_data(body);
            if matches!(body, Data::Bytes(_)) {
                call = call.with_response_type(ResponseType::ArrayBuffer);
            }
            let mut buffer = buffer.borrow_mut();
            let Reply::Response(response) = cloud.call(&call, &mut buffer).unwrap() else { panic!() };
            assert_eq!(response.status(), 200);
            assert_eq!(response.data(), body);
            assert!(cloud.is_ready());
        }
    });
    let received: Vec<_> = received.try_iter().collect();
    assert_eq!(received.len(), 3 * bodies.len());
    assert!(received.iter().all(|(_, request)| request.header("x-wx-openid") == Some("o-alice")));
}

/// A refusal is a reply as any other: the connection stays of use.
#[test]
fn a_refusal_leaves_the_connection_clean() {
    let (service, received) = echo();
    let mut buffer = [0; 1024];
    let buffer = std::cell::RefCell::new(&mut buffer);
    in_every_framing(service, |cloud| {
        let mut buffer = buffer.borrow_mut();
        for _ in 0..3 {
            let Reply::Failure(failure) = cloud.call(&CALL.with_env("prod-02"), &mut buffer[..]).unwrap() else {
                panic!()
            };
            assert_eq!(failure.code(), Some(ErrorCode::ACCESS_DENIED));
            assert!(cloud.is_ready());
            let reply = cloud.call(&CALL.with_data("tea".into()), &mut buffer[..]).unwrap();
            assert!(matches!(reply, Reply::Response(response) if response.data() == Data::from("tea")));
        }
    });
    assert_eq!(received.try_iter().count(), 9);
}

/// A reply of the greatest kind, through the window of 512 bytes.
#[test]
fn a_megabyte_is_streamed() {
    const LENGTH: usize = 1_000_000;
    let service = service(|mut link| {
        while link.request().is_some() {
            link.respond("x".repeat(LENGTH));
        }
    });
    in_every_framing(service, |cloud| {
        let mut call = cloud.start(&CALL).unwrap();
        call.send().unwrap();
        let mut reply = call.stream();
        let mut length = 0;
        while let Some(event) = reply.next_event().unwrap() {
            if let callcontainer::stream::Event::Text { field: callcontainer::stream::Field::Data, text, .. } = event {
                assert!(text.chars().all(|character| character == 'x'));
                length += text.chars().count();
            }
        }
        assert_eq!(length, LENGTH);
    });
}

/// An earlier run has left half a line: it is answered, and the answer is not taken for that of the call.
#[test]
fn a_line_that_was_left_unfinished() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &["--serial", "127.0.0.1:0", "--serial-caller", REUSE]);
    let connection = Connection::to(gateway.serial());
    (&connection.0).write_all(br#"{"config":{"env":"prod-0"#).unwrap();
    let mut cloud = Cloud::<_, 512>::new(1 << 63);
    cloud.init(connection, Framing::LINE);
    let mut buffer = [0; 1024];
    let call = CALL.with_resource("WXAAA", "prod-01").with_data("tea".into());
    let reply = cloud.call(&call, &mut buffer).unwrap();
    assert!(matches!(reply, Reply::Response(response) if response.data() == Data::from("tea")));
    let connection = cloud.take().unwrap();
    connection.0.shutdown(Shutdown::Write).unwrap();
    assert_eq!((&connection.0).read(&mut [0]).unwrap(), 0);
    assert_eq!(received.recv().unwrap().1.header("x-wx-from-openid"), Some("o-bob"));
}

/// A token that is not known is an answer with status 401, with a failure in it.
#[test]
fn a_token_that_is_not_known() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    let mut cloud = Cloud::<_, 512>::new(0);
    cloud.init(Connection::to(gateway.address), Framing::http("gateway", Some("nobody's")).unwrap());
    let mut buffer = [0; 1024];
    match cloud.call(&CALL, &mut buffer) {
        Ok(Reply::Failure(failure)) => assert_eq!(failure.code(), Some(ErrorCode::ACCESS_DENIED)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_gateway_that_is_gone() {
    let (service, _received) = echo();
    let mut gateway = Gateway::start(service, &[]);
    let mut cloud = Cloud::<_, 512>::new(0);
    cloud.init(Connection::to(gateway.address), Framing::http("gateway", Some(OWN)).unwrap());
    let mut buffer = [0; 1024];
    cloud.call(&CALL, &mut buffer).unwrap();
    gateway.signal("TERM");
    gateway.wait();
    assert!(cloud.call(&CALL, &mut buffer).is_err());
    assert!(!cloud.is_ready());
}

/// A call that is too large for any gateway is not begun.
#[test]
fn a_call_that_is_too_large() {
    let (service, received) = echo();
    let text = "x".repeat(102_400);
    in_every_framing(service, |cloud| {
        match cloud.call(&CALL.with_data(text.as_str().into()), &mut [0; 64]) {
            Err(CallError::Request(error)) => assert_eq!(error.kind(), ErrorKind::RequestTooLarge),
            other => panic!("{other:?}"),
        }
        assert!(cloud.is_ready());
    });
    assert_eq!(received.try_iter().count(), 0);
}
