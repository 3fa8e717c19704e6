//! Turns the invented caseload into documents: tablets without screens write it through the real commands and send it
//! through the real intake, each change at the time of its story.

use std::collections::{BTreeMap, BTreeSet};

use shared::command::Edit;
use shared::id::{AccountId, CaseId, DocumentId, DocumentKey, RowId, SubjectId, hash16};
use shared::instant;
use shared::value::Scalar;

use super::caseload::{DemoAccount, DemoAct, DemoCase, DemoPlace, DemoStep, DemoValue, demo_cases};
use super::tablet::{Tablet, TabletError};
use crate::identity::{CodeTerms, IdentityError, Origin};
use crate::relay::{NewAccount, Relay};
use crate::sealing::SealingError;
use shared::protocol::frame::EnrolAnswer;

/// The invented caseload could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// Administration failed.
    #[error("an invented account could not be made")]
    Identity(#[from] IdentityError),
    /// The keys of documents could not be made.
    #[error("document keys could not be made")]
    Sealing(#[from] SealingError),
    /// A tablet failed.
    #[error("case {case}: an invented tablet failed")]
    Tablet {
        /// The case.
        case: String,
        /// Why.
        #[source]
        source: TabletError,
    },
    /// Something invented was not taken.
    #[error("case {case}: the relay did not take everything")]
    NotTaken {
        /// The case.
        case: String,
    },
    /// An account is missing.
    #[error("an invented account is missing")]
    NoAccount,
}

/// An account of the demonstration under its sign-in name.
#[derive(Debug, Clone, Copy)]
pub struct DemoMember {
    /// Sign-in name.
    pub login: &'static str,
    /// Who it is in the caseload.
    pub who: DemoAccount,
}

impl DemoMember {
    /// Those one can enrol as.
    pub const ALL: [Self; 4] = [
        Self { login: "mks1", who: DemoAccount::ManagerA },
        Self { login: "mks2", who: DemoAccount::ManagerB },
        Self { login: "pkt1", who: DemoAccount::FieldWorker },
        Self { login: "ser1", who: DemoAccount::Registrar },
    ];
    /// The one whose membership ended while offline.
    const CADRE: Self = Self { login: "pkt2", who: DemoAccount::Cadre };

    /// The name others see.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.who.display_name()
    }

    /// The role.
    #[must_use]
    pub const fn role(&self) -> &'static str {
        self.who.role()
    }
}

/// Minutes before the oldest story at which everybody was enrolled.
const ENROLLED_MINUTES_AGO: u64 = 3 * 366 * 24 * 60;
/// Unit of every invented account.
const UNIT: &str = "GT";

/// Longest story told between two syncs of an account, minutes.
const BATCH_MINUTES_MAX: u32 = 24 * 60;
/// Keys of documents made in one transaction.
const KEYS_AT_ONCE: usize = 1_000;
/// Whoever writes again after this long has been away from the case, minutes.
const AWAY_MINUTES: u32 = 24 * 60;

/// A document that an account writes.
type Use = (DemoAccount, DocumentId);

/// What one account writes at one time in one case.
struct Turn<'a> {
    case: &'a DemoCase,
    steps: &'a [DemoStep],
    /// How long ago the last word was.
    minutes_ago: u32,
    /// What is written.
    documents: BTreeSet<DocumentId>,
}

struct Filler<'a> {
    relay: &'a Relay,
    tablets: BTreeMap<DemoAccount, Tablet>,
    now_ms: u64,
    offset_minutes: i16,
}

