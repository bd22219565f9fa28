use super::harness::{Gateway, OWN, REUSE, STRANGER, assert_failure, envelope};
use super::service::{Received, echo};

/// No name stands twice, whatever its letter case: an envelope with one that does is refused.
const FORGED: [&str; 11] = [
    "x-wx-OPENID",
    "X_WX_OPENID",
    "x-Wx_From-OpenId",
    "X-WX-SOURCE",
    "X-WX-UNIONID",
    "x-wx-cloudbase-access-token",
    "x-forwarded-for",
    "X-Original-Forwarded-For",
    "X_Forwarded_For",
    "Forwarded",
    "X-Real-IP",
];

/// A call with every forged header, and with headers that are about the connection.
fn forgery(resource: &str) -> String {
    let forged: String = FORGED.map(|name| format!(r#""{name}":"forged","#)).concat();
    let dropped = r#""Host":"forged","Connection":"forged","Transfer-Encoding":"chunked","Content-Length":"7","#;
    format!(
        r#"{{"config":{{"env":"prod-01"}},{resource}"path":"/","method":"POST","data":"body",
        "header":{{{forged}{dropped}"X-Custom":"mine","X-WX-SERVICE":"shop"}}}}"#
    )
}

#[track_caller]
fn assert_clean(received: &Received, service: &str) {
    let all = format!("{received:?}");
    assert!(!all.contains("forged"), "{all}");
    assert_eq!(received.header("host"), Some(service));
    assert_eq!(received.header("content-length"), Some("4"));
    assert_eq!(received.header("x-custom"), Some("mine"));
    assert_eq!(received.body, b"body");
}

#[test]
fn own_app() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    assert_eq!(gateway.call(Some(OWN), &forgery(""))["statusCode"], 200);
    let (_, seen) = received.recv().unwrap();
    assert_clean(&seen, &service.to_string());
    assert_eq!(
        seen.identity(),
        [
            ("x-wx-openid", "o-alice"),
            ("x-wx-appid", "WXAAA"),
            ("x-wx-unionid", "u-alice"),
            ("x-wx-env", "prod-01"),
            ("x-wx-source", "wx_client"),
            ("x-original-forwarded-for", "127.0.0.1"),
            ("x-forwarded-for", "127.0.0.1"),
        ]
    );
}

#[test]
fn resource_reuse() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let resource = r#""resourceAppid":"WXAAA","resourceEnv":"prod-01","#;
    assert_eq!(gateway.call(Some(REUSE), &forgery(resource))["statusCode"], 200);
    let (_, seen) = received.recv().unwrap();
    assert_clean(&seen, &service.to_string());
    assert_eq!(
        seen.identity(),
        [
            ("x-wx-appid", "WXAAA"),
            ("x-wx-from-openid", "o-bob"),
            ("x-wx-from-appid", "WXBBB"),
            ("x-wx-env", "prod-01"),
            ("x-wx-source", "wx_client"),
            ("x-original-forwarded-for", "127.0.0.1"),
            ("x-forwarded-for", "127.0.0.1"),
        ]
    );
    // It has to say whose environment it means.
    assert_failure(&gateway.call(Some(REUSE), &forgery("")), -501_000, "Authorization mismatch uin");
}

#[test]
fn another_app_is_refused() {
    let (service, received) = echo();
    // Public access is for those of whom nothing is known.
    for more in [&[][..], &["--public"]] {
        let gateway = Gateway::start(service, more);
        for resource in ["", r#""resourceAppid":"WXAAA","resourceEnv":"prod-01","#, r#""resourceAppid":"WXCCC","#] {
            let reply = gateway.call(Some(STRANGER), &forgery(resource));
            assert_failure(&reply, -501_000, "Authorization mismatch uin");
        }
    }
    assert_eq!(received.try_iter().count(), 0);
}

/// Where public access is open, nobody is somebody: a token that is not known is the same as none.
#[test]
fn another_client() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &["--public"]);
    for token in [None, Some("nobody"), Some("")] {
        assert_eq!(gateway.call(token, &forgery(""))["statusCode"], 200);
        let (_, seen) = received.recv().unwrap();
        assert_clean(&seen, &service.to_string());
        assert_eq!(seen.identity(), []);
    }
    assert_eq!(gateway.call(Some(OWN), &forgery(""))["statusCode"], 200);
    assert_eq!(received.recv().unwrap().1.identity().len(), 7);
}

#[test]
fn a_gateway_for_other_clients_alone() {
    let (service, received) = echo();
    let service = format!("shop={service}");
    let gateway = Gateway::start_with(&["--env", "prod-01", "--owner", "WXAAA", "--service", &service, "--public"]);
    assert_eq!(gateway.call(None, &envelope("/", ""))["statusCode"], 200);
    assert_eq!(received.recv().unwrap().1.identity(), []);
}

#[test]
fn credentials_that_a_caller_leaves_out() {
    let (service, received) = echo();
    let gateway = Gateway::start(service, &[]);
    let call = r#"{"config":{"env":"prod-01"},"path":"/","header":{"X-WX-SERVICE":"shop",
        "X-WX-EXCLUDE-CREDENTIALS":"unionid, OPENID"}}"#;
    assert_eq!(gateway.call(Some(OWN), call)["statusCode"], 200);
    let (_, seen) = received.recv().unwrap();
    let names: Vec<&str> = seen.identity().into_iter().map(|(name, _)| name).collect();
    let expected = ["x-wx-appid", "x-wx-env", "x-wx-source", "x-original-forwarded-for", "x-forwarded-for"];
    assert_eq!(names, expected);
}

#[test]
fn the_access_token_of_a_caller() {
    let (service, received) = echo();
    let value = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln==";
    let own = format!("{OWN}={value}");
    // The token of a caller may end with equals signs too.
    let more = ["--caller", "t-more===WXBBB,o-more", "--access-token", "t-more===for-more"];
    let gateway = Gateway::start(service, &[&["--access-token", &own][..], &more].concat());
    let told = |token: &str, more: &str| {
        let call = format!(
            r#"{{"config":{{"env":"prod-01"}},{more}"header":{{"X-WX-CLOUDBASE-ACCESS-TOKEN":"forged",
            "X-WX-SERVICE":"shop"}}}}"#
        );
        assert_eq!(gateway.call(Some(token), &call)["statusCode"], 200);
        let (_, seen) = received.recv().unwrap();
        let tokens = seen.identity().into_iter().filter(|(name, _)| name.ends_with("access-token"));
        tokens.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>()
    };
    let reuse = r#""resourceAppid":"WXAAA","resourceEnv":"prod-01","path":"/","#;
    assert_eq!(told(OWN, r#""path":"/","#), [format!("x-wx-cloudbase-access-token: {value}")]);
    assert_eq!(told("t-more==", reuse), ["x-wx-from-cloudbase-access-token: for-more"]);
    assert_eq!(told(REUSE, reuse), [""; 0]);
    let excluded = envelope("/", "")
        .replace("{\"X-WX-SERVICE", "{\"X-WX-EXCLUDE-CREDENTIALS\":\"cloudbase-access-token\",\"X-WX-SERVICE");
    assert_eq!(gateway.call(Some(OWN), &excluded)["statusCode"], 200);
    assert!(!format!("{:?}", received.recv().unwrap()).contains(value));
}
