use super::{ENV, Received, permission, written};
use callcontainer::gateway::{Caller, Identity, Relation, identity_headers};
use callcontainer::{Method, Request};
use proptest::option;
use proptest::prelude::*;

const CALLER: Caller<'static> = Caller::new("WXBBB", "o-secret", "wx_devtools,wx_client")
    .with_unionid("u-secret")
    .with_address("2001:db8::7")
    .with_access_token("t-secret");

const OWN: [(&str, &str); 8] = [
    ("X-WX-OPENID", "o-secret"),
    ("X-WX-APPID", "WXAAA"),
    ("X-WX-UNIONID", "u-secret"),
    ("X-WX-CLOUDBASE-ACCESS-TOKEN", "t-secret"),
    ("X-WX-ENV", "prod-001"),
    ("X-WX-SOURCE", "wx_devtools,wx_client"),
    ("X-Original-Forwarded-For", "2001:db8::7"),
    ("X-Forwarded-For", "2001:db8::7"),
];

const REUSE: [(&str, &str); 9] = [
    ("X-WX-APPID", "WXAAA"),
    ("X-WX-FROM-OPENID", "o-secret"),
    ("X-WX-FROM-APPID", "WXBBB"),
    ("X-WX-FROM-UNIONID", "u-secret"),
    ("X-WX-FROM-CLOUDBASE-ACCESS-TOKEN", "t-secret"),
    ("X-WX-ENV", "prod-001"),
    ("X-WX-SOURCE", "wx_devtools,wx_client"),
    ("X-Original-Forwarded-For", "2001:db8::7"),
    ("X-Forwarded-For", "2001:db8::7"),
];

const TOKENS: [&str; 2] = ["X-WX-CLOUDBASE-ACCESS-TOKEN", "X-WX-FROM-CLOUDBASE-ACCESS-TOKEN"];

fn headers<'a>(relation: Relation, caller: Option<&Caller<'a>>, exclude: Option<&str>) -> Vec<(&'static str, &'a str)> {
    let own = caller.copied().map(|caller| match relation {
        Relation::Own => with!(caller, appid: "WXAAA"),
        _ => caller,
    });
    let pairs = exclude.map(|list| ("x-Wx-Exclude-CREDENTIALS", list));
    let request = Request::new("/").with_headers(pairs.as_slice());
    identity_headers(&request, &permission(relation), own.as_ref()).collect()
}

fn without<'a>(all: &[(&'a str, &'a str)], names: &[&str]) -> Vec<(&'a str, &'a str)> {
    all.iter().filter(|(name, _)| !names.contains(name)).copied().collect()
}

#[test]
fn what_each_relation_tells() {
    assert_eq!(headers(Relation::Own, Some(&CALLER), None), OWN);
    assert_eq!(headers(Relation::Reuse, Some(&CALLER), None), REUSE);
    assert_eq!(headers(Relation::Public, Some(&CALLER), None), []);
    for relation in [Relation::Own, Relation::Reuse, Relation::Public] {
        assert_eq!(headers(relation, None, None), [], "{relation:?}");
    }
}

#[test]
fn what_is_not_known_is_not_told() {
    let no_unionid = with!(CALLER, unionid: None);
    assert_eq!(headers(Relation::Own, Some(&no_unionid), None), without(&OWN, &["X-WX-UNIONID"]));
    assert_eq!(headers(Relation::Reuse, Some(&no_unionid), None), without(&REUSE, &["X-WX-FROM-UNIONID"]));
    let no_token = with!(CALLER, access_token: None);
    assert_eq!(headers(Relation::Own, Some(&no_token), None), without(&OWN, &TOKENS));
    assert_eq!(headers(Relation::Reuse, Some(&no_token), None), without(&REUSE, &TOKENS));
    let no_address = with!(CALLER, address: None);
    let addresses = ["X-Original-Forwarded-For", "X-Forwarded-For"];
    assert_eq!(headers(Relation::Own, Some(&no_address), None), without(&OWN, &addresses));
    assert_eq!(headers(Relation::Reuse, Some(&no_address), None), without(&REUSE, &addresses));
}

