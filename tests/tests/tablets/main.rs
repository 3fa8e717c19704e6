//! What real tablets and a real relay in one process owe to people, told as short stories.
#![expect(clippy::unwrap_used, reason = "a step of a story that cannot be taken fails its test")]

mod arriving;
mod brought;
mod post;
mod practising;
mod reading;
mod refusing;
mod restored;
mod revoked;
mod safety;
mod steps;
mod telling;
mod typing;
mod vital;
