//! Why a call failed, in words: what each code, message and error means, what usually causes it, and what to do, in English
//! and in Chinese.
//!
//! [`Subject`] finds the explanation for a failure, a code or an error, and each type of error has an `explanation` of its
//! own. [`Place`] shows where in an envelope an error is, [`Spent`] on what its bytes are spent, and [`What`] tells envelopes
//! and messages apart. The texts are constants; what is made of several pieces is written to any [`core::fmt::Write`],
//! without the formatting of `core`, so that nothing here takes a heap or can panic.
//!
//! Each sentence says on what it is based: the platform's documentation, what has been observed, or a conclusion.
//!
//! ```
//! use callcontainer::explain::{Confidence, Language, Subject};
//! use callcontainer::{Reply, Request};
//!
//! let envelope = br#"{"errCode":-501000,"errMsg":"cloud.callContainer:fail Error: errCode: -501000 | errMsg: Invalid host"}"#;
//! let Reply::Failure(failure) = Reply::decode(envelope)? else { panic!() };
//! let explanation = Subject::of_failure(&failure).explanation();
//! assert!(explanation.cause().text(Language::English).starts_with("A misspelt service"));
//! assert!(explanation.cause().text(Language::Chinese).contains("服务名称写错"));
//! assert_eq!(explanation.meaning().confidence(), Confidence::Observed);
//! assert_eq!(explanation.cause().confidence(), Confidence::Inferred);
//!
//! let error = Request::decode(br#"{"config":{"env":"prod-01"},"path":"orders"}"#).unwrap_err();
//! assert!(error.kind().explanation().remedy().text(Language::English).starts_with("Begin with `/`"));
//! # Ok::<(), callcontainer::Error>(())
//! ```

mod finding;
mod glyphs;
mod kinds;
mod open;
mod own;
mod place;
mod platform;
mod spent;
mod subject;
mod tokens;
mod trail;
mod words;

pub use finding::{Finding, What, put_refusal};
pub use open::{OPEN_CODES, OPEN_STATUSES, OpenError};
pub use own::{OWN, Own};
pub use place::Place;
pub use platform::{PLATFORM, Platform};
pub use spent::{Overhead, Part, Spent};
pub use subject::Subject;
pub use words::{Advice, Confidence, Explanation, Language, Sentence, Words};
