//! Accounts, enrolment codes and devices.
//!
//! No passphrase and no session reaches the relay: a device proves itself by its key, and administration happens on the
//! relay's own machine. Codes are kept as hashes; a code is worth one tablet, for a short while.

mod code;
mod enrol;

use shared::date::CivilDate;
use shared::id::{AccountId, DeviceId, hash16};

pub use code::{CODE_BITS, format_code, normalise_code};
pub use enrol::Origin;

use crate::audit::{self, Entry};
use crate::relay::{NewAccount, Relay, RelayError};
use crate::storage::record::{AccountRecord, Act, DeviceRecord, EnrolCodeRecord, Profile, RoleTermRecord};
use crate::storage::{StorageError, Table, WriteTx};

/// Administration could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The relay failed.
    #[error("the relay failed")]
    Relay(#[from] RelayError),
    /// The sign-in name is in use.
    #[error("the sign-in name is in use")]
    LoginTaken,
    /// No account has this sign-in name.
    #[error("no account has this sign-in name")]
    NoAccount,
    /// No device has this number.
    #[error("no device has this number")]
    NoDevice,
    /// The device sent no recovery slot.
    #[error("the device sent no recovery slot")]
    NoSlot,
    /// The pack in force does not know the role.
    #[error("the pack does not know the role {role}")]
    UnknownRole {
        /// The role asked for.
        role: String,
    },
    /// The pack in force does not know the unit.
    #[error("the pack does not know the unit {unit}")]
    UnknownUnit {
        /// The unit asked for.
        unit: String,
    },
    /// The recipient is none.
    #[error("not an age recipient")]
    Recipient,
}

impl<E: Into<crate::sealing::SealingError>> From<E> for IdentityError {
    fn from(error: E) -> Self {
        Self::Relay(RelayError::Sealing(error.into()))
    }
}

/// How an enrolment code may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeTerms {
    /// Worthless from then on, milliseconds since 1970 UTC.
    pub expires_ms: u64,
    /// How many tablets; none = any number (demonstrations only).
    pub uses: Option<u32>,
    /// From this very machine only.
    pub local_only: bool,
}

/// An account as administration lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAccount {
    /// The account.
    pub account: AccountId,
    /// Its profile.
    pub profile: Profile,
    /// Whether it works.
    pub active: bool,
    /// Role codes in force or to come.
    pub roles: Vec<String>,
}

impl Relay {
    fn login_hash(&self, login: &str) -> [u8; 16] {
        hash16("simpul/login", &[self.tenant().as_bytes(), login.as_bytes()])
    }

