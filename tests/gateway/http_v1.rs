//! The same requests and responses as types of the crate `http`.

use super::check::{ENV, Received, encoded, permission, with_request};
use super::property::{any_call, any_who};
use super::response_property::{any_sent, any_wanted};
use super::responses::{answer_to_parts, request};
use bytes::Bytes;
use callcontainer::gateway::{Caller, HttpRequest, HttpResponse, Identity, Relation};
use callcontainer::{ErrorCode, Method, Request, Text};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// All that a request of the crate `http` says.
fn said(request: &http::Request<Bytes>) -> Received {
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
    Received {
        method: request.method().to_string(),
        target: request.uri().to_string(),
        headers: headers.collect(),
        body: request.body().to_vec(),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Names in lower case, and in no order but that of equal names.
fn sorted(mut received: Received) -> Received {
    for (name, _) in &mut received.headers {
        name.make_ascii_lowercase();
    }
    received.headers.sort_by(|one, other| one.0.cmp(&other.0));
    received
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn a_request_is_the_one_that_is_written(
        call in any_call(),
        told in select(vec![super::model::Told::Own, super::model::Told::Reuse, super::model::Told::Nothing]),
        who in option::weighted(0.8, any_who()),
        host in "[ \t]{0,2}[a-z0-9.:-]{1,12}[ \t]{0,2}",
    ) {
        // What is refused is refused before there is a request.
        let _ = with_request(&call, told, who.as_ref(), &host, |http, envelope| {
            let written = sorted(Received::parse(&encoded(http)));
            assert_eq!(sorted(said(&http.to_http(&Bytes::new()).unwrap())), written);
            // Shared with the same bytes elsewhere, of which nothing is a part.
            assert_eq!(sorted(said(&http.to_http(&Bytes::copy_from_slice(envelope)).unwrap())), written);
        });
    }

    #[test]
    fn a_reply_is_the_one_that_is_made_of_the_parts(call in any_wanted(), sent in any_sent()) {
        let (_, lines) = sent.written();
        let lines: Vec<_> = lines.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let mut response = http::Response::new(sent.body.clone());
        *response.status_mut() = sent.status.try_into().unwrap();
        for (name, value) in &lines {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            response.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
        }
        let expected = answer_to_parts(&call, sent.status, &lines, &sent.body).unwrap();
        let reply = HttpResponse::from_http(&request(&call), &response, call.call_id.map(Text::new)).unwrap();
        let mut envelope = vec![0; reply.encoded_len()];
        prop_assert_eq!(reply.encode(&mut envelope).unwrap(), expected);
    }
}

fn with_http<T>(envelope: &Bytes, caller: Option<&Caller<'_>>, check: impl FnOnce(&HttpRequest<'_>) -> T) -> T {
    let call = Request::decode(envelope).unwrap();
    let permission = permission(if caller.is_some() { Relation::Own } else { Relation::Public });
    check(&HttpRequest::new(&call, &permission, caller, "shop.internal").unwrap())
}

#[test]
fn what_stands_in_the_envelope_is_shared_with_it() {
    let envelope = Bytes::from(
        r#"{"config":{"env":"prod-001"},"path":"/a?b#c","header":{"x-a":" seven ","x-b":"\u0037"},"method":"PUT","data":{"id":7}}"#,
    );
    let request = with_http(&envelope, None, |http| http.to_http(&envelope)).unwrap();
    let is_shared = |bytes: &[u8]| envelope.as_ptr_range().contains(&bytes.as_ptr());
    let target = request.uri().path_and_query().unwrap().as_str();
    assert_eq!(
        (target, request.headers()["x-a"].as_bytes(), &request.body()[..]),
        ("/a?b", &b"seven"[..], &b"{\"id\":7}"[..])
    );
    assert!(
        is_shared(target.as_bytes()) && is_shared(request.headers()["x-a"].as_bytes()) && is_shared(request.body())
    );
    assert!(!is_shared(request.headers()["x-b"].as_bytes()));
    // It does not matter how the two lie in memory.
    for part in [envelope.slice(1..), envelope.slice(..envelope.len() - 2), envelope.slice(..50), Bytes::new()] {
        let other = with_http(&envelope, None, |http| http.to_http(&part)).unwrap();
        assert_eq!(said(&other), said(&request));
    }
    let in_part = with_http(&envelope, None, |http| http.to_http(&envelope.slice(..envelope.len() - 2))).unwrap();
    assert!(is_shared(in_part.uri().path().as_bytes()) && !is_shared(in_part.body()));
}

#[test]
fn a_target_may_be_too_long_for_the_type() {
    let made = |len: usize| {
        let envelope = format!(r#"{{"config":{{"env":"prod-001"}},"path":"/","data":{{"a":"{}"}}}}"#, "b".repeat(len));
        let envelope = Bytes::from(envelope);
        with_http(&envelope, None, |http| http.to_http(&envelope))
    };
    let around = "/?a=".len();
    assert_eq!(made(65_534 - around).unwrap().uri().to_string().len(), 65_534);
    assert_eq!(made(65_535 - around).unwrap_err().code(), ErrorCode::ILLEGAL_PARAMETER);
    assert_eq!(made(100_000).unwrap_err().code(), ErrorCode::ILLEGAL_PARAMETER);
}

#[test]
fn a_token_of_the_platform_is_not_shown() {
    let caller = Caller::new("WXAAA", "o-1", "wx_client").with_access_token("s3cret");
    let envelope = Bytes::from(r#"{"config":{"env":"prod-001"},"path":"/"}"#);
    let request = with_http(&envelope, Some(&caller), |http| http.to_http(&envelope)).unwrap();
    let token = &request.headers()["x-wx-cloudbase-access-token"];
    assert!(token.is_sensitive() && token == "s3cret");
    assert!(!format!("{request:?}").contains("s3cret"));
    assert!(!request.headers()["x-wx-source"].is_sensitive());
}

#[test]
fn a_connection_is_told_to_close_where_it_must() {
    let made = |method: &str, data: &str| {
        let envelope = format!(r#"{{"config":{{"env":"{}"}},"path":"/","method":"{method}"{data}}}"#, ENV.id);
        let envelope = Bytes::from(envelope);
        with_http(&envelope, None, |http| {
            let request = http.to_http(&envelope).unwrap();
            let header = |name| request.headers().get(name).map(|value| text(value.as_bytes()));
            assert_eq!(header("connection").is_some(), http.closes_connection());
            (header("connection"), header("content-length"), http.keeps_alive(399), http.keeps_alive(400))
        })
    };
    let is = |text: &str| Some(text.to_owned());
    assert_eq!(made("GET", ""), (None, None, true, true));
    assert_eq!(made("POST", ""), (None, is("0"), true, true));
    assert_eq!(made("POST", r#","data":{"a":1}"#), (None, is("7"), true, false));
    assert_eq!(made("POST", r#","data":"a""#), (is("close"), is("1"), false, false));
    assert_eq!(made("DELETE", r#","data":[]"#), (is("close"), is("2"), false, false));
}

#[test]
fn who_calls_is_read_as_from_any_headers() {
    let read = |headers: &[(&'static str, &'static str)]| {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        Identity::from_http(&map).map(|identity| identity.user().map(str::to_owned))
    };
    let source = ("x-wx-source", "wx_client");
    let user = ("x-wx-openid", "o-1");
    assert_eq!(read(&[source, user]), Some(Some("o-1".to_owned())));
    assert_eq!(read(&[source]), Some(None));
    assert_eq!(read(&[user]), None);
    assert_eq!(read(&[source, user, user]), None);
    assert_eq!(read(&[source, source]), None);
    assert_eq!(read(&[source, user, ("x_wx_openid", "o-2")]), None);
    assert_eq!(read(&[source, ("x_wx_openid", "o-2")]), Some(None));
}

#[test]
fn all_methods_are_their_namesakes() {
    for method in Method::ALL {
        let call = Request::new("/").with_env(ENV.id).with_method(method);
        let permission = permission(Relation::Public);
        match HttpRequest::new(&call, &permission, None, "shop.internal") {
            Ok(http) => assert_eq!(http.to_http(&Bytes::new()).unwrap().method().as_str(), method.as_str()),
            Err(refusal) => assert_eq!(refusal.code(), ErrorCode::INVALID_METHOD),
        }
    }
}
