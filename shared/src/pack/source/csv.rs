//! Reads CSV as RFC 4180 has it: commas, quotes doubled inside quotes, a header of known columns.

use std::collections::BTreeMap;

use super::node::Faults;

/// Column that may stand wherever `tet` does: a native speaker has read the Tetun.
pub(super) const REVIEWED_COLUMN: &str = "tet_reviewed";

/// Holds one record by column name, and the line it began on.
pub(super) struct Record<'f> {
    faults: &'f Faults,
    file: &'f str,
    line: usize,
    cells: BTreeMap<String, String>,
}

impl Record<'_> {
    /// Returns a cell; empty if the record is short.
    pub(super) fn text(&self, column: &str) -> String {
        self.cells.get(column).cloned().unwrap_or_default()
    }

    /// Returns a cell unless it is empty.
    pub(super) fn optional(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// Returns a cell that must not be empty.
    pub(super) fn need(&self, column: &str) -> String {
        let text = self.text(column);
        if text.trim().is_empty() {
            self.fault(column, "is missing");
        }
        text
    }

    /// Reads `yes` or nothing.
    pub(super) fn flag(&self, column: &str) -> bool {
        match self.text(column).as_str() {
            "" => false,
            "yes" => true,
            _ => {
                self.fault(column, "is neither empty nor yes");
                false
            }
        }
    }

    /// Reports a fault of this record.
    pub(super) fn fault(&self, column: &str, reason: impl Into<String>) {
        self.faults.push(self.file, format!("line {}: {column}", self.line), reason);
    }

    /// Lists the cells in order of column name.
    pub(super) fn cells(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cells.iter().map(|(column, text)| (column.as_str(), text.as_str()))
    }
}

/// Reads a whole file; `columns` = none takes any header (the grid's roles).
pub(super) fn records<'f>(text: &str, file: &'f str, columns: Option<&[&str]>, faults: &'f Faults) -> Vec<Record<'f>> {
    let mut lines = match split(text) {
        Ok(lines) => lines.into_iter(),
        Err(line) => {
            faults.push(file, format!("line {line}"), "a quote is not closed");
            return Vec::new();
        }
    };
    let Some((_, header)) = lines.next() else {
        faults.push(file, "line 1", "the header is missing");
        return Vec::new();
    };
    report_columns(&header, file, columns, faults);
    lines
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .map(|(line, cells)| {
            if cells.len() != header.len() {
                let reason = format!("has {} cells, the header has {}", cells.len(), header.len());
                faults.push(file, format!("line {line}"), reason);
            }
            Record { faults, file, line, cells: header.iter().cloned().zip(cells).collect() }
        })
        .collect()
}

fn report_columns(header: &[String], file: &str, columns: Option<&[&str]>, faults: &Faults) {
    for (index, name) in header.iter().enumerate() {
        if header.iter().take(index).any(|earlier| earlier == name) {
            faults.push(file, name, "the column stands twice");
        }
        let is_known = |columns: &[&str]| {
            columns.contains(&name.as_str()) || (name == REVIEWED_COLUMN && columns.contains(&"tet"))
        };
        if columns.is_some_and(|columns| !is_known(columns)) {
            faults.push(file, name, "no such column is known here");
        }
    }
    for name in columns.unwrap_or_default() {
        if !header.iter().any(|column| column == name) {
            faults.push(file, *name, "the column is missing");
        }
    }
}

/// Splits into records with the line each began on; the error is the line of a quote that never closes.
fn split(text: &str) -> Result<Vec<(usize, Vec<String>)>, usize> {
    let mut records = Vec::new();
    let mut cells = Vec::new();
    let mut cell = String::new();
    let (mut line, mut began, mut quoted) = (1_usize, 1_usize, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\n' {
            line = line.saturating_add(1);
        }
        match (character, quoted) {
            ('"', true) if characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            ('"', _) => quoted = !quoted,
            (',', false) => cells.push(std::mem::take(&mut cell)),
            ('\r', false) => {}
            ('\n', false) => {
                cells.push(std::mem::take(&mut cell));
                records.push((began, std::mem::take(&mut cells)));
                began = line;
            }
            (other, _) => cell.push(other),
        }
    }
    if quoted {
        return Err(began);
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        records.push((began, cells));
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_line_breaks_are_read_as_they_stand() {
        let text = "a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\r\n1,\n";
        let lines = split(text).unwrap();
        assert_eq!(lines[1], (2, vec!["x, \"y\"".to_owned(), "two\nlines".to_owned()]));
        assert_eq!(lines[2], (4, vec!["1".to_owned(), String::new()]));
        assert_eq!(split("a\n\"open"), Err(2));
    }
}
