//! Small requests from one member of a case to another: choose, answer, extend my term.
//!
//! Owns the kind `request`: a row of it says which of these things, from whom (its author) and to whom, and nothing else. It goes to
//! the whole team, of whom some may not read the part it is about, so it names neither field nor part nor person: whoever is asked
//! finds that among what their own tablet holds. Called by the engine's front.

use std::collections::BTreeSet;

use shared::access::held::keeps_register;
use shared::access::{Action, Resource, decide};
use shared::command::Edit;
use shared::document::Document;
use shared::document::path::FieldPath;
use shared::id::{AccountId, CaseId, DocumentKey, RowId};
use shared::order::Gather as _;
use shared::protocol::error::ErrorCode;
use shared::value::Scalar;

use super::flow::{added_row, text};
use super::keys;
use super::permission::facts;
use super::query::value::place_in;
use super::session::{DocumentEdit, Session, actor_of, core_key, document_key, failure, fresh_row};
use super::summary::RequestFact;
use super::write::{key_of, path_of};
use crate::api::{About, Ask, AskView, ConflictView, Failure, FieldPlace};
use crate::store::sealed::Writes;

/// The document of a case's requests.
pub(super) fn requests_key(case: CaseId) -> DocumentKey {
    document_key(case, keys::REQUEST, None)
}

impl About {
    /// The pack's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Choose => "PILIH",
            Self::Question => "TANYA",
            Self::Extend => "PERPANJANG",
        }
    }

    /// What a code means; none for one that this build does not know.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        [Self::Choose, Self::Question, Self::Extend].into_iter().find(|about| about.code() == code)
    }
}

/// Whom a request of this kind about this case goes to: none are the registrars.
pub(super) fn manager_or_registrar(session: &Session, case: CaseId) -> Option<AccountId> {
    let core = session.index.core(case)?;
    let today = session.today();
    let is_here = |account| !session.directory.is_away(account, today);
    let manager = core.manager(&session.pack, today, is_here).map(|member| member.account);
    manager.filter(|account| *account != session.owner.account)
}

/// Whether somebody else would receive a request, as far as this tablet can tell: exclusions are not on tablets, and whoever is
/// excluded receives nothing although they were asked.
fn hears(session: &Session, core: &Document, account: AccountId) -> bool {
    let Some(member) = session.directory.serving(account, session.today()) else { return false };
    let actor = actor_of(member);
    let resource = Resource { kind: keys::REQUEST, subject: None, creator: None };
    decide(&session.pack, &actor, &facts(Some(core)), &resource, Action::Read, session.today()).is_allowed()
}

/// Whether this person may ask anything in a case.
pub(super) async fn may_ask(session: &mut Session, case: CaseId) -> bool {
    let path = FieldPath::RowMade { table: keys::REQUESTS.to_owned(), row: RowId::from_bytes([0; 16]) };
    session.pack.kinds.contains_key(keys::REQUEST) && session.check_may_write(&requests_key(case), &path).await.is_ok()
}

/// The writers of what stands at a place who could be asked: everybody but who asks, as far as they would hear of it.
pub(super) async fn writers(session: &mut Session, place: &FieldPlace) -> Result<BTreeSet<AccountId>, Failure> {
    let (key, path, own) = (key_of(place), path_of(place), session.owner.account);
    let core = session.replica(&core_key(key.case)).await?.document.clone();
    let conflicts = session.replica(&key).await?.document.conflicts();
    let here = conflicts.into_iter().filter(|conflict| conflict.path == path);
    let seen =
        here.flat_map(|conflict| conflict.values.into_iter().chain(conflict.edits.into_iter().map(|edit| edit.seen)));
    let authors = seen.filter_map(|seen| seen.author).filter(|author| *author != own).into_set();
    Ok(authors.into_iter().filter(|author| hears(session, &core, *author)).into_set())
}

