//! The packs inside the binary.

use super::PackFiles;
use crate::pack::Pack;
use crate::pack::fault::PackFault;

// `EMBEDDED_FILES: &[(&str, &str, &str)]` = pack, path, text; written by build.rs from `packs/`.
include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// Names of the packs inside the binary.
pub const EMBEDDED_PACKS: [&str; 2] = ["belu", "purbalingga"];

/// Returns the files of an embedded pack.
#[must_use]
pub fn embedded_files(name: &str) -> Option<PackFiles> {
    let files: PackFiles = EMBEDDED_FILES
        .iter()
        .filter(|(pack, _, _)| *pack == name)
        .map(|(_, path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect();
    (!files.is_empty()).then_some(files)
}

/// Reads an embedded pack; none if there is no such pack.
///
/// # Errors
/// The pack's faults; a test keeps the embedded ones free of them.
#[must_use]
pub fn embedded(name: &str) -> Option<Result<Pack, Vec<PackFault>>> {
    embedded_files(name).map(|files| Pack::parse(&files))
}
