//! Accounts as access sees them, and the packs this relay has run.

use std::sync::{Arc, Mutex, PoisonError};

use shared::access::held::keeps_register;
use shared::access::{AccountStatus, Actor, RoleTerm};
use shared::date::CivilDate;
use shared::id::{AccountId, DeviceId};
use shared::pack::Pack;
use shared::protocol::frame::Member;

use super::work::Work;
use super::{Relay, RelayError};
use crate::storage::record::{DeviceRecord, Profile, RoleTermRecord};
use crate::storage::{Storage, StorageError, Table, View};

/// An account that administration adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Sign-in name, used by administration only.
    pub login: String,
    /// Name as the secretariat writes it.
    pub name: String,
    /// Unit key of the pack.
    pub unit: String,
    /// Office key of the pack, if any.
    pub office: Option<String>,
    /// Role codes, in force from `from` on.
    pub roles: Vec<String>,
    /// First day of the roles.
    pub from: CivilDate,
    /// Last day of the roles.
    pub to: Option<CivilDate>,
}

/// The packs a relay has run: changes made under any of them are understood.
pub struct Packs {
    newest_first: Vec<Arc<Pack>>,
}

impl Packs {
    /// Keeps the pack in force among those run before.
    pub(super) async fn open(storage: &Storage, current: Pack) -> Result<Self, RelayError> {
        let cbor = current.to_cbor()?;
        let mut stored = Vec::new();
        for bytes in storage.read().await?.view().packs().await? {
            stored.push(Pack::from_cbor(&bytes)?);
        }
        let known = stored.contains(&current);
        if !known {
            let mut tx = storage.write().await?;
            tx.put_pack(current.version, &cbor).await?;
            tx.commit().await?;
        }
        stored.retain(|pack| pack.version != current.version);
        stored.sort_by_key(|pack| core::cmp::Reverse(pack.version));
        let newest_first = core::iter::once(current).chain(stored).map(Arc::new).collect();
        Ok(Self { newest_first })
    }

    /// The pack in force.
    #[must_use]
    pub fn current(&self) -> Option<&Arc<Pack>> {
        self.newest_first.first()
    }

    /// Every pack, the one in force first.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Pack>> {
        self.newest_first.iter()
    }

    /// The version in force.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.current().map_or(0, |pack| pack.version)
    }

    /// The civil date at a moment, in the pack's zone.
    #[must_use]
    pub fn date_at(&self, now_ms: u64) -> CivilDate {
        let offset = self.current().map_or(0, |pack| pack.zone.offset_minutes);
        CivilDate::at(i64::try_from(now_ms).unwrap_or(i64::MAX), offset)
    }
}

/// An account with everything it ever was.
#[derive(Debug, Clone)]
pub(super) struct KnownAccount {
    pub(super) account: AccountId,
    pub(super) profile: Profile,
    pub(super) active: bool,
    pub(super) terms: Vec<RoleTermRecord>,
}

impl KnownAccount {
    /// The account as it is now.
    pub(super) fn now(&self) -> Actor {
        self.actor(|term| term.known_to.is_none(), self.active)
    }

    /// The account as the relay knew it at a position.
    pub(super) fn at(&self, position: u64) -> Actor {
        // What an account may do ends with its roles and its devices, so it counts as working then.
        self.actor(|term| term.known_from <= position && term.known_to.is_none_or(|end| position < end), true)
    }

    /// The last day on which any of the roles known now holds; none where one has no end.
    fn until_day(&self) -> Option<i64> {
        let terms = self.terms.iter().filter(|term| term.known_to.is_none());
        terms.map(|term| term.to_day).collect::<Option<Vec<i64>>>()?.into_iter().max()
    }

    /// The first day on which any of the roles known now holds.
    fn first_day(&self) -> Option<i64> {
        self.terms.iter().filter(|term| term.known_to.is_none()).map(|term| term.from_day).min()
    }

    fn actor(&self, known: impl Fn(&RoleTermRecord) -> bool, active: bool) -> Actor {
        Actor {
            account: self.account,
            office: self.profile.office.clone(),
            status: if active { AccountStatus::Active } else { AccountStatus::Stopped },
            roles: self.terms.iter().filter(|term| known(term)).map(role_term).collect(),
        }
    }
}

