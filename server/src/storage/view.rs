//! Typed reads over one consistent state. Every method fails with the backend's [`StorageError`] and nothing else.

use std::collections::BTreeMap;

use minicbor::Decode;
use shared::id::{AccountId, ActorId, CaseId, ChangeHash, DeviceId, DocumentId, TenantId};

use super::record::{
    AccountRecord, ActorRecord, AlarmCaseRecord, AlarmRecord, AuditRecord, ChangeRecord, CheckRecord, DeviceRecord,
    DocumentRecord, EnrolCodeRecord, GrantRecord, Record, RequestRecord, RoleTermRecord, SeenRecord, SnapshotRecord,
    StatusRecord, WaitingOfferRecord,
};
use super::{Range, RawRead, StorageError, Table, key};
use crate::access_gate::{Permit, Reads};

mod evidence;
mod held;

/// Rows taken from a table at once.
const SCAN_ROWS: usize = 1000;

/// Names of single values.
pub(super) mod meta {
    pub(crate) const TENANT: &[u8] = b"tenant";
    pub(crate) const EPOCH: &[u8] = b"epoch";
    pub(crate) const POSITION: &[u8] = b"position";
    pub(crate) const CHECK_KEY: &[u8] = b"check-key";
    pub(crate) const DEVICE_NUMBER: &[u8] = b"device-number";
    pub(crate) const MEMBERS_POSITION: &[u8] = b"members-position";
    pub(crate) const CONTACTS_POSITION: &[u8] = b"contacts-position";
    pub(crate) const ROLES_POSITION: &[u8] = b"roles-position";
    pub(crate) const ENDED_POSITION: &[u8] = b"ended-position";
    pub(crate) const RECOVERY: &[u8] = b"recovery";
    pub(crate) const SYNTHETIC: &[u8] = b"synthetic";
    pub(crate) const RESTORED: &[u8] = b"restored-ms";
    pub(crate) const BROUGHT: &[u8] = b"brought/";
    pub(crate) const RESTORED_POSITION: &[u8] = b"restored-position";
    pub(crate) const GRANTS_STAMP: &[u8] = b"grants-stamp";
    pub(crate) const PACK: &[u8] = b"pack/";
}

/// What a relay is, fixed at its first start (and partly at a restore).
#[derive(Debug, Clone)]
pub struct Founding {
    /// The relay's identity.
    pub tenant: TenantId,
    /// The incarnation of the database.
    pub epoch: [u8; 8],
    /// Key of the check sum, per epoch.
    pub check_key: [u8; 16],
    /// When this incarnation began by a restore, milliseconds since 1970 UTC; none for the first.
    pub restored_ms: Option<u64>,
    /// How far the backup went from which this incarnation began: what tablets had from the one before, they had at least up
    /// to here. 0 for the first.
    pub restored_position: u64,
    /// Everything here is invented.
    pub synthetic: bool,
}

/// Typed reads.
pub struct View<'a> {
    raw: &'a mut dyn RawRead,
}

pub(super) fn decode<R: for<'b> Decode<'b, ()>>(table: Table, bytes: &[u8]) -> Result<R, StorageError> {
    minicbor::decode(bytes).map_err(|_| StorageError::Corrupt { table: table.name() })
}

fn waiting_offer(
    row_key: &[u8],
    record: WaitingOfferRecord,
) -> Result<(DeviceId, u64, WaitingOfferRecord), StorageError> {
    let parts = (key::bytes_at(row_key, 0), key::number_at(row_key, DeviceId::LEN));
    let (Some(device), Some(counter)) = parts else {
        return Err(StorageError::Corrupt { table: Table::WaitingOffer.name() });
    };
    Ok((DeviceId::from_bytes(device), counter, record))
}

fn id<T, E>(table: Table, parsed: Result<T, E>) -> Result<T, StorageError> {
    parsed.map_err(|_| StorageError::Corrupt { table: table.name() })
}

impl<'a> View<'a> {
    pub(super) const fn new(raw: &'a mut dyn RawRead) -> Self {
        Self { raw }
    }

    async fn one<R: Record>(&mut self, key: &[u8]) -> Result<Option<R>, StorageError> {
        match self.raw.get(R::TABLE, key).await? {
            Some(bytes) => decode(R::TABLE, &bytes).map(Some),
            None => Ok(None),
        }
    }