/// Fills a fresh relay.
///
/// # Errors
/// [`FillError`] when the caseload and the pack do not fit together.
pub async fn fill(relay: &Relay, seed: u64, size: usize, now_ms: u64) -> Result<(), FillError> {
    let today = relay.packs().date_at(now_ms);
    let offset_minutes = relay.packs().current().map_or(0, |pack| pack.zone.offset_minutes);
    let mut filler = Filler { relay, tablets: BTreeMap::new(), now_ms, offset_minutes };
    filler.enrol_all(seed).await?;
    let cases = if size == 0 { Vec::new() } else { demo_cases(seed, size, today) };
    let mut turns: Vec<Turn<'_>> = cases.iter().flat_map(turns_of).collect();
    // Oldest first; the turns of one case stay in their order.
    turns.sort_by_key(|turn| core::cmp::Reverse(turn.minutes_ago));
    let later = written_later(&cases);
    let mut last = last_uses(&turns, &later);
    filler.keep_what_is_written(later.iter().chain(last.values().flatten()));
    // Document keys are made one transaction each where a document is made; here they are known beforehand.
    let documents: BTreeSet<DocumentId> = turns.iter().flat_map(|turn| turn.documents.iter().copied()).collect();
    for some in documents.into_iter().collect::<Vec<_>>().chunks(KEYS_AT_ONCE) {
        relay.sealer().make_keys(relay.storage(), some).await?;
    }
    let mut written = 0_usize;
    let mut rest = turns.as_slice();
    while !rest.is_empty() {
        let (batch, later) = rest.split_at(batch_of(rest));
        filler.write_batch(batch).await?;
        written = written.saturating_add(batch.len());
        filler.forget_used(&mut last, written);
        rest = later;
    }
    filler.write_apart(&cases).await?;
    filler.write_late(&cases).await
}

/// How many turns, from the first on, can be written before anybody has to hear of another's.
fn batch_of<'a>(turns: &[Turn<'a>]) -> usize {
    let oldest = turns.first().map_or(0, |turn| turn.minutes_ago);
    let mut cases = BTreeSet::new();
    let mut soon_and_elsewhere = |turn: &Turn<'a>| {
        let soon = oldest.saturating_sub(turn.minutes_ago) <= BATCH_MINUTES_MAX;
        cases.insert(turn.case.key.as_str()) && soon
    };
    turns.iter().position(|turn| !soon_and_elsewhere(turn)).unwrap_or(turns.len()).max(1)
}

/// Lists what each account writes at the very end, after all turns.
fn written_later(cases: &[DemoCase]) -> BTreeSet<Use> {
    let of_case = |case| steps_later(case).map(move |step| (step.by, document_of(case, &step.place)));
    cases.iter().flat_map(of_case).collect()
}

fn steps_later(case: &DemoCase) -> impl Iterator<Item = &DemoStep> {
    case.apart.iter().chain(&case.late)
}

/// Lists by which turn each account writes each document for the last time.
fn last_uses(turns: &[Turn<'_>], later: &BTreeSet<Use>) -> BTreeMap<usize, Vec<Use>> {
    let mut last: BTreeMap<Use, usize> = BTreeMap::new();
    for (number, turn) in turns.iter().enumerate() {
        let Some(by) = turn.by() else { continue };
        last.extend(turn.documents.iter().map(|document| ((by, *document), number)));
    }
    let mut by_turn: BTreeMap<usize, Vec<Use>> = BTreeMap::new();
    for (used, number) in last.into_iter().filter(|(used, _)| !later.contains(used)) {
        by_turn.entry(number).or_default().push(used);
    }
    by_turn
}

impl Turn<'_> {
    fn by(&self) -> Option<DemoAccount> {
        self.steps.first().map(|step| step.by)
    }
}

/// Cuts a case into runs of one account at one time.
fn turns_of(case: &DemoCase) -> Vec<Turn<'_>> {
    let together =
        |a: &DemoStep, b: &DemoStep| a.by == b.by && a.minutes_ago.saturating_sub(b.minutes_ago) <= AWAY_MINUTES;
    case.steps
        .chunk_by(together)
        .map(|steps| Turn {
            case,
            steps,
            minutes_ago: steps.last().map_or(0, |step| step.minutes_ago),
            documents: steps.iter().map(|step| document_of(case, &step.place)).collect(),
        })
        .collect()
}

