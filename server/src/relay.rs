//! Checks what tablets send, puts it in order, keeps it, and hands out what each may have.
//!
//! ```text
//! bytes ─▶ prepare: decode, device, frame signature, chunk checks   (in parallel, no writes)
//!       ─▶ commit:  one writing transaction for many uploads        (leader takes all that wait)
//!            └▶ intake: each push judged, appended, granted, audited; receipts only after COMMIT
//!       ─▶ pull:    pages of what is new, each with its own cursor  (a reading transaction per page)
//! ```
//! The relay never edits a change, and never shows a document to an account without a grant in force.

mod alarms;
mod answers;
mod brought;
mod cache;
mod commit;
mod costs;
mod cursor;
mod drafts;
mod facts;
mod fit;
mod grants;
mod held;
mod intake;
mod judge;
mod ledger;
mod live;
mod members;
mod news;
mod offers;
mod prepare;
mod pull;
mod repair;
mod seen;
mod snapshot;
pub mod vetting;
mod work;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use shared::document::DocumentError;
use shared::document::vet::VetFault;
use shared::id::TenantId;
use shared::pack::{Pack, PackCodecError};
use shared::protocol::error::ErrorCode;
use shared::protocol::frame::{Fault, Part};
use shared::seal::letter::Identity;
use shared::seal::relay::{KeyRing, MasterKey};

use crate::audit::{self, Entry};
use crate::failure::Chain;
use crate::live::Hub;
use crate::random::{Entropy, draw};
use crate::sealing::{Sealer, SealingError};
use crate::storage::record::Act;
use crate::storage::view::Founding;
use crate::storage::{Storage, StorageError};

use answers::Answers;
use cache::DocumentCache;
use commit::Committer;
use costs::Costs;
use vetting::{InProcess, Vetting};

pub(crate) use live::NotHeard;
pub use members::{NewAccount, Packs};
pub use seen::SeenLine;

