use super::model;
use super::{HOST, Received, permission, received, written};
use callcontainer::gateway::{Caller, HttpReader, HttpRequest, Refusal, Relation};
use callcontainer::{Bytes, Data, ErrorCode, Json, Method, Request};

const FORM: &str = "application/x-www-form-urlencoded";

/// All methods but those that no service is asked with.
const METHODS: [Method; 6] = [Method::Options, Method::Get, Method::Head, Method::Post, Method::Put, Method::Delete];

/// The envelope of a call with these members.
fn envelope(members: &str) -> String {
    format!(r#"{{"config":{{"env":"prod-001"}},{members}}}"#)
}

#[track_caller]
fn text_of(members: &str) -> Result<String, Refusal> {
    let envelope = envelope(members);
    let request = Request::decode(envelope.as_bytes()).unwrap_or_else(|error| panic!("{error} of {envelope}"));
    written(&request, Relation::Public, None).map(|bytes| String::from_utf8(bytes).unwrap())
}

#[track_caller]
fn assert_refused(members: &str, code: i32, message: &str) {
    let refusal = text_of(members).unwrap_err();
    assert_eq!((refusal.code(), refusal.message(), refusal.cause()), (ErrorCode(code), message, None), "{members}");
}

/// Byte by byte, once.
#[test]
fn a_whole_request() {
    let envelope = envelope(
        r#""path":"/orders?page=2","method":"POST","header":{"X-WX-SERVICE":"shop","X-Trace":"7","Content-Type":"application/json; charset=utf-8","n":1.50,"t":true},"data":{ "id": [7, "é"] }"#,
    );
    let request = Request::decode(envelope.as_bytes()).unwrap();
    let caller = Caller::new("WXAAA", "o-1", "wx_client").with_address("192.0.2.1");
    let expected = "POST /orders?page=2 HTTP/1.1\r\n\
        Host: shop.internal:8080\r\n\
        Accept-Encoding: identity\r\n\
        X-WX-OPENID: o-1\r\n\
        X-WX-APPID: WXAAA\r\n\
        X-WX-ENV: prod-001\r\n\
        X-WX-SOURCE: wx_client\r\n\
        X-Original-Forwarded-For: 192.0.2.1\r\n\
        X-Forwarded-For: 192.0.2.1\r\n\
        X-Trace: 7\r\n\
        Content-Type: application/json; charset=utf-8\r\n\
        n: 1.50\r\n\
        t: true\r\n\
        Content-Length: 15\r\n\
        \r\n\
        {\"id\":[7,\"é\"]}";
    assert_eq!(String::from_utf8(written(&request, Relation::Own, Some(&caller)).unwrap()).unwrap(), expected);
}

#[test]
fn what_data_becomes() {
    let json = "application/json";
    for (content_type, data, body) in [
        // JSON as it stands, white space left out, whatever the content type but one.
        (None, r#"{ "a": [1, 2.50, "x y"] }"#, r#"{"a":[1,2.50,"x y"]}"#),
        (None, "[1,\t2]", "[1,2]"),
        (None, " 7 ", "7"),
        (None, "false", "false"),
        (None, "null", "null"),
        (None, "{}", "{}"),
        (Some(json), r#"{"a":"\u00e9\/"}"#, r#"{"a":"\u00e9\/"}"#),
        (Some("application/json; charset=utf-8"), r#"{"a":1}"#, r#"{"a":1}"#),
        (Some("text/plain"), r#"{"a":1}"#, r#"{"a":1}"#),
        (Some(""), r#"{"a":1}"#, r#"{"a":1}"#),
        (Some("application/x-www-form-urlencoded-not"), r#"{"a":1}"#, r#"{"a":1}"#),
        (Some("x-application/x-www-form-urlencoded"), r#"{"a":1}"#, r#"{"a":1}"#),
        (Some("x; application/x-www-form-urlencoded"), r#"{"a":1}"#, r#"{"a":1}"#),
        (Some("multipart/form-data; boundary=b"), r#"{"a":1}"#, r#"{"a":1}"#),
        // A form.
        (Some(FORM), r#"{"a":1,"b c":"d&e=f","名":"é"}"#, "a=1&b%20c=d%26e%3Df&%E5%90%8D=%C3%A9"),
        (Some(FORM), r#"{"n":null,"t":true,"r":-1.50,"s":""}"#, "n=null&t=true&r=-1.50&s="),
        (Some(FORM), r#"{"ids":[1,2],"o":{"a":1}}"#, "ids=1%2C2&o=%5Bobject%20Object%5D"),
        (Some(FORM), r#"["a",[1,[null]]]"#, "0=a&1=1%2C"),
        (Some(FORM), "[]", ""),
        (Some(FORM), "{}", ""),
        (Some(FORM), " { \"a\" : \"\\u0026\\n\" } ", "a=%26%0A"),
        (Some("Application/X-WWW-Form-URLEncoded"), r#"{"a":1}"#, "a=1"),
        (Some("application/x-www-form-urlencoded;charset=utf-8"), r#"{"a":1}"#, "a=1"),
        (Some(" application/x-www-form-urlencoded\t; charset=utf-8"), r#"{"a":1}"#, "a=1"),
        // Text, unescaped, whatever the content type.
        (None, r#""""#, ""),
        (None, r#""a \"b\" \u00e9\n\u0000&=%41""#, "a \"b\" é\n\0&=%41"),
        (Some(FORM), r#""a=1&b=%20""#, "a=1&b=%20"),
        (Some(FORM), r#""{\"a\":[1]}""#, r#"{"a":[1]}"#),
        (Some("text/xml"), r#""<x/>\r\n\r\nGET / HTTP/1.1""#, "<x/>\r\n\r\nGET / HTTP/1.1"),
    ] {
        let header = content_type.map(|it| format!(r#""header":{{"content-Type":"{}"}},"#, it.escape_default()));
        for method in METHODS.into_iter().filter(|method| !matches!(method, Method::Get | Method::Head)) {
            let members = format!(
                r#""path":"/p?a=0","method":"{}",{}"data":{data}"#,
                method.as_str(),
                header.as_deref().unwrap_or_default()
            );
            let found = Received::parse(text_of(&members).unwrap().as_bytes());
            assert_eq!(String::from_utf8(found.body.clone()).unwrap(), body, "{members}");
            assert_eq!((found.method.as_str(), found.target.as_str()), (method.as_str(), "/p?a=0"));
            assert_eq!(found.values("content-type"), [content_type.unwrap_or(json).trim()], "{members}");
            assert_length(&found, method);
        }
    }
}

#[track_caller]
fn assert_length(found: &Received, method: Method) {
    let length = found.body.len().to_string();
    if length != "0" || matches!(method, Method::Post | Method::Put) {
        assert_eq!(found.values("content-length"), [length]);
        assert_eq!(found.headers.last().unwrap().0, "Content-Length");
    } else {
        assert_eq!(found.values("content-length"), [""; 0]);
    }
    assert_eq!(found.values("transfer-encoding"), [""; 0]);
}

#[test]
fn bytes_and_nothing() {
    let every_byte = (0..=255).collect::<Vec<u8>>();
    for (data, body) in [
        (Data::None, &[][..]),
        (Data::Bytes(Bytes::new(&[])), &[]),
        (Data::Bytes(Bytes::new(&every_byte)), &every_byte),
        (Data::Bytes(Bytes::from_base64("efvPNA==").unwrap()), &[0x79, 0xFB, 0xCF, 0x34]),
        (Data::Text("".into()), &[]),
        (Data::Text("GET".into()), b"GET"),
        // A JSON string is text, however it was made.
        (Data::Json(Json::new(r#" "\u0041\n" "#).unwrap()), b"A\n"),
    ] {
        for method in METHODS {
            for headers in [&[][..], &[("Content-Type", FORM)], &[("content-type", "image/png")]] {
                let request = Request::new("/p#f").with_env("prod-001").with_method(method).with_data(data);
                if !body.is_empty() && matches!(method, Method::Get | Method::Head) {
                    let refusal = written(&request.with_headers(headers), Relation::Public, None).unwrap_err();
                    assert_eq!((refusal.code(), refusal.message()), (ErrorCode(40_097), "system error"));
                    continue;
                }
                let found = received(&request.with_headers(headers));
                assert_eq!(found.body, body);
                assert_eq!((found.method.as_str(), found.target.as_str()), (method.as_str(), "/p"));
                assert_eq!(found.values("content-type"), [headers.first().map_or("application/json", |it| it.1)]);
                assert_length(&found, method);
            }
        }
    }
}

/// Python's `http.server` and others do not read a body that nobody asks for, and take it for the next request on the
/// connection. What could be one goes out on a connection that ends with it, and both sides know that.
#[test]
fn a_body_that_could_be_taken_for_a_request_is_the_last_on_its_connection() {
    const REQUEST: &str = r#""POST /steal HTTP/1.1\r\nHost: x\r\nX-WX-OPENID: o-admin\r\n\r\n""#;
    let bytes = r#""__nativeBuffers__":[{"key":"data","base64":"R0VUIC8gSFRUUC8xLjENCg0K"}]"#;
    let (text, form) =
        (format!(r#""data":{REQUEST}"#), r#""header":{"content-type":"application/x-www-form-urlencoded"},"#);
    let object = format!(r#""data":{{"a":{REQUEST}}}"#);
    let (array, number) = (format!(r#""data":[{REQUEST},1]"#), r#""data":7"#);
    for (method, header, data, closes) in [
        ("OPTIONS", "", text.as_str(), true),
        ("OPTIONS", "", bytes, true),
        ("OPTIONS", "", &object, true),
        ("OPTIONS", form, &object, true),
        ("OPTIONS", "", r#""data":null"#, true),
        ("OPTIONS", "", r#""data":"""#, false),
        ("OPTIONS", "", r#""timeout":1"#, false),
        ("DELETE", "", &text, true),
        ("DELETE", form, &text, true),
        ("DELETE", "", bytes, true),
        ("DELETE", "", &array, true),
        ("DELETE", "", number, true),
        ("DELETE", "", r#""data":"""#, false),
        ("DELETE", "", r#""__nativeBuffers__":[{"key":"data","base64":""}]"#, false),
        ("POST", "", &text, true),
        ("POST", form, &text, true),
        ("POST", "", bytes, true),
        ("POST", "", &object, false),
        ("POST", "", &array, false),
        ("POST", "", number, false),
        ("POST", form, &object, false),
        ("POST", form, &array, false),
        ("POST", "", r#""data":"""#, false),
        ("POST", "", r#""timeout":1"#, false),
        ("PUT", "", &text, true),
        ("PUT", "", bytes, true),
        ("PUT", "", &object, false),
        ("GET", "", &object, false),
        ("GET", "", &array, false),
        ("GET", "", r#""data":null"#, false),
        ("HEAD", "", r#""data":null"#, false),
        ("HEAD", "", r#""data":{}"#, false),
        ("HEAD", "", r#""data":[ ]"#, false),
    ] {
        let envelope = envelope(&format!(r#""path":"/","method":"{method}",{header}{data}"#));
        let request = Request::decode(envelope.as_bytes()).unwrap();
        let found = received(&request);
        assert_eq!(found.values("connection"), &["close"][..usize::from(closes)], "{envelope}");
        let lines = found.body.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        assert!(closes || !lines, "{envelope}");

        let mut buffer = [0; 256];
        let mut reader = HttpReader::new(&request, &mut buffer);
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        reader.window()[..response.len()].copy_from_slice(response);
        assert_eq!(reader.commit(response.len()), Ok(true));
        assert_eq!(reader.keeps_alive(), !closes, "{envelope}");
    }
}

#[test]
fn get_sends_no_json_body() {
    for (headers, data) in [("", r#"{"a":1}"#), (r#""header":{"content-type":"text/plain"},"#, r#"{"a":[1]}"#)] {
        let found = text_of(&format!(r#""path":"/",{headers}"data":{data}"#)).unwrap();
        assert!(found.starts_with("GET /?a=") && found.ends_with("\r\n\r\n"), "{found}");
        assert!(!found.to_ascii_lowercase().contains("content-length"), "{found}");
    }
    // The content type of a form makes no difference to it, not even for nested values.
    let form = r#""header":{"content-type":"application/x-www-form-urlencoded"},"#;
    let found = text_of(&format!(r#""path":"/",{form}"data":{{"a":[1],"b":2}}"#)).unwrap();
    assert!(found.starts_with("GET /?a=%5B1%5D&b=2 HTTP/1.1\r\n") && found.ends_with("\r\n\r\n"), "{found}");
}

#[test]
fn data_that_has_no_place() {
    for data in [r#""a""#, r#"" ""#, "7", "true", "false", " -0.5 "] {
        assert_refused(&format!(r#""path":"/","data":{data}"#), 40_097, "system error");
        assert_refused(&format!(r#""path":"/","method":"get","data":{data}"#), 40_097, "system error");
    }
    for data in [r#""a""#, "7", "true", "[1]", "[[]]", r#"{"a":1}"#, r#"{"\ud83d":1}"#, r#"{"":{}}"#] {
        for header in ["", r#""header":{"Content-Type":"application/x-www-form-urlencoded"},"#] {
            assert_refused(&format!(r#""path":"/","method":"head",{header}"data":{data}"#), 40_097, "system error");
        }
    }
    for method in METHODS.into_iter().filter(|method| !matches!(method, Method::Get | Method::Head)) {
        for data in ["7", "true", " -0.5 ", "null"] {
            for form in [FORM, "APPLICATION/x-www-form-urlencoded; charset=utf-8"] {
                let members = format!(
                    r#""path":"/","method":"{}","header":{{"Content-Type":"{form}"}},"data":{data}"#,
                    method.as_str()
                );
                assert_refused(&members, 40_097, "system error");
            }
        }
    }
}

#[test]
fn methods_that_are_no_business_of_a_service() {
    for method in ["CONNECT", "TRACE", "connect", "Trace"] {
        for data in ["", r#","data":{"a":1}"#, r#","data":[]"#] {
            assert_refused(&format!(r#""path":"/","method":"{method}"{data}"#), 102_005, "无效的 HTTP Method");
        }
    }
    for method in METHODS {
        let found = received(&Request::new("/").with_env("prod-001").with_method(method));
        assert_eq!((found.method.as_str(), found.target.as_str()), (method.as_str(), "/"));
        let name = method.as_str().to_ascii_lowercase();
        assert!(text_of(&format!(r#""path":"/","method":"{name}""#)).unwrap().starts_with(method.as_str()));
    }
}

#[test]
fn what_may_stand_in_a_target_and_what_is_percent_encoded() {
    let illegal = "\"<>\\^`{|}";
    for character in '!'..='~' {
        let expected = match character {
            _ if illegal.contains(character) => format!("%{:02X}", character as u8),
            '#' => {
                assert_eq!(received(&Request::new("/a#b")).target, "/a");
                continue;
            }
            _ => character.to_string(),
        };
        for (path, target) in [
            (format!("/a{character}b"), format!("/a{expected}b")),
            (format!("/?a{character}b"), format!("/?a{expected}b")),
            (format!("/{character}{character}"), format!("/{expected}{expected}")),
        ] {
            assert_eq!(received(&Request::new(&path)).target, target);
            // Beside what joins the query it is the same.
            let joined = if target.contains('?') { format!("{target}&%0A=1") } else { format!("{target}?%0A=1") };
            assert_eq!(super::target(&path, r#"{"\n":1}"#), joined);
        }
    }
    for (path, target) in [
        ("/商品/列表?页=二", "/%E5%95%86%E5%93%81/%E5%88%97%E8%A1%A8?%E9%A1%B5=%E4%BA%8C"),
        ("/é\u{e9}/e\u{301}", "/%C3%A9%C3%A9/e%CC%81"),
        ("/😀", "/%F0%9F%98%80"),
        ("/\u{80}\u{85}\u{a0}\u{2028}\u{feff}\u{3000}", "/%C2%80%C2%85%C2%A0%E2%80%A8%EF%BB%BF%E3%80%80"),
        ("/%e4%B8%ad%zz%", "/%e4%B8%ad%zz%"),
        ("//evil.example/../x;y", "//evil.example/../x;y"),
        ("/？a=1＃b", "/%EF%BC%9Fa=1%EF%BC%83b"),
    ] {
        assert_eq!(received(&Request::new(path)).target, target);
    }
}

#[test]
fn headers_that_do_not_reach_the_service() {
    let dropped = [
        "Host",
        "Connection",
        "Proxy-Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "HTTP2-Settings",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Content-Length",
        "Expect",
        "Accept-Encoding",
        "X-WX-OPENID",
        "X-WX-SERVICE",
        "X-WX-EXCLUDE-CREDENTIALS",
        "X-WX-ANYTHING-NEW",
        "X-WX-CLOUDBASE-ACCESS-TOKEN",
        "Proxy",
    ];
    for name in dropped.into_iter().chain(model::ADDRESSES) {
        for cases in [0, u64::MAX, 0x5555_5555_5555_5555, 0x6db6_db6d_b6db_6db6] {
            let cased = model::cased(name, cases);
            let last_hyphen = cased.rfind('-').unwrap_or(0);
            let underscore = format!("{}{}", &cased[..last_hyphen], cased[last_hyphen..].replace('-', "_"));
            let others = ["_", ".", "~", "!", "'", "`", "|", "+"].map(|other| cased.replace('-', other));
            for name in [&[cased.clone(), underscore][..], &others].concat() {
                let first = name.chars().next().unwrap();
                let escaped = format!("\\u{:04x}{}", u32::from(first), &name[1..]);
                for (name, value) in [(&name, "shop"), (&name, "0"), (&escaped, "chunked"), (&escaped, "")] {
                    let members = format!(
                        r#""path":"/","method":"POST","header":{{"a":"1","{name}":"{value}","b":"2"}},"data":"x""#
                    );
                    let expected = format!(
                        "POST / HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: identity\r\nConnection: close\r\n\
                         a: 1\r\nb: 2\r\ncontent-type: application/json\r\nContent-Length: 1\r\n\r\nx"
                    );
                    assert_eq!(text_of(&members).unwrap(), expected, "{members}");
                }
            }
        }
    }
}

#[test]
fn headers_that_reach_the_service_as_they_are() {
    let kept = [
        ("Accept", "*/*"),
        ("Authorization", "Bearer x, y"),
        ("Cookie", "a=1; b=\"2\""),
        ("content_type", "custom"),
        ("User-Agent", "é 名 😀 \u{80}"),
        ("X-Tab", "a\tb"),
        ("X-Empty", ""),
        ("x-wx", "1"),
        ("x-wxopenid", "1"),
        ("xx-wx-openid", "1"),
        ("Content-Encoding", "gzip"),
        ("Content-Length-X", "7"),
        ("Hosts", "a"),
        ("!#$%&'*+.^_`|~0-9A-Za-z-", "token"),
        ("x-forwarde", "1"),
        ("x.envo.y", "1"),
        ("client-ips", "1"),
        ("real-ip-x", "1"),
        ("Proxies", "1"),
        ("Via", "1.1 a"),
    ];
    let found = received(&Request::new("/").with_env("prod-001").with_headers(&kept));
    let headers = found.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>();
    let mut expected = vec![("Host", HOST), ("Accept-Encoding", "identity")];
    expected.extend(kept);
    expected.push(("content-type", "application/json"));
    assert_eq!(headers, expected);
    // White space around a value is written, and means nothing.
    let spaced = [("a", " \tx y\t ")];
    let bytes = written(&Request::new("/").with_headers(&spaced), Relation::Public, None).unwrap();
    assert!(bytes.windows(12).any(|window| window == b"a:  \tx y\t \r\n"));
    assert_eq!(Received::parse(&bytes).values("a"), ["x y"]);
}

#[test]
fn headers_that_the_caller_says_are_about_its_connection() {
    let names = |connection: &'static str| {
        let headers =
            [("a", "1"), ("X-Trace", "2"), ("b-c", "3"), ("Connection", connection), ("d_e", "4"), ("close", "5")];
        let found = received(&Request::new("/").with_env("prod-001").with_headers(&headers));
        let names = found.headers.into_iter().map(|(name, _)| name);
        let ours = ["Host", "Accept-Encoding", "content-type"];
        names.filter(|name| !ours.contains(&name.as_str())).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("keep-alive"), "a X-Trace b-c d_e close");
    assert_eq!(names("a"), "X-Trace b-c d_e close");
    assert_eq!(names("x-trace, B-C"), "a d_e close");
    assert_eq!(names(" ,, d_e\t,close "), "a X-Trace b-c");
    assert_eq!(names("aa,x-trac,c"), "a X-Trace b-c d_e close");
    // It is looked up as a service would see it.
    assert_eq!(names("d-e, B_C, x.trace"), "a close");
    assert_eq!(names("host, connection, content-length"), "a X-Trace b-c d_e close");
    assert_eq!(names(""), "a X-Trace b-c d_e close");
}

/// The list is looked at if it has 512 bytes, with its white space and its escapes, and no more.
#[test]
fn a_list_of_512_bytes_is_looked_at() {
    let dropped = |list: &str, written: &str| {
        assert_eq!(written.len(), list.len());
        let found = Received::parse(
            text_of(&format!(r#""path":"/","header":{{"a":"1","Connection":"{written}","b":"2"}}"#))
                .unwrap()
                .as_bytes(),
        );
        assert!(found.values("connection").is_empty() && found.values("b") == ["2"]);
        found.values("a").is_empty()
    };
    for (filling, last) in [("x", ",a"), (",", "a"), (" ", ",a"), ("-", " ,\t A \t")] {
        let last = last.replace('\t', " ");
        for (len, looked_at) in [(511, true), (512, true), (513, false), (5000, false)] {
            let list = filling.repeat(len - last.len()) + &last;
            assert_eq!(dropped(&list, &list), looked_at, "{len} {filling:?} {last:?}");
        }
    }
    // Other headers are as if it were not there.
    assert!(!dropped(&"a".repeat(512), &"a".repeat(512)));
}

/// A service is told what the body is, whatever the caller says of its connection.
#[test]
fn the_content_type_is_about_no_connection() {
    let members = r#""path":"/","method":"POST","header":{"Connection":"content-type","Content-Type":"application/x-www-form-urlencoded"},"data":{"a":1}"#;
    let found = Received::parse(text_of(members).unwrap().as_bytes());
    assert_eq!(found.body, b"a=1");
    assert_eq!(found.values("content-type"), [FORM]);
}

#[test]
fn a_gateway_that_knows_its_caller_by_what_no_header_may_hold() {
    let good = Caller::new("WXBBB", "o", "s").with_unionid("u").with_address("192.0.2.1").with_access_token("t");
    let request = Request::new("/").with_env("prod-001");
    let permission = permission(Relation::Reuse);
    for bad in ["\r", "\n", "\0", "a\r\nX-WX-OPENID: forged", "\u{7f}", "\u{1b}[0m", "é\u{1}"] {
        for caller in [
            with!(good, appid: bad),
            with!(good, openid: bad),
            with!(good, unionid: Some(bad)),
            with!(good, source: bad),
            with!(good, address: Some(bad)),
            with!(good, access_token: Some(bad)),
        ] {
            let refusal = HttpRequest::new(&request, &permission, Some(&caller), HOST).unwrap_err();
            assert_eq!(refusal, Refusal::new(ErrorCode(-501_001), refusal.message()));
            assert_eq!(refusal.message(), ErrorCode::CLOUD_SYSTEM_ERROR.message().unwrap());
        }
        let refusal = HttpRequest::new(&request, &permission, Some(&good), bad).unwrap_err();
        assert_eq!(refusal.code(), ErrorCode(-501_001));
        // What is not told may hold anything.
        let untold = with!(good, openid: bad, unionid: Some(bad), access_token: Some(bad));
        let headers = [("x-wx-exclude-credentials", "from-openid, from-unionid, cloudbase-access-token")];
        let request = request.with_headers(&headers);
        assert!(HttpRequest::new(&request, &permission, Some(&untold), HOST).is_ok());
    }
    let tab = with!(good, openid: "a\tb é");
    assert!(HttpRequest::new(&request, &permission, Some(&tab), HOST).is_ok());
}

/// A decoded request has been checked. One that was put together has not, and must not get out unchecked.
#[test]
fn a_request_that_no_decoder_would_give() {
    for headers in [
        [("a", "1\r\nX-WX-OPENID: forged")],
        [("a", "1\r\n\r\nGET /second HTTP/1.1")],
        [("a", "1\nx: y")],
        [("a", "\0")],
        [("a\r\nX-WX-OPENID", "forged")],
        [("a: b\r\nc", "d")],
        [("a b", "c")],
        [("", "c")],
    ] {
        let request = Request::new("/").with_env("prod-001").with_headers(&headers);
        assert!(request.encoded_len().is_err(), "{headers:?}");
        if let Ok(bytes) = written(&request, Relation::Public, None) {
            panic!("{headers:?} got out: {}", String::from_utf8_lossy(&bytes));
        }
    }
    let twice = [("content-type", "application/json"), ("Content-Type", FORM)];
    let request = Request::new("/").with_env("prod-001").with_headers(&twice);
    assert!(request.encoded_len().is_err());
    assert!(written(&request, Relation::Public, None).is_err());
    for path in ["orders", "http://evil.example/", "*", ""] {
        let request = Request::new(path).with_env("prod-001");
        assert!(request.encoded_len().is_err(), "{path:?}");
        if let Ok(bytes) = written(&request, Relation::Public, None) {
            panic!("{path:?} got out: {}", String::from_utf8_lossy(&bytes));
        }
    }
}
