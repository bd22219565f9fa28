//! Decoding a slice: what `serde_json` and the model over it say must be accepted is, with the same values; what they
//! refuse is refused, and the error is the first thing that is wrong.
//!
//! What the same means stands in `tests/json_oracle.rs`, whose judges these are: the recursion limit of `serde_json`,
//! its lone surrogates, its numbers and our own rules for names that repeat are told there.

#[path = "../../tests/json_oracle/check.rs"]
mod check;
#[path = "../../tests/json_oracle/model.rs"]
pub(crate) mod model;
#[path = "../../tests/json_oracle/oracle.rs"]
pub(crate) mod oracle;

use callcontainer::Text;
pub use check::{check_reply, check_request, check_value};

/// The content of a JSON string, which stands between quotes for `serde_json`.
pub fn check_string(content: &[u8]) {
    let Ok(content) = str::from_utf8(content) else { return };
    let ours = Text::from_escaped(content).map(model::decoded);
    let theirs = serde_json::from_str::<String>(&format!("\"{content}\""));
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs),
        (Err(error), Err(_)) => assert!(error.offset() <= content.len()),
        _ => panic!("{ours:?}, serde_json {theirs:?}: {content:?}"),
    }
    // Cut anywhere that `char_indices` names, what is left is what is left of the text.
    let Ok(text) = Text::from_escaped(content) else { return };
    let whole = ours.unwrap();
    assert!(text == *whole && text.chars().eq(whole.chars()));
    for ((at, _), (plain, _)) in text.char_indices().zip(whole.char_indices()) {
        assert_eq!(text.slice(at..content.len()).unwrap().to_string(), whole[plain..]);
        if plain > 64 {
            break;
        }
    }
}
