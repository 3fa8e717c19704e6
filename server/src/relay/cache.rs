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

/// What is kept of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Layer {
    /// The document.
    Merged,
    /// The document with everything that was ever held in it.
    WithHeld,
}

type Key = (DocumentId, Layer);

struct Kept {
    /// The changes that say which state it is.
    state: Vec<ChangeHash>,
    document: Arc<VettedDocument>,
    bytes: u64,
    used: u64,
}

#[derive(Default)]
struct Inner {
    documents: HashMap<Key, Kept>,
    by_use: BTreeMap<u64, Key>,
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
        self.find((document, Layer::Merged), heads)
    }

    /// Keeps a document that was committed.
    pub(super) fn put(&self, id: DocumentId, document: Arc<VettedDocument>, change_bytes: u64) {
        let heads = document.document().heads();
        self.keep((id, Layer::Merged), heads, document, change_bytes);
    }

    /// A document with what was held in it, in a state that [`Self::put_with_held`] was told.
    pub(super) fn get_with_held(&self, document: DocumentId, state: &[ChangeHash]) -> Option<Arc<VettedDocument>> {
        self.find((document, Layer::WithHeld), state)
    }

    /// Keeps a document with what was held in it. The state names all of its changes, so that it is true whether or not
    /// the transaction commits that put them aside.
    pub(super) fn put_with_held(
        &self,
        id: DocumentId,
        state: Vec<ChangeHash>,
        document: Arc<VettedDocument>,
        change_bytes: u64,
    ) {
        self.keep((id, Layer::WithHeld), state, document, change_bytes);
    }

    fn find(&self, key: Key, state: &[ChangeHash]) -> Option<Arc<VettedDocument>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.tick = inner.tick.saturating_add(1);
        let tick = inner.tick;
        let kept = inner.documents.get_mut(&key)?;
        if kept.state != state {
            return None;
        }
        let before = core::mem::replace(&mut kept.used, tick);
        let found = Arc::clone(&kept.document);
        inner.by_use.remove(&before);
        inner.by_use.insert(tick, key);
        Some(found)
    }

    fn keep(&self, key: Key, state: Vec<ChangeHash>, document: Arc<VettedDocument>, change_bytes: u64) {
        let bytes = change_bytes.saturating_mul(OPEN_FACTOR).max(DOCUMENT_BYTES_MIN);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.remove(key);
        inner.tick = inner.tick.saturating_add(1);
        let used = inner.tick;
        inner.by_use.insert(used, key);
        inner.bytes = inner.bytes.saturating_add(bytes);
        inner.documents.insert(key, Kept { state, document, bytes, used });
        while inner.bytes > CACHE_BYTES_MAX {
            let Some((_, oldest)) = inner.by_use.pop_first() else { break };
            inner.remove(oldest);
        }
    }
}

impl Inner {
    fn remove(&mut self, key: Key) {
        if let Some(kept) = self.documents.remove(&key) {
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
        // What was held in a document is another matter.
        cache.put_with_held(id(0), vec![heads[0]; 2], Arc::clone(&document), 0);
        assert!(cache.get_with_held(id(0), &heads).is_none());
        assert!(cache.get_with_held(id(0), &[heads[0]; 2]).is_some());
        assert!(cache.get(id(0), &heads).is_some());
        for number in 1..5000 {
            cache.put(id(number), Arc::clone(&document), 0);
        }
        let inner = cache.inner.lock().unwrap();
        assert!(inner.bytes <= CACHE_BYTES_MAX);
        assert_eq!(inner.documents.len(), inner.by_use.len());
        assert!(!inner.documents.contains_key(&(id(0), Layer::Merged)), "the oldest went first");
        assert!(inner.documents.contains_key(&(id(4999), Layer::Merged)));
    }
}
