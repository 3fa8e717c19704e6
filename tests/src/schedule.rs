//! Seeded schedules: tablets, faults and a relay, until everything is quiet; then nothing may be missing.
//!
//! ```text
//!  seed ─▶ steps ─▶ act │ sync with faults │ crash │ replay ─▶ quiet ─▶ verdict
//!                     └──▶ model: every write, and what its author had seen
//! ```
//! The model knows only what people did and saw; it never looks into a merge.

pub mod act;
pub mod case;
pub mod model;
pub mod report;
pub mod template;
pub mod verdict;
