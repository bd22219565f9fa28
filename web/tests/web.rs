//! The gateway over a client that does as it is told, and over a real one in front of a real service, which asks who
//! calls.

#[path = "web/live.rs"]
mod live;
#[path = "web/mock.rs"]
mod mock;
#[path = "web/who.rs"]
mod who;

use bytes::Bytes;
use callcontainer::Reply;
use callcontainer::gateway::{Access, Env};
use callcontainer_web::gateway::{Directory, Who};
use http_body_util::{BodyExt as _, Full};
use std::collections::HashMap;
use std::convert::Infallible;
use tower::{Service, ServiceExt as _};

/// A gateway to one service, `shop`, which listens there.
fn directory(authority: &str) -> Directory {
    const ENVS: &[Env<'_>] = &[Env::new("prod-01", "WXAAA", &["shop", "gone"]).with_public(true)];
    Directory { access: Access::new(ENVS, &[]), services: HashMap::from([("shop", authority.parse().unwrap())]) }
}

fn alice() -> Who {
    Who {
        appid: "WXAAA".to_owned(),
        openid: "o-alice".to_owned(),
        source: "wx_client".to_owned(),
        address: Some("203.0.113.7".to_owned()),
    }
}

/// An envelope to the service, with these members.
fn envelope(members: &str) -> String {
    format!(r#"{{"config":{{"env":"prod-01"}},"service":"shop","callID":"17-0.5",{members}}}"#)
}

/// The reply envelope to this one.
async fn called<G>(gateway: G, who: Option<Who>, envelope: impl Into<Bytes>) -> Bytes
where
    G: Service<http::Request<Full<Bytes>>, Response = http::Response<Full<Bytes>>, Error = Infallible>,
{
    let mut request = http::Request::new(Full::new(envelope.into()));
    if let Some(who) = who {
        request.extensions_mut().insert(who);
    }
    let response = gateway.oneshot(request).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.headers()["content-type"].as_bytes()),
        (200, &b"application/json"[..])
    );
    response.into_body().collect().await.unwrap().to_bytes()
}

/// The code of a failure, and the message in it. The ID is that of the call, if it is known.
#[track_caller]
fn failure(reply: &[u8], call_id: Option<&str>) -> (i32, String) {
    let Ok(Reply::Failure(failure)) = Reply::decode(reply) else {
        panic!("no failure: {}", String::from_utf8_lossy(reply));
    };
    let message = failure.message();
    assert_eq!(failure.call_id().map(|id| id.to_string()), call_id.map(str::to_owned));
    (failure.code().unwrap().0, message.text().to_string())
}
