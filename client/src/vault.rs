//! The vaults of this tablet: one per account, made at enrolment, opened by its person, wiped when revoked.
//!
//! ```text
//!  simpul-tablet   unsealed facts: tablet id, per vault its nickname, slots, wrong attempts and a bare count of what is not sent, the public pack, the door's language
//!  simpul-<vault>  sealed rows of one vault
//! ```
//!
//! Called by the engine. Must never keep a key after its vault is locked, nor anything about a person but the nickname
//! they chose. Opening one vault never touches another.

pub mod facts;
mod lifecycle;

use std::rc::Rc;

use shared::id::{TabletId, VaultId};
use shared::order::Arrange as _;
use shared::seal::code::CodeError;
use shared::seal::kdf::KdfError;
use shared::seal::{SealError, VaultKey};

use crate::platform::{Local, draw};
use crate::store::sealed::SealedStore;
use crate::store::{Durability, Op, RawStore, StoreError};
use facts::{TabletFacts, VaultFacts, VaultState};

/// Name of the database of unsealed facts.
pub const TABLET_DATABASE: &str = "simpul-tablet";

/// Name of a vault's database.
#[must_use]
pub fn database_name(vault: VaultId) -> String {
    format!("simpul-{vault}")
}

/// Why a vault did not open, or was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Too many wrong attempts: come back later.
    #[error("wait {remaining_ms} ms before the next attempt")]
    Wait {
        /// Until then.
        remaining_ms: u64,
    },
    /// Another passphrase.
    #[error("the passphrase is not right")]
    WrongPassphrase {
        /// Until the next attempt may be made; 0 for the first ones.
        remaining_ms: u64,
    },
    /// The recovery code is mistyped.
    #[error("the recovery code is mistyped")]
    Code(#[from] CodeError),
    /// A proper recovery code, but of another vault.
    #[error("the recovery code belongs to another vault")]
    WrongCode,
    /// No such vault on this tablet.
    #[error("no such vault on this tablet")]
    Unknown,
    /// The key could not be derived on this tablet.
    #[error("the key could not be derived")]
    Kdf(#[from] KdfError),
    /// A slot was made by a newer program, or is broken.
    #[error("the slot cannot be used")]
    Slot(#[source] SealError),
    /// The browser's storage failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// An open vault. Dropping it forgets its keys; [`OpenVault::lock`] says so.
pub struct OpenVault {
    vault: VaultId,
    key: VaultKey,
    store: Rc<SealedStore>,
}

impl OpenVault {
    /// Which vault this is.
    #[must_use]
    pub const fn vault(&self) -> VaultId {
        self.vault
    }

    /// Its rows.
    #[must_use]
    pub fn store(&self) -> Rc<SealedStore> {
        Rc::clone(&self.store)
    }

    /// Closes the database and forgets the keys. Whoever still holds the store gets [`StoreError::Closed`].
    pub fn lock(self) {
        self.store.close();
    }
}

/// The facts of this tablet, and the way to its vaults.
pub struct Tablet {
    local: Rc<dyn Local>,
    facts: Rc<dyn RawStore>,
    tablet: TabletId,
}

impl Tablet {
    /// Opens the facts, making the tablet's id the first time, and ends wipes that were cut short.
    ///
    /// # Errors
    /// [`VaultError::Store`].
    pub async fn open(local: Rc<dyn Local>) -> Result<Self, VaultError> {
        let facts = local.open(TABLET_DATABASE).await?;
        let fresh = TabletFacts { tablet: TabletId::from_bytes(draw(&*local)), made_ms: local.now_ms() };
        let mut tablet = fresh.tablet;
        let mut decide = |found: Vec<Option<Vec<u8>>>| match found.into_iter().flatten().next() {
            Some(bytes) => {
                tablet = TabletFacts::decode(&bytes)?.tablet;
                Ok(Vec::new())
            }
            None => Ok(vec![Op::Put(facts::TABLET_KEY, fresh.encode())]),
        };
        facts.update(&[facts::TABLET_KEY], Durability::Strict, &mut decide).await?;
        let opened = Self { local, facts, tablet };
        opened.finish_wipes().await?;
        Ok(opened)
    }

    /// This tablet, whoever uses it.
    #[must_use]
    pub const fn id(&self) -> TabletId {
        self.tablet
    }

    /// The vaults on this tablet, oldest first. Never those being wiped.
    ///
    /// # Errors
    /// [`VaultError::Store`].
    pub async fn vaults(&self) -> Result<Vec<VaultFacts>, VaultError> {
        let mut vaults = self.all_vaults().await?;
        vaults.retain(|facts| facts.state != VaultState::Wiping);
        vaults.arrange_by_key(|facts| (facts.created_ms, facts.vault));
        Ok(vaults)
    }

    /// How long until a passphrase may be tried on this vault; 0 at once.
    ///
    /// # Errors
    /// [`VaultError::Unknown`], [`VaultError::Store`].
    pub async fn remaining_ms(&self, vault: VaultId) -> Result<u64, VaultError> {
        Ok(self.facts_of(vault).await?.attempts.remaining_ms(self.local.now_ms()))
    }

    /// Gives a vault another nickname.
    ///
    /// # Errors
    /// [`VaultError::Unknown`], [`VaultError::Store`].
    pub async fn rename(&self, vault: VaultId, nickname: &str) -> Result<(), VaultError> {
        self.change(vault, |facts| nickname.clone_into(&mut facts.nickname)).await.map(|_| ())
    }

    /// Notes that the relay knows this vault's device: enrolment is done.
    ///
    /// # Errors
    /// [`VaultError::Unknown`], [`VaultError::Store`].
    pub async fn mark_enrolled(&self, vault: VaultId) -> Result<(), VaultError> {
        self.change(vault, |facts| facts.state = VaultState::Ready).await.map(|_| ())
    }

    /// Keeps the pack of the jurisdiction, which is public, for screens before anybody unlocks.
    ///
    /// # Errors
    /// [`VaultError::Store`].
    pub async fn keep_pack(&self, pack: Vec<u8>) -> Result<(), VaultError> {
        Ok(self.facts.apply(vec![Op::Put(facts::PACK_KEY, pack)], Durability::Relaxed).await?)
    }

    /// The pack kept last.
    ///
    /// # Errors
    /// [`VaultError::Store`].
    pub async fn pack(&self) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.facts.get(&[facts::PACK_KEY]).await?.into_iter().next().flatten())
    }

    /// Keeps how many changes of a vault are not sent: a bare count, so that nobody resets a tablet that holds work.
    ///
    /// # Errors
    /// [`VaultError::Store`].
    pub async fn note_unsent(&self, vault: VaultId, count: u32) -> Result<(), VaultError> {
        let row = Op::Put(facts::unsent_key(vault), count.to_be_bytes().to_vec());
        Ok(self.facts.apply(vec![row], Durability::Relaxed).await?)
    }

    /// The count kept last; 0 where there is none.
    ///
    /// # Errors
    /// [`VaultError::Store`].
    pub async fn unsent(&self, vault: VaultId) -> Result<u32, VaultError> {
        let found = self.facts.get(&[facts::unsent_key(vault)]).await?.into_iter().next().flatten();
        Ok(found.and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes))
    }

    /// Keeps the language of the screens before anybody unlocks.
    ///
    /// # Errors
    /// [`VaultError::Store`].
    pub async fn keep_language(&self, tag: &str) -> Result<(), VaultError> {
        Ok(self.facts.apply(vec![Op::Put(facts::LANGUAGE_KEY, tag.into())], Durability::Relaxed).await?)
    }

    /// The language kept last: a tag.
    ///
    /// # Errors
    /// [`VaultError::Store`].
    pub async fn language(&self) -> Result<Option<String>, VaultError> {
        let found = self.facts.get(&[facts::LANGUAGE_KEY]).await?.into_iter().next().flatten();
        Ok(found.and_then(|tag| String::from_utf8(tag).ok()))
    }

    async fn all_vaults(&self) -> Result<Vec<VaultFacts>, VaultError> {
        let rows = self.facts.scan(facts::VAULT_PREFIX, None, u32::MAX).await?;
        let read: Result<Vec<VaultFacts>, StoreError> =
            rows.iter().map(|(_, bytes)| VaultFacts::decode(bytes)).collect();
        Ok(read?)
    }

    async fn facts_of(&self, vault: VaultId) -> Result<VaultFacts, VaultError> {
        let place = facts::vault_key(vault);
        let found = self.facts.get(&[place]).await?.into_iter().next().flatten();
        let facts = found.as_deref().map(VaultFacts::decode).transpose()?;
        facts.filter(|facts| facts.state != VaultState::Wiping).ok_or(VaultError::Unknown)
    }

    /// Changes the facts of a vault in one transaction, so that two tabs do not lose each other's counts.
    async fn change(&self, vault: VaultId, change: impl FnOnce(&mut VaultFacts)) -> Result<VaultFacts, VaultError> {
        let place = facts::vault_key(vault);
        let mut change = Some(change);
        let mut changed = None;
        let mut decide = |found: Vec<Option<Vec<u8>>>| {
            let Some(bytes) = found.into_iter().flatten().next() else { return Err(StoreError::Declined) };
            let mut facts = VaultFacts::decode(&bytes)?;
            if let Some(change) = change.take() {
                change(&mut facts);
            }
            let bytes = facts.encode();
            changed = Some(facts);
            Ok(vec![Op::Put(place, bytes)])
        };
        match self.facts.update(&[place], Durability::Strict, &mut decide).await {
            Ok(()) => changed.ok_or(VaultError::Unknown),
            Err(StoreError::Declined) => Err(VaultError::Unknown),
            Err(error) => Err(error.into()),
        }
    }

    async fn raw(&self, vault: VaultId) -> Result<Rc<dyn RawStore>, StoreError> {
        self.local.open(&database_name(vault)).await
    }
}

#[cfg(test)]
mod tests;
