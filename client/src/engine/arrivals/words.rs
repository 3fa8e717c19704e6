//! The words of a list, as the pack has them: headings of columns, and what stands in cells.

use shared::pack::{AreaLevel, Label, Pack};

use crate::engine::keys;
use crate::engine::query::found::fold_into;

/// What a column of a list tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// Name.
    Name,
    /// Woman or man.
    Sex,
    /// Age.
    Age,
    /// Day of birth.
    Born,
    /// Village.
    Place,
    /// Population number.
    Nik,
    /// Everything else.
    Note,
    /// The number of the row, which says nothing of a person.
    Number,
}

/// The columns by their codes in the pack.
const COLUMNS: [(&str, Column); 8] = [
    ("NAMA", Column::Name),
    ("JK", Column::Sex),
    ("UMUR", Column::Age),
    ("LAHIR", Column::Born),
    ("DESA", Column::Place),
    ("NIK", Column::Nik),
    ("KETERANGAN", Column::Note),
    ("NOMOR", Column::Number),
];
/// Codes of the words for months of the year begin so, and end with their number.
const MONTH: &str = "BULAN_";

/// The words of lists, each with the code it stands for. Looked through from the front: lists are short, and a map of every kind of
/// value would weigh more than all that is done with them.
pub(super) struct Words<'p> {
    pack: &'p Pack,
    columns: Vec<(String, &'p str)>,
    cells: Vec<(String, &'p str)>,
    places: Vec<(String, &'p str)>,
}

/// How a word is looked up: without case, accents, blanks and signs.
#[must_use]
pub(super) fn key(text: &str) -> String {
    let kept: String = text.chars().filter(|char| char.is_alphanumeric() || matches!(char, '/' | '#')).collect();
    fold_into(String::new(), &kept)
}

fn words_of(label: &Label) -> impl Iterator<Item = String> + '_ {
    let texts = [Some(&label.id), Some(&label.en), label.tet.as_ref()].into_iter().flatten();
    texts.flat_map(|text| text.split(';')).map(key).filter(|word| !word.is_empty())
}

/// The codes that a word stands for.
fn found<'w, 'p>(words: &'w [(String, &'p str)], told: &str) -> impl Iterator<Item = &'p str> + use<'w, 'p> {
    let told = key(told);
    words.iter().filter(move |(word, _)| *word == told).map(|(_, code)| *code)
}

fn codes<'p>(pack: &'p Pack, list: &str) -> impl Iterator<Item = (&'p str, &'p Label)> {
    let codes = pack.code_lists.get(list).map_or(&[][..], |list| list.codes.as_slice());
    codes.iter().map(|code| (code.code.as_str(), &code.label))
}

impl<'p> Words<'p> {
    /// Those of a pack.
    #[must_use]
    pub(super) fn of(pack: &'p Pack) -> Self {
        let listed = |list: &str| -> Vec<(String, &'p str)> {
            codes(pack, list).flat_map(|(code, label)| words_of(label).map(move |word| (word, code))).collect()
        };
        let mut cells = listed(keys::SEX);
        cells.extend(codes(pack, keys::SEX).map(|(code, _)| (key(code), code)));
        cells.extend(listed(keys::LIST_WORDS));
        let mut words = Self { pack, columns: listed(keys::LIST_COLUMNS), cells, places: Vec::new() };
        for (code, area) in &pack.areas {
            let (whole, bare) = (key(&area.name), key(&words.without_level(&area.name)));
            if bare != whole {
                words.places.push((bare, code));
            }
            words.places.push((whole, code));
        }
        words
    }

    /// The column of a heading.
    #[must_use]
    pub(super) fn column(&self, heading: &str) -> Option<Column> {
        let code = found(&self.columns, heading).next()?;
        COLUMNS.iter().find(|(known, _)| *known == code).map(|(_, column)| *column)
    }

