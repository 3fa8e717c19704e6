//! Who is at the tablet: nobody yet, somebody at the door, or a member signed in.

use std::sync::Arc;

use leptos::prelude::*;
use shared::pack::{Language, Pack};
use shared::protocol::error::ErrorCode;

use super::engine::Engine;
use super::{clock, storage};
use crate::api::{
    Event, Failure, MemberView, PackBytes, Place, ProgressStep, Request, SessionView, StatusView, TabletView,
};
use crate::i18n;

/// What the whole screen shows.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// The engine has not answered yet.
    Starting,
    /// The engine cannot be started.
    Broken(Failure),
    /// Nobody is signed in.
    Door,
    /// A member is signed in.
    Open(Arc<SessionView>),
}

/// Steps of long work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// What is being done.
    pub(crate) step: ProgressStep,
    /// Done so far.
    pub(crate) done: u32,
    /// Of so many; 0 when unknown.
    pub(crate) total: u32,
}

/// Handle of the session; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    /// What the screen shows.
    pub(crate) stage: RwSignal<Stage>,
    /// What is on this tablet.
    pub(crate) tablet: RwSignal<Option<TabletView>>,
    /// Sending, unsent, held, signal.
    pub(crate) status: RwSignal<StatusView>,
    /// The pack in force; pages take it when they open, so that a new one never changes an open form.
    pack: RwSignal<Option<Arc<Pack>>>,
    /// The directory, by name: also those who have left, whose names stand in what they wrote.
    members: RwSignal<Arc<Vec<MemberView>>>,
    /// Show the red line "DATA CONTOH".
    pub(crate) synthetic: RwSignal<bool>,
    /// Long work going on.
    pub(crate) progress: RwSignal<Option<Progress>>,
    /// Why the vault was locked; 0 for no special reason.
    pub(crate) locked_code: RwSignal<u16>,
    /// The browser has lost the vaults that were on this tablet.
    pub(crate) lost: RwSignal<bool>,
    /// Where work was interrupted; taken once, when the screens open.
    pub(crate) resume: RwSignal<Option<Place>>,
    /// The language; changing it draws everything anew.
    pub(crate) language: RwSignal<Language>,
}

/// Makes the session available.
pub(crate) fn provide_session() -> Session {
    let session = Session {
        stage: RwSignal::new(Stage::Starting),
        tablet: RwSignal::new(None),
        status: RwSignal::new(StatusView::default()),
        pack: RwSignal::new(None),
        members: RwSignal::default(),
        synthetic: RwSignal::new(false),
        progress: RwSignal::new(None),
        locked_code: RwSignal::new(0),
        lost: RwSignal::new(false),
        resume: RwSignal::new(None),
        language: RwSignal::new(Language::default()),
    };
    provide_context(session);
    session
}

/// The session.
pub(crate) fn use_session() -> Session {
    expect_context::<Session>()
}

/// The member signed in; pages behind the door always have one.
pub(crate) fn use_member() -> Arc<SessionView> {
    expect_context::<Arc<SessionView>>()
}

/// The directory of members, which grows while one is signed in.
pub(crate) fn use_members() -> ReadSignal<Arc<Vec<MemberView>>> {
    use_session().members.read_only()
}

/// The pack, taken when a page opens.
pub(crate) fn use_pack() -> Arc<Pack> {
    use_session().pack().unwrap_or_else(expect_context::<Arc<Pack>>)
}

/// Whether everything the relay has for this member stands in the lists: before that, nothing may be called empty or done.
pub(crate) fn use_knows_all() -> impl Fn() -> bool + Copy + Send + Sync + 'static {
    let session = use_session();
    move || session.status.with(|status| status.unread == 0 && status.last_contact_ms.is_some())
}

/// Whether lists still grow: documents are being read, or the first exchange goes on.
pub(crate) fn use_still_growing() -> impl Fn() -> bool + Copy + Send + Sync + 'static {
    let session = use_session();
    move || session.status.with(|status| status.unread > 0 || (status.last_contact_ms.is_none() && status.busy))
}

