//! The parts inside an `errMsg`, the codes, and the advice to call again.

#[path = "resources/cost.rs"]
mod cost;

use callcontainer::{ErrorCode, Message, Method, Retry, Text};
use proptest::prelude::*;
use std::fmt::Write as _;

/// What a message should be taken apart into.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    code: Option<i32>,
    text: String,
    call_id: Option<String>,
    trace: Option<String>,
}

fn parts(code: impl Into<Option<i32>>, text: &str, call_id: &str, trace: &str) -> Parts {
    let tail = |part: &str| (!part.is_empty()).then(|| part.to_owned());
    Parts { code: code.into(), text: text.to_owned(), call_id: tail(call_id), trace: tail(trace) }
}

fn parts_of(message: &Message<'_>) -> Parts {
    Parts {
        code: message.code().map(|code| code.0),
        text: message.text().to_string(),
        call_id: message.call_id().map(|part| part.to_string()),
        trace: message.trace().map(|part| part.to_string()),
    }
}

/// The content of a JSON string that stands for `text`: with every character escaped that must be, or with every one
/// that can be.
fn escape(text: &str, everything: bool) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '\n' if !everything => escaped.push_str("\\n"),
            '"' | '\\' if !everything => escaped.extend(['\\', character]),
            '\0'..='\u{1f}' => write!(escaped, "\\u{:04x}", u32::from(character)).unwrap(),
            _ if everything => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(escaped, "\\u{unit:04X}").unwrap();
                }
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Takes `message` apart as it is and from two escaped forms, which must all give the same, and checks that every part
/// is a slice of the message.
fn parse(message: &str) -> Parts {
    let plain = Message::parse(message);
    assert_are_slices(Text::new(message), &plain);
    for everything in [false, true] {
        let span = escape(message, everything);
        let text = Text::from_escaped(&span).unwrap();
        assert_eq!(text, message);
        let escaped = Message::parse(text);
        assert_are_slices(text, &escaped);
        assert_eq!(escaped, plain);
        assert_eq!(parts_of(&escaped), parts_of(&plain));
    }
    parts_of(&plain)
}

fn assert_are_slices(whole: Text<'_>, message: &Message<'_>) {
    let whole = whole.as_raw().as_ptr_range();
    for part in [Some(message.text()), message.call_id(), message.trace()].into_iter().flatten() {
        let part = part.as_raw().as_ptr_range();
        assert!(whole.start <= part.start && part.end <= whole.end);
    }
}

const INIT: &str = "Cloud API isn't enabled, please call wx.cloud.init first\n\
                    请先调用 wx.cloud.init() 完成初始化后再调用其他云 API。init 方法可传入一个对象用于设置默认配置，详见文档。";

#[test]
fn code_and_text() {
    assert_eq!(
        parse(
            "cloud.callContainer:fail Error: errCode: 102002 | errMsg: 请求超时 (callId: 1700000000000-0.25) \
             (trace: 9:3:1 start->9:3:16 timeout, retry->9:3:31 timeout, abort)"
        ),
        parts(102_002, "请求超时", "1700000000000-0.25", "9:3:1 start->9:3:16 timeout, retry->9:3:31 timeout, abort")
    );
    assert_eq!(
        parse("cloud.callContainer:fail Error: errCode: -606001 | errMsg: 请求包大小超过 100KB"),
        parts(-606_001, "请求包大小超过 100KB", "", "")
    );
    assert_eq!(
        parse("cloud.callContainer:fail Error: errCode: -501000  | errMsg: Invalid host (callId: 1-0.2)"),
        parts(-501_000, "Invalid host", "1-0.2", "")
    );
    assert_eq!(
        parse("cloud.callContainer:fail Error: errCode: -501000  | errMsg: Invalid host (trace: 1:2:3 start)"),
        parts(-501_000, "Invalid host", "", "1:2:3 start")
    );
    assert_eq!(
        parse("cloud.callContainer:fail Error: errCode: -501000 ｜ errMsg: Invalid host (trace: a) (callId: b)"),
        parts(-501_000, "Invalid host", "b", "a")
    );
}

#[test]
fn a_trace_that_repeats_the_error() {
    assert_eq!(
        parse(
            "cloud.callContainer:fail Error: errCode: -501000  | errMsg: Invalid host. (callId: 1663981981628-0.5) \
             (trace: 9:13:1 start->9:13:2 system error (Error: errCode: -501000  | errMsg: Invalid host.), abort)"
        ),
        parts(
            -501_000,
            "Invalid host.",
            "1663981981628-0.5",
            "9:13:1 start->9:13:2 system error (Error: errCode: -501000  | errMsg: Invalid host.), abort"
        )
    );
    assert_eq!(
        parse("cloud.callContainer:fail Error: no (callId: 1) (trace: start->error (Error: no (callId: 1)))"),
        parts(None, "no", "1", "start->error (Error: no (callId: 1))")
    );
}

