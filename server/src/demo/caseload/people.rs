//! What is dealt to people: consent, age, origin, papers, life before.

use std::collections::BTreeMap;

use shared::date::{CivilDate, PartialDate};

use super::deck::{deal, mark, scaled, shares};
use super::invented::{Draw, name, nik};
use super::plan::Person;
use super::tables::{
    BURIED_THERE, BY_HEIRS, CONSENTS, CONTRADICTIONS, DEAD_PROCEDURAL, DECEASED, DIED_IN, DISABLED, Deck, ELSEWHERE,
    EQUAL_NUMBERS, LANGUAGES, NUMBERED, NUMBERLESS, NUMBERS, OCCUPATIONS, OTHER_ADULTS, OTHER_CHILDREN, OTHERS_FROM,
    PEOPLE, REFUSED, REFUSED_FOR, SCHOOLING, THREATENED, TIMORESE, TRAFFICKED_ADULTS, TRAFFICKED_CHILDREN,
    TRAFFICKED_FROM, UNKNOWN, VILLAGES, WITHDRAWN,
};

/// Regencies nearby.
const NEARBY: [&str; 5] = ["53.21", "53.03", "53.02", "53.01", "53.05"];
/// Municipalities of Timor-Leste along the border.
const ACROSS: [&str; 3] = ["TL-BO", "TL-CO", "TL-DI"];

/// Deals everything about people but their journeys.
pub(super) fn deal_people(draw: &mut Draw, people: &mut [Person], today: CivilDate) {
    let total = people.len();
    let count = |of: usize| scaled(of, PEOPLE, total);
    let free = |person: &Person| person.alone && person.taken && person.consent.is_none();
    for (triage, group, dead) in DECEASED {
        let of_row = |person: &Person| person.triage == triage && person.group == Some(group);
        let is_dead = |person: &Person| person.deceased && of_row(person);
        let who = |person: &Person| free(person) && of_row(person);
        mark(
            draw,
            people,
            count(dead),
            is_dead,
            |person| person.deceased = true,
            who,
            |person| person.stage != "LAPORAN",
        );
    }
    deal_consents(draw, people);
    deal_ages(draw, people);
    let trafficked = |person: &Person| person.triage == "TPPO";
    let comes = |person: &Person, from: &str| match from {
        TIMORESE => !person.refused() && !person.deceased,
        UNKNOWN => !person.refused() && person.alone,
        _ => true,
    };
    deal(draw, people, trafficked, TRAFFICKED_FROM, |person| &mut person.origin, comes);
    deal(draw, people, |person| !trafficked(person), OTHERS_FROM, |person| &mut person.origin, comes);
    deal(
        draw,
        people,
        |_| true,
        LANGUAGES,
        |person| &mut person.language,
        |person, language| {
            let from = person.origin.unwrap_or(UNKNOWN);
            match language {
                "IND" => from != TIMORESE,
                "BFN" => matches!(from, "53.04.01" | "53.04.18" | "53.04.03"),
                "KEM" => matches!(from, "53.04.02" | "53.04.03" | "53.04.17"),
                "POR" => from == TIMORESE,
                _ => true,
            }
        },
    );
    deal_papers(draw, people);
    deal_lives(draw, people);
    deal_dead(draw, people, count(BURIED_THERE), count(DEAD_PROCEDURAL));
    let named = |person: &Person| !person.refused() && person.taken;
    mark(draw, people, count(DISABLED), |person| person.disabled, |person| person.disabled = true, named, |_| true);
    let is_threatened = |person: &Person| person.threatened;
    mark(draw, people, count(THREATENED), is_threatened, |person| person.threatened = true, named, trafficked);
    let alive = |person: &Person| named(person) && !person.deceased;
    mark(
        draw,
        people,
        count(WITHDRAWN),
        |person| person.withdrawn,
        |person| person.withdrawn = true,
        alive,
        |person| person.stage != "LAPORAN",
    );
    write_down(draw, people, today);
}

/// How many of a table's values are one value, in a set of `total`.
fn share_of(table: &Deck, value: &str, total: usize) -> usize {
    let weights: Vec<usize> = table.iter().map(|(_, weight)| *weight).collect();
    let split = shares(&weights, total);
    table.iter().zip(split).find(|((other, _), _)| *other == value).map_or(0, |(_, share)| share)
}

