//! The member directory: who they are, whether their tablets still come, and how many open cases they manage.

use std::collections::BTreeMap;

use shared::date::CivilDate;
use shared::id::AccountId;
use shared::order::Arrange as _;
use shared::pack::{Label, Language, Pack};
use shared::protocol::frame::Member;

use super::found::fold_into;
use super::list::briefs;
use super::registry::is_registered;
use crate::api::{MemberRow, MembersView, TabletRow};
use crate::engine::directory::member_view;
use crate::engine::keys;
use crate::engine::permission::may_count;
use crate::engine::session::Session;

/// A tablet without contact for more days than this is silent.
const SILENT_DAYS: i64 = 14;

/// Finds members whose name, roles, unit, office or tablets hold every word looked for.
#[must_use]
pub fn view(session: &Session, words: &str) -> MembersView {
    let words: Vec<String> = words.split_whitespace().map(|word| fold_into(String::new(), word)).collect();
    let managed = may_count(&session.pack, &session.actor()).then(|| managed(session));
    let mut rows: Vec<MemberRow> = session
        .directory
        .members()
        .filter(|member| {
            let folded = folded(&session.pack, member);
            words.iter().all(|word| folded.contains(word.as_str()))
        })
        .map(|member| row(session, member, managed.as_ref()))
        .collect();
    rows.arrange_by(|one, other| {
        let key = |row: &MemberRow| (!row.member.active, row.member.name.clone());
        key(one).cmp(&key(other))
    });
    MembersView { rows }
}

/// Everything a member is found by.
fn folded(pack: &Pack, member: &Member) -> String {
    let mut folded = fold_into(String::new(), &member.name);
    let mut add = |text: &str| {
        folded.push(' ');
        folded = fold_into(core::mem::take(&mut folded), text);
    };
    let labels = |label: &Label| {
        [Language::Indonesian, Language::English, Language::Tetun].map(|one| label.text(one).to_owned())
    };
    for label in member.roles.iter().filter_map(|role| pack.role(role)).map(|role| &role.label) {
        labels(label).iter().for_each(|text| add(text));
    }
    let unit = pack.unit(&member.unit).map(|unit| &unit.label);
    let office = member.office.as_deref().and_then(|office| pack.office(office)).map(|office| &office.label);
    for label in unit.into_iter().chain(office) {
        labels(label).iter().for_each(|text| add(text));
    }
    member.devices.iter().for_each(|(_, tablet)| add(tablet));
    folded
}

fn row(session: &Session, member: &Member, managed: Option<&BTreeMap<AccountId, u32>>) -> MemberRow {
    let today = session.today();
    let shown = member_view(member, today);
    let tablets = member.devices.iter().map(|(number, name)| {
        let seen = session.directory.seen_on(*number);
        TabletRow {
            name: name.clone(),
            seen_on: seen.map(|day| day.to_string()).unwrap_or_default(),
            silent: shown.active && seen.is_some_and(|day| day.plus_days(SILENT_DAYS) < today),
        }
    });
    let begins = member.from_day.map(CivilDate::from_days).filter(|day| member.active && *day > today);
    MemberRow {
        office: member.office.clone().unwrap_or_default(),
        until: member.until_day.map(|day| CivilDate::from_days(day).to_string()).unwrap_or_default(),
        begins: begins.map(|day| day.to_string()).unwrap_or_default(),
        tablets: tablets.collect(),
        cases: managed.map(|managed| managed.get(&member.account).copied().unwrap_or(0)),
        member: shown,
    }
}

/// Open cases by who manages them. The last stage of the pack's list is that of closed ones.
fn managed(session: &Session) -> BTreeMap<AccountId, u32> {
    let stage = session.pack.kinds.get(keys::CORE).and_then(|core| core.fields.get(keys::STAGE)?.value.list());
    let stages = stage.and_then(|list| session.pack.code_lists.get(list));
    let closed = stages.and_then(|stages| stages.offered().last()).map(|code| code.code.as_str());
    let mut managed: BTreeMap<AccountId, u32> = BTreeMap::new();
    for brief in briefs(session).iter().filter(|brief| is_registered(brief)) {
        let Some(manager) = brief.manager().filter(|_| Some(brief.core.text(keys::STAGE)) != closed) else { continue };
        let count = managed.entry(manager.account).or_default();
        *count = count.saturating_add(1);
    }
    managed
}
