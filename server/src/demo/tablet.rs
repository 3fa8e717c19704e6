//! A tablet without a screen: enrols, writes through the real commands, signs real frames, keeps what it is given.
//!
//! The demonstration and the relay's own tests use it; it talks through bytes only, so that the same tablet works in
//! process and over HTTP. It keeps nothing on disk and forgets what a real tablet would journal.

use std::collections::{BTreeMap, BTreeSet};

use shared::access::facts::{CORE_KIND, GUARD_KIND};
use shared::command::{self, CommandError, Edit, Writer, reentry};
use shared::document::{Document, DocumentError};
use shared::id::{
    AccountId, ActorId, CaseId, ChangeHash, DeviceId, DocumentId, DocumentKey, HeldId, RequestId, SubjectId, TabletId,
    TenantId, hash16,
};
use shared::protocol::alarm::Alarm;
use shared::protocol::codec::encode;
use shared::protocol::frame::{
    Brought, ChangeBytes, Check, EnrolAnswer, EnrolRequest, GoneReason, Item, PROTOCOL_VERSION, Part, Push,
    PushReceipt, Receipt, Repair, ReportStatus, SignedUpload, Upload,
};
use shared::protocol::held::{Decided, Decision, DecisionReceipt, HeldChange, HeldContent, Verdict};
use shared::protocol::limits::CHANGES_MAX;
use shared::protocol::live::SignedHello;
use shared::protocol::seen::SeenBatch;
use shared::protocol::sign::{join_message, push_message};
use shared::seal::sign::DeviceSecret;
use shared::sync::change_hash;
use shared::sync::check::{RunningCheck, term};

