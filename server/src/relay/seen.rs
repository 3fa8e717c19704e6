//! What tablets tell of what was opened, taken away or printed on them: into the audit log, each once.
//!
//! A claim of the tablet's, kept as one: no right is asked for and no document looked up, so that what is told of a case that is
//! not here, or not the sender's, is taken and answered like any other. Bounded by a day's number for each device.

use shared::id::{AccountId, CaseId, DocumentKey};
use shared::pack::Pack;
use shared::protocol::limits::SEEN_DAY_MAX;
use shared::protocol::seen::{Seen, Sight};

use super::intake::Sender;
use super::work::Work;
use super::{Packs, Relay, RelayError};
use crate::audit::Entry;
use crate::storage::record::{Act, AuditRecord, SeenRecord};

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// One entry of the audit log about what was seen, with what it says of the document for whoever has its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenLine {
    /// The entry.
    pub record: AuditRecord,
    /// The key of the document it names; none where the relay has no such document.
    pub key: Option<DocumentKey>,
}

impl Relay {
    /// Takes what an upload tells as seen; returns its number once it is in the log, none when nothing was told or it is put off.
    pub(super) async fn take_seen(&self, work: &mut Work, sender: &Sender<'_>) -> Result<Option<u64>, RelayError> {
        let Some(batch) = &sender.prepared.upload.seen else { return Ok(None) };
        let (account, device) = (sender.device.account, sender.prepared.device_id());
        let before = work.tx.view().seen(device).await?.unwrap_or_default();
        if batch.number <= before.number {
            // It was taken, and the answer was lost.
            return Ok(Some(batch.number));
        }
        let day = sender.prepared.now_ms / DAY_MS;
        let today = if before.day == day { before } else { SeenRecord { day, taken: 0, is_full: false, ..before } };
        let taken = today.taken.saturating_add(u32::try_from(batch.seen.len()).unwrap_or(u32::MAX));
        if taken > SEEN_DAY_MAX {
            if !today.is_full {
                let (account, device, count) = (Some(account), Some(device), batch.seen.len());
                work.audit.push(Entry { account, device, count, ..Entry::of(Act::SeenPutOff) });
                work.tx.put_seen(sender.prepared.device_id(), &SeenRecord { is_full: true, ..today }).await?;
            }
            return Ok(None);
        }
        work.seen.extend(batch.seen.iter().map(|seen| (account, device, known_only(&self.packs, seen.clone()))));
        work.tx.put_seen(device, &SeenRecord { number: batch.number, taken, ..today }).await?;
        Ok(Some(batch.number))
    }

    /// What the audit log says of what was seen, oldest first: of a case, by an account, or all.
    ///
    /// # Errors
    /// [`RelayError`] of the storage.
    pub async fn seen(&self, case: Option<CaseId>, account: Option<AccountId>) -> Result<Vec<SeenLine>, RelayError> {
        let mut read = self.storage.read().await?;
        let mut lines = Vec::new();
        for record in read.view().audit().await? {
            let is_asked = account.is_none_or(|account| record.account == Some(account));
            if !is_asked || !matches!(record.act, Act::Seen | Act::SeenPutOff) {
                continue;
            }
            let document = record.seen.as_ref().and_then(|seen| match seen.sight {
                Sight::Opened { document, .. } | Sight::Printed { document, .. } => Some(document),
                Sight::Exported { .. } | Sight::LetGo(_) => None,
            });
            let key = match document {
                Some(document) => read.view().document(document).await?.map(|found| found.key),
                None => None,
            };
            if case.is_none_or(|case| key.as_ref().is_some_and(|key| key.case == case)) {
                lines.push(SeenLine { record, key });
            }
        }
        Ok(lines)
    }
}

/// Leaves a field's name out that no pack knows: the log has room for the names of packs and for nothing a tablet makes up.
fn known_only(packs: &Packs, mut seen: Seen) -> Seen {
    if let Sight::Opened { field, .. } = &mut seen.sight
        && !packs.all().any(|pack| knows(pack, field))
    {
        field.clear();
    }
    seen
}

fn knows(pack: &Pack, field: &str) -> bool {
    pack.kinds.values().any(|kind| match field.split_once('/') {
        Some((table, key)) => {
            kind.tables.get(table).is_some_and(|table| key.is_empty() || table.fields.contains_key(key))
        }
        None => kind.fields.contains_key(field),
    })
}
