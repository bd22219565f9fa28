//! The gateway over clients that do as they are told.

use super::{alice, called, directory, envelope, failure};
use bytes::Bytes;
use callcontainer_web::gateway::Gateway;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, Full};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tower::service_fn;

/// A body that never ends, of kibibytes, and how many of them were taken.
struct Endless(Arc<AtomicUsize>);

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'1'; 1024])))))
    }
}

/// A body that fails after its first byte.
struct Broken(bool);

impl Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let first = !std::mem::replace(&mut self.0, true);
        let end = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        Poll::Ready(Some(if first { Ok(Frame::data(Bytes::from_static(b"1"))) } else { Err(end) }))
    }
}

/// What a call that would go through gets from a service that answers with this.
async fn answered<B>(response: Response<B>) -> Bytes
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let response = Arc::new(Mutex::new(Some(response)));
    let client = service_fn(move |_: Request<Full<Bytes>>| {
        let response = response.clone();
        async move { Ok::<_, Infallible>(response.lock().unwrap().take().unwrap()) }
    });
    called(Gateway::new(directory("shop:80"), client), None, envelope(r#""path":"/""#)).await
}

#[tokio::test]
async fn a_client_gets_the_whole_request_and_a_caller_the_whole_reply() {
    let client = service_fn(|request: Request<Full<Bytes>>| async move {
        assert_eq!(
            (request.method(), request.uri().to_string()),
            (&http::Method::POST, "http://shop:80/a?b=c".to_owned())
        );
        let headers = [
            ("host", "shop:80"),
            ("accept-encoding", "identity"),
            ("x-wx-openid", "o-alice"),
            ("x-wx-appid", "WXAAA"),
            ("x-wx-env", "prod-01"),
            ("x-wx-source", "wx_client"),
            ("x-original-forwarded-for", "203.0.113.7"),
            ("x-forwarded-for", "203.0.113.7"),
            ("x-a", "7"),
            ("content-type", "application/json"),
            ("content-length", "7"),
        ];
        let found: Vec<_> =
            request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(found, headers);
        assert_eq!(request.into_body().collect().await.unwrap().to_bytes(), r#"{"b":1}"#);
        let response =
            Response::builder().status(404).header("x-b", "1").header("x-b", "2").header("set-cookie", "c=3");
        Ok::<_, Infallible>(
            response.header("transfer-encoding", "chunked").body(Full::new(Bytes::from("[ ]"))).unwrap(),
        )
    });
    let gateway = Gateway::new(directory("shop:80"), client);
    let headers = r#""header":{"X-WX-SERVICE":"shop","x-a":"7","x-wx-openid":"forged","Connection":"x-c","x-c":"8"}"#;
    let call = format!(
        r#"{{"config":{{"env":"prod-01"}},"callID":"17-0.5","path":"/a?b=c#d","method":"POST","data":{{"b":1}},{headers}}}"#
    );
    assert_eq!(
        called(gateway, Some(alice()), call).await,
        r#"{"statusCode":404,"header":{"x-b":"1, 2"},"cookies":["c=3"],"callID":"17-0.5","data":[]}"#
    );
}

#[tokio::test]
async fn what_goes_wrong_is_a_failure() {
    let refused = |code: i32, message: &str| (code, message.to_owned());
    let gateway = || {
        let client = service_fn(|_: Request<Full<Bytes>>| async { Err::<Response<Full<Bytes>>, _>("no connection") });
        Gateway::new(directory("shop:80"), client)
    };
    let id = Some("17-0.5");
    let system = refused(-501_001, "resource system error");
    assert_eq!(failure(&called(gateway(), None, envelope(r#""path":"/""#)).await, id), system);
    let other = r#"{"config":{"env":"prod-01"},"path":"/","service":"gone","callID":"17-0.5"}"#;
    assert_eq!(failure(&called(gateway(), None, other).await, id), system);
    let other = r#"{"config":{"env":"prod-01"},"path":"/","service":"none","callID":"17-0.5"}"#;
    assert_eq!(failure(&called(gateway(), None, other).await, id), refused(-501_000, "Invalid host"));
    assert_eq!(failure(&called(gateway(), None, envelope(r#""path":"/","method":"TRACE""#)).await, id).0, 102_005);
    assert_eq!(failure(&called(gateway(), None, "{").await, None).0, 40_097);

    let coded = Response::builder().header("content-encoding", "gzip").body(Full::new(Bytes::from("x"))).unwrap();
    let (code, message) = failure(&answered(coded).await, id);
    assert_eq!((code, message.contains("a content coding")), (-501_001, true), "{message}");
    let longer = Response::builder().header("content-length", "2").body(Full::new(Bytes::from("x"))).unwrap();
    let (code, message) = failure(&answered(longer).await, id);
    assert_eq!((code, message.contains("uncertain length")), (-501_001, true), "{message}");
    assert_eq!(failure(&answered(Response::new(Broken(false))).await, id), system);
}

#[tokio::test]
async fn bodies_have_their_limits_while_they_come() {
    let taken = Arc::new(AtomicUsize::new(0));
    assert_eq!(failure(&answered(Response::new(Endless(taken.clone()))).await, Some("17-0.5")).0, -606_002);
    assert_eq!(taken.load(Ordering::Relaxed), 1001);

    let taken = Arc::new(AtomicUsize::new(0));
    let client = service_fn(|_: Request<Full<Bytes>>| async { Err::<Response<Full<Bytes>>, _>("not called") });
    let gateway = Gateway::new(directory("shop:80"), client);
    let response = tower::ServiceExt::oneshot(gateway, Request::new(Endless(taken.clone()))).await.unwrap();
    let reply = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(failure(&reply, None).0, -606_001);
    assert_eq!(taken.load(Ordering::Relaxed), 101);
}

/// The time is that of the call, 15 s at most, for the head and the body together.
#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time() {
    struct Slow(Pin<Box<tokio::time::Sleep>>);
    impl Body for Slow {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, c: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0.as_mut().poll(c).map(|()| None)
        }
    }
    let gateway = |head: u64, body: u64| {
        let client = service_fn(move |_: Request<Full<Bytes>>| async move {
            sleep(Duration::from_millis(head)).await;
            Ok::<_, Infallible>(Response::new(Slow(Box::pin(sleep(Duration::from_millis(body))))))
        });
        Gateway::new(directory("shop:80"), client)
    };
    for (timeout, head, body, most) in [
        ("", 8000, 6999, None),
        ("", 8000, 7001, Some(15_000)),
        (r#","timeout":50"#, 51, 0, Some(50)),
        (r#","timeout":0"#, 15_001, 0, Some(15_000)),
    ] {
        let start = Instant::now();
        let reply = called(gateway(head, body), None, envelope(&format!(r#""path":"/"{timeout}"#))).await;
        match most {
            None => assert_eq!(reply, r#"{"statusCode":200,"callID":"17-0.5","data":""}"#),
            Some(most) => {
                assert_eq!(failure(&reply, Some("17-0.5")).0, 102_002);
                assert!(start.elapsed().abs_diff(Duration::from_millis(most)) < Duration::from_millis(5));
            }
        }
    }
}
