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
use shared::protocol::frame::EnrolAnswer;

/// The invented caseload could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// Administration failed.
    #[error("an invented account could not be made")]
    Identity(#[from] IdentityError),
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
    let mut turns: Vec<(u32, usize, usize)> = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        for (start, steps) in turns_of(&case.steps) {
            let minutes_ago = steps.iter().map(|step| step.minutes_ago).min().unwrap_or(0);
            turns.push((minutes_ago, index, start));
        }
    }
    // Oldest first; the turns of one case stay in their order.
    turns.sort_by_key(|(minutes_ago, index, start)| (core::cmp::Reverse(*minutes_ago), *index, *start));
    for (_, index, start) in turns {
        let Some(case) = cases.get(index) else { continue };
        let turn = turns_of(&case.steps).into_iter().find(|(found, _)| *found == start);
        if let Some((_, steps)) = turn {
            filler.write_turn(case, steps).await?;
        }
    }
    filler.write_apart(&cases).await?;
    filler.write_late(&cases).await
}

/// Cuts steps into runs of one account.
fn turns_of(steps: &[DemoStep]) -> Vec<(usize, &[DemoStep])> {
    let mut start = 0_usize;
    steps
        .chunk_by(|a, b| a.by == b.by)
        .map(|run| {
            let found = (start, run);
            start = start.saturating_add(run.len());
            found
        })
        .collect()
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

    /// One account's turn at a case: hear what is new, write, hand in.
    async fn write_turn(&mut self, case: &DemoCase, steps: &[DemoStep]) -> Result<(), FillError> {
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return Ok(()) };
        self.sync(case, first.by, self.at(first.minutes_ago.into())).await?;
        for step in steps {
            self.write(case, step)?;
        }
        // It reached the centre a few minutes after the last word.
        self.sync(case, first.by, self.at(u64::from(last.minutes_ago).saturating_sub(3))).await?;
        self.expect_sent(case, first.by)
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
        let request = tablet.upload();
        let parts = self.relay.handle_sync(&request, at_ms).await;
        let heard = tablet.take(parts).map_err(|source| FillError::Tablet { case: case.key.clone(), source })?;
        if tablet.unsent() > 0 {
            tracing::debug!(receipts = ?heard.receipts, code = ?heard.code, "not everything was taken");
        }
        Ok(())
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
            DemoAct::SetInRow { table, of: (field, person), key, value: given } => {
                let named = Scalar::Str(subject_of(case, *person).to_string());
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
        let key = DocumentKey { case: case_id(case), kind: step.place.kind.to_owned(), subject: None, generation: 0 };
        let tablet = self.tablets.get(&step.by).ok_or(FillError::NoAccount)?;
        let rows = tablet.documents.get(&key.id()).ok_or_else(missing)?.document.rows(table);
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