/// The tablet could not write or read a document.
#[derive(Debug, thiserror::Error)]
pub enum TabletError {
    /// A command was refused.
    #[error("a command was refused")]
    Command(#[from] CommandError),
    /// A document does not open.
    #[error("a document does not open")]
    Document(#[from] DocumentError),
    /// The tablet has no such document.
    #[error("the tablet has no such document")]
    NoDocument,
    /// Enrolment was refused.
    #[error("enrolment was refused with code {code}")]
    Refused {
        /// Error code.
        code: u16,
    },
}

/// A document on the tablet.
pub struct HeldDocument {
    /// Its key.
    pub key: DocumentKey,
    /// Its state, unsent changes included.
    pub document: Document,
    /// Heads the relay has acknowledged.
    pub acknowledged: Vec<ChangeHash>,
    actor: ActorId,
    pending: Vec<(ChangeHash, Vec<u8>)>,
    known: bool,
}

impl HeldDocument {
    /// The heads of what the relay has.
    fn heads_without_pending(&self) -> Result<Vec<ChangeHash>, DocumentError> {
        let mut acknowledged = Document::new()?;
        let is_pending = |hash: &ChangeHash| self.pending.iter().any(|(pending, _)| pending == hash);
        let of_relay = self.document.changes().into_iter().filter(|change| !is_pending(&change.meta.hash));
        acknowledged.apply(&of_relay.map(|change| change.bytes).collect::<Vec<_>>())?;
        Ok(acknowledged.heads())
    }

    /// The changes the relay has not acknowledged.
    #[must_use]
    pub fn pending_hashes(&self) -> Vec<ChangeHash> {
        self.pending.iter().map(|(hash, _)| *hash).collect()
    }
}

/// What the last answer said.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// Receipts by push, in the order in which they were sent.
    pub receipts: Vec<PushReceipt>,
    /// Code of a fault, or of a notice at the end.
    pub code: Option<u16>,
    /// The relay's check.
    pub check: Option<Check>,
    /// More is waiting.
    pub more: bool,
    /// Buckets that differ.
    pub buckets: Option<Vec<u8>>,
    /// Pages taken.
    pub pages: usize,
    /// Items taken.
    pub items: usize,
    /// Receipts of decisions, in the order in which they were sent.
    pub decisions: Vec<DecisionReceipt>,
    /// What became of what it brought back, in the order in which it was sent.
    pub brought: Vec<PushReceipt>,
    /// The number of what it told as seen.
    pub seen: Option<u64>,
}

/// A tablet of one account.
pub struct Tablet {
    secret: DeviceSecret,
    tenant: TenantId,
    /// The device, once enrolled.
    pub device: DeviceId,
    /// The account.
    pub account: AccountId,
    seed: [u8; 16],
    drawn: u64,
    /// Counter of the last request.
    pub counter: u64,
    /// Cursor of the last page.
    pub cursor: Option<Vec<u8>>,
    /// Documents it holds.
    pub documents: BTreeMap<DocumentId, HeldDocument>,
    /// What was taken away.
    pub gone: BTreeMap<DocumentId, GoneReason>,
    /// Report statuses.
    pub statuses: BTreeMap<CaseId, ReportStatus>,
    /// Dangers it was told of.
    pub alarms: BTreeMap<CaseId, Alarm>,
    /// Names of members.
    pub members: BTreeMap<AccountId, String>,
    /// Key of the check sum.
    pub check_key: Option<[u8; 16]>,
    /// Repair to ask for with the next request.
    pub repair: Option<Repair>,
    /// Size of the answers asked for; 0 leaves it to the relay.
    pub budget_bytes: u32,
    /// Changes that wait for this account, by name.
    pub held: BTreeMap<HeldId, HeldChange>,
    /// What was decided about held changes, for those who decide and for their writers.
    pub decided: BTreeMap<HeldId, Decided>,
    /// Decisions that go out with the next upload.
    pub decisions: Vec<Decision>,
    /// What it brings back to a restored relay with the next upload.
    pub brought: Vec<Brought>,
    /// What it offers again with the next request.
    pub offers: Vec<shared::protocol::frame::SealedOffer>,
    /// What it tells as seen with the next upload.
    pub seen: Option<SeenBatch>,
    /// Everything held this tablet ever saw: a later one may build on one that waits no longer.
    seen_held: BTreeMap<HeldId, HeldContent>,
    /// Documents with changes that the relay has not acknowledged.
    waiting: BTreeSet<DocumentId>,
    /// The documents this tablet keeps; all of them when none. A real tablet keeps everything it is given.
    keeps: Option<BTreeSet<DocumentId>>,
    sent: Vec<(DocumentId, Vec<ChangeHash>)>,
    last_request: Vec<u8>,
}

impl Tablet {
    /// Writes the request that joins; `take_joined` ends enrolment.
    #[must_use]
    pub fn join(seed: [u8; 16], tenant: TenantId, code: &str, name: &str) -> (Self, Vec<u8>) {
        let mut key = [0; 32];
        let (first, second) = key.split_at_mut(16);
        first.copy_from_slice(&hash16("simpul/demo/key", &[&seed, &[0]]));
        second.copy_from_slice(&hash16("simpul/demo/key", &[&seed, &[1]]));
        let secret = DeviceSecret::from_seed(&key);
        let tablet = TabletId::from_bytes(hash16("simpul/demo/tablet", &[&seed]));
        // The vault of this tablet is its process; what is sealed here opens nothing.
        let slot = b"age-encryption.org/v1\n-> synthetic\n".to_vec();
        let public_key = *secret.public().as_bytes();
        let message = join_message(tenant, code, &public_key, tablet, name, &slot);
        let request = encode(&EnrolRequest::Join {
            version: PROTOCOL_VERSION,
            code: code.to_owned(),
            public_key,
            tablet,
            tablet_name: name.to_owned(),
            slot,
            signature: *secret.sign(&message).as_bytes(),
        });
        let nobody = Self {
            secret,
            tenant,
            device: DeviceId::from_bytes([0; 16]),
            account: AccountId::from_bytes([0; 16]),
            seed,
            drawn: 0,
            counter: 0,
            cursor: None,
            documents: BTreeMap::new(),
            gone: BTreeMap::new(),
            statuses: BTreeMap::new(),
            alarms: BTreeMap::new(),
            members: BTreeMap::new(),
            check_key: None,
            repair: None,
            budget_bytes: 0,
            held: BTreeMap::new(),
            decided: BTreeMap::new(),
            decisions: Vec::new(),
            brought: Vec::new(),
            offers: Vec::new(),
            seen: None,
            seen_held: BTreeMap::new(),
            waiting: BTreeSet::new(),
            keeps: None,
            sent: Vec::new(),
            last_request: Vec::new(),
        };
        (nobody, request)
    }

