//! A population number (NIK): what it says of its bearer, and what in it cannot be.
//!
//! `PPKKCC DDMMYY SSSS`: province, regency and district of first registration; day of birth, plus 40 for a woman; a serial
//! number from 0001 on. There is no check digit. Whoever has the card before them is right: all of this is to be asked, never
//! refused.

use crate::date::{CivilDate, PartialDate};

/// Added to the day of birth of a woman.
const WOMAN: u16 = 40;
/// A year has two digits: it may be of either century.
const CENTURIES: [u16; 2] = [1900, 2000];

/// What makes somebody ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It begins with no province, or with no regency or district of one.
    Place,
    /// There is no such day, or no such serial number.
    Number,
    /// The case tells another day of birth.
    Born,
    /// The case tells another sex.
    Sex,
}

impl Doubt {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Place, Self::Number, Self::Born, Self::Sex];
}

/// Finds what in a number cannot be, and where it says something else than the case. `woman` is none where nobody knows, or
/// where it is neither. Of what is no number of 16 digits it says nothing.
#[must_use]
pub fn doubts(
    nik: &str,
    is_province: impl Fn(&str) -> bool,
    born: Option<PartialDate>,
    woman: Option<bool>,
) -> Vec<Doubt> {
    let mut found = Vec::new();
    let pair = |at: usize| nik.get(at..at.saturating_add(2))?.parse::<u16>().ok();
    let pairs = [pair(2), pair(4), pair(6), pair(8), pair(10)];
    let [Some(regency), Some(district), Some(day), Some(month), Some(year)] = pairs else { return found };
    if nik.len() != 16 || !nik.bytes().all(|byte| byte.is_ascii_digit()) {
        return found;
    }
    if !nik.get(..2).is_some_and(is_province) || regency == 0 || district == 0 {
        found.push(Doubt::Place);
    }
    let is_woman = day > WOMAN;
    let day = if is_woman { day.saturating_sub(WOMAN) } else { day };
    let narrow = |number: u16| u8::try_from(number).unwrap_or(u8::MAX);
    let days: Vec<CivilDate> = CENTURIES
        .iter()
        .filter_map(|century| CivilDate::new(century.saturating_add(year), narrow(month), narrow(day)))
        .collect();
    if days.is_empty() || nik.ends_with("0000") {
        found.push(Doubt::Number);
    }
    let is_born = |born: PartialDate| days.iter().any(|day| (born.first_day()..=born.last_day()).contains(day));
    if born.is_some_and(|born| !days.is_empty() && !is_born(born)) {
        found.push(Doubt::Born);
    }
    if woman.is_some_and(|woman| woman != is_woman) {
        found.push(Doubt::Sex);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(nik: &str, born: &str, woman: Option<bool>) -> Vec<Doubt> {
        doubts(nik, |code| ["33", "53"].contains(&code), PartialDate::parse(born).ok(), woman)
    }

    #[test]
    fn a_number_that_fits_its_bearer_raises_no_doubt() {
        assert_eq!(of("5304991205900001", "1990-05-12", Some(false)), []);
        assert_eq!(of("5304995205900001", "1990-05-12", Some(true)), []);
        assert_eq!(of("5304995205900001", "", None), []);
        // Of this century, and the last day of a leap year.
        assert_eq!(of("5304992902080001", "2008-02-29", Some(false)), []);
    }

    #[test]
    fn a_day_of_which_the_year_alone_is_known_is_compared_by_the_year() {
        assert_eq!(of("5304991205900001", "1990", None), []);
        assert_eq!(of("5304991205900001", "1990-05", None), []);
        assert_eq!(of("5304991205900001", "1991", None), [Doubt::Born]);
        assert_eq!(of("5304991205900001", "1990-06", None), [Doubt::Born]);
    }

    #[test]
    fn another_day_or_sex_than_the_case_tells_is_doubted() {
        assert_eq!(of("5304991205900001", "1990-05-13", Some(true)), [Doubt::Born, Doubt::Sex]);
        assert_eq!(of("5304995205900001", "1990-05-12", Some(false)), [Doubt::Sex]);
    }

    #[test]
    fn days_and_serial_numbers_that_cannot_be_are_doubted() {
        // The thirtieth of February, a thirteenth month, no day at all, 32, a woman's 32; and a serial number of zeros.
        for nik in ["5304993002900001", "5304991213900001", "5304990005900001", "5304993205900001", "5304997205900001"]
        {
            assert_eq!(of(nik, "1990-05-12", None), [Doubt::Number], "{nik}");
        }
        assert_eq!(of("5304991205900000", "", None), [Doubt::Number]);
        // 1900 had no leap day, 2000 had one.
        assert_eq!(of("5304992902000001", "", None), []);
    }

    #[test]
    fn a_place_that_is_nowhere_is_doubted() {
        for nik in ["0004991205900001", "5300991205900001", "5304001205900001", "9904991205900001"] {
            assert_eq!(of(nik, "", None), [Doubt::Place], "{nik}");
        }
    }

    #[test]
    fn nothing_is_said_of_what_is_no_number() {
        for nik in [
            "",
            "5304",
            "53049912059000012",
            "5304 9912 0590 01",
            "530499120590000x",
            "+304991205900001",
            "é04991205900001",
        ] {
            assert_eq!(of(nik, "1990", Some(true)), [], "{nik}");
        }
    }
}
