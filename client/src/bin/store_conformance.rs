//! Runs the store's conformance list on IndexedDB in a worker, for the browser tests; never part of a build that ships.
//!
//! Answers its first message with `[[name, failed sentence or null], …]`, then times strict and relaxed writes.

#[cfg(all(feature = "browser", target_arch = "wasm32"))]
fn main() {
    use client::browser::Browser;
    use client::store::conformance::{CHECKS, run};
    use js_sys::Array;
    use wasm_bindgen::{JsCast, JsValue};

    console_error_panic_hook::set_once();
    client::browser::worker::start(|_port| {
        wasm_bindgen_futures::spawn_local(async {
            let report = Array::new();
            for name in CHECKS {
                let verdict = run(&Browser, name).await;
                let sentence = verdict.err().map_or(JsValue::NULL, |sentence| JsValue::from_str(&sentence));
                report.push(&Array::of2(&JsValue::from_str(name), &sentence));
            }
            let scope: web_sys::DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
            // Text and arrays can be sent.
            let _ = scope.post_message(&report);
        });
    });
}

/// Natively there is nothing to run: the same list is a test of the library.
#[cfg(not(all(feature = "browser", target_arch = "wasm32")))]
fn main() {}