fn document_of(case: &DemoCase, place: &DemoPlace) -> DocumentId {
    let subject = place.person.map(|person| subject_of(case, person));
    DocumentKey { case: case_id(case), kind: place.kind.to_owned(), subject, generation: 0 }.id()
}

fn case_id(case: &DemoCase) -> CaseId {
    CaseId::from_bytes(hash16("simpul/demo/case", &[case.key.as_bytes()]))
}

fn subject_of(case: &DemoCase, person: usize) -> SubjectId {
    let number = u64::try_from(person).unwrap_or(u64::MAX);
    SubjectId::from_bytes(hash16("simpul/demo/person", &[case.key.as_bytes(), &number.to_be_bytes()]))
}

impl Filler<'_> {
    async fn enrol_all(&mut self, seed: u64) -> Result<(), FillError> {
        let at = self.at(ENROLLED_MINUTES_AGO);
        let from = self.relay.packs().date_at(at);
        for member in DemoMember::ALL.into_iter().chain([DemoMember::CADRE]) {
            let new = NewAccount {
                login: member.login.to_owned(),
                name: member.name().to_owned(),
                unit: UNIT.to_owned(),
                office: None,
                roles: vec![member.role().to_owned()],
                from: from.plus_days(-1),
                to: None,
            };
            let account = self.relay.add_account(new, at).await?;
            let terms = CodeTerms { expires_ms: at.saturating_add(60_000), uses: Some(1), local_only: true };
            let code = self.relay.make_code(account, terms, at).await?;
            let seed = hash16("simpul/demo/seed", &[&seed.to_be_bytes(), member.login.as_bytes()]);
            let (mut tablet, request) = Tablet::join(seed, self.relay.tenant(), &code, "Tablet contoh");
            let answer: EnrolAnswer = self.relay.enrol(&request, Origin::Local, at).await;
            tablet
                .take_joined(account, &answer)
                .map_err(|source| FillError::Tablet { case: member.login.to_owned(), source })?;
            self.tablets.insert(member.who, tablet);
        }
        Ok(())
    }

    const fn at(&self, minutes_ago: u64) -> u64 {
        self.now_ms.saturating_sub(minutes_ago.saturating_mul(60_000))
    }

    fn account(&self, who: DemoAccount) -> Result<AccountId, FillError> {
        self.tablets.get(&who).map(|tablet| tablet.account).ok_or(FillError::NoAccount)
    }

    /// Tells each tablet what it will write: nobody has room for a whole caseload only to add a number to each case.
    fn keep_what_is_written<'u>(&mut self, uses: impl Iterator<Item = &'u Use>) {
        let mut kept: BTreeMap<DemoAccount, BTreeSet<DocumentId>> = BTreeMap::new();
        for (by, document) in uses {
            kept.entry(*by).or_default().insert(*document);
        }
        for (who, tablet) in &mut self.tablets {
            tablet.keep_only(kept.remove(who).unwrap_or_default());
        }
    }

    /// Lets go of what nobody writes any more after that many turns.
    fn forget_used(&mut self, last: &mut BTreeMap<usize, Vec<Use>>, turns: usize) {
        let later = last.split_off(&turns);
        for (by, document) in core::mem::replace(last, later).into_values().flatten() {
            if let Some(tablet) = self.tablets.get_mut(&by) {
                tablet.forget(document);
            }
        }
    }

    /// Turns of different cases: everybody hears what is new, writes, and hands in.
    async fn write_batch(&mut self, turns: &[Turn<'_>]) -> Result<(), FillError> {
        let mut by_account: BTreeMap<DemoAccount, Vec<&Turn<'_>>> = BTreeMap::new();
        for turn in turns {
            by_account.entry(turn.by().ok_or(FillError::NoAccount)?).or_default().push(turn);
        }
        for (who, turns) in by_account {
            let (Some(oldest), Some(newest)) = (turns.first(), turns.last()) else { continue };
            let began = oldest.steps.first().map_or(0, |step| step.minutes_ago);
            // Whoever only opens cases has nothing to wait for.
            if turns.iter().any(|turn| !core::ptr::eq(turn.steps.as_ptr(), turn.case.steps.as_ptr())) {
                self.sync(oldest.case, who, self.at(began.into())).await?;
            }
            for turn in &turns {
                for step in turn.steps {
                    self.write(turn.case, step)?;
                }
            }
            // It reached the centre a few minutes after the last word.
            let ended = turns.iter().map(|turn| turn.minutes_ago).min().unwrap_or(0);
            self.sync(newest.case, who, self.at(u64::from(ended).saturating_sub(3))).await?;
            self.expect_sent(newest.case, who)?;
        }
        Ok(())
    }

    fn expect_sent(&self, case: &DemoCase, who: DemoAccount) -> Result<(), FillError> {
        let unsent = self.tablets.get(&who).map_or(0, Tablet::unsent);
        if unsent == 0 { Ok(()) } else { Err(FillError::NotTaken { case: case.key.clone() }) }
    }

    /// What people wrote without having seen each other's.
    async fn write_apart(&mut self, cases: &[DemoCase]) -> Result<(), FillError> {
        for case in cases.iter().filter(|case| !case.apart.is_empty()) {
            let who: BTreeSet<DemoAccount> = case.apart.iter().map(|step| step.by).collect();
            let minutes = case.apart.iter().map(|step| u64::from(step.minutes_ago)).max().unwrap_or(0);
            for account in &who {
                self.sync(case, *account, self.at(minutes)).await?;
            }
            for step in &case.apart {
                self.write(case, step)?;
            }
            for account in &who {
                self.sync(case, *account, self.at(1)).await?;
                self.expect_sent(case, *account)?;
            }
        }
        Ok(())
    }

    /// What somebody wrote offline whose role then ended.
    async fn write_late(&mut self, cases: &[DemoCase]) -> Result<(), FillError> {
        let late: BTreeSet<DemoAccount> = cases.iter().flat_map(|case| &case.late).map(|step| step.by).collect();
        for who in late {
            let mine = || cases.iter().filter(|case| case.late.iter().any(|step| step.by == who));
            if let Some(case) = mine().next() {
                self.sync(case, who, self.at(2)).await?;
            }
            for case in mine() {
                for step in case.late.iter().filter(|step| step.by == who) {
                    self.write(case, step)?;
                }
            }
            self.relay.stop_account(self.account(who)?, self.at(1)).await?;
            if let Some(case) = mine().next() {
                self.sync(case, who, self.at(0)).await?;
            }
        }
        Ok(())
    }

    async fn sync(&mut self, case: &DemoCase, who: DemoAccount, at_ms: u64) -> Result<(), FillError> {
        let tablet = self.tablets.get_mut(&who).ok_or(FillError::NoAccount)?;
        loop {
            let before = tablet.unsent();
            let parts = self.relay.handle_sync(&tablet.upload(), at_ms).await;
            let heard = tablet.take(parts).map_err(|source| FillError::Tablet { case: case.key.clone(), source })?;
            // More than one request holds goes with the next.
            if tablet.unsent() == 0 {
                return Ok(());
            }
            if tablet.unsent() >= before {
                tracing::debug!(receipts = ?heard.receipts, code = ?heard.code, "not everything was taken");
                return Ok(());
            }
        }
    }

    fn write(&mut self, case: &DemoCase, step: &DemoStep) -> Result<(), FillError> {
        let time_ms = i64::try_from(self.at(step.minutes_ago.into())).unwrap_or(0);
        let value = |filler: &Self, value: &DemoValue| filler.value(case, step, value);
        let edit = match &step.act {
            DemoAct::Set { key, value: given } => {
                Edit::SetField { key: key.clone(), value: value(self, given)?, seen: Vec::new() }
            }
            DemoAct::Text { key, text } => {
                Edit::EditText { key: key.clone(), base: Vec::new(), old: String::new(), new: text.clone() }
            }
            DemoAct::AddRow { table, fields } => {
                let mut written = Vec::with_capacity(fields.len());
                for (key, given) in fields {
                    written.push(((*key).to_owned(), value(self, given)?));
                }
                Edit::AddRow { table: (*table).to_owned(), row: RowId::from_bytes([0; 16]), fields: written }
            }
            DemoAct::SetInRow { table, of: (field, named), key, value: given } => {
                let named = value(self, named)?;
                let row = self.row_of(case, step, table, (field, &named))?;
                let value = value(self, given)?;
                Edit::SetRowField { table: (*table).to_owned(), row, key: (*key).to_owned(), value, seen: Vec::new() }
            }
        };
        let subject = step.place.person.map(|person| subject_of(case, person));
        let tablet = self.tablets.get_mut(&step.by).ok_or(FillError::NoAccount)?;
        write_on(tablet, case_id(case), &step.place, subject, edit, time_ms)
            .map_err(|source| FillError::Tablet { case: case.key.clone(), source })
    }

    /// Finds the row whose field names what is asked for, on the tablet of who writes.
    fn row_of(
        &self,
        case: &DemoCase,
        step: &DemoStep,
        table: &str,
        (field, named): (&str, &Scalar),
    ) -> Result<RowId, FillError> {
        let missing = || FillError::Tablet { case: case.key.clone(), source: TabletError::NoDocument };
        let tablet = self.tablets.get(&step.by).ok_or(FillError::NoAccount)?;
        let rows = tablet.documents.get(&document_of(case, &step.place)).ok_or_else(missing)?.document.rows(table);
        rows.iter().find(|row| row.field(field).any_is(named)).map(|row| row.row).ok_or_else(missing)
    }

    fn value(&self, case: &DemoCase, step: &DemoStep, value: &DemoValue) -> Result<Scalar, FillError> {
        Ok(match value {
            DemoValue::Scalar(value) => value.clone(),
            DemoValue::Account(who) => Scalar::Str(self.account(*who)?.to_string()),
            DemoValue::Person(person) => Scalar::Str(subject_of(case, *person).to_string()),
            DemoValue::Instant => {
                let at_ms = i64::try_from(self.at(step.minutes_ago.into())).unwrap_or(0);
                Scalar::Str(instant::print(at_ms, self.offset_minutes))
            }
        })
    }
}

/// Writes an edit as somebody who has seen everything on their tablet.
fn write_on(
    tablet: &mut Tablet,
    case: CaseId,
    place: &DemoPlace,
    subject: Option<SubjectId>,
    edit: Edit,
    time_ms: i64,
) -> Result<(), TabletError> {
    let id: DocumentId = tablet.make(case, place.kind, subject)?;
    let row = RowId::from_bytes(tablet.draw());
    let edit = match (edit, tablet.documents.get(&id)) {
        (Edit::SetField { key, value, .. }, Some(held)) => {
            let seen = held.document.field(&key).ops();
            Edit::SetField { key, value, seen }
        }
        (Edit::EditText { key, new, .. }, Some(held)) => {
            let (base, old) = (held.document.heads(), held.document.text(&key));
            Edit::EditText { key, base, old, new }
        }
        (Edit::SetRowField { table, row, key, value, .. }, Some(held)) => {
            let seen = held.document.row(&table, row).map(|row| row.field(&key).ops()).unwrap_or_default();
            Edit::SetRowField { table, row, key, value, seen }
        }
        (Edit::AddRow { table, fields, .. }, _) => Edit::AddRow { table, row, fields },
        (other, _) => other,
    };
    tablet.edit(id, &edit, time_ms)
}
