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

/// Where a page notes that there are vaults: apart from IndexedDB, so that both are not lost together.
const VAULTS_NOTED: &str = "simpul-vaults";

/// Notes that this tablet holds vaults, or that it holds none any more. For a page; a worker has no such place.
pub fn note_vaults(are_there: bool) {
    let notes = js::get(&js_sys::global(), "localStorage");
    let key = JsValue::from_str(VAULTS_NOTED);
    // Without the note a loss is not told apart from a new tablet; nothing else hangs on it.
    let _ = if are_there {
        js::call(&notes, "setItem", &[key, JsValue::from_str("1")])
    } else {
        js::call(&notes, "removeItem", &[key])
    };
}

/// Whether this tablet was noted to hold vaults.
#[must_use]
pub fn noted_vaults() -> bool {
    let notes = js::get(&js_sys::global(), "localStorage");
    js::call(&notes, "getItem", &[JsValue::from_str(VAULTS_NOTED)]).is_ok_and(|noted| noted.is_string())
}

/// Where a page notes whose emergency numbers were looked at last. It is read before anybody unlocks, so it cannot be sealed.
const DISTRICT_NOTED: &str = "simpul-district";

/// Notes the district whose numbers somebody looked at: where a tablet is used, never where somebody of a case is.
pub fn note_district(code: &str) {
    let notes = js::get(&js_sys::global(), "localStorage");
    // Without the note one more tap leads there; nothing else hangs on it.
    let _ = js::call(&notes, "setItem", &[JsValue::from_str(DISTRICT_NOTED), JsValue::from_str(code)]);
}

/// The district noted last.
#[must_use]
pub fn noted_district() -> Option<String> {
    let notes = js::get(&js_sys::global(), "localStorage");
    js::call(&notes, "getItem", &[JsValue::from_str(DISTRICT_NOTED)]).ok()?.as_string()
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