    /// What a column is called where a list is shown, in Indonesian as everything that is written.
    #[must_use]
    pub(super) fn heading(&self, column: Column) -> &'p str {
        let code = COLUMNS.iter().find(|(_, known)| *known == column).map_or("", |(code, _)| code);
        let label = codes(self.pack, keys::LIST_COLUMNS).find(|(known, _)| *known == code).map(|(_, label)| label);
        label.and_then(|label| label.id.split(';').next()).unwrap_or_default()
    }

    /// The code of a sex.
    #[must_use]
    pub(super) fn sex(&self, told: &str) -> Option<&'static str> {
        found(&self.cells, told).find_map(|code| keys::SEXES.into_iter().find(|sex| *sex == code))
    }

    /// Whether a word says that a number counts years.
    #[must_use]
    pub(super) fn is_years(&self, word: &str) -> bool {
        self.is(word, "TAHUN")
    }

    /// Whether a word says that a number counts months.
    #[must_use]
    pub(super) fn is_months(&self, word: &str) -> bool {
        self.is(word, "BULAN")
    }

    fn is(&self, word: &str, code: &str) -> bool {
        found(&self.cells, word).any(|known| known == code)
    }

    /// The number of a month, by its name or its number.
    #[must_use]
    pub(super) fn month(&self, told: &str) -> Option<u8> {
        told.parse().ok().or_else(|| found(&self.cells, told).find_map(|code| code.strip_prefix(MONTH)?.parse().ok()))
    }

    /// A place by its name, and whether the name says nothing else: a village before its district, the pack's own before others.
    /// None of what is there twice.
    #[must_use]
    pub(super) fn place(&self, told: &str) -> Option<(&'p str, bool)> {
        let parts: Vec<&str> = told.split([',', '/', '(', ')', ';']).filter(|part| !part.trim().is_empty()).collect();
        let whole = self.places_named(told);
        if let Some(found) = self.nearest(&whole, &parts) {
            return Some((found, true));
        }
        let found = parts.iter().find_map(|part| self.nearest(&self.places_named(part), &parts))?;
        Some((found, false))
    }

    fn places_named(&self, told: &str) -> Vec<&'p str> {
        let bare = self.without_level(told);
        let named = |name: &str| found(&self.places, name).collect::<Vec<_>>();
        let whole = named(told);
        if whole.is_empty() { named(&bare) } else { whole }
    }

    /// The one of several places of a name that is meant; `beside` are other names that were told.
    fn nearest(&self, named: &[&'p str], beside: &[&str]) -> Option<&'p str> {
        let rank = |code: &str| {
            let level = self.pack.areas.get(code).map(|area| match area.level {
                AreaLevel::Village | AreaLevel::UrbanVillage => 0,
                AreaLevel::District => 1,
                AreaLevel::Regency | AreaLevel::City => 2,
                AreaLevel::Province => 3,
                AreaLevel::Country => 4_u8,
            });
            (!code.starts_with(&self.pack.home_area), level)
        };
        let best = named.iter().map(|code| rank(code)).min()?;
        let mut found = named.iter().copied().filter(|code| rank(code) == best);
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one),
            _ => {
                let is_in = |code: &&&str| {
                    let parent = self.pack.areas.get(**code).and_then(|area| area.parent.as_deref());
                    parent.is_some_and(|parent| beside.iter().any(|part| self.places_named(part).contains(&parent)))
                };
                let mut inside = named.iter().filter(|code| rank(code) == best).filter(is_in);
                inside.next().copied().filter(|_| inside.next().is_none())
            }
        }
    }

    /// A name without the word before it that says what kind of place it is.
    fn without_level(&self, name: &str) -> String {
        let mut words: Vec<&str> = name.split([' ', '.']).filter(|word| !word.is_empty()).collect();
        while words.len() > 1 && words.first().is_some_and(|word| self.is(word, "WILAYAH")) {
            words.remove(0);
        }
        words.join(" ")
    }
}
