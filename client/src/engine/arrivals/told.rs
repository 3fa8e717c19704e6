//! What a row of a list tells of a person, and what in it is to be asked about.
//!
//! Owns what words of a cell mean; must never refuse a row, nor lose what it cannot read: that goes into the note as it was
//! told. Called by `arrivals`.

use shared::date::{CivilDate, PartialDate};
use shared::nik::{Doubt, doubts};
use shared::pack::{FieldPath, Pack};

use super::words::{Column, Words};
use crate::api::{ArrivalCells, ArrivalDoubt};
use crate::engine::keys;

/// Years at which somebody is no child any more.
const ADULT_YEARS: u32 = 18;
/// Greatest age that a field takes.
const YEARS_MAX: u32 = 120;
/// Nobody on a list was born earlier.
const BORN_FROM: &str = "1900";

/// What was understood of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Code of the sex.
    pub(super) sex: Option<&'static str>,
    /// Years.
    pub(super) age: Option<u32>,
    /// Day of birth.
    pub(super) born: Option<PartialDate>,
    /// Under 18; none while that is not known.
    pub(super) child: Option<bool>,
    /// Code of the place.
    pub(super) area: Option<String>,
    /// Population number.
    pub(super) nik: Option<String>,
    /// The note, with what was not understood as it was told.
    pub(super) note: String,
    /// What to ask about.
    pub(super) doubts: Vec<ArrivalDoubt>,
}

/// Reads a row; `today` is the day on which an age is counted.
#[must_use]
pub(super) fn tell(cells: &ArrivalCells, words: &Words<'_>, pack: &Pack, today: CivilDate) -> Told {
    let mut told = Told::default();
    let mut kept = vec![said(&cells.note).to_owned()];
    // What was told and not read, or not all of it.
    let mut keep = |column: Column, text: &str| kept.push(format!("{}: {text}", words.heading(column)));
    if said(&cells.name).is_empty() {
        told.doubts.push(ArrivalDoubt::NoName);
    }
    tell_sex(&mut told, said(&cells.sex), words, &mut keep);
    tell_age(&mut told, said(&cells.age), (words, today), &mut keep);
    tell_place(&mut told, said(&cells.place), words, &mut keep);
    let nik = said(&cells.nik);
    told.nik = digits_of(nik);
    if told.nik.is_none() && !nik.is_empty() {
        told.doubts.push(ArrivalDoubt::NikUnclear);
        keep(Column::Nik, nik);
    }
    doubt_number(&mut told, pack, today);
    told.note = kept.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
    let fits = |kind: &str, field: &str, text: &str| {
        let value = pack.schema(kind).and_then(|schema| schema.field(&FieldPath::Field(field)));
        let limit = value.and_then(|slot| slot.chars_max()).and_then(|limit| usize::try_from(limit).ok());
        limit.is_none_or(|limit| text.chars().count() <= limit)
    };
    if !fits(keys::IDENTITY_SHORT, keys::FULL_NAME, &cells.name)
        || !fits(keys::IDENTITY_FULL, keys::LIST_NOTE, &told.note)
    {
        told.doubts.push(ArrivalDoubt::TooLong);
    }
    told
}

fn tell_sex(told: &mut Told, text: &str, words: &Words<'_>, keep: &mut impl FnMut(Column, &str)) {
    told.sex = words.sex(text);
    if text.is_empty() {
        told.doubts.push(ArrivalDoubt::NoSex);
    } else if told.sex.is_none() {
        told.doubts.push(ArrivalDoubt::SexUnclear);
        keep(Column::Sex, text);
    }
}

