//! Dangers nobody has taken, on every page: what the bar shows, and whether it rings.
//!
//! Owns the few minutes of silence somebody asked for. They end by themselves, and with the next danger.

use core::time::Duration;

use leptos::prelude::*;
use shared::id::CaseId;

use super::bell::Bell;
use super::clock::now_ms;
use super::engine::Engine;
use super::failure::sentence_of;
use super::load::Load;
use super::toast::{Toasts, use_toasts};
use crate::api::{AlarmView, Query, Request};
use crate::i18n::{T, t};

/// How long it stays silent when asked to.
const SILENCE: Duration = Duration::from_secs(300);
/// How often the minutes are counted anew.
const COUNT_EVERY: Duration = Duration::from_secs(30);
/// How long a bar that has just come takes no tap: a finger that was typing must not take a case.
const UNARMED: Duration = Duration::from_millis(700);

/// A silence somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Silence {
    until_ms: u64,
    /// What rang when it was asked for.
    of: Vec<CaseId>,
}

/// "Saya tangani", wherever it stands: whoever took a case from the bar or from home is led to it, for it leaves both.
pub(crate) fn take_over(engine: Engine, toasts: Toasts, case: CaseId) {
    engine.ask_then(Request::TakeOver { case }, move |outcome| match outcome {
        Ok(_) if is_open_here(case) => toasts.say(t(T::CaseTakenOver)),
        Ok(_) => toasts.say_of_case(t(T::CaseTakenOver), case),
        Err(failure) => toasts.say(sentence_of(failure.code)),
    });
}

/// Whether the page that is open shows a case.
fn is_open_here(case: CaseId) -> bool {
    let page = location().pathname().unwrap_or_default();
    page.split('/').any(|part| part == case.to_string())
}

/// Handle of the alarm; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Alarm {
    /// What the bar shows.
    pub(crate) view: Memo<AlarmView>,
    silence: RwSignal<Option<Silence>>,
    put_away: RwSignal<Vec<(CaseId, u64)>>,
    minute: RwSignal<u64>,
    armed: RwSignal<bool>,
    engine: Engine,
    toasts: Toasts,
}

/// Makes the alarm available for as long as somebody is signed in.
pub(crate) fn provide_alarm(engine: Engine) {
    let answer = engine.watch::<AlarmView>(Query::Alarm);
    let put_away = RwSignal::new(Vec::<(CaseId, u64)>::new());
    let view = Memo::new(move |_| {
        let mut view = match answer.get() {
            Load::Ready(view) => view,
            Load::Waiting | Load::Failed(_) => AlarmView::default(),
        };
        put_away.with(|away| view.taken.retain(|taken| !away.contains(&(taken.case, taken.at_ms))));
        view
    });
    let alarm = Alarm {
        view,
        silence: RwSignal::new(None),
        put_away,
        minute: RwSignal::new(0),
        armed: RwSignal::new(true),
        engine,
        toasts: use_toasts(),
    };
    let bell = StoredValue::new_local(Bell::default());
    Effect::new(move |_| {
        let rings = alarm.rings();
        bell.update_value(|bell| if rings { bell.start() } else { bell.stop() });
    });
    Effect::new(move |before: Option<usize>| {
        let count = view.with(|view| view.waiting.len());
        if count > before.unwrap_or(0) {
            alarm.armed.set(false);
            set_timeout(
                move || {
                    let _ = alarm.armed.try_set(true);
                },
                UNARMED,
            );
        }
        count
    });
    let counting =
        set_interval_with_handle(move || alarm.minute.update(|minute| *minute = minute.wrapping_add(1)), COUNT_EVERY);
    on_cleanup(move || {
        let _ = bell.try_update_value(Bell::stop);
        if let Ok(counting) = counting {
            counting.clear();
        }
    });
    provide_context(alarm);
}

/// The alarm; none before somebody is signed in.
pub(crate) fn use_alarm() -> Option<Alarm> {
    use_context::<Alarm>()
}

impl Alarm {
    /// Until when it is silent, if it is.
    pub(crate) fn silent_until_ms(self) -> Option<u64> {
        let waiting = self.view.with(|view| view.waiting.iter().map(|case| case.case).collect::<Vec<_>>());
        let silence = self.silence.get()?;
        waiting.iter().all(|case| silence.of.contains(case)).then_some(silence.until_ms)
    }

    /// Whether it rings.
    fn rings(self) -> bool {
        self.view.with(|view| !view.waiting.is_empty()) && self.silent_until_ms().is_none()
    }

    /// "Saya tangani"
    pub(crate) fn take(self, case: CaseId) {
        take_over(self.engine, self.toasts, case);
    }

    /// Is silent for a few minutes.
    pub(crate) fn silence(self) {
        let of = self.view.with_untracked(|view| view.waiting.iter().map(|case| case.case).collect());
        let until_ms = now_ms().saturating_add(u64::try_from(SILENCE.as_millis()).unwrap_or(0));
        let silence = Silence { until_ms, of };
        self.silence.set(Some(silence.clone()));
        set_timeout(
            move || {
                // Another silence may have begun meanwhile, or the next person be at the tablet.
                if self.silence.try_get_untracked().flatten() == Some(silence) {
                    self.silence.set(None);
                }
            },
            SILENCE,
        );
    }

    /// Sounds again.
    pub(crate) fn sound(self) {
        self.silence.set(None);
    }

    /// Shows no more who took this one.
    pub(crate) fn put_away(self, case: CaseId, at_ms: u64) {
        self.put_away.update(|away| away.push((case, at_ms)));
    }

    /// The time by which minutes are counted; whoever asks is asked again.
    pub(crate) fn now_ms(self) -> u64 {
        self.minute.track();
        now_ms()
    }

    /// Whether the bar takes no tap yet.
    pub(crate) fn is_unarmed(self) -> Signal<bool> {
        let armed = self.armed;
        Signal::derive(move || !armed.get())
    }
}
