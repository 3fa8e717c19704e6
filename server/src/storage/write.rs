//! Typed writes of the one writing transaction. Every method fails with the backend's [`StorageError`] and nothing else.

use std::collections::BTreeMap;

use shared::id::{AccountId, ActorId, CaseId, DeviceId, DocumentId};
use shared::protocol::frame::GoneReason;
use shared::sync::check::{RunningCheck, term};

use super::record::{
    AccountRecord, ActorRecord, AlarmCaseRecord, AlarmRecord, AuditRecord, ChangeRecord, CheckRecord, DeviceRecord,
    DocumentRecord, EnrolCodeRecord, GrantRecord, Record, RequestRecord, RoleTermRecord, SeenRecord, SignatureRecord,
    SnapshotRecord, StatusRecord, WaitingOfferRecord,
};
use super::view::{Founding, meta};
use super::{RawRead, RawWrite, StorageError, Table, View, key};
use crate::access_gate::{Append, Permit};

mod evidence;
mod held;

/// A reading transaction: one consistent state.
pub struct ReadTx {
    raw: Box<dyn RawRead>,
}

impl ReadTx {
    pub(super) fn new(raw: Box<dyn RawRead>) -> Self {
        Self { raw }
    }

    /// Typed reads.
    pub fn view(&mut self) -> View<'_> {
        View::new(self.raw.as_mut())
    }
}

/// The writing transaction. Dropping it undoes everything.
pub struct WriteTx {
    raw: Box<dyn RawWrite>,
}

fn encode<R: Record>(record: &R) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    // Writing to a vector cannot fail.
    let _ = minicbor::encode(record, &mut bytes);
    bytes
}

impl WriteTx {
    pub(super) fn new(raw: Box<dyn RawWrite>) -> Self {
        Self { raw }
    }

