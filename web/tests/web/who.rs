//! Who calls, as a service asks for it, from requests as they stand on the wire.

use axum::Router;
use axum::routing::get;
use callcontainer_web::who::Who;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The status and the body of the answer to a request with these lines.
async fn asked(path: &str, lines: &str) -> (u16, String) {
    let must = |who: Who| async move { format!("{:?} {:?} {:?}", who.user, who.app, who.address) };
    let may = |who: Option<Who>| async move { who.map_or("nobody".to_owned(), |who| format!("{:?}", who.user)) };
    let router = Router::new().route("/must", get(must)).route("/may", get(may));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n{lines}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let status = response["HTTP/1.1 ".len()..][..3].parse().unwrap();
    (status, response.split_once("\r\n\r\n").unwrap().1.to_owned())
}

const SOURCE: &str = "X-WX-SOURCE: wx_client\r\n";
const APP: &str = "X-WX-APPID: WXAAA\r\n";
const USER: &str = "X-WX-OPENID: o-1\r\n";

#[tokio::test]
async fn what_the_gateway_says_is_believed() {
    let address = "X-Original-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: 203.0.113.7, 192.0.2.1\r\n";
    let all = format!("{SOURCE}{APP}{USER}{address}");
    assert_eq!(asked("/must", &all).await, (200, r#"Some("o-1") Some("WXAAA") Some("203.0.113.7")"#.to_owned()));
    assert_eq!(asked("/may", &all).await, (200, r#"Some("o-1")"#.to_owned()));
    let reuse = format!("{SOURCE}{APP}X-WX-FROM-OPENID: o-2\r\nX-WX-FROM-APPID: WXBBB\r\n");
    assert_eq!(asked("/must", &reuse).await, (200, r#"Some("o-2") Some("WXBBB") None"#.to_owned()));
}

#[tokio::test]
async fn what_is_forged_doubled_or_folded_is_not() {
    let nobody = (200, "nobody".to_owned());
    for lines in [
        String::new(),
        // Forged: nothing says that it came through a gateway, or that was not spelt as a gateway does.
        format!("{APP}{USER}"),
        format!("X_WX_SOURCE: wx_client\r\n{USER}"),
        format!("X-WX.SOURCE: wx_client\r\n{USER}"),
        // Doubled, in one spelling or in two.
        format!("{SOURCE}{USER}{USER}"),
        format!("{SOURCE}{USER}x-wx-openid: o-2\r\n"),
        format!("{SOURCE}{USER}x_wx_openid: o-2\r\n"),
        format!("{SOURCE}x-wx_openid: o-2\r\n{USER}"),
        format!("{SOURCE}{SOURCE}{USER}"),
    ] {
        assert_eq!(asked("/must", &lines).await.0, 401, "{lines}");
        assert_eq!(asked("/may", &lines).await, nobody, "{lines}");
    }
    // A folded name on its own is no user, and a folded line no line.
    let alone = format!("{SOURCE}{APP}x_wx_openid: o-2\r\n");
    assert_eq!(asked("/must", &alone).await, (200, r#"None Some("WXAAA") None"#.to_owned()));
    for folded in ["X-WX-OPENID:\r\n o-2\r\n", "X-A: b\r\n X-WX-OPENID: o-2\r\n", "X-A: b\r\n\tX-WX-OPENID: o-2\r\n"] {
        let (status, body) = asked("/must", &format!("{SOURCE}{folded}")).await;
        assert!(status == 400 || !body.contains("o-2"), "{status} {body}");
    }
}
