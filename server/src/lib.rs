//! Simpul's relay: checks, orders, keeps and hands out what tablets wrote.

pub mod access_gate;
pub mod assets;
pub mod audit;
pub mod clock;
pub mod demo;
pub mod failure;
pub mod random;
pub mod relay;
pub mod sealing;
pub mod storage;
