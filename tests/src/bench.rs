//! What the benches share: the workload, the machine they ran on, and the form in which they report.

pub mod caseload;
pub mod envelope;
pub mod sync;