/// Whom this person may turn to about a disagreement: the other writers where they may choose, and who may choose otherwise.
///
/// # Errors
/// [`Failure`] of the store.
pub async fn offer(session: &mut Session, conflict: &ConflictView) -> Result<Option<AskView>, Failure> {
    let case = conflict.place.case;
    if !may_ask(session, case).await {
        return Ok(None);
    }
    if !conflict.may_choose {
        let to = manager_or_registrar(session, case);
        return Ok(Some(AskView { to: session.name_of(to), asked: is_open(session, case, About::Choose, to) }));
    }
    let writers = writers(session, &conflict.place).await?;
    let asked = writers.iter().all(|writer| is_open(session, case, About::Question, Some(*writer)));
    let names: Vec<String> = writers.iter().map(|writer| session.name_of(Some(*writer))).collect();
    Ok((!names.is_empty()).then(|| AskView { to: names.join(", "), asked }))
}

/// Asks, unless the same was asked already and is still open. Returns what can be taken back.
///
/// # Errors
/// [`ErrorCode::ItemGone`] when there is nobody to ask; otherwise [`Failure`] of the write.
pub async fn ask(session: &mut Session, ask: &Ask) -> Result<Vec<FieldPlace>, Failure> {
    let (case, about, to): (CaseId, About, Vec<Option<AccountId>>) = match ask {
        Ask::Choose(case) => (*case, About::Choose, vec![manager_or_registrar(session, *case)]),
        Ask::Extend(case) => (*case, About::Extend, vec![manager_or_registrar(session, *case)]),
        Ask::Question(place) => {
            let writers = writers(session, place).await?;
            (place.case, About::Question, writers.into_iter().map(Some).collect())
        }
    };
    let can_be_asked = session.pack.kinds.contains_key(keys::REQUEST) && session.has(&core_key(case));
    if to.is_empty() || !can_be_asked {
        return Err(failure(ErrorCode::ItemGone));
    }
    let key = requests_key(case);
    let mut edits = Vec::new();
    for to in to {
        let row = fresh_row(session);
        let path = FieldPath::RowMade { table: keys::REQUESTS.to_owned(), row };
        session.check_may_write(&key, &path).await?;
        if is_open(session, case, about, to) {
            continue;
        }
        let mut fields = vec![(keys::ABOUT.to_owned(), text(about.code()))];
        fields.extend(to.map(|to| (keys::FOR.to_owned(), text(to.to_string()))));
        let edit = Edit::AddRow { table: keys::REQUESTS.to_owned(), row, fields };
        edits.push(DocumentEdit { key: key.clone(), edit });
    }
    let places = edits.iter().filter_map(added_row).collect();
    session.edit(edits, Writes::new()).await?;
    Ok(places)
}

/// Whether this person asked the same already and nobody has said that it is done.
pub(super) fn is_open(session: &Session, case: CaseId, about: About, to: Option<AccountId>) -> bool {
    let same = |request: &&RequestFact| {
        !request.done && request.about == about.code() && request.to == to && request.by == Some(session.owner.account)
    };
    session.index.summary(&requests_key(case)).is_some_and(|summary| summary.requests.iter().any(|one| same(&one)))
}

/// Says that a request is done.
///
/// # Errors
/// [`Failure`] of the write.
pub async fn done(session: &mut Session, case: CaseId, row: RowId) -> Result<Vec<FieldPlace>, Failure> {
    let key = requests_key(case);
    let (table, field) = (keys::REQUESTS.to_owned(), keys::ANSWERED.to_owned());
    let path = FieldPath::Row { table: table.clone(), row, key: field.clone() };
    session.check_may_write(&key, &path).await?;
    let request = session.replica(&key).await?.document.row(keys::REQUESTS, row).ok_or(failure(ErrorCode::ItemGone))?;
    let seen = request.field(keys::ANSWERED).ops();
    let edit = Edit::SetRowField { table, row, key: field, value: Scalar::Bool(true), seen };
    session.edit(vec![DocumentEdit { key: key.clone(), edit }], Writes::new()).await?;
    Ok(vec![place_in(&key, &path)])
}

/// Whether this person answers what is asked of the registrars.
pub(super) fn is_registrar(session: &Session) -> bool {
    session.actor().roles_on(&session.pack, session.today()).any(|role| keeps_register(&session.pack, &role.key))
}