fn role_term(record: &RoleTermRecord) -> RoleTerm {
    RoleTerm {
        role: record.role.clone(),
        unit: record.unit.clone(),
        from: CivilDate::from_days(record.from_day),
        to: record.to_day.map(CivilDate::from_days),
    }
}

/// Every account, kept until the directory changes.
#[derive(Default)]
pub(super) struct Cache {
    known: Mutex<Option<(u64, Arc<Vec<KnownAccount>>)>>,
}

impl Relay {
    /// Every account, as of the transaction that asks.
    pub(super) async fn accounts(&self, view: &mut View<'_>) -> Result<Arc<Vec<KnownAccount>>, RelayError> {
        let position = view.members_position().await?;
        if let Some((kept, known)) = &*self.members.known.lock().unwrap_or_else(PoisonError::into_inner)
            && *kept == position
        {
            return Ok(Arc::clone(known));
        }
        let mut known = Vec::new();
        for (account, record) in view.accounts().await? {
            let profile = self.open_profile(account, &record.sealed_profile)?;
            let terms = view.role_terms(account).await?.into_iter().map(|(_, term)| term).collect();
            known.push(KnownAccount { account, profile, active: record.active, terms });
        }
        let known = Arc::new(known);
        *self.members.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((position, Arc::clone(&known)));
        Ok(known)
    }

    /// The member directory.
    pub(crate) async fn members(&self, view: &mut View<'_>) -> Result<Vec<Member>, RelayError> {
        let devices = view.devices().await?;
        let accounts = self.accounts(view).await?;
        let mut members = Vec::with_capacity(accounts.len());
        for known in accounts.iter() {
            let mut own = Vec::new();
            for (id, device) in devices.iter().filter(|(_, device)| device.account == known.account) {
                let name = self.sealer.open_record(Table::Device, id.as_bytes(), &device.sealed_name)?;
                own.push((device.number, String::from_utf8_lossy(&name).into_owned()));
            }
            own.sort_by_key(|(number, _)| *number);
            let mut roles: Vec<String> = known.now().roles.into_iter().map(|term| term.role).collect();
            roles.sort();
            roles.dedup();
            members.push(Member {
                account: known.account,
                name: known.profile.name.clone(),
                unit: known.profile.unit.clone(),
                roles,
                active: known.active,
                devices: own,
                office: known.profile.office.clone(),
                until_day: known.until_day(),
                from_day: known.first_day(),
            });
        }
        Ok(members)
    }

    /// Notes the first contact of a device on a day; every other one of that day costs nothing.
    pub(super) async fn note_contact(
        &self,
        work: &mut Work,
        id: DeviceId,
        device: DeviceRecord,
        now_ms: u64,
    ) -> Result<DeviceRecord, RelayError> {
        let day = self.packs.date_at(now_ms).days();
        if device.contact.is_some_and(|(last, _)| last >= day) {
            return Ok(device);
        }
        let position = work.tx.next_position().await?;
        let device = DeviceRecord { contact: Some((day, position)), ..device };
        work.tx.put_device(id, &device).await?;
        work.tx.put_contacts_position(position).await?;
        Ok(device)
    }

    /// Whether an account keeps the register today.
    pub(super) async fn keeps_register(
        &self,
        view: &mut View<'_>,
        account: AccountId,
        today: CivilDate,
    ) -> Result<bool, RelayError> {
        let Some(pack) = self.packs.current().cloned() else { return Ok(false) };
        let accounts = self.accounts(view).await?;
        let actor = accounts.iter().find(|known| known.account == account).map(KnownAccount::now);
        Ok(actor.is_some_and(|actor| actor.roles_on(&pack, today).any(|role| keeps_register(&pack, &role.key))))
    }

    pub(crate) fn open_profile(&self, account: AccountId, sealed: &[u8]) -> Result<Profile, RelayError> {
        let plain = self.sealer.open_record(Table::Account, account.as_bytes(), sealed)?;
        minicbor::decode(&plain).map_err(|_| StorageError::Corrupt { table: Table::Account.name() }.into())
    }
}