/// Whoever refuses stands alone in the case, so that the report says the rest; only the dead have heirs.
fn deal_consents(draw: &mut Draw, people: &mut [Person]) {
    let total = people.len();
    let trafficked = |person: &Person| person.triage == "TPPO";
    let adults = people.iter().filter(|person| trafficked(person) && !person.is_child()).count();
    // Of trafficked adults as many as are of unknown age: there is nothing else to be unknown of.
    let trafficked_refuse = share_of(TRAFFICKED_ADULTS, "TD", adults);
    let others_refuse = share_of(CONSENTS, REFUSED, total).saturating_sub(trafficked_refuse);
    let mut choose = |people: &mut [Person], count: usize, consent: &'static str, who: &dyn Fn(&Person) -> bool| {
        let has = |person: &Person| person.consent == Some(consent) && who(person);
        let open = |person: &Person| person.alone && person.taken && person.consent.is_none() && who(person);
        mark(draw, people, count, has, |person| person.consent = Some(consent), open, |_| true);
    };
    let living = |person: &Person| !person.deceased;
    choose(people, trafficked_refuse, REFUSED, &|person| living(person) && trafficked(person) && !person.is_child());
    choose(people, others_refuse, REFUSED, &|person| living(person) && !trafficked(person) && !person.is_child());
    let children = share_of(CONSENTS, REFUSED_FOR, total);
    choose(people, children, REFUSED_FOR, &|person| living(person) && person.is_child());
    let heirs = share_of(CONSENTS, BY_HEIRS, total);
    choose(people, heirs, BY_HEIRS, &|person| person.deceased);
    deal(
        draw,
        people,
        |_| true,
        CONSENTS,
        |person| &mut person.consent,
        |person, consent| match consent {
            REFUSED => person.alone && person.taken && !person.is_child(),
            REFUSED_FOR => person.alone && person.taken && person.is_child(),
            BY_HEIRS => person.deceased,
            _ => true,
        },
    );
}

/// The age of an adult who refused a name stands nowhere.
fn deal_ages(draw: &mut Draw, people: &mut [Person]) {
    for person in people.iter_mut().filter(|person| person.refused() && !person.is_child()) {
        person.age = Some("TD");
    }
    let tables = [
        (true, true, TRAFFICKED_CHILDREN),
        (true, false, TRAFFICKED_ADULTS),
        (false, true, OTHER_CHILDREN),
        (false, false, OTHER_ADULTS),
    ];
    for (trafficked, child, table) in tables {
        let who = |person: &Person| (person.triage == "TPPO") == trafficked && person.is_child() == child;
        deal(
            draw,
            people,
            who,
            table,
            |person| &mut person.age,
            |person, age| !(person.deceased && matches!(age, "60+" | "TD")),
        );
    }
}

fn deal_papers(draw: &mut Draw, people: &mut [Person]) {
    for person in people.iter_mut().filter(|person| person.refused()) {
        person.number = Some(NUMBERLESS);
        person.schooling = Some(UNKNOWN);
        person.occupation = Some(UNKNOWN);
    }
    deal(
        draw,
        people,
        |_| true,
        NUMBERS,
        |person| &mut person.number,
        |person, number| {
            number == NUMBERLESS
                || (person.origin != Some(TIMORESE) && person.age != Some("TD") && person.age != Some("0-5"))
        },
    );
    let numbered = people.iter().filter(|person| person.number == Some(NUMBERED)).count();
    let contradictions = scaled(CONTRADICTIONS, 206, numbered);
    mark(
        draw,
        people,
        contradictions,
        |person| person.contradicts,
        |person| person.contradicts = true,
        |person| person.taken && person.number == Some(NUMBERED),
        |_| true,
    );
}

fn deal_lives(draw: &mut Draw, people: &mut [Person]) {
    deal(
        draw,
        people,
        |_| true,
        SCHOOLING,
        |person| &mut person.schooling,
        |person, schooling| match (person.age.unwrap_or("TD"), schooling) {
            ("0-5" | "6-12", schooling) => schooling == "2",
            ("13-17", schooling) => matches!(schooling, "2" | "3" | "4"),
            _ => true,
        },
    );
    deal(
        draw,
        people,
        |_| true,
        OCCUPATIONS,
        |person| &mut person.occupation,
        |person, occupation| match (person.age.unwrap_or("TD"), occupation) {
            ("0-5", occupation) => occupation == "1",
            ("6-12", occupation) => matches!(occupation, "3" | "1"),
            ("13-17", occupation) => matches!(occupation, "3" | "1" | "19" | "9"),
            ("18-24", "3") => true,
            (_, "3") => false,
            (_, "2") => person.is_woman(),
            _ => true,
        },
    );
}

fn deal_dead(draw: &mut Draw, people: &mut [Person], buried: usize, procedural: usize) {
    let dead = |person: &Person| person.deceased;
    deal(draw, people, dead, DIED_IN, |person| &mut person.died_in, |_, _| true);
    mark(
        draw,
        people,
        buried,
        |person| person.buried_there,
        |person| person.buried_there = true,
        dead,
        |person| person.died_in.is_some_and(|place| place.starts_with("MY")),
    );
    let left_well = |person: &Person| person.procedure == Some("PROSEDURAL") && person.deceased;
    let labour = |person: &Person| person.triage == "PMI";
    mark(draw, people, procedural, left_well, |person| person.procedure = Some("PROSEDURAL"), dead, labour);
    for person in people.iter_mut().filter(|person| person.deceased && person.procedure.is_none()) {
        person.procedure = Some("NONPROSEDURAL");
    }
}

/// Years of an age group, first and last.
fn years_of(age: &str) -> Option<(u32, u32)> {
    Some(match age {
        "0-5" => (1, 5),
        "6-12" => (6, 12),
        "13-17" => (13, 17),
        "18-24" => (18, 24),
        "25-44" => (25, 44),
        "45-59" => (45, 59),
        "60+" => (60, 71),
        _ => return None,
    })
}

