//! nginx, which no one here wrote: as a service behind the gateway, and in front of gateways.

use super::harness::{Connection, Gateway, OWN, REUSE, assert_failure, envelope, post_head};
use super::nginx_server::{Nginx, readme_config};
use super::service::echo;

const SERVICE: &str = r#"
server {
    listen ADDRESS;
    root FOLDER;
    default_type text/plain;
    location = /who {
        default_type application/json;
        return 200 '{"openid":"$http_x_wx_openid","from":"$http_x_wx_from_openid","appid":"$http_x_wx_appid","source":"$http_x_wx_source","args":"$args","custom":"$http_x_custom","host":"$http_host","length":"$http_content_length"}';
    }
    location = /cookies {
        add_header Set-Cookie a=1;
        add_header Set-Cookie "b=2; Path=/";
        return 204;
    }
    location = /moved { return 302 /who; }
    location = /file.html { ssi on; ssi_types text/plain; default_type text/html; }
    location = /closes { keepalive_timeout 0; return 200 "bye"; }
    location = /drops { return 444; }
}
"#;

#[test]
fn behind_the_gateway() {
    let large = "文".repeat(300_000);
    let chunked = format!("{large}<!--# echo var=\"none\" default=\"\" -->");
    let files = [("large.txt", large.as_str()), ("file.html", &chunked), ("too-large.bin", &"x".repeat(1_100_000))];
    let Some(nginx) = Nginx::start("service", SERVICE, &files) else { return };
    let gateway = Gateway::start(nginx.address, &[]);

    let forged = r#","header":{"X-WX-SERVICE":"shop","X-Custom":"mine","x-wx-openid":"forged","X_WX_OPENID":"forged"}"#;
    let call = format!(r#"{{"config":{{"env":"prod-01"}},"path":"/who?a=%E6%96%87","data":{{"b":"c d"}}{forged}}}"#);
    let mut reply = gateway.call(Some(OWN), &call);
    let host = nginx.address.to_string();
    // Either says that there is no body.
    let length = reply["data"].as_object_mut().unwrap().remove("length").unwrap();
    assert!(length == "" || length == "0", "{length}");
    assert_eq!(
        reply["data"],
        serde_json::json!({
            "openid": "o-alice", "from": "", "appid": "WXAAA", "source": "wx_client", "args": "a=%E6%96%87&b=c%20d",
            "custom": "mine", "host": host,
        })
    );
    let reply = gateway.call(Some(REUSE), &envelope("/who", r#","resourceAppid":"WXAAA""#));
    assert_eq!((&reply["data"]["openid"], &reply["data"]["from"]), (&"".into(), &"o-bob".into()));

    let reply = gateway.call(Some(OWN), &envelope("/cookies", ""));
    assert_eq!((&reply["statusCode"], &reply["cookies"]), (&204.into(), &serde_json::json!(["a=1", "b=2; Path=/"])));
    let reply = gateway.call(Some(OWN), &envelope("/moved", ""));
    assert_eq!(reply["statusCode"], 302, "a redirection goes back as it is");
    assert_eq!(gateway.call(Some(OWN), &envelope("/missing", ""))["statusCode"], 404);
    assert_eq!(gateway.call(Some(OWN), &envelope("/who", r#","method":"DELETE""#))["statusCode"], 200);
    let reply = gateway.call(Some(OWN), &envelope("/large.txt", r#","method":"HEAD""#));
    assert_eq!((&reply["statusCode"], &reply["data"]), (&200.into(), &"".into()));

    assert_eq!(gateway.call(Some(OWN), &envelope("/large.txt", ""))["data"], large);
    assert_eq!(gateway.call(Some(OWN), &envelope("/file.html", ""))["data"], large, "in chunks");
    assert_failure(&gateway.call(Some(OWN), &envelope("/too-large.bin", "")), -606_002, "响应包大小超过 1MB");
    assert_eq!(gateway.call(Some(OWN), &envelope("/closes", ""))["data"], "bye");
    assert_failure(&gateway.call(Some(OWN), &envelope("/drops", "")), -501_001, "resource system error");
    assert_eq!(gateway.call(Some(OWN), &envelope("/closes", ""))["data"], "bye");
}

/// The configuration that the README shows, with the addresses of this test in it.
#[test]
fn in_front_of_gateways() {
    let (service, received) = echo();
    let gateways = [(); 2].map(|()| Gateway::start(service, &["--proxy", "127.0.0.1"]));
    let config = readme_config(
        "upstream gateways",
        &[
            ("listen 8080", "listen ADDRESS"),
            ("server 127.0.0.1:8081", &format!("server {}", gateways[0].address)),
            ("server 127.0.0.1:8082", &format!("server {}", gateways[1].address)),
        ],
    );
    let Some(nginx) = Nginx::start("front", &config, &[]) else { return };

    // From another address than that of nginx, which is a proxy's.
    let client = std::net::Ipv4Addr::new(127, 0, 0, 2);
    let mut connection = Connection::from(client.into(), nginx.address);
    for number in 0..20 {
        let body = envelope("/", &format!(r#","method":"POST","data":"number {number}""#));
        let forged = "X-Forwarded-For: 192.0.2.1\r\n";
        let head = post_head(Some(OWN), &format!("{forged}Content-Length: {}\r\n", body.len()));
        let answer = connection.ask(&(head + &body));
        assert_eq!(answer.envelope()["data"], format!("number {number}"));
        let (_, seen) = received.recv().unwrap();
        assert_eq!(seen.header("x-wx-openid"), Some("o-alice"));
        assert_eq!(seen.header("x-forwarded-for"), Some("127.0.0.2"), "what nginx saw, not what the client says");
    }
    let calls = gateways.map(|gateway| {
        gateway.signal("TERM");
        let mut gateway = gateway;
        gateway.wait().1.len()
    });
    assert_eq!(calls, [10, 10]);
}
