//! Cases in lists: which there are, in which order, and the card of each.

use std::cmp::Reverse;

use shared::date::CivilDate;
use shared::id::{AccountId, CaseId};
use shared::order::Arrange as _;
use shared::pack::Pack;

use super::duty::{danger_since_ms, duties, handed_over_ms, waits_since_ms};
use super::found::found;
use super::registry::says_yes;
use crate::api::{CaseCard, CaseFilter, CasesAsk, CasesView, Tag, WaitingView};
use crate::engine::directory::Directory;
use crate::engine::index::{Documents, core_of, is_hidden};
use crate::engine::keys;
use crate::engine::requests::is_registrar;
use crate::engine::session::Session;
use crate::engine::summary::{EndKeys, Summary, TeamFact};

/// What decides where a case stands in a list. Cards are made only of those that are shown: of thousands, a screenful.
pub(in crate::engine) struct Brief<'a> {
    pub(in crate::engine) case: CaseId,
    pub(in crate::engine) documents: &'a Documents,
    pub(super) core: &'a Summary,
    pack: &'a Pack,
    directory: &'a Directory,
    today: CivilDate,
}

impl<'a> Brief<'a> {
    /// None while the core is not here, and for a report that was emptied.
    fn of(session: &'a Session, today: CivilDate, case: CaseId, documents: &'a Documents) -> Option<Self> {
        let core = core_of(documents)?;
        if core.is_emptied() {
            return None;
        }
        Some(Self { case, documents, core, pack: &session.pack, directory: &session.directory, today })
    }

    /// When anything of it was last changed, milliseconds since 1970 UTC by its writer's clock.
    pub(super) fn changed_ms(&self) -> u64 {
        self.documents.values().map(|summary| summary.changed_ms).max().unwrap_or(0)
    }

    /// Who manages the case today.
    pub(super) fn manager(&self) -> Option<&'a TeamFact> {
        self.core.manager(self.pack, self.today, |account| !self.is_out(account))
    }

    /// Whether there is danger that is nobody's: nobody took it, or whoever did can do nothing about it any more and nobody else
    /// manages the case.
    pub(super) fn is_open_danger(&self) -> bool {
        let taker = AccountId::parse(self.core.text(keys::TAKEN_OVER_BY)).ok();
        let is_out = taker.is_some_and(|taker| self.is_out(taker));
        let is_closed = self.pack.stages.closes(self.core.text(keys::STAGE));
        let is_left = is_out && self.manager().is_none() && !is_closed;
        self.core.is_true(keys::EMERGENCY) && (!self.is_taken() || is_left)
    }

    /// Whether somebody left the task force, or must not know of the case, where that may be known here. Who was put out of the team
    /// has it still by having taken it.
    fn is_out(&self, account: AccountId) -> bool {
        let guard = self.documents.values().find(|summary| summary.key.kind == keys::GUARD);
        let is_excluded = guard.is_some_and(|guard| self.directory.is_named(&guard.excluded, account));
        is_excluded || self.directory.is_away(account, self.today)
    }

    /// The ends of the population numbers in it, but of those who refused to be recorded by name, and of who was struck out.
    pub(in crate::engine) fn number_ends<'s>(&'s self, keys: &'s EndKeys) -> impl Iterator<Item = &'s str> {
        let is_of_it = |subject| self.core.people.iter().any(|person| person.subject == subject);
        let shown = self.documents.values().filter(move |summary| {
            summary.key.subject.is_none_or(is_of_it) && !is_hidden(self.core, self.pack, &summary.key)
        });
        shown.flat_map(|summary| summary.number_ends(keys))
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
    newest_first(in_any_order(session).collect())
}

/// One case.
pub(super) fn brief(session: &Session, case: CaseId) -> Option<Brief<'_>> {
    Brief::of(session, session.today(), case, session.index.cases().get(&case)?)
}

/// All cases, as they come.
pub(super) fn in_any_order(session: &Session) -> impl Iterator<Item = Brief<'_>> {
    let today = session.today();
    session.index.cases().iter().filter_map(move |(case, documents)| Brief::of(session, today, *case, documents))
}

/// Some cases, as they come: of those that a search found nothing is looked at but what it found.
fn these(session: &Session, cases: Vec<CaseId>) -> impl Iterator<Item = Brief<'_>> {
    let today = session.today();
    cases.into_iter().filter_map(move |case| Brief::of(session, today, case, session.index.cases().get(&case)?))
}

fn newest_first(mut briefs: Vec<Brief<'_>>) -> Vec<Brief<'_>> {
    briefs.arrange_by_cached_key(|brief| Reverse(brief.changed_ms()));
    briefs
}

/// Cards of the cases asked for, as many as are wanted.
#[must_use]
pub fn search(session: &Session, ask: &CasesAsk) -> CasesView {
    let is_asked = |brief: &Brief<'_>| {
        (ask.stage.is_empty() || brief.core.text(keys::STAGE) == ask.stage)
            && ask.only.iter().all(|filter| passes(session, brief, *filter))
    };
    let found: Vec<Brief<'_>> = match found(session, &ask.search) {
        Some(cases) => these(session, cases).filter(is_asked).collect(),
        None => in_any_order(session).filter(is_asked).collect(),
    };
    // In order last: a search leaves few.
    let mut found = newest_first(found);
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
    let manager = brief.manager().map(|member| session.name_of(Some(member.account))).unwrap_or_default();
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
        waiting_since_ms: if brief.is_open_danger() { danger_since_ms(&brief) } else { waits_since_ms(&brief) },
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
