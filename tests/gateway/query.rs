use super::model::{self, Spelt, Tree};
use super::{received, target};
use callcontainer::{Json, Method, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// What JavaScript's `encodeURIComponent` gives, by way of a query.
#[track_caller]
fn encoded(text: &str) -> String {
    let data = serde_json::json!({ "": text }).to_string();
    target("/", &data).strip_prefix("/?=").unwrap().to_owned()
}

#[test]
fn encode_uri_component_over_ascii() {
    let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()";
    for character in '\0'..='\u{7f}' {
        let expected =
            if unreserved.contains(character) { character.to_string() } else { format!("%{:02X}", character as u8) };
        assert_eq!(encoded(&character.to_string()), expected);
        assert_eq!(encoded(&format!("a{character}{character}b")), format!("a{expected}{expected}b"));
        // The name of a member is encoded alike, and so is a form.
        let data = serde_json::json!({ character.to_string(): 1 }).to_string();
        assert_eq!(target("/", &data), format!("/?{expected}=1"));
        let request = Request::new("/")
            .with_method(Method::Post)
            .with_headers(&[("content-type", "application/x-www-form-urlencoded")])
            .with_data(Json::new(&data).unwrap().into());
        assert_eq!(received(&request).body, format!("{expected}=1").into_bytes());
    }
    // As node prints it.
    let printable = (' '..='~').collect::<String>();
    assert_eq!(
        encoded(&printable),
        "%20!%22%23%24%25%26'()*%2B%2C-.%2F0123456789%3A%3B%3C%3D%3E%3F%40ABCDEFGHIJKLMNOPQRSTUVWXYZ%5B%5C%5D%5E_%60\
         abcdefghijklmnopqrstuvwxyz%7B%7C%7D~"
    );
}

#[test]
fn encode_uri_component_over_unicode() {
    for (text, expected) in [
        ("\u{80}", "%C2%80"),
        ("é", "%C3%A9"),
        ("\u{7ff}", "%DF%BF"),
        ("\u{800}", "%E0%A0%80"),
        ("中文", "%E4%B8%AD%E6%96%87"),
        ("\u{2028}\u{2029}", "%E2%80%A8%E2%80%A9"),
        ("\u{d7ff}\u{e000}", "%ED%9F%BF%EE%80%80"),
        ("\u{feff}\u{ffff}", "%EF%BB%BF%EF%BF%BF"),
        ("😀", "%F0%9F%98%80"),
        ("\u{10000}\u{10ffff}", "%F0%90%80%80%F4%8F%BF%BF"),
        ("e\u{301}", "e%CC%81"),
        ("100% & more=100+", "100%25%20%26%20more%3D100%2B"),
        ("%E4%B8%AD", "%25E4%25B8%25AD"),
    ] {
        assert_eq!(encoded(text), expected);
        assert_eq!(model::component(text), expected);
    }
    // However it is spelt in the envelope.
    assert_eq!(target("/", r#"{"\u4e2d\ud83D\uDE00\u0026\/\n":"\u0000\u4e2d\u003d"}"#), {
        "/?%E4%B8%AD%F0%9F%98%80%26%2F%0A=%00%E4%B8%AD%3D"
    });
}

#[test]
fn the_members_of_an_object_join_the_query() {
    for (path, data, expected) in [
        ("/", r#"{"a":1}"#, "/?a=1"),
        ("/p", r#"{"a":"b c","d":"e&f=g"}"#, "/p?a=b%20c&d=e%26f%3Dg"),
        ("/p?x=1", r#"{"a":"b"}"#, "/p?x=1&a=b"),
        ("/p?x=1&y=2", r#"{"a":"b","c":"d"}"#, "/p?x=1&y=2&a=b&c=d"),
        // One of the same name takes the place.
        ("/p?a=1&b=2&c=3", r#"{"b":9}"#, "/p?a=1&b=9&c=3"),
        ("/p?a=1&b=2", r#"{"c":3,"b":4,"a":5}"#, "/p?a=5&b=4&c=3"),
        ("/p?a=1", r#"{"a":""}"#, "/p?a="),
        ("/p?a", r#"{"a":1}"#, "/p?a=1"),
        ("/p?a=", r#"{"a":1}"#, "/p?a=1"),
        ("/p?a=b=c", r#"{"a":"d=e"}"#, "/p?a=d%3De"),
        ("/p?aa=1&A=2&a=3", r#"{"a":4}"#, "/p?aa=1&A=2&a=4"),
        // A name may stand more than once.
        ("/p?a=1&a=2", r#"{"b":3}"#, "/p?a=1&a=2&b=3"),
        ("/p?a=1&b=2&a=3", r#"{"a":4}"#, "/p?a=4&b=2"),
        ("/p?b=2&a=1&a=2&a=3", r#"{"a":4,"c":5}"#, "/p?b=2&a=4&c=5"),
        ("/p?a=1&b=2&a=3&b=4", r#"{"b":5}"#, "/p?a=1&b=5&a=3"),
        ("/p?a=1&b=2&a=3&b=4", r#"{"b":5,"a":6}"#, "/p?a=6&b=5"),
        // Names are the same when they are written the same.
        ("/p?a%20b=1", r#"{"a b":2}"#, "/p?a%20b=2"),
        ("/p?%E5%90%8D=1", r#"{"名":2}"#, "/p?%E5%90%8D=2"),
        ("/p?名=1", r#"{"名":2}"#, "/p?%E5%90%8D=2"),
        ("/p?a%2Fb=1", r#"{"a/b":2}"#, "/p?a%2Fb=2"),
        ("/p?%61=1", r#"{"a":2}"#, "/p?%61=1&a=2"),
        ("/p?a+b=1", r#"{"a b":2}"#, "/p?a+b=1&a%20b=2"),
        // Whatever else stands in the path stays as it stands.
        ("/p?q=%e4%b8%ad+x%zz&flag&=&x=", r#"{"a":1}"#, "/p?q=%e4%b8%ad+x%zz&flag&=&x=&a=1"),
        ("/p?x=1?y=2", r#"{"a":1}"#, "/p?x=1?y=2&a=1"),
        ("/p?x=1;y=2", r#"{"a":1}"#, "/p?x=1;y=2&a=1"),
        ("/p?x=a/b:c@d!$'()*,[]", r#"{"a":1}"#, "/p?x=a/b:c@d!$'()*,[]&a=1"),
        ("/a%2Fb/../c//d;e=f", r#"{"a":1}"#, "/a%2Fb/../c//d;e=f?a=1"),
        ("/p&a=1", r#"{"a":2}"#, "/p&a=1?a=2"),
        // An empty query, and none.
        ("/p?", r#"{"a":1}"#, "/p?a=1"),
        ("/p?", "{}", "/p?"),
        ("/p", "{}", "/p"),
        ("/p", "{ }", "/p"),
        ("/p?x=1", "{}", "/p?x=1"),
        ("/p?x=1&&y=2&", r#"{"a":1}"#, "/p?x=1&&y=2&&a=1"),
        // A fragment is dropped.
        ("/p#top", r#"{"a":1}"#, "/p?a=1"),
        ("/p?x=1#top", r#"{"a":1}"#, "/p?x=1&a=1"),
        ("/p?#top", r#"{"a":1}"#, "/p?a=1"),
        ("/p#top?x=1&a=2", r#"{"a":1}"#, "/p?a=1"),
        ("/p#a#b?c#d", "{}", "/p"),
        ("/#", r#"{"a":1}"#, "/?a=1"),
        ("/p?a=1#&b=2", r#"{"b":1}"#, "/p?a=1&b=1"),
        // Nested values become JSON text first, white space left out.
        ("/", r#"{"o":{"k":[1,"é"]}}"#, "/?o=%7B%22k%22%3A%5B1%2C%22%C3%A9%22%5D%7D"),
        ("/", r#"{ "o" : { "k" : [ 1 , "a b" ] } }"#, "/?o=%7B%22k%22%3A%5B1%2C%22a%20b%22%5D%7D"),
        ("/", r#"{"l":[],"o":{}}"#, "/?l=%5B%5D&o=%7B%7D"),
        ("/p?l=0", r#"{"l":[[null],{"a":false}]}"#, "/p?l=%5B%5Bnull%5D%2C%7B%22a%22%3Afalse%7D%5D"),
        // Scalars are written as they stand.
        ("/", r#"{"n":null,"t":true,"f":false}"#, "/?n=null&t=true&f=false"),
        ("/", r#"{"i":-7,"r":1.50,"e":1e+21,"z":0}"#, "/?i=-7&r=1.50&e=1e%2B21&z=0"),
        ("/", r#"{"":""}"#, "/?="),
        ("/", r#"{"é":"名"}"#, "/?%C3%A9=%E5%90%8D"),
        // The elements of an array, by their indexes.
        ("/", "[1,2]", "/?0=1&1=2"),
        ("/p?x=1", r#"[ "a b" , null , true ]"#, "/p?x=1&0=a%20b&1=null&2=true"),
        ("/p?1=x&0=y", "[7]", "/p?1=x&0=7"),
        ("/p", r#"[[1,null],{"a":[]},[]]"#, "/p?0=%5B1%2Cnull%5D&1=%7B%22a%22%3A%5B%5D%7D&2=%5B%5D"),
        ("/p?x=1#y", "[]", "/p?x=1"),
        ("/p?", " [ ] ", "/p?"),
        ("/", "[0,1,2,3,4,5,6,7,8,9,10]", "/?0=0&1=1&2=2&3=3&4=4&5=5&6=6&7=7&8=8&9=9&10=10"),
        // `null` is nothing.
        ("/p?x=1#y", "null", "/p?x=1"),
        ("/p", " null ", "/p"),
    ] {
        assert_eq!(target(path, data), expected, "{path} with {data}");
    }
}

#[test]
fn a_path_that_is_escaped_in_the_envelope() {
    for (path, data, expected) in [
        (r"\/p\u003fa=1\u0026b=2\u0023frag", r#"{"b":3,"c":4}"#, "/p?a=1&b=3&c=4"),
        (r"/p\u003F", r#"{"a":1}"#, "/p?a=1"),
        (r"/p\u003F#", r#"{"a":1}"#, "/p?a=1"),
        (r"/p\u003F\u0023x", r#"{"a":1}"#, "/p?a=1"),
        (r"/p?\u0061\u003d1\u0026", r#"{"a":1}"#, "/p?a=1&"),
        (r"/p\\?a\\=1", r#"{"a\\":2}"#, "/p%5C?a%5C=2"),
        (r"/\u540d?\u540d=\ud83d\ude00", r#"{"x":2}"#, "/%E5%90%8D?%E5%90%8D=%F0%9F%98%80&x=2"),
        (r#"/\"?\"=1"#, r#"{"\"":2}"#, "/%22?%22=2"),
        (r"/p?\\u0061=1", r#"{"\\u0061":2}"#, "/p?%5Cu0061=2"),
    ] {
        let envelope = format!(r#"{{"config":{{"env":"prod-001"}},"path":"{path}","data":{data}}}"#);
        let request = Request::decode(envelope.as_bytes()).unwrap();
        assert_eq!(received(&request).target, expected, "{envelope}");
    }
}

/// No object of JavaScript has a name twice. Where one does, the last takes the place of a pair, and all follow.
#[test]
fn a_member_that_stands_twice() {
    assert_eq!(target("/p?a=0", r#"{"a":1,"a":2}"#), "/p?a=2");
    assert_eq!(target("/p", r#"{"a":1,"a":2}"#), "/p?a=1&a=2");
    assert_eq!(target("/p?x=0", r#"{"a":1,"b":3,"\u0061":2}"#), "/p?x=0&a=1&b=3&a=2");
}

#[test]
fn so_many_pairs_can_be_joined() {
    let path = |pairs: usize| format!("/p?{}", (0..pairs).map(|at| format!("k{at}=v")).collect::<Vec<_>>().join("&"));
    let refused = |path: &str, data: &str| {
        let request = Request::new(path).with_data(Json::new(data).unwrap().into());
        super::written(&request, callcontainer::gateway::Relation::Public, None).map_err(|it| it.code().0)
    };
    for replaced in [0, 1, 62, 63] {
        let data = format!(r#"{{"k{replaced}":"new","more":1}}"#);
        let expected = format!("{}&more=1", path(64).replace(&format!("k{replaced}=v"), &format!("k{replaced}=new")));
        assert_eq!(target(&path(64), &data), expected);
    }
    assert_eq!(refused(&path(65), r#"{"a":1}"#), Err(40_097));
    assert_eq!(refused(&format!("/p?{}", "&".repeat(64)), r#"{"a":1}"#), Err(40_097));
    assert_eq!(target(&format!("/p?{}", "&".repeat(63)), r#"{"a":1}"#), format!("/p?{}&a=1", "&".repeat(63)));
    assert_eq!(refused(&path(65), "[]"), Err(40_097));
    // Where nothing is joined, there may be any number; and of members, too.
    assert_eq!(target(&path(65), "null"), path(65));
    assert_eq!(received(&Request::new(&path(500)).with_env("prod-001")).target, path(500));
    let members = (0..500).map(|at| format!(r#""m{at}":{at}"#)).collect::<Vec<_>>().join(",");
    let pairs = (0..500).map(|at| format!("m{at}={at}")).collect::<Vec<_>>().join("&");
    assert_eq!(target(&path(64), &format!("{{{members}}}")), format!("{}&{pairs}", path(64)));
}

/// The form that is made of this `data`, which is any JSON.
fn form(data: &str) -> String {
    let request = Request::new("/")
        .with_method(Method::Post)
        .with_headers(&[("content-type", "application/x-www-form-urlencoded")])
        .with_data(Json::new(data).unwrap().into());
    String::from_utf8(received(&request).body).unwrap()
}

/// As node gives `encodeURIComponent(String(value))`.
#[test]
fn a_value_of_a_form_is_what_javascript_makes_a_string_of() {
    for (value, expected) in [
        ("[1,2]", "1%2C2"),
        ("{}", "%5Bobject%20Object%5D"),
        (r#"{"a":[1]}"#, "%5Bobject%20Object%5D"),
        ("null", "null"),
        ("true", "true"),
        ("false", "false"),
        ("-1.5", "-1.5"),
        ("1e+21", "1e%2B21"),
        (r#""""#, ""),
        (r#""[1,2]""#, "%5B1%2C2%5D"),
        ("[]", ""),
        ("[null]", ""),
        ("[[null]]", ""),
        ("[[]]", ""),
        ("[[],[]]", "%2C"),
        ("[null,null]", "%2C"),
        ("[null,1,null]", "%2C1%2C"),
        ("[1,[2,3],[],4]", "1%2C2%2C3%2C%2C4"),
        ("[[[[1]],2],[[3]]]", "1%2C2%2C3"),
        (r#"[{"a":1},[{}],{}]"#, "%5Bobject%20Object%5D%2C%5Bobject%20Object%5D%2C%5Bobject%20Object%5D"),
        (r#"["a,b","","null",null,"]"]"#, "a%2Cb%2C%2Cnull%2C%2C%5D"),
        (r#"["\u00e9\n\"",true,false,0]"#, "%C3%A9%0A%22%2Ctrue%2Cfalse%2C0"),
        (" [ 1 , [ null , 2 ] ] ", "1%2C%2C2"),
    ] {
        assert_eq!(form(&format!(r#"{{"v":{value},"w":7}}"#)), format!("v={expected}&w=7"), "{value}");
        assert_eq!(form(&format!("[{value},7]")), format!("0={expected}&1=7"), "{value}");
    }
    assert_eq!(form("[]"), "");
    assert_eq!(form("{}"), "");
}

/// As deep as an envelope can be, and in as many elements as one can hold.
#[test]
fn an_array_of_a_form_may_be_as_deep_and_as_long_as_any() {
    for levels in [1, 60, 124] {
        let value = format!("{}1,null,{{\"a\":[]}}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(form(&format!(r#"{{"v":{value}}}"#)), "v=1%2C%2C%5Bobject%20Object%5D");
        assert_eq!(form(&format!("[{value}]")), "0=1%2C%2C%5Bobject%20Object%5D");
    }
    let wide = vec!["[0]"; 20_000].join(",");
    assert_eq!(form(&format!("[[{wide}]]")), format!("0={}", vec!["0"; 20_000].join("%2C")));
}

/// `encodeURIComponent` throws at half of a surrogate pair. In JSON it is an escape, and in an object that is nested in a
/// query it is part of JSON text.
#[test]
fn half_of_a_surrogate_pair_has_no_place_in_a_pair() {
    let http = |method: Method, content_type: &str, data: &str| {
        let data = Json::new(data).unwrap().into();
        let headers = [("content-type", content_type)];
        let request = Request::new("/p?x=1").with_method(method).with_headers(&headers).with_data(data);
        super::written(&request, callcontainer::gateway::Relation::Public, None).map_err(|it| it.code().0)
    };
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    for data in [
        r#"{"\ud83d":1}"#,
        r#"{"a":"\ud83d"}"#,
        r#"{"a":"\ude00\ud83d"}"#,
        r#"{"a":1,"b":"x\ud83dx","c":2}"#,
        r#"{ "a" : [1] , "\udc00" : "" }"#,
        r#"{"a":"\ud83d\ude00\ude00"}"#,
    ] {
        assert_eq!(http(Method::Get, json, data), Err(40_097), "{data}");
        assert_eq!(http(Method::Post, form, data), Err(40_097), "{data}");
        let written = http(Method::Post, json, data).unwrap();
        assert!(written.ends_with(data.replace(' ', "").as_bytes()), "{data}");
    }
    // A form makes text of what is nested, too.
    for data in
        [r#"{"a":["\ud83d"]}"#, r#"["\ud83d"]"#, r#"[1,[["x",["\ude00"]]]]"#, r#"{"a":[["\ud83d\ud83d"]],"b":1}"#]
    {
        assert_eq!(http(Method::Post, form, data), Err(40_097), "{data}");
    }
    assert_eq!(http(Method::Get, json, r#"["\ud83d"]"#), Err(40_097));
    assert!(http(Method::Post, form, r#"[{"\ud83d":"\ude00"}]"#).unwrap().ends_with(b"0=%5Bobject%20Object%5D"));
    assert_eq!(target("/", r#"{"a":["\ud83d"],"b":"\ud83d\ude00"}"#), "/?a=%5B%22%5Cud83d%22%5D&b=%F0%9F%98%80");
    assert_eq!(target("/", r#"{"a":{"\ude00":"\ud83d"}}"#), "/?a=%7B%22%5Cude00%22%3A%22%5Cud83d%22%7D");
}

/// Names that often are the same, spelt in several ways.
fn any_name() -> impl Strategy<Value = String> + Clone {
    let few = vec!["a", "b", "c", "", "a b", "a%20b", "a%2fb", "a/b", "名", "é", "A", "a[0]", "+", "\\", "~", "%41"];
    prop_oneof![6 => select(few).prop_map(str::to_owned), 1 => "[a-c]{1,2}", 1 => "\\PC{0,4}"].boxed()
}

/// What may stand in a query: no ampersand, no fragment.
fn in_query(text: String) -> String {
    text.replace(['&', '#', ' '], "_")
}

pub fn any_spelt(text: impl Strategy<Value = String>) -> impl Strategy<Value = Spelt> {
    let escapes = prop_oneof![3 => Just(0), 1 => any::<u64>(), 1 => Just(u64::MAX)];
    (text, escapes).prop_map(|(text, escapes)| Spelt::new(&text, escapes))
}

/// Members of which no two have the same name.
pub fn distinct(mut members: Vec<(Spelt, Tree)>) -> Vec<(Spelt, Tree)> {
    let mut names = std::collections::HashSet::new();
    members.retain(|(name, _)| names.insert(name.text.clone()));
    members
}

pub fn any_tree(name: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = Tree> {
    let scalar = select(vec!["null", "true", "false", "0", "-1", "1.50", "1e+21", "-0.0E-7", "12345678901234567890"]);
    let leaf = prop_oneof![
        2 => scalar.prop_map(|text| Tree::Scalar(text.to_owned())),
        3 => any_spelt(prop_oneof!["\\PC{0,6}", "[&=?#% +\"\\\\\0\r\n\t]{0,4}"]).prop_map(Tree::Text),
    ];
    leaf.prop_recursive(3, 12, 4, move |tree| {
        let members = vec((any_spelt(name.clone()), tree.clone()), 0..4).prop_map(distinct);
        prop_oneof![1 => vec(tree, 0..4).prop_map(Tree::List), 2 => members.prop_map(Tree::Object)]
    })
}

proptest! {
    #[test]
    fn encode_uri_component_of_any_text(text in any::<String>()) {
        prop_assert_eq!(encoded(&text), model::component(&text));
        let spelt = Spelt::new(&text, 0x5555_5555_5555_5555).token;
        prop_assert_eq!(target("/", &format!("{{{spelt}:{spelt}}}")), {
            format!("/?{0}={0}", model::component(&text))
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_query_is_merged_as_its_model_says(
        pairs in vec((any_name(), proptest::option::of("[a-c=?]{0,3}")), 0..6),
        members in vec((any_spelt(any_name()), any_tree(any_name())), 0..6).prop_map(distinct),
        space in select(vec!["", " ", "\n\t"]),
    ) {
        let pairs = pairs.into_iter().map(|(name, value)| {
            let name = in_query(name).replace('=', "_");
            value.map_or(name.clone(), |value| format!("{name}={value}"))
        });
        let query = pairs.collect::<Vec<_>>().join("&");
        let tree = Tree::Object(members);
        let found = target(&format!("/p?{query}"), &tree.spaced(space));
        prop_assert_eq!(found, format!("/p?{}", model::merge(&query, &tree.pairs(Tree::in_query).unwrap())));
        prop_assert_eq!(form(&tree.spaced(space)), model::merge("", &tree.pairs(Tree::in_form).unwrap()));
    }

    #[test]
    fn the_elements_of_an_array_are_pairs_by_their_indexes(
        before in vec(select(vec!["0", "1=x", "2=", "10=y", "a=0", "%30=z"]), 0..5),
        elements in vec(any_tree(any_name()), 0..13),
        space in select(vec!["", " ", "\n\t"]),
    ) {
        let query = before.join("&");
        let tree = Tree::List(elements);
        let found = target(&format!("/p?{query}"), &tree.spaced(space));
        prop_assert_eq!(found, format!("/p?{}", model::merge(&query, &tree.pairs(Tree::in_query).unwrap())));
        prop_assert_eq!(form(&tree.spaced(space)), model::merge("", &tree.pairs(Tree::in_form).unwrap()));
    }
}