    /// Takes the answer to a join.
    ///
    /// # Errors
    /// [`TabletError::Refused`] when the relay refused it.
    pub fn take_joined(&mut self, account: AccountId, answer: &EnrolAnswer) -> Result<(), TabletError> {
        match answer {
            EnrolAnswer::Joined { device, .. } => {
                self.device = *device;
                self.account = account;
                Ok(())
            }
            EnrolAnswer::Fault(fault) => Err(TabletError::Refused { code: fault.code }),
            EnrolAnswer::Welcome { .. } => Err(TabletError::Refused { code: 0 }),
        }
    }

    /// Draws 16 bytes, the same ones for the same seed.
    pub fn draw(&mut self) -> [u8; 16] {
        self.drawn = self.drawn.wrapping_add(1);
        hash16("simpul/demo/draw", &[&self.seed, &self.drawn.to_be_bytes()])
    }

    /// Opens a document, or makes it here.
    ///
    /// # Errors
    /// [`TabletError::Document`] never in practice.
    pub fn make(&mut self, case: CaseId, kind: &str, subject: Option<SubjectId>) -> Result<DocumentId, TabletError> {
        let key = DocumentKey { case, kind: kind.to_owned(), subject, generation: 0 };
        let id = key.id();
        if !self.documents.contains_key(&id) {
            let document = Document::new()?;
            let actor = ActorId::from_bytes(self.draw());
            let acknowledged = document.heads();
            let held = HeldDocument { key, document, acknowledged, actor, pending: Vec::new(), known: false };
            self.documents.insert(id, held);
        }
        Ok(id)
    }

    /// Writes an edit; it goes out with the next upload.
    ///
    /// # Errors
    /// [`TabletError`] when the command refuses it.
    pub fn edit(&mut self, id: DocumentId, edit: &Edit, time_ms: i64) -> Result<(), TabletError> {
        let author = self.account;
        let held = self.documents.get_mut(&id).ok_or(TabletError::NoDocument)?;
        let writer = Writer { author, actor: held.actor };
        let written = command::apply(&mut held.document, &writer, edit, time_ms)?;
        held.pending.extend(written.into_iter().map(|change| (change.hash, change.bytes)));
        self.waiting.insert(id);
        Ok(())
    }

    /// Writes an edit with a remark, true or not.
    ///
    /// # Errors
    /// [`TabletError`] when the command refuses it.
    pub fn edit_with_note(&mut self, id: DocumentId, edit: &Edit, note: &str) -> Result<(), TabletError> {
        let author = self.account;
        let held = self.documents.get_mut(&id).ok_or(TabletError::NoDocument)?;
        let writer = Writer { author, actor: held.actor };
        let written = command::replay(&mut held.document, &writer, edit, 0, Some(note.to_owned()))?;
        held.pending.extend(written.into_iter().map(|change| (change.hash, change.bytes)));
        self.waiting.insert(id);
        Ok(())
    }

    /// Decides about a held change; the decision goes out with the next upload.
    pub fn decide(&mut self, held: HeldId, verdict: Verdict) {
        self.decisions.push(Decision { held, verdict });
    }

    /// Enters a held change again, on the document as this tablet has it.
    ///
    /// # Errors
    /// [`TabletError`] when the tablet never saw it, or what it belongs to is not there.
    pub fn reenter(&mut self, id: HeldId, time_ms: i64) -> Result<(), TabletError> {
        let content = self.seen_held.get(&id).ok_or(TabletError::NoDocument)?.clone();
        let document = self.documents.get_mut(&content.key.id()).ok_or(TabletError::NoDocument)?;
        let of_document = self.seen_held.values().filter(|one| one.key == content.key);
        let held: Vec<&[u8]> = of_document
            .flat_map(|one| one.past.iter().chain(core::iter::once(&one.change)))
            .map(|change| change.0.as_slice())
            .collect();
        let whole = reentry::with_held(&document.document, &held);
        let hash = change_hash(&content.change.0).ok_or(TabletError::NoDocument)?;
        let intent = reentry::intent(&whole, &document.document, &hash).ok_or(TabletError::NoDocument)?;
        let writer = Writer { author: self.account, actor: document.actor };
        let written = reentry::reenter(&mut document.document, &writer, &intent, time_ms)?;
        let hashes = written.iter().map(|change| change.hash).collect();
        document.pending.extend(written.into_iter().map(|change| (change.hash, change.bytes)));
        self.waiting.insert(content.key.id());
        self.decide(id, Verdict::Reentered(hashes));
        Ok(())
    }