#[test]
fn code_right_after_fail() {
    assert_eq!(
        parse("cloud.callContainer:fail -405005 exceed max poll retry. (callId: 1-0.5) (trace: 1:2:3 start, abort)"),
        parts(-405_005, "exceed max poll retry.", "1-0.5", "1:2:3 start, abort")
    );
    assert_eq!(parse("cloud.callContainer:fail -405010 result expired"), parts(-405_010, "result expired", "", ""));
    assert_eq!(parse("cloud.callContainer:fail -405010"), parts(-405_010, "", "", ""));
    assert_eq!(parse("cloud.callContainer:fail -405010(callId: 7)"), parts(-405_010, "", "7", ""));
}

#[test]
fn the_innermost_code_counts() {
    assert_eq!(
        parse(
            "errCode: -1 | errMsg: Error: cloud.callContainer:fail Error: cloud:fail -405015 exceed max client request \
             count 200, please retry after 60s (callId: 1-0.5) (trace: 1:2:3 start, abort)"
        ),
        parts(-405_015, "exceed max client request count 200, please retry after 60s", "1-0.5", "1:2:3 start, abort")
    );
    assert_eq!(
        parse("cloud.callContainer:fail Error: errCode: -1 | errMsg: Error: cloud:fail -405015 wait"),
        parts(-405_015, "wait", "", "")
    );
    // A failure inside that has no code of its own leaves the one outside in force.
    assert_eq!(parse("errCode: -1 | errMsg: Error: cloud:fail wait"), parts(-1, "wait", "", ""));
    // A code in the trace is none of the failure's own.
    assert_eq!(parse("cloud:fail wait (trace: cloud:fail -5 wait)"), parts(None, "wait", "", "cloud:fail -5 wait"));
}

#[test]
fn several_lines() {
    assert_eq!(parse(&format!("errCode: -1  | errMsg: {INIT}")), parts(-1, INIT, "", ""));
    assert_eq!(
        parse(&format!("cloud.callContainer:fail Error: errCode: -1 | errMsg: {INIT}\n(callId: 1-0.5)\n")),
        parts(-1, INIT, "1-0.5", "")
    );
}

#[test]
fn no_code() {
    assert_eq!(
        parse("cloud.callContainer:fail Error: appid missing (callId: 1-0.2)"),
        parts(None, "appid missing", "1-0.2", "")
    );
    assert_eq!(parse("cloud.callContainer:fail timeout"), parts(None, "timeout", "", ""));
    assert_eq!(parse("cloud.callContainer:fail"), parts(None, "", "", ""));
    assert_eq!(
        parse("cloud.callContainer:fail Error: errMsg: Cloud API isn't enabled"),
        parts(None, "Cloud API isn't enabled", "", "")
    );
    // A number behind `Error:` is part of a sentence.
    assert_eq!(parse("cloud:fail Error: 3 of 4 lost"), parts(None, "3 of 4 lost", "", ""));
}

#[test]
fn behind_all_failed() {
    for (inner, expected) in [
        (
            "cloud.callContainer:fail Error: errCode: 102002 | errMsg: 请求超时 (callId: a) (trace: b)",
            parts(102_002, "请求超时", "a", "b"),
        ),
        ("cloud.callContainer:fail -405005 gone (callId: a) (trace: b)", parts(-405_005, "gone", "a", "b")),
        ("errCode: -1 | errMsg: Error: cloud:fail -405015 wait (callId: a)", parts(-405_015, "wait", "a", "")),
        ("errCode: -1  | errMsg: not yet", parts(-1, "not yet", "", "")),
        ("cloud.callContainer:fail Error: odd (callId: a)", parts(None, "odd", "a", "")),
    ] {
        assert_eq!(parse(inner), expected);
        assert_eq!(parse(&format!("all failed:, Error: {inner}")), expected);
        assert_eq!(parse(&format!("all failed:, Error: all failed:, Error: {inner}")), expected);
    }
}

#[test]
fn a_code_that_has_a_name() {
    assert_eq!(
        parse("errCode: -405005 exceed max poll retry | errMsg: cloud.callContainer:fail gave up (callId: a)"),
        parts(-405_005, "gave up", "a", "")
    );
    assert_eq!(
        parse("cloud.callContainer:fail errCode: 102002; request timeout; see the manual"),
        parts(102_002, "request timeout; see the manual", "", "")
    );
}

