//! A long text while somebody types it: what it was begun over, what stands in the field, what is on its way.
//!
//! Owns which letters are measured against which; never talks to the engine. One text at a time is on its way: of the
//! next, nobody knows what it is measured against before the first is there, or came back.

use crate::api::{TextBase, Typed};

/// What the document shows of the field now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The text, if it was ever written.
    pub(crate) text: Option<TextBase>,
    /// Heads of the document.
    pub(crate) heads: Vec<String>,
}

/// A long text being typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LongText {
    /// What it was begun over.
    began: Option<TextBase>,
    /// What was typed; none while the field shows what stands there.
    typed: Option<String>,
    sent: Option<Sent>,
    /// Left again while another text was on its way.
    waits: bool,
}

/// A text on its way to stable storage, or there already while the document does not show it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sent {
    began: TextBase,
    text: String,
    /// The document's when it was there: until they move, the document does not show it.
    heads: Option<Vec<String>>,
}

/// What becomes of a text that was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Left {
    /// Nothing was typed, or it waits for the one on its way.
    Nothing,
    /// Kept on the screen and as a draft; so many code points, nothing is cut off silently.
    TooLong(usize),
    /// It stands there already; what was kept on the way is to be forgotten.
    AsItStood,
    /// To be written over what it was begun over.
    Written(TextBase, String),
}

impl LongText {
    /// Goes on with what was being typed when the tablet stopped.
    pub(crate) fn resume(draft: Option<Typed>, standing: &Standing) -> Self {
        let mut text = Self::default();
        if let Some(Typed { text: typed, base, .. }) = draft {
            text.began = base;
            text.typed = Some(typed);
            text.begin(standing);
        }
        text
    }

    /// Somebody is about to type.
    pub(crate) fn begin(&mut self, standing: &Standing) {
        if self.began.is_none() {
            self.began = Some(match (self.ahead(standing), &standing.text) {
                // No heads name it yet; the engine, which writes in order, finds its letters by comparing.
                (Some(text), _) => TextBase { heads: Vec::new(), text: text.to_owned() },
                (None, Some(stands)) => stands.clone(),
                (None, None) => TextBase { heads: standing.heads.clone(), text: String::new() },
            });
        }
    }

    /// This stands in the field now.
    pub(crate) fn type_in(&mut self, text: String, standing: &Standing) {
        self.begin(standing);
        self.typed = Some(text);
    }

    /// What the field shows.
    pub(crate) fn shows(&self, standing: &Standing) -> String {
        let stands = || self.ahead(standing).or(standing.text.as_ref().map(|text| text.text.as_str()));
        self.typed.as_deref().or_else(stands).unwrap_or_default().to_owned()
    }

    /// What is being typed, to be kept as a draft.
    pub(crate) fn draft(&self) -> Option<Typed> {
        let text = self.typed.clone()?;
        Some(Typed { text, base: self.began.clone(), ..Typed::default() })
    }

    /// The field was left; `most` code points may stand in it.
    pub(crate) fn leave(&mut self, most: usize) -> Left {
        if self.sent.as_ref().is_some_and(|sent| sent.heads.is_none()) {
            self.waits = self.typed.is_some();
            return Left::Nothing;
        }
        self.go(most)
    }

    /// The page is going, and nothing can wait any more.
    pub(crate) fn go(&mut self, most: usize) -> Left {
        let (Some(text), Some(began)) = (&self.typed, &self.began) else { return Left::Nothing };
        let count = text.chars().count();
        if count > most {
            return Left::TooLong(count);
        }
        let (text, began) = (text.clone(), began.clone());
        self.typed = None;
        self.began = None;
        if began.text == text {
            return Left::AsItStood;
        }
        self.sent = Some(Sent { began: began.clone(), text: text.clone(), heads: None });
        Left::Written(began, text)
    }

    /// What was on its way is on stable storage; gives back what becomes of a text that waited for it.
    pub(crate) fn arrive(&mut self, most: usize, standing: &Standing) -> Left {
        if let Some(sent) = &mut self.sent {
            // What the document has become meanwhile is older: the engine tells of it before it answers.
            sent.heads = Some(standing.heads.clone());
        }
        if core::mem::take(&mut self.waits) { self.go(most) } else { Left::Nothing }
    }

    /// What was on its way could not be written. It goes back into the field, and whatever was typed since is measured
    /// against what that was begun over: leaving it once more tries again.
    pub(crate) fn come_back(&mut self) {
        self.waits = false;
        if let Some(Sent { began, text, .. }) = self.sent.take() {
            self.began = Some(began);
            self.typed.get_or_insert(text);
        }
    }

