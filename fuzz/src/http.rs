//! HTTP output parsed by `httparse` shows exactly the headers that were meant: no injection, no identity forged, not in
//! the eyes of a service either that folds names as CGI, PHP or lighttpd does.
//!
//! A call that goes out without a gateway is the same request, and nobody takes anything out of it: so it has nothing in it
//! that a gateway would take out.
//!
//! The model is that of `tests/gateway/model.rs`.

#[path = "../../tests/gateway/check.rs"]
pub(crate) mod check;
#[path = "../../tests/gateway/model.rs"]
pub mod model;

use crate::arbitrary::{Words, header_name, spelt, tree};
use crate::outgoing::Direct;
use arbitrary::{Arbitrary, Result, Unstructured};
use callcontainer::Method;
use model::{Call, Data, Spelt, Told, Tree, Value, Who};

/// A call, who makes it, and where it goes.
#[derive(Debug)]
pub struct Hop {
    pub(crate) call: Call,
    pub(crate) told: Told,
    pub(crate) who: Option<Who>,
    host: String,
    direct: Direct,
}

impl<'a> Arbitrary<'a> for Hop {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let told = *u.choose(&[Told::Own, Told::Reuse, Told::Nothing])?;
        let who = if u.ratio(7, 8)? { Some(who(u)?) } else { None };
        // A parser takes white space off.
        let host = if u.ratio(7, 8)? { "shop.internal:8080".to_owned() } else { word(u)?.trim().to_owned() };
        let call = call(u)?;
        // Last, so that what stands before it means the same without it.
        let direct = Direct {
            service: if u.ratio(1, 2)? { "shop".to_owned() } else { service(u)? },
            token: if u.ratio(7, 8)? { "t0k.en".to_owned() } else { word(u)? },
            named: if u.ratio(1, 2)? { None } else { Some(service(u)?) },
            env: if u.ratio(1, 2)? { None } else { Some(word(u)?) },
            segments: segments(u)?,
            cuts: u.arbitrary()?,
        };
        Ok(Self { call, told, who, host, direct })
    }
}

impl Hop {
    pub fn check(&self) {
        check::check_call(&self.call, self.told, self.who.as_ref(), &self.host);
        self.direct.check(&self.call, &self.host);
    }
}

/// What a header of the gateway's own holds; mostly what it may.
fn word(u: &mut Unstructured<'_>) -> Result<String> {
    let text = Words::arbitrary(u)?.0.chars().take(64).collect::<String>();
    let tame = u.ratio(7, 8)?;
    Ok(if tame { text.replace(|c: char| c.is_ascii_control(), "_") } else { text })
}

/// The name of a service, or nearly.
fn service(u: &mut Unstructured<'_>) -> Result<String> {
    const SIGNS: &[u8] = b"aZ09-_./%\\ ?#\r\n\0";
    if u.ratio(1, 4)? {
        return word(u);
    }
    let len = if bool::arbitrary(u)? { u.int_in_range(0..=6)? } else { u.int_in_range(57..=63)? };
    let mut name = String::new();
    let tame = u.ratio(3, 4)?;
    for _ in 0..len {
        name.push(char::from(*u.choose(if tame { &SIGNS[..6] } else { SIGNS })?));
    }
    Ok(name)
}

/// What a path may try to leave its service with.
fn segments(u: &mut Unstructured<'_>) -> Result<String> {
    const PARTS: [&str; 20] = [
        ".", ".", "%2e", "%2E", "/", "/", "\\", "%2f", "%5C", ";", "%3b", "%", "%25", "2e", "a", "?", "#", "%3f", "..",
        "x/",
    ];
    let mut segments = String::new();
    for _ in 0..u8::arbitrary(u)? % 12 {
        segments.push_str(u.choose(&PARTS)?);
    }
    Ok(segments)
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
