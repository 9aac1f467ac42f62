//! The `shipworthy` binary: arguments in, exit code out.
fn main() {}