    /// Typed reads, its own writes included.
    pub fn view(&mut self) -> View<'_> {
        let raw: &mut dyn RawRead = self.raw.as_mut();
        View::new(raw)
    }

    /// Makes everything durable: when it returns, the writes are on stable storage.
    pub async fn commit(self) -> Result<(), StorageError> {
        self.raw.commit().await
    }

    async fn put<R: Record>(&mut self, row_key: &[u8], record: &R) -> Result<(), StorageError> {
        self.raw.put(R::TABLE, row_key, &encode(record)).await
    }

    async fn put_number(&mut self, name: &[u8], number: u64) -> Result<(), StorageError> {
        self.raw.put(Table::Meta, name, &number.to_be_bytes()).await
    }

    /// Writes down what the relay is.
    pub async fn found(&mut self, founding: &Founding) -> Result<(), StorageError> {
        self.raw.put(Table::Meta, meta::TENANT, founding.tenant.as_bytes()).await?;
        self.raw.put(Table::Meta, meta::EPOCH, &founding.epoch).await?;
        self.raw.put(Table::Meta, meta::CHECK_KEY, &founding.check_key).await?;
        if let Some(at_ms) = founding.restored_ms {
            self.put_number(meta::RESTORED, at_ms).await?;
            self.put_number(meta::RESTORED_POSITION, founding.restored_position).await?;
        }
        if founding.synthetic {
            self.raw.put(Table::Meta, meta::SYNTHETIC, &[1]).await?;
        }
        Ok(())
    }

    /// Begins another incarnation of the database, as a restore does: every check sum is computed anew under its key, by
    /// which a tablet knows it, whatever it last had from the one before.
    pub async fn begin_epoch(&mut self, epoch: [u8; 8], check_key: [u8; 16], now_ms: u64) -> Result<(), StorageError> {
        let founding = self.view().founding().await?.ok_or(StorageError::Corrupt { table: Table::Meta.name() })?;
        let restored_position = self.view().position().await?;
        let founding = Founding { epoch, check_key, restored_ms: Some(now_ms), restored_position, ..founding };
        self.found(&founding).await?;
        let documents = self.view().all_documents().await?;
        let mut terms = BTreeMap::new();
        for (id, record) in documents {
            let term = term(&check_key, id, &record.heads);
            terms.insert(id, term);
            self.put(id.as_bytes(), &DocumentRecord { term: term.to_le_bytes(), ..record }).await?;
        }
        let accounts = self.view().accounts().await?;
        for (account, _) in accounts {
            let mut check = RunningCheck::default();
            let grants = self.view().grants(account).await?;
            for (document, _) in grants.iter().filter(|(_, grant)| grant.in_force()) {
                if let Some(term) = terms.get(document) {
                    check.add(*term);
                }
            }
            let record = self.view().check(account).await?;
            self.put(account.as_bytes(), &CheckRecord { check: check.to_frame(), ..record }).await?;
        }
        Ok(())
    }

    /// Takes the next position. Positions are part of the transaction, so a reader never sees a later one first.
    pub async fn next_position(&mut self) -> Result<u64, StorageError> {
        let next = self.view().position().await?.saturating_add(1);
        self.put_number(meta::POSITION, next).await?;
        Ok(next)
    }

    /// Takes the next directory number of a device.
    pub async fn next_device_number(&mut self) -> Result<u32, StorageError> {
        let next = self.view().device_number().await?.saturating_add(1);
        self.put_number(meta::DEVICE_NUMBER, next).await?;
        u32::try_from(next).map_err(|_| StorageError::Corrupt { table: Table::Meta.name() })
    }

    /// Keeps a pack version this relay runs.
    pub async fn put_pack(&mut self, version: u32, cbor: &[u8]) -> Result<(), StorageError> {
        self.raw.put(Table::Meta, &key::join(&[meta::PACK, &version.to_be_bytes()]), cbor).await
    }

    /// Sets the office's recovery recipient.
    pub async fn put_recovery_recipient(&mut self, recipient: &str) -> Result<(), StorageError> {
        self.raw.put(Table::Meta, meta::RECOVERY, recipient.as_bytes()).await
    }

    /// Remembers what the grants were computed from.
    pub async fn put_grants_stamp(&mut self, stamp: &[u8]) -> Result<(), StorageError> {
        self.raw.put(Table::Meta, meta::GRANTS_STAMP, stamp).await
    }

    /// Keeps an account and tells the directory.
    pub async fn put_account(&mut self, account: AccountId, record: &AccountRecord) -> Result<(), StorageError> {
        self.put(account.as_bytes(), record).await?;
        self.put_number(meta::MEMBERS_POSITION, record.position).await
    }

    /// Notes the position at which a device's contact was noted.
    pub async fn put_contacts_position(&mut self, position: u64) -> Result<(), StorageError> {
        self.put_number(meta::CONTACTS_POSITION, position).await
    }

    /// Notes that rights may have changed.
    pub async fn put_roles_position(&mut self, position: u64) -> Result<(), StorageError> {
        self.put_number(meta::ROLES_POSITION, position).await
    }

    /// Notes the position at which a device was revoked or an account stopped.
    pub async fn put_ended_position(&mut self, position: u64) -> Result<(), StorageError> {
        self.put_number(meta::ENDED_POSITION, position).await
    }

    /// Uses the counter of a hello up.
    pub async fn put_hello_counter(&mut self, device: DeviceId, counter: u64) -> Result<(), StorageError> {
        self.raw.put(Table::Hello, device.as_bytes(), &counter.to_be_bytes()).await
    }

    /// Binds a sign-in name, by its hash, to an account.
    pub async fn put_login(&mut self, login_hash: &[u8; 16], account: AccountId) -> Result<(), StorageError> {
        self.raw.put(Table::AccountName, login_hash, account.as_bytes()).await
    }

    /// Keeps a role term, under the position at which it was first known.
    pub async fn put_role_term(
        &mut self,
        account: AccountId,
        place: u64,
        record: &RoleTermRecord,
    ) -> Result<(), StorageError> {
        self.put(&key::join(&[account.as_bytes(), &place.to_be_bytes()]), record).await
    }

    /// Keeps an enrolment code, by its hash.
    pub async fn put_enrol_code(&mut self, code_hash: &[u8; 32], record: &EnrolCodeRecord) -> Result<(), StorageError> {
        self.put(code_hash, record).await
    }

    /// Keeps a device and what finds it.
    pub async fn put_device(&mut self, device: DeviceId, record: &DeviceRecord) -> Result<(), StorageError> {
        self.put(device.as_bytes(), record).await?;
        self.raw.put(Table::DeviceNumber, &record.number.to_be_bytes(), device.as_bytes()).await?;
        self.raw.put(Table::DeviceKey, &record.public_key, device.as_bytes()).await
    }

    /// Keeps how much a device has brought back.
    pub async fn put_brought_bytes(&mut self, device: DeviceId, bytes: u64) -> Result<(), StorageError> {
        self.put_number(&key::join(&[meta::BROUGHT, device.as_bytes()]), bytes).await
    }

    /// Keeps a device's last request.
    pub async fn put_request(&mut self, device: DeviceId, record: &RequestRecord) -> Result<(), StorageError> {
        self.put(device.as_bytes(), record).await
    }

    /// Keeps what a device told of what was seen there.
    pub async fn put_seen(&mut self, device: DeviceId, record: &SeenRecord) -> Result<(), StorageError> {
        self.put(device.as_bytes(), record).await
    }

    /// Keeps an upload of which something waits, sealed as it came, and what of it.
    pub async fn put_waiting_upload(
        &mut self,
        device: DeviceId,
        counter: u64,
        record: &WaitingOfferRecord,
        sealed: &[u8],
    ) -> Result<(), StorageError> {
        let row_key = key::join(&[device.as_bytes(), &counter.to_be_bytes()]);
        self.raw.put(Table::WaitingUpload, &row_key, sealed).await?;
        self.put(&row_key, record).await
    }

    /// Notes what of an offer waits still.
    pub async fn put_waiting_offer(
        &mut self,
        device: DeviceId,
        counter: u64,
        record: &WaitingOfferRecord,
    ) -> Result<(), StorageError> {
        self.put(&key::join(&[device.as_bytes(), &counter.to_be_bytes()]), record).await
    }

    /// Forgets an offer that came to rest.
    pub async fn drop_waiting_offer(&mut self, device: DeviceId, counter: u64) -> Result<(), StorageError> {
        let row_key = key::join(&[device.as_bytes(), &counter.to_be_bytes()]);
        self.raw.delete(Table::WaitingUpload, &row_key).await?;
        self.raw.delete(Table::WaitingOffer, &row_key).await
    }

    /// Keeps a copy of a device's recovery slot.
    pub async fn put_slot(&mut self, device: DeviceId, slot: &[u8]) -> Result<(), StorageError> {
        self.raw.put(Table::Slot, device.as_bytes(), slot).await
    }

    /// Keeps a document's header and moves its place in the feed.
    pub async fn put_document(
        &mut self,
        permit: &Permit<Append>,
        before: Option<&DocumentRecord>,
        record: &DocumentRecord,
    ) -> Result<(), StorageError> {
        let document = permit.document();
        if let Some(before) = before {
            self.raw.delete(Table::DocumentFeed, &before.last_position.to_be_bytes()).await?;
        } else {
            let place = key::join(&[record.key.case.as_bytes(), document.as_bytes()]);
            self.raw.put(Table::CaseDocument, &place, &[]).await?;
        }
        self.raw.put(Table::DocumentFeed, &record.last_position.to_be_bytes(), document.as_bytes()).await?;
        self.put(document.as_bytes(), record).await
    }

    /// Appends an accepted change to the log.
    pub async fn append_change(
        &mut self,
        permit: &Permit<Append>,
        position: u64,
        record: &ChangeRecord,
    ) -> Result<(), StorageError> {
        let document = permit.document();
        let found = key::join(&[document.as_bytes(), record.hash.as_bytes()]);
        let place = key::join(&[&position.to_be_bytes(), &record.max_op.to_be_bytes()]);
        self.raw.put(Table::ChangeHash, &found, &place).await?;
        self.put(&key::join(&[document.as_bytes(), &position.to_be_bytes()]), record).await
    }

    /// Replaces a document's snapshot.
    pub async fn put_snapshot(&mut self, permit: &Permit<Append>, record: &SnapshotRecord) -> Result<(), StorageError> {
        self.put(permit.document().as_bytes(), record).await
    }

    /// Keeps the signature that binds changes to their document.
    pub async fn put_signature(
        &mut self,
        document: DocumentId,
        device: DeviceId,
        counter: u64,
        record: &SignatureRecord,
    ) -> Result<(), StorageError> {
        self.put(&key::join(&[document.as_bytes(), device.as_bytes(), &counter.to_be_bytes()]), record).await
    }

    /// Binds an actor to a device, or moves its sequence number on.
    pub async fn put_actor(
        &mut self,
        document: DocumentId,
        actor: ActorId,
        record: &ActorRecord,
    ) -> Result<(), StorageError> {
        self.put(&key::join(&[document.as_bytes(), actor.as_bytes()]), record).await
    }

    /// Grants a document from `position` on and counts it into the account's check.
    pub async fn grant(
        &mut self,
        account: AccountId,
        document: DocumentId,
        position: u64,
        term: u128,
    ) -> Result<(), StorageError> {
        let again = self.view().grant(account, document).await?.map(|_| true);
        let record = GrantRecord { granted: position, revoked: None, reason: None, again, ended_ms: None };
        self.put_grant(account, document, position, &record).await?;
        self.raw.put(Table::GrantDocument, &key::join(&[document.as_bytes(), account.as_bytes()]), &[]).await?;
        self.move_check(account, |check| check.add(term)).await
    }

    /// Ends a grant at `position` and counts the document out of the account's check.
    pub async fn end_grant(
        &mut self,
        account: AccountId,
        document: DocumentId,
        before: &GrantRecord,
        (position, reason, ended_ms): (u64, GoneReason, u64),
        term: u128,
    ) -> Result<(), StorageError> {
        let record = GrantRecord { revoked: Some(position), reason: Some(reason), ended_ms: Some(ended_ms), ..*before };
        self.put_grant(account, document, position, &record).await?;
        self.raw.delete(Table::GrantDocument, &key::join(&[document.as_bytes(), account.as_bytes()])).await?;
        self.move_check(account, |check| check.remove(term)).await
    }

    async fn put_grant(
        &mut self,
        account: AccountId,
        document: DocumentId,
        position: u64,
        record: &GrantRecord,
    ) -> Result<(), StorageError> {
        let event = key::join(&[account.as_bytes(), &position.to_be_bytes(), document.as_bytes()]);
        self.raw.put(Table::GrantFeed, &event, &encode(record)).await?;
        self.put(&key::join(&[account.as_bytes(), document.as_bytes()]), record).await
    }

    /// Moves an account's check over a document that changed.
    pub async fn move_term(&mut self, account: AccountId, old: u128, new: u128) -> Result<(), StorageError> {
        self.move_check(account, |check| {
            check.remove(old);
            check.add(new);
        })
        .await
    }

    async fn move_check(
        &mut self,
        account: AccountId,
        step: impl FnOnce(&mut RunningCheck) + Send,
    ) -> Result<(), StorageError> {
        let record = self.view().check(account).await?;
        let mut check = RunningCheck::from_frame(record.check);
        step(&mut check);
        self.put(account.as_bytes(), &CheckRecord { check: check.to_frame(), ..record }).await
    }

    /// Keeps the status of a handed-over report for its author.
    pub async fn put_status(
        &mut self,
        account: AccountId,
        case: CaseId,
        record: &StatusRecord,
    ) -> Result<(), StorageError> {
        self.put(&key::join(&[account.as_bytes(), case.as_bytes()]), record).await?;
        let check = self.view().check(account).await?;
        self.put(account.as_bytes(), &CheckRecord { status_position: record.position, ..check }).await
    }

    /// Keeps what an account is told of the danger in a case.
    pub async fn put_alarm(
        &mut self,
        account: AccountId,
        case: CaseId,
        record: &AlarmRecord,
    ) -> Result<(), StorageError> {
        self.put(&key::join(&[account.as_bytes(), case.as_bytes()]), record).await?;
        let check = self.view().check(account).await?;
        self.put(account.as_bytes(), &CheckRecord { alarm_position: record.position, ..check }).await
    }

    /// Notes that a danger waits for somebody.
    pub async fn put_alarm_case(&mut self, case: CaseId, record: &AlarmCaseRecord) -> Result<(), StorageError> {
        self.put(case.as_bytes(), record).await
    }

    /// Notes that no danger waits in a case any more.
    pub async fn drop_alarm_case(&mut self, case: CaseId) -> Result<(), StorageError> {
        self.raw.delete(Table::AlarmCase, case.as_bytes()).await
    }

    /// Appends to the audit log; called by [`crate::audit`] alone, which chains the entries.
    pub(crate) async fn put_audit(&mut self, number: u64, record: &AuditRecord) -> Result<(), StorageError> {
        self.put(&number.to_be_bytes(), record).await
    }
}
