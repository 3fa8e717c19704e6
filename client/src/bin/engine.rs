//! The engine module: runs in a dedicated worker, or derives one key in a throw-away one.

#[cfg(all(feature = "browser", target_arch = "wasm32"))]
fn main() {
    console_error_panic_hook::set_once();
    client::browser::worker::start(|port| wasm_bindgen_futures::spawn_local(client::browser::serve::serve(port)));
}

/// The engine runs in a browser; natively it is a library that the tests drive.
#[cfg(not(all(feature = "browser", target_arch = "wasm32")))]
fn main() {}
