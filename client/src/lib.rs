//! The tablet: its engine (store, vault, sync loop, queries) and its interface.
//!
//! The engine builds natively without features, so that tests drive the real one; `browser` adds the web glue and
//! `ui` the Leptos interface.

pub mod api;
#[cfg(feature = "ui")]
pub mod app;
#[cfg(all(feature = "browser", target_arch = "wasm32"))]
pub mod browser;
#[cfg(feature = "ui")]
#[expect(unreachable_pub, reason = "leptos writes a public function for every component")]
mod components;
pub mod engine;
#[cfg(any(feature = "ui", test))]
mod entry;
#[cfg(any(feature = "ui", test))]
mod format;
#[cfg(feature = "ui")]
#[expect(unreachable_pub, reason = "leptos writes a public function for every component")]
mod forms;
#[cfg(any(feature = "ui", test))]
mod i18n;
#[cfg(feature = "ui")]
#[expect(unreachable_pub, reason = "leptos writes a public function for every component")]
mod pages;
pub mod platform;
#[cfg(feature = "ui")]
mod state;
pub mod store;
pub mod vault;
