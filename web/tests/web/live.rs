//! The gateway over hyper-util's pooled client, in front of a real service over HTTP/1.1 and HTTP/2.

use super::{alice, called, directory, envelope};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, Method, StatusCode, Uri, Version};
use axum::routing::any;
use callcontainer::{Data, Reply};
use callcontainer_web::gateway::Gateway;
use callcontainer_web::pooled::{Pooled, pooled};
use callcontainer_web::who::Who;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// What the service says it has received.
async fn seen(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    who: Option<Who>,
    (method, uri, version): (Method, Uri, Version),
    headers: HeaderMap,
    body: Bytes,
) -> String {
    let user = who.map(|who| format!("{:?} {:?} {:?}", who.user.unwrap(), who.app.unwrap(), who.address.unwrap()));
    let path = uri.path_and_query().unwrap();
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let (own, spelt) = (header("x-a"), headers.contains_key("x_wx_openid"));
    format!("{version:?} {method} {path} {user:?} {own:?} {spelt} {} @{}", String::from_utf8_lossy(&body), peer.port())
}

async fn service() -> SocketAddr {
    let rejected = |ConnectInfo(peer): ConnectInfo<SocketAddr>, _: Request| async move {
        (StatusCode::PAYLOAD_TOO_LARGE, format!("no @{}", peer.port()))
    };
    let seen = |info: ConnectInfo<SocketAddr>, who: Option<Who>, method: Method, uri: Uri, request: Request| async move {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        seen(info, who, (method, uri, parts.version), parts.headers, body).await
    };
    let router = Router::new().route("/rejected", any(rejected)).fallback(any(seen));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

/// The text that the service answers a call with, and the connection that it came over.
async fn told(gateway: &Gateway<Pooled>, members: &str) -> (String, u16) {
    let reply = called(gateway.clone(), Some(alice()), envelope(members)).await;
    let Ok(Reply::Response(response)) = Reply::decode(&reply) else { panic!("{}", String::from_utf8_lossy(&reply)) };
    let Data::Text(text) = response.data() else { panic!("{:?}", response.data()) };
    let text = text.to_string();
    let (text, port) = text.rsplit_once(" @").unwrap();
    (format!("{} {text}", response.status()), port.parse().unwrap())
}

async fn over(http2: bool) {
    let version = if http2 { "HTTP/2.0" } else { "HTTP/1.1" };
    let gateway = Gateway::new(directory(&service().await.to_string()), pooled(http2));
    let alice = r#"Some("\"o-alice\" \"WXAAA\" \"203.0.113.7\"")"#;
    let forged = r#""header":{"x_wx_openid":"forged","X-WX-OPENID":"forged","x-a":" seven "}"#;
    let (text, first) = told(&gateway, &format!(r#""path":"/a%20b?c=\u540d#d",{forged}"#)).await;
    assert_eq!(text, format!(r#"200 {version} GET /a%20b?c=%E5%90%8D {alice} Some("seven") false "#));

    // The connection is used again, also behind a body that is read.
    let (text, next) = told(&gateway, r#""path":"/","method":"PUT","data":{"a": 1}"#).await;
    assert_eq!((text, next), (format!(r#"200 {version} PUT / {alice} None false {{"a":1}}"#), first));
    let (_, next) = told(&gateway, r#""path":"/""#).await;
    assert_eq!(next, first);

    // With HTTP/1.1 it is not, behind a body that could be taken for a request, or one that was turned away.
    let (text, last) = told(&gateway, r#""path":"/","method":"POST","data":"GET / HTTP/1.1\r\n\r\n""#).await;
    assert_eq!((text.ends_with("GET / HTTP/1.1\r\n\r\n"), last), (true, first));
    let (_, second) = told(&gateway, r#""path":"/""#).await;
    assert_eq!(second == first, http2);
    let (text, last) = told(&gateway, r#""path":"/rejected","method":"POST","data":{"a":1}"#).await;
    assert_eq!((&*text, last), ("413 no", second));
    let (_, third) = told(&gateway, r#""path":"/""#).await;
    assert_eq!(third == second, http2);
    // Behind a body of which nothing was sent it is.
    let (text, last) = told(&gateway, r#""path":"/rejected","method":"POST""#).await;
    assert_eq!((&*text, last), ("413 no", third));
    let (_, last) = told(&gateway, r#""path":"/""#).await;
    assert_eq!(last, third);
}

#[tokio::test]
async fn a_service_of_http1_is_called_over_connections_that_are_used_again() {
    over(false).await;
}

#[tokio::test]
async fn a_service_of_http2_is_called_over_one_connection() {
    over(true).await;
}

/// As many calls at once as one likes: each gets its own answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_at_once_are_not_mixed_up() {
    for http2 in [false, true] {
        let gateway = Gateway::new(directory(&service().await.to_string()), pooled(http2));
        let calls: Vec<_> = (0..50)
            .map(|number| {
                let gateway = gateway.clone();
                tokio::spawn(async move { told(&gateway, &format!(r#""path":"/{number}","timeout":0"#)).await.0 })
            })
            .collect();
        for (number, call) in calls.into_iter().enumerate() {
            assert!(call.await.unwrap().contains(&format!(" GET /{number} ")), "call {number}");
        }
    }
}
