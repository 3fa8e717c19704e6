//! Making, opening, re-keying and wiping a vault.

use std::rc::Rc;

use shared::id::VaultId;
use shared::seal::backoff::Attempts;
use shared::seal::kdf::{KdfError, KdfParams, KdfRequest, SALT_LEN, SlotKey, TARGET_MS_MAX};
use shared::seal::letter::{LetterRandomness, Recipient};
use shared::seal::passphrase::Passphrase;
use shared::seal::row::RowSealer;
use shared::seal::slot::Slot;
use shared::seal::{Nonce, SealError, VaultKey, code, recovery};

use super::facts::{VaultFacts, VaultState, unsent_key, vault_key};
use super::{OpenVault, Tablet, VaultError, database_name};
use crate::platform::{Entropy, draw};
use crate::store::sealed::SealedStore;
use crate::store::{Durability, Op};

impl Tablet {
    /// Makes a vault: its key, a passphrase slot, a recovery slot for the office, an empty sealed store.
    ///
    /// It stays [`VaultState::Enrolling`] until [`Tablet::mark_enrolled`].
    ///
    /// # Errors
    /// [`VaultError::Kdf`] when not even the weakest derivation fits this tablet; [`VaultError::Store`].
    pub async fn create(
        &self,
        nickname: &str,
        passphrase: &Passphrase,
        office: Option<&Recipient>,
    ) -> Result<(OpenVault, VaultFacts), VaultError> {
        let vault = VaultId::from_bytes(draw(&*self.local));
        let key = VaultKey::from_bytes(draw(&*self.local));
        let slot = self.make_slot(vault, &key, passphrase).await?;
        let drawn = LetterRandomness::from_random(draw(&*self.local));
        let recovery = office.map(|office| recovery::seal_to(office, vault, &key, &drawn)).transpose();
        let store = SealedStore::create(self.raw(vault).await?, vault, &key, self.entropy()).await?;
        let facts = VaultFacts {
            vault,
            nickname: nickname.trim().to_owned(),
            state: VaultState::Enrolling,
            created_ms: self.local.now_ms(),
            attempts: Attempts::default(),
            slots: vec![slot],
            key_check: store.key_check(),
            recovery: recovery.map_err(VaultError::Slot)?,
        };
        self.facts.apply(vec![Op::Put(vault_key(vault), facts.encode())], Durability::Strict).await?;
        Ok((OpenVault { vault, key, store: Rc::new(store) }, facts))
    }

    /// Opens a vault with its passphrase.
    ///
    /// # Errors
    /// [`VaultError::Wait`] before the back-off is over (the passphrase is not tried then);
    /// [`VaultError::WrongPassphrase`]; [`VaultError::Unknown`]; [`VaultError::Kdf`] when the tablet has no memory left
    /// at this moment; [`VaultError::Store`], with [`StoreError::Missing`](crate::store::StoreError::Missing) when the browser threw the data away.
    pub async fn unlock(&self, vault: VaultId, passphrase: &Passphrase) -> Result<OpenVault, VaultError> {
        let facts = self.facts_of(vault).await?;
        let now_ms = self.local.now_ms();
        let remaining_ms = facts.attempts.remaining_ms(now_ms);
        if remaining_ms > 0 {
            if facts.attempts.observed_at(now_ms) != facts.attempts {
                self.change(vault, |facts| facts.attempts = facts.attempts.observed_at(now_ms)).await?;
            }
            return Err(VaultError::Wait { remaining_ms });
        }
        if facts.slots.is_empty() {
            return Err(VaultError::Slot(SealError::Malformed));
        }
        for slot in &facts.slots {
            let slot_key = self.local.derive(slot.request(passphrase.clone())).await?;
            match slot.open(&slot_key) {
                Ok(key) => return self.opened(facts, key).await,
                Err(SealError::DoesNotOpen) => {}
                Err(error) => return Err(VaultError::Slot(error)),
            }
        }
        // Counted before the answer is known, so that closing the page gains nothing.
        let now_ms = self.local.now_ms();
        let counted = self.change(vault, |facts| facts.attempts = facts.attempts.fail(now_ms)).await?;
        Err(VaultError::WrongPassphrase { remaining_ms: counted.attempts.remaining_ms(now_ms) })
    }

