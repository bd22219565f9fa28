//! Writes the envelopes that the images work on: a small one and one of 95 KiB for each direction.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

/// Length of the large envelopes.
const LARGE: usize = 95 * 1024;

const REQUEST: &str = concat!(
    r#"{"config":{"env":"prod-01"},"path":"/api/orders?page=2","service":"shop","method":"POST","#,
    r#""header":{"content-type":"application/json","X-Trace":"7f2c"},"timeout":5000,"callID":"1700000000000-0.25","data":"#,
);
const REPLY: &str = concat!(
    r#"{"statusCode":200,"header":{"content-type":"application/json; charset=utf-8","x-request-id":"b7"},"#,
    r#""cookies":["session=41; Path=/"],"callID":"1700000000000-0.25","errMsg":"cloud.callContainer:ok","data":"#,
);
const SMALL_JSON: &str = r#"{"id":7,"name":"two apples","paid":true}"#;
/// A small body as the large one is.
const SMALL_ORDERS: &str = r#"[{"id":7,"name":"two apples","paid":true}]"#;
const SMALL_TEXT: &str = "two \"apples\" and a pear";

/// Orders, as a service would list them, in an array that fills an envelope of the large size behind `head`.
fn orders(head: &str) -> String {
    let room = LARGE - head.len() - "}".len();
    let mut json = String::from("[");
    for id in 1000.. {
        let mut order = format!(
            r#"{{"id":{id},"name":"Order number {id}","price":{}.{:02},"paid":{},"note":null,"lines":[{{"sku":"A-{}","count":{}}},{{"sku":"B-{}","count":{}}}],"city":"上海","comment":"please ring the bell twice, \"loudly\""}}"#,
            id % 97,
            id % 100,
            id % 3 == 0,
            id % 13,
            id % 7,
            id % 11,
            id % 5,
        );
        order.push(',');
        if json.len() + order.len() > room - 40 {
            break;
        }
        json += &order;
    }
    // The name in the last element is as long as it takes.
    let last = r#"{"id":7,"name":"","paid":true}]"#;
    let filler = "-".repeat(room - json.len() - last.len());
    write!(json, r#"{{"id":7,"name":"{filler}","paid":true}}]"#).unwrap();
    assert_eq!(json.len(), room);
    json
}

/// What the orders of a large request come to: how many there are, their ids, how many are paid, the items, and the
/// bytes of their texts. Counted from what was put into them, without reading JSON.
fn totals() -> [u32; 5] {
    let json = orders(REQUEST);
    let count = json.matches("{\"id\":").count() as u32;
    let of_id = |id: u32| {
        let text = format!("Order number {id}A-{}B-{}上海please ring the bell twice, \"loudly\"", id % 13, id % 11);
        [1, id, u32::from(id % 3 == 0), id % 7 + id % 5, text.len() as u32]
    };
    let filler = json.rsplit("\"name\":\"").next().unwrap().find('"').unwrap() as u32;
    let mut totals = [1, 7, 1, 0, filler];
    for id in 1000..1000 + count - 1 {
        totals.iter_mut().zip(of_id(id)).for_each(|(total, value)| *total += value);
    }
    totals
}

/// Prose with what must be escaped here and there, and some Chinese, as much as makes an envelope of the large size.
fn prose() -> String {
    let mut text = String::new();
    for line in 0.. {
        let sentence =
            format!("Line {line}: the quick brown fox said \"hello\" to 上海, and jumped over the lazy dog.\n");
        let whole = text.clone() + &sentence;
        if REQUEST.len() + escaped(&whole).len() + "}".len() > LARGE {
            break;
        }
        text = whole;
    }
    text
}

fn escaped(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\"").replace('\n', "\\n"))
}

fn main() {
    let out = env::var("OUT_DIR").unwrap();
    let write = |name: &str, content: String| fs::write(Path::new(&out).join(name), content).unwrap();
    write("small_request", format!("{REQUEST}{SMALL_JSON}}}"));
    write("large_request", format!("{REQUEST}{}}}", orders(REQUEST)));
    write("small_reply", format!("{REPLY}{SMALL_JSON}}}"));
    write("large_reply", format!("{REPLY}{}}}", orders(REPLY)));
    write("small_orders_request", format!("{REQUEST}{SMALL_ORDERS}}}"));
    // What the client sends, and what it gets.
    let envelope = format!("{REQUEST}{SMALL_JSON}}}");
    let length = envelope.len();
    let head =
        "POST / HTTP/1.1\r\nHost: gateway.local\r\nAuthorization: Bearer s3cret\r\nContent-Type: application/json";
    write("client_sends", format!("{head}\r\nContent-Length: {length}\r\n\r\n{envelope}"));
    for (name, body) in [("small_http_reply", SMALL_JSON.to_owned()), ("large_http_reply", orders(REPLY))] {
        let length = REPLY.len() + body.len() + "}".len();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Wed, 01 Jan 2025 00:00:00 GMT";
        write(name, format!("{head}\r\ncontent-length: {length}\r\n\r\n{REPLY}{body}}}"));
    }
    // The same without a gateway.
    for (name, before, host, token) in [
        ("open_api_sends", "/v1/cloudrun/shop", "api.local", "Authorization: Bearer s3cret\r\n"),
        ("domain_sends", "", "shop.local", ""),
    ] {
        let head = format!("POST {before}/api/orders?page=2 HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity");
        let head = format!("{head}\r\n{token}content-type: application/json\r\nX-Trace: 7f2c");
        write(name, format!("{head}\r\nContent-Length: {}\r\n\r\n{SMALL_JSON}", SMALL_JSON.len()));
    }
    for (name, body) in [("small_answer", SMALL_JSON.to_owned()), ("large_answer", orders(REPLY))] {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\nx-request-id: b7\r\n\
                    date: Wed, 01 Jan 2025 00:00:00 GMT\r\nset-cookie: session=41; Path=/";
        write(name, format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    }
    write("small_text", SMALL_TEXT.to_owned());
    write("large_text", prose());
    write("small_text_request", format!("{REQUEST}{}}}", escaped(SMALL_TEXT)));
    write("large_text_request", format!("{REQUEST}{}}}", escaped(&prose())));
    write(
        "ends.rs",
        format!("pub const REQUEST_HEAD: usize = {};\npub const REPLY_HEAD: usize = {};", REQUEST.len(), REPLY.len()),
    );
    let totals_and_answer = |name: &str, totals: [u32; 5]| {
        let [orders, ids, paid, items, text] = totals;
        let answer = format!(r#"{{"orders":{orders},"ids":{ids},"paid":{paid},"items":{items},"text":{text}}}"#);
        let len = answer.len();
        format!(
            "pub const {name}_TOTALS: [u32; 5] = {totals:?};\npub const {name}_ANSWER: &[u8; {len}] = br#\"{answer}\"#;\n"
        )
    };
    let small = totals_and_answer("SMALL", [1, 7, 1, 0, "two apples".len() as u32]);
    write("totals.rs", small + &totals_and_answer("LARGE", totals()));
    println!("cargo::rustc-link-arg-bins=-Tboard.ld");
    println!("cargo::rerun-if-changed=build.rs");
}
