//! Calls with values.

use crate::peer::{Broken, Peer, block_on};
use callcontainer::client::{CallError, Cloud, Framing, ResponseError};
use callcontainer::typed::ErrorKind;
use callcontainer::{Data, Method, Request};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::error::Error;

#[derive(Serialize)]
struct Order<'a> {
    item: &'a str,
    count: u32,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Placed<'a> {
    id: u32,
    note: &'a str,
}

const ORDER: Order<'_> = Order { item: "好\n", count: 2 };

fn request() -> Request<'static> {
    Request::new("/orders").with_env("e").with_method(Method::Post).with_call_id("7")
}

fn cloud(reply: &str) -> Cloud<'static, Peer, 64> {
    let mut cloud = Cloud::new(0);
    cloud.init(Peer::new(format!("{reply}\n")), Framing::LINE);
    cloud
}

#[test]
fn a_value_goes_out_and_a_value_comes_in() {
    let reply = r#"{"statusCode":201,"callID":"7","data":{"id":7,"note":"a \"b\" \ud83d\ude00"}}"#;
    for asynchronous in [false, true] {
        let mut cloud = cloud(reply);
        let (mut buffer, mut scratch) = ([0; 256], [0; 64]);
        let result = if asynchronous {
            block_on(cloud.call_typed_async(&request(), &ORDER, &mut buffer, &mut scratch))
        } else {
            cloud.call_typed(&request(), &ORDER, &mut buffer, &mut scratch)
        };
        let (placed, response): (Placed<'_>, _) = result.unwrap();
        assert_eq!(placed, Placed { id: 7, note: "a \"b\" 😀" });
        assert_eq!(response.status(), 201);
        let written = cloud.take().unwrap().written;
        let sent = Request::decode(written.trim_ascii()).unwrap();
        let Data::Json(json) = sent.data() else { panic!("{sent:?}") };
        assert_eq!(json.as_str(), "{\"item\":\"好\\n\",\"count\":2}");
        assert_eq!(sent.method(), Method::Post);
    }
}

/// What comes of a call whose reply is this, and how much was sent.
fn call<T: DeserializeOwned>(reply: &str, scratch: usize) -> (Result<T, String>, usize) {
    let mut cloud = cloud(reply);
    let (mut buffer, mut scratch) = ([0; 256], vec![0; scratch]);
    let result = cloud.call_typed(&request(), &ORDER, &mut buffer, &mut scratch);
    let value = result.map(|(value, _)| value).map_err(|failed| failed.to_string());
    (value, cloud.take().unwrap().written.len())
}

#[test]
fn an_answer_without_data_is_null() {
    let (value, _) = call::<Option<u8>>(r#"{"statusCode":204,"callID":"7"}"#, 64);
    assert_eq!(value, Ok(None));
    let (value, _) = call::<()>(r#"{"statusCode":204,"callID":"7"}"#, 64);
    assert_eq!(value, Ok(()));
}

#[test]
fn each_way_to_fail_says_which_it_was() {
    let answered = |data: &str| {
        let reply = format!(r#"{{"statusCode":404,"callID":"7","data":{data}}}"#);
        let mut cloud = cloud(&reply);
        let (mut buffer, mut scratch) = ([0; 256], [0; 64]);
        let result = cloud.call_typed::<_, u8>(&request(), &ORDER, &mut buffer, &mut scratch);
        match result.unwrap_err() {
            ResponseError::Data(404, error) => error.kind(),
            other => panic!("{other}"),
        }
    };
    assert_eq!(answered(r#"{"id":7}"#), ErrorKind::WrongType);
    assert_eq!(answered("300"), ErrorKind::OutOfRange);
    assert_eq!(answered("null"), ErrorKind::WrongType);

    // The value has no room: nothing is sent.
    for scratch in 0..ORDER_LEN {
        let (result, sent) = call::<u8>("", scratch);
        assert!(result.unwrap_err().starts_with("the value to be sent has "));
        assert_eq!(sent, 0);
    }
    let (result, _) = call::<u8>(r#"{"statusCode":200,"callID":"7","data":1}"#, ORDER_LEN);
    assert_eq!(result, Ok(1));

    let (mut buffer, mut scratch) = ([0; 256], [0; 64]);
    let mut refused = cloud(r#"{"errCode":-501000,"errMsg":"Invalid host","callID":"7"}"#);
    let result = refused.call_typed::<_, u8>(&request(), &ORDER, &mut buffer, &mut scratch);
    assert!(matches!(result, Err(ResponseError::Failure(failure)) if failure.err_msg() == "Invalid host"));
    let mut none = Cloud::<Peer, 64>::new(0);
    let result = none.call_typed::<_, u8>(&request(), &ORDER, &mut buffer, &mut scratch);
    let error = result.unwrap_err();
    assert_eq!(error, ResponseError::<Broken>::Call(CallError::NotInitialised));
    assert!(error.source().is_some_and(<dyn Error>::is::<CallError<Broken>>));
    none.init(Peer::default(), Framing::LINE);
    let result = none.call_typed::<_, u8>(&request(), &ORDER, &mut buffer, &mut scratch);
    assert_eq!(result.unwrap_err(), ResponseError::<Broken>::Call(CallError::NoAnswer(None)));
}

/// Bytes of the order as JSON.
const ORDER_LEN: usize = "{\"item\":\"好\\n\",\"count\":2}".len();
