//! Runs what only a browser can prove, in a worker, for the browser tests; never part of a build that ships.
//!
//! The store's conformance list on IndexedDB, then the platform: key worker, locks, channels, durability. Answers each
//! message with `[[name, failed sentence or null], …]`.

#[cfg(all(feature = "browser", target_arch = "wasm32"))]
mod in_browser;

#[cfg(all(feature = "browser", target_arch = "wasm32"))]
fn main() {
    console_error_panic_hook::set_once();
    client::browser::worker::start(|port| wasm_bindgen_futures::spawn_local(in_browser::serve(port)));
}

/// Natively there is nothing to run: the same list is a test of the library.
#[cfg(not(all(feature = "browser", target_arch = "wasm32")))]
fn main() {}
