//! The rows of a list: from a table that somebody pasted, and as they stay until they are kept.

use shared::date::CivilDate;

use super::table::{clean, rows_of};
use super::told::{fits, said};
use super::words::{Column, Words};
use crate::api::ArrivalCells;

/// Rows above the headings that are looked through for them: a title and who sends it.
const ABOVE_MAX: usize = 8;
/// Marks a row that is left out, in front of it.
const OUT: &str = "x";

/// A row of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Listed {
    /// Names it, in whichever tab and wherever it stands.
    pub(super) id: u32,
    /// As it was told.
    pub(super) cells: ArrivalCells,
    /// Left out.
    pub(super) out: bool,
}

impl Listed {
    /// Whether a person is to be made of it.
    #[must_use]
    pub(super) fn is_meant(&self) -> bool {
        !self.out && !self.cells.is_blank()
    }
}

/// The cells in the order of the table.
fn in_order(cells: &ArrivalCells) -> [&String; 6] {
    [&cells.name, &cells.sex, &cells.age, &cells.place, &cells.nik, &cells.note]
}

/// Takes over those cells that were changed, the lowest bit for the first, each on one line.
pub(super) fn mend(row: &mut Listed, cells: &ArrivalCells, changed: u32) {
    let ArrivalCells { name, sex, age, place, nik, note } = &mut row.cells;
    let stands = [name, sex, age, place, nik, note];
    for (column, (stands, said)) in stands.into_iter().zip(in_order(cells)).enumerate() {
        if (changed >> column) & 1 == 1 {
            *stands = clean(said);
        }
    }
}

