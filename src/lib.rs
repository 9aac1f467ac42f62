//! Shipworthy reads what a pipeline's checks left behind, judges it and answers *deploy* or *remediate*.
//!
//! The crate is laid out as the pipeline; data walks through it once, front to back.

pub mod assemble;
pub mod cli;
pub mod collect;
pub mod decide;
pub mod discover;
pub mod emit;
pub mod evidence;
pub mod formats;
pub mod host;
pub mod policy;
pub mod remedy;
pub mod render;
pub mod report;
