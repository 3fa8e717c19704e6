//! Whether the browser may throw our data away.

use leptos::prelude::*;

use crate::browser::storage;

/// Asks the browser to keep our data whatever happens: at the touch that lets a person in, for a worker may not ask. What
/// it answered is read where it is shown.
pub(crate) fn keep() {
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
