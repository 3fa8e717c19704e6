//! The data folder: two databases, and the master key beside it, never inside.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use shared::seal::relay::{MasterKey, MasterKeyError};

use crate::random::{Entropy, NoEntropy, draw};
use crate::storage::sqlite::{Durability, SqliteBackend};
use crate::storage::{Storage, StorageError};

/// The log and everything else.
pub const DATABASE: &str = "simpul.db";
/// The wrapped document keys, apart, so that destroying one erases a document everywhere.
pub const KEYS: &str = "keys.db";
/// Bytes kept free for the day the disk is full.
const HEADROOM_BYTES: usize = 16 << 20;
const HEADROOM: &str = "headroom";

/// The data folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file system refused.
    #[error("{path}: the file system refused")]
    Files {
        /// What was touched.
        path: PathBuf,
        /// What it answered.
        #[source]
        source: std::io::Error,
    },
    /// There is a database but no master key: making a new one would lose everything.
    #[error("{path}: the master key of this database is missing")]
    MasterKeyMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is no master key.
    #[error("{path}: not a master key")]
    MasterKey {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: MasterKeyError,
    },
    /// The storage refused.
    #[error("the database cannot be opened")]
    Storage(#[from] StorageError),
    /// No randomness for a new master key.
    #[error("no master key can be drawn")]
    Entropy(#[from] NoEntropy),
}

/// A data folder and its master key file.
#[derive(Debug, Clone)]
pub struct DataFolder {
    /// The folder.
    pub path: PathBuf,
    /// The master key file.
    pub master_key: PathBuf,
}

fn files(path: &Path) -> impl FnOnce(std::io::Error) -> DataError + '_ {
    move |source| DataError::Files { path: path.to_owned(), source }
}

impl DataFolder {
    /// Names a folder; the master key lies beside it unless said otherwise.
    #[must_use]
    pub fn new(path: PathBuf, master_key: Option<PathBuf>) -> Self {
        let beside = || {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(".master-key");
            path.with_file_name(name)
        };
        Self { master_key: master_key.unwrap_or_else(beside), path }
    }

    /// Whether a database was made here before.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.join(DATABASE).exists()
    }

    /// Reads the master key, or makes it at the first start: mode 0400, never overwritten.
    ///
    /// # Errors
    /// [`DataError`] when it is missing beside a database, unreadable, or cannot be made.
    pub fn master_key(&self, entropy: &dyn Entropy) -> Result<MasterKey, DataError> {
        let path = self.master_key.as_path();
        match fs::read_to_string(path) {
            Ok(text) => {
                MasterKey::parse(&text).map_err(|source| DataError::MasterKey { path: path.to_owned(), source })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.exists() => {
                Err(DataError::MasterKeyMissing { path: path.to_owned() })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = MasterKey::from_bytes(draw(entropy)?);
                let mut file =
                    OpenOptions::new().write(true).create_new(true).mode(0o400).open(path).map_err(files(path))?;
                file.write_all(key.to_text().as_bytes()).map_err(files(path))?;
                file.sync_all().map_err(files(path))?;
                Ok(key)
            }
            Err(source) => Err(DataError::Files { path: path.to_owned(), source }),
        }
    }

    /// Opens the databases; makes the folder (for its owner alone) if it is missing.
    ///
    /// # Errors
    /// [`DataError`] when a file cannot be opened.
    pub async fn open(&self, durability: Durability) -> Result<Storage, DataError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.path).map_err(files(&self.path))?;
        let main = SqliteBackend::open(&self.path.join(DATABASE), durability).await?;
        let keys = SqliteBackend::open(&self.path.join(KEYS), durability).await?;
        Ok(Storage::new(Box::new(main), Box::new(keys)))
    }

    /// Keeps room free, so that the database can still tidy up when the disk is full.
    ///
    /// # Errors
    /// [`DataError::Files`] when there is no room for it.
    pub fn keep_headroom(&self) -> Result<(), DataError> {
        let path = self.path.join(HEADROOM);
        if fs::metadata(&path).is_ok_and(|found| usize::try_from(found.len()).is_ok_and(|size| size == HEADROOM_BYTES))
        {
            return Ok(());
        }
        let write = || {
            let mut file = fs::File::create(&path)?;
            // Written, not only sized: a hole in a file reserves nothing.
            let block = vec![0x5a_u8; 1 << 20];
            // Twice as much, so that room which was only just given to the database is not taken for new room.
            for _ in 0..HEADROOM_BYTES.saturating_mul(2).checked_div(block.len()).unwrap_or(0) {
                file.write_all(&block)?;
            }
            file.sync_all()?;
            file.set_len(u64::try_from(HEADROOM_BYTES).unwrap_or(0))
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&path);
            DataError::Files { path: path.clone(), source }
        })
    }

    /// Gives the kept room to the database; false when none was kept.
    #[must_use]
    pub fn release_headroom(&self) -> bool {
        fs::remove_file(self.path.join(HEADROOM)).is_ok()
    }
}
