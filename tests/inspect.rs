//! The example `inspect`, run as its users run it.

#[path = "resources/cost.rs"]
mod cost;

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use callcontainer::{REPLY_LIMIT, REQUEST_LIMIT};
use serde_json::{Value, json};

// ---------------------------------------------------------------- running it

/// The built example stands beside the folder of this test's own binary.
fn inspect() -> Command {
    let this = std::env::current_exe().unwrap();
    let profile = this.parent().unwrap().parent().unwrap();
    let example = profile.join("examples").join(format!("inspect{}", std::env::consts::EXE_SUFFIX));
    assert!(example.exists(), "no {}: `cargo build --example inspect` makes it", example.display());
    Command::new(example)
}

fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    inspect().args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn run_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child =
        inspect().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may have read enough and gone away.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[track_caller]
fn check(output: &Output, status: i32, stdout: &str) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), stdout, "standard error: {errors}");
    assert_eq!(output.status.code(), Some(status), "standard error: {errors}");
}

/// Decodes `envelope` from standard input in the plain form.
#[track_caller]
fn check_line(direction: &str, envelope: impl AsRef<[u8]>, status: i32, line: &str) {
    check(&run_with_input(&[direction, "-"], envelope.as_ref()), status, &format!("{line}\n"));
}

/// The JSON object for `envelope`, as text.
#[track_caller]
fn json_line(direction: &str, envelope: impl AsRef<[u8]>) -> String {
    let output = run_with_input(&["--json", direction, "-"], envelope.as_ref());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let line = text.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "more than a line: {line}");
    line.to_owned()
}

fn json_value(direction: &str, envelope: impl AsRef<[u8]>) -> Value {
    serde_json::from_str(&json_line(direction, envelope)).unwrap()
}

fn fixtures(direction: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/envelopes").join(direction);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 15, "{direction}: {} files", files.len());
    files
}

/// A folder of its own for one test, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("callcontainer-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let file = self.0.join(name);
        fs::write(&file, content).unwrap();
        file.into_os_string().into_string().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

// ---------------------------------------------------------------- one line a file

#[test]
fn a_request_is_a_line() {
    check_line(
        "request",
        r#"{"config":{"env":"prod-01"},"path":"/orders?x=1","method":"post",
            "header":{"X-WX-SERVICE":"shop"},"data":{ "a": 1 }}"#,
        0,
        "ok\t-\tPOST /orders?x=1 env=prod-01 service=shop data=json 10 bytes",
    );
    check_line(
        "request",
        r#"{"resourceAppid":"WXAAA","resourceEnv":"prod_001","path":"/","data":"h\u00e9llo"}"#,
        0,
        "ok\t-\tGET / env=prod_001 service=- data=text 6 bytes",
    );
    check_line(
        "request",
        r#"{"resourceEnv":"lent","config":{"env":"own"},"path":"/","__nativeBuffers__":[{"key":"data","base64":"efvPNA=="}]}"#,
        0,
        "ok\t-\tGET / env=own service=- data=bytes 4 bytes",
    );
}

