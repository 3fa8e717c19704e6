//! Hands a sealed file to the user. The name is the engine's and says nothing.

use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, Url};

use super::engine::Engine;
use super::failure::sentence_of;
use super::toast::Toasts;
use crate::api::{Reply, Request};
use crate::i18n::{T, t};

/// Saves everything that is not sent, held or being typed to a sealed file, and says so to the caller.
pub(crate) fn export(engine: Engine, toasts: Toasts, then: impl FnOnce() + 'static) {
    engine.ask_then(Request::ExportTray, move |outcome| match outcome {
        Ok(Reply::File(name, bytes)) if offer_file(&name, &bytes).is_ok() => then(),
        Ok(Reply::File(..)) => toasts.say(t(T::StateErrorTitle)),
        Ok(_) => {}
        Err(failure) => toasts.say(sentence_of(failure.code)),
    });
}

/// Offers the bytes as a download.
///
/// # Errors
/// The browser's refusal.
pub(crate) fn offer_file(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence(&parts)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link = document().create_element("a")?.unchecked_into::<HtmlAnchorElement>();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address)
}