/// A list as it is kept: a line for each row, a tab between cells, the row's id behind them.
#[must_use]
pub(super) fn print(rows: &[Listed]) -> String {
    let line = |row: &Listed| {
        let mark = if row.out { OUT } else { "" };
        let cells = in_order(&row.cells).into_iter().map(String::as_str);
        let id = format!("{:x}", row.id);
        std::iter::once(mark).chain(cells).chain([id.as_str()]).collect::<Vec<_>>().join("\t")
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A list as it was kept.
#[must_use]
pub(super) fn parse(text: &str) -> Vec<Listed> {
    let row = |(at, line): (usize, &str)| {
        let mut cells = line.split('\t');
        let out = cells.next() == Some(OUT);
        let mut next = || cells.next().unwrap_or_default().to_owned();
        let cells = ArrivalCells { name: next(), sex: next(), age: next(), place: next(), nik: next(), note: next() };
        // A list from before rows had ids is named by its places.
        let id = u32::from_str_radix(&next(), 16).unwrap_or_else(|_| u32::try_from(at).unwrap_or(u32::MAX));
        Listed { id, cells, out }
    };
    if text.is_empty() { Vec::new() } else { text.split('\n').enumerate().map(row).collect() }
}

/// Reads a table. What stands above its headings comes as rows that are left out, so that nothing vanishes unseen.
#[must_use]
pub(super) fn read(text: &str, words: &Words<'_>, today: CivilDate) -> Vec<Listed> {
    let table = rows_of(text);
    let known = |row: &[String]| row.iter().filter(|cell| words.column(cell).is_some()).count();
    // One known word on the first line, or two further down: a name may be a heading's word by chance.
    let is_head = |(at, row): &(usize, &Vec<String>)| known(row) >= if *at == 0 { 1 } else { 2 };
    let head = table.iter().enumerate().take(ABOVE_MAX).find(is_head).map(|(at, _)| at);
    let Some(head) = head else {
        let columns = guess(&table, words, today);
        return table.iter().map(|row| listed(row, &columns, None, (words, today))).collect();
    };
    let headings = table.get(head).cloned().unwrap_or_default();
    let columns: Vec<Option<Column>> = headings.iter().map(|heading| words.column(heading)).collect();
    let above = table.iter().take(head).map(|row| {
        let name = row.iter().filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        Listed { cells: ArrivalCells { name, ..ArrivalCells::default() }, out: true, ..Listed::default() }
    });
    let below =
        table.iter().skip(head.saturating_add(1)).map(|row| listed(row, &columns, Some(&headings), (words, today)));
    above.chain(below).filter(|row| in_order(&row.cells).iter().any(|cell| !cell.is_empty())).collect()
}

/// A row by its columns. What no column names goes into the note, with its heading.
fn listed(
    row: &[String],
    columns: &[Option<Column>],
    headings: Option<&[String]>,
    (words, today): (&Words<'_>, CivilDate),
) -> Listed {
    let mut cells = ArrivalCells::default();
    let (mut born, mut notes) = (String::new(), Vec::new());
    for (at, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        let heading = headings.and_then(|headings| headings.get(at)).filter(|heading| !heading.is_empty());
        let told = || heading.map_or_else(|| cell.clone(), |heading| format!("{heading}: {cell}"));
        let place = match columns.get(at).copied().flatten() {
            Some(Column::Name) => &mut cells.name,
            Some(Column::Sex) => &mut cells.sex,
            Some(Column::Age) => &mut cells.age,
            Some(Column::Born) => &mut born,
            Some(Column::Place) => &mut cells.place,
            Some(Column::Nik) => &mut cells.nik,
            Some(Column::Number) => continue,
            Some(Column::Note) => {
                notes.push(cell.clone());
                continue;
            }
            None => {
                notes.push(told());
                continue;
            }
        };
        if place.is_empty() {
            place.clone_from(cell);
        } else {
            notes.push(told());
        }
    }
    if !born.is_empty() && (cells.age.is_empty() || fits(Column::Age, &born, words, today)) {
        // A day says more than an age, which then stands beside it.
        core::mem::swap(&mut cells.age, &mut born);
        notes.extend((!born.is_empty()).then(|| format!("{}: {born}", words.heading(Column::Age))));
    } else if !born.is_empty() {
        notes.push(format!("{}: {born}", words.heading(Column::Born)));
    }
    cells.name = without_number(&cells.name).to_owned();
    cells.note = notes.join("; ");
    Listed { cells, ..Listed::default() }
}

/// A name without the number of its row, as lists in messages have it: "12. Maria".
fn without_number(name: &str) -> &str {
    let rest = name.trim_start_matches(|char: char| char.is_ascii_digit());
    match rest.strip_prefix(['.', ')']) {
        Some(after) if rest.len() < name.len() => after.trim_start(),
        Some(_) | None => name,
    }
}

/// The columns of a table without headings: each by what most of its cells look like, the first that is left the name.
fn guess(table: &[Vec<String>], words: &Words<'_>, today: CivilDate) -> Vec<Option<Column>> {
    let width = table.iter().map(Vec::len).max().unwrap_or(0);
    let column = |at: usize| table.iter().filter_map(move |row| row.get(at)).filter(|cell| !said(cell).is_empty());
    let mut columns: Vec<Option<Column>> = vec![None; width];
    let counts_rows = |at: usize| {
        let mut numbers = table.iter().enumerate().map(|(row, cells)| cells.get(at).map(|cell| (row, cell)));
        numbers
            .all(|cell| cell.is_some_and(|(row, cell)| cell.trim_end_matches('.') == row.saturating_add(1).to_string()))
    };
    if width > 1
        && let Some(first) = columns.first_mut()
        && counts_rows(0)
    {
        *first = Some(Column::Number);
    }
    for wanted in [Column::Nik, Column::Sex, Column::Age, Column::Place, Column::Name] {
        let share = |at: usize| {
            let (all, fitting) =
                (column(at).count(), column(at).filter(|cell| fits(wanted, cell, words, today)).count());
            (fitting.saturating_mul(2) > all).then_some(fitting)
        };
        // The first of those that fit equally well; a lone column holds names whatever else they look like.
        let free = (0..width).filter(|at| columns.get(*at).is_some_and(Option::is_none));
        let best = free.filter_map(|at| Some((share(at)?, core::cmp::Reverse(at)))).max();
        if let Some((_, core::cmp::Reverse(at))) = best.filter(|_| width > 1 || wanted == Column::Name)
            && let Some(free) = columns.get_mut(at)
        {
            *free = Some(wanted);
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use shared::pack::source::embedded;

    use super::*;

    fn listed(text: &str) -> Vec<Listed> {
        let pack = embedded("belu").unwrap().unwrap();
        read(text, &Words::of(&pack), CivilDate::new(2026, 11, 29).unwrap())
    }

    /// Rows as they stand, those left out in brackets.
    fn told(text: &str) -> Vec<String> {
        let words = |row: &Listed| in_order(&row.cells).map(String::as_str).join("|");
        listed(text).iter().map(|row| if row.out { format!("({})", words(row)) } else { words(row) }).collect()
    }

    #[test]
    fn headings_are_known_in_any_order_and_language() {
        let wanted = ["Maria Contoh|P|23|Silawan|5304|sakit"];
        assert_eq!(told("Nama\tJK\tUmur\tDesa\tNIK\tKeterangan\nMaria Contoh\tP\t23\tSilawan\t5304\tsakit"), wanted);
        assert_eq!(told("NIK;Ket.;DESA/KELURAHAN;NAMA LENGKAP;L/P;USIA\n5304;sakit;Silawan;Maria Contoh;P;23"), wanted);
        assert_eq!(told("Full name,Sex,Age,Village,ID number,Remarks\nMaria Contoh,P,23,Silawan,5304,sakit"), wanted);
        assert_eq!(told("Naran|Seksu|Idade|Suku|Númeru NIK|Nota\nMaria Contoh|P|23|Silawan|5304|sakit"), wanted);
    }

    #[test]
    fn a_column_nobody_knows_is_kept_as_note_and_a_missing_one_is_empty() {
        assert_eq!(
            told("No\tNama\tNo Paspor\tMajikan\tJK\n1\tMaria\tX123\tPT Contoh\tP\n2\tYosef\t\t\tL"),
            ["Maria|P||||No Paspor: X123; Majikan: PT Contoh", "Yosef|L||||"],
        );
    }

    #[test]
    fn a_day_of_birth_stands_for_the_age_if_it_is_one() {
        assert_eq!(
            told("Nama;Umur;Tgl lahir\nMaria;23;12-05-2003\nAna;30;lupa\nRosa;;2001"),
            ["Maria||12-05-2003|||Umur: 23", "Ana||30|||Tanggal lahir: lupa", "Rosa||2001|||"],
        );
    }

    #[test]
    fn what_stands_above_the_headings_is_left_out_and_not_lost() {
        assert_eq!(
            told("DAFTAR DEPORTAN\t\t\nKM Contoh, 12 Nov\t\t\n\nNama\tJK\tUmur\nMaria\tP\t23\n"),
            ["(DAFTAR DEPORTAN|||||)", "(KM Contoh, 12 Nov|||||)", "Maria|P|23|||"],
        );
    }

    #[test]
    fn without_headings_columns_are_told_by_what_stands_in_them() {
        assert_eq!(
            told(
                "1\tMaria Contoh\tP\t23 thn\tSilawan\t5304025205900001\tsakit\n2\tYosef Contoh\tL\t30\tSadi\t-\tpulang"
            ),
            ["Maria Contoh|P|23 thn|Silawan|5304025205900001|sakit", "Yosef Contoh|L|30|Sadi|-|pulang"],
        );
        assert_eq!(
            told("Silawan;23;Maria Contoh;Perempuan\nSadi;30;Yosef Contoh;Laki-laki"),
            ["Maria Contoh|Perempuan|23|Silawan||", "Yosef Contoh|Laki-laki|30|Sadi||",]
        );
    }

    #[test]
    fn one_column_holds_names_and_their_numbers_go() {
        assert_eq!(
            told("1. Maria Contoh\n2) Yosef Contoh\nAna"),
            ["Maria Contoh|||||", "Yosef Contoh|||||", "Ana|||||"]
        );
        assert_eq!(told("Nama\nMaria"), ["Maria|||||"]);
        assert_eq!(told("\n \n"), Vec::<String>::new());
        assert_eq!(told("Nama;JK;Umur\n;;\n"), Vec::<String>::new());
    }

    #[test]
    fn what_looks_like_a_formula_stays_what_was_told() {
        assert_eq!(told("Nama\tJK\tKet\n=HYPERLINK(\"x\")\tP\t+1"), ["=HYPERLINK(\"x\")|P||||+1"]);
    }

    #[test]
    fn a_list_is_kept_as_it_stands() {
        let mut rows = listed("Nama\tJK\tKet\nMaria \"Ina\" Contoh\tP\tdua; tiga\n\tL\t");
        rows[1].out = true;
        assert_eq!(parse(&print(&rows)), rows);
        assert_eq!(parse(&print(&[])), []);
        let said = ArrivalCells { name: " Maria\tIna\n".to_owned(), age: "31".to_owned(), ..ArrivalCells::default() };
        mend(&mut rows[1], &said, 1);
        assert_eq!((rows[1].cells.name.as_str(), rows[1].cells.age.as_str()), ("Maria Ina", ""));
        mend(&mut rows[1], &said, 1 << 2);
        assert_eq!((rows[1].cells.age.as_str(), rows[1].cells.sex.as_str()), ("31", "L"));
        // From before rows had ids.
        let old = parse("\tAna\tP\t12\t\t\t\n\tBudi\tL\t\t\t\t");
        assert_eq!(
            old.iter().map(|row| (row.id, row.cells.name.as_str())).collect::<Vec<_>>(),
            [(0, "Ana"), (1, "Budi")]
        );
    }
}