#[test]
fn the_credentials_that_a_call_leaves_out() {
    let openid = &["X-WX-OPENID"][..];
    let unionid = &["X-WX-UNIONID"][..];
    let from_openid = &["X-WX-FROM-OPENID"][..];
    let from_appid = &["X-WX-FROM-APPID"][..];
    let from_unionid = &["X-WX-FROM-UNIONID"][..];
    let every = ["X-WX-OPENID", "X-WX-UNIONID", "X-WX-FROM-OPENID", "X-WX-FROM-APPID", "X-WX-FROM-UNIONID"];
    let every = &[&every[..], &TOKENS].concat()[..];
    for (list, left_out) in [
        ("openid", openid),
        ("unionid", unionid),
        ("cloudbase-access-token", &TOKENS),
        ("CloudBase-Access-Token , openid", &["X-WX-OPENID", TOKENS[0], TOKENS[1]]),
        ("access-token, from-cloudbase-access-token, cloudbase_access_token", &[]),
        ("from-openid", from_openid),
        ("from-appid", from_appid),
        ("from-unionid", from_unionid),
        ("openid,unionid", &["X-WX-OPENID", "X-WX-UNIONID"]),
        ("unionid,openid", &["X-WX-OPENID", "X-WX-UNIONID"]),
        ("from-openid,openid", &["X-WX-OPENID", "X-WX-FROM-OPENID"]),
        ("openid,unionid,cloudbase-access-token,from-openid,from-appid,from-unionid", every),
        ("from-unionid, from-appid, from-openid, cloudbase-access-token, unionid, openid", every),
        // Spacing and letter case.
        ("OPENID", openid),
        ("OpenId,UnionID", &["X-WX-OPENID", "X-WX-UNIONID"]),
        ("From-AppID", from_appid),
        ("  openid\t", openid),
        ("\tunionid , \t openid  ", &["X-WX-OPENID", "X-WX-UNIONID"]),
        (",,openid,,", openid),
        (" , openid", openid),
        ("x,openid", openid),
        ("openid,x", openid),
        ("openid,openid", openid),
        // What is another word, and what is none.
        ("", &[]),
        (",", &[]),
        (" ", &[]),
        ("openi", &[]),
        ("openidx", &[]),
        ("xopenid", &[]),
        ("openid;unionid", &[]),
        ("openid.unionid", &[]),
        ("open-id", &[]),
        ("from_openid", &[]),
        ("from-", &[]),
        ("-openid", &[]),
        ("\"openid\"", &[]),
        ("openid,", openid),
        ("öpenid", &[]),
        ("ｏｐｅｎｉｄ", &[]),
        ("openıd", &[]),
        ("openid，unionid", &[]),
        // These cannot be left out.
        ("appid,env,source,x-wx-appid,x-wx-source,x-wx-openid,from-source", &[]),
    ] {
        assert_eq!(headers(Relation::Own, Some(&CALLER), Some(list)), without(&OWN, left_out), "{list:?}");
        assert_eq!(headers(Relation::Reuse, Some(&CALLER), Some(list)), without(&REUSE, left_out), "{list:?}");
        assert_eq!(headers(Relation::Public, Some(&CALLER), Some(list)), [], "{list:?}");
    }
    // In an envelope, name and value may be escaped, and the name is one name in any letter case.
    let envelope = r#"{"config":{"env":"prod-001"},"path":"/","header":{"X-WX\u002dexclude-Credentials":"uni\u006fnid\u002copenid"}}"#;
    let request = Request::decode(envelope.as_bytes()).unwrap();
    let caller = with!(CALLER, appid: "WXAAA");
    let headers = identity_headers(&request, &permission(Relation::Own), Some(&caller)).collect::<Vec<_>>();
    assert_eq!(headers, without(&OWN, &["X-WX-OPENID", "X-WX-UNIONID"]));
}

