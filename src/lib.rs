//! Shipworthy reads what a pipeline's checks left behind, judges it and answers *deploy* or *remediate*.
//!
//! The crate is laid out as the pipeline; data walks through it once, front to back:
//!
//! 1. [`discover`] finds the files that may be evidence: folders, globs, archives, within limits.
//! 2. [`formats`] tells each file's format by its content and reads it into facts. It never fails: whatever goes
//!    wrong is a state with its cause.
//! 3. [`collect`] runs both in parallel and brings the results into one order: the [`evidence`]. [`producers`] adds what
//!    jobs were to leave and did not.
//! 4. [`decide`] draws the measures that a [`policy`] asks for and judges them, exactly and three-valued.
//! 5. [`remedy`] says what to do: failures in words, owners, minutes, the shortest way to a deploy.
//! 6. [`assemble`] puts it all into one [`report`], the contract of every output.
//! 7. [`render`] turns the report into HTML, Markdown, YAML, JSON and terminal text.
//! 8. [`emit`] writes the outputs, [`ci`] tells the pipeline, and [`cli`] answers by its exit code.
//!
//! Only [`discover`], [`emit`] and [`host`] touch the outside world. A test holds who may know whom.

pub mod assemble;
pub mod ci;
pub mod cli;
pub mod collect;
pub mod decide;
pub mod discover;
pub mod emit;
pub mod evidence;
pub mod formats;
pub mod host;
pub mod policy;
pub mod producers;
pub mod remedy;
pub mod render;
pub mod report;
