//! Small steps into JavaScript that the bindings lack or mark unstable.

use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// The worker's global object.
pub(super) fn scope() -> web_sys::WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// `navigator`, of a worker or a page.
pub(super) fn navigator() -> JsValue {
    get(&js_sys::global(), "navigator")
}

/// A property; undefined when there is none.
pub(super) fn get(target: &JsValue, name: &str) -> JsValue {
    Reflect::get(target, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a property of an object of ours.
pub(super) fn set(target: &JsValue, name: &str, value: &JsValue) {
    // Fails for frozen objects only, and ours are not.
    let _ = Reflect::set(target, &JsValue::from_str(name), value);
}

/// Calls a method.
pub(super) fn call(target: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = get(target, name).dyn_into()?;
    method.apply(target, &arguments.iter().collect::<Array>())
}

/// Bytes of a message or a value: an array of bytes or a buffer.
pub(super) fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    if let Some(array) = value.dyn_ref::<Uint8Array>() {
        return Some(array.to_vec());
    }
    value.dyn_ref::<js_sys::ArrayBuffer>().map(|buffer| Uint8Array::new(buffer).to_vec())
}

/// A number of JavaScript as a whole one; what is negative, endless or no number becomes the nearest.
#[expect(clippy::as_conversions, reason = "a cast from a float saturates, which is what is wanted")]
pub(super) fn whole(number: f64) -> u64 {
    number as u64
}

/// Name of an error the browser threw, which holds no data; its message may.
pub(super) fn error_name(error: &JsValue) -> String {
    get(error, "name").as_string().unwrap_or_else(|| String::from("unknown"))
}