/// What the caller forges never stands beside what the gateway says, nor can the caller take that away.
#[test]
fn a_service_sees_the_gateways_headers_and_no_others() {
    let forged = [
        ("x-wx-openid", "forged"),
        ("X_WX_OPENID", "forged"),
        ("X-WX_APPID", "forged"),
        ("x-Wx-SoUrCe", "forged"),
        ("X-WX-CLOUDBASE-ACCESS-TOKEN", "forged"),
        ("X-WX-FROM-CLOUDBASE-ACCESS-TOKEN", "forged"),
        ("x.wx.openid", "forged"),
        ("x~wx!source", "forged"),
        ("X'WX|CLOUDBASE^ACCESS`TOKEN", "forged"),
        ("x.forwarded+for", "forged"),
        ("x*original.forwarded_for", "forged"),
        ("Client_IP", "forged"),
        ("CF.Connecting.IPv6", "forged"),
        ("x-wx-from-openid", "forged"),
        ("x-wx-from_appid", "forged"),
        ("x-wx-", "forged"),
        ("X-Original-Forwarded-For", "forged"),
        ("x_forwarded_for", "forged"),
        ("X-Real-IP", "forged"),
        ("Forwarded", "for=forged"),
        ("X-WX-SERVICE", "shop"),
        ("Connection", "x-wx-openid, X-WX-APPID,x-wx-source , x-wx-from-openid, x-forwarded-for, host, content-type-x"),
        ("x-wxopenid", "kept"),
        ("x-wx", "kept"),
        ("xx-wx-openid", "kept"),
    ];
    let kept = [("x-wxopenid", "kept"), ("x-wx", "kept"), ("xx-wx-openid", "kept")];
    let request = Request::new("/").with_env("prod-001").with_headers(&forged).with_method(Method::Delete);
    let own = with!(CALLER, appid: "WXAAA");
    for (relation, caller, told) in [
        (Relation::Own, Some(&own), &OWN[..]),
        (Relation::Reuse, Some(&CALLER), &REUSE[..]),
        (Relation::Public, None, &[][..]),
        (Relation::Public, Some(&CALLER), &[][..]),
        (Relation::Own, None, &[][..]),
    ] {
        let received = Received::parse(&written(&request, relation, caller).unwrap());
        let mut expected = vec![("Host", super::HOST), ("Accept-Encoding", "identity")];
        expected.extend(told);
        expected.extend(kept);
        expected.push(("content-type", "application/json"));
        let found = received.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>();
        assert_eq!(found, expected, "{relation:?}");
    }
}

fn read(headers: &[(&'static str, &'static str)]) -> Option<Identity<'static>> {
    Identity::from_headers(headers.iter().map(|(name, value)| (*name, value.as_bytes())))
}

#[test]
fn the_service_reads_what_the_gateway_writes() {
    let own = with!(Identity::default(), source: "wx_devtools,wx_client",
        appid: Some("WXAAA"),
        openid: Some("o-secret"),
        unionid: Some("u-secret"),
        access_token: Some("t-secret"),
        env: Some("prod-001"),
        address: Some("2001:db8::7"));
    assert_eq!(read(&OWN), Some(own));
    assert_eq!((own.is_reuse(), own.user(), own.app()), (false, Some("o-secret"), Some("WXAAA")));
    let reuse = with!(Identity::default(), source: "wx_devtools,wx_client",
        appid: Some("WXAAA"),
        from_appid: Some("WXBBB"),
        from_openid: Some("o-secret"),
        from_unionid: Some("u-secret"),
        from_access_token: Some("t-secret"),
        env: Some("prod-001"),
        address: Some("2001:db8::7"));
    assert_eq!(read(&REUSE), Some(reuse));
    assert_eq!((reuse.is_reuse(), reuse.user(), reuse.app()), (true, Some("o-secret"), Some("WXBBB")));

    // One of the two that tell of another app is enough.
    let identity = read(&without(&REUSE, &["X-WX-FROM-OPENID"])).unwrap();
    assert_eq!((identity.is_reuse(), identity.user(), identity.app()), (true, None, Some("WXBBB")));
    let identity = read(&without(&REUSE, &["X-WX-FROM-APPID"])).unwrap();
    assert_eq!((identity.is_reuse(), identity.user(), identity.app()), (true, Some("o-secret"), None));
    // Under reuse nothing but the calling app's own counts.
    let both = [("x-wx-source", "s"), ("x-wx-openid", "o-1"), ("x-wx-appid", "WXAAA"), ("x-wx-from-openid", "o-2")];
    let identity = read(&both).unwrap();
    assert_eq!((identity.is_reuse(), identity.user(), identity.app()), (true, Some("o-2"), None));

    let empty = read(&[("X-WX-SOURCE", "")]).unwrap();
    assert_eq!(empty, Identity::default());
    assert_eq!((empty.is_reuse(), empty.user(), empty.app()), (false, None, None));
}

