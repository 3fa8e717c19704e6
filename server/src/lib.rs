//! Simpul's relay: checks, orders, keeps and hands out what tablets wrote.

pub mod access_gate;
pub mod assets;
pub mod audit;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod data;
pub mod demo;
pub mod failure;
mod http;
pub mod identity;
mod live;
pub mod random;
pub mod relay;
pub mod sealing;
pub mod serve;
pub mod storage;
mod throttle;

pub use serve::run;