    /// Adds an account with its roles.
    ///
    /// # Errors
    /// [`IdentityError`] when the name is taken or the pack knows a role or the unit not.
    pub async fn add_account(&self, new: NewAccount, now_ms: u64) -> Result<AccountId, IdentityError> {
        let pack = self.packs().current();
        if let Some(role) = new.roles.iter().find(|role| pack.is_none_or(|pack| pack.role(role).is_none())) {
            return Err(IdentityError::UnknownRole { role: role.clone() });
        }
        if pack.is_none_or(|pack| pack.unit(&new.unit).is_none()) {
            return Err(IdentityError::UnknownUnit { unit: new.unit });
        }
        let account = AccountId::from_bytes(self.sealer().draw()?);
        let login_hash = self.login_hash(&new.login);
        let mut tx = self.storage().write().await?;
        if tx.view().account_of_login(&login_hash).await?.is_some() {
            return Err(IdentityError::LoginTaken);
        }
        let position = tx.next_position().await?;
        for role in &new.roles {
            let term = RoleTermRecord {
                role: role.clone(),
                unit: Some(new.unit.clone()),
                from_day: new.from.days(),
                to_day: new.to.map(CivilDate::days),
                known_from: position,
                known_to: None,
            };
            let place = tx.next_position().await?;
            tx.put_role_term(account, place, &term).await?;
        }
        let profile = Profile { login: new.login, name: new.name, unit: new.unit, office: new.office };
        let mut plain = Vec::new();
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&profile, &mut plain);
        let sealed_profile = self.sealer().seal_record(Table::Account, account.as_bytes(), &plain)?;
        tx.put_login(&login_hash, account).await?;
        tx.put_account(account, &AccountRecord { sealed_profile, active: true, position }).await?;
        tx.put_roles_position(position).await?;
        finish(tx, now_ms, Entry { account: Some(account), ..Entry::of(Act::AccountChanged) }).await?;
        self.refresh_grants(now_ms).await?;
        Ok(account)
    }

    /// Finds an account by its sign-in name.
    ///
    /// # Errors
    /// [`IdentityError::NoAccount`] when there is none.
    pub async fn account_of_login(&self, login: &str) -> Result<AccountId, IdentityError> {
        let found = self.storage().read().await?.view().account_of_login(&self.login_hash(login)).await?;
        found.ok_or(IdentityError::NoAccount)
    }

    /// Lists every account.
    ///
    /// # Errors
    /// [`IdentityError::Relay`].
    pub async fn list_accounts(&self) -> Result<Vec<ListedAccount>, IdentityError> {
        let mut read = self.storage().read().await?;
        let mut listed = Vec::new();
        for (account, record) in read.view().accounts().await? {
            let terms = read.view().role_terms(account).await?;
            listed.push(ListedAccount {
                account,
                profile: self.open_profile(account, &record.sealed_profile)?,
                active: record.active,
                roles: terms.into_iter().map(|(_, term)| term.role).collect(),
            });
        }
        Ok(listed)
    }

    /// Makes an enrolment code for an account; only its hash is kept.
    ///
    /// # Errors
    /// [`IdentityError::Relay`].
    pub async fn make_code(&self, account: AccountId, terms: CodeTerms, now_ms: u64) -> Result<String, IdentityError> {
        let code = format_code(self.sealer().draw()?);
        let record = EnrolCodeRecord {
            account,
            expires_ms: terms.expires_ms,
            uses_left: terms.uses,
            local_only: terms.local_only,
        };
        let mut tx = self.storage().write().await?;
        tx.put_enrol_code(&code::hash_code(&normalise_code(&code)), &record).await?;
        finish(tx, now_ms, Entry { account: Some(account), ..Entry::of(Act::CodeMade) }).await?;
        Ok(code)
    }

    /// Lists every device with its name.
    ///
    /// # Errors
    /// [`IdentityError::Relay`].
    pub async fn list_devices(&self) -> Result<Vec<(DeviceId, DeviceRecord, String)>, IdentityError> {
        let mut listed = Vec::new();
        for (id, device) in self.storage().read().await?.view().devices().await? {
            let name = self.sealer().open_record(Table::Device, id.as_bytes(), &device.sealed_name)?;
            listed.push((id, device, String::from_utf8_lossy(&name).into_owned()));
        }
        Ok(listed)
    }

    /// Revokes a device: it may still hand in what it wrote, which is held, and hears nothing more.
    ///
    /// # Errors
    /// [`IdentityError::NoDevice`] when there is no such device.
    pub async fn revoke_device(&self, number: u32, now_ms: u64) -> Result<(), IdentityError> {
        let mut tx = self.storage().write().await?;
        let devices = tx.view().devices().await?;
        let (id, _) = devices.into_iter().find(|(_, device)| device.number == number).ok_or(IdentityError::NoDevice)?;
        if let Some(entry) = revoke(&mut tx, id).await? {
            finish(tx, now_ms, entry).await?;
            self.hub().stir();
        }
        Ok(())
    }

    /// Stops an account: its devices may still hand in, and its grants end.
    ///
    /// # Errors
    /// [`IdentityError::NoAccount`] when there is no such account.
    pub async fn stop_account(&self, account: AccountId, now_ms: u64) -> Result<(), IdentityError> {
        let mut tx = self.storage().write().await?;
        let mut record = tx.view().account(account).await?.ok_or(IdentityError::NoAccount)?;
        record.active = false;
        record.position = tx.next_position().await?;
        tx.put_account(account, &record).await?;
        tx.put_roles_position(record.position).await?;
        tx.put_ended_position(record.position).await?;
        finish(tx, now_ms, Entry { account: Some(account), ..Entry::of(Act::AccountChanged) }).await?;
        self.hub().stir();
        self.refresh_grants(now_ms).await?;
        Ok(())
    }

    /// Sets the office's recovery recipient; tablets seal their recovery slots to it from then on.
    ///
    /// # Errors
    /// [`IdentityError::Recipient`] when the text is no recipient.
    pub async fn set_recovery_recipient(&self, recipient: &str, now_ms: u64) -> Result<(), IdentityError> {
        shared::seal::letter::Recipient::parse(recipient).map_err(|_| IdentityError::Recipient)?;
        let mut tx = self.storage().write().await?;
        tx.put_recovery_recipient(recipient).await?;
        finish(tx, now_ms, Entry::of(Act::RecoverySet)).await
    }

    /// Gives a device's recovery slot out to be opened, and notes that before anything is opened.
    ///
    /// # Errors
    /// [`IdentityError::NoDevice`], [`IdentityError::NoSlot`].
    pub async fn take_out_slot(&self, number: u32, now_ms: u64) -> Result<Vec<u8>, IdentityError> {
        let mut tx = self.storage().write().await?;
        let devices = tx.view().devices().await?;
        let (id, device) =
            devices.into_iter().find(|(_, found)| found.number == number).ok_or(IdentityError::NoDevice)?;
        let slot = tx.view().slot(id).await?.ok_or(IdentityError::NoSlot)?;
        let entry = Entry { account: Some(device.account), device: Some(id), ..Entry::of(Act::SlotOpened) };
        finish(tx, now_ms, entry).await?;
        Ok(slot)
    }
}

/// Revokes a device inside a transaction, and says what goes into the audit log; none when there is nothing to revoke.
pub(crate) async fn revoke(tx: &mut WriteTx, id: DeviceId) -> Result<Option<Entry>, StorageError> {
    let Some(mut device) = tx.view().device(id).await?.filter(|device| device.revoked.is_none()) else {
        return Ok(None);
    };
    let position = tx.next_position().await?;
    device.revoked = Some(position);
    tx.put_device(id, &device).await?;
    tx.put_ended_position(position).await?;
    Ok(Some(Entry { account: Some(device.account), device: Some(id), ..Entry::of(Act::DeviceRevoked) }))
}

async fn finish(mut tx: WriteTx, now_ms: u64, entry: Entry) -> Result<(), IdentityError> {
    audit::append(&mut tx, now_ms, &[entry]).await?;
    tx.commit().await?;
    Ok(())
}
