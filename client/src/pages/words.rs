//! Words for codes, places and values, taken from the pack.

use shared::document::path::REMOVED;
use shared::id::SubjectId;
use shared::pack::schema::ANSWER_SUFFIX;
use shared::pack::{Code, FieldPath, FieldSpec, FieldType, Letter, Pack, SlotPart};
use shared::value::Scalar;

use crate::api::{FieldPlace, MemberView, Path};
use crate::format;
use crate::i18n::{T, label, t};

/// The words of a code, or the code itself if the pack does not know it.
pub(crate) fn code_words(pack: &Pack, list: &str, code: &str) -> String {
    pack.code_lists
        .get(list)
        .and_then(|list| list.find(code))
        .map_or_else(|| code.to_owned(), |entry| label(&entry.label))
}

/// A place with the place it lies in: "Maumutin, Raihat".
pub(crate) fn area_name(pack: &Pack, code: &str) -> String {
    let Some(area) = pack.areas.get(code) else {
        return code.to_owned();
    };
    let around =
        area.parent.as_deref().filter(|parent| *parent != pack.home_area).and_then(|parent| pack.areas.get(parent));
    match around {
        Some(around) => format!("{}, {}", area.name, around.name),
        None => area.name.clone(),
    }
}

/// The codes of the core's code field, in order.
fn core_list<'a>(pack: &'a Pack, field: &str) -> Option<&'a str> {
    pack.kinds.get("core")?.fields.get(field)?.value.list()
}

/// The name of a stage.
pub(crate) fn stage_name(pack: &Pack, stage: &str) -> String {
    core_list(pack, "tahap").map_or_else(|| stage.to_owned(), |list| code_words(pack, list, stage))
}

/// The stages that are offered, in order.
pub(crate) fn stages(pack: &Pack) -> impl Iterator<Item = &Code> {
    let list = core_list(pack, "tahap").and_then(|list| pack.code_lists.get(list));
    list.into_iter().flat_map(|list| list.offered())
}

/// The codes that a field of a kind offers, in order.
pub(crate) fn field_codes<'a>(pack: &'a Pack, kind: &str, field: &str) -> impl Iterator<Item = &'a Code> + use<'a> {
    let list = pack.kinds.get(kind).and_then(|kind| kind.fields.get(field)).and_then(|field| field.value.list());
    let list = list.and_then(|list| pack.code_lists.get(list));
    list.into_iter().flat_map(|list| list.offered())
}

/// The words of a code of a field; the code itself where the pack knows neither.
pub(crate) fn field_words(pack: &Pack, kind: &str, field: &str, code: &str) -> String {
    let list = pack.kinds.get(kind).and_then(|kind| kind.fields.get(field)).and_then(|field| field.value.list());
    list.map_or_else(|| code.to_owned(), |list| code_words(pack, list, code))
}

/// Which stage of how many.
pub(crate) fn stage_place(pack: &Pack, stage: &str) -> (usize, usize) {
    let codes = core_list(pack, "tahap").and_then(|list| pack.code_lists.get(list));
    codes.map_or((0, 0), |list| {
        let total = list.offered().count();
        let now = list.offered().position(|code| code.code == stage).unwrap_or(0);
        (now, total)
    })
}

/// The name of a triage result, wherever the pack keeps it; empty before triage.
pub(crate) fn triage_name(pack: &Pack, triage: &str) -> String {
    if triage.is_empty() {
        return String::new();
    }
    pack.kinds
        .values()
        .find_map(|kind| kind.fields.get("triase")?.value.list())
        .map_or_else(|| triage.to_owned(), |list| code_words(pack, list, triage))
}

/// The name of a group of the task force: women, girls, men, boys.
pub(crate) fn group_name(pack: &Pack, group: &str) -> String {
    let people = pack.kinds.get("core").and_then(|core| core.tables.get("orang"));
    let list = people.and_then(|people| people.fields.get("kelompok")?.value.list());
    list.map_or_else(|| group.to_owned(), |list| code_words(pack, list, group))
}

/// The name of a role.
pub(crate) fn role_name(pack: &Pack, role: &str) -> String {
    pack.role(role).map_or_else(|| role.to_owned(), |role| label(&role.label))
}

/// The names of several roles.
pub(crate) fn role_names(pack: &Pack, roles: &[String]) -> String {
    let names: Vec<String> = roles.iter().map(|role| role_name(pack, role)).collect();
    names.join(", ")
}

/// Whether a role reads documents of a kind.
fn is_reader(pack: &Pack, kind: &str, role: &str) -> bool {
    matches!(pack.grid.cell(kind, role).letter, Letter::Read | Letter::Write)
}

/// The names of the roles that read documents of a kind; none where one of these roles does.
pub(crate) fn only_for(pack: &Pack, kind: &str, own: &[String]) -> Option<String> {
    let readers = || pack.roles.iter().map(|role| role.key.clone()).filter(|role| is_reader(pack, kind, role));
    (!own.iter().any(|role| is_reader(pack, kind, role))).then(|| role_names(pack, &readers().collect::<Vec<_>>()))
}

/// What the pack says of a place of a document.
pub(crate) fn spec_of<'a>(pack: &'a Pack, place: &FieldPlace) -> Option<&'a FieldSpec> {
    let kind = pack.kinds.get(&place.kind)?;
    let base = |key: &'a FieldSpec| key;
    match &place.path {
        Path::Field(key) | Path::Text(key) => kind.fields.get(plain_key(key)).map(base),
        Path::RowField { table, key, .. } => kind.tables.get(table)?.fields.get(plain_key(key)),
        Path::Row { .. } => None,
    }
}

