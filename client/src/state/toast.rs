//! Short notices at the bottom; for ten seconds some can be taken back, and some lead to what they speak of.

use core::time::Duration;

use leptos::prelude::*;
use shared::id::CaseId;

/// How long a notice stands; also how long an act can be taken back.
const TOAST_TIME: Duration = Duration::from_secs(10);

/// A notice.
#[derive(Clone)]
pub(crate) struct Toast {
    /// Tells notices apart.
    pub(crate) id: u32,
    /// What it says.
    pub(crate) text: String,
    /// What can be done about it, if anything.
    pub(crate) act: Option<Act>,
}

/// What a notice offers.
#[derive(Clone)]
pub(crate) enum Act {
    /// Takes back what was done.
    Undo(Callback<()>),
    /// Leads to the case it speaks of.
    OpenCase(CaseId),
}

/// Handle of the notices; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    /// Those that stand now, oldest first.
    pub(crate) list: RwSignal<Vec<Toast>>,
    next_id: StoredValue<u32>,
}

/// Makes the notices available.
pub(crate) fn provide_toasts() -> Toasts {
    let toasts = Toasts { list: RwSignal::new(Vec::new()), next_id: StoredValue::new(0) };
    provide_context(toasts);
    toasts
}

/// The notices.
pub(crate) fn use_toasts() -> Toasts {
    expect_context::<Toasts>()
}

impl Toasts {
    /// Says something.
    pub(crate) fn say(self, text: impl Into<String>) {
        self.show(text.into(), None);
    }

    /// Says something that can be taken back.
    pub(crate) fn say_undoable(self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.show(text.into(), Some(Act::Undo(Callback::new(move |()| undo()))));
    }

    /// Says something of a case that stands elsewhere, and leads there.
    pub(crate) fn say_of_case(self, text: impl Into<String>, case: CaseId) {
        self.show(text.into(), Some(Act::OpenCase(case)));
    }

    /// Takes a notice away.
    pub(crate) fn dismiss(self, id: u32) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }

    /// Takes every notice away; nothing of one person's work may stand on the next one's screen.
    pub(crate) fn clear(self) {
        self.list.set(Vec::new());
    }

    fn show(self, text: String, act: Option<Act>) {
        let id = self.next_id.get_value();
        self.next_id.set_value(id.wrapping_add(1));
        self.list.update(|list| {
            // Only the newest act can be taken back; older notices make room.
            list.clear();
            list.push(Toast { id, text, act });
        });
        set_timeout(move || self.dismiss(id), TOAST_TIME);
    }
}