/// Minutes east of Greenwich of the pack's zone; before any pack, those of central Indonesia.
pub(crate) fn use_zone() -> i16 {
    const WITA_MINUTES: i16 = 480;
    use_session().pack().map_or(WITA_MINUTES, |pack| pack.zone.offset_minutes)
}

impl Session {
    /// The pack, if one was ever received.
    pub(crate) fn pack(self) -> Option<Arc<Pack>> {
        self.pack.get_untracked()
    }

    /// Takes a new pack.
    fn set_pack(self, pack: &PackBytes) {
        // The engine has read the same bytes; of those it could not read, the pack from before is the better one.
        if let Ok(pack) = pack.read() {
            self.pack.set(Some(Arc::new(pack)));
        }
    }

    /// Takes what is on this tablet and goes to the door.
    pub(crate) fn arrive(self, tablet: TabletView) {
        if let Some(pack) = &tablet.pack {
            self.set_pack(pack);
        }
        self.synthetic.set(tablet.synthetic);
        self.speak(i18n::language_of(&tablet.language));
        self.lost.set(storage::are_vaults_lost(!tablet.vaults.is_empty()));
        self.tablet.set(Some(tablet));
        self.stage.set(Stage::Door);
    }

    /// Lets a member in.
    pub(crate) fn open(self, member: SessionView) {
        storage::keep();
        self.lost.set(false);
        self.set_pack(&member.pack);
        self.members.set(Arc::new(member.members.clone()));
        self.synthetic.set(member.synthetic);
        clock::heard(member.status.last_contact_ms);
        self.status.set(member.status.clone());
        self.progress.set(None);
        self.locked_code.set(0);
        self.resume.set(member.place.clone());
        self.speak(i18n::language_of(&member.language));
        self.stage.set(Stage::Open(Arc::new(member)));
    }

    /// Forgets the member; every page goes with it. At the door already, only the reason is taken: the engine's word that the
    /// vault is locked comes after "Kunci" has led here, and must not take the next person's tile from under them.
    pub(crate) fn close(self, code: u16) {
        let was_open = matches!(*self.stage.read_untracked(), Stage::Open(_));
        if was_open || code != 0 {
            self.locked_code.set(code);
        }
        if code == ErrorCode::DeviceRevoked.number() {
            storage::expect_no_vaults();
        }
        if was_open {
            self.progress.set(None);
            self.status.set(StatusView::default());
            self.members.set(Arc::default());
            let door =
                self.tablet.with_untracked(|tablet| tablet.as_ref().map(|tablet| i18n::language_of(&tablet.language)));
            self.speak(door.unwrap_or_default());
            self.stage.set(Stage::Door);
        }
    }

    /// Takes the language somebody chose: the tablet's when nobody has unlocked it, and otherwise that person's alone.
    pub(crate) fn choose_language(self, engine: Engine, language: Language) {
        let tag = i18n::tag_of(language).to_owned();
        if matches!(*self.stage.read_untracked(), Stage::Door) {
            self.tablet.update_untracked(|tablet| {
                if let Some(tablet) = tablet {
                    tablet.language.clone_from(&tag);
                }
            });
        }
        // Shown once it is kept, so that a reload cannot forget what was seen; a tablet that cannot keep it shows it all the same.
        engine.ask_then(Request::SetLanguage(tag), move |_| self.speak(language));
    }

    /// Changes the language and draws everything anew.
    pub(crate) fn speak(self, language: Language) {
        i18n::set_language(language);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", i18n::tag_of(language));
        }
        if self.language.get_untracked() != language {
            self.language.set(language);
        }
    }

    /// Takes an event of the engine; gives back those that belong to somebody else.
    pub(crate) fn take(self, event: Event) -> Option<Failure> {
        match event {
            Event::Status(status) => {
                clock::heard(status.last_contact_ms);
                self.status.set(status);
            }
            Event::Members(members) => self.members.set(Arc::new(members)),
            Event::Progress { step, done, total } => {
                self.progress.set(Some(Progress { step, done, total }));
            }
            Event::Locked { code } => self.close(code),
            Event::Pack(pack) => self.set_pack(&pack),
            Event::Failed(failure) => return Some(failure),
            Event::View { .. } => {}
        }
        None
    }
}
