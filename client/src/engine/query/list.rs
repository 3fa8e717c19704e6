//! Cases in lists: which there are, what each is found by, and its card.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use shared::date::CivilDate;
use shared::id::{AccountId, CaseId};
use shared::order::{Arrange as _, Gather as _};
use shared::pack::{Label, Pack};

use super::duty::{duties, handed_over_ms};
use super::registry::says_yes;
use crate::api::{CaseCard, CaseFilter, CasesAsk, CasesView, Tag, WaitingView};
use crate::engine::index::Documents;
use crate::engine::keys;
use crate::engine::requests::is_registrar;
use crate::engine::session::Session;
use crate::engine::summary::{EndKeys, Summary, TeamFact, end_keys};

/// What decides where a case stands in a list. Cards are made only of those that are shown: of thousands, a screenful.
pub(in crate::engine) struct Brief<'a> {
    pub(in crate::engine) case: CaseId,
    pub(in crate::engine) documents: &'a Documents,
    pub(super) core: &'a Summary,
    pub(super) manager: Option<&'a TeamFact>,
    pub(super) changed_ms: u64,
}

impl<'a> Brief<'a> {
    /// None while the core is not here, and for a report that was emptied.
    fn of(session: &Session, today: CivilDate, case: CaseId, documents: &'a Documents) -> Option<Self> {
        let core = documents.values().find(|summary| summary.key.kind == keys::CORE)?;
        if core.is_emptied() {
            return None;
        }
        let changed_ms = documents.values().map(|summary| summary.changed_ms).max().unwrap_or(0);
        let manager = core.manager(&session.pack, today);
        Some(Self { case, documents, core, manager, changed_ms })
    }

    /// The report, where it is here and read.
    pub(in crate::engine) fn intake(&self) -> Option<&'a Summary> {
        self.documents.values().map(AsRef::as_ref).find(|summary| summary.key.kind == keys::INTAKE)
    }

    /// Register number or, before that, field code.
    pub(in crate::engine) fn code(&self) -> &'a str {
        code_of(self.core)
    }

    pub(super) fn is_taken(&self) -> bool {
        !self.core.text(keys::TAKEN_OVER_BY).is_empty()
    }

    pub(in crate::engine) fn is_handed_over(&self) -> bool {
        !self.core.text(keys::HANDED_OVER).is_empty()
    }
}

/// Register number of a case or, before that, field code.
#[must_use]
pub fn code_of(core: &Summary) -> &str {
    let number = core.text(keys::REGISTER_NUMBER);
    if number.is_empty() { core.text(keys::FIELD_CODE) } else { number }
}

/// All cases, newest activity first.
pub(in crate::engine) fn briefs(session: &Session) -> Vec<Brief<'_>> {
    let (all, today) = (session.index.cases().iter(), session.today());
    let mut briefs: Vec<Brief<'_>> =
        all.filter_map(|(case, documents)| Brief::of(session, today, *case, documents)).collect();
    briefs.arrange_by_key(|brief| Reverse(brief.changed_ms));
    briefs
}

/// Cards of the cases asked for, as many as are wanted.
#[must_use]
pub fn search(session: &Session, ask: &CasesAsk) -> CasesView {
    let mut found = briefs(session);
    found.retain(|brief| {
        (ask.stage.is_empty() || brief.core.text(keys::STAGE) == ask.stage)
            && ask.only.iter().all(|filter| passes(session, brief, *filter))
    });
    keep_found(session, &mut found, &ask.search);
    if !ask.newest_first {
        // What is due next comes first, and after that what nothing is due of.
        let due_ms = |brief: &Brief<'_>| duties(session, brief).iter().map(|duty| duty.due_ms).min();
        found.arrange_by_cached_key(|brief| due_ms(brief).unwrap_or(u64::MAX));
    }
    let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
    let wanted = found.iter().take(usize::try_from(ask.cards_max).unwrap_or(usize::MAX));
    CasesView { cards: wanted.filter_map(|brief| card(session, brief.case, brief.documents)).collect(), total }
}

fn passes(session: &Session, brief: &Brief<'_>, filter: CaseFilter) -> bool {
    match filter {
        CaseFilter::Emergency => brief.core.is_true(keys::EMERGENCY),
        CaseFilter::Waiting => brief.is_handed_over() && !brief.is_taken(),
        CaseFilter::Child => brief.intake().is_some_and(|intake| says_yes(intake, keys::CHILD)),
        CaseFilter::Conflicts => session.index.conflicts(brief.case, &session.pack) > 0,
        CaseFilter::Due => !duties(session, brief).is_empty(),
    }
}

