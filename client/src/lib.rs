//! The tablet: its engine (store, vault, sync loop, queries) and its interface.
//!
//! The engine builds natively without features, so that tests drive the real one; `browser` adds the web glue and
//! `ui` the Leptos interface.

pub mod api;
pub mod store;
