//! Who was to leave evidence, and what became of them: the jobs of a pipeline by their results, and the runs of tools by
//! the records beside their files.
//!
//! A job that failed, was cancelled or was skipped, and whose evidence does not say so, is itself evidence that is missing
//! or damaged: no file must never read as no failure.

pub mod jobs;
pub mod records;
