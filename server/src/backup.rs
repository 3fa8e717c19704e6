//! Backup and restore: one file with both databases, consistent, without the master key.
//!
//! The rows inside are sealed as they are on disk. A restore gives the database a new epoch, so that tablets repair
//! themselves and offer what the copy does not have.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
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

/// Where a restore makes itself ready, inside the data folder.
const RESTORING: &str = "restoring";
/// Only the relay's user goes in.
const FOLDER_MODE: u32 = 0o700;
/// Only the relay's user reads.
const FILE_MODE: u32 = 0o600;

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
    /// There is no relay to copy, or none in the copy.
    #[error("there is no relay in it")]
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
    // Opening would make an empty database, and a copy of nothing looks like a copy until the day it is needed.
    if !data.exists() {
        return Err(BackupError::Unfounded);
    }
    let storage = data.open(Durability::Full).await?;
    if storage.read().await?.view().founding().await?.is_none() {
        return Err(BackupError::Unfounded);
    }
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
        // Left over from a copy that failed half-way.
        let _ = std::fs::remove_file(&whole);
        keep(&whole, &bytes)?;
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
    // Made ready beside its place and put there last: cut short, it is not there, and may be made again.
    let ready = DataFolder { path: data.path.join(RESTORING), ..data.clone() };
    if ready.path.exists() {
        std::fs::remove_dir_all(&ready.path)?;
    }
    std::fs::DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(&ready.path)?;
    keep(&ready.path.join(KEYS), &copy.keys)?;
    keep(&ready.path.join(DATABASE), &copy.main)?;
    begin_epoch(&ready.open(Durability::Full).await?, entropy, now_ms).await?;
    std::fs::File::open(&ready.path)?.sync_all()?;
    // The database last: a folder without it counts as empty.
    for name in [KEYS, DATABASE] {
        std::fs::rename(ready.path.join(name), data.path.join(name))?;
    }
    std::fs::File::open(&data.path)?.sync_all()?;
    Ok(std::fs::remove_dir_all(&ready.path)?)
}

/// Writes a file that only the relay's user may read, and has it on the disk.
fn keep(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

async fn begin_epoch(storage: &Storage, entropy: &dyn Entropy, now_ms: u64) -> Result<(), BackupError> {
    let mut tx = storage.write().await?;
    tx.view().founding().await?.ok_or(BackupError::Unfounded)?;
    tx.begin_epoch(draw(entropy)?, draw(entropy)?, now_ms).await?;
    audit::append(&mut tx, now_ms, &[Entry::of(Act::Founded)]).await?;
    tx.commit().await?;
    // What the write-ahead log holds goes into the file, which is moved without it.
    storage.close().await;
    Ok(())
}
