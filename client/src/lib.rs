//! The tablet: its engine (store, vault, sync loop, queries) and its interface.
//!
//! The engine builds natively without features, so that tests drive the real one; `browser` adds the web glue and
//! `ui` the Leptos interface.

pub mod api;
#[cfg(all(feature = "browser", target_arch = "wasm32"))]
pub mod browser;
pub mod engine;
pub mod platform;
pub mod store;
pub mod vault;
