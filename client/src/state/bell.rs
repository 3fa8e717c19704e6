//! The sound of a danger: made by the browser, without a file, and a shake where the tablet can.
//!
//! Heard only after the page was touched once: browsers allow no sound before, and nobody unlocks without touching.

use core::time::Duration;

use js_sys::{Array, Function, Reflect};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AudioContext, OscillatorType};

/// Between two rings.
const EVERY: Duration = Duration::from_secs(5);
/// Two tones, in turn, that a room hears through talk. Hertz.
const TONES: [f32; 4] = [880.0, 660.0, 880.0, 660.0];
/// How long each lasts, seconds.
const TONE_S: f64 = 0.25;
/// How loud, of 1.
const LOUD: f32 = 0.5;
/// Shakes and pauses, milliseconds.
const SHAKE_MS: [u32; 3] = [400, 200, 400];

/// A bell that rings until it is stopped.
#[derive(Default)]
pub(crate) struct Bell {
    context: Option<AudioContext>,
    beat: Option<IntervalHandle>,
}

impl Bell {
    /// Rings now, and again and again.
    pub(crate) fn start(&mut self) {
        if self.beat.is_some() {
            return;
        }
        if self.context.is_none() {
            self.context = AudioContext::new().ok();
        }
        let context = self.context.clone();
        let ring = move || ring(context.as_ref());
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

fn ring(context: Option<&AudioContext>) {
    if !was_touched() {
        return;
    }
    // A tablet that can make no sound shows the bar all the same.
    let _ = context.map(sound);
    shake();
}

fn sound(context: &AudioContext) -> Result<(), JsValue> {
    // The browser lets a context sleep that was made before the first touch, or while the page was hidden.
    let _ = context.resume()?;
    let (oscillator, gain) = (context.create_oscillator()?, context.create_gain()?);
    oscillator.set_type(OscillatorType::Square);
    let begin = context.current_time();
    let mut at = begin;
    for tone in TONES {
        oscillator.frequency().set_value_at_time(tone, at)?;
        at += TONE_S;
    }
    gain.gain().set_value_at_time(LOUD, begin)?;
    let _ = oscillator.connect_with_audio_node(&gain)?;
    let _ = gain.connect_with_audio_node(&context.destination())?;
    oscillator.start()?;
    oscillator.stop_with_when(at)
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
