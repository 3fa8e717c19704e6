//! Simpul relay.

pub mod assets;
