//! What the interface holds while it runs: the link to the engine, who is signed in, and short notices.
//!
//! Nothing here knows a document or a key. Each handle has its `provide_…` and `use_…` in its own file.

pub(crate) mod alarm;
pub(crate) mod bell;
pub(crate) mod clock;
pub(crate) mod cover;
pub(crate) mod download;
pub(crate) mod engine;
pub(crate) mod failure;
pub(crate) mod focus;
pub(crate) mod leave;
pub(crate) mod load;
pub(crate) mod practice;
pub(crate) mod queue;
pub(crate) mod session;
pub(crate) mod storage;
pub(crate) mod toast;
pub(crate) mod update;
pub(crate) mod watchdog;
