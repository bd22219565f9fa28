//! What a text is made of: two languages, and how sure it is.

/// The language of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Returns the language of a tag, such as `zh-CN` of a browser (RFC 5646) or `zh_CN.UTF-8` of a terminal: Chinese for
    /// `zh`, with anything behind it that is not a letter, and English for all else.
    ///
    /// ```
    /// use callcontainer::explain::Language;
    ///
    /// assert_eq!(Language::from_tag("zh-Hans-CN"), Language::Chinese);
    /// assert_eq!(Language::from_tag("de"), Language::English);
    /// ```
    #[must_use]
    pub const fn from_tag(tag: &str) -> Self {
        match tag.as_bytes() {
            [b'z' | b'Z', b'h' | b'H'] => Self::Chinese,
            [b'z' | b'Z', b'h' | b'H', next, ..] if !next.is_ascii_alphanumeric() => Self::Chinese,
            _ => Self::English,
        }
    }

    /// Returns the tag of the language: `en` or `zh`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }
}

/// The same text in each language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Words {
    english: &'static str,
    chinese: &'static str,
}

impl Words {
    pub(super) const fn new(english: &'static str, chinese: &'static str) -> Self {
        Self { english, chinese }
    }

    /// Returns the text in this language.
    #[must_use]
    pub const fn text(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Chinese => self.chinese,
        }
    }
}

/// On what a sentence is based.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Confidence {
    /// The platform's documentation, a standard, or the [wire format](crate::wire_format) of this crate.
    Documented,
    /// Public reports and code: seen, but promised by nobody.
    Observed,
    /// A conclusion.
    Inferred,
}

impl Confidence {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Documented, Self::Observed, Self::Inferred];

    /// Returns the name in lower case: `documented`, `observed` or `inferred`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.words().english
    }

    /// Returns the name in each language.
    #[must_use]
    pub const fn words(self) -> Words {
        match self {
            Self::Documented => Words::new("documented", "有文档"),
            Self::Observed => Words::new("observed", "实际观察"),
            Self::Inferred => Words::new("inferred", "推断"),
        }
    }
}

/// A sentence or two in each language, and on what they are based.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sentence {
    confidence: Confidence,
    words: Words,
}

impl Sentence {
    /// Returns on what it is based.
    #[must_use]
    pub const fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Returns the text in this language.
    #[must_use]
    pub const fn text(&self, language: Language) -> &'static str {
        self.words.text(language)
    }
}

pub(super) const fn documented(english: &'static str, chinese: &'static str) -> Sentence {
    Sentence { confidence: Confidence::Documented, words: Words::new(english, chinese) }
}

pub(super) const fn observed(english: &'static str, chinese: &'static str) -> Sentence {
    Sentence { confidence: Confidence::Observed, words: Words::new(english, chinese) }
}

pub(super) const fn inferred(english: &'static str, chinese: &'static str) -> Sentence {
    Sentence { confidence: Confidence::Inferred, words: Words::new(english, chinese) }
}

/// What an error means, what usually causes it, what to do about it, and whether to make the call again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Explanation {
    pub(super) meaning: Sentence,
    pub(super) cause: Sentence,
    pub(super) remedy: Sentence,
    pub(super) advice: Advice,
}

impl Explanation {
    /// Returns what the error means.
    #[must_use]
    pub const fn meaning(&self) -> &Sentence {
        &self.meaning
    }

    /// Returns what usually causes it.
    #[must_use]
    pub const fn cause(&self) -> &Sentence {
        &self.cause
    }

    /// Returns what to do.
    #[must_use]
    pub const fn remedy(&self) -> &Sentence {
        &self.remedy
    }

    /// Returns whether to make the call again.
    #[must_use]
    pub const fn advice(&self) -> Advice {
        self.advice
    }
}

/// Whether to make a call again, in words: what [`ErrorCode::retry`](crate::ErrorCode::retry) says in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Advice {
    /// After 300 ms, up to three times, with any method.
    SoonAnyMethod,
    /// After 300 ms, up to three times, with any method: the service was not ready to run.
    WhenReady,
    /// After 300 ms, up to three times, with an idempotent method.
    SoonIfIdempotent,
    /// After 60 s, once, with any method.
    AfterMinute,
    /// At once, once, with an idempotent method.
    OnceIfIdempotent,
    /// Not by itself: the service may have run, and nothing suggests that another call would fare better.
    Unsure,
    /// Never: the same call fails again.
    Never,
}

impl Advice {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SoonAnyMethod,
        Self::WhenReady,
        Self::SoonIfIdempotent,
        Self::AfterMinute,
        Self::OnceIfIdempotent,
        Self::Unsure,
        Self::Never,
    ];

    /// Returns the advice as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static Sentence {
        match self {
            Self::SoonAnyMethod => {
                const {
                    &documented(
                        "Yes, whatever the method: wait 300 ms and call again, at most three times. The call has not \
                         reached the service.",
                        "可以重试，任何方法都行：等待 300 毫秒后再次调用，最多 3 次。此时调用尚未到达服务。",
                    )
                }
            }
            Self::WhenReady => {
                const {
                    &inferred(
                        "Yes, whatever the method, since the service has not run: wait 300 ms and call again, at most \
                         three times. A cold start can take longer than that.",
                        "可以重试，任何方法都行，因为服务尚未执行：等待 300 毫秒后再次调用，最多 3 \
                         次。冷启动可能需要更长时间。",
                    )
                }
            }
            Self::SoonIfIdempotent => {
                const {
                    &inferred(
                        "Only if the method is idempotent (any but POST and CONNECT): wait 300 ms and call again, at \
                         most three times. The service may have run already.",
                        "仅当方法是幂等的（除 POST、CONNECT 以外）才可重试：等待 300 毫秒后再次调用，最多 3 \
                         次。服务可能已经执行过。",
                    )
                }
            }
            Self::AfterMinute => {
                const {
                    &observed(
                        "Yes, whatever the method, but not before 60 s have passed, or as long as `Retry-After` says; \
                         once. Calling sooner prolongs the block.",
                        "可以重试，任何方法都行，但至少要等 60 秒（若返回了 `Retry-After` \
                         则以它为准），且只重试一次。提前重试只会延长封锁。",
                    )
                }
            }
            Self::OnceIfIdempotent => {
                const {
                    &inferred(
                        "Only if the method is idempotent (any but POST and CONNECT): at once, one time. The service \
                         may have run, and a POST would then take effect twice.",
                        "仅当方法是幂等的（除 POST、CONNECT 以外）才可重试：立即重试一次。服务可能已经执行，重复 POST \
                         会生效两次。",
                    )
                }
            }
            Self::Unsure => {
                const {
                    &inferred(
                        "Not automatically: the service may have run, and nothing suggests that a second call would \
                         fare better. Look first, then call again by hand.",
                        "不要自动重试：服务可能已经执行，也没有迹象表明再次调用会成功。先查明情况，再手动重试。",
                    )
                }
            }
            Self::Never => {
                const {
                    &inferred(
                        "No. The same call fails in the same way until what is wrong has been mended.",
                        "不要重试。在修正问题之前，同样的调用只会以同样的方式失败。",
                    )
                }
            }
        }
    }
}
