//! The counterpart of `sdk/calls.cjs` with this crate's client, as somebody would write it. Reads the same list from
//! the standard input, makes one call after the other, and prints what came of each: the envelope of the reply, or an
//! error.
//!
//! As there, what would go to the platform over TLS goes to a port of this machine, in plain HTTP.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Read, Write, stdin, stdout};

use callcontainer::client::{Cloud, Framing, OpenApiHost, StdTcp};
use callcontainer::{Data, Headers, Json, REPLY_LIMIT, Request};
use serde_json::value::RawValue;
use serde_json::{from_str, json};

type Object = BTreeMap<String, Box<RawValue>>;
type Trouble = Box<dyn Error>;

/// The regions of China.
const CHINA: [&str; 7] =
    ["ap-beijing", "ap-chengdu", "ap-chongqing", "ap-guangzhou", "ap-hongkong", "ap-nanjing", "ap-shanghai"];

fn main() -> Result<(), Trouble> {
    let port = std::env::var("OPEN_API_PORT")?.parse()?;
    let mut asked = String::new();
    stdin().read_to_string(&mut asked)?;
    let asked: Object = from_str(&asked)?;
    let config: BTreeMap<String, String> = from_str(asked["config"].get())?;
    let calls: Vec<Object> = from_str(asked["calls"].get())?;

    let region = config.get("region").map_or("ap-shanghai", String::as_str);
    let host = if CHINA.contains(&region) { OpenApiHost::new } else { OpenApiHost::abroad };
    let host = host(&config["env"]);
    let mut outcomes = Vec::new();
    for call in &calls {
        let outcome = host
            .as_ref()
            .map_err(|error| format!("the environment has {error}").into())
            .and_then(|host| make(call, host.as_str(), &config["accessKey"], port));
        outcomes.push(outcome.unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string()));
    }
    stdout().write_all(format!("[{}]", outcomes.join(",")).as_bytes())?;
    Ok(())
}

/// Makes a call on a connection of its own. Returns the envelope of the reply.
fn make(asked: &Object, host: &str, token: &str, port: u16) -> Result<String, Trouble> {
    let call: Object = from_str(asked["call"].get())?;
    let text = |name: &str| call.get(name).map(|value| from_str::<String>(value.get())).transpose();
    let bytes = asked.get("bytes").map(|value| from_str::<Vec<u8>>(value.get())).transpose()?;
    let header: BTreeMap<String, String> = call.get("header").map_or(Ok(BTreeMap::new()), |it| from_str(it.get()))?;

    let service = text("name")?.unwrap_or_default();
    let framing = Framing::open_api(host, &service, token).map_err(|error| format!("the way there has {error}"))?;
    let path = text("path")?.unwrap_or_else(|| "/".into());
    let headers: Vec<_> = header.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut request = Request::new(&path).with_headers(Headers::new(&headers));
    if let Some(method) = text("method")? {
        request = request.with_method(method.parse().map_err(|error| format!("the request has {error}"))?);
    }
    if let Some(data) = call.get("data") {
        request = request.with_data(Data::Json(Json::new(data.get())?));
    }
    if let Some(bytes) = &bytes {
        request = request.with_data(bytes.as_slice().into());
    }

    let mut cloud = Cloud::<_, 4096>::new(0).with_deadlines();
    cloud.init(StdTcp::connect(("127.0.0.1", port), 5000)?, framing);
    let mut buffer = vec![0; 2 * REPLY_LIMIT];
    let reply = cloud.call(&request, &mut buffer).map_err(|error| error.to_string())?;
    let mut envelope = vec![0; 2 * REPLY_LIMIT];
    Ok(str::from_utf8(reply.encode(&mut envelope)?)?.to_owned())
}
