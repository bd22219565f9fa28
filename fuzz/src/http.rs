//! HTTP output parsed by `httparse` shows exactly the headers that were meant: no injection, no identity forged, not in
//! the eyes of a service either that folds names as CGI, PHP or lighttpd does.
//!
//! The model is that of `tests/gateway/model.rs`.

#[path = "../../tests/gateway/check.rs"]
mod check;
#[path = "../../tests/gateway/model.rs"]
pub mod model;

use crate::arbitrary::{Words, header_name, spelt, tree};
use arbitrary::{Arbitrary, Result, Unstructured};
use callcontainer::Method;
use model::{Call, Data, Spelt, Told, Tree, Value, Who};

/// A call, who makes it, and where it goes.
#[derive(Debug)]
pub struct Hop {
    call: Call,
    told: Told,
    who: Option<Who>,
    host: String,
}

impl<'a> Arbitrary<'a> for Hop {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let told = *u.choose(&[Told::Own, Told::Reuse, Told::Nothing])?;
        let who = if u.ratio(7, 8)? { Some(who(u)?) } else { None };
        // A parser takes white space off.
        let host = if u.ratio(7, 8)? { "shop.internal:8080".to_owned() } else { word(u)?.trim().to_owned() };
        Ok(Self { call: call(u)?, told, who, host })
    }
}

impl Hop {
    pub fn check(&self) {
        check::check_call(&self.call, self.told, self.who.as_ref(), &self.host);
    }
}

/// What a header of the gateway's own holds; mostly what it may.
fn word(u: &mut Unstructured<'_>) -> Result<String> {
    let text = Words::arbitrary(u)?.0.chars().take(64).collect::<String>();
    let tame = u.ratio(7, 8)?;
    Ok(if tame { text.replace(|c: char| c.is_ascii_control(), "_") } else { text })
}

fn who(u: &mut Unstructured<'_>) -> Result<Who> {
    Ok(Who {
        appid: word(u)?,
        openid: word(u)?,
        unionid: if bool::arbitrary(u)? { Some(word(u)?) } else { None },
        source: word(u)?,
        address: if bool::arbitrary(u)? { Some(word(u)?) } else { None },
        access_token: if bool::arbitrary(u)? { Some(word(u)?) } else { None },
    })
}

fn call(u: &mut Unstructured<'_>) -> Result<Call> {
    let path = Words::arbitrary(u)?;
    let path = if u.ratio(7, 8)? { path.into_path() } else { path.0 };
    let mut headers = Vec::new();
    while bool::arbitrary(u)? {
        let name = header_name(u)?;
        let value = value(u, &name)?;
        headers.push((Spelt::new(&name, u64::arbitrary(u)?), value));
    }
    let data = match u8::arbitrary(u)? % 4 {
        0 => Data::None,
        1 => Data::Text(spelt(u)?),
        2 => match tree(u)? {
            Tree::Text(text) => Data::Text(text),
            tree => Data::Json(tree),
        },
        _ => Data::Bytes(Vec::arbitrary(u)?),
    };
    let call = Call {
        path: Spelt::new(&path, u64::arbitrary(u)?),
        method: *u.choose(&Method::ALL)?,
        headers,
        data,
        space: u.choose(&["", " ", "\r\n\t"])?,
    };
    // Depth and length are the business of other targets.
    let envelope = call.envelope();
    let deep = callcontainer::Request::decode(envelope.as_bytes()).is_err_and(|error| {
        matches!(error.kind(), callcontainer::ErrorKind::TooDeep | callcontainer::ErrorKind::RequestTooLarge)
    });
    if deep { Err(arbitrary::Error::IncorrectFormat) } else { Ok(call) }
}

/// The value of a header: one that makes sense under some name, or any.
fn value(u: &mut Unstructured<'_>, name: &str) -> Result<Value> {
    const VALUES: [&str; 13] = [
        "chunked",
        "close, x-custom,TE",
        "x.wx_openid,content-type, CONTENT_TYPE",
        "gzip, chunked",
        "0",
        "openid,from-openid,cloudbase-access-token",
        "UnionID, appid ,from-appid",
        "application/x-www-form-urlencoded",
        "Application/X-WWW-form-urlencoded ; charset=utf-8",
        "application/json; charset=utf-8",
        "shop",
        "",
        " \t",
    ];
    let text = match u8::arbitrary(u)? % 4 {
        0 => return Ok(Value::Scalar(u.choose(&["7", "0", "1.50", "-1e5", "true", "false"])?)),
        1 => Words::arbitrary(u)?.0,
        _ => (*u.choose(&VALUES)?).to_owned(),
    };
    // What a `Connection` header of more than 512 bytes lists is not looked at, and the model does not know.
    let limit = if name.eq_ignore_ascii_case("connection") { 80 } else { usize::MAX };
    let text = text.chars().take(limit).collect::<String>();
    Ok(Value::Text(Spelt::new(&text, u64::arbitrary(u)?)))
}
