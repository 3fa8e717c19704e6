//! Everything invented: the caseload of the demonstration, and the tablets without screens that write it.

pub mod caseload;
pub mod fill;
pub mod tablet;