    /// Opens a vault with the code the office reads out, and gives it a new passphrase; the old one opens no more.
    ///
    /// # Errors
    /// [`VaultError::Code`] names the group to repeat; [`VaultError::WrongCode`]; otherwise as [`Tablet::unlock`].
    pub async fn unlock_with_code(
        &self,
        vault: VaultId,
        typed: &str,
        new_passphrase: &Passphrase,
    ) -> Result<OpenVault, VaultError> {
        let facts = self.facts_of(vault).await?;
        let key = code::decode(typed)?;
        if RowSealer::new(&key, vault).key_check() != facts.key_check {
            return Err(VaultError::WrongCode);
        }
        let open = self.opened(facts, key).await?;
        self.set_passphrase(&open, new_passphrase).await?;
        Ok(open)
    }

    /// Gives an open vault a new passphrase; the old one opens no more.
    ///
    /// # Errors
    /// [`VaultError::Kdf`], [`VaultError::Store`]: the old passphrase still holds.
    pub async fn set_passphrase(&self, open: &OpenVault, passphrase: &Passphrase) -> Result<(), VaultError> {
        let slot = self.make_slot(open.vault, &open.key, passphrase).await?;
        self.change(open.vault, |facts| {
            facts.slots = vec![slot];
            facts.attempts = Attempts::default();
        })
        .await
        .map(|_| ())
    }

    /// Wipes a vault: its slots first, which makes every row unreadable, then its database.
    ///
    /// Cut short, it goes on at the next [`Tablet::open`].
    ///
    /// # Errors
    /// [`VaultError::Unknown`], [`VaultError::Store`].
    pub async fn wipe(&self, vault: VaultId) -> Result<(), VaultError> {
        self.change(vault, |facts| {
            facts.state = VaultState::Wiping;
            facts.slots.clear();
            facts.recovery = None;
            facts.nickname.clear();
        })
        .await?;
        self.finish_wipe(vault).await
    }

    pub(super) async fn finish_wipes(&self) -> Result<(), VaultError> {
        for facts in self.all_vaults().await? {
            if facts.state == VaultState::Wiping {
                self.finish_wipe(facts.vault).await?;
            }
        }
        Ok(())
    }

    async fn finish_wipe(&self, vault: VaultId) -> Result<(), VaultError> {
        self.local.delete(&database_name(vault)).await?;
        self.facts.apply(vec![Op::Delete(vault_key(vault)), Op::Delete(unsent_key(vault))], Durability::Strict).await?;
        Ok(())
    }

    async fn opened(&self, facts: VaultFacts, key: VaultKey) -> Result<OpenVault, VaultError> {
        let vault = facts.vault;
        let store = SealedStore::open(self.raw(vault).await?, vault, &key, self.entropy()).await?;
        if facts.attempts != Attempts::default() {
            self.change(vault, |facts| facts.attempts = Attempts::default()).await?;
        }
        Ok(OpenVault { vault, key, store: Rc::new(store) })
    }

    /// Derives with the strongest parameters this tablet affords in good time, and never at its edge.
    async fn make_slot(&self, vault: VaultId, key: &VaultKey, passphrase: &Passphrase) -> Result<Slot, VaultError> {
        let salt: [u8; SALT_LEN] = draw(&*self.local);
        let mut params = KdfParams::first_for(self.local.device_memory_gib());
        loop {
            let (derived, took_ms) = self.derive_timed(passphrase, params, salt).await;
            match derived {
                Ok(slot_key) if took_ms <= TARGET_MS_MAX || params.next_lower().is_none() => {
                    let nonce = Nonce::from_random(draw(&*self.local));
                    return Slot::create(vault, key, &slot_key, params, salt, nonce).map_err(VaultError::Slot);
                }
                Ok(_) | Err(KdfError::OutOfMemory) => {
                    params = params.next_lower().ok_or(KdfError::OutOfMemory)?;
                }
                Err(KdfError::Parameters) => return Err(KdfError::Parameters.into()),
            }
        }
    }

    fn entropy(&self) -> Rc<dyn Entropy> {
        self.local.clone()
    }

    async fn derive_timed(
        &self,
        passphrase: &Passphrase,
        params: KdfParams,
        salt: [u8; SALT_LEN],
    ) -> (Result<SlotKey, KdfError>, u64) {
        let before_ms = self.local.now_ms();
        let derived = self.local.derive(KdfRequest { passphrase: passphrase.clone(), params, salt }).await;
        (derived, self.local.now_ms().saturating_sub(before_ms))
    }
}
