//! Long texts that did not get to stable storage, while this session lasts.
//!
//! The page measures a text against the one it left just before; when that one could not be written, its letters are
//! nowhere, and the new text has to be measured against what the lost one was begun over.

use std::collections::BTreeMap;

use shared::id::CaseId;

use crate::api::{FieldPlace, TextBase};

/// What could not be written, by field.
#[derive(Debug, Clone, Default)]
pub struct UnsavedTexts(BTreeMap<FieldPlace, (TextBase, String)>);

impl UnsavedTexts {
    /// What a text is to be measured against when the page says it was begun over this.
    #[must_use]
    pub fn under(&self, place: &FieldPlace, said: TextBase) -> TextBase {
        match self.0.get(place) {
            // Without heads: the page's own text, which no document showed when it was begun over.
            Some((began, lost)) if said.heads.is_empty() && said.text == *lost => began.clone(),
            _ => said,
        }
    }

    /// A text did not get there.
    pub fn keep(&mut self, place: FieldPlace, began: TextBase, text: String) {
        self.0.insert(place, (began, text));
    }

    /// A report was erased.
    pub fn forget_case(&mut self, case: CaseId) {
        self.0.retain(|place, _| place.case != case);
    }

    /// The field was written, or stands as it stood.
    pub fn forget(&mut self, place: &FieldPlace) {
        self.0.remove(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Path;

    fn place() -> FieldPlace {
        let case = CaseId::from_bytes([7; 16]);
        FieldPlace { case, kind: "intake".to_owned(), subject: None, path: Path::Text("uraian".to_owned()) }
    }

    fn base(heads: &[&str], text: &str) -> TextBase {
        TextBase { heads: heads.iter().map(|&head| head.to_owned()).collect(), text: text.to_owned() }
    }

    #[test]
    fn a_text_begun_over_a_lost_one_is_measured_against_what_that_was_begun_over() {
        let mut unsaved = UnsavedTexts::default();
        let after_first = base(&[], "Satu.");
        assert_eq!(unsaved.under(&place(), after_first.clone()), after_first, "nothing was lost");
        unsaved.keep(place(), base(&["a"], ""), "Satu.".to_owned());
        assert_eq!(unsaved.under(&place(), after_first.clone()), base(&["a"], ""));
        let merged = base(&["b"], "Satu.");
        assert_eq!(unsaved.under(&place(), merged.clone()), merged, "a document showed it");
        unsaved.forget(&place());
        assert_eq!(unsaved.under(&place(), after_first.clone()), after_first);
    }
}
