//! Answers to the interface's queries, computed from summaries and open documents.
//!
//! Owns nothing; each file answers one query. Must never write, and never hand a key, a row or an operation out except
//! as the opaque token of a value.

pub mod alarm;
pub mod case;
pub mod conflicts;
pub mod consent;
pub mod desk;
pub mod document;
mod duty;
pub mod found;
pub mod held;
pub mod hints;
pub mod history;
pub mod home;
pub mod list;
pub mod members;
mod progress;
pub mod registry;
pub mod sheet;
pub mod tables;
mod team;
pub mod value;