#[test]
fn spaces_bars_and_letter_case() {
    for message in [
        "cloud.callContainer:fail Error: errCode: -5 | errMsg: no way (callId: a b) (trace: c d)",
        "cloud.callContainer:fail Error:errCode:-5|errMsg:no way(callId:a b)(trace:c d)",
        "  cloud.callContainer : fail\tError :\r\nerrCode :  -5\n|\n errMsg :  no way  ( callId :  a b )\n( trace : c d )\n",
        "cloud.callContainer:fail Error: errCode: -5｜errMsg: no way (callID: a b)\u{3000}(Trace: c d)\u{a0}",
        "CLOUD.CALLCONTAINER:FAIL ERROR: ERRCODE: -5 | ERRMSG: no way (CALLID: a b) (TRACE: c d)",
        "Cloud.callContainer:Fail error: errcode: -05 | errmsg: no way (callid: a b) (trace: c d)",
        "Error: errCode: -5 | errMsg: no way (trace: c d) (callId: a b)",
    ] {
        assert_eq!(parse(message), parts(-5, "no way", "a b", "c d"), "{message}");
    }
}

#[test]
fn nothing_at_all() {
    for message in ["", " ", "\n\t \u{3000}", "Error:", "all failed:, Error: ", "errMsg:", "(callId: )", "(trace:)"] {
        assert_eq!(parse(message), parts(None, "", "", ""), "{message:?}");
    }
    assert_eq!(parse("(callId: a)"), parts(None, "", "a", ""));
    assert_eq!(parse("errCode: 5"), parts(5, "", "", ""));
    assert_eq!(parse("errCode: 5 | errMsg:"), parts(5, "", "", ""));
}

#[test]
fn the_unknown_is_text() {
    for message in [
        "something new",
        "cloud.callContainer:ok",
        "cloud.callContainer:failure",
        "cloud.callContainer:failError: a",
        "cloud: fallen",
        "errCode",
        "errCode:",
        "errCode: | errMsg: a",
        "errCode: - | errMsg: a",
        "errCode: --5 | errMsg: a",
        "errCode: - 5 | errMsg: a",
        "errCode: 5x | errMsg: a",
        "errCode: 5.5 | errMsg: a",
        "errCode: 2147483648 | errMsg: a",
        "errCode: -2147483649 | errMsg: a",
        "errCode: 99999999999999999999999999999999 | errMsg: a",
        "| errMsg: a",
        "\\",
        "\"",
        "\u{0}",
        "🙂",
    ] {
        assert_eq!(parse(message), parts(None, message, "", ""));
    }
    assert_eq!(parse("errCode: 2147483647 | errMsg: a"), parts(i32::MAX, "a", "", ""));
    assert_eq!(parse("errCode: -2147483648 | errMsg: a"), parts(i32::MIN, "a", "", ""));
    // What cannot be read stays, even behind what can.
    assert_eq!(
        parse("cloud.callContainer:fail Error: errCode: 2147483648 | errMsg: a (callId: b)"),
        parts(None, "errCode: 2147483648 | errMsg: a", "b", "")
    );
    for text in ["404ms late", "5.5 s", "10:30", "2147483648 a", "-", "- 5"] {
        assert_eq!(parse(&format!("cloud:fail {text}")), parts(None, text, "", ""));
    }
}

#[test]
fn a_code_without_a_message() {
    assert_eq!(parse("errCode: 5 no"), parts(5, "no", "", ""));
    assert_eq!(parse("errCode: 5 | no"), parts(5, "no", "", ""));
    assert_eq!(parse("errCode: 5 | errMsg no"), parts(5, "errMsg no", "", ""));
    assert_eq!(parse("errCode: 5 (callId: a)"), parts(5, "", "a", ""));
    assert_eq!(parse("errCode: 5 errCode: 6"), parts(5, "errCode: 6", "", ""));
    assert_eq!(parse("errCode: 5 | errMsg: a | errMsg: b"), parts(5, "a | errMsg: b", "", ""));
}

