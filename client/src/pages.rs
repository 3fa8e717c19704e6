//! The screens: each wires answers of the engine to components.

pub(crate) mod ask;
pub(crate) mod assign;
pub(crate) mod case;
pub(crate) mod cases;
pub(crate) mod conflicts;
pub(crate) mod door;
pub(crate) mod emergency;
pub(crate) mod enrol;
pub(crate) mod export;
pub(crate) mod form;
pub(crate) mod held;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod not_found;
pub(crate) mod print;
pub(crate) mod receipt;
pub(crate) mod register;
pub(crate) mod report;
pub(crate) mod settings;
pub(crate) mod sheet;
pub(crate) mod sync;
pub(crate) mod tables;
pub(crate) mod tasks;
pub(crate) mod team;
pub(crate) mod unlock;
pub(crate) mod words;
