//! A pasted table: text with cells between tabs, semicolons, bars or commas.
//!
//! Owns where one cell ends and the next begins; must never know what a cell means. Called by `arrivals`.

/// What may stand between cells, in the order in which it is looked for: the rarer in a name, the sooner.
const SEPARATORS: [char; 4] = ['\t', ';', '|', ','];
/// A quoted cell longer than this is none: somebody's quotation mark must not swallow the rows behind it.
const QUOTED_CHARS_MAX: usize = 2_000;

/// The cells of a text, row by row, without blank rows. What looks like a formula stays a text.
#[must_use]
pub(super) fn rows_of(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let separator = separator_of(&text);
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut rest = text.as_str();
    loop {
        let (cell, ended_by, after) = cell_of(rest, separator);
        row.push(cell);
        if ended_by != separator || ended_by.is_none() {
            let row = core::mem::take(&mut row);
            if row.iter().any(|cell| !cell.is_empty()) {
                rows.push(row);
            }
        }
        match ended_by {
            Some(_) => rest = after,
            None => return rows,
        }
    }
}

/// The separator that at least half of the lines have; none where every line is one cell.
fn separator_of(text: &str) -> Option<char> {
    let lines = || text.split('\n').filter(|line| !line.trim().is_empty());
    let half = lines().count().div_ceil(2);
    SEPARATORS
        .into_iter()
        .find(|separator| half > 0 && lines().filter(|line| line.contains(*separator)).count() >= half)
}

/// The first cell of a text, what ended it, and what follows.
fn cell_of(text: &str, separator: Option<char>) -> (String, Option<char>, &str) {
    let ends = |char: char| char == '\n' || Some(char) == separator;
    let inner = text.trim_start_matches(' ');
    if let Some((quoted, after)) = inner.strip_prefix('"').and_then(quoted) {
        let gap = after.trim_start_matches(' ');
        match gap.chars().next() {
            None => return (clean(&quoted), None, ""),
            Some(end) if ends(end) => return (clean(&quoted), Some(end), gap.strip_prefix(end).unwrap_or("")),
            Some(_) => {}
        }
    }
    match text.find(ends) {
        Some(at) => {
            let (cell, after) = text.split_at(at);
            let end = after.chars().next();
            (clean(cell), end, end.and_then(|end| after.strip_prefix(end)).unwrap_or(""))
        }
        None => (clean(text), None, ""),
    }
}

/// What stands between quotation marks, of which two stand for one, and what follows the last.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    let mut rest = text;
    for _ in 0..QUOTED_CHARS_MAX {
        let char = rest.chars().next()?;
        rest = rest.strip_prefix(char)?;
        if char != '"' {
            cell.push(char);
        } else if let Some(after) = rest.strip_prefix('"') {
            cell.push('"');
            rest = after;
        } else {
            return Some((cell, rest));
        }
    }
    None
}

/// A cell on one line: what is no letter, digit or sign of it becomes a blank, and blanks stand alone.
#[must_use]
pub(super) fn clean(cell: &str) -> String {
    let is_blank = |char: char| char.is_whitespace() || char.is_control() || char == '\u{feff}' || char == '\u{200b}';
    cell.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        rows_of(text)
    }

    fn table(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn cells_end_at_tabs_semicolons_bars_and_commas() {
        let wanted = table(&[&["Nama", "JK"], &["Maria Contoh", "P"]]);
        for separator in ["\t", ";", "|", ","] {
            assert_eq!(rows(&format!("Nama{separator}JK\nMaria Contoh{separator} P \n")), wanted, "{separator:?}");
        }
    }

    #[test]
    fn a_mark_of_order_line_ends_of_windows_and_blank_lines_say_nothing() {
        let wanted = table(&[&["Maria", "P"], &["Yosef", "L"]]);
        assert_eq!(rows("\u{feff}Maria\tP\r\n\r\n\t\r\nYosef\tL\r\n"), wanted);
        assert_eq!(rows("Maria\tP\rYosef\tL"), wanted);
        assert_eq!(rows(" \n\n"), Vec::<Vec<String>>::new());
        assert_eq!(rows(""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn quotation_marks_keep_commas_line_ends_and_themselves() {
        assert_eq!(
            rows("\"Bere, Maria\",\"bilang \"\"lapar\"\"\"\n\"Mau,\nYosef\",ya\n"),
            table(&[&["Bere, Maria", "bilang \"lapar\""], &["Mau, Yosef", "ya"]]),
        );
    }

    #[test]
    fn a_mark_that_is_never_closed_swallows_nothing() {
        assert_eq!(rows("\"Maria;P\nYosef;L\nAna;P"), table(&[&["\"Maria", "P"], &["Yosef", "L"], &["Ana", "P"]]));
        assert_eq!(rows("\"Maria\" Contoh;P\nAna;P"), table(&[&["\"Maria\" Contoh", "P"], &["Ana", "P"]]));
        let long = format!("\"{}\";P\nAna;P", "a ".repeat(2_000));
        assert_eq!(rows(&long).len(), 2);
    }

    #[test]
    fn commas_and_apostrophes_of_names_stay_where_tabs_divide() {
        assert_eq!(
            rows("Bere, Maria\tFatuba'a\nLa'a, Ana\t'5304\n=1+1\t@x"),
            table(&[&["Bere, Maria", "Fatuba'a"], &["La'a, Ana", "'5304"], &["=1+1", "@x"]]),
        );
    }

    #[test]
    fn one_column_and_one_row_are_tables_too() {
        assert_eq!(rows("Maria Contoh\nYosef Contoh"), table(&[&["Maria Contoh"], &["Yosef Contoh"]]));
        assert_eq!(rows("Maria\tP\t23"), table(&[&["Maria", "P", "23"]]));
        // One comma in one of many names is no separator.
        assert_eq!(rows("Maria\nYosef, adik\nAna\nRosa").len(), 4);
        assert_eq!(rows("Maria\nYosef, adik\nAna\nRosa").concat().len(), 4);
    }

    #[test]
    fn rows_of_unequal_length_keep_their_places() {
        assert_eq!(rows("a\tb\tc\nd\n\te\t"), table(&[&["a", "b", "c"], &["d"], &["", "e", ""]]));
    }

    #[test]
    fn five_thousand_lines_are_read() {
        let text: String = (0..5_000).map(|line| format!("{line}\t\"Orang\" {line}\tP\n")).collect();
        let found = rows(&text);
        assert_eq!(found.len(), 5_000);
        assert_eq!(found.last().unwrap(), &["4999", "\"Orang\" 4999", "P"]);
    }
}
