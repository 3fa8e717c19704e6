//! A copy is restored into an empty folder: everything is there, under a new epoch, and a foreign master key opens nothing.

#![expect(clippy::unwrap_used, reason = "a test stops where something is missing")]

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use server::backup::{BackupError, restore, write};
use server::data::DataFolder;
use server::demo::fill::fill;
use server::random::{SeededEntropy, SystemEntropy};
use server::relay::{Relay, RelayError, Setup};
use server::storage::sqlite::Durability;
use shared::pack::source::embedded;
use shared::seal::relay::MasterKey;

async fn open(data: &DataFolder, master: Option<MasterKey>) -> Result<Relay, RelayError> {
    let entropy = Arc::new(SeededEntropy::new(3));
    let master = master.unwrap_or_else(|| data.master_key(entropy.as_ref()).unwrap());
    let pack = embedded("belu").unwrap().unwrap();
    let storage = data.open(Durability::Relaxed).await.unwrap();
    Relay::open(storage, Setup { master, older: Vec::new(), pack, entropy, synthetic: true }, 1_800_000_000_000).await
}

#[tokio::test]
async fn a_restored_relay_has_everything_and_a_new_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::new(folder.path().join("data"), None);
    let relay = open(&data, None).await.unwrap();
    fill(&relay, 42, 8, 1_800_000_000_000).await.unwrap();
    let before = relay.storage().read().await.unwrap().view().founding().await.unwrap().unwrap();
    let cases = relay.storage().read().await.unwrap().view().cases().await.unwrap();
    relay.storage().close().await;
    let copy = folder.path().join("copy");
    write(&data, &copy).await.unwrap();

    let elsewhere = DataFolder::new(folder.path().join("elsewhere"), Some(data.master_key.clone()));
    restore(&elsewhere, &copy, &SystemEntropy, 1_800_000_000_001).await.unwrap();
    assert!(restore(&elsewhere, &copy, &SystemEntropy, 1_800_000_000_001).await.is_err(), "never over a database");
    let restored = open(&elsewhere, None).await.unwrap();
    let after = restored.storage().read().await.unwrap().view().founding().await.unwrap().unwrap();
    assert_eq!(after.tenant, before.tenant);
    assert_ne!(after.epoch, before.epoch);
    assert_eq!(restored.storage().read().await.unwrap().view().cases().await.unwrap(), cases);
    assert_eq!(restored.verify_grants(1_800_000_000_002).await.unwrap(), 0);
    restored.storage().close().await;
    assert!(open(&elsewhere, Some(MasterKey::from_bytes([9; 32]))).await.is_err(), "another relay's master key");
}

#[tokio::test]
async fn a_folder_without_a_relay_is_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = DataFolder::new(folder.path().join("typing-error"), None);
    let copy = folder.path().join("copy");
    assert!(matches!(write(&nothing, &copy).await, Err(BackupError::Unfounded)));
    assert!(!copy.exists() && !nothing.path.exists());
}

#[tokio::test]
async fn a_restore_that_was_cut_short_is_made_again_and_nobody_else_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::new(folder.path().join("data"), None);
    let relay = open(&data, None).await.unwrap();
    let before = relay.storage().read().await.unwrap().view().founding().await.unwrap().unwrap();
    relay.storage().close().await;
    let copy = folder.path().join("copy");
    write(&data, &copy).await.unwrap();
    let elsewhere = DataFolder::new(folder.path().join("elsewhere"), Some(data.master_key.clone()));
    // Power went after the keys were in place and before the database was.
    std::fs::create_dir_all(elsewhere.path.join("restoring")).unwrap();
    std::fs::write(elsewhere.path.join("restoring/simpul.db"), b"half").unwrap();
    std::fs::write(elsewhere.path.join("keys.db"), b"half").unwrap();
    restore(&elsewhere, &copy, &SystemEntropy, 1_800_000_000_001).await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&copy), 0o600);
    for name in ["simpul.db", "keys.db"] {
        assert_eq!(mode(&elsewhere.path.join(name)), 0o600, "{name}");
    }
    assert!(!elsewhere.path.join("restoring").exists());
    let restored = open(&elsewhere, None).await.unwrap();
    assert_ne!(restored.storage().read().await.unwrap().view().founding().await.unwrap().unwrap().epoch, before.epoch);
}
