//! Safe readers that formats share: encodings, XML, JSON, CSV, lines, numbers; long texts in pieces.
//!
//! All of them walk the text once, borrow from it, decode only what is asked for and answer a [`fault::Fault`]
//! with a byte offset where the text ends too early or is not what it should be. None of them panics.

pub mod csv;
pub mod damage;
pub mod encoding;
pub mod fault;
pub mod head;
pub mod identity;
pub mod json;
pub mod lines;
pub mod numbers;
pub mod pieces;
pub mod xml;
