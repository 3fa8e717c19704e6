//! Documents kept open between pushes, so that the usual change costs a clone and not a load.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use shared::document::vet::VettedDocument;
use shared::id::{ChangeHash, DocumentId};

/// What all kept documents may take together. An open document takes about twelve times its changes' bytes.
const CACHE_BYTES_MAX: u64 = 48 << 20;
/// What an open document takes at least.
const DOCUMENT_BYTES_MIN: u64 = 24 << 10;
/// Open bytes per byte of change.
const OPEN_FACTOR: u64 = 12;

struct Kept {
    heads: Vec<ChangeHash>,
    document: Arc<VettedDocument>,
    bytes: u64,
    used: u64,
}

#[derive(Default)]
struct Inner {
    documents: HashMap<DocumentId, Kept>,
    by_use: BTreeMap<u64, DocumentId>,
    bytes: u64,
    tick: u64,
}

/// Least recently used documents go first when the bound is reached.
#[derive(Default)]
pub(super) struct DocumentCache {
    inner: Mutex<Inner>,
}

impl DocumentCache {
    /// A document as it was at these heads.
    pub(super) fn get(&self, document: DocumentId, heads: &[ChangeHash]) -> Option<Arc<VettedDocument>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.tick = inner.tick.saturating_add(1);
        let tick = inner.tick;
        let kept = inner.documents.get_mut(&document)?;
        if kept.heads != heads {
            return None;
        }
        let before = core::mem::replace(&mut kept.used, tick);
        let found = Arc::clone(&kept.document);
        inner.by_use.remove(&before);
        inner.by_use.insert(tick, document);
        Some(found)
    }

    /// Keeps a document that was committed.
    pub(super) fn put(&self, id: DocumentId, document: Arc<VettedDocument>, change_bytes: u64) {
        let bytes = change_bytes.saturating_mul(OPEN_FACTOR).max(DOCUMENT_BYTES_MIN);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.remove(id);
        inner.tick = inner.tick.saturating_add(1);
        let used = inner.tick;
        inner.by_use.insert(used, id);
        inner.bytes = inner.bytes.saturating_add(bytes);
        inner.documents.insert(id, Kept { heads: document.document().heads(), document, bytes, used });
        while inner.bytes > CACHE_BYTES_MAX {
            let Some((_, oldest)) = inner.by_use.pop_first() else { break };
            inner.remove(oldest);
        }
    }
}

impl Inner {
    fn remove(&mut self, id: DocumentId) {
        if let Some(kept) = self.documents.remove(&id) {
            self.bytes = self.bytes.saturating_sub(kept.bytes);
            self.by_use.remove(&kept.used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_asked_state_is_given_and_memory_is_bounded() {
        let cache = DocumentCache::default();
        let document = Arc::new(VettedDocument::new().unwrap());
        let heads = document.document().heads();
        let id = |number: u16| {
            let [high, low] = number.to_be_bytes();
            let mut bytes = [0; 16];
            bytes[0] = high;
            bytes[1] = low;
            DocumentId::from_bytes(bytes)
        };
        cache.put(id(0), Arc::clone(&document), 0);
        assert!(cache.get(id(0), &heads).is_some());
        assert!(cache.get(id(0), &[]).is_none());
        for number in 1..5000 {
            cache.put(id(number), Arc::clone(&document), 0);
        }
        let inner = cache.inner.lock().unwrap();
        assert!(inner.bytes <= CACHE_BYTES_MAX);
        assert_eq!(inner.documents.len(), inner.by_use.len());
        assert!(!inner.documents.contains_key(&id(0)), "the oldest went first");
        assert!(inner.documents.contains_key(&id(4999)));
    }
}
