//! Integration tests: one binary, so that they are built once.

mod architecture;
mod cli;
mod formats;
mod properties;
mod schema;
mod support;
