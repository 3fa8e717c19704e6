//! Comma-separated values by RFC 4180, for programs that take a cell's beginning for a formula.
//!
//! Every cell is quoted. A cell that a spreadsheet would compute begins with an apostrophe. Where the comma is the decimal
//! sign, as in Indonesia, spreadsheets split at semicolons and then read quotes otherwise than here: what follows a semicolon
//! or a tab inside a cell is guarded as the beginning of a cell is.

/// Says to a spreadsheet that the file is UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';
/// Marks a cell as text.
const TEXT: char = '\'';

/// Whether a spreadsheet takes a cell that begins so for a formula; the wide signs are those of East Asian keyboards.
const fn begins_formula(sign: char) -> bool {
    matches!(sign, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

/// Writes rows, the head being the first.
#[must_use]
pub fn write<R, C>(rows: R) -> String
where
    R: IntoIterator<Item = C>,
    C: IntoIterator<Item = String>,
{
    let mut file = String::from(BYTE_ORDER_MARK);
    for row in rows {
        for (place, cell) in row.into_iter().enumerate() {
            if place > 0 {
                file.push(',');
            }
            put_cell(&mut file, &cell);
        }
        file.push_str("\r\n");
    }
    file
}

fn put_cell(file: &mut String, cell: &str) {
    file.push('"');
    let mut is_beginning = true;
    for sign in cell.chars() {
        if is_beginning && begins_formula(sign) {
            file.push(TEXT);
        }
        if sign == '"' {
            file.push('"');
        }
        file.push(sign);
        is_beginning = matches!(sign, ';' | '\t');
    }
    file.push('"');
}
