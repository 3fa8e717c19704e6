//! One schedule: its steps, its faults, its rest, its verdict.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail, ensure};
use client::api::{FieldPlace, Path, Write};
use client::engine::exchange::RoundEnd;
use client::engine::query::value::token;
use client::engine::session::{DocumentEdit, Session, core_key, document_key};
use client::engine::write::write;
use client::store::memory::Fault;
use client::store::sealed::Writes;
use shared::access::facts::{ACCOUNT, EMERGENCY, TEAM};
use shared::command::Edit;
use shared::document::Document;
use shared::id::{AccountId, ChangeHash, DocumentId};
use shared::sync::apart::BROUGHT_AFTER_MS;
use shared::sync::device::Round;
use shared::sync::inbox::REPAIR_PAUSE_MS;
use shared::sync::row::RepairState;
use shared::value::Scalar;

use super::act::{Acted, Form, Person};
use super::model::Model;
use super::template::{
    FIRST, KIND, LATECOMER, OUTSIDER, QUIET_ROUNDS_MAX, REGISTRAR, SECOND, Start, Template, WRITERS, quiet,
};
use super::verdict::{Orders, Outcome};
use crate::native::dice::Dice;
use crate::native::office::Shelves;
use crate::native::tablet::Tablet;
use crate::native::wire::Fate;

/// Rounds of everybody after which a schedule must have come to rest.
const REST_PASSES_MAX: usize = 12;

/// What a schedule amounted to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Writes on stable storage.
    pub writes: usize,
    /// Rounds that were begun.
    pub rounds: usize,
    /// Times the relay was put back to a backup.
    pub restores: usize,
    /// Edits that ended in a tray.
    pub trayed: usize,
    /// Conflicts left for people.
    pub conflicts: usize,
    /// Changes in the document at the end.
    pub changes: usize,
}

/// A schedule, written down so that parts of it can be left out.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Seed of everything that is not a step.
    pub seed: u64,
    /// Seed of each step with its number.
    pub steps: Vec<(usize, u64)>,
}

impl Plan {
    /// The schedule of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let dice = Dice::new(seed);
        let count = 20_usize.saturating_add(dice.index(45));
        Self { seed, steps: (0..count).map(|number| (number, dice.next())).collect() }
    }
}

/// One schedule under way.
struct Case<'a> {
    start: Start,
    template: &'a Template,
    model: Model,
    forms: Vec<Vec<Form>>,
    tally: Tally,
    /// What the office copied last.
    backup: Option<Shelves>,
    /// The relay was put back to that copy: until all have offered theirs again, tablets may be ahead of it.
    restored: bool,
    /// Somebody's life is at stake.
    danger: bool,
}

/// Runs a schedule.
///
/// # Errors
/// What is wrong at its end, or on the way.
pub async fn run(template: &Template, plan: &Plan) -> anyhow::Result<Tally> {
    let start = template.start(plan.seed).await?;
    let forms = start.tablets.iter().map(|_| Vec::new()).collect();
    let mut case = Case {
        start,
        template,
        model: Model::default(),
        forms,
        tally: Tally::default(),
        backup: None,
        restored: false,
        danger: Dice::new(plan.seed).chance(50),
    };
    if case.danger {
        case.tell_danger().await?;
    }
    for (number, seed) in &plan.steps {
        case.step(&Dice::new(*seed)).await.with_context(|| format!("step {number}"))?;
    }
    case.come_to_rest().await.context("coming to rest")?;
    case.judge().await?;
    Ok(case.tally)
}