    async fn rows<R: Record>(&mut self, range: Range) -> Result<Vec<(Vec<u8>, R)>, StorageError> {
        let mut range = range;
        let mut found = Vec::new();
        loop {
            let rows = self.raw.scan(R::TABLE, &range, SCAN_ROWS).await?;
            let Some((last, _)) = rows.last() else { return Ok(found) };
            range.from = key::join(&[last, &[0]]);
            let full = rows.len() == SCAN_ROWS;
            for (row_key, value) in rows {
                found.push((row_key, decode(R::TABLE, &value)?));
            }
            if !full {
                return Ok(found);
            }
        }
    }

    async fn keys(
        &mut self,
        table: Table,
        prefix: &[u8],
        after: &[u8],
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StorageError> {
        let range = if after.is_empty() { Range::prefix(prefix) } else { Range::prefix_after(prefix, after) };
        Ok(self.raw.scan(table, &range, limit).await?.into_iter().map(|(row_key, _)| row_key).collect())
    }

    async fn meta_bytes(&mut self, name: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        self.raw.get(Table::Meta, name).await
    }

    async fn meta_number(&mut self, name: &[u8]) -> Result<u64, StorageError> {
        Ok(self.meta_bytes(name).await?.and_then(|bytes| key::number_at(&bytes, 0)).unwrap_or(0))
    }

    /// What the relay is; none before its first start.
    pub async fn founding(&mut self) -> Result<Option<Founding>, StorageError> {
        let Some(tenant) = self.meta_bytes(meta::TENANT).await? else { return Ok(None) };
        let corrupt = || StorageError::Corrupt { table: Table::Meta.name() };
        let epoch = self.meta_bytes(meta::EPOCH).await?.ok_or_else(corrupt)?;
        let check_key = self.meta_bytes(meta::CHECK_KEY).await?.ok_or_else(corrupt)?;
        Ok(Some(Founding {
            tenant: id(Table::Meta, TenantId::try_from(tenant.as_slice()))?,
            epoch: epoch.try_into().map_err(|_| corrupt())?,
            check_key: check_key.try_into().map_err(|_| corrupt())?,
            restored_ms: Some(self.meta_number(meta::RESTORED).await?).filter(|at_ms| *at_ms > 0),
            restored_position: self.meta_number(meta::RESTORED_POSITION).await?,
            synthetic: self.meta_bytes(meta::SYNTHETIC).await?.is_some(),
        }))
    }

    /// Bytes of what a device has brought back, over all restores.
    pub async fn brought_bytes(&mut self, device: DeviceId) -> Result<u64, StorageError> {
        self.meta_number(&key::join(&[meta::BROUGHT, device.as_bytes()])).await
    }

    /// The latest position given.
    pub async fn position(&mut self) -> Result<u64, StorageError> {
        self.meta_number(meta::POSITION).await
    }

    /// The position of the latest change of the member directory.
    pub async fn members_position(&mut self) -> Result<u64, StorageError> {
        self.meta_number(meta::MEMBERS_POSITION).await
    }

    /// The position at which a device's contact was noted last.
    pub async fn contacts_position(&mut self) -> Result<u64, StorageError> {
        self.meta_number(meta::CONTACTS_POSITION).await
    }

    /// The position of the latest change of accounts or roles that rights hang on.
    pub async fn roles_position(&mut self) -> Result<u64, StorageError> {
        self.meta_number(meta::ROLES_POSITION).await
    }

    /// The position at which a device was revoked or an account stopped last.
    pub async fn ended_position(&mut self) -> Result<u64, StorageError> {
        self.meta_number(meta::ENDED_POSITION).await
    }

    /// The counter of a device's last hello; 0 before the first.
    pub async fn hello_counter(&mut self, device: DeviceId) -> Result<u64, StorageError> {
        let counter = self.raw.get(Table::Hello, device.as_bytes()).await?;
        Ok(counter.and_then(|bytes| key::number_at(&bytes, 0)).unwrap_or(0))
    }

    /// The position of an account's latest grant that began or ended; 0 when none did.
    pub async fn last_grant_event(&mut self, account: AccountId) -> Result<u64, StorageError> {
        self.last_event(Table::GrantFeed, account).await
    }

    /// The position at which what an account is told of held changes last changed; 0 when it never did.
    pub async fn last_seat_event(&mut self, account: AccountId) -> Result<u64, StorageError> {
        self.last_event(Table::HeldFeed, account).await
    }

    async fn last_event(&mut self, feed: Table, account: AccountId) -> Result<u64, StorageError> {
        let last = self.raw.last(feed, &Range::prefix(account.as_bytes())).await?;
        Ok(last.and_then(|(row_key, _)| key::number_at(&row_key, AccountId::LEN)).unwrap_or(0))
    }

    /// The latest directory number given to a device.
    pub(crate) async fn device_number(&mut self) -> Result<u64, StorageError> {
        self.meta_number(meta::DEVICE_NUMBER).await
    }

    /// The office's recovery recipient, once it was set up.
    pub async fn recovery_recipient(&mut self) -> Result<Option<String>, StorageError> {
        Ok(self.meta_bytes(meta::RECOVERY).await?.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// What the grants were last computed from.
    pub async fn grants_stamp(&mut self) -> Result<Option<Vec<u8>>, StorageError> {
        self.meta_bytes(meta::GRANTS_STAMP).await
    }

    /// Every pack version this relay has run, as CBOR, oldest first.
    pub async fn packs(&mut self) -> Result<Vec<Vec<u8>>, StorageError> {
        let rows = self.raw.scan(Table::Meta, &Range::prefix(meta::PACK), SCAN_ROWS).await?;
        Ok(rows.into_iter().map(|(_, value)| value).collect())
    }

    /// One account.
    pub async fn account(&mut self, account: AccountId) -> Result<Option<AccountRecord>, StorageError> {
        self.one(account.as_bytes()).await
    }

    /// Every account.
    pub async fn accounts(&mut self) -> Result<Vec<(AccountId, AccountRecord)>, StorageError> {
        let rows = self.rows::<AccountRecord>(Range::prefix(&[])).await?;
        rows.into_iter()
            .map(|(row_key, record)| Ok((id(Table::Account, AccountId::try_from(row_key.as_slice()))?, record)))
            .collect()
    }

    /// The account of a sign-in name, by the name's hash.
    pub async fn account_of_login(&mut self, login_hash: &[u8; 16]) -> Result<Option<AccountId>, StorageError> {
        let found = self.raw.get(Table::AccountName, login_hash).await?;
        found.map(|bytes| id(Table::AccountName, AccountId::try_from(bytes.as_slice()))).transpose()
    }

    /// Every role term of an account, ended and superseded ones too.
    pub async fn role_terms(&mut self, account: AccountId) -> Result<Vec<(u64, RoleTermRecord)>, StorageError> {
        let rows = self.rows::<RoleTermRecord>(Range::prefix(account.as_bytes())).await?;
        Ok(rows.into_iter().filter_map(|(row_key, record)| Some((key::number_at(&row_key, 16)?, record))).collect())
    }

    /// An enrolment code, by its hash.
    pub async fn enrol_code(&mut self, code_hash: &[u8; 32]) -> Result<Option<EnrolCodeRecord>, StorageError> {
        self.one(code_hash).await
    }

    /// One device.
    pub async fn device(&mut self, device: DeviceId) -> Result<Option<DeviceRecord>, StorageError> {
        self.one(device.as_bytes()).await
    }

    /// The device that holds a key.
    pub async fn device_of_key(&mut self, public_key: &[u8; 32]) -> Result<Option<DeviceId>, StorageError> {
        let found = self.raw.get(Table::DeviceKey, public_key).await?;
        found.map(|bytes| id(Table::DeviceKey, DeviceId::try_from(bytes.as_slice()))).transpose()
    }

    /// Every device.
    pub async fn devices(&mut self) -> Result<Vec<(DeviceId, DeviceRecord)>, StorageError> {
        let rows = self.rows::<DeviceRecord>(Range::prefix(&[])).await?;
        rows.into_iter()
            .map(|(row_key, record)| Ok((id(Table::Device, DeviceId::try_from(row_key.as_slice()))?, record)))
            .collect()
    }

    /// A device's last request.
    pub async fn request(&mut self, device: DeviceId) -> Result<Option<RequestRecord>, StorageError> {
        self.one(device.as_bytes()).await
    }

    /// What a device told of what was seen there.
    pub async fn seen(&mut self, device: DeviceId) -> Result<Option<SeenRecord>, StorageError> {
        self.one(device.as_bytes()).await
    }

    /// Every offer that waits, oldest counter of a device first.
    pub async fn waiting_offers(&mut self) -> Result<Vec<(DeviceId, u64, WaitingOfferRecord)>, StorageError> {
        let rows = self.rows::<WaitingOfferRecord>(Range::prefix(&[])).await?;
        rows.into_iter().map(|(row_key, record)| waiting_offer(&row_key, record)).collect()
    }

    /// How many bytes of a device's offers wait.
    pub async fn waiting_bytes(&mut self, device: DeviceId) -> Result<u64, StorageError> {
        let rows = self.rows::<WaitingOfferRecord>(Range::prefix(device.as_bytes())).await?;
        Ok(rows.iter().map(|(_, record)| record.bytes).fold(0, u64::saturating_add))
    }

    /// An upload of which something waits, sealed as it came.
    pub async fn waiting_upload(&mut self, device: DeviceId, counter: u64) -> Result<Option<Vec<u8>>, StorageError> {
        self.raw.get(Table::WaitingUpload, &key::join(&[device.as_bytes(), &counter.to_be_bytes()])).await
    }

    /// A device's copy of the recovery slot.
    pub async fn slot(&mut self, device: DeviceId) -> Result<Option<Vec<u8>>, StorageError> {
        self.raw.get(Table::Slot, device.as_bytes()).await
    }

    /// A document's header.
    pub async fn document(&mut self, document: DocumentId) -> Result<Option<DocumentRecord>, StorageError> {
        self.one(document.as_bytes()).await
    }

    /// The headers of all documents.
    pub async fn all_documents(&mut self) -> Result<Vec<(DocumentId, DocumentRecord)>, StorageError> {
        let rows = self.rows::<DocumentRecord>(Range::prefix(&[])).await?;
        rows.into_iter()
            .map(|(row_key, record)| Ok((id(Table::Document, DocumentId::try_from(row_key.as_slice()))?, record)))
            .collect()
    }

    /// The headers of several documents.
    pub async fn documents(
        &mut self,
        documents: &[DocumentId],
    ) -> Result<BTreeMap<DocumentId, DocumentRecord>, StorageError> {
        let keys: Vec<Vec<u8>> = documents.iter().map(|document| document.as_bytes().to_vec()).collect();
        self.many(&keys).await
    }

    async fn many<R: Record>(&mut self, keys: &[Vec<u8>]) -> Result<BTreeMap<DocumentId, R>, StorageError> {
        let rows = self.raw.get_many(R::TABLE, keys).await?;
        rows.into_iter()
            .map(|(row_key, value)| {
                // The document stands last in every key asked for here.
                let tail = row_key
                    .len()
                    .checked_sub(DocumentId::LEN)
                    .and_then(|start| row_key.get(start..))
                    .unwrap_or_default();
                Ok((id(R::TABLE, DocumentId::try_from(tail))?, decode(R::TABLE, &value)?))
            })
            .collect()
    }

    /// The documents of a case.
    pub async fn case_documents(&mut self, case: CaseId) -> Result<Vec<DocumentId>, StorageError> {
        let rows = self.keys(Table::CaseDocument, case.as_bytes(), &[], usize::MAX).await?;
        Ok(rows.iter().filter_map(|row_key| key::bytes_at(row_key, 16)).map(DocumentId::from_bytes).collect())
    }

    /// At most `limit` cases after `after`, ascending.
    pub async fn cases(&mut self) -> Result<Vec<CaseId>, StorageError> {
        let mut cases = Vec::new();
        let mut after = Vec::new();
        loop {
            let rows = self.keys(Table::CaseDocument, &[], &after, SCAN_ROWS).await?;
            let Some(last) = rows.last() else { return Ok(cases) };
            after.clone_from(last);
            cases.extend(rows.iter().filter_map(|row_key| key::bytes_at(row_key, 0)).map(CaseId::from_bytes));
            cases.dedup();
        }
    }

    /// Documents whose latest change came after `position`, oldest first: position and document.
    pub async fn changed_after(&mut self, position: u64, limit: usize) -> Result<Vec<(u64, DocumentId)>, StorageError> {
        let range = Range::prefix_after(&[], &position.to_be_bytes());
        let rows = self.raw.scan(Table::DocumentFeed, &range, limit).await?;
        rows.into_iter()
            .map(|(row_key, value)| {
                let position = key::number_at(&row_key, 0).unwrap_or(0);
                Ok((position, id(Table::DocumentFeed, DocumentId::try_from(value.as_slice()))?))
            })
            .collect()
    }

    /// Accepted changes of a document after `position`, in order: position and change.
    pub async fn changes_after<A: Reads>(
        &mut self,
        permit: &Permit<A>,
        position: u64,
    ) -> Result<Vec<(u64, ChangeRecord)>, StorageError> {
        let document = permit.document();
        let after = key::join(&[document.as_bytes(), &position.to_be_bytes()]);
        let rows = self.rows::<ChangeRecord>(Range::prefix_after(document.as_bytes(), &after)).await?;
        Ok(rows.into_iter().filter_map(|(row_key, record)| Some((key::number_at(&row_key, 16)?, record))).collect())
    }

    /// The position of an accepted change.
    pub async fn change_position(
        &mut self,
        document: DocumentId,
        hash: ChangeHash,
    ) -> Result<Option<u64>, StorageError> {
        let found = self.raw.get(Table::ChangeHash, &key::join(&[document.as_bytes(), hash.as_bytes()])).await?;
        Ok(found.and_then(|bytes| key::number_at(&bytes, 0)))
    }

    /// The greatest operation counter of an accepted change.
    pub async fn change_max_op(&mut self, document: DocumentId, hash: ChangeHash) -> Result<Option<u64>, StorageError> {
        let found = self.raw.get(Table::ChangeHash, &key::join(&[document.as_bytes(), hash.as_bytes()])).await?;
        Ok(found.and_then(|bytes| key::number_at(&bytes, 8)))
    }

    /// One accepted change.
    pub async fn change<A: Reads>(
        &mut self,
        permit: &Permit<A>,
        hash: ChangeHash,
    ) -> Result<Option<ChangeRecord>, StorageError> {
        match self.change_position(permit.document(), hash).await? {
            Some(position) => self.one(&key::join(&[permit.document().as_bytes(), &position.to_be_bytes()])).await,
            None => Ok(None),
        }
    }

    /// A document's snapshot.
    pub async fn snapshot<A: Reads>(&mut self, permit: &Permit<A>) -> Result<Option<SnapshotRecord>, StorageError> {
        self.one(permit.document().as_bytes()).await
    }

    /// The snapshots of several documents.
    pub async fn snapshots<A: Reads>(
        &mut self,
        permits: &[Permit<A>],
    ) -> Result<BTreeMap<DocumentId, SnapshotRecord>, StorageError> {
        let keys: Vec<Vec<u8>> = permits.iter().map(|permit| permit.document().as_bytes().to_vec()).collect();
        self.many(&keys).await
    }

    /// Whom an actor is bound to.
    pub async fn actor(&mut self, document: DocumentId, actor: ActorId) -> Result<Option<ActorRecord>, StorageError> {
        self.one(&key::join(&[document.as_bytes(), actor.as_bytes()])).await
    }

    /// One grant, in force or ended.
    pub async fn grant(
        &mut self,
        account: AccountId,
        document: DocumentId,
    ) -> Result<Option<GrantRecord>, StorageError> {
        self.one(&key::join(&[account.as_bytes(), document.as_bytes()])).await
    }

    /// An account's grants on several documents.
    pub async fn grants_on(
        &mut self,
        account: AccountId,
        documents: &[DocumentId],
    ) -> Result<BTreeMap<DocumentId, GrantRecord>, StorageError> {
        let keys: Vec<Vec<u8>> =
            documents.iter().map(|document| key::join(&[account.as_bytes(), document.as_bytes()])).collect();
        self.many(&keys).await
    }

    /// Every grant of an account, ended ones too.
    pub async fn grants(&mut self, account: AccountId) -> Result<Vec<(DocumentId, GrantRecord)>, StorageError> {
        let rows = self.rows::<GrantRecord>(Range::prefix(account.as_bytes())).await?;
        Ok(rows
            .into_iter()
            .filter_map(|(row_key, record)| Some((DocumentId::from_bytes(key::bytes_at(&row_key, 16)?), record)))
            .collect())
    }

    /// The accounts that hold a grant in force on a document.
    pub async fn holders(&mut self, document: DocumentId) -> Result<Vec<AccountId>, StorageError> {
        let rows = self.keys(Table::GrantDocument, document.as_bytes(), &[], usize::MAX).await?;
        Ok(rows.iter().filter_map(|row_key| key::bytes_at(row_key, 16)).map(AccountId::from_bytes).collect())
    }

    /// Grant events of an account after `position`, oldest first: position and document.
    pub async fn grant_events(
        &mut self,
        account: AccountId,
        position: u64,
        limit: usize,
    ) -> Result<Vec<(u64, DocumentId)>, StorageError> {
        // Everything at `position` itself is known already, whatever document follows.
        let next = position.saturating_add(1).to_be_bytes();
        let range = Range { from: key::join(&[account.as_bytes(), &next]), to: key::after_prefix(account.as_bytes()) };
        let rows = self.raw.scan(Table::GrantFeed, &range, limit).await?;
        Ok(rows
            .iter()
            .filter_map(|(row_key, _)| {
                Some((key::number_at(row_key, 16)?, DocumentId::from_bytes(key::bytes_at(row_key, 24)?)))
            })
            .collect())
    }

    /// Count and sum over what an account may see.
    pub async fn check(&mut self, account: AccountId) -> Result<CheckRecord, StorageError> {
        Ok(self.one(account.as_bytes()).await?.unwrap_or_default())
    }

    /// One report status of an account.
    pub async fn status(&mut self, account: AccountId, case: CaseId) -> Result<Option<StatusRecord>, StorageError> {
        self.one(&key::join(&[account.as_bytes(), case.as_bytes()])).await
    }

    /// Every report status of an account: the row's key and the status.
    pub async fn statuses(&mut self, account: AccountId) -> Result<Vec<(Vec<u8>, StatusRecord)>, StorageError> {
        self.rows(Range::prefix(account.as_bytes())).await
    }

    /// What an account is told of the danger in a case.
    pub async fn alarm(&mut self, account: AccountId, case: CaseId) -> Result<Option<AlarmRecord>, StorageError> {
        self.one(&key::join(&[account.as_bytes(), case.as_bytes()])).await
    }

    /// Everything an account is told of dangers: the row's key and what.
    pub async fn alarms(&mut self, account: AccountId) -> Result<Vec<(Vec<u8>, AlarmRecord)>, StorageError> {
        self.rows(Range::prefix(account.as_bytes())).await
    }

    /// The danger that waits for somebody in a case.
    pub async fn alarm_case(&mut self, case: CaseId) -> Result<Option<AlarmCaseRecord>, StorageError> {
        self.one(case.as_bytes()).await
    }

    /// Every danger that waits for somebody.
    pub async fn alarm_cases(&mut self) -> Result<Vec<(CaseId, AlarmCaseRecord)>, StorageError> {
        let rows = self.rows::<AlarmCaseRecord>(Range::prefix(&[])).await?;
        rows.into_iter()
            .map(|(row_key, record)| Ok((id(Table::AlarmCase, CaseId::try_from(row_key.as_slice()))?, record)))
            .collect()
    }

    /// The last entry of the audit log, with its number.
    pub async fn last_audit(&mut self) -> Result<Option<(u64, Vec<u8>)>, StorageError> {
        let last = self.raw.last(Table::Audit, &Range::prefix(&[])).await?;
        Ok(last.and_then(|(row_key, value)| Some((key::number_at(&row_key, 0)?, value))))
    }

    /// Every entry of the audit log, as it is chained.
    pub async fn audit(&mut self) -> Result<Vec<AuditRecord>, StorageError> {
        let rows = self.rows(Range::prefix(&[])).await?;
        Ok(rows.into_iter().map(|(_, record)| record).collect())
    }
}
