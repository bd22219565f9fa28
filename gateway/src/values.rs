//! The rules of single values, wherever they are configured.
//!
//! No error repeats the value: it may be a secret in the wrong place.

use std::net::IpAddr;

/// An environment, appid, openid or unionid: what may stand in a header as it is, between commas.
pub fn name(value: &str) -> Result<String, String> {
    if value.is_empty() {
        return Err("it is empty".into());
    }
    if value.len() > callcontainer::NAME_LIMIT {
        return Err(format!("it is longer than {} bytes", callcontainer::NAME_LIMIT));
    }
    if value
        .chars()
        .any(|character| character.is_control() || character.is_whitespace() || matches!(character, ',' | '=' | '"'))
    {
        return Err("it holds a space, a control character, a comma, an equals sign or a quotation mark".into());
    }
    Ok(value.to_owned())
}

/// A token of RFC 6750, section 2.1.
pub fn token(token: &str) -> Result<String, String> {
    let body = token.trim_end_matches('=');
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    if body.is_empty() || !body.bytes().all(of_token) {
        return Err("a token is letters, digits, '-', '.', '_', '~', '+' and '/', with '=' at its end alone".into());
    }
    Ok(token.to_owned())
}

/// An address, as connections from it have it.
pub fn proxy(value: &str) -> Result<IpAddr, std::net::AddrParseError> {
    value.parse().map(|address: IpAddr| address.to_canonical())
}

/// Whether a service may have this name.
pub fn is_service_name(name: &str) -> bool {
    let ends = |at: Option<char>, may: fn(&char) -> bool| at.as_ref().is_some_and(may);
    name.len() <= 60
        && ends(name.chars().next(), char::is_ascii_alphabetic)
        && ends(name.chars().next_back(), char::is_ascii_alphanumeric)
        && name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
}

/// The name of a service.
pub fn service_name(name: &str) -> Result<String, String> {
    if !is_service_name(name) {
        return Err("a service's name is at most 60 letters, digits, '-' and '_', begins with a letter and ends \
                    with a letter or digit"
            .into());
    }
    Ok(name.to_owned())
}
