use super::harness::{Gateway, OWN, PATIENCE, REUSE, envelope, post_head};
use super::service::echo;

/// The fields of a line. Values in quotation marks stay as they are written.
fn fields(line: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut rest = line;
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) = if let Some(inside) = after.strip_prefix('"') {
            let mut escaped = false;
            let end = inside.find(|character| {
                let ends = character == '"' && !escaped;
                escaped = character == '\\' && !escaped;
                ends
            });
            after.split_at(end.unwrap() + 2)
        } else {
            after.split_at(after.find(' ').unwrap_or(after.len()))
        };
        fields.push((name.to_owned(), value.to_owned()));
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    assert_eq!(rest, "", "{line}");
    fields
}

#[track_caller]
fn assert_fields(line: &str, expected: &[(&str, &str)]) {
    let fields = fields(line);
    let value = |name: &str| fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
    for (name, expected) in expected {
        assert_eq!(value(name), Some(*expected), "{name} in {line}");
    }
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    let patience = PATIENCE.as_secs_f64();
    assert!((now - value("time").unwrap().parse::<f64>().unwrap()).abs() < patience, "{line}");
    assert!(value("ms").unwrap().parse::<f64>().unwrap() < patience * 1000.0, "{line}");
}

#[test]
fn a_line_a_call() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    let call = envelope("/orders?secret=1", r#","method":"POST","data":"tea","callID":"1700-0.5""#);
    let answer = gateway.connect().call(Some(OWN), &call);
    let (received, sent) = (call.len().to_string(), answer.body.len().to_string());
    assert_fields(
        &gateway.log_line(),
        &[
            ("call", "1700-0.5"),
            ("env", "prod-01"),
            ("service", "shop"),
            ("caller", "own"),
            ("status", "200"),
            ("in", &received),
            ("out", &sent),
        ],
    );
    let call = envelope("/", r#","callID":"2","resourceAppid":"WXAAA""#);
    gateway.call(Some(REUSE), &call);
    assert_fields(&gateway.log_line(), &[("call", "2"), ("caller", "reuse"), ("status", "200")]);
    let refused = r#"{"config":{"env":"prod-02"},"path":"/","service":"shop","callID":"3"}"#;
    gateway.call(Some(OWN), refused);
    assert_fields(&gateway.log_line(), &[("call", "3"), ("env", "prod-02"), ("caller", "-"), ("code", "-501000")]);
    let reply = gateway.call(Some(OWN), r#"{"config":7}"#);
    let call_id = reply["callID"].as_str().unwrap();
    let wrong = "\"40097 system error: a value of the wrong JSON type at byte 10\"";
    assert_fields(&gateway.log_line(), &[("call", call_id), ("env", "-"), ("code", "40097"), ("trouble", wrong)]);
    // What is no call, and is not turned away, has no line.
    gateway.connect().ask("GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n");
    gateway.call(Some(OWN), &envelope("/", r#","callID":"4""#));
    assert_fields(&gateway.log_line(), &[("call", "4")]);
}

/// Whatever a caller puts into its envelope stays on its line and in its field.
#[test]
fn a_line_cannot_be_forged() {
    let (service, _received) = echo();
    let gateway = Gateway::start(service, &[]);
    let call =
        r#"{"config":{"env":"a b=\"c\" status=200"},"path":"/","service":"x\\\" code=0","callID":"= \u2028\u0085é"}"#;
    gateway.call(Some(OWN), call);
    let line = gateway.log_line();
    assert_fields(
        &line,
        &[
            ("call", r#""= \u{2028}\u{85}é""#),
            ("env", r#""a b=\"c\" status=200""#),
            ("service", r#""x\\\" code=0""#),
            ("code", "-501000"),
        ],
    );
    assert_eq!(fields(&line).len(), 10, "{line}");
}

#[test]
fn no_secret_is_logged() {
    let secrets =
        ["tok-s1", "open-s2", "union-s3", "path-s4", "query-s5", "header-s6", "body-s7", "cookie-s8", "access-s9"];
    let (service, _received) = echo();
    let service = format!("shop={service}");
    let mut gateway = Gateway::start_with(&[
        "--env",
        "prod-01",
        "--owner",
        "WXAAA",
        "--service",
        &service,
        "--caller",
        "tok-s1=WXAAA,open-s2,union-s3",
        "--access-token",
        "tok-s1=access-s9",
    ]);
    for method in ["GET", "POST", "TRACE", "PATCH"] {
        let call = format!(
            r#"{{"config":{{"env":"prod-01"}},"path":"/path-s4?query-s5=1","method":"{method}","data":{{"a":"body-s7"}},
            "header":{{"X-WX-SERVICE":"shop","X-Mine":"header-s6","Cookie":"cookie-s8"}}}}"#
        );
        gateway.call(Some("tok-s1"), &call);
        gateway.call(Some("tok-s1"), &call[..call.len() - 3]);
        gateway.connect().call(Some("tok-s1x"), &call);
    }
    let mut connection = gateway.connect();
    connection.write((post_head(Some("tok-s1"), "Content-Length: 900000\r\n") + "body-s7").as_bytes());
    connection.receive();
    drop(connection);
    gateway.signal("TERM");
    let (_, log) = gateway.wait();
    assert_eq!(log.len(), 13, "{log:?}");
    for secret in secrets {
        assert!(!log.iter().any(|line| line.contains(secret)), "{secret} in {log:?}");
    }
}
