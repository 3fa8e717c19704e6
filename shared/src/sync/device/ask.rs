//! What a round asks and sends: which edits go, which wait, and what a repair compares.

use std::collections::{BTreeMap, BTreeSet};

use super::{Collected, DeviceMachine, Effect, Offered, OffersWanted, State};
use crate::id::{DocumentId, RequestId};
use crate::order::Gather as _;
use crate::protocol::frame::{BucketDocuments, HeldDocument, Repair};
use crate::sync::apart::{bring, due, waiting};
use crate::sync::check::{BucketDigests, RunningCheck, bucket_of, term};
use crate::sync::outbox::{BROUGHT_BYTES_TARGET, Signer, UploadHead, plan_upload};
use crate::sync::row::{PendingEdit, RepairState, SyncMeta};

impl DeviceMachine {
    pub(super) fn begin(&mut self, meta: SyncMeta) -> Effect {
        self.abandon();
        self.state = State::Collecting;
        self.meta = meta;
        let count_max = self.offers_max;
        let offers = self.meta.offer_from.map(|from| OffersWanted { from, count_max });
        let apart = if offers.is_some() { BTreeSet::new() } else { due(&self.meta) };
        Effect::Collect { all_heads: self.meta.repair != RepairState::None, offers, apart }
    }

    pub(super) fn send(&mut self, mut collected: Collected) -> Effect {
        self.entropy = collected.entropy;
        self.keep_back(&mut collected.pending);
        let repair = self.repair(&collected.all_heads);
        self.listed_documents = matches!(repair, Some(Repair::Documents(_)));
        let last = collected.offers.last().map(|(counter, _)| counter.saturating_add(1));
        let next = last.filter(|_| collected.offers_left);
        self.offered = self.meta.offer_from.map(|_| Offered { count: collected.offers.len(), next });
        self.reenter = false;
        self.copies_wanted = false;
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = collected.entropy;
        let head = UploadHead {
            request: Some(RequestId::from_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])),
            counter: collected.counter,
            cursor: self.meta.cursor.clone(),
            pack: self.meta.pack,
            budget_bytes: collected.budget_bytes,
            priorities: collected.priorities,
            repair,
            slot: if self.meta.slot_stored { None } else { collected.slot },
            offers: collected.offers.into_iter().map(|(_, offer)| offer).collect(),
            decisions: collected.decisions,
            // Not beside a list of documents, which may fill a request alone.
            brought: if self.listed_documents {
                Vec::new()
            } else {
                bring(&self.meta, &collected.apart, BROUGHT_BYTES_TARGET)
            },
            // Nor beside a danger, also one that is kept back: it goes once this request has its receipts, and an older relay that
            // cannot read what was seen gives none.
            seen: collected.seen.filter(|_| !self.seen_unheard && self.danger_kept.is_empty()),
        };
        let signer =
            Signer { tenant: self.identity.tenant, device: self.identity.device, secret: &self.identity.secret };
        let planned = plan_upload(&signer, head, &collected.pending, |document| collected.known.contains(&document));
        self.sent = planned.sent;
        self.state = State::Receiving;
        Effect::Send(planned.bytes)
    }

    /// Leaves out edits that stand on what a restored relay lacks: sent, they come back as they are, and keep everything else
    /// from being asked for. As long as a repair is due that may be known of a document by nothing but that.
    fn keep_back(&mut self, pending: &mut Vec<PendingEdit>) {
        let is_due = self.meta.repair != RepairState::None;
        let mut of_document: BTreeMap<DocumentId, Vec<&PendingEdit>> = BTreeMap::new();
        for edit in pending.iter() {
            of_document.entry(edit.key.id()).or_default().push(edit);
        }
        // What was typed before the danger was told is of the same case: where the person is, for one.
        let in_danger = pending.iter().filter(|edit| edit.urgent).map(|edit| edit.key.case).into_set();
        (self.kept_back, self.danger_kept, self.danger_goes) = (BTreeSet::new(), BTreeSet::new(), false);
        let mut kept = BTreeSet::new();
        for (document, edits) in of_document {
            let is_danger = edits.iter().any(|edit| in_danger.contains(&edit.key.case));
            let waiting = waiting(&self.meta, document, edits.iter().copied(), is_danger);
            if waiting.is_empty() {
                continue;
            }
            self.kept_back.insert(document);
            if is_danger {
                self.danger_kept.insert(document);
            }
            kept.extend(waiting);
        }
        pending.retain(|edit| {
            let document = edit.key.id();
            !(kept.contains(&edit.order) || is_due && self.lacking_parents.contains(&document))
        });
    }

    /// The repair this request carries. Counting all documents also sets the running check right.
    fn repair(&mut self, all_heads: &[HeldDocument]) -> Option<Repair> {
        let key = self.meta.check_key?;
        match &self.meta.repair {
            RepairState::None => None,
            RepairState::Buckets => {
                let mut digests = BucketDigests::default();
                let mut check = RunningCheck::default();
                for held in all_heads {
                    digests.add(&key, held.document, &held.heads);
                    check.add(term(&key, held.document, &held.heads));
                }
                self.meta.set_check(check);
                Some(Repair::Buckets(digests.to_bytes()))
            }
            RepairState::Documents(buckets) => Some(Repair::Documents(
                buckets
                    .iter()
                    .map(|bucket| BucketDocuments {
                        bucket: *bucket,
                        documents: all_heads
                            .iter()
                            .filter(|held| bucket_of(held.document) == *bucket)
                            .cloned()
                            .collect(),
                    })
                    .collect(),
            )),
        }
    }
}
