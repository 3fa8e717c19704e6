//! People of one case on real engines with a real relay: the team, what its members ask of each other, and the directory.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a step of a story that cannot be taken fails its test")]

mod asking;
mod directory;
mod excluding;
mod membership;
mod scene;
