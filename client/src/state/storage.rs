//! Whether the browser may throw our data away, and whether it has.

use leptos::prelude::*;

use crate::browser::storage;

/// Somebody was let in, so there is a vault: asks the browser to keep our data whatever happens, since a worker may not ask.
/// What it answered is read where it is shown.
pub(crate) fn keep() {
    storage::note_vaults(true);
    leptos::task::spawn_local(async {
        storage::ask_to_persist().await;
    });
}

/// Whether it has agreed; false until it says so.
pub(crate) fn is_kept() -> ReadSignal<bool> {
    let (read, write) = signal(false);
    leptos::task::spawn_local(async move {
        let _ = write.try_set(storage::is_persisted().await.unwrap_or(false));
    });
    read
}

/// Whether this tablet held vaults that the browser has lost; `has_vaults` says whether there are any now.
pub(crate) fn are_vaults_lost(has_vaults: bool) -> bool {
    if has_vaults {
        storage::note_vaults(true);
    }
    !has_vaults && storage::noted_vaults()
}

/// A vault was wiped on purpose. Those that are left are noted again at the door.
pub(crate) fn expect_no_vaults() {
    storage::note_vaults(false);
}
