//! Simpul relay.
