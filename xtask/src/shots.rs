//! `cargo xtask shots`: pictures of every screen, to be looked at.

use crate::Outcome;
use crate::cli::ShotsOptions;
use crate::test::browser;
use crate::workspace;

/// Takes the pictures.
pub(crate) fn take(options: &ShotsOptions) -> anyhow::Result<Outcome> {
    let out = workspace::root().join(&options.out);
    let arguments = ["--out".to_owned(), out.display().to_string(), "--lang".to_owned(), options.lang.clone()];
    let mut command = browser::Prepared::default().command("shots", &arguments, options.speed)?;
    let result = browser::run(&mut command)?;
    eprintln!("xtask: pictures in {}", out.display());
    Ok(Outcome::from(result.failed == 0))
}
