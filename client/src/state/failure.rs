//! What a failure says on screen: one sentence, what is safe, and its number.

use crate::api::Failure;
use crate::i18n::{T, language, t, tf};
use shared::pack::Language;
use shared::protocol::error::{ErrorCode, SentenceLanguage};

const fn sentence_language(language: Language) -> SentenceLanguage {
    match language {
        Language::Indonesian => SentenceLanguage::Indonesian,
        Language::English => SentenceLanguage::English,
        Language::Tetun => SentenceLanguage::Tetun,
    }
}

/// The sentence of an error number; a plain one for a number this version does not know.
pub(crate) fn sentence_of(code: u16) -> String {
    ErrorCode::from_number(code).map_or_else(
        || t(T::StateErrorTitle).to_owned(),
        |code| code.sentence(sentence_language(language())).to_owned(),
    )
}

/// The number as people read it out, and when to try again.
pub(crate) fn footnote(failure: &Failure) -> String {
    let number = tf(T::StateErrorCode, &[("code", &format!("S-{}", failure.code))]);
    match failure.retry_after_s {
        Some(seconds) => {
            let wait = tf(T::StateRetryIn, &[("n", &seconds.to_string())]);
            format!("{wait} {number}")
        }
        None => number,
    }
}
