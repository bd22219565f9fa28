use callcontainer::gateway::{Access, Caller, Env, Grant, Relation};
use callcontainer::{ErrorCode, Request};

const ACCESS: Access<'static> = Access::new(
    &[
        Env::new("prod-001", "WXAAA", &["shop", "users"]),
        Env::new("open-001", "WXAAA", &["shop"]).with_public(true),
        Env::new("prod-003", "WXCCC", &["shop"]),
        Env::new("empty-01", "WXAAA", &[]).with_public(true),
        // Further down, the same ID means nothing.
        Env::new("prod-001", "WXZZZ", &["shop", "late"]).with_public(true),
    ],
    &[
        Grant::new("prod-001", "WXAAA", "WXBBB"),
        // Whoever was granted an environment cannot share it on.
        Grant::new("prod-001", "WXBBB", "WXDDD"),
        // Nor can somebody who has nothing to do with it.
        Grant::new("prod-001", "WXCCC", "WXDDD"),
        Grant::new("prod-003", "WXAAA", "WXDDD"),
        Grant::new("prod-003", "WXCCC", "WXAAA"),
        Grant::new("gone-001", "WXAAA", "WXBBB"),
    ],
);

const INVALID_HOST: &str = "Invalid host";
const MISMATCH: &str = "Authorization mismatch uin";

/// Environment, service and relation, or the message.
type Outcome = Result<(&'static str, &'static str, Relation), &'static str>;

const fn caller(appid: &str) -> Caller<'_> {
    Caller::new(appid, "o-1", "wx_client")
}

fn outcome(request: &Request<'_>, appid: Option<&str>) -> Outcome {
    match ACCESS.decide(request, appid.map(caller).as_ref()) {
        Ok(permission) => {
            let env = permission.env;
            let first = ACCESS.envs.iter().find(|other| other.id == env.id);
            assert_eq!(first, Some(env));
            Ok((env.id, permission.service, permission.relation))
        }
        Err(refusal) => {
            assert_eq!(refusal.code(), ErrorCode(-501_000));
            assert_eq!(refusal.cause(), None);
            assert_eq!(refusal.to_string(), format!("-501000 {}", refusal.message()));
            Err(refusal.message())
        }
    }
}