/// Leaves those whose codes, stage, places, manager or ends of population numbers hold every word looked for; all where there
/// is no word.
pub(super) fn keep_found(session: &Session, briefs: &mut Vec<Brief<'_>>, words: &str) {
    let words: Vec<String> = words.split_whitespace().map(|word| fold_into(String::new(), word)).collect();
    if words.is_empty() {
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
    briefs.retain(|brief| {
        folder.fold(brief, &mut folded);
        words.iter().all(|word| folded.contains(word.as_str()))
    });
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
    /// Writes into `folded` what a case is found by.
    fn fold(&mut self, brief: &Brief<'s>, folded: &mut String) {
        let session = self.session;
        folded.clear();
        let codes = [keys::REGISTER_NUMBER, keys::FIELD_CODE].map(|key| brief.core.text(key));
        let ends = brief.documents.values().flat_map(|summary| summary.number_ends(&self.ends));
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
        if let Some(manager) = brief.manager {
            let account = manager.account;
            let name = || fold_into(String::new(), &session.name_of(Some(account))) + " ";
            folded.push_str(self.managers.entry(account).or_insert_with(name));
        }
        folded.push_str(self.stages.get(brief.core.text(keys::STAGE)).map_or("", String::as_str));
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

/// Where a case comes from, or where its people are: the first of both that the pack knows as a place.
pub(super) fn area<'a>(pack: &Pack, intake: Option<&'a Summary>) -> &'a str {
    let told = [keys::ORIGIN, keys::WHEREABOUTS].map(|key| intake.map_or("", |intake| intake.text(key)));
    told.into_iter().find(|area| pack.areas.contains_key(*area)).unwrap_or_default()
}

/// Cases of which something is not sent: danger first, as it is sent, then what was written last.
#[must_use]
pub fn waiting(session: &Session) -> Vec<WaitingView> {
    let written_ms = |documents: &Documents| {
        documents.values().filter(|summary| summary.unsent > 0).map(|summary| summary.changed_ms).max()
    };
    let today = session.today();
    let mut waiting: Vec<(u64, WaitingView)> = session
        .index
        .cases()
        .iter()
        .filter_map(|(case, documents)| {
            let (written_ms, brief) = (written_ms(documents)?, Brief::of(session, today, *case, documents)?);
            let changes = documents.values().fold(0, |sum: u32, summary| sum.saturating_add(summary.unsent));
            let emergency = brief.core.is_true(keys::EMERGENCY);
            Some((written_ms, WaitingView { case: *case, code: brief.code().to_owned(), changes, emergency }))
        })
        .collect();
    waiting.arrange_by_key(|(written_ms, one)| (!one.emergency, Reverse(*written_ms), one.case));
    waiting.into_iter().map(|(_, one)| one).collect()
}

/// One case as a card; none while its core is not here.
#[must_use]
pub fn card(session: &Session, case: CaseId, documents: &Documents) -> Option<CaseCard> {
    let brief = Brief::of(session, session.today(), case, documents)?;
    let (core, intake) = (brief.core, brief.intake());
    let field_code = core.text(keys::FIELD_CODE).to_owned();
    let last = documents.values().max_by_key(|summary| summary.changed_ms);
    let handed_over_ms = handed_over_ms(&brief);
    let manager = brief.manager.map(|member| session.name_of(Some(member.account))).unwrap_or_default();
    Some(CaseCard {
        case,
        code: brief.code().to_owned(),
        field_code,
        stage: core.text(keys::STAGE).to_owned(),
        triage: intake.map_or("", |intake| intake.text(keys::TRIAGE)).to_owned(),
        area: area(&session.pack, intake).to_owned(),
        people: u32::try_from(core.people.len()).unwrap_or(u32::MAX),
        changed_ms: last.map_or(0, |summary| summary.changed_ms),
        changed_by: session.name_of(last.and_then(|summary| summary.changed_by)),
        tags: tags(
            core,
            intake,
            handed_over_ms.is_some(),
            is_registrar(session) && !session.index.excluded(case).is_empty(),
        ),
        conflicts: session.index.conflicts(case, &session.pack),
        unsent: documents.values().fold(0, |sum, summary| sum.saturating_add(summary.unsent)),
        waiting: handed_over_ms.is_some() && !brief.is_taken(),
        waiting_since_ms: handed_over_ms.unwrap_or(core.changed_ms),
        manager,
        duties: duties(session, &brief),
    })
}

fn tags(core: &Summary, intake: Option<&Summary>, handed_over: bool, excludes: bool) -> Vec<Tag> {
    let says = |key: &str| intake.is_some_and(|intake| says_yes(intake, key));
    let mut tags = Vec::new();
    if core.is_true(keys::EMERGENCY) {
        tags.push(Tag::Emergency);
    }
    if says(keys::CHILD) {
        tags.push(Tag::Child);
    }
    if core.refuses_name {
        tags.push(Tag::NoIdentity);
    }
    if excludes {
        tags.push(Tag::Exclusion);
    }
    if says(keys::DECEASED) {
        tags.push(Tag::Deceased);
    }
    if !handed_over {
        tags.push(Tag::Draft);
    }
    tags
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