    /// The next first message of a socket.
    #[must_use]
    pub fn hello(&mut self) -> Vec<u8> {
        self.counter = self.counter.saturating_add(1);
        encode(&SignedHello::make(self.tenant, self.device, self.counter, &self.secret))
    }

    /// Writes the next request: what is unsent, as far as one request may hold it, and where to go on from. What rights
    /// hang on goes first: the rest may need them.
    pub fn upload(&mut self) -> Vec<u8> {
        self.counter = self.counter.saturating_add(1);
        let mut pushes = Vec::new();
        self.sent.clear();
        let mut waiting: Vec<(DocumentId, &HeldDocument)> =
            self.waiting.iter().filter_map(|id| self.documents.get(id).map(|held| (*id, held))).collect();
        waiting.sort_by_key(|(_, held)| !matches!(held.key.kind.as_str(), CORE_KIND | GUARD_KIND));
        let mut room = CHANGES_MAX;
        for (id, held) in waiting {
            let some = held.pending.get(..room).unwrap_or(&held.pending);
            if some.is_empty() {
                continue;
            }
            room = room.saturating_sub(some.len());
            let hashes: Vec<ChangeHash> = some.iter().map(|(hash, _)| *hash).collect();
            let message = push_message(self.tenant, id, &hashes, self.device, self.counter);
            pushes.push(Push {
                document: id,
                create: (!held.known).then(|| held.key.clone()),
                changes: some.iter().map(|(_, bytes)| ChangeBytes(bytes.clone())).collect(),
                signature: *self.secret.sign(&message).as_bytes(),
            });
            self.sent.push((id, hashes));
        }
        self.request(pushes)
    }

    /// Signs a request with any pushes at all; tests use it to send what a real tablet would not.
    pub fn request(&mut self, pushes: Vec<Push>) -> Vec<u8> {
        let upload = Upload {
            version: PROTOCOL_VERSION,
            device: self.device,
            request: RequestId::from_bytes(self.draw()),
            counter: self.counter,
            cursor: self.cursor.clone(),
            pack: 1,
            budget_bytes: self.budget_bytes,
            priorities: Vec::new(),
            pushes,
            repair: self.repair.take(),
            slot: None,
            offers: core::mem::take(&mut self.offers),
            decisions: (!self.decisions.is_empty()).then(|| core::mem::take(&mut self.decisions)),
            brought: (!self.brought.is_empty()).then(|| core::mem::take(&mut self.brought)),
            seen: self.seen.take(),
        };
        self.last_request = encode(&SignedUpload::sign(self.tenant, &self.secret, encode(&upload)));
        self.last_request.clone()
    }

    /// The last request again, byte for byte.
    #[must_use]
    pub fn repeat(&self) -> Vec<u8> {
        self.last_request.clone()
    }

    /// Signs the hashes of a push as this device.
    #[must_use]
    pub fn sign_push(&self, document: DocumentId, hashes: &[ChangeHash]) -> [u8; 64] {
        *self.secret.sign(&push_message(self.tenant, document, hashes, self.device, self.counter)).as_bytes()
    }

    /// Takes an answer.
    ///
    /// # Errors
    /// [`TabletError::Document`] when what the relay sent does not fit together.
    pub fn take(&mut self, parts: Vec<Part>) -> Result<Heard, TabletError> {
        let mut heard = Heard::default();
        for part in parts {
            match part {
                Part::Receipts(receipts) => {
                    self.check_key = receipts.check_key.or(self.check_key);
                    self.take_receipts(&receipts.pushes)?;
                    heard.receipts = receipts.pushes;
                    heard.decisions = receipts.decisions.unwrap_or_default();
                    heard.brought = receipts.brought.unwrap_or_default();
                    heard.seen = receipts.seen;
                }
                Part::Page(page) => {
                    heard.pages = heard.pages.saturating_add(1);
                    heard.items = heard.items.saturating_add(page.items.len());
                    for item in page.items {
                        self.take_item(item)?;
                    }
                    self.cursor = Some(page.cursor);
                }
                Part::End(end) => {
                    heard.check = end.check;
                    heard.more = end.more;
                    heard.code = (end.notice != 0).then_some(end.notice);
                }
                Part::Fault(fault) => heard.code = Some(fault.code),
                Part::RepairBuckets(buckets) => heard.buckets = Some(buckets),
            }
        }
        Ok(heard)
    }

