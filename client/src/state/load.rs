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
    /// Whether the answer is on its way.
    pub(crate) const fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting)
    }

    /// The answer, if it is there.
    pub(crate) const fn ready(&self) -> Option<&V> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Waiting | Self::Failed(_) => None,
        }
    }
}
