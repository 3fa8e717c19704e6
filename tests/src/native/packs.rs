//! The packs of the tests, inside the binary, so that a program runs from anywhere.

use shared::pack::Pack;
use shared::pack::source::PackFiles;

macro_rules! files {
    ($folder:literal: $($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../packs/", $folder, "/", $path)))),*]
    };
}

/// Reads a pack.
///
/// # Errors
/// Its faults.
pub fn parse(files: &[(&str, &str)]) -> anyhow::Result<Pack> {
    let files: PackFiles = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    Pack::parse(&files).map_err(|faults| anyhow::anyhow!("the pack has faults: {faults:?}"))
}

/// The pack of the schedules.
///
/// # Errors
/// Its faults.
pub fn schedules() -> anyhow::Result<Pack> {
    parse(&files!("schedules":
        "areas.csv", "code_lists.csv", "codes.csv", "emergency.csv", "grid.csv", "kinds.toml", "offices.csv",
        "pack.toml", "roles.csv", "units.csv", "forms/report.toml",
    ))
}

/// The files of the pack of the benches.
pub const CASELOAD: [(&str, &str); 11] = files!("caseload":
    "areas.csv", "code_lists.csv", "codes.csv", "emergency.csv", "grid.csv", "kinds.toml", "offices.csv", "pack.toml",
    "roles.csv", "units.csv", "forms/caseload.toml",
);