/// The relay could not do its work; nobody's fault but its own.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The storage failed.
    #[error("the storage failed")]
    Storage(#[from] StorageError),
    /// A row does not open or cannot be sealed.
    #[error("a sealed row failed")]
    Sealing(#[from] SealingError),
    /// A stored document does not open; the log can rebuild it.
    #[error("a stored document failed")]
    Document(#[from] DocumentError),
    /// A stored document cannot be tried on.
    #[error("a stored document is no base for trials")]
    Base(#[from] VetFault),
    /// A stored pack does not decode.
    #[error("a stored pack failed")]
    Pack(#[from] PackCodecError),
    /// The request that would have answered was dropped.
    #[error("the answer was dropped")]
    Dropped,
    /// The device is told nothing more but why.
    #[error("nothing more is handed out")]
    Ended(ErrorCode),
}

impl From<crate::random::NoEntropy> for RelayError {
    fn from(error: crate::random::NoEntropy) -> Self {
        Self::Sealing(error.into())
    }
}

impl RelayError {
    /// What the tablet is told: never the cause, only whether to come back.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (code, retry_after_s) = match self {
            Self::Ended(code) => return fault(*code, None),
            Self::Storage(StorageError::Full) | Self::Sealing(SealingError::Storage(StorageError::Full)) => {
                (ErrorCode::RelayFull, 300)
            }
            Self::Storage(error) if error.is_retryable() => (ErrorCode::RelayBusy, 10),
            Self::Dropped => (ErrorCode::RelayBusy, 5),
            Self::Storage(_) | Self::Sealing(_) | Self::Document(_) | Self::Base(_) | Self::Pack(_) => {
                (ErrorCode::RelayFault, 60)
            }
        };
        fault(code, Some(retry_after_s))
    }
}

/// Builds a fault part.
#[must_use]
pub(crate) const fn fault(code: ErrorCode, retry_after_s: Option<u32>) -> Fault {
    Fault { code: code.number(), retry_after_s }
}

/// Takes the parts of an answer as they come.
#[async_trait]
pub trait PartSink: Send {
    /// Takes one part; false = nobody listens any more.
    async fn take(&mut self, part: Part) -> bool;
}

#[async_trait]
impl PartSink for Vec<Part> {
    async fn take(&mut self, part: Part) -> bool {
        self.push(part);
        true
    }
}

/// What a relay is started with.
pub struct Setup {
    /// The master key that wraps document keys from now on.
    pub master: MasterKey,
    /// Older master keys that may still have sealed something.
    pub older: Vec<MasterKey>,
    /// The jurisdiction pack in force.
    pub pack: Pack,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// Everything here is invented: tablets show a red line.
    pub synthetic: bool,
}

/// A relay.
pub struct Relay {
    storage: Storage,
    sealer: Sealer,
    packs: Packs,
    founding: Founding,
    identity: Identity,
    recipient: String,
    vetting: Box<dyn Vetting>,
    cache: DocumentCache,
    committer: Committer,
    costs: Costs,
    answers: Answers,
    hub: Arc<Hub>,
    members: members::Cache,
    full: AtomicBool,
}

impl Relay {
    /// Opens the relay over its storage; founds it at the first start.
    ///
    /// # Errors
    /// [`RelayError`] when the storage fails or the master key is not this relay's.
    pub async fn open(storage: Storage, setup: Setup, now_ms: u64) -> Result<Self, RelayError> {
        let entropy = setup.entropy;
        let founded = storage.read().await?.view().founding().await?;
        let founding = match founded {
            Some(founding) => founding,
            None => found(&storage, entropy.as_ref(), setup.synthetic, now_ms).await?,
        };
        let identity = setup.master.upload_identity(founding.tenant);
        let recipient = identity.recipient().to_string();
        let ring = KeyRing::new(&setup.master, &setup.older);
        let sealer = Sealer::new(ring, founding.tenant, entropy);
        let packs = Packs::open(&storage, setup.pack).await?;
        let relay = Self {
            storage,
            sealer,
            packs,
            founding,
            identity,
            recipient,
            vetting: Box::new(InProcess),
            cache: DocumentCache::default(),
            committer: Committer::default(),
            costs: Costs::default(),
            answers: Answers::default(),
            hub: Arc::default(),
            members: members::Cache::default(),
            full: AtomicBool::new(false),
        };
        // Another relay's master key shows here, and not with the first tablet.
        relay.accounts(&mut relay.storage.read().await?.view()).await?;
        relay.refresh_grants(now_ms).await?;
        relay.adopt_held(now_ms).await?;
        Ok(relay)
    }

    /// The relay's identity.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.founding.tenant
    }

    /// Its storage.
    #[must_use]
    pub const fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Its sealing.
    #[must_use]
    pub const fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// The packs it has run, the one in force first.
    #[must_use]
    pub const fn packs(&self) -> &Packs {
        &self.packs
    }

    /// Whether everything here is invented.
    #[must_use]
    pub const fn is_synthetic(&self) -> bool {
        self.founding.synthetic
    }

    /// The `age` recipient tablets seal their kept uploads to.
    #[must_use]
    pub fn recipient(&self) -> &str {
        &self.recipient
    }

    /// Whether the last write found no room: reading goes on, writing is tried again.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Notes that there is room for writing.
    pub fn note_room(&self) {
        self.full.store(false, Ordering::Relaxed);
    }

    /// Notes a write that found no room.
    fn note_failure(&self, error: &RelayError) {
        if matches!(
            error,
            RelayError::Storage(StorageError::Full) | RelayError::Sealing(SealingError::Storage(StorageError::Full))
        ) {
            self.full.store(true, Ordering::Relaxed);
        }
    }

    /// Answers one sync request into `sink`.
    pub async fn sync(&self, bytes: &[u8], now_ms: u64, sink: &mut dyn PartSink) {
        let outcome = self.try_sync(bytes, now_ms, sink).await;
        if let Err(fault) = outcome {
            sink.take(Part::Fault(fault)).await;
        }
    }

    /// Answers one sync request at once; what simulations and tests call.
    pub async fn handle_sync(&self, bytes: &[u8], now_ms: u64) -> Vec<Part> {
        let mut parts = Vec::new();
        self.sync(bytes, now_ms, &mut parts).await;
        parts
    }

    async fn try_sync(&self, bytes: &[u8], now_ms: u64, sink: &mut dyn PartSink) -> Result<(), Fault> {
        let prepared = self.prepare(bytes, now_ms).await?;
        if prepared.wants_the_writer()
            && let Some(wait_s) = self.costs.wait_s(prepared.device_id(), now_ms)
        {
            return Err(fault(ErrorCode::TooOften, Some(wait_s)));
        }
        let asking = self.hub.asks(prepared.device_id());
        let (prepared, outcome) = self.commit(prepared).await?;
        let put_off = intake::has_put_off(&outcome.receipts);
        let taken_out = held::taken_out(&prepared, &outcome.receipts);
        if !sink.take(Part::Receipts(outcome.receipts)).await {
            return Ok(());
        }
        let told = self.pull(&prepared, outcome.standing, put_off, &taken_out, sink).await.map_err(|error| {
            tracing::error!(error = %Chain(&error), "pull failed");
            error.fault()
        })?;
        if let Some(position) = told {
            asking.told(position);
        }
        Ok(())
    }
}

async fn found(storage: &Storage, entropy: &dyn Entropy, synthetic: bool, now_ms: u64) -> Result<Founding, RelayError> {
    let founding = Founding {
        restored_ms: None,
        restored_position: 0,
        tenant: TenantId::from_bytes(draw(entropy)?),
        epoch: draw(entropy)?,
        check_key: draw(entropy)?,
        synthetic,
    };
    let mut tx = storage.write().await?;
    tx.found(&founding).await?;
    audit::append(&mut tx, now_ms, &[Entry::of(Act::Founded)]).await?;
    tx.commit().await?;
    Ok(founding)
}