#[test]
fn a_reply_is_a_line() {
    check_line("reply", r#"{"statusCode":204}"#, 0, "ok\t-\t204 data=none 0 bytes");
    check_line("reply", r#"{"data":"\ud83d\ude00","statusCode":200}"#, 0, "ok\t-\t200 data=text 4 bytes");
    check_line(
        "reply",
        r#"{"errCode":-606001,"errMsg":"cloud.callContainer:fail"}"#,
        0,
        "ok\t-\tfail -606001 data=none 0 bytes",
    );
    check_line(
        "reply",
        r#"{"errMsg":"cloud.callContainer:fail Error: no network"}"#,
        0,
        "ok\t-\tfail none data=none 0 bytes",
    );
}

#[test]
fn a_message_is_a_line() {
    let trace = "trace=\"9:13:1 start->9:13:2 system error (Error: errCode: -501000  | errMsg: Invalid host), abort\"";
    for (file, line) in [
        ("stack-of-an-engine.txt", format!("fail -501000 text=\"Invalid host\" callID=1700000000000-0.5 {trace}")),
        (
            "console-of-the-developer-tools.txt",
            "fail 102002 text=\"请求超时\" callID=1700000000000-0.5 trace=\"9:13:1 start->9:13:16 timeout, abort\""
                .into(),
        ),
        (
            "stack-of-javascriptcore.txt",
            "fail -405005 text=\"exceed max poll retry\" callID=1700000000000-0.5 trace=-".into(),
        ),
        (
            "thrown-by-the-wrapper.txt",
            "fail -606001 text=\"请求包大小超过 100KB\" callID=1700000000000-0.5 trace=-".into(),
        ),
        (
            "object.txt",
            "fail -1 text=\"Cloud API isn't enabled, please call wx.cloud.init first\" callID=- trace=-".into(),
        ),
    ] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/messages").join(file);
        let text = fs::read(&file).unwrap();
        check_line("message", &text, 0, &format!("ok\t-\t{line}"));
        let file = file.to_str().unwrap();
        check(&run(["message", file]), 0, &format!("ok\t{file}\t{line}\n"));
    }
    check_line("message", "", 0, "ok\t-\tfail none text=\"\" callID=- trace=-");
    check_line("message", "two\nlines\u{85}", 0, "ok\t-\tfail none text=\"two\\nlines\" callID=- trace=-");
    check_line("message", b"caf\xe9", 1, "error\t-\tinvalid-utf8\tbyte 3\tbytes that are not UTF-8");
    let output = run_with_input(&["--limit", "5", "message", "-"], b"longer");
    check(&output, 1, "error\t-\ttoo-long\tbyte 5\ta part longer than its limit\n");
}

#[test]
fn a_message_as_json() {
    let message = "cloud.callContainer:fail -5 no (callId: a) (trace: b (c))";
    let text = format!("\u{feff}Error: {message}\n    at f (https://usr/app-service.js:1:2)\n");
    assert_eq!(
        json_value("message", &text),
        json!({
            "errCode": -5,
            "errMsg": format!("Error: {message}\n    at f (https://usr/app-service.js:1:2)"),
            "message": "no",
            "callID": "a",
            "trace": "b (c)",
        })
    );
    let nothing = json!({"errCode": null, "errMsg": "x", "message": "x", "callID": null, "trace": null});
    assert_eq!(json_value("message", "x\n"), nothing);
    // What a reply holds is told the same.
    let reply = json!({ "errMsg": text.trim_start_matches('\u{feff}').trim() });
    assert_eq!(json_value("reply", reply.to_string()), json_value("message", &text));
}

#[test]
fn an_error_is_a_line() {
    check_line(
        "request",
        "",
        1,
        "error\t-\tunexpected-end\tbyte 0\tthe end of the text before the end of the JSON value",
    );
    check_line(
        "request",
        r#"{"config":{"env":"prod-01"},"path":"/a b"}"#,
        1,
        "error\t-\tinvalid-path\tbyte 38\ta path that does not start with /, holds a space or control character, or leaves its service",
    );
    check_line(
        "reply",
        r#"{"statusCode":200}]"#,
        1,
        "error\t-\ttrailing-data\tbyte 18\tdata after the end of the JSON value",
    );
}

#[test]
fn each_file_has_its_line_in_order() {
    let folder = Folder::new("order");
    let first = folder.write("first.json", r#"{"statusCode":200}"#);
    let second = folder.write("second.json", "{");
    let third = folder.write("third.json", r#"{"statusCode":404}"#);
    let output = run(["reply", &first, &second, &third]);
    check(
        &output,
        1,
        &format!(
            "ok\t{first}\t200 data=none 0 bytes\n\
             error\t{second}\tunexpected-end\tbyte 1\tthe end of the text before the end of the JSON value\n\
             ok\t{third}\t404 data=none 0 bytes\n"
        ),
    );
    let output = run(["--json", "reply", &second, &first]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with(&format!("error\t{second}\tunexpected-end\tbyte 1\t")));
    assert!(lines[1].starts_with('{'));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn text_cannot_break_a_line() {
    check_line(
        "request",
        r#"{"config":{"env":"p"},"path":"/\u2028","header":{"X-WX-SERVICE":"a\u0085b"}}"#,
        0,
        "ok\t-\tGET /\\u{2028} env=p service=a\\u{85}b data=none 0 bytes",
    );
    let line = json_line(
        "request",
        "{\"path\":\"/\",\"config\":{\"env\":\"p\"},\"data\":{\n \"a\" :\r\n\t[ 1 , \"b c\\n\" ] }}",
    );
    assert!(line.contains(r#""data":{"kind":"json","value":{"a":[1,"b c\n"]}}"#), "{line}");
}

#[cfg(unix)]
#[test]
fn a_file_name_cannot_break_a_line() {
    let folder = Folder::new("name");
    let file = folder.write("a\tb\nc", r#"{"statusCode":200}"#);
    let output = run(["reply", &file]);
    let shown = file.replace('\t', "\\t").replace('\n', "\\n");
    check(&output, 0, &format!("ok\t{shown}\t200 data=none 0 bytes\n"));
}

// ---------------------------------------------------------------- JSON

#[test]
fn defaults_are_filled_in() {
    assert_eq!(
        json_line("request", r#"{"path":"/","config":{"env":"p"}}"#),
        concat!(
            r#"{"env":"p","resourceAppid":null,"resourceEnv":null,"path":"/","method":"GET","service":null,"#,
            r#""header":[],"data":{"kind":"none","value":null},"timeout":null,"dataType":"json","#,
            r#""responseType":"text","callID":null}"#
        )
    );
    assert_eq!(
        json_line("reply", r#"{"statusCode":200}"#),
        concat!(
            r#"{"statusCode":200,"header":[],"cookies":[],"data":{"kind":"none","value":null},"#,
            r#""callID":null,"errMsg":"cloud.callContainer:ok"}"#
        )
    );
    assert_eq!(
        json_line("reply", r#"{"errMsg":"odd"}"#),
        r#"{"errCode":null,"errMsg":"odd","message":"odd","callID":null,"trace":null}"#
    );
}

#[test]
fn json_data_stands_as_it_was() {
    let data = r#"{"huge":1e400,"long":123456789012345678901234567890,"same":1,"same":-0.0,"esc":"\u0041\/"}"#;
    let line = json_line("request", format!(r#"{{"path":"/","config":{{"env":"p"}},"data":{data}}}"#));
    assert!(line.contains(&format!(r#""data":{{"kind":"json","value":{data}}}"#)), "{line}");
}

/// Half of a surrogate pair is kept as it stands, whichever way the envelope is read and shown.
#[test]
fn half_of_a_surrogate_pair_stands_as_it_was() {
    let envelope = r#"{"statusCode":200,"data":{ "code":0, "a" : "\ud83d","\uDC00":["\ud83d\ude00\ud83d"]}}"#;
    let shown = r#"{"kind":"json","value":{"code":0,"a":"\ud83d","\uDC00":["\ud83d\ude00\ud83d"]}}"#;
    let encoded = r#"{"statusCode":200,"data":{"code":0,"a":"\ud83d","\uDC00":["\ud83d\ude00\ud83d"]}}"#;
    for stream in [None, Some("--stream=1"), Some("--stream=7"), Some("--stream=4096")] {
        let run = |form: Option<&str>| {
            let arguments: Vec<_> = form.into_iter().chain(stream).chain(["reply", "-"]).collect();
            let output = run_with_input(&arguments, envelope.as_bytes());
            assert_eq!(output.status.code(), Some(0), "{arguments:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(run(None), "ok\t-\t200 data=json 59 bytes\n");
        let line = run(Some("--json"));
        assert!(line.contains(&format!("\"data\":{shown},")), "{line}");
        assert_eq!(run(Some("--reencode")), encoded);
    }
    check_line(
        "reply",
        r#"{"statusCode":200,"data":"\ud83d"}"#,
        1,
        "error\t-\tlone-surrogate\tbyte 26\tone half of a surrogate pair without the other",
    );
}

#[test]
fn headers_stand_in_order_as_they_were_named() {
    let line = json_line(
        "request",
        r#"{"path":"/","config":{"env":"p"},"header":{"Zeta":"\u4f60","alpha":1.50,"X-\u0057x-service":"s","b":true}}"#,
    );
    assert!(line.contains(r#""header":[["Zeta","你"],["alpha","1.50"],["X-Wx-service","s"],["b","true"]]"#), "{line}");
    assert!(line.contains(r#""service":"s""#), "{line}");
}

#[test]
fn a_failure_comes_apart() {
    let value = json_value(
        "reply",
        r#"{"errno":102002,"errMsg":"cloud.callContainer:fail Error: errCode: 102002 | errMsg: \u8bf7\u6c42\u8d85\u65f6 (callId: 17-0.5) (trace: 1:2:3 start->1:2:4 timeout, abort)"}"#,
    );
    assert_eq!(value["errCode"], 102_002);
    assert_eq!(value["message"], "请求超时");
    assert_eq!(value["callID"], "17-0.5");
    assert_eq!(value["trace"], "1:2:3 start->1:2:4 timeout, abort");
}

// ---------------------------------------------------------------- explained

/// What `inspect` explains of an input, in a language.
#[track_caller]
fn explained(language: &str, what: &str, input: impl AsRef<[u8]>, status: i32) -> String {
    let output = run_with_input(&["--explain", "--lang", language, what, "-"], input.as_ref());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(status), "{text}");
    text
}

/// The line behind a label.
#[track_caller]
fn labelled<'a>(text: &'a str, label: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix("  ")?.strip_prefix(label));
    line.unwrap_or_else(|| panic!("no {label}: {text}")).trim_start()
}

#[test]
fn each_shape_of_a_message_is_explained_in_both_languages() {
    let shapes = [
        // F1, with both tails and with none.
        (
            "cloud.callContainer:fail Error: errCode: 102002 | errMsg: 请求超时 (callId: 1-0.5) (trace: 9:1:1 start->9:1:2 timeout, abort)",
            "102002 请求超时",
            ("capped at 15 s", "Only if the method is idempotent"),
            ("15 秒", "仅当方法是幂等的"),
        ),
        (
            "cloud.callContainer:fail Error: errCode: -501000  | errMsg: Authorization mismatch uin",
            "-501000 Authorization mismatch uin",
            ("Resource reuse is missing", "No."),
            ("资源复用", "不要重试"),
        ),
        // F2
        (
            "cloud.callContainer:fail -405005 exceed max poll retry (callId: 1-0.5)",
            "-405005 exceed max poll retry",
            ("network", "Only if the method is idempotent"),
            ("网络", "仅当方法是幂等的"),
        ),
        // F3: the inner code counts.
        (
            "errCode: -1  | errMsg: Error: cloud.callContainer:fail Error: cloud:fail -405015 exceed max client request count, retry after 60s",
            "-405015",
            ("A loop", "not before 60 s"),
            ("循环", "60 秒"),
        ),
        // F4
        (
            "errCode: -1  | errMsg: Cloud API isn't enabled, please call wx.cloud.init first\n请先调用 wx.cloud.init",
            "-1 Cloud API isn't enabled",
            ("asynchronous", "wait 300 ms"),
            ("异步", "300 毫秒"),
        ),
        // F5: the text alone.
        (
            "cloud.callContainer:fail Error: Invalid host (callId: 1-0.5)",
            "-501000 Invalid host",
            ("misspelt service", "No."),
            ("服务名称写错", "不要重试"),
        ),
        (
            "cloud.callContainer:fail Error: no network",
            "-",
            ("error of the client", "Not automatically"),
            ("客户端错误", "不要自动重试"),
        ),
        // F6
        (
            "all failed:, Error: cloud.callContainer:fail Error: errCode: -606002 | errMsg: 响应包大小超过 1MB",
            "-606002 响应包大小超过 1MB",
            ("without pages", "No."),
            ("分页", "不要重试"),
        ),
        // A stack, and the open HTTP API.
        (
            "Uncaught (in promise) Error: cloud.callContainer:fail Error: errCode: 102005 | errMsg: 无效的 HTTP Method\n    at f (https://usr/app-service.js:1:2)",
            "102005 无效的 HTTP Method",
            ("PATCH", "No."),
            ("PATCH", "不要重试"),
        ),
        (
            r#"{"code":"SERVICE_NOT_READY","message":"starting","requestId":"1"}"#,
            "SERVICE_NOT_READY",
            ("starting", "wait 300 ms"),
            ("启动", "300 毫秒"),
        ),
    ];
    for (message, why, (cause, retry), (cause_zh, retry_zh)) in shapes {
        let english = explained("en", "message", message, 0);
        assert_eq!(labelled(&english, "why"), why);
        assert!(labelled(&english, "cause").contains(cause), "{english}");
        assert!(
            labelled(&english, "retry").starts_with(retry) || labelled(&english, "retry").contains(retry),
            "{english}"
        );
        let chinese = explained("zh", "message", message, 0);
        assert_eq!(labelled(&chinese, "问题"), why);
        assert!(labelled(&chinese, "原因").contains(cause_zh), "{chinese}");
        assert!(labelled(&chinese, "重试").contains(retry_zh), "{chinese}");
        // Each sentence says on what it is based; the first line is that without --explain.
        for (label, text) in [("meaning", &english), ("cause", &english), ("remedy", &english)] {
            assert!(labelled(text, label).ends_with(']'), "{text}");
        }
        let plain = String::from_utf8(run_with_input(&["message", "-"], message.as_bytes()).stdout).unwrap();
        assert!(english.starts_with(&plain) && chinese.starts_with(&plain));
        // In a reply it is the same.
        let reply = explained("en", "reply", json!({ "errMsg": message }).to_string(), 0);
        assert_eq!(labelled(&reply, "why"), why);
        assert!(labelled(&reply, "size").contains(" of 1024000 bytes"));
    }
}

#[test]
fn a_place_is_pointed_at() {
    let envelope = "{\"config\":{\"env\":\"生产\"},\n\"header\":{\"A\":\"茶\tx\"}}";
    let text = explained("en", "request", envelope, 1);
    assert_eq!(
        text.lines().take(5).collect::<Vec<_>>(),
        [
            "error\t-\tcontrol-character\tbyte 46\tan unescaped control character in a string",
            "  place     line 2, column 17, in header.A",
            r#"            "header":{"A":"茶\tx"}}"#,
            "                             ^",
            "  expected  an escape, such as \\n, in place of the character itself",
        ]
    );
    assert_eq!(labelled(&text, "seen"), "err.errCode = 40097, system error");
    let text = explained("zh", "request", envelope, 1);
    assert_eq!(labelled(&text, "位置"), "第 2 行，第 17 列，在 header.A 中");
    // A reply that is wrong is a gateway's or a service's: no Mini Program sees a code for it.
    let text = explained("en", "reply", "{", 1);
    assert_eq!(labelled(&text, "expected"), "a name in double quotes, or }");
    assert!(!text.contains("err.errCode"));
    assert!(explained("en", "message", b"\xe9", 1).contains("\\xe9"));
}

#[test]
fn every_error_can_be_explained() {
    for direction in ["request", "reply"] {
        for file in fixtures(direction) {
            let whole = fs::read(&file).unwrap();
            for cut in [1, whole.len() / 3, whole.len() - 2] {
                let text = explained("zh", direction, &whole[..cut], 1);
                assert!(labelled(&text, "处理").len() > 10, "{text}");
            }
        }
    }
    let text = explained("en", "request", "x".repeat(REQUEST_LIMIT + 1), 1);
    assert_eq!(labelled(&text, "place"), "line 1, column 102401");
    assert!(labelled(&text, "remedy").contains("object storage"));
}

#[test]
fn what_bytes_are_spent_on_is_told() {
    let envelope = r#"{"config":{"env":"p"},"path":"/","header":{"X-WX-SERVICE":"s"},"__nativeBuffers__":[{"key":"data","base64":"efvPNA=="}]}"#;
    let text = explained("en", "request", envelope, 0);
    assert_eq!(labelled(&text, "size"), "120 of 102400 bytes, 0.1 %: 102280 left");
    assert_eq!(labelled(&text, "spent"), "data 56, headers 29, path 10, the rest 25");
    assert_eq!(labelled(&text, "overhead"), "more for base64 4");
    assert!(labelled(&text, "seen").contains("no body"), "{text}");
    let limited = run_with_input(&["--limit", "120", "--explain", "request", "-"], envelope.as_bytes());
    assert!(String::from_utf8(limited.stdout).unwrap().contains("120 of 120 bytes, 100.0 %: 0 left"));
    let text = explained("zh", "reply", r#"{"statusCode":500,"data":"x"}"#, 0);
    assert_eq!(labelled(&text, "可见"), r#"res.statusCode = 500, res.errMsg = "cloud.callContainer:ok""#);
    assert!(text.contains("状态码由服务给出"), "{text}");
}

// ---------------------------------------------------------------- the envelopes beside the example

#[test]
fn every_envelope_of_the_examples_decodes() {
    for direction in ["request", "reply"] {
        let files = fixtures(direction);
        let output = run([direction.into()].into_iter().chain(files.clone()));
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{stdout}");
        assert_eq!(stdout.lines().count(), files.len());
        assert!(stdout.lines().all(|line| line.starts_with("ok\t") && line.split('\t').count() == 3));
    }
}

#[test]
fn every_request_of_the_examples_says_what_it_says_to_another_parser() {
    for file in fixtures("request") {
        let text = fs::read_to_string(&file).unwrap();
        let given: Value = serde_json::from_str(&text).unwrap();
        let shown = json_value("request", &text);
        let service = given["service"].as_str().or_else(|| {
            let mut headers = given["header"].as_object()?.iter();
            headers.find(|(name, _)| name.eq_ignore_ascii_case("x-wx-service"))?.1.as_str()
        });
        let timeout = given["timeout"].as_u64().filter(|timeout| (1..=15_000).contains(timeout));
        let expected = json!({
            "env": given["config"]["env"],
            "resourceAppid": given["resourceAppid"],
            "resourceEnv": given["resourceEnv"],
            "path": given["path"],
            "method": given["method"].as_str().unwrap_or("GET").to_uppercase(),
            "service": service,
            "header": shown["header"],
            "data": data_of(&given),
            "timeout": timeout,
            "dataType": given["dataType"].as_str().unwrap_or("json"),
            "responseType": given["responseType"].as_str().unwrap_or("text"),
            "callID": given["callID"],
        });
        assert_eq!(shown, expected, "{}", file.display());
        check_headers(&shown["header"], &given["header"]);
    }
}

#[test]
fn every_reply_of_the_examples_says_what_it_says_to_another_parser() {
    let (mut responses, mut failures) = (0, 0);
    for file in fixtures("reply") {
        let text = fs::read_to_string(&file).unwrap();
        let given: Value = serde_json::from_str(&text).unwrap();
        let shown = json_value("reply", &text);
        let file = file.display();
        if given["statusCode"].is_null() {
            failures += 1;
            let code = given["errCode"].as_i64().or(given["errno"].as_i64());
            assert_eq!(shown["errCode"].as_i64(), code, "{file}");
            let message = given["errMsg"].as_str().unwrap();
            assert_eq!(shown["errMsg"], message, "{file}");
            // The message is what is left when everything else is taken away.
            let text = shown["message"].as_str().unwrap();
            assert!(!text.is_empty() && message.contains(text), "{file}");
            assert!(
                !["errCode", "errMsg", "callId", "trace:"].iter().any(|word| text.contains(word)),
                "{file}: {text}"
            );
            assert_eq!(
                shown["callID"].is_string(),
                text_has(&given, "(callId:") || given["callID"].is_string(),
                "{file}"
            );
            assert_eq!(shown["trace"].is_string(), text_has(&given, "(trace:"), "{file}");
        } else {
            responses += 1;
            let expected = json!({
                "statusCode": given["statusCode"],
                "header": shown["header"],
                "cookies": given.get("cookies").unwrap_or(&json!([])),
                "data": data_of(&given),
                "callID": given["callID"],
                "errMsg": "cloud.callContainer:ok",
            });
            assert_eq!(shown, expected, "{file}");
            check_headers(&shown["header"], &given["header"]);
        }
    }
    assert!(responses > 5 && failures > 15);
}

fn text_has(given: &Value, word: &str) -> bool {
    given["errMsg"].as_str().unwrap().contains(word)
}

fn data_of(given: &Value) -> Value {
    match (given.get("data"), given.get("__nativeBuffers__")) {
        (None, None) => json!({ "kind": "none", "value": null }),
        (None, Some(buffers)) => json!({ "kind": "bytes", "value": buffers[0]["base64"] }),
        (Some(Value::String(text)), _) => json!({ "kind": "text", "value": text }),
        (Some(value), _) => json!({ "kind": "json", "value": value }),
    }
}

/// The same headers, in whatever order the other parser keeps them.
#[track_caller]
fn check_headers(shown: &Value, given: &Value) {
    let shown = shown.as_array().unwrap();
    assert_eq!(shown.len(), given.as_object().map_or(0, serde_json::Map::len));
    for header in shown {
        let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
        let expected = match &given[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        assert_eq!(value, expected, "{name}");
    }
}

#[test]
fn encoding_again_changes_nothing_and_is_stable() {
    for direction in ["request", "reply"] {
        for file in fixtures(direction) {
            let output = run(["--reencode".as_ref(), direction.as_ref(), file.as_os_str()]);
            assert_eq!(output.status.code(), Some(0), "{}", file.display());
            assert!(output.stderr.is_empty());
            let once = output.stdout;
            assert!(!once.contains(&b'\n'));
            let output = run_with_input(&[direction, "--reencode", "-"], &once);
            assert_eq!(String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&once), "{}", file.display());
            let before = json_line(direction, fs::read(&file).unwrap());
            assert_eq!(json_line(direction, &once), before, "{}", file.display());
        }
    }
}

#[test]
fn encoding_again_writes_the_envelope_and_nothing_else() {
    let output = run_with_input(
        &["--reencode", "request", "-"],
        br#" {"data": {"b": [1, 2]}, "method": "get", "timeout": 99999, "path": "\/", "config": {"env": "p"}, "dataType": "json"} "#,
    );
    check(&output, 0, r#"{"config":{"env":"p"},"path":"/","data":{"b":[1,2]}}"#);
    let output = run_with_input(&["--reencode", "request", "-"], b"{}");
    check(&output, 1, "");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.starts_with("error\t-\tmissing-"), "{errors}");
}

// ---------------------------------------------------------------- limits

#[test]
fn a_limit_can_be_lowered() {
    let envelope = br#"{"statusCode":200}"#;
    let arguments = ["--limit", "18", "reply", "-"];
    check(&run_with_input(&arguments, envelope), 0, "ok\t-\t200 data=none 0 bytes\n");
    let too_large = "error\t-\treply-too-large\tbyte 17\ta reply envelope longer than its limit\n";
    check(&run_with_input(&["reply", "--limit", "17", "-"], envelope), 1, too_large);
    check(&run_with_input(&["reply", "-", "--limit=17"], envelope), 1, too_large);
}

#[test]
fn the_greatest_limit_is_that_of_the_direction() {
    for (direction, limit) in [("request", "102400"), ("reply", "1024000")] {
        let limit: usize = limit.parse().unwrap();
        let mut envelope =
            format!(r#"{{"path":"/","config":{{"env":"p"}},"statusCode":200,"data":"{}"}}"#, "x".repeat(limit));
        let line =
            format!("error\t-\t{direction}-too-large\tbyte {limit}\ta {direction} envelope longer than its limit");
        check_line(direction, &envelope, 1, &line);
        let surplus = envelope.len() - limit;
        envelope.truncate(limit - 2);
        envelope.push_str("\"}");
        let output = run_with_input(&[direction, "-"], envelope.as_bytes());
        assert_eq!(output.status.code(), Some(0));
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.ends_with(&format!("data=text {} bytes\n", limit - surplus)), "{stdout}");
        let larger = (limit + 1).to_string();
        let output = run_with_input(&["--limit", &larger, direction, "-"], b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(&limit.to_string()));
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_end_is_too_large() {
    let output = run(["request", "/dev/zero"]);
    check(&output, 1, "error\t/dev/zero\trequest-too-large\tbyte 102400\ta request envelope longer than its limit\n");
}

// ---------------------------------------------------------------- as a stream

/// What `inspect` says of these files, and what it says when it reads them as streams, in each form.
#[track_caller]
fn check_streams(direction: &str, files: &[String], limit: &str) {
    let said = |form: &[&str], files: &[String]| {
        let run = |stream: &[&str]| {
            let mut arguments = [form, stream, &[direction]].concat();
            if !limit.is_empty() {
                arguments.extend(["--limit", limit]);
            }
            arguments.extend(files.iter().map(String::as_str));
            let output = run(arguments);
            (output.status.code(), output.stdout, output.stderr)
        };
        let whole = run(&[]);
        for stream in [&["--stream", "1"][..], &["--stream", "7"], &["--stream=512"], &["--stream", "1000000000"]] {
            let streamed = run(stream);
            let shown = |output: &[u8]| String::from_utf8_lossy(output).into_owned();
            assert_eq!(shown(&streamed.1), shown(&whole.1), "{form:?} {stream:?}");
            assert_eq!(shown(&streamed.2), shown(&whole.2), "{form:?} {stream:?}");
            assert_eq!(streamed.0, whole.0);
        }
        whole.1.len()
    };
    assert!(said(&[], files) > 0);
    said(&["--json"], files);
    for file in files {
        said(&["--reencode"], std::slice::from_ref(file));
    }
}

fn names(files: Vec<PathBuf>) -> Vec<String> {
    files.into_iter().map(|file| file.into_os_string().into_string().unwrap()).collect()
}

#[test]
fn a_stream_is_what_the_file_is() {
    check_streams("request", &names(fixtures("request")), "");
    check_streams("reply", &names(fixtures("reply")), "");
    // The wrong way round, most are not valid.
    check_streams("request", &names(fixtures("reply"))[..5], "");
    check_streams("reply", &names(fixtures("request"))[..5], "");
}

#[test]
fn a_stream_that_is_broken_is_what_the_file_is() {
    let folder = Folder::new("streams");
    for (direction, greatest) in [("request", REQUEST_LIMIT), ("reply", REPLY_LIMIT)] {
        let whole = fs::read(&fixtures(direction)[0]).unwrap();
        let mut broken = vec![folder.write("empty", ""), folder.write("missing", "")];
        fs::remove_file(&broken[1]).unwrap();
        for at in (0..whole.len()).step_by(5) {
            broken.push(folder.write(&format!("cut-{at}"), &whole[..at]));
            let mut damaged = whole.clone();
            damaged[at] ^= 0x21;
            broken.push(folder.write(&format!("damaged-{at}"), damaged));
        }
        let more = [&whole[..], b" {}"].concat();
        broken.push(folder.write("more", &more));
        // Too long and wrong besides: what counts is that it is too long.
        let mut long = more;
        long.resize(greatest + 1, b' ');
        broken.push(folder.write("long", &long));
        long.pop();
        broken.push(folder.write("not-too-long", &long));
        check_streams(direction, &broken, "");
        check_streams(direction, &broken[..4], &(whole.len() / 2).to_string());
        check_streams(direction, &broken[..4], "0");
    }
}

// ---------------------------------------------------------------- usage and trouble

#[test]
fn wrong_usage_is_told() {
    let cases: &[(&[&str], &str)] = &[
        (&[], "request, reply or message"),
        (&["request"], "no file"),
        (&["answer", "-"], "answer"),
        (&["--yaml", "request", "-"], "--yaml"),
        (&["--json", "--reencode", "request", "-"], "--reencode"),
        (&["--reencode", "request", "a", "b"], "one file"),
        (&["--limit", "many", "request", "-"], "many"),
        (&["--limit", "-1", "request", "-"], "-1"),
        (&["request", "-", "--limit"], "--limit"),
        (&["--stream", "0", "request", "-"], "--stream"),
        (&["--stream=x", "request", "-"], "--stream"),
        (&["request", "-", "--stream"], "--stream"),
        (&["--reencode", "message", "-"], "--reencode"),
        (&["--explain", "--json", "message", "-"], "--explain"),
        (&["--explain", "--stream", "9", "request", "-"], "--stream"),
        (&["--explain", "--lang", "fr", "message", "-"], "fr"),
        (&["--lang", "zh", "message", "-"], "--lang"),
        (&["message", "-", "--lang"], "--lang"),
        (&["--stream", "1", "message", "-"], "--stream"),
        (&["message"], "no file"),
        (&["--limit", "1024001", "message", "-"], "1024000"),
    ];
    for (arguments, word) in cases {
        let output = run(*arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        let (complaint, usage) = errors.split_once('\n').unwrap();
        assert!(complaint.contains(word), "{complaint}");
        assert!(
            usage.contains("usage: inspect [--json | --reencode] [--limit N] [--stream N] (request|reply) FILE..."),
            "{usage}"
        );
    }
}

#[test]
fn help_is_no_error() {
    let output = run(["--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.starts_with(b"usage: inspect"));
    assert!(output.stderr.is_empty());
}

#[test]
fn a_file_that_cannot_be_read_stops_no_other() {
    let folder = Folder::new("unreadable");
    let good = folder.write("good.json", r#"{"statusCode":200}"#);
    let bad = folder.write("bad.json", "[]");
    let missing = folder.0.join("missing.json").into_os_string().into_string().unwrap();
    let directory = folder.0.to_str().unwrap();
    let output = run(["reply", &missing, &bad, directory, "--", &good]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{stdout}");
    assert!(lines[0].starts_with(&format!("error\t{bad}\twrong-type\tbyte 0\t")), "{stdout}");
    assert_eq!(lines[1], format!("ok\t{good}\t200 data=none 0 bytes"));
    assert_eq!(errors.lines().count(), 2, "{errors}");
    assert!(errors.starts_with(&format!("inspect: cannot read {missing}: ")), "{errors}");
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    let files = fixtures("reply");
    let many = files.iter().cycle().take(2_000);
    let mut child = inspect()
        .args(["--json", "reply"])
        .args(many)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.code().is_some(), "ended by a signal");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn many_files_take_linear_time() {
    let folder = Folder::new("many");
    let data = "0123456789 \\u4f60\\n".repeat(100);
    let files: Vec<_> = (0..800)
        .map(|number| {
            let envelope = format!(
                r#"{{"config":{{"env":"prod-01"}},"path":"/orders/{number}","data":{{"text":"{data}","list":[1,2,3]}}}}"#
            );
            folder.write(&format!("{number}.json"), envelope)
        })
        .collect();
    let read = |count: usize| {
        let output = run(["--json", "request"].into_iter().chain(files.iter().take(count).map(String::as_str)));
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(output.stdout.split(|byte| *byte == b'\n').count(), count + 1);
    };
    cost::is_linear("files", || read(800), || read(100));
}