impl Case<'_> {
    async fn step(&mut self, dice: &Dice) -> anyhow::Result<()> {
        self.start.office.clock().pass_ms(dice.below(20_000).saturating_add(1));
        let tablet = dice.index(WRITERS);
        match dice.below(100) {
            0..53 => self.act(tablet, dice).await,
            53..82 => self.sync(tablet, dice).await,
            82..84 => self.sync(OUTSIDER, dice).await,
            84..87 => {
                self.start.wire.deliver_late(|len| dice.index(len)).await;
                Ok(())
            }
            87..89 => {
                self.start.wire.replay(|len| dice.index(len)).await;
                Ok(())
            }
            89..91 => self.restart(tablet).await,
            91..92 => self.start.office.restart().await,
            92..94 => {
                self.backup = Some(self.start.office.copy().await?);
                Ok(())
            }
            94..96 => self.restore().await,
            _ => self.turn_rights(dice.chance(50)).await,
        }
    }

    /// Somebody's life is at stake: what is written from here on does not wait for anybody.
    async fn tell_danger(&mut self) -> anyhow::Result<()> {
        let key = core_key(self.template.case);
        {
            let mut guard = self.tablet(FIRST)?.lock.lock().await;
            let session = guard.as_mut().context("the session is open")?;
            let edit = Edit::SetField { key: EMERGENCY.to_owned(), value: Scalar::Bool(true), seen: Vec::new() };
            let edit = DocumentEdit { key, edit };
            session
                .edit(vec![edit], Writes::new())
                .await
                .map_err(|failure| anyhow::anyhow!("code {}", failure.code))?;
        }
        let Start { tablets, wire, .. } = &mut self.start;
        for tablet in tablets.iter_mut().take(WRITERS) {
            quiet(tablet, wire).await?;
        }
        Ok(())
    }

    /// The disk of the relay is lost, and the last copy takes its place.
    async fn restore(&mut self) -> anyhow::Result<()> {
        let Some(backup) = self.backup.take() else { return Ok(()) };
        self.backup = Some(backup.copy().await?);
        self.restored = true;
        self.tally.restores = self.tally.restores.saturating_add(1);
        self.start.office.restore(backup).await
    }

    fn tablet(&mut self, index: usize) -> anyhow::Result<&mut Tablet> {
        self.start.tablets.get_mut(index).context("a tablet")
    }

    async fn restart(&mut self, index: usize) -> anyhow::Result<()> {
        self.model.note_restart(index);
        if let Some(forms) = self.forms.get_mut(index) {
            forms.clear();
        }
        let Self { start, model, .. } = self;
        let tablet = start.tablets.get_mut(index).context("a tablet")?;
        tablet.restart().await?;
        let guard = tablet.lock.lock().await;
        model.scan(index, guard.as_ref().context("the session is open")?, None).await
    }

    async fn act(&mut self, index: usize, dice: &Dice) -> anyhow::Result<()> {
        let Self { start, model, forms, template, .. } = self;
        let tablet = start.tablets.get_mut(index).context("a tablet")?;
        if dice.chance(4) {
            tablet.fail_write(0, fault(dice));
        }
        let forms = forms.get_mut(index).context("forms")?;
        let mut person = Person { tablet: index, case: template.case, dice, model, forms };
        let acted = match tablet.lock.lock().await.as_mut() {
            Some(session) => person.act(session).await?,
            None => Acted::Broken,
        };
        tablet.store().forgive();
        if acted == Acted::Broken { self.restart(index).await } else { Ok(()) }
    }

    async fn sync(&mut self, index: usize, dice: &Dice) -> anyhow::Result<()> {
        self.tally.rounds = self.tally.rounds.saturating_add(1);
        let Self { start, model, forms, template, .. } = self;
        let tablet = start.tablets.get_mut(index).context("a tablet")?;
        start.wire.plan(match dice.below(100) {
            0..50 => Fate::Fine,
            50..62 => Fate::Lost,
            62..82 => Fate::Cut(u16::try_from(dice.below(1001)).unwrap_or(0)),
            82..90 => Fate::Twice,
            _ => Fate::Late,
        });
        if dice.chance(15) {
            tablet.fail_write(dice.below(7), fault(dice));
        }
        let budget = if dice.chance(25) { u32::try_from(dice.below(1500)).unwrap_or(0).saturating_add(1) } else { 0 };
        let (end, acted) = if index < WRITERS && dice.chance(30) {
            let forms = forms.get_mut(index).context("forms")?;
            let mut person = Person { tablet: index, case: template.case, dice, model, forms };
            tablet
                .round_beside(&start.wire, budget, async |lock| match lock.lock().await.as_mut() {
                    Some(session) => person.act(session).await,
                    None => Ok(Acted::Done),
                })
                .await
        } else {
            (tablet.round(&start.wire, budget).await, Ok(Acted::Done))
        };
        start.wire.forget_plans();
        tablet.store().forgive();
        let broken = acted? == Acted::Broken || matches!(end, RoundEnd::Store(_) | RoundEnd::Abandoned);
        if broken {
            return self.restart(index).await;
        }
        self.after_round(index, &end).await
    }

    /// What must hold after every round, whatever became of it.
    async fn after_round(&mut self, index: usize, end: &RoundEnd) -> anyhow::Result<()> {
        let breaches = self.start.wire.breaches();
        ensure!(breaches.is_empty(), "need to know was breached: {breaches:?}");
        if let RoundEnd::Machine(Round::Done { differs: true, .. }) = end
            && !self.restored
        {
            bail!("the check of tablet {index} differs");
        }
        let granted = self.granted(index).await?;
        let Self { start, model, .. } = self;
        let tablet = start.tablets.get_mut(index).context("a tablet")?;
        let guard = tablet.lock.lock().await;
        let session = guard.as_ref().context("the session is open")?;
        if !self.restored && matches!(end, RoundEnd::Machine(Round::Done { more: false, .. })) {
            let held: BTreeSet<DocumentId> =
                session.rows.all_heads().await?.into_iter().map(|held| held.document).collect();
            ensure!(held == granted, "tablet {index} holds {held:?} and was granted {granted:?}");
        }
        ensure!(session.rows.aside().await?.is_empty(), "tablet {index} set a document aside");
        model.scan(index, session, None).await
    }

    async fn granted(&self, index: usize) -> anyhow::Result<BTreeSet<DocumentId>> {
        let account = self.account(index).await?;
        let relay = self.start.office.relay();
        let grants = relay.storage().read().await?.view().grants(account).await?;
        Ok(grants.into_iter().filter(|(_, grant)| grant.in_force()).map(|(document, _)| document).collect())
    }

    async fn account(&self, index: usize) -> anyhow::Result<AccountId> {
        let tablet = self.start.tablets.get(index).context("a tablet")?;
        Ok(tablet.lock.lock().await.as_ref().context("the session is open")?.owner.account)
    }

    /// The registrar takes the second practitioner out of the team, or back in.
    async fn turn_rights(&mut self, present: bool) -> anyhow::Result<()> {
        let second = self.account(SECOND).await?.to_string();
        let case = self.template.case;
        let tablet = self.tablet(REGISTRAR)?;
        let mut guard = tablet.lock.lock().await;
        let session = guard.as_mut().context("the session is open")?;
        let core = session.replica(&core_key(case)).await.map_err(|_| anyhow::anyhow!("the core does not open"))?;
        let rows = core.document.rows(TEAM);
        let is_second = |value: &Scalar| matches!(value, Scalar::Str(account) if *account == second);
        let row = rows.iter().find(|row| row.field(ACCOUNT).settled().is_some_and(is_second)).context("a team row")?;
        if row.removed() != present {
            return Ok(());
        }
        let seen = row.fields.values().flat_map(|field| &field.values).map(|seen| token(seen.op)).collect();
        let path = Path::Row { table: TEAM.to_owned(), row: row.row };
        let place = FieldPlace { case, kind: core_key(case).kind, subject: None, path };
        let order = if present { Write::RestoreRow { place, seen } } else { Write::RemoveRow { place, seen } };
        write(session, order).await.map_err(|failure| anyhow::anyhow!("team: error code {}", failure.code))
    }

    /// Ends all faults and lets everybody sync until nothing moves any more.
    async fn come_to_rest(&mut self) -> anyhow::Result<()> {
        for index in 0..WRITERS {
            self.restart(index).await?;
            ensure!(!self.model.is_in_doubt(index), "a doubt was left");
        }
        self.turn_rights(true).await?;
        self.start.wire.deliver_late(|_| 0).await;
        for pass in 0..REST_PASSES_MAX {
            // So that a tablet which still differed from a restored relay compares again; in the end it brings back what nobody
            // else has.
            let is_late = pass >= REST_PASSES_MAX / 2;
            self.start.office.clock().pass_ms(if is_late { BROUGHT_AFTER_MS } else { REPAIR_PAUSE_MS });
            for index in 0..LATECOMER {
                self.settle(index).await.with_context(|| format!("tablet {index}"))?;
            }
            if self.is_at_rest().await? {
                self.restored = false;
                for index in 0..LATECOMER {
                    self.after_round(index, &RoundEnd::Machine(Round::Done { more: false, notice: 0, differs: false }))
                        .await?;
                }
                return Ok(());
            }
        }
        bail!("no rest after {REST_PASSES_MAX} passes")
    }

    /// Rounds without faults until the relay has nothing more, each looked at: an edit written anew in one of them may be
    /// merged in the next.
    async fn settle(&mut self, index: usize) -> anyhow::Result<()> {
        for _ in 0..QUIET_ROUNDS_MAX {
            let Start { tablets, wire, .. } = &mut self.start;
            let end = tablets.get_mut(index).context("a tablet")?.round(wire, 0).await;
            self.after_round(index, &end).await?;
            match end {
                RoundEnd::Machine(Round::Done { more: true, .. }) => {}
                RoundEnd::Machine(Round::Done { .. }) => return Ok(()),
                end @ (RoundEnd::Machine(_) | RoundEnd::Line(_) | RoundEnd::Abandoned | RoundEnd::Store(_)) => {
                    bail!("a round without faults ended as {end:?}")
                }
            }
        }
        bail!("no end of rounds")
    }

    async fn is_at_rest(&self) -> anyhow::Result<bool> {
        let wanted = self.relay_heads().await?;
        for tablet in self.start.tablets.iter().take(WRITERS) {
            let guard = tablet.lock.lock().await;
            let session = guard.as_ref().context("the session is open")?;
            let heads = session.rows.all_heads().await?;
            let same = wanted.iter().all(|(document, heads_there)| {
                heads.iter().any(|held| held.document == *document && held.heads == *heads_there)
            });
            if !session.rows.pending().await?.is_empty() || !same || session.meta.repair != RepairState::None {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn relay_heads(&self) -> anyhow::Result<Vec<(DocumentId, Vec<ChangeHash>)>> {
        let relay = self.start.office.relay();
        let keys = [core_key(self.template.case), document_key(self.template.case, KIND, None)];
        let ids: Vec<DocumentId> = keys.iter().map(shared::id::DocumentKey::id).collect();
        let records = relay.storage().read().await?.view().documents(&ids).await?;
        Ok(records.into_iter().map(|(document, record)| (document, record.heads)).collect())
    }

    async fn judge(&mut self) -> anyhow::Result<()> {
        let Start { tablets, wire, .. } = &mut self.start;
        quiet(tablets.get_mut(LATECOMER).context("the late tablet")?, wire).await.context("the late tablet")?;
        let first = self.document(FIRST).await?;
        for index in [SECOND, REGISTRAR, LATECOMER] {
            let other = self.document(index).await?;
            ensure!(other.heads() == first.heads(), "heads of tablet {index} differ");
            ensure!(other.digest_of_values() == first.digest_of_values(), "values of tablet {index} differ");
        }
        // What is in memory must be what the rows say.
        self.restart(FIRST).await?;
        ensure!(self.document(FIRST).await?.digest_of_values() == first.digest_of_values(), "rows and memory differ");
        let (trays, taken_late) = self.trays().await?;
        let waiting = self.waiting().await?;
        let outcome = Outcome {
            model: &self.model,
            document: &first,
            trays: &trays,
            waiting: &waiting,
            taken_late: &taken_late,
            went_before: self.danger && self.tally.restores > 0,
        };
        let faults = outcome.faults();
        self.tally.writes = self.model.writes.len();
        self.tally.trayed = trays.len();
        self.tally.conflicts = first.conflicts().len();
        self.tally.changes = first.changes().len();
        ensure!(faults.is_empty(), "{}", faults.join("\n    "));
        Ok(())
    }

    /// What the relay holds for a person.
    async fn waiting(&self) -> anyhow::Result<BTreeSet<ChangeHash>> {
        let relay = self.start.office.relay();
        let held = relay.storage().read().await?.view().all_held().await?;
        Ok(held.into_iter().filter(|(_, _, record)| record.is_open()).map(|(_, hash, _)| hash).collect())
    }

    async fn document(&mut self, index: usize) -> anyhow::Result<Document> {
        let key = document_key(self.template.case, KIND, None);
        let mut guard = self.tablet(index)?.lock.lock().await;
        let session: &mut Session = guard.as_mut().context("the session is open")?;
        let replica = session.replica(&key).await.map_err(|failure| anyhow::anyhow!("error code {}", failure.code))?;
        Ok(replica.document.clone())
    }

    /// What lies in trays, and what lay there until a restored relay took it after all: that is in the document, and the
    /// tray says so.
    async fn trays(&self) -> anyhow::Result<(Orders, Orders)> {
        let (mut trays, mut taken_late) = (Orders::new(), Orders::new());
        for (index, tablet) in self.start.tablets.iter().enumerate() {
            let guard = tablet.lock.lock().await;
            let session = guard.as_ref().context("the session is open")?;
            for trayed in session.rows.tray().await? {
                let orders = if trayed.entry.decided.is_none() { &mut trays } else { &mut taken_late };
                orders.insert((index, trayed.entry.pending.order));
            }
        }
        Ok((trays, taken_late))
    }
}

fn fault(dice: &Dice) -> Fault {
    match dice.below(4) {
        0 => Fault::Full,
        1 => Fault::Backend,
        2 => Fault::CrashBefore,
        _ => Fault::CrashAfter,
    }
}
