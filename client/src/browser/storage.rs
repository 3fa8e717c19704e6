//! Room on the tablet, and whether the browser may throw our data away.

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::js;
use crate::store::{Estimate, StoreError};

/// Asks the browser to keep our data whatever happens. For a page, after a touch; a worker may not ask.
///
/// What it decided is for [`is_persisted`] to say.
pub async fn ask_to_persist() {
    told("persist").await;
}

/// Whether the browser has agreed to keep our data; `None` when it does not say.
pub async fn is_persisted() -> Option<bool> {
    told("persisted").await.and_then(|answer| answer.as_bool())
}

/// Room used and left.
pub(super) async fn estimate() -> Result<Estimate, StoreError> {
    let answer = told("estimate").await.ok_or(StoreError::Unavailable)?;
    let bytes = |name| js::get(&answer, name).as_f64().map(js::whole).ok_or(StoreError::Unavailable);
    Ok(Estimate { used_bytes: bytes("usage")?, quota_bytes: bytes("quota")? })
}

async fn told(method: &str) -> Option<JsValue> {
    let manager = js::get(&js::navigator(), "storage");
    let promise = js::call(&manager, method, &[]).ok()?.dyn_into::<Promise>().ok()?;
    JsFuture::from(promise).await.ok()
}
