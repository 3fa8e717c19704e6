//! What cases are found by, written in one way however it is spelt, and kept from one letter of a search to the next.

use std::collections::BTreeMap;

use shared::id::{AccountId, CaseId};
use shared::order::Gather as _;
use shared::pack::Label;

use super::list::{Brief, in_any_order};
use crate::engine::keys;
use crate::engine::session::{ListsState, Session};
use crate::engine::summary::{EndKeys, end_keys};

/// The cases whose codes, stage, places, manager or ends of population numbers hold every word looked for, in their order; none
/// where there is no word, and every case is meant.
pub(super) fn found(session: &Session, words: &str) -> Option<Vec<CaseId>> {
    let words: Vec<String> = words.split_whitespace().map(|word| fold_into(String::new(), word)).collect();
    if words.is_empty() {
        return None;
    }
    prepare(session);
    let found_by = session.found_by.borrow();
    let holds_all = |folded: &str| words.iter().all(|word| folded.contains(word.as_str()));
    Some(found_by.cases.iter().filter(|(_, folded)| holds_all(folded)).map(|(case, _)| *case).collect())
}

/// Makes ready what searches look through, unless it is: from one letter to the next nothing changes. Asked for when a list was
/// shown, so that the first letter need not wait for it.
pub(in crate::engine) fn prepare(session: &Session) {
    let state = Some(session.lists_state());
    if session.found_by.borrow().state == state {
        return;
    }
    let mut folder = Folder {
        session,
        ends: end_keys(&session.pack),
        stages: stages(session),
        places: BTreeMap::new(),
        managers: BTreeMap::new(),
    };
    let mut folded = String::new();
    let mut cases = Vec::with_capacity(session.index.cases().len());
    for brief in in_any_order(session) {
        cases.push((brief.case, Box::from(folder.fold(&brief, &mut folded))));
    }
    *session.found_by.borrow_mut() = FoundBy { state, cases };
}

/// What every case is found by.
#[derive(Default)]
pub(in crate::engine) struct FoundBy {
    /// What it was made of; none before it was.
    state: Option<ListsState>,
    /// In the order of the cases.
    cases: Vec<(CaseId, Box<str>)>,
}

/// What each stage is called, in all languages at once.
fn stages(session: &Session) -> BTreeMap<&str, String> {
    let stage = session.pack.kinds.get(keys::CORE).and_then(|core| core.fields.get(keys::STAGE)?.value.list());
    let codes = stage.and_then(|list| session.pack.code_lists.get(list)).into_iter().flat_map(|list| &list.codes);
    let called = |label: &Label| {
        let all = [label.id.as_str(), label.en.as_str(), label.tet.as_deref().unwrap_or_default()];
        all.into_iter().fold(String::new(), |folded, words| fold_into(folded, words) + " ")
    };
    codes.map(|code| (code.code.as_str(), called(&code.label))).into_map()
}

/// Folds what cases are found by. What many cases share is folded once for all of them: one search goes through thousands.
struct Folder<'s> {
    session: &'s Session,
    ends: EndKeys,
    stages: BTreeMap<&'s str, String>,
    /// Places with the one around them, by their codes.
    places: BTreeMap<&'s str, String>,
    managers: BTreeMap<AccountId, String>,
}

impl<'s> Folder<'s> {
    /// Writes into `folded` what a case is found by, and gives it back.
    fn fold<'f>(&mut self, brief: &Brief<'s>, folded: &'f mut String) -> &'f str {
        let session = self.session;
        folded.clear();
        let codes = [keys::REGISTER_NUMBER, keys::FIELD_CODE].map(|key| brief.core.text(key));
        let ends = brief.number_ends(&self.ends);
        for text in codes.into_iter().chain(ends) {
            *folded = fold_into(core::mem::take(folded), text) + " ";
        }
        for key in [keys::ORIGIN, keys::WHEREABOUTS, keys::HAPPENED_AT] {
            let code = brief.intake().map_or("", |intake| intake.text(key));
            let place = self.places.entry(code).or_insert_with(|| {
                let area = session.pack.areas.get(code);
                let around = area.and_then(|area| session.pack.areas.get(area.parent.as_deref()?));
                [area, around]
                    .into_iter()
                    .flatten()
                    .fold(String::new(), |folded, area| fold_into(folded, &area.name) + " ")
            });
            folded.push_str(place);
        }
        if let Some(manager) = brief.manager() {
            let account = manager.account;
            let name = || fold_into(String::new(), &session.name_of(Some(account))) + " ";
            folded.push_str(self.managers.entry(account).or_insert_with(name));
        }
        folded.push_str(self.stages.get(brief.core.text(keys::STAGE)).map_or("", String::as_str));
        folded
    }
}

/// Lower case without what people write one way and another: accents, apostrophes, hyphens, blanks, long vowels and a
/// rolled r, and the letters by which Tetun is spelt in two ways.
pub(crate) fn fold_into(mut folded: String, text: &str) -> String {
    for one in text.chars() {
        let lower = if one.is_ascii() { one.to_ascii_lowercase() } else { one.to_lowercase().next().unwrap_or(one) };
        let one = match lower {
            '\'' | '’' | '-' => continue,
            blank if blank.is_whitespace() => continue,
            'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ñ' => 'n',
            'ç' => 's',
            'j' => 'y',
            one => one,
        };
        let last = folded.chars().next_back();
        // "nh" and "lh" are how "ñ" and a soft "l" were written before.
        let is_soft = one == 'h' && matches!(last, Some('n' | 'l'));
        let is_doubled = matches!(one, 'a' | 'e' | 'i' | 'o' | 'u' | 'r') && last == Some(one);
        if !is_soft && !is_doubled {
            folded.push(one);
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        fold_into(String::new(), text)
    }

    #[test]
    fn what_is_spelt_in_two_ways_is_one() {
        for (one, other) in [
            ("Kakuluk Mesak", "kakulukmesak"),
            ("Rai-Hat", "raihat"),
            ("L-4K7-29Q", "l4k729q"),
            ("Josefina", "Yosefina"),
            ("Señora", "Senhora"),
            ("Fohoren", "Fohóren"),
            ("Lakmaras", "Lakmarras"),
        ] {
            assert_eq!(folded(one), folded(other));
        }
        for (one, other) in [("BLU-2026-0011", "BLU-2026-0001"), ("L-7ZZ", "L-7Z")] {
            assert_ne!(folded(one), folded(other), "a code is spelt in one way");
        }
    }
}
