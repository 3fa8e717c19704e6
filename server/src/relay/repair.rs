//! Repair: two levels of digests, then only what differs. Asked for after a mismatch, a loss, or a new epoch.

use std::collections::BTreeMap;

use shared::id::{ChangeHash, DocumentId};
use shared::protocol::frame::{BucketDocuments, GoneReason, Item, Part, Repair};
use shared::sync::check::{BucketDigests, bucket_of};

use super::RelayError;
use super::cursor::Cursor;
use super::pull::Pull;

/// Documents read from storage at once.
const DOCUMENTS_PER_BATCH: usize = 64;

impl Pull<'_> {
    /// Answers a repair request; true = the tablet must ask again before anything else makes sense.
    pub(super) async fn repair(&mut self, repair: &Repair) -> Result<bool, RelayError> {
        let visible = self.visible().await?;
        match repair {
            Repair::Buckets(theirs) => self.repair_buckets(&visible, theirs).await,
            Repair::Documents(buckets) => self.repair_documents(&visible, buckets).await,
        }
    }

    /// Everything the account may have, with its heads.
    async fn visible(&mut self) -> Result<BTreeMap<DocumentId, Vec<ChangeHash>>, RelayError> {
        let account = self.account;
        let granted: Vec<DocumentId> = self
            .view()
            .await?
            .grants(account)
            .await?
            .into_iter()
            .filter(|(_, grant)| grant.in_force())
            .map(|(document, _)| document)
            .collect();
        let records = self.view().await?.documents(&granted).await?;
        Ok(records.into_iter().map(|(document, record)| (document, record.heads)).collect())
    }

    async fn repair_buckets(
        &mut self,
        visible: &BTreeMap<DocumentId, Vec<ChangeHash>>,
        theirs: &[u8],
    ) -> Result<bool, RelayError> {
        let mut ours = BucketDigests::default();
        for (document, heads) in visible {
            ours.add(&self.relay.founding.check_key, *document, heads);
        }
        let differing = ours.differing(theirs);
        let equal = differing.is_empty();
        if equal {
            self.skip_to(Cursor { position: self.now, backfill: None, told: None, ..self.cursor });
        }
        // Until the documents are repaired this cursor stands for "as far as before", so that a cut line costs time only.
        self.tell(Part::RepairBuckets(differing)).await;
        self.send_page().await?;
        Ok(!equal)
    }

    async fn repair_documents(
        &mut self,
        visible: &BTreeMap<DocumentId, Vec<ChangeHash>>,
        buckets: &[BucketDocuments],
    ) -> Result<bool, RelayError> {
        let asked: Vec<u8> = buckets.iter().map(|bucket| bucket.bucket).collect();
        let held: BTreeMap<DocumentId, &[ChangeHash]> = buckets
            .iter()
            .flat_map(|bucket| &bucket.documents)
            .map(|held| (held.document, held.heads.as_slice()))
            .collect();
        for document in held.keys().filter(|document| !visible.contains_key(*document)) {
            let account = self.account;
            let grant = self.view().await?.grant(account, *document).await?;
            let is_here = self.view().await?.document(*document).await?.is_some();
            let is_unknown = grant.is_none() && !is_here && self.relay.was_restored(self.cursor.at_ms);
            let reason = if is_unknown { GoneReason::Unknown } else { GoneReason::Ended };
            let gone = Item::Gone { document: *document, reason, ended_ms: grant.and_then(|grant| grant.ended_ms) };
            self.add(gone, self.cursor).await?;
        }
        let differing: Vec<DocumentId> = visible
            .iter()
            .filter(|(document, heads)| {
                asked.contains(&bucket_of(**document)) && held.get(*document).is_none_or(|held| held != heads)
            })
            .map(|(document, _)| *document)
            .collect();
        for batch in differing.chunks(DOCUMENTS_PER_BATCH) {
            let mut found = self.whole_batch(batch).await?;
            let as_of = self.now;
            while let Some((document, item)) = found.pop_first() {
                self.note_whole(document, as_of);
                self.add(item, self.cursor).await?;
                if !self.is_heard() {
                    return Ok(true);
                }
                if self.has_let_go() {
                    self.keep_granted(&mut found).await?;
                }
            }
        }
        self.skip_to(Cursor { backfill: None, ..self.cursor });
        self.send_page().await?;
        Ok(false)
    }
}
