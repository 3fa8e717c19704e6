//! The sound of a danger: made by the browser, without a file, and a shake where the tablet can.
//!
//! Heard only after the page was touched once: browsers allow no sound before, and nobody unlocks without touching.

use core::time::Duration;

use js_sys::{Array, Function, Reflect, Uint8Array};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use leptos::reactive::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlAudioElement, Url};

/// Between two rings.
const EVERY: Duration = Duration::from_secs(5);
/// Two tones, in turn, that a room hears through talk: how many samples half a wave of each lasts (880 and 660 hertz, about).
const TONES: [usize; 4] = [9, 12, 9, 12];
/// Samples of a second.
const RATE: u32 = 16_000;
/// Samples of each tone: a quarter of a second.
const TONE_SAMPLES: usize = 4_000;
/// The two levels of a wave, of half the loudness there is.
const LEVELS: [u8; 2] = [64, 192];
/// Shakes and pauses, milliseconds.
const SHAKE_MS: [u32; 3] = [400, 200, 400];

/// A bell that rings until it is stopped.
#[derive(Default)]
pub(crate) struct Bell {
    sound: Option<HtmlAudioElement>,
    beat: Option<IntervalHandle>,
}

impl Bell {
    /// Rings now, and again and again.
    pub(crate) fn start(&mut self) {
        if self.beat.is_some() {
            return;
        }
        if self.sound.is_none() {
            self.sound = sound().ok();
        }
        let sound = self.sound.clone();
        let ring = move || ring(sound.as_ref());
        ring();
        self.beat = set_interval_with_handle(ring, EVERY).ok();
    }

    /// Rings no more.
    pub(crate) fn stop(&mut self) {
        if let Some(beat) = self.beat.take() {
            beat.clear();
        }
    }
}

fn ring(sound: Option<&HtmlAudioElement>) {
    if !was_touched() {
        return;
    }
    // A tablet that can make no sound shows the bar all the same.
    if let Some(playing) = sound.and_then(|sound| sound.play().ok()) {
        spawn_local(async move {
            let _ = JsFuture::from(playing).await;
        });
    }
    shake();
}

/// An element that plays the tones. Synthesised by the browser they would hold up the page until its sound has started, which takes
/// a slow tablet a quarter of a second.
fn sound() -> Result<HtmlAudioElement, JsValue> {
    let file = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(wave().as_slice())))?;
    HtmlAudioElement::new_with_src(&Url::create_object_url_with_blob(&file)?)
}

/// The tones as a WAVE file: one channel, one byte a sample.
fn wave() -> Vec<u8> {
    const FORMAT_BYTES: u32 = 16;
    const HEADER_BYTES: u32 = 36;
    let samples = TONES.iter().flat_map(|half| {
        let level = move |sample: usize| LEVELS.get((sample / half) % 2).copied().unwrap_or_default();
        (0..TONE_SAMPLES).map(level)
    });
    let samples: Vec<u8> = samples.collect();
    let length = u32::try_from(samples.len()).unwrap_or_default();
    // Uncompressed, one channel; bytes of a sample, and its bits.
    let (format, sample) = ([1_u8, 0, 1, 0], [1_u8, 0, 8, 0]);
    [
        b"RIFF".as_slice(),
        &HEADER_BYTES.saturating_add(length).to_le_bytes(),
        b"WAVEfmt ",
        &FORMAT_BYTES.to_le_bytes(),
        &format,
        &RATE.to_le_bytes(),
        &RATE.to_le_bytes(),
        &sample,
        b"data",
        &length.to_le_bytes(),
        &samples,
    ]
    .concat()
}

fn was_touched() -> bool {
    let activation = property(&navigator(), "userActivation");
    property(&activation, "hasBeenActive").is_truthy()
}

fn shake() {
    let navigator = navigator();
    if let Ok(vibrate) = property(&navigator, "vibrate").dyn_into::<Function>() {
        let pattern: Array = SHAKE_MS.into_iter().map(JsValue::from).collect();
        // Refused by a tablet that cannot shake.
        let _ = vibrate.call1(&navigator, &pattern);
    }
}

fn navigator() -> JsValue {
    window().navigator().into()
}

fn property(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}
