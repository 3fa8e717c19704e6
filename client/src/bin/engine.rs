//! The engine module: runs in a dedicated worker, or derives one key in a throw-away one.

#[cfg(all(feature = "browser", target_arch = "wasm32"))]
fn main() {
    client::browser::serve::start();
}

/// The engine runs in a browser; natively it is a library that the tests drive.
#[cfg(not(all(feature = "browser", target_arch = "wasm32")))]
fn main() {}