    fn take_receipts(&mut self, receipts: &[PushReceipt]) -> Result<(), TabletError> {
        for ((id, hashes), receipt) in core::mem::take(&mut self.sent).into_iter().zip(receipts) {
            let Some(held) = self.documents.get_mut(&id) else { continue };
            let settled: Vec<ChangeHash> = match receipt {
                PushReceipt::All => hashes,
                PushReceipt::Each(each) => hashes
                    .into_iter()
                    .zip(each)
                    .filter(|(_, receipt)| matches!(receipt, Receipt::Accepted | Receipt::Duplicate))
                    .map(|(hash, _)| hash)
                    .collect(),
            };
            held.known |= !settled.is_empty();
            held.pending.retain(|(hash, _)| !settled.contains(hash));
            if held.pending.is_empty() {
                self.waiting.remove(&id);
                held.acknowledged = held.document.heads();
            } else {
                held.acknowledged = held.heads_without_pending()?;
            }
        }
        Ok(())
    }

    fn take_item(&mut self, item: Item) -> Result<(), TabletError> {
        match item {
            Item::Changes { document, .. } if !self.is_kept(document) => {}
            Item::Snapshot { key, .. } if !self.is_kept(key.id()) => {}
            Item::Gone { document, .. } if !self.is_kept(document) => {}
            Item::Changes { document, changes, .. } => {
                let held = self.documents.get_mut(&document).ok_or(TabletError::NoDocument)?;
                let bytes: Vec<Vec<u8>> = changes.into_iter().map(|change| change.0).collect();
                held.document.apply(&bytes)?;
                if held.pending.is_empty() {
                    held.acknowledged = held.document.heads();
                }
            }
            Item::Snapshot { key, bytes, .. } => {
                let mut document = Document::load(&bytes)?;
                let acknowledged = document.heads();
                let actor = ActorId::from_bytes(self.draw());
                let pending = self.documents.remove(&key.id()).map(|held| held.pending).unwrap_or_default();
                let unsent: Vec<Vec<u8>> = pending.iter().map(|(_, bytes)| bytes.clone()).collect();
                document.apply(&unsent)?;
                let held = HeldDocument { document, acknowledged, actor, pending, known: true, key };
                self.documents.insert(held.key.id(), held);
            }
            Item::Gone { document, reason, .. } => {
                self.documents.remove(&document);
                self.gone.insert(document, reason);
            }
            Item::Member(member) => {
                self.members.insert(member.account, member.name);
            }
            Item::Status(status) => {
                self.statuses.insert(status.case, status);
            }
            Item::Alarm(alarm) => {
                self.alarms.insert(alarm.case, alarm);
            }
            Item::Held(held) => {
                if let Some(content) = &held.content {
                    self.seen_held.insert(held.held, content.clone());
                }
                self.held.insert(held.held, held);
            }
            Item::Contact { .. } => {}
            Item::Decided(decided) => {
                self.held.remove(&decided.held);
                self.decided.insert(decided.held, decided);
            }
        }
        Ok(())
    }

    /// Count and sum over what the relay has acknowledged.
    #[must_use]
    pub fn own_check(&self) -> Check {
        let mut check = RunningCheck::default();
        let key = self.check_key.unwrap_or_default();
        for (id, held) in self.documents.iter().filter(|(_, held)| held.known) {
            check.add(term(&key, *id, &held.acknowledged));
        }
        check.to_frame()
    }

    /// How many changes the relay has not acknowledged.
    #[must_use]
    pub fn unsent(&self) -> usize {
        let of = |id: &DocumentId| self.documents.get(id).map_or(0, |held| held.pending.len());
        self.waiting.iter().map(of).fold(0, usize::saturating_add)
    }

    /// Keeps only these documents from now on, of what it is given and makes: whoever writes many cases for others has no
    /// use for the rest, and no room.
    pub fn keep_only(&mut self, documents: BTreeSet<DocumentId>) {
        self.documents.retain(|id, _| documents.contains(id));
        self.keeps = Some(documents);
    }

    /// Lets go of a document for good, once nothing more is to be written into it.
    pub fn forget(&mut self, document: DocumentId) {
        self.documents.remove(&document);
        self.gone.remove(&document);
        if let Some(keeps) = &mut self.keeps {
            keeps.remove(&document);
        }
    }

    fn is_kept(&self, document: DocumentId) -> bool {
        self.keeps.as_ref().is_none_or(|keeps| keeps.contains(&document))
    }
}
