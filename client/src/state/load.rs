//! What is known of an answer that comes from the engine.

use crate::api::Failure;

/// An answer on its way, there, or not to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Load<V> {
    /// Not there yet.
    Waiting,
    /// There.
    Ready(V),
    /// Not to be had.
    Failed(Failure),
}

impl<V> Load<V> {
    /// The answer, if it is there.
    pub(crate) const fn ready(&self) -> Option<&V> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Waiting | Self::Failed(_) => None,
        }
    }
}
