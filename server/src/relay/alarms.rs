//! Dangers that nobody has taken: told to those who are to take them, and later, by code alone, to those whom the pack names.
//!
//! What an account is told is a row of its own, told through the feed of positions like the status of a report. A taker's
//! row says in the end who took it: the report itself is gone from the other takers' tablets by then.

use shared::access::alarm::{Circle, circle, waits};
use shared::access::{Actor, CaseFacts};
use shared::id::{AccountId, CaseId};
use shared::protocol::alarm::{Alarm, AlarmState};

use super::facts::core_of;
use super::grants::{FIELD_CODE, text_of};
use super::work::Work;
use super::{Relay, RelayError};
use crate::storage::record::{AlarmCaseRecord, AlarmRecord};
use crate::storage::{StorageError, Table, key};

/// Milliseconds of a minute.
const MINUTE_MS: u64 = 60_000;

impl Relay {
    /// Writes down what each account is told of the danger in a case. Returns how many rows changed.
    pub(super) async fn tell_alarm(
        &self,
        work: &mut Work,
        case: CaseId,
        facts: &CaseFacts,
        actors: &[Actor],
        now_ms: u64,
    ) -> Result<usize, RelayError> {
        let Some(pack) = self.packs.current().cloned() else { return Ok(0) };
        let known = work.tx.view().alarm_case(case).await?;
        let is_waiting = waits(facts);
        if known.is_none() && !is_waiting {
            return Ok(0);
        }
        let since_ms = known.map_or(now_ms, |known| known.since_ms);
        let late = pack.alarm.as_ref().is_some_and(|alarm| now_ms >= late_ms(since_ms, alarm.minutes));
        let record = AlarmCaseRecord { since_ms, late };
        let core = self.open_document(work, core_of(case)).await?;
        let code = core.map(|core| text_of(core.document.document(), FIELD_CODE)).unwrap_or_default();
        let state = match (is_waiting, facts.is_taken()) {
            (true, _) => AlarmState::Waits,
            (false, true) => AlarmState::Taken,
            (false, false) => AlarmState::Over,
        };
        let told = Alarm { case, field_code: code, since_ms, state, by: None, at_ms: now_ms };
        let over = Alarm { field_code: String::new(), state: AlarmState::Over, ..told.clone() };
        let mut changed = 0_usize;
        for actor in actors {
            let circle = circle(&pack, actor, facts, self.packs.date_at(now_ms));
            let place = key::join(&[actor.account.as_bytes(), case.as_bytes()]);
            let before = work.tx.view().alarm(actor.account, case).await?;
            let before = before.map(|record| self.open_alarm(&place, &record)).transpose()?;
            // Only who was told that it waits is told what became of it.
            let had = before.as_ref().is_some_and(|before| before.state == AlarmState::Waits);
            let wanted = match (state, circle) {
                (AlarmState::Waits, Some(Circle::Takes)) => told.clone(),
                (AlarmState::Waits, Some(Circle::Hears)) if late || had => told.clone(),
                (AlarmState::Taken, Some(Circle::Takes)) if had => Alarm { by: taker(facts), ..told.clone() },
                (AlarmState::Taken, Some(Circle::Hears)) if had => told.clone(),
                _ if had => over.clone(),
                _ => continue,
            };
            if before.is_none_or(|before| before != Alarm { at_ms: before.at_ms, ..wanted.clone() }) {
                self.put_alarm(work, actor.account, &place, &wanted).await?;
                changed = changed.saturating_add(1);
            }
        }
        // A claim that is taken back must not begin its time anew.
        let is_remembered = is_waiting || facts.emergency.any(|value| value.as_bool() == Some(true));
        if !is_remembered {
            work.tx.drop_alarm_case(case).await?;
            changed = changed.saturating_add(1);
        } else if known != Some(record) {
            work.tx.put_alarm_case(case, &record).await?;
            changed = changed.saturating_add(1);
        }
        Ok(changed)
    }

    async fn put_alarm(
        &self,
        work: &mut Work,
        account: AccountId,
        place: &[u8],
        alarm: &Alarm,
    ) -> Result<(), RelayError> {
        let mut plain = Vec::new();
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(alarm, &mut plain);
        let sealed = self.sealer.seal_record(Table::Alarm, place, &plain)?;
        let position = work.tx.next_position().await?;
        work.tx.put_alarm(account, alarm.case, &AlarmRecord { position, sealed }).await?;
        Ok(())
    }

    /// Opens what an account is told of a danger, found at `place`.
    pub(super) fn open_alarm(&self, place: &[u8], record: &AlarmRecord) -> Result<Alarm, RelayError> {
        let plain = self.sealer.open_record(Table::Alarm, place, &record.sealed)?;
        minicbor::decode(&plain).map_err(|_| StorageError::Corrupt { table: Table::Alarm.name() }.into())
    }

    /// Tells those whom the pack names of dangers that have waited too long; a timer calls it. Returns how many cases it looked at.
    ///
    /// # Errors
    /// [`RelayError`] when the storage fails.
    pub async fn tell_late_alarms(&self, now_ms: u64) -> Result<usize, RelayError> {
        let Some(minutes) = self.packs.current().and_then(|pack| pack.alarm.as_ref()).map(|alarm| alarm.minutes) else {
            return Ok(0);
        };
        let mut due = self.storage.read().await?.view().alarm_cases().await?;
        due.retain(|(_, record)| !record.late && now_ms >= late_ms(record.since_ms, minutes));
        for (case, _) in &due {
            let mut work = Work::new(self.storage.write().await?);
            self.grant_case(&mut work, *case, now_ms).await?;
            self.finish(work, now_ms).await?;
        }
        Ok(due.len())
    }
}

fn late_ms(since_ms: u64, minutes: u32) -> u64 {
    since_ms.saturating_add(MINUTE_MS.saturating_mul(minutes.into()))
}

/// Who took it; none while several claims stand side by side.
fn taker(facts: &CaseFacts) -> Option<AccountId> {
    let [value] = facts.taken_over_by.values() else { return None };
    AccountId::parse(value.as_str()?).ok()
}