/// `indikasi/UPAH` and `indikasi#jawab` without their tails.
fn plain_key(key: &str) -> &str {
    let key = key.strip_suffix(ANSWER_SUFFIX).unwrap_or(key);
    key.split_once('/').map_or(key, |(field, _)| field)
}

/// How a place is called: the field's label, with the code of a many-choice answer behind it.
pub(crate) fn place_name(pack: &Pack, place: &FieldPlace) -> String {
    let Some(kind) = pack.kinds.get(&place.kind) else {
        return place.kind.clone();
    };
    let key = match &place.path {
        Path::Field(key) | Path::RowField { key, .. } | Path::Text(key) => key,
        Path::Row { table, .. } => {
            return kind.tables.get(table).map_or_else(|| table.clone(), |table| label(&table.label));
        }
    };
    let Some(spec) = spec_of(pack, place) else {
        // That a row was struck out stands in a field of its own, which no pack names.
        let table = match &place.path {
            Path::RowField { table, .. } if key == REMOVED => kind.tables.get(table),
            Path::RowField { .. } | Path::Field(_) | Path::Text(_) | Path::Row { .. } => None,
        };
        return table.map_or_else(|| key.clone(), |table| label(&table.label));
    };
    let name = label(&spec.label);
    match (key.split_once('/'), spec.value.list()) {
        (Some((_, code)), Some(list)) => format!("{name}: {}", code_words(pack, list, code)),
        _ => name,
    }
}

/// Words of a lawful empty answer.
pub(crate) fn answer_words(code: &str) -> &'static str {
    match code {
        "TIDAK_TAHU" => t(T::AnswerUnknown),
        "MENOLAK" => t(T::AnswerRefused),
        "TIDAK_BERLAKU" => t(T::AnswerNotApplicable),
        _ => t(T::AnswerNotAsked),
    }
}

/// A value as people read it; the code of the place decides how.
pub(crate) fn value_words(pack: &Pack, members: &[MemberView], place: &FieldPlace, value: &Scalar) -> String {
    let part = pack.schema(&place.kind).and_then(|schema| {
        let path = match &place.path {
            Path::Field(key) => FieldPath::Field(key),
            Path::Text(key) => FieldPath::Text(key),
            Path::RowField { table, key, .. } => FieldPath::Row { table, key },
            Path::Row { .. } => return None,
        };
        schema.field(&path).map(|slot| match slot.part {
            SlotPart::Answer => true,
            SlotPart::Value | SlotPart::Choice(_) | SlotPart::Removed => false,
        })
    });
    match (part, value, spec_of(pack, place)) {
        (Some(true), Scalar::Str(code), _) => answer_words(code).to_owned(),
        (_, _, Some(spec)) => scalar_words(pack, members, &spec.value, value),
        (_, Scalar::Null, None) => t(row_or_nothing(&place.path)).to_owned(),
        (_, Scalar::Bool(removed), None) => t(if *removed { T::FormRowRemoved } else { T::ConflictKeepRow }).to_owned(),
        (_, _, None) => value.to_string(),
    }
}

/// A row is made without a value of its own.
const fn row_or_nothing(path: &Path) -> T {
    match path {
        Path::Row { .. } => T::HistoryRowMade,
        Path::Field(_) | Path::RowField { .. } | Path::Text(_) => T::AnswerEmpty,
    }
}

/// A scalar as people read it, by the type of its field.
pub(crate) fn scalar_words(pack: &Pack, members: &[MemberView], field: &FieldType, value: &Scalar) -> String {
    let text = match value {
        Scalar::Null => return t(T::AnswerEmpty).to_owned(),
        Scalar::Bool(answer) => return t(if *answer { T::AnswerYes } else { T::AnswerNo }).to_owned(),
        Scalar::Int(sum) if *field == FieldType::Money => return format::money(*sum),
        Scalar::Int(number) => return number.to_string(),
        Scalar::Str(text) => text,
    };
    match field {
        FieldType::Code { list } | FieldType::Many { list } => code_words(pack, list, text),
        FieldType::Area => area_name(pack, text),
        FieldType::Date => format::partial_date(text),
        FieldType::Role => role_name(pack, text),
        FieldType::Office => pack.office(text).map_or_else(|| text.clone(), |office| label(&office.label)),
        FieldType::Account => member_name(members, text),
        FieldType::Instant => text.replace('T', " "),
        // The engine tells the code of whoever is still in the case.
        FieldType::Subject if SubjectId::parse(text).is_ok() => t(T::CommonUnknownPerson).to_owned(),
        FieldType::YesNo
        | FieldType::Flag
        | FieldType::Text { .. }
        | FieldType::LongText { .. }
        | FieldType::Number { .. }
        | FieldType::Money
        | FieldType::Time
        | FieldType::Subject
        | FieldType::Phone
        | FieldType::Nik => text.clone(),
    }
}

/// Members who may be chosen, for a list: those who are active.
pub(crate) fn choosable<'a>(members: impl IntoIterator<Item = &'a MemberView>) -> Vec<(String, String)> {
    let active = members.into_iter().filter(|member| member.active);
    active.map(|member| (member.account.to_string(), member.name.clone())).collect()
}

/// The name of a member by account; of those who have left as well.
pub(crate) fn member_name(members: &[MemberView], account: &str) -> String {
    members
        .iter()
        .find(|member| member.account.to_string() == account)
        .map_or_else(|| t(T::CommonUnknownPerson).to_owned(), |member| member.name.clone())
}
