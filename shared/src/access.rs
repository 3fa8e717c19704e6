//! Who may open, write and create what: pure decisions over the pack's grid and the facts of a case.
//!
//! Owns [`decide()`], [`decide_write`], [`decide_value`], [`audience()`] and the facts they stand on. Deny wins: while values stand side by
//! side, the narrower is in force; a right that ends needs no edit to end. Never reads a document, a clock or a
//! store: the relay builds the facts and is the only one whose answer counts; a tablet asks for display only.
//!
//! ```text
//!            nobody took it                      taken over
//! draft      author                              (only danger) author, team, registrar
//! danger     author, duty reads, registrar       author, team, registrar
//! handed     author, duty reads, registrar       team, registrar; the author keeps a receipt and adds supplements
//! ```
//! "Team" and "registrar" are grid letters with and without `t`; an exclusion beats every one of them.

pub mod actor;
pub mod alarm;
pub mod audience;
pub mod decide;
pub mod facts;
pub mod held;
pub mod snapshot;
pub mod stage;
pub mod standing;

pub use actor::{AccountStatus, Actor, RoleTerm};
pub use audience::{DocumentPlace, Grant, audience, next_turn};
pub use decide::{Action, Decision, DenyReason, Resource, WriteShape, decide, decide_write, decide_write_in};
pub use facts::{CaseFacts, Closing, Exclusion, TeamEntry, Withdrawal};
pub use stage::decide_value;
pub use standing::{Row, Standing, StandingValues};

#[cfg(test)]
mod tests;