#[test]
fn tails_only_at_the_end() {
    for text in [
        "see (callId: 5) there",
        "see (callId: 5) (trace: 6) there",
        "see (callId: 5) (else)",
        "(callId: 5).",
        "(callId: 5",
        "callId: 5)",
        "(callId 5)",
        "(callIds: 5)",
        "(trace: a ( b)",
        "(trace: a ) b)",
        "f(x)",
        "(",
        ")",
        "()",
        "a) b (c",
    ] {
        assert_eq!(parse(text), parts(None, text, "", ""));
        assert_eq!(
            parse(&format!("errCode: 5 | errMsg: {text} (callId: a) (trace: b (c) d)")).call_id.as_deref(),
            Some("a")
        );
    }
    assert_eq!(parse("see (callId: 5) there (callId: 6)"), parts(None, "see (callId: 5) there", "6", ""));
    assert_eq!(parse("see (trace: 5) there (callId: 6)"), parts(None, "see (trace: 5) there", "6", ""));
    assert_eq!(parse("oh :( no (callId: 6)"), parts(None, "oh :( no", "6", ""));
    assert_eq!(parse("1) oh 2) no (callId: 6) (trace: 7)"), parts(None, "1) oh 2) no", "6", "7"));
    assert_eq!(parse("(callId: 1 (callId: 2)"), parts(None, "(callId: 1", "2", ""));
    assert_eq!(parse("(see (callId: 2))"), parts(None, "(see (callId: 2))", "", ""));
    assert_eq!(parse("(callId: a (b) c)"), parts(None, "", "a (b) c", ""));
    // Of several, the last.
    assert_eq!(parse("no (callId: 1) (callId: 2)"), parts(None, "no", "2", ""));
    assert_eq!(parse("no (callId: 1) (trace: 2) (callId: 3) (trace: 4)"), parts(None, "no", "3", "4"));
}

/// Stacks as engines and consoles write them, each of which may stand on lines of its own behind a message.
const STACKS: &[&str] = &[
    // V8.
    "    at Object.fail (https://usr/app-service.js:1:2)\n    at https://usr/app-service.js:2:297192",
    "    at N (<anonymous>:1:255194)\n    at <anonymous>:1:293368",
    "    at new t (https://usr/app-service.js:2:320930)",
    "    at async Object.success [as callback] (http://127.0.0.1:24523/appservice/app.js:12:11)",
    "    at eval (eval at run (https://usr/app-service.js:1:2), <anonymous>:1:1)",
    "    at Array.map (<anonymous>)\n    at f (a.js:1:2)",
    "    at Array.map (native)\n    at f (a.js:1:2)",
    "    at file:///home/o/wx.js:12:34 {\n  errCode: -501000,\n  errMsg: 'cloud.callContainer:fail (callId: 9)'\n}",
    // The developer tools, without a column.
    "    at Function.<anonymous> (WAServiceMainContext.js?t=wechat&s=1701&v=3.16.1:1)",
    "    at WAServiceMainContext.js?t=wechat&v=3.16.1:1(env: Windows,mp,2.01.2510280; lib: 3.16.1)",
    "    at i (asyncToGenerator.js?forceSync=true:1)(env: macOS,mp,2.01.2510290; lib: 3.16.1)",
    "at ._src_pages_data_index.jsx:9\nat webpackJsonpCallback (webpack_runtime_jsonp chunk loading:73)",
    "_callee$ @ sync.js:73\n(anonymous) @ regeneratorRuntime.js?forceSync=true:1\nPromise.then (async)\nc @ a.js:1",
    "(anonymous) @ VM31 WAService.js:1",
    // JavaScriptCore.
    "success@https://lib/WACloud.js:1:266619\n@https://lib/WAServiceMainContext.js:1:63423\n[native code]",
    "global code@https://usr/app-service.js:1:1",
    "map@[native code]\nS@https://lib/WAServiceMainContext.js:1:32809",
];

/// Messages that a stack may stand behind.
fn carried() -> Vec<(&'static str, Parts)> {
    vec![
        (
            "cloud.callContainer:fail Error: errCode: -501000  | errMsg: Invalid host (callId: 1-0.5) (trace: 9:13:1 \
             start->9:13:2 system error (Error: errCode: -501000  | errMsg: Invalid host), abort)",
            parts(
                -501_000,
                "Invalid host",
                "1-0.5",
                "9:13:1 start->9:13:2 system error (Error: errCode: -501000  | errMsg: Invalid host), abort",
            ),
        ),
        ("cloud.callContainer:fail -405005 gave up (callId: 1-0.5)", parts(-405_005, "gave up", "1-0.5", "")),
        ("cloud.callContainer:fail Error: errCode: 102002 | errMsg: 请求超时", parts(102_002, "请求超时", "", "")),
        ("cloud.callContainer:fail Error: appid missing", parts(None, "appid missing", "", "")),
        ("errCode: -1  | errMsg: first line\n第二行", parts(-1, "first line\n第二行", "", "")),
        ("cloud:fail oh :( no (trace: f (x) at g (a.js:1:2))", parts(None, "oh :( no", "", "f (x) at g (a.js:1:2)")),
    ]
}

