//! Requests and transactions of IndexedDB as futures.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::channel::oneshot;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbRequest, IdbTransaction};

use crate::store::StoreError;

/// Waits for a request. Resumes inside the browser's event, so the transaction is still alive afterwards.
pub(super) async fn settle(request: &IdbRequest) -> Result<JsValue, StoreError> {
    struct Quiet<'a>(&'a IdbRequest);
    impl Drop for Quiet<'_> {
        fn drop(&mut self) {
            self.0.set_onsuccess(None);
            self.0.set_onerror(None);
        }
    }
    let (sender, settled) = oneshot::channel();
    let mut sender = Some(sender);
    let on_event = Closure::<dyn FnMut()>::new(move || {
        if let Some(sender) = sender.take() {
            // Nobody waits any more: then nobody needs to know.
            let _ = sender.send(());
        }
    });
    request.set_onsuccess(Some(on_event.as_ref().unchecked_ref()));
    request.set_onerror(Some(on_event.as_ref().unchecked_ref()));
    let quiet = Quiet(request);
    let heard = settled.await;
    drop(quiet);
    heard.map_err(|_| StoreError::Closed)?;
    match request.error() {
        Ok(Some(error)) => Err(translate(error.name())),
        Ok(None) | Err(_) => request.result().map_err(|_| StoreError::Closed),
    }
}

/// The end of a transaction: committed as durably as it was asked, or aborted for a reason.
pub(super) struct Ending {
    transaction: IdbTransaction,
    ended: oneshot::Receiver<()>,
    _on_end: Closure<dyn FnMut()>,
}

impl Ending {
    /// Watches from before the first request, so that no end is missed.
    pub(super) fn watch(transaction: &IdbTransaction) -> Self {
        let (sender, ended) = oneshot::channel();
        let mut sender = Some(sender);
        let on_complete = Closure::<dyn FnMut()>::new(move || {
            if let Some(sender) = sender.take() {
                // As above.
                let _ = sender.send(());
            }
        });
        transaction.set_oncomplete(Some(on_complete.as_ref().unchecked_ref()));
        transaction.set_onabort(Some(on_complete.as_ref().unchecked_ref()));
        Self { transaction: transaction.clone(), ended, _on_end: on_complete }
    }
}

impl Future for Ending {
    type Output = Result<(), StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.ended).poll(context).map(|heard| match (heard, self.transaction.error()) {
            (Ok(()), None) => Ok(()),
            (Ok(()), Some(error)) => Err(translate(error.name())),
            (Err(_), _) => Err(StoreError::Closed),
        })
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.transaction.set_oncomplete(None);
        self.transaction.set_onabort(None);
    }
}

/// The browser's name of an error, in the words of the store.
pub(super) fn translate(name: String) -> StoreError {
    match name.as_str() {
        "QuotaExceededError" => StoreError::Full,
        "VersionError" => StoreError::Newer,
        "InvalidStateError" | "AbortError" => StoreError::Closed,
        "SecurityError" => StoreError::Unavailable,
        _ => StoreError::Backend { name },
    }
}
