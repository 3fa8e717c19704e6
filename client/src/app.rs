//! The interface: starts the link to the engine, then shows the door or the member's screens.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::use_navigate;
use leptos_router::{NavigateOptions, PossibleRouteMatch, path};

use crate::api::{Reply, Request, SessionView};
use crate::components::state::Problem;
use crate::components::toast::ToastList;
use crate::i18n::{T, t};
use crate::pages::case::CasePage;
use crate::pages::cases::CasesPage;
use crate::pages::conflicts::ConflictsPage;
use crate::pages::door::DoorPage;
use crate::pages::emergency::EmergencyPage;
use crate::pages::form::FormPage;
use crate::pages::held::HeldPage;
use crate::pages::history::HistoryPage;
use crate::pages::home::HomePage;
use crate::pages::members::MembersPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::print::PrintPage;
use crate::pages::receipt::{ReceiptPage, ServiceCardPage};
use crate::pages::register::RegisterPage;
use crate::pages::report::{ReportPage, report_form};
use crate::pages::settings::SettingsPage;
use crate::pages::sync::SyncPage;
use crate::pages::tables::TablesPage;
use crate::pages::tasks::TasksPage;
use crate::state::alarm::provide_alarm;
use crate::state::engine::{provide_engine, silent, use_engine};
use crate::state::failure::sentence_of;
use crate::state::queue::provide_line;
use crate::state::session::{Session, Stage, provide_session, use_pack, use_session};
use crate::state::toast::{provide_toasts, use_toasts};
use crate::state::update::provide_update;
use crate::state::watchdog::watch_page;

/// Draws the interface into the page; called once by the `app` module.
pub fn start() {
    console_error_panic_hook::set_once();
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let session = provide_session();
    let toasts = provide_toasts();
    Effect::new(move |_| {
        if !matches!(*session.stage.read(), Stage::Starting) {
            remove_shell();
        }
    });
    match provide_engine() {
        Ok(engine) => {
            engine.listen(move |event| {
                let locked = matches!(event, crate::api::Event::Locked { .. });
                let was_open = matches!(*session.stage.read_untracked(), Stage::Open(_));
                if let Some(failure) = session.take(event) {
                    toasts.say(sentence_of(failure.code));
                }
                if locked {
                    toasts.clear();
                }
                // Whoever locked by hand is at the door already, and the next person may be on their way in.
                if locked && was_open {
                    crate::state::leave::forget_address();
                    crate::state::leave::arrive_anew(engine, session);
                }
            });
            engine.ask_then(Request::Hello, move |outcome| match outcome {
                Ok(Reply::Tablet(tablet)) => session.arrive(tablet),
                Ok(_) => session.stage.set(Stage::Broken(silent())),
                Err(failure) => session.stage.set(Stage::Broken(failure)),
            });
            watch_page(engine);
            provide_update(engine, session);
        }
        Err(_) => session.stage.set(Stage::Broken(silent())),
    }
    view! {
        <Router>
            {move || {
                session.language.track();
                screen(session)
            }}
        </Router>
        <ToastList />
    }
}

/// Takes away what `index.html` shows until there is something to show.
fn remove_shell() {
    if let Some(shell) = document().get_element_by_id("boot-shell") {
        shell.remove();
    }
}

fn screen(session: Session) -> AnyView {
    match session.stage.get() {
        // The page's own picture still stands.
        Stage::Starting => ().into_any(),
        Stage::Broken(failure) => view! { <main class="door__main"><Problem failure=failure /></main> }.into_any(),
        Stage::Door => view! { <DoorPage /> }.into_any(),
        Stage::Open(member) => view! { <MemberScreens member=member /> }.into_any(),
    }
}

/// Goes back to where the tablet died or was locked, once.
fn resume() {
    let (session, pack, toasts) = (use_session(), use_pack(), use_toasts());
    let Some(place) = session.resume.try_update_untracked(Option::take).flatten() else { return };
    let report = report_form(&pack).is_some_and(|form| form.key == place.form);
    let to = match (report, place.subject) {
        (true, _) => format!("/kasus/{}/lapor/{}", place.case, place.page),
        (false, Some(subject)) => {
            format!("/kasus/{}/orang/{subject}/isi/{}/{}", place.case, place.form, place.page)
        }
        (false, None) => format!("/kasus/{}/isi/{}/{}", place.case, place.form, place.page),
    };
    let navigate = use_navigate();
    Effect::new(move |_| navigate(&to, NavigateOptions::default()));
    toasts.say(t(T::HomeInterrupted));
}

/// A path of one type, whatever its parts: the router is compiled once more for each type of path.
fn at(path: impl PossibleRouteMatch + Send + Sync + 'static) -> Arc<dyn PossibleRouteMatch + Send + Sync> {
    Arc::new(path)
}

/// Everything behind the door.
#[component]
fn MemberScreens(
    /// Who is signed in.
    member: Arc<SessionView>,
) -> impl IntoView {
    provide_context(member);
    // Behind the door there is a pack; without one no vault opens.
    let Some(pack) = use_session().pack() else { return view! { <Problem failure=silent() /> }.into_any() };
    provide_context(pack);
    provide_line();
    provide_alarm(use_engine());
    resume();
    view! {
        <Routes fallback=NotFoundPage>
            <Route path=at(path!("/")) view=HomePage />
            <Route path=at(path!("/enrol")) view=HomePage />
            <Route path=at(path!("/kasus")) view=CasesPage />
            <Route path=at(path!("/kasus/:case")) view=CasePage />
            <Route path=at(path!("/kasus/:case/riwayat")) view=HistoryPage />
            <Route path=at(path!("/kasus/:case/cetak")) view=PrintPage />
            <Route path=at(path!("/kasus/:case/tanda-terima")) view=ReceiptPage />
            <Route path=at(path!("/kasus/:case/kartu")) view=ServiceCardPage />
            <Route path=at(path!("/kasus/:case/lapor/:page")) view=ReportPage />
            <Route path=at(path!("/kasus/:case/isi/:form/:page")) view=FormPage />
            <Route path=at(path!("/kasus/:case/orang/:subject/isi/:form/:page")) view=FormPage />
            <Route path=at(path!("/register")) view=RegisterPage />
            <Route path=at(path!("/tabel")) view=TablesPage />
            <Route path=at(path!("/anggota")) view=MembersPage />
            <Route path=at(path!("/isian-berbeda")) view=ConflictsPage />
            <Route path=at(path!("/ditahan")) view=HeldPage />
            <Route path=at(path!("/tugas")) view=TasksPage />
            <Route path=at(path!("/kirim-terima")) view=SyncPage />
            <Route path=at(path!("/pengaturan")) view=SettingsPage />
            <Route path=at(path!("/darurat")) view=EmergencyPage />
        </Routes>
    }
    .into_any()
}