#[test]
fn a_stack_on_the_next_lines() {
    for (message, expected) in carried() {
        for stack in STACKS {
            for line_end in ["\n", "\r\n", " \n\n"] {
                let stack = stack.replace('\n', line_end);
                assert_eq!(parse(&format!("{message}{line_end}{stack}{line_end}")), expected, "{message} {stack}");
                // As `toString` and `stack` of an error begin.
                assert_eq!(parse(&format!("Error: {message}{line_end}{stack}")), expected, "{message} {stack}");
            }
        }
    }
}

#[test]
fn a_stack_on_the_same_line() {
    for (message, expected) in carried() {
        for stack in [
            "at Object.fail (https://usr/app-service.js:1:2) at https://usr/app-service.js:2:297192",
            "at https://usr/app-service.js:2:297192 at Object.fail (https://usr/app-service.js:1:2)",
            "at async https://usr/app-service.js:2:297192",
            "at async Object.success [as callback] (http://127.0.0.1:24523/appservice/app.js:12:11)",
            "at eval (eval at run (https://usr/app-service.js:1:2), <anonymous>:1:1)",
            "at N (<anonymous>:1:255194)    at <anonymous>:1:293368",
            "success@https://lib/WACloud.js:1:266619 p@https://lib/WACloud.js:1:1",
            "@https://lib/WACloud.js:1:266619",
            "map@[native code] p@https://lib/WACloud.js:1:1",
            "(env: Windows,mp,1.06.2504060; lib: 3.16.0)",
            "; at cloud.callContainer api; ",
            ";at App lifeCycleMethod onLaunch function\nError: again\n    at pe.onLaunch (http://127.0.0.1:1/app.js:12:11)",
            "; at cloud.callContainer api;    at new t (https://usr/app-service.js:2:320930)",
        ] {
            assert_eq!(parse(&format!("{message} {stack}")), expected, "{message} {stack}");
        }
        // Right behind the tails, any place will do.
        let (message, expected) = match expected {
            Parts { call_id: None, trace: None, .. } => {
                (format!("{message} (callId: b)"), Parts { call_id: Some("b".into()), ..expected })
            }
            _ => (message.to_owned(), expected),
        };
        for stack in
            ["at _callee$ (sync.js:86) at s (a.js:1)", "at WAService.js?v=3.16.1:1", "at Array.map (<anonymous>)"]
        {
            assert_eq!(parse(&format!("{message} {stack}")), expected, "{message} {stack}");
        }
    }
    let (message, expected) = carried().swap_remove(0);
    assert_eq!(parse(&format!("{message}(env: Windows,mp,1.06; lib: 3.3.2)")), expected);
    assert_eq!(parse(&format!("{message};at App lifeCycleMethod onLaunch function")), expected);
}

#[test]
fn what_is_no_stack() {
    for text in [
        "no answer at 10:30",
        "no answer at 10:30:15 from 10.0.0.1:8080",
        "no answer\nat 10:30",
        "no answer at 2026-01-02T10:30:15 of 10.0.0.1",
        "no answer\nat 2026-01-02T10:30",
        "refused at localhost:8080",
        "refused at proxy (localhost:8080)",
        "failed at step 2 of 5 as planned (see https://example.com/a.js:1:2)",
        "failed at step 2, see https://example.com/a.js:1:2",
        "failed at the door",
        "failed\nat the door",
        "mail o@example.com:25",
        "mail o @ example.com:25",
        "mail\no @ example.com",
        "limit reached; at most 3 functions",
        "limit reached; at most 3 function calls",
        "limit reached; at once",
        "reached (env: prod-01)",
        "reached (env: prod-01, lib: 3)",
        "that@ a.js:1:2",
        "look at (a)",
    ] {
        assert_eq!(parse(text), parts(None, text, "", ""));
        let message = format!("cloud.callContainer:fail Error: {text} (callId: a) (trace: b)");
        assert_eq!(parse(&message), parts(None, text, "a", "b"));
    }
    // It stands behind something.
    for frame in ["at f (a.js:1:2)", "f@a.js:1:2", "f@a.js:1:2\nf@a.js:1:2"] {
        assert_eq!(parse(frame), parts(None, frame.split('\n').next().unwrap(), "", ""));
        assert_eq!(parse(&format!("cloud:fail 5 {frame}")), parts(5, "", "", ""));
        assert_eq!(parse(&format!("Error:\n{frame}")), parts(None, "", "", ""));
    }
    // In a tail it is part of it, and in what would be a tail if it ended.
    for trace in ["1:2:3 start\n    at f (a.js:1:2)\n, abort", "f@a.js:1:2", "x (env: a; lib: b)", "a; at f api;"] {
        assert_eq!(parse(&format!("cloud:fail 5 no (trace: {trace})")), parts(5, "no", "", trace));
        assert_eq!(
            parse(&format!("cloud:fail 5 no (trace: {trace})\n    at g (a.js:1:2)\n")),
            parts(5, "no", "", trace)
        );
        assert_eq!(parse(&format!("cloud:fail 5 no (trace: ( {trace}")).code, Some(5));
    }
}