    /// What was left stands in the field from then on, not only when the document shows it.
    fn ahead(&self, standing: &Standing) -> Option<&str> {
        let sent = self.sent.as_ref()?;
        sent.heads.as_ref().is_none_or(|heads| *heads == standing.heads).then_some(sent.text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 40;

    fn standing(text: &str, head: &str) -> Standing {
        let heads = vec![head.to_owned()];
        Standing { text: Some(TextBase { heads: heads.clone(), text: text.to_owned() }), heads }
    }

    fn base(text: &str, heads: &[&str]) -> TextBase {
        TextBase { heads: heads.iter().map(|&head| head.to_owned()).collect(), text: text.to_owned() }
    }

    #[test]
    fn what_is_typed_is_measured_against_what_stood_when_it_was_begun() {
        let mut text = LongText::default();
        text.begin(&standing("Tiba.", "a"));
        // Somebody else's words arrive before the first key.
        text.type_in("Tiba. Sendiri.".to_owned(), &standing("Tiba. Malam.", "b"));
        let left = text.leave(MOST);
        assert_eq!(left, Left::Written(base("Tiba.", &["a"]), "Tiba. Sendiri.".to_owned()));
    }

    #[test]
    fn what_was_left_shows_until_the_document_moves() {
        let mut text = LongText::default();
        text.type_in("Tiba.".to_owned(), &standing("", "a"));
        let _ = text.leave(MOST);
        assert_eq!(text.shows(&standing("lain", "b")), "Tiba.", "while it is on its way");
        assert_eq!(text.arrive(MOST, &standing("", "a")), Left::Nothing);
        assert_eq!(text.shows(&standing("", "a")), "Tiba.", "the document does not show it yet");
        assert_eq!(text.shows(&standing("Tiba. Lain.", "b")), "Tiba. Lain.", "merged");
    }

    #[test]
    fn what_the_document_shows_of_an_earlier_text_does_not_replace_a_later_one() {
        let mut text = LongText::default();
        text.type_in("Satu.".to_owned(), &standing("", "a"));
        assert!(matches!(text.leave(MOST), Left::Written(..)));
        assert_eq!(text.arrive(MOST, &standing("", "a")), Left::Nothing);
        text.type_in("Satu. Dua.".to_owned(), &standing("", "a"));
        assert!(matches!(text.leave(MOST), Left::Written(..)));
        // Only now the document shows the first, and then the second is there.
        assert_eq!(text.shows(&standing("Satu.", "b")), "Satu. Dua.");
        assert_eq!(text.arrive(MOST, &standing("Satu.", "b")), Left::Nothing);
        assert_eq!(text.shows(&standing("Satu.", "b")), "Satu. Dua.", "the document shows only the first");
        assert_eq!(text.shows(&standing("Satu. Dua. Lain.", "c")), "Satu. Dua. Lain.");
    }

    #[test]
    fn a_second_text_waits_for_the_first_and_is_measured_against_it() {
        let (mut text, stands) = (LongText::default(), standing("", "a"));
        text.type_in("Satu.".to_owned(), &stands);
        assert!(matches!(text.leave(MOST), Left::Written(..)));
        text.type_in("Satu. Dua.".to_owned(), &stands);
        assert_eq!(text.leave(MOST), Left::Nothing, "one at a time");
        assert_eq!(text.shows(&stands), "Satu. Dua.");
        assert_eq!(text.arrive(MOST, &stands), Left::Written(base("Satu.", &[]), "Satu. Dua.".to_owned()));
    }

    #[test]
    fn what_could_not_be_written_is_back_with_what_it_was_begun_over() {
        let (mut text, stands) = (LongText::default(), standing("", "a"));
        text.type_in("Satu.".to_owned(), &stands);
        let _ = text.leave(MOST);
        text.come_back();
        assert_eq!(text.shows(&stands), "Satu.");
        assert_eq!(text.leave(MOST), Left::Written(base("", &["a"]), "Satu.".to_owned()));

        text.type_in("Satu. Dua.".to_owned(), &stands);
        let _ = text.leave(MOST);
        text.come_back();
        assert_eq!(text.draft().map(|draft| draft.base), Some(Some(base("", &["a"]))), "with the first text's letters");
        assert_eq!(text.leave(MOST), Left::Written(base("", &["a"]), "Satu. Dua.".to_owned()));
    }

    #[test]
    fn a_text_too_long_stays_and_is_kept() {
        let (mut text, stands) = (LongText::default(), standing("", "a"));
        text.type_in("x".repeat(MOST + 1), &stands);
        assert_eq!(text.leave(MOST), Left::TooLong(MOST + 1));
        assert!(text.draft().is_some());
    }

    #[test]
    fn a_text_as_it_stood_is_not_written() {
        let (mut text, stands) = (LongText::default(), standing("Tiba.", "a"));
        text.type_in("Tiba.".to_owned(), &stands);
        assert_eq!(text.leave(MOST), Left::AsItStood);
        assert_eq!(text.leave(MOST), Left::Nothing);
    }

    #[test]
    fn a_draft_goes_on_over_what_it_was_begun_over() {
        let draft = Typed { text: "Tiba. Sen".to_owned(), base: Some(base("Tiba.", &["a"])), ..Typed::default() };
        let stands = standing("Tiba. Malam.", "b");
        let mut text = LongText::resume(Some(draft), &stands);
        assert_eq!(text.shows(&stands), "Tiba. Sen");
        assert_eq!(text.leave(MOST), Left::Written(base("Tiba.", &["a"]), "Tiba. Sen".to_owned()));
        assert_eq!(LongText::resume(None, &stands), LongText::default());
    }
}