/// A call under resource reuse may leave out the appid and the openid of the calling app, and keep the unionid. It does
/// not come from the app that owns the environment for that.
#[test]
fn a_unionid_of_another_app_is_a_sign_of_another_app() {
    let told = headers(Relation::Reuse, Some(&CALLER), Some("from-appid,from-openid"));
    let identity = Identity::from_headers(told.iter().map(|(name, value)| (*name, value.as_bytes()))).unwrap();
    assert_eq!(identity.from_unionid, Some("u-secret"));
    assert!(identity.is_reuse());
    assert_eq!((identity.user(), identity.app()), (None, None));
    // So is the token alone.
    let told = headers(Relation::Reuse, Some(&CALLER), Some("from-appid,from-openid,from-unionid"));
    let identity = Identity::from_headers(told.iter().map(|(name, value)| (*name, value.as_bytes()))).unwrap();
    assert!(identity.is_reuse());
    assert_eq!((identity.from_access_token, identity.access_token), (Some("t-secret"), None));
    assert_eq!((identity.user(), identity.app()), (None, None));
}

#[test]
fn nothing_is_believed_without_the_source() {
    for all in [&OWN[..], &REUSE[..]] {
        assert!(read(all).is_some());
        assert_eq!(read(&without(all, &["X-WX-SOURCE"])), None);
    }
    assert_eq!(read(&[]), None);
    for near in ["x-wx-sourc", "x-wx-sources", "x_wx_source", "wx-source", "x-wx-source "] {
        assert_eq!(read(&[(near, "wx_client"), ("x-wx-openid", "o-1")]), None, "{near:?}");
    }
    // A source that is not UTF-8 is as good as none.
    assert_eq!(Identity::from_headers([("x-wx-source", &b"\xff"[..]), ("x-wx-openid", b"o-1")]), None);
}

#[test]
fn a_header_that_says_who_calls_stands_once() {
    let names = [
        "x-wx-source",
        "x-wx-appid",
        "x-wx-openid",
        "x-wx-unionid",
        "x-wx-from-appid",
        "x-wx-from-openid",
        "x-wx-from-unionid",
        "x-wx-cloudbase-access-token",
        "x-wx-from-cloudbase-access-token",
        "x-wx-env",
    ];
    for name in names {
        let others = ["_", ".", "~", " ", "\0"].map(|other| name.replace('-', other));
        let one = name.to_ascii_uppercase().replacen('-', "_", 1);
        for again in [&[name.to_owned(), name.to_ascii_uppercase(), one][..], &others].concat() {
            // The same value twice is no better, nor is an empty one.
            for value in ["one", "two", ""] {
                let mut headers = vec![("x-other", "1"), (name, "one"), (again.as_str(), value)];
                if name != "x-wx-source" {
                    headers.push(("x-wx-source", "wx_client"));
                }
                let read = |headers: &[(&str, &str)]| {
                    Identity::from_headers(headers.iter().map(|(name, value)| (*name, value.as_bytes()))).is_some()
                };
                assert!(!read(&headers), "{headers:?}");
                headers.swap(1, 2);
                assert!(!read(&headers), "{headers:?}");
                headers.remove(1);
                assert!(read(&headers), "{headers:?}");
            }
        }
    }
    // Others may stand as often as they like.
    let headers = [("accept", "a"), ("x-wx-source", "s"), ("accept", "b"), ("x-wx-new", "1"), ("x-wx-new", "2")];
    assert_eq!(read(&headers), Some(with!(Identity::default(), source: "s")));
}

