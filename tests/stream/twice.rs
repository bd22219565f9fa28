//! One field that stands in two places, with escapes in one, in both or in none: slice and stream, in either order, cut
//! anywhere.

use super::kit;
use callcontainer::stream::{Replies, Requests};
use callcontainer::{Error, ErrorKind, Reply, Request};

/// Ways to write this in a string: as it is, with one escape at the beginning, in the middle and at the end, and with
/// nothing but escapes.
fn ways(text: &str) -> Vec<String> {
    let one = |at: usize| {
        let (before, rest) = text.split_at(at);
        let first = rest.chars().next().unwrap();
        format!("{before}\\u{:04X}{}", u32::from(first), &rest[first.len_utf8()..])
    };
    let all = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let mut ways = vec![text.to_owned(), all];
    ways.extend((!text.is_empty()).then(|| [0, text.len() / 2, text.len() - 1].map(one)).into_iter().flatten());
    ways
}

/// The verdict on a request, which is the same for slices and streams, and whose service it names.
#[track_caller]
fn verdict(members: [&str; 2]) -> Result<Option<String>, ErrorKind> {
    let [first, second] = members;
    let envelope = format!(r#"{{{first},"config":{{"env":"e"}},{second},"path":"/"}}"#);
    kit::check::<Requests>(envelope.as_bytes());
    let request = Request::decode(envelope.as_bytes()).map_err(|error| error.kind())?;
    Ok(request.service().map(|service| service.to_string()))
}

#[test]
fn a_service_named_by_a_member_and_by_a_header() {
    let long = ["n".repeat(127) + "x", "n".repeat(127) + "y", "n".repeat(126) + "x", "n".repeat(128)];
    let pairs = [
        ("shop", "shop"),
        ("shop", "shoq"),
        ("shop", "thop"),
        ("shop", "Shop"),
        ("shop", "sho"),
        ("shop", "shops"),
        ("7", "7"),
        ("7", "8"),
        (long[0].as_str(), long[0].as_str()),
        (&long[0], &long[1]),
        (&long[0], &long[2]),
        (&long[1], &long[3]),
    ];
    for (member, header) in pairs {
        for service in ways(member) {
            for value in ways(header) {
                for name in ["x-wx-service", "X-WX-Service", r"X\u002dWX-SERVICE"] {
                    let service = format!(r#""service":"{service}""#);
                    let headers = format!(r#""header":{{"a":"b","{name}":"{value}"}}"#);
                    let expected =
                        if member == header { Ok(Some(member.to_owned())) } else { Err(ErrorKind::ServiceConflict) };
                    assert_eq!(verdict([&service, &headers]), expected, "{service} {headers}");
                    assert_eq!(verdict([&headers, &service]), expected, "{headers} {service}");
                    if long.iter().any(|long| long == member) {
                        break;
                    }
                }
            }
        }
    }
    // A number in the header is its text.
    assert_eq!(verdict([r#""service":"\u0037""#, r#""header":{"x-wx-service":7}"#]), Ok(Some("7".to_owned())));
    assert_eq!(verdict([r#""header":{"x-wx-service":7}"#, r#""service":"8""#]), Err(ErrorKind::ServiceConflict));
    // Either place by itself, and a member that is null.
    for service in ways("shop") {
        let header = format!(r#""header":{{"x-wx-service":"{service}"}}"#);
        assert_eq!(verdict([&header, r#""a":1"#]), Ok(Some("shop".to_owned())));
        assert_eq!(verdict([&format!(r#""service":"{service}""#), r#""header":{}"#]), Ok(Some("shop".to_owned())));
    }
}

/// The second of two spellings of a key is told at its opening quote, for every member, in both directions.
#[test]
fn a_key_that_stands_twice_in_other_words() {
    let requests = [
        ("config", r#"{"env":"e"}"#),
        ("resourceAppid", r#""a""#),
        ("resourceEnv", r#""r""#),
        ("path", r#""/""#),
        ("service", r#""s""#),
        ("method", r#""GET""#),
        ("header", "{}"),
        ("data", "1"),
        ("dataType", r#""json""#),
        ("__nativeBuffers__", r#"[{"key":"data","base64":""}]"#),
        ("timeout", "1"),
        ("responseType", r#""text""#),
        ("callID", r#""7""#),
    ];
    let replies = [
        ("statusCode", "200"),
        ("header", "{}"),
        ("cookies", "[]"),
        ("data", "1"),
        ("__nativeBuffers__", r#"[{"key":"data","base64":""}]"#),
        ("callID", r#""7""#),
        ("errMsg", r#""m""#),
        ("errCode", "0"),
        ("errno", "0"),
    ];
    for (name, value) in requests {
        for one in ways(name) {
            for other in ways(name) {
                let envelope = format!(r#"{{"{one}":{value},"x":[],"{other}":{value}}}"#);
                let at = envelope.len() - value.len() - other.len() - 4;
                kit::check::<Requests>(envelope.as_bytes());
                let error = Request::decode(envelope.as_bytes()).unwrap_err();
                assert_eq!(error, Error::new(ErrorKind::DuplicateKey, at), "{envelope}");
            }
        }
    }
    for (name, value) in replies {
        for one in ways(name) {
            for other in ways(name) {
                let envelope = format!(r#"{{"{one}":{value},"x":[],"{other}":{value}}}"#);
                let at = envelope.len() - value.len() - other.len() - 4;
                kit::check::<Replies>(envelope.as_bytes());
                let error = Reply::decode(envelope.as_bytes()).unwrap_err();
                assert_eq!(error, Error::new(ErrorKind::DuplicateKey, at), "{envelope}");
            }
        }
    }
}

/// A body in two places is one too many, however the keys are written, and wherever the second begins.
#[test]
fn a_body_in_two_places() {
    for data in ways("data") {
        for buffers in ways("__nativeBuffers__") {
            for value in [r#""text""#, "null", "[1]"] {
                let one = format!(r#""{data}":{value}"#);
                for key in ways("data") {
                    let other = format!(r#""{buffers}":[{{"key":"{key}","base64":"AAAA"}}]"#);
                    for members in [[&one, &other], [&other, &one]] {
                        let envelope = format!(r#"{{"statusCode":200,{},{}}}"#, members[0], members[1]);
                        kit::check::<Replies>(envelope.as_bytes());
                        let error = Reply::decode(envelope.as_bytes()).map(drop).unwrap_err();
                        assert_eq!(error.kind(), ErrorKind::DataConflict, "{envelope}");
                    }
                }
            }
        }
    }
}

/// The environment of the call and that of the resource are two fields: the second counts, and both are kept.
#[test]
fn the_environment_in_two_places() {
    for env in ways("prod-01") {
        for resource in ways("shared-01") {
            for members in [
                format!(r#""config":{{"env":"{env}"}},"resourceEnv":"{resource}","resourceAppid":"a""#),
                format!(r#""resourceAppid":"a","resourceEnv":"{resource}","config":{{"env":"{env}"}}"#),
            ] {
                let envelope = format!(r#"{{"path":"/",{members}}}"#);
                kit::check::<Requests>(envelope.as_bytes());
                let request = Request::decode(envelope.as_bytes()).unwrap();
                assert_eq!(
                    (request.env().unwrap(), request.resource_env().unwrap()),
                    ("prod-01".into(), "shared-01".into())
                );
                assert_eq!(request.target_env().unwrap(), request.env().unwrap(), "{envelope}");
            }
        }
    }
}