fn tell_age(told: &mut Told, text: &str, (words, today): (&Words<'_>, CivilDate), keep: &mut impl FnMut(Column, &str)) {
    let age = age_of(text, words, today);
    if text.is_empty() {
        told.doubts.push(ArrivalDoubt::NoAge);
    } else if !age.as_ref().is_some_and(|age| age.is_all) {
        keep(Column::Age, text);
    }
    match age {
        Some(Age { born: Some(born), .. }) => {
            let (least, most) = (years_since(born.last_day(), today), years_since(born.first_day(), today));
            told.born = Some(born);
            told.age = (least == most).then_some(most);
            told.child = ((least < ADULT_YEARS) == (most < ADULT_YEARS)).then_some(most < ADULT_YEARS);
        }
        Some(Age { years, .. }) => {
            told.age = years;
            told.child = years.map(|years| years < ADULT_YEARS);
        }
        None if text.is_empty() => {}
        None => told.doubts.push(ArrivalDoubt::AgeUnclear),
    }
}

fn tell_place(told: &mut Told, text: &str, words: &Words<'_>, keep: &mut impl FnMut(Column, &str)) {
    let found = words.place(text);
    told.area = found.map(|(code, _)| code.to_owned());
    if text.is_empty() {
        told.doubts.push(ArrivalDoubt::NoPlace);
        return;
    }
    if found.is_none() {
        told.doubts.push(ArrivalDoubt::PlaceUnclear);
    }
    if !found.is_some_and(|(_, is_all)| is_all) {
        keep(Column::Place, text);
    }
}

/// A cell without the strokes by which people say that they write nothing.
pub(super) fn said(cell: &str) -> &str {
    let cell = cell.trim();
    if cell.chars().all(|char| matches!(char, '-' | '–' | '—' | '.' | '?')) { "" } else { cell }
}

/// Asks about a number that cannot be, or says something else than the row.
fn doubt_number(told: &mut Told, pack: &Pack, today: CivilDate) {
    let Some(nik) = &told.nik else { return };
    let woman = told.sex.map(|sex| Some(&sex) == keys::SEXES.last());
    // Who is 23 was born in one of two years.
    let years = told.age.filter(|_| told.born.is_none()).map(|age| {
        let year = u32::from(today.year()).saturating_sub(age);
        [year, year.saturating_sub(1)].map(|year| PartialDate::parse(&format!("{year:04}")).ok())
    });
    let of = |born| doubts(nik, |code| pack.areas.contains_key(code), born, woman);
    let mut found = of(told.born);
    if years.is_some_and(|years| years.into_iter().all(|born| of(born).contains(&Doubt::Born))) {
        found.push(Doubt::Born);
    }
    told.doubts.extend(found.into_iter().map(|doubt| match doubt {
        Doubt::Place => ArrivalDoubt::NikPlace,
        Doubt::Number => ArrivalDoubt::NikNumber,
        Doubt::Born => ArrivalDoubt::NikBorn,
        Doubt::Sex => ArrivalDoubt::NikSex,
    }));
}

/// The sixteen digits of a population number, however they are grouped or marked as text.
#[must_use]
pub(super) fn digits_of(told: &str) -> Option<String> {
    let is_sign = |char: &char| matches!(char, ' ' | '.' | '-' | '\'' | '’' | '`' | '"' | '=');
    let digits: String = told.chars().filter(|char| !is_sign(char)).collect();
    (digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// An age or a birthday.
struct Age {
    years: Option<u32>,
    born: Option<PartialDate>,
    /// Nothing else was said.
    is_all: bool,
}

fn age_of(told: &str, words: &Words<'_>, today: CivilDate) -> Option<Age> {
    let bare = told.trim_start_matches(['±', '~', '\'', ' ']);
    let digits: String = bare.chars().take_while(char::is_ascii_digit).collect();
    let rest = bare.get(digits.len()..).unwrap_or_default().trim_start_matches(['.', ',', ' ', '0']);
    let number: Option<u32> = digits.parse().ok();
    let is_all = bare.len() == told.len();
    match number.filter(|number| *number <= YEARS_MAX) {
        Some(number) if rest.is_empty() || words.is_years(rest) => {
            return Some(Age { years: Some(number), born: None, is_all });
        }
        Some(number) if words.is_months(rest) => {
            return Some(Age { years: Some(number / 12), born: None, is_all: false });
        }
        Some(_) | None => {}
    }
    if let Some(born) = day_of(bare, words, today) {
        return Some(Age { years: None, born: Some(born), is_all });
    }
    // "Atambua, 12 Mei 1990": the place before it stays in the note.
    let born = day_of(told.rsplit_once(',')?.1, words, today)?;
    Some(Age { years: None, born: Some(born), is_all: false })
}

/// A day, a month or a year: day first as here, or year first as machines write it. A year of two digits may be of two centuries.
fn day_of(told: &str, words: &Words<'_>, today: CivilDate) -> Option<PartialDate> {
    let parts: Vec<&str> = told.split(['-', '/', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let is_year = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let text = match *parts.as_slice() {
        [year] if is_year(year) => year.to_owned(),
        [month, year] if is_year(year) => format!("{year}-{:02}", words.month(month)?),
        [year, month, day] if is_year(year) => {
            format!("{year}-{:02}-{:02}", words.month(month)?, day.parse::<u8>().ok()?)
        }
        [day, month, year] if is_year(year) => {
            format!("{year}-{:02}-{:02}", words.month(month)?, day.parse::<u8>().ok()?)
        }
        _ => return None,
    };
    let day = PartialDate::parse(&text).ok()?;
    (text.as_str() >= BORN_FROM && day.first_day() <= today).then_some(day)
}

/// Whole years from a day to another.
fn years_since(born: CivilDate, today: CivilDate) -> u32 {
    let in_year = |day: CivilDate| day.to_string().get(4..).map(ToOwned::to_owned);
    let years = today.year().saturating_sub(born.year());
    u32::from(years.saturating_sub(u16::from(in_year(today) < in_year(born))))
}

/// Whether a cell looks like a column's: how columns without a heading are told apart.
#[must_use]
pub(super) fn fits(column: Column, cell: &str, words: &Words<'_>, today: CivilDate) -> bool {
    match column {
        Column::Nik => digits_of(cell).is_some(),
        Column::Sex => words.sex(cell).is_some(),
        Column::Age => age_of(cell, words, today).is_some(),
        Column::Place => words.place(cell).is_some(),
        Column::Name => cell.chars().any(char::is_alphabetic),
        Column::Born | Column::Note | Column::Number => false,
    }
}

#[cfg(test)]
mod tests {
    use shared::pack::source::embedded;

    use super::*;

    fn cells(name: &str, sex: &str, age: &str, place: &str, nik: &str, note: &str) -> ArrivalCells {
        let [name, sex, age, place, nik, note] = [name, sex, age, place, nik, note].map(ToOwned::to_owned);
        ArrivalCells { name, sex, age, place, nik, note }
    }

    fn told(cells: &ArrivalCells) -> Told {
        let pack = embedded("belu").unwrap().unwrap();
        tell(cells, &Words::of(&pack), &pack, CivilDate::new(2026, 11, 29).unwrap())
    }

    fn of_age(age: &str) -> (Option<u32>, Option<String>, Option<bool>, String) {
        let told = told(&cells("Maria", "P", age, "Silawan", "", ""));
        (told.age, told.born.map(|born| born.to_string()), told.child, told.note)
    }

    #[test]
    fn a_plain_row_is_understood_and_raises_no_doubt() {
        let told = told(&cells("Maria Contoh", "P", "23", "Silawan", "5304024101030001", "sakit"));
        assert_eq!((told.sex, told.age, told.child), (Some("P"), Some(23), Some(false)));
        assert_eq!((told.area.as_deref(), told.nik.as_deref()), (Some("53.04.02.2001"), Some("5304024101030001")));
        assert_eq!((told.note.as_str(), told.doubts), ("sakit", vec![]));
    }

    #[test]
    fn sexes_are_told_in_many_words() {
        for (words, sex) in [
            ("L", "L"),
            ("l", "L"),
            ("Lk", "L"),
            ("Laki-laki", "L"),
            ("laki laki", "L"),
            ("LAKI - LAKI", "L"),
            ("pria", "L"),
            ("Mane", "L"),
            ("male", "L"),
            ("P", "P"),
            ("Pr.", "P"),
            ("perempuan", "P"),
            ("Wanita", "P"),
            ("feto", "P"),
            ("F", "P"),
        ] {
            assert_eq!(told(&cells("A", words, "23", "Silawan", "", "")).sex, Some(sex), "{words}");
        }
        for (words, doubt, note) in [
            ("", ArrivalDoubt::NoSex, ""),
            ("-", ArrivalDoubt::NoSex, ""),
            ("L/P", ArrivalDoubt::SexUnclear, "JK: L/P"),
        ] {
            let told = told(&cells("A", words, "23", "Silawan", "", ""));
            assert_eq!(
                (told.sex, told.doubts.as_slice(), told.note.as_str()),
                (None, [doubt].as_slice(), note),
                "{words}"
            );
        }
    }

    #[test]
    fn ages_are_numbers_with_or_without_their_word() {
        for age in ["23", "23 thn", "23 tahun", "23th", "23 Thn.", "23.0", "'23", " 23"] {
            let (years, born, child, _) = of_age(age);
            assert_eq!((years, born, child), (Some(23), None, Some(false)), "{age}");
        }
        assert_eq!(of_age("17 tahun").2, Some(true));
        assert_eq!(of_age("7 bln"), (Some(0), None, Some(true), "Umur: 7 bln".to_owned()));
        assert_eq!(of_age("±40"), (Some(40), None, Some(false), "Umur: ±40".to_owned()));
        for age in ["dewasa", "121", "20-25", "23 orang", "=20+3"] {
            let told = told(&cells("A", "P", age, "Silawan", "", "x"));
            assert_eq!(
                (told.age, told.child, told.doubts.as_slice()),
                (None, None, [ArrivalDoubt::AgeUnclear].as_slice()),
                "{age}"
            );
            assert_eq!(told.note, format!("x; Umur: {age}"));
        }
    }

    #[test]
    fn days_of_birth_are_read_where_ages_stand() {
        let known = |born: &str| (Some(36), Some(born.to_owned()), Some(false), String::new());
        for age in ["12-05-1990", "12/5/1990", "12.05.1990", "1990-05-12", "12 Mei 1990", "12 May 1990", "12 maiu 1990"]
        {
            assert_eq!(of_age(age), known("1990-05-12"), "{age}");
        }
        let (years, born, child, note) = of_age("Atambua, 30 November 2008");
        assert_eq!((years, born.as_deref(), child), (Some(17), Some("2008-11-30"), Some(true)));
        assert_eq!(note, "Umur: Atambua, 30 November 2008");
        assert_eq!(of_age("29 Nov 2008").2, Some(false), "who is eighteen today is no child");
        // Of a year it is not known on which side of the birthday today is.
        assert_eq!(of_age("2008"), (None, Some("2008".to_owned()), None, String::new()));
        assert_eq!(of_age("1990").2, Some(false));
        for age in ["12/05/90", "31-02-1990", "12-13-1990", "12-05-2030", "1850"] {
            assert_eq!(of_age(age), (None, None, None, format!("Umur: {age}")), "{age}");
        }
    }

    #[test]
    fn a_place_is_found_by_its_name_and_kept_as_it_was_told_where_it_is_not() {
        let place = |place: &str| {
            let told = told(&cells("A", "P", "23", place, "", ""));
            (told.area, told.note, told.doubts)
        };
        for name in ["Silawan", "desa silawan", "Ds. Silawan", "SILAWAN"] {
            assert_eq!(place(name), (Some("53.04.02.2001".to_owned()), String::new(), vec![]), "{name}");
        }
        let (area, note, doubts) = place("Silawan, Tasifeto Timur");
        assert_eq!(
            (area.as_deref(), note.as_str(), doubts.len()),
            (Some("53.04.02.2001"), "Desa: Silawan, Tasifeto Timur", 0)
        );
        assert!(place("Lasiolat").0.is_some_and(|code| code.len() == 13), "a village before its district");
        assert_eq!(place("Kab. Malaka").0.as_deref(), Some("53.21"));
        assert_eq!(place("Kupang").2, [ArrivalDoubt::PlaceUnclear], "a town and the regency around it");
        assert_eq!(place("Negeri Entah"), (None, "Desa: Negeri Entah".to_owned(), vec![ArrivalDoubt::PlaceUnclear]));
    }

    #[test]
    fn numbers_are_asked_about_and_never_refused() {
        let nik = |nik: &str, sex: &str, age: &str| {
            let told = told(&cells("A", sex, age, "Silawan", nik, ""));
            (told.nik, told.doubts, told.note)
        };
        let fine = (Some("5304025205900001".to_owned()), vec![], String::new());
        for number in [
            "5304025205900001",
            "5304 0252 0590 0001",
            "'5304025205900001",
            "=\"5304025205900001\"",
            "53.04.02.520590.0001",
        ] {
            assert_eq!(nik(number, "P", "36"), fine, "{number}");
            assert_eq!(nik(number, "P", "12-05-1990"), fine, "{number}");
        }
        assert_eq!(nik("5304025205900001", "L", "36").1, [ArrivalDoubt::NikSex]);
        assert_eq!(nik("5304025205900001", "P", "20").1, [ArrivalDoubt::NikBorn]);
        assert_eq!(nik("5304025205900001", "P", "13-05-1990").1, [ArrivalDoubt::NikBorn]);
        assert_eq!(nik("0004025205900000", "P", "36").1, [ArrivalDoubt::NikPlace, ArrivalDoubt::NikNumber]);
        for number in ["530402520590", "5,30403E+15", "ada di kantor"] {
            assert_eq!(
                nik(number, "P", "36"),
                (None, vec![ArrivalDoubt::NikUnclear], format!("NIK: {number}")),
                "{number}"
            );
        }
        assert_eq!(nik("-", "P", "36"), (None, vec![], String::new()), "a number is no must");
    }

    #[test]
    fn what_no_field_takes_has_to_be_shortened() {
        assert_eq!(told(&cells(&"a".repeat(121), "P", "23", "Silawan", "", "")).doubts, [ArrivalDoubt::TooLong]);
        assert_eq!(told(&cells("A", "P", "23", "Silawan", "", &"a".repeat(1001))).doubts, [ArrivalDoubt::TooLong]);
    }
}