/// A service that gets `x_wx_openid` gets it from somebody who wants it to be taken for `X-WX-OPENID` by one that folds
/// names: no gateway writes it. It takes nothing else with it, since it may as well be the service's own.
#[test]
fn a_header_in_another_spelling_is_not_believed() {
    let fields = |identity: &Identity<'static>| {
        [
            identity.appid,
            identity.openid,
            identity.unionid,
            identity.access_token,
            identity.env,
            identity.from_appid,
            identity.from_openid,
            identity.from_unionid,
            identity.from_access_token,
        ]
    };
    for (at, name) in [
        "x_wx_appid",
        "X-WX_OPENID",
        "x.wx.unionid",
        "x~wx!cloudbase access'token",
        "x-wx_env",
        "x_wx-from-appid",
        "X_WX_FROM_OPENID",
        "x-wx-from.unionid",
        "x-wx-from-cloudbase-access_token",
    ]
    .into_iter()
    .enumerate()
    {
        let identity = read(&[("X-WX-SOURCE", "wx_client"), (name, "forged")]).unwrap();
        assert_eq!(identity, with!(Identity::default(), source: "wx_client"), "{name}");
        assert!(!identity.is_reuse());
        let exact = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-").leak();
        let identity = read(&[("X-WX-SOURCE", "wx_client"), (exact, "true")]).unwrap();
        assert_eq!(fields(&identity)[at], Some("true"), "{exact}");
        assert_eq!(fields(&identity).iter().flatten().count(), 1, "{exact}");
        assert_eq!(read(&[("X-WX-SOURCE", "wx_client"), (exact, "true"), (name, "forged")]), None, "{name}");
        assert_eq!(read(&[("X-WX-SOURCE", "wx_client"), (name, "true"), (name, "forged")]), None, "{name}");
    }
    for name in ["x_wx_source", "X-WX_SOURCE", "x.wx.source"] {
        assert_eq!(read(&[(name, "wx_client"), ("x-wx-openid", "o-1")]), None, "{name}");
    }
    // The names of no header, however alike.
    let near = [("x-wx--openid", "1"), ("xx-wx-openid", "2"), ("x-wx-openid-", "3"), ("x-wxopenid", "4")];
    let headers = [&[("X-WX-SOURCE", "wx_client")][..], &near].concat();
    assert_eq!(read(&headers), Some(with!(Identity::default(), source: "wx_client")));
    let long = "x".repeat(5000).leak();
    assert_eq!(read(&[("X-WX-SOURCE", "s"), (long, "1")]), Some(with!(Identity::default(), source: "s")));
}

