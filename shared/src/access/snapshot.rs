//! Prints the grid for people: what a reviewer reads when a pack changes who may see what.

use std::fmt::Write as _;

use crate::pack::Pack;

/// Prints every row × role of the grid as aligned text; the committed snapshot of each pack is this text.
#[must_use]
pub fn print_grid(pack: &Pack) -> String {
    let name_width = pack.grid.rows.keys().map(String::len).max().unwrap_or(0);
    let mut text = format!("{}\n{:name_width$}", pack.id, "");
    for role in &pack.roles {
        let _ = write!(text, " {:>4}", role.key);
    }
    for row in pack.grid.rows.keys() {
        let _ = write!(text, "\n{row:name_width$}");
        for role in &pack.roles {
            let _ = write!(text, " {:>4}", pack.grid.cell(row, &role.key).to_string());
        }
    }
    text.push('\n');
    for role in pack.roles.iter().filter(|role| role.duty) {
        let _ = writeln!(text, "on duty: {}", role.key);
    }
    text
}
