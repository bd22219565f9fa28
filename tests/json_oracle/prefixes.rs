use super::{check_reply, check_request, check_value};
use callcontainer::{Error, ErrorKind};

const REQUESTS: &[&str] = &[
    r#"{"config":{"env":"prod-01"},"path":"/"}"#,
    r#"{"config":{"env":"prod-01"},"path":"/container/hello?x=1","service":"shop","method":"POST","header":{"X-WX-SERVICE":"shop","content-type":"application/json","n":-1.5e+3,"b":false},"data":{"a":[1,2.5,-3e-7,"x",null,true,false,{}],"b":{"c":[[]]}},"timeout":15000,"dataType":"json","responseType":"text","callID":"call-1","verbose":true,"followRedirect":false}"#,
    r#"{"resourceAppid":"wx1234567890abcdef","resourceEnv":"prod-02","path":"/\u4e2d?\ud83d\ude00","data":"\"\\\/\b\f\n\r\t\u0000 \ud83d\uDE00 caf\u00e9"}"#,
    "{\"path\":\"/\u{4e2d}\u{6587}/\u{e9}\",\"data\":\"\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\",\"config\":{\"env\":\"\u{1f600}\"}}",
    r#"{"__nativeBuffers__":[{"key":"data","base64":"efvPNA=="}],"path":"/","config":{"env":"e"}}"#,
    " \t\r\n{ \"config\" : { \"env\" : \"e\" } ,\n\t\"path\" : \"/\" , \"data\" : [ 1 , 2 ] } \r\n\t ",
    r#"{"\u0063onfig":{"e\u006ev":"e"},"p\u0061th":"\u002f","d\u0061ta":-0.0E-00}"#,
];

const REPLIES: &[&str] = &[
    r#"{"statusCode":200}"#,
    r#"{"data":{"code":0,"data":[1,-2.0,3e4,"a\u00e9",null,true,false]},"statusCode":404,"header":{"Content-Type":"text/plain","n":7},"cookies":["a=1; Path=/","b=\"2\""],"callID":"c-1","errMsg":"cloud.callContainer:ok"}"#,
    r#"{"errCode":-606001,"errMsg":"cloud.callContainer:fail \u8d85\u65f6 \ud83d\ude00","callID":"c-2"}"#,
    "{\"errMsg\":\"\u{8d85}\u{65f6} \u{1f600}\",\"errno\":102002}",
    r#"{"statusCode":200,"__nativeBuffers__":[{"base64":"","key":"data"}]}"#,
    "\n{ \"statusCode\" : 200 , \"data\" : \"\" , \"cookies\" : [ ] , \"header\" : { } }\n\n",
];

/// Checks that every cut of the text that is not a whole value ends too early, where it ends.
fn check_prefixes(text: &str, check: fn(&[u8]) -> Result<(), Error>) {
    let text = text.as_bytes();
    assert!(check(text).is_ok(), "{}", text.escape_ascii());
    // Behind the value there may be white space or none.
    let whole = text.trim_ascii_end().len();
    for end in 0..text.len() {
        let prefix = &text[..end];
        match check(prefix) {
            Ok(_) => assert!(end >= whole, "accepted: {}", prefix.escape_ascii()),
            Err(error) => {
                assert!(end < whole, "{error}: {}", prefix.escape_ascii());
                assert_eq!(
                    (error.kind(), error.offset()),
                    (ErrorKind::UnexpectedEnd, end),
                    "{}",
                    prefix.escape_ascii()
                );
            }
        }
    }
}

#[test]
fn every_prefix_of_a_request_ends_too_early() {
    for envelope in REQUESTS {
        check_prefixes(envelope, |text| check_request(text).map(drop));
    }
}

#[test]
fn every_prefix_of_a_reply_ends_too_early() {
    for envelope in REPLIES {
        check_prefixes(envelope, |text| check_reply(text).map(drop));
    }
}

#[test]
fn every_prefix_of_a_value_ends_too_early() {
    for envelope in REQUESTS.iter().chain(REPLIES) {
        check_prefixes(envelope, |text| check_value(text).map(drop));
    }
    for text in [r#""\ud83d\ude00\u4e2d""#, "\"\u{4e2d}\u{1f600}\"", "[[[[{}]]]]", "true", "false", "null ", " \n[]"] {
        check_prefixes(text, |text| check_value(text).map(drop));
    }
}

/// A number may be whole at several places.
#[test]
fn every_prefix_of_a_number_is_judged_alike() {
    for (text, whole) in
        [("-12.50e+07", &[2, 3, 5, 6, 9, 10][..]), ("0", &[1]), ("-0E-0 ", &[2, 5, 6]), (" 10", &[2, 3])]
    {
        for end in 0..=text.len() {
            match check_value(&text.as_bytes()[..end]) {
                Ok(_) => assert!(whole.contains(&end), "accepted: {:?}", &text[..end]),
                Err(error) => {
                    assert!(!whole.contains(&end), "{error}: {:?}", &text[..end]);
                    assert_eq!((error.kind(), error.offset()), (ErrorKind::UnexpectedEnd, end), "{:?}", &text[..end]);
                }
            }
        }
    }
}

#[test]
fn nothing_is_no_envelope() {
    for (text, end) in [("", 0), (" ", 1), ("\r\n\t ", 4)] {
        let expected = Error::new(ErrorKind::UnexpectedEnd, end);
        assert_eq!(check_request(text.as_bytes()).unwrap_err(), expected);
        assert_eq!(check_reply(text.as_bytes()).unwrap_err(), expected);
        assert_eq!(check_value(text.as_bytes()).unwrap_err(), expected);
    }
}
