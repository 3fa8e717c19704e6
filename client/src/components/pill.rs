//! The status pill: what has not left the tablet, and why.

use leptos::prelude::*;
use shared::sync::sending::WaitsFor;

use super::icon::{Glyph, Icon};
use crate::api::{Line, StatusView};
use crate::i18n::{T, t, tn};

/// How the pill looks and what it says.
fn face(status: &StatusView) -> (&'static str, Icon, String) {
    if status.clock_wrong {
        return ("pill pill--danger", Icon::Clock, t(T::PillClock).to_owned());
    }
    if status.line == Line::Ended {
        return ("pill pill--danger", Icon::Alert, t(T::PillEnded).to_owned());
    }
    if status.fault != 0 && !status.busy {
        return ("pill pill--warn", Icon::Alert, t(T::PillFault).to_owned());
    }
    if status.held > 0 {
        return ("pill pill--warn", Icon::Held, tn(T::PillHeld, status.held));
    }
    if status.busy {
        return ("pill pill--good pill--busy", Icon::Sync, t(T::PillBusy).to_owned());
    }
    let unsent = status.unsent;
    if let Some(waits_for) = status.kept_back() {
        let (all_sent, some_wait) = match waits_for {
            WaitsFor::Wifi | WaitsFor::KnownLine => (T::PillWaitsWifi, T::PillWaitsWifiUnsent),
            WaitsFor::Press => (T::PillWaitsPress, T::PillWaitsPressUnsent),
        };
        let words = if unsent == 0 { t(all_sent).to_owned() } else { tn(some_wait, unsent) };
        return ("pill", Icon::Hand, words);
    }
    match (status.line, unsent) {
        (Line::NoSignal, 0) => ("pill", Icon::NoSignal, t(T::PillNoSignal).to_owned()),
        (Line::NoSignal, _) => ("pill", Icon::NoSignal, tn(T::PillNoSignalUnsent, unsent)),
        (Line::RelaySilent, 0) => ("pill", Icon::Silent, t(T::PillSilent).to_owned()),
        (Line::RelaySilent, _) => ("pill", Icon::Silent, tn(T::PillSilentUnsent, unsent)),
        (Line::Unknown | Line::Ok | Line::Ended, 0) => ("pill pill--good", Icon::Ok, t(T::PillAllSent).to_owned()),
        (Line::Unknown | Line::Ok | Line::Ended, _) => ("pill", Icon::Send, tn(T::PillUnsent, unsent)),
    }
}

/// Shows the pill; it opens "Kirim & terima".
#[component]
pub(crate) fn StatusPill(
    /// What it speaks of.
    #[prop(into)]
    status: Signal<StatusView>,
) -> impl IntoView {
    let face = Memo::new(move |_| status.with(face));
    // One closure draws all three: class, picture and words each following the status by itself were seen to part, so that the
    // pill looked busy for ever. A plain link, which the router follows as well.
    move || {
        let (class, icon, words) = face.get();
        view! {
            <a href="/kirim-terima" class=class data-testid="status-pill">
                <Glyph icon=icon />
                <span data-testid="status-pill-text">{words}</span>
            </a>
        }
    }
}
