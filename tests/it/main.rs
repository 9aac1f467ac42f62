//! Integration tests: one binary, so that they are built once.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests read files, start the binary, and fail by panicking"
)]

mod architecture;
mod around;
mod cli;
mod cookbook;
mod damage;
mod docs;
mod drill;
mod form;
mod formats;
mod history;
mod hostile;
mod large;
mod load;
mod pipeline;
mod policies;
mod properties;
mod records;
mod runs;
mod schema;
mod sessions;
mod site;
mod support;
mod traps;
mod witness;