#[track_caller]
fn assert_outcome(members: &str, appid: Option<&str>, expected: Outcome) {
    let envelope = format!(r#"{{"path":"/",{members}}}"#);
    let request = Request::decode(envelope.as_bytes()).unwrap_or_else(|error| panic!("{error} of {envelope}"));
    assert_eq!(outcome(&request, appid), expected, "{envelope} by {appid:?}");
}

#[test]
fn the_app_that_owns_the_environment() {
    let own = Ok(("prod-001", "shop", Relation::Own));
    for (members, expected) in [
        (r#""config":{"env":"prod-001"},"service":"shop""#, own),
        (r#""config":{"env":"prod-001"},"header":{"X-WX-SERVICE":"shop"}"#, own),
        (r#""config":{"env":"prod-001"},"header":{"x-wx-service":"shop"},"service":"shop""#, own),
        (r#""config":{"env":"prod-001"},"service":"users""#, Ok(("prod-001", "users", Relation::Own))),
        (r#""config":{"env":"open-001"},"service":"shop""#, Ok(("open-001", "shop", Relation::Own))),
        // The arguments of a `Cloud` instance may be there, and then must be right.
        (r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXAAA","resourceEnv":"prod-001""#, own),
        (r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXAAA""#, own),
        (r#""config":{"env":"prod-001"},"service":"shop","resourceEnv":"prod-001""#, own),
        (r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXBBB""#, Err(MISMATCH)),
        (r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"wxaaa""#, Err(MISMATCH)),
        (r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"""#, Err(MISMATCH)),
        (r#""config":{"env":"prod-001"},"service":"shop","resourceEnv":"open-001""#, Err(MISMATCH)),
        (r#""config":{"env":"prod-001"},"service":"shop","resourceEnv":"""#, Err(MISMATCH)),
        // Without `config.env`, `resourceEnv` says which environment it is.
        (r#""resourceEnv":"prod-001","service":"shop""#, own),
        (r#""resourceEnv":"prod-001","service":"shop","resourceAppid":"WXAAA""#, own),
        (r#""resourceEnv":"prod-001","service":"shop","resourceAppid":"WXCCC""#, Err(MISMATCH)),
    ] {
        assert_outcome(members, Some("WXAAA"), expected);
    }
}

#[test]
fn an_app_that_the_owner_shares_the_environment_with() {
    let reuse = Ok(("prod-001", "shop", Relation::Reuse));
    for (members, expected) in [
        (r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXAAA","resourceEnv":"prod-001""#, reuse),
        (r#""resourceAppid":"WXAAA","resourceEnv":"prod-001","service":"shop""#, reuse),
        (r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXAAA""#, reuse),
        (r#""config":{"env":"prod-001"},"service":"shop""#, Err(MISMATCH)),
        (r#""config":{"env":"prod-001"},"service":"shop","resourceEnv":"prod-001""#, Err(MISMATCH)),
        (r#""resourceEnv":"prod-001","service":"shop""#, Err(MISMATCH)),
        // Its own appid is not that of the owner.
        (
            r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXBBB","resourceEnv":"prod-001""#,
            Err(MISMATCH),
        ),
        (
            r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXCCC","resourceEnv":"prod-001""#,
            Err(MISMATCH),
        ),
        (
            r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXAAA","resourceEnv":"open-001""#,
            Err(MISMATCH),
        ),
        // Another environment of the same owner is not shared, not even one that is open to the public network.
        (
            r#""config":{"env":"open-001"},"service":"shop","resourceAppid":"WXAAA","resourceEnv":"open-001""#,
            Err(MISMATCH),
        ),
        (
            r#""config":{"env":"prod-003"},"service":"shop","resourceAppid":"WXCCC","resourceEnv":"prod-003""#,
            Err(MISMATCH),
        ),
    ] {
        assert_outcome(members, Some("WXBBB"), expected);
    }
    // An owner may be granted what others own.
    let members = r#""config":{"env":"prod-003"},"service":"shop","resourceAppid":"WXCCC","resourceEnv":"prod-003""#;
    assert_outcome(members, Some("WXAAA"), Ok(("prod-003", "shop", Relation::Reuse)));
}

#[test]
fn an_environment_is_closed_unless_it_is_opened() {
    let env = Env::new("prod-001", "WXAAA", &["shop"]);
    assert!(!env.public);
    let request = Request::new("/").with_env("prod-001").with_service("shop");
    assert!(Access::new(&[env], &[]).decide(&request, None).is_err());
    assert!(Access::new(&[env.with_public(true)], &[]).decide(&request, None).is_ok());
    assert!(Access::new(&[env.with_public(true).with_public(false)], &[]).decide(&request, None).is_err());
}

#[test]
fn an_app_that_has_no_grant() {
    for members in [
        r#""config":{"env":"prod-001"},"service":"shop""#,
        r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXAAA","resourceEnv":"prod-001""#,
        r#""resourceAppid":"WXAAA","resourceEnv":"prod-001","service":"shop""#,
        r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXBBB","resourceEnv":"prod-001""#,
        r#""config":{"env":"prod-003"},"service":"shop","resourceAppid":"WXCCC","resourceEnv":"prod-003""#,
        r#""config":{"env":"prod-003"},"service":"shop","resourceAppid":"WXAAA","resourceEnv":"prod-003""#,
        r#""config":{"env":"open-001"},"service":"shop""#,
    ] {
        // The grants to WXDDD are void, each for its own reason; nobody knows WXEEE.
        for appid in ["WXDDD", "WXEEE", "", "wxaaa", "WXAAA ", "WXZZZ"] {
            assert_outcome(members, Some(appid), Err(MISMATCH));
        }
    }
}

#[test]
fn another_client_over_the_public_network() {
    let public = Ok(("open-001", "shop", Relation::Public));
    for (members, expected) in [
        (r#""config":{"env":"open-001"},"service":"shop""#, public),
        (r#""resourceEnv":"open-001","service":"shop""#, public),
        (r#""config":{"env":"open-001"},"service":"shop","resourceAppid":"WXAAA""#, public),
        (r#""config":{"env":"open-001"},"service":"shop","resourceAppid":"WXBBB""#, Err(MISMATCH)),
        (r#""config":{"env":"open-001"},"service":"shop","resourceEnv":"prod-001""#, Err(MISMATCH)),
        (r#""config":{"env":"prod-001"},"service":"shop""#, Err(MISMATCH)),
        (
            r#""config":{"env":"prod-001"},"service":"shop","resourceAppid":"WXAAA","resourceEnv":"prod-001""#,
            Err(MISMATCH),
        ),
        (r#""config":{"env":"open-001"},"service":"users""#, Err(INVALID_HOST)),
        (r#""config":{"env":"gone-001"},"service":"shop""#, Err(INVALID_HOST)),
    ] {
        assert_outcome(members, None, expected);
    }
}

#[test]
fn no_such_environment_or_service() {
    for appid in [Some("WXAAA"), Some("WXBBB"), Some("WXEEE"), None] {
        for members in [
            r#""config":{"env":"gone-001"},"service":"shop""#,
            r#""config":{"env":"PROD-001"},"service":"shop""#,
            r#""config":{"env":""},"service":"shop""#,
            r#""config":{"env":"prod-00"},"service":"shop""#,
            r#""config":{"env":"prod-0011"},"service":"shop""#,
            r#""resourceEnv":"gone-001","service":"shop""#,
            r#""resourceAppid":"WXAAA","resourceEnv":"gone-001","service":"shop""#,
            // `config.env` comes first, whatever `resourceEnv` says.
            r#""config":{"env":"gone-001"},"service":"shop","resourceAppid":"WXAAA","resourceEnv":"prod-001""#,
            r#""config":{"env":"prod-001"}"#,
            r#""config":{"env":"prod-001"},"service":"""#,
            r#""config":{"env":"prod-001"},"service":"Shop""#,
            r#""config":{"env":"prod-001"},"service":"shops""#,
            r#""config":{"env":"prod-001"},"service":"late""#,
            r#""config":{"env":"prod-001"},"header":{"x_wx_service":"shop"}"#,
            r#""config":{"env":"empty-01"},"service":"shop""#,
        ] {
            assert_outcome(members, appid, Err(INVALID_HOST));
        }
    }
    // What was never decoded may lack both.
    assert_eq!(outcome(&Request::new("/").with_service("shop"), Some("WXAAA")), Err(INVALID_HOST));
    assert_eq!(outcome(&Request::new("/"), None), Err(INVALID_HOST));
}

#[test]
fn however_the_names_are_spelt() {
    assert_outcome(
        r#""config":{"env":"prod\u002d001"},"service":"\u0073hop""#,
        Some("WXAAA"),
        Ok(("prod-001", "shop", Relation::Own)),
    );
    assert_outcome(
        r#""config":{"env":"\u0070rod-001"},"resourceAppid":"WX\u0041AA","resourceEnv":"prod\u002D001","header":{"X\u002dWX-SERVICE":"sho\u0070"}"#,
        Some("WXBBB"),
        Ok(("prod-001", "shop", Relation::Reuse)),
    );
    assert_outcome(
        r#""config":{"env":"prod-001"},"resourceAppid":"WX\u0041AB","service":"shop""#,
        Some("WXAAA"),
        Err(MISMATCH),
    );
    assert_outcome(r#""config":{"env":"prod\\u002d001"},"service":"shop""#, Some("WXAAA"), Err(INVALID_HOST));
}

/// ID, owner, services, whether it is open, and whom the owner shares it with.
type Known = (&'static str, &'static str, &'static [&'static str], bool, &'static [&'static str]);

/// The rules once more, in the order in which FACTS tells them.
fn expected(request: [Option<&str>; 4], appid: Option<&str>) -> Outcome {
    let [env, resource_appid, resource_env, service] = request;
    let envs: [Known; 4] = [
        ("prod-001", "WXAAA", &["shop", "users"], false, &["WXBBB"]),
        ("open-001", "WXAAA", &["shop"], true, &[]),
        ("prod-003", "WXCCC", &["shop"], false, &["WXAAA"]),
        ("empty-01", "WXAAA", &[], true, &[]),
    ];
    let Some(place) = envs.iter().position(|it| Some(it.0) == env.or(resource_env)) else {
        return Err(INVALID_HOST);
    };
    let (id, owner, services, public, shared_with) = envs[place];
    let Some(service) = services.iter().find(|it| Some(**it) == service) else { return Err(INVALID_HOST) };
    let relation = match appid {
        None => public.then_some(Relation::Public),
        Some(appid) if appid == owner => Some(Relation::Own),
        Some(appid) => (shared_with.contains(&appid) && resource_appid == Some(owner)).then_some(Relation::Reuse),
    };
    let wrong = resource_appid.is_some_and(|it| it != owner) || resource_env.is_some_and(|it| it != id);
    if wrong { Err(MISMATCH) } else { relation.map(|relation| (id, *service, relation)).ok_or(MISMATCH) }
}

#[test]
fn all_combinations() {
    let envs = [None, Some("prod-001"), Some("open-001"), Some("prod-003"), Some("empty-01"), Some("gone-001")];
    let appids = [None, Some("WXAAA"), Some("WXBBB"), Some("WXCCC"), Some("WXDDD")];
    let services = [None, Some("shop"), Some("users"), Some("late")];
    let mut allowed = 0;
    for env in envs {
        for resource_appid in appids {
            for resource_env in envs {
                if env.is_none() && resource_env.is_none() {
                    continue;
                }
                for service in services {
                    let mut members = vec![r#""path":"/""#.to_owned()];
                    members.extend(env.map(|it| format!(r#""config":{{"env":"{it}"}}"#)));
                    members.extend(resource_appid.map(|it| format!(r#""resourceAppid":"{it}""#)));
                    members.extend(resource_env.map(|it| format!(r#""resourceEnv":"{it}""#)));
                    members.extend(service.map(|it| format!(r#""service":"{it}""#)));
                    let envelope = format!("{{{}}}", members.join(","));
                    let request = Request::decode(envelope.as_bytes()).unwrap();
                    for appid in appids {
                        let expected = expected([env, resource_appid, resource_env, service], appid);
                        assert_eq!(outcome(&request, appid), expected, "{envelope} by {appid:?}");
                        allowed += usize::from(expected.is_ok());
                    }
                }
            }
        }
    }
    // For prod-001 with two services, own: 6 ways each to say which environment it is, reuse: 3. For open-001, own and
    // public: 6 each. For prod-003, own: 6, reuse: 3.
    assert_eq!(allowed, 2 * (6 + 3) + 6 + 6 + 6 + 3);
}
