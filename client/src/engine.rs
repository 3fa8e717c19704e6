//! The tablet's engine: everything between the interface and the sealed store, without a browser.
//!
//! Called by the engine worker and by tests. Must never name a browser type: the world comes in through
//! [`crate::platform`].

pub mod arrivals;
pub mod asking;
pub mod both;
mod commit;
pub mod derive;
pub mod directory;
pub mod evidence;
pub mod exchange;
pub mod export;
pub mod farewell;
pub mod flow;
mod fresh;
pub mod front;
mod gates;
pub mod held;
pub mod index;
pub mod keys;
pub mod look;
pub mod noting;
pub mod off_team;
pub mod passages;
pub mod permission;
pub mod practice;
pub mod query;
pub mod reading;
pub mod refusal;
pub mod register;
pub mod replica;
pub mod requests;
pub mod rows;
pub mod session;
pub mod stage;
mod summarise;
pub mod summary;
pub mod team;
pub mod turn;
pub mod unsaved;
pub mod vital;
pub mod write;
