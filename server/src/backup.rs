//! Backup and restore: one file with both databases, consistent, without the master key.
//!
//! The rows inside are sealed as they are on disk. A restore gives the database a new epoch, so that tablets repair
//! themselves and offer what the copy does not have.

use std::path::Path;

use minicbor::{Decode, Encode};

use crate::audit::{self, Entry};
use crate::data::{DATABASE, DataError, DataFolder, KEYS};
use crate::random::{Entropy, draw};
use crate::storage::record::Act;
use crate::storage::sqlite::Durability;
use crate::storage::{Storage, StorageError};

/// First item of a copy.
const LABEL: &str = "simpul/backup/1";

/// A copy could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file system refused.
    #[error("the file system refused")]
    Files(#[from] std::io::Error),
    /// The data folder refused.
    #[error("the data folder refused")]
    Data(#[from] DataError),
    /// The storage refused.
    #[error("the storage refused")]
    Storage(#[from] StorageError),
    /// No randomness for a new epoch.
    #[error("no new epoch can be drawn")]
    Entropy(#[from] crate::random::NoEntropy),
    /// The file is no copy of ours.
    #[error("not a copy made by simpul backup")]
    NotACopy,
    /// The folder holds a database already.
    #[error("the data folder is not empty")]
    NotEmpty,
    /// The copy holds no relay.
    #[error("the copy holds no relay")]
    Unfounded,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Copy {
    #[n(0)]
    label: String,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    main: Vec<u8>,
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    keys: Vec<u8>,
}

/// Writes a consistent copy; the relay may go on serving.
///
/// # Errors
/// [`BackupError`] when a database cannot be read or the file not be written.
pub async fn write(data: &DataFolder, file: &Path) -> Result<(), BackupError> {
    let storage = data.open(Durability::Full).await?;
    let beside = |name: &str| file.with_extension(name);
    let (main, keys) = (beside("main.part"), beside("keys.part"));
    let taken = async {
        // The log first: a key made in between is one too many, never one too few.
        storage.main().copy_to(&main).await?;
        storage.keys().copy_to(&keys).await?;
        let copy = Copy { label: LABEL.to_owned(), main: std::fs::read(&main)?, keys: std::fs::read(&keys)? };
        let mut bytes = Vec::new();
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&copy, &mut bytes);
        let whole = beside("part");
        std::fs::write(&whole, &bytes)?;
        std::fs::File::open(&whole)?.sync_all()?;
        std::fs::rename(&whole, file)?;
        Ok(())
    }
    .await;
    for part in [main, keys] {
        // Left over from a copy that failed half-way, or done with.
        let _ = std::fs::remove_file(part);
    }
    taken
}

/// Fills an empty folder from a copy.
///
/// # Errors
/// [`BackupError`] when the folder holds a database or the file is no copy.
pub async fn restore(data: &DataFolder, file: &Path, entropy: &dyn Entropy, now_ms: u64) -> Result<(), BackupError> {
    if data.exists() {
        return Err(BackupError::NotEmpty);
    }
    let bytes = std::fs::read(file)?;
    let copy: Copy = minicbor::decode(&bytes).map_err(|_| BackupError::NotACopy)?;
    if copy.label != LABEL {
        return Err(BackupError::NotACopy);
    }
    std::fs::create_dir_all(&data.path)?;
    std::fs::write(data.path.join(KEYS), &copy.keys)?;
    std::fs::write(data.path.join(DATABASE), &copy.main)?;
    let storage: Storage = data.open(Durability::Full).await?;
    let mut tx = storage.write().await?;
    let mut founding = tx.view().founding().await?.ok_or(BackupError::Unfounded)?;
    founding.epoch = draw(entropy)?;
    tx.found(&founding).await?;
    audit::append(&mut tx, now_ms, &[Entry::of(Act::Founded)]).await?;
    tx.commit().await?;
    Ok(())
}
