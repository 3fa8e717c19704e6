//! Everything invented: the caseload of the demonstration.

pub mod caseload;