/// Finds the words for what was dealt: names, births, places, numbers.
fn write_down(draw: &mut Draw, people: &mut [Person], today: CivilDate) {
    let mut of_district: BTreeMap<&str, usize> = BTreeMap::new();
    let mut serial = 100_u32;
    for person in people.iter_mut() {
        if person.name.is_empty() {
            person.name = name(draw, person.is_woman());
            be_born(draw, person, today);
        }
        if person.place.is_none() {
            let turn = of_district.entry(person.origin.unwrap_or(UNKNOWN)).or_default();
            person.place = place(person.origin.unwrap_or(UNKNOWN), *turn);
            *turn = turn.saturating_add(1);
        }
        if person.number == Some(NUMBERED) && person.nik.is_none() {
            serial = serial.saturating_add(1);
            number(person, serial);
        }
    }
    equal_numbers(draw, people, today);
}

/// Draws a birth so that the person is of the dealt age on the day of the report; some know only about how old they are.
fn be_born(draw: &mut Draw, person: &mut Person, today: CivilDate) {
    let Some((least, most)) = person.age.and_then(years_of) else { return };
    let years = least.saturating_add(draw.below(most.saturating_sub(least).saturating_add(1)));
    let reported = today.plus_days(i64::try_from(person.day).unwrap_or(0).saturating_neg());
    if person.number != Some(NUMBERED) && draw.chance(40) {
        person.years = usize::try_from(years).ok();
        return;
    }
    let year = reported.year().saturating_sub(u16::try_from(years).unwrap_or(0));
    // Leap days have no birthday in most years.
    let birthday = CivilDate::new(year, reported.month(), reported.day().min(28)).unwrap_or(reported);
    person.born = Some(birthday.plus_days(i64::from(draw.below(364)).saturating_neg()).to_string());
}

/// Villages of a district in turn, so that none has many.
fn place(origin: &str, turn: usize) -> Option<String> {
    let in_turn =
        |list: &[&str]| turn.checked_rem(list.len()).and_then(|index| list.get(index).map(|code| (*code).to_owned()));
    match origin {
        UNKNOWN => None,
        ELSEWHERE => in_turn(&NEARBY),
        TIMORESE => in_turn(&ACROSS),
        district => {
            let villages = VILLAGES.iter().find(|(code, _)| *code == district).map(|(_, villages)| *villages)?;
            in_turn(villages).map(|village| format!("{district}.{village}"))
        }
    }
}

/// Makes the number of a person; one that contradicts names another day, or the other sex.
fn number(person: &mut Person, serial: u32) {
    let born = person.born.as_deref().and_then(|born| PartialDate::parse(born).ok());
    let Some(born) = born.map(PartialDate::first_day) else { return };
    let other_sex = person.contradicts && serial.is_multiple_of(2);
    let other_day = person.contradicts && !other_sex;
    let born = if other_day { born.plus_days(40) } else { born };
    person.nik = Some(nik(serial, born, person.is_woman() != other_sex));
}

/// Gives some people the number, the birth and the sex of another one: perhaps they are the same.
fn equal_numbers(draw: &mut Draw, people: &mut [Person], today: CivilDate) {
    let wanted = scaled(EQUAL_NUMBERS, PEOPLE, people.len());
    let may_be_one = |person: &Person| {
        person.taken && person.number == Some(NUMBERED) && !person.contradicts && !person.is_child() && !person.deceased
    };
    let mut open: Vec<usize> =
        people.iter().enumerate().filter(|(_, person)| may_be_one(person)).map(|(at, _)| at).collect();
    draw.shuffle(&mut open);
    let mut pairs = 0_usize;
    while let (Some(first), true) = (open.pop(), pairs < wanted) {
        let Some(model) = people.get(first).cloned() else { continue };
        let close =
            |other: &Person| other.group == model.group && other.age == model.age && is_as_old(&model, other, today);
        let Some(place) = open.iter().position(|at| people.get(*at).is_some_and(close)) else { continue };
        let Some(second) = people.get_mut(open.swap_remove(place)) else { continue };
        second.name.clone_from(&model.name);
        second.born.clone_from(&model.born);
        second.nik.clone_from(&model.nik);
        pairs = pairs.saturating_add(1);
    }
}

/// Whole years from a birth to a day.
fn years_between(born: CivilDate, on: CivilDate) -> u32 {
    let before_birthday = (on.month(), on.day()) < (born.month(), born.day());
    u32::from(on.year().saturating_sub(born.year())).saturating_sub(u32::from(before_birthday))
}

/// Whether somebody born like the model is of the same age group on the day of the second report.
fn is_as_old(model: &Person, second: &Person, today: CivilDate) -> bool {
    let born = model.born.as_deref().and_then(|born| PartialDate::parse(born).ok());
    let reported = today.plus_days(i64::try_from(second.day).unwrap_or(0).saturating_neg());
    let years = born.map(|born| years_between(born.first_day(), reported));
    let bounds = model.age.and_then(years_of);
    years.zip(bounds).is_some_and(|(years, (least, most))| (least..=most).contains(&years))
}