#[test]
fn what_a_console_puts_before() {
    let tails = "(callId: 1-0.5) (trace: b)";
    for before in [
        "Uncaught (in promise) ",
        "Uncaught (in promise) Error: ",
        "TypeError: ",
        "thirdScriptError\n",
        "MiniProgramError\n",
        "VM31 WAService.js:1 Error: ",
        "common.js? [sm]:1 Error: ",
        "WAServiceMainContext.js?t=wechat&s=1701&v=2.32.2:1 Error: ",
        "sync.js:73 读取数据失败: Error: ",
        // The wrapper in the platform's document.
        "Error: 微信云托管调用失败Error: ",
        "微信云托管调用失败Error: ",
        "失败",
    ] {
        for (message, code, text) in [
            ("cloud.callContainer:fail Error: errCode: -501000 | errMsg: Invalid host", Some(-501_000), "Invalid host"),
            ("cloud.callContainer:fail -405005 gave up", Some(-405_005), "gave up"),
            ("cloud.callContainer:fail Error: appid missing", None, "appid missing"),
            ("cloud:fail -405015 wait", Some(-405_015), "wait"),
            ("errCode: -1  | errMsg: Cloud API isn't enabled", Some(-1), "Cloud API isn't enabled"),
            ("errCode: -1 ｜ errMsg: Cloud API isn't enabled", Some(-1), "Cloud API isn't enabled"),
            ("errCode: -405005 gave up | errMsg: cloud.callContainer:fail gave up", Some(-405_005), "gave up"),
            ("errCode: -1 | errMsg: Error: cloud.callContainer:fail Error: cloud:fail wait", Some(-1), "wait"),
            ("all failed:, Error: cloud.callContainer:fail -405005 gave up", Some(-405_005), "gave up"),
        ] {
            let expected = parts(code, text, "1-0.5", "b");
            assert_eq!(parse(&format!("{before}{message} {tails}")), expected, "{before}{message}");
            let stack = "\n    at Object.errorReport (WAServiceMainContext.js?t=wechat&v=3.3.2:1)";
            assert_eq!(parse(&format!("{before}{message} {tails}{stack}")), expected, "{before}{message}");
        }
    }
    // As an object.
    let message = "cloud.callContainer:fail Error: errCode: -501000 | errMsg: Invalid host (callId: 1-0.5) (trace: b)";
    let expected = parts(-501_000, "Invalid host", "1-0.5", "b");
    for whole in [
        format!("MiniProgramError\n{{\"errMsg\":\"{message}\"}}\n    at Object.errorReport (WASubContext.js:1)"),
        format!("Error: {{\"errCode\":-501000,\"errMsg\":\"{message}\"}}"),
        format!("{{errCode: -501000, errMsg: \"{message}\"}}"),
        format!("Uncaught (in promise) {{ errMsg: '{message}', errCode: -501000 }}"),
        format!("\"{message}\""),
        format!("`{message}`"),
        format!("\"{message}"),
    ] {
        assert_eq!(parse(&whole), expected, "{whole}");
    }
    let init = r#"{errCode: -1, errMsg: "errCode: -1  | errMsg: Cloud API isn't enabled, say \"init\" first"}"#;
    assert_eq!(parse(init), parts(-1, r#"Cloud API isn't enabled, say \"init\" first"#, "", ""));
}

#[test]
fn what_is_no_beginning() {
    for text in [
        "see errCode: 5",
        "see errCode: 5 | 6",
        "see errCode: 5\n | errMsg: a",
        "see \"errCode: 5\" | errMsg: a",
        "see errCode: x | errMsg: a",
        "see mycloud:fail 5",
        "see cloud.callContainer:failure",
        "see cloud.callContainer",
        "see | errMsg: a",
    ] {
        assert_eq!(parse(text), parts(None, text, "", ""));
    }
    // What already is inside a message begins none.
    assert_eq!(parse("cloud:fail 5 see cloud:fail 6"), parts(5, "see cloud:fail 6", "", ""));
    assert_eq!(parse("errCode: 5 see cloud:fail 6"), parts(5, "see cloud:fail 6", "", ""));
    assert_eq!(parse("cloud:fail \"a\" b"), parts(None, "\"a\" b", "", ""));
}

#[test]
fn linear_in_time() {
    for piece in [
        "Error: ",
        "all failed:",
        "errCode: 1 ",
        "errCode: 1 |",
        "errCode: 1 | errMsg: ",
        "cloud:fail 1 ",
        "|",
        "(",
        ")",
        " ",
        "( ",
        "(callId: ",
        "(trace:)",
        "(trace:) x",
        "0",
        "a\n",
        "at ",
        "at a ",
        "at a (",
        "at a:1 ",
        "\nat ",
        "a.js:1:",
        "a.js:1:2 ",
        "f@",
        "@ ",
        "; ",
        "; at ",
        "; at api ",
        "; at function a\n",
        "(env: ",
        "(env: ;",
        "(env:; ",
        "<anonymous>",
        "[native ",
        "c",
        "errCode: 1 \"",
        "| errMsg",
        "\"cloud.callContainer: ",
        "x cloud:fail\"",
    ] {
        for (before, after) in
            [("", ""), ("", ")"), ("", "x"), ("errCode: 1 ", "x"), ("cloud:fail", " x"), ("x errCode: 1 ", "x")]
        {
            let message = |len: usize| format!("{before}{}{after}", piece.repeat(len / piece.len()));
            let [long, short] = [message(1 << 14), message(1 << 11)];
            let parse = |message: &str| {
                let _ = std::hint::black_box(Message::parse(message));
            };
            cost::is_linear(piece, || parse(&long), || parse(&short));
        }
    }
}

const METHODS: [Method; 8] = [
    Method::Options,
    Method::Get,
    Method::Head,
    Method::Post,
    Method::Put,
    Method::Delete,
    Method::Trace,
    Method::Connect,
];

#[test]
fn retry_table() {
    let always = [(ErrorCode::NOT_INITIALISED, 300, 3), (ErrorCode::TOO_MANY_REQUESTS, 60_000, 1)];
    let idempotent = [ErrorCode::REQUEST_TIMEOUT, ErrorCode::POLL_RETRY_EXCEEDED, ErrorCode::RESULT_EXPIRED];
    let never = [
        ErrorCode::INVALID_METHOD,
        ErrorCode::ILLEGAL_PARAMETER,
        ErrorCode::ACCESS_DENIED,
        ErrorCode::CLOUD_SYSTEM_ERROR,
        ErrorCode::REQUEST_TOO_LARGE,
        ErrorCode::RESPONSE_TOO_LARGE,
        ErrorCode::NOT_ACTIVATED,
        ErrorCode(0),
        ErrorCode(1),
        ErrorCode(i32::MIN),
        ErrorCode(i32::MAX),
    ];
    let parts = |retry: Retry| (retry.delay_ms, retry.at_most);
    for method in METHODS {
        for (code, delay_ms, at_most) in always {
            assert_eq!(code.retry(method).map(parts), Some((delay_ms, at_most)));
        }
        for code in idempotent {
            let once = Some((0, 1));
            assert_eq!(
                code.retry(method).map(parts),
                once.filter(|_| !matches!(method, Method::Post | Method::Connect))
            );
        }
        for code in never {
            assert_eq!(code.retry(method), None);
        }
    }
}

#[test]
fn codes() {
    for (code, number, message) in [
        (ErrorCode::NOT_INITIALISED, -1, Some("Cloud API isn't enabled, please call wx.cloud.init first")),
        (ErrorCode::REQUEST_TIMEOUT, 102_002, Some("请求超时")),
        (ErrorCode::INVALID_METHOD, 102_005, Some("无效的 HTTP Method")),
        (ErrorCode::ILLEGAL_PARAMETER, 40_097, Some("system error")),
        (ErrorCode::ACCESS_DENIED, -501_000, None),
        (ErrorCode::CLOUD_SYSTEM_ERROR, -501_001, Some("resource system error")),
        (ErrorCode::REQUEST_TOO_LARGE, -606_001, Some("请求包大小超过 100KB")),
        (ErrorCode::RESPONSE_TOO_LARGE, -606_002, Some("响应包大小超过 1MB")),
        (ErrorCode::NOT_ACTIVATED, -601_034, Some("没有权限，请先开通云开发或者云托管")),
        (ErrorCode::POLL_RETRY_EXCEEDED, -405_005, Some("exceed max poll retry")),
        (ErrorCode::RESULT_EXPIRED, -405_010, Some("result expired")),
        (ErrorCode::TOO_MANY_REQUESTS, -405_015, None),
    ] {
        assert_eq!(code, ErrorCode(number));
        assert_eq!(code.to_string(), number.to_string());
        assert_eq!(code.message(), message);
    }
    assert_eq!(ErrorCode(7).message(), None);
    assert_eq!(format!("{:>5}", ErrorCode(-1)), "   -1");
    // Both are known at compile time.
    const TIMEOUT: Option<&str> = ErrorCode::REQUEST_TIMEOUT.message();
    const ADVICE: Option<Retry> = ErrorCode::REQUEST_TIMEOUT.retry(Method::Post);
    assert_eq!((TIMEOUT, ADVICE), (Some("请求超时"), None));
}

/// Text that a message can hold and give back: any that does not begin like an errMsg or begin or end in white space.
fn plain_text() -> impl Strategy<Value = String> {
    "[^\\pZ\\pC]([^\\pC]{0,40}[^\\pZ\\pC])?".prop_filter("begins or ends like an errMsg", |text| {
        let text = text.to_lowercase();
        let begins = ["all failed", "error", "errmsg", "errcode", "cloud"].iter().any(|word| text.starts_with(word));
        !begins && !text.contains("callid") && !text.contains("trace")
    })
}

/// What a tail can hold: balanced parentheses, at least one character.
fn tail() -> impl Strategy<Value = String> {
    let leaf = "[a-zA-Z0-9:>,.é云🙂-]([a-zA-Z0-9:>,. é云🙂-]{0,20}[a-zA-Z0-9:>,.é云🙂-])?";
    leaf.prop_recursive(3, 12, 3, |inner| {
        (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("{a} ({b}){c}"))
    })
}

/// Pieces that messages are made of, so that random sequences of them come close to real ones.
fn near_message() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "all failed:,",
            "Error:",
            "cloud.callContainer:fail",
            "cloud:fail",
            "errCode:",
            "errMsg:",
            "|",
            "｜",
            "-1",
            "-405015",
            "102002",
            "99999999999",
            "(",
            ")",
            "(callId:",
            "(trace:",
            "callID",
            ":",
            ",",
            ";",
            " ",
            "\n",
            "\u{3000}",
            "a",
            "请求",
            "🙂",
            "\\",
            "\"",
            "at ",
            "at f (",
            "a.js:1:2",
            "f@a.js:1:2",
            " @ ",
            "a.js:1",
            "; at ",
            " api;",
            " function",
            "(env:",
            "; lib:",
            "<anonymous>",
            "'",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_well_behaved(message in any::<String>()) {
        parse(&message);
    }

    #[test]
    fn nearly_a_message_is_well_behaved(message in near_message()) {
        let parts = parse(&message);
        // The text is what it is: white space around the whole changes nothing.
        prop_assert_eq!(parse(&format!(" \n{message}\t")), parts);
    }

    #[test]
    fn built_from_parts(
        code in any::<i32>(),
        text in plain_text(),
        call_id in prop::option::of(tail()),
        trace in prop::option::of(tail()),
        trace_first in any::<bool>(),
        bar in prop::sample::select(vec!["|", " | ", "  | ", "｜", "\n｜\n"]),
        space in prop::sample::select(vec!["", " ", "  ", "\n"]),
        before in prop::sample::select(vec!["", "Uncaught (in promise) Error: ", "app.js? [sm]:1 ", "失败Error: "]),
        stack in prop::sample::select([&[""], STACKS].concat()),
        line_end in prop::sample::select(vec!["\n", "\r\n", " \n"]),
    ) {
        let mut message = format!("{before}cloud.callContainer:fail{space} Error:{space}errCode:{space}{code}{bar}errMsg:{space}{text}");
        let tails = [("callId", &call_id), ("trace", &trace)];
        for at in if trace_first { [1, 0] } else { [0, 1] } {
            if let (name, Some(content)) = tails[at] {
                write!(message, "{space}({name}:{space}{content}{space})").unwrap();
            }
        }
        write!(message, "{line_end}{stack}").unwrap();
        prop_assert_eq!(parse(&message), Parts { code: Some(code), text, call_id, trace });
    }
}
