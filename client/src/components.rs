//! The parts screens are made of: properties in, callbacks out.
//!
//! No component knows a document, and but for the frame with its bars none asks the engine; what moves is handed in as a signal.

pub(crate) mod alarm_bar;
pub(crate) mod bottom_bar;
pub(crate) mod button;
pub(crate) mod case_card;
pub(crate) mod choice;
pub(crate) mod counter;
pub(crate) mod covered;
pub(crate) mod icon;
pub(crate) mod knot;
pub(crate) mod mark;
pub(crate) mod meter;
pub(crate) mod note;
pub(crate) mod pill;
pub(crate) mod queue_bar;
pub(crate) mod shell;
pub(crate) mod stage_line;
pub(crate) mod state;
pub(crate) mod toast;
pub(crate) mod top_bar;
pub(crate) mod update_notice;
pub(crate) mod word_input;
