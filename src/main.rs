//! The `shipworthy` binary: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    shipworthy::cli::main()
}