#[test]
fn an_address_in_another_spelling_is_not_believed() {
    let source = ("X-WX-SOURCE", "wx_client");
    let (original, forwarded) = (("X-Original-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "198.51.100.2"));
    for name in ["x_original_forwarded_for", "X-Original_Forwarded-For", "x.forwarded.for", "X_FORWARDED_FOR"] {
        let forged = (name, "203.0.113.9");
        for others in [&[][..], &[original], &[forwarded], &[original, forwarded], &[forwarded, original]] {
            for at in 0..=others.len() {
                let mut headers = vec![source];
                headers.extend(others);
                headers.insert(at + 1, forged);
                assert_eq!(read(&headers), Some(with!(Identity::default(), source: "wx_client")), "{headers:?}");
            }
        }
    }
}

#[test]
fn a_value_that_is_not_utf_8_is_passed_over() {
    let headers = [
        ("x-wx-source", &b"wx_client"[..]),
        ("x-wx-openid", b"o-\xff"),
        ("x-wx-appid", b"WXAAA"),
        ("x-wx-env", b"\xc3"),
        ("x-original-forwarded-for", b"\x80"),
        ("x-forwarded-for", b"192.0.2.1"),
        ("accept", b"\xfe"),
    ];
    let expected = with!(Identity::default(), source: "wx_client", appid: Some("WXAAA"), address: Some("192.0.2.1"));
    assert_eq!(Identity::from_headers(headers), Some(expected));
}

/// Twice is twice, whichever of the two can be read.
#[test]
fn a_header_that_stands_twice_counts_even_if_it_is_not_utf_8() {
    let source = ("x-wx-source", &b"wx_client"[..]);
    let (good, bad) = (("x-wx-openid", &b"o-1"[..]), ("x-wx-openid", &b"\xff"[..]));
    assert_eq!(Identity::from_headers([source, good, bad]), None);
    assert_eq!(Identity::from_headers([source, bad, good]), None);
    assert_eq!(Identity::from_headers([source, bad, bad]), None);
    assert_eq!(Identity::from_headers([("x-wx-source", &b"\xff"[..]), source]), None);
}

#[test]
fn the_address_of_the_device() {
    let (original, forwarded) = (("X-Original-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "198.51.100.2"));
    let source = ("X-WX-SOURCE", "wx_client");
    let address = |headers: &[(&'static str, &'static str)]| read(headers).unwrap().address;
    assert_eq!(address(&[source]), None);
    assert_eq!(address(&[original, source]), Some("192.0.2.1"));
    assert_eq!(address(&[source, forwarded]), Some("198.51.100.2"));
    assert_eq!(address(&[forwarded, original, source]), Some("192.0.2.1"));
    assert_eq!(address(&[original, source, forwarded]), Some("192.0.2.1"));
    // Proxies may add their own, behind the caller's.
    assert_eq!(address(&[forwarded, source, ("x-forwarded-for", "203.0.113.3")]), Some("198.51.100.2"));
    assert_eq!(address(&[original, source, ("x-original-forwarded-for", "203.0.113.3")]), Some("192.0.2.1"));
    assert_eq!(read(&[original, forwarded]), None);
}

/// A proxy adds to the same header more often than it writes a second one: nginx's `$proxy_add_x_forwarded_for`.
#[test]
fn the_address_of_the_device_before_those_of_proxies_in_one_header() {
    for name in ["X-Forwarded-For", "X-Original-Forwarded-For"] {
        let identity = read(&[("X-WX-SOURCE", "wx_client"), (name, "198.51.100.2, 203.0.113.3,10.0.0.1")]).unwrap();
        assert_eq!(identity.address, Some("198.51.100.2"), "{name}");
    }
}

#[test]
fn a_log_does_not_learn_who_the_user_is() {
    assert_eq!(format!("{CALLER:?}"), r#"Caller { appid: "WXBBB", source: "wx_devtools,wx_client", .. }"#);
    let own = read(&OWN).unwrap();
    assert_eq!(format!("{own:?}"), r#"Identity { source: "wx_devtools,wx_client", app: Some("WXAAA"), .. }"#);
    let reuse = read(&REUSE).unwrap();
    assert_eq!(format!("{reuse:?}"), r#"Identity { source: "wx_devtools,wx_client", app: Some("WXBBB"), .. }"#);
}

proptest! {
    /// Whatever the caller is called, in whatever order and letter case the headers arrive, and whatever else is there.
    #[test]
    fn what_is_written_reads_back(
        texts in ["\\PC{0,12}", "\\PC{0,12}", "\\PC{0,12}"],
        unionid in option::of("\\PC{0,12}"),
        address in option::of("[0-9a-f.:]{1,20}"),
        access_token in option::of("\\PC{0,12}"),
        reuse in any::<bool>(),
        others in proptest::collection::vec(("x-[a-v][a-z-]{0,8}", "\\PC{0,8}"), 0..4),
        cases in any::<u64>(),
        order in any::<prop::sample::Index>(),
    ) {
        let [appid, openid, source] = &texts;
        let appid = if reuse { appid.as_str() } else { ENV.owner };
        let caller = with!(
            Caller::new(appid, openid, source),
            unionid: unionid.as_deref(),
            address: address.as_deref(),
            access_token: access_token.as_deref()
        );
        let relation = if reuse { Relation::Reuse } else { Relation::Own };
        let request = Request::new("/");
        let mut headers = identity_headers(&request, &permission(relation), Some(&caller))
            .map(|(name, value)| (super::model::cased(name, cases), value.to_owned()))
            .collect::<Vec<_>>();
        headers.extend(others.iter().cloned());
        let turns = order.index(headers.len());
        headers.rotate_left(turns);
        let own = |value| (!reuse).then_some(value);
        let from = |value| reuse.then_some(value);
        let expected = with!(Identity::default(),
            source: source,
            appid: Some("WXAAA"),
            openid: own(openid.as_str()),
            unionid: unionid.as_deref().and_then(own),
            from_appid: from(appid),
            from_openid: from(openid.as_str()),
            from_unionid: unionid.as_deref().and_then(from),
            access_token: access_token.as_deref().and_then(own),
            from_access_token: access_token.as_deref().and_then(from),
            env: Some("prod-001"),
            address: address.as_deref());
        let read = Identity::from_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        prop_assert_eq!(read, Some(expected));
        prop_assert_eq!(expected.user(), Some(openid.as_str()));
        prop_assert_eq!(expected.app(), Some(appid));
        prop_assert_eq!(expected.is_reuse(), reuse);
    }
}
