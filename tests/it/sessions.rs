//! Sessions on the command line, as they are shown to people. `TRYCMD=overwrite cargo test` renews them.

#[test]
fn sessions_read_as_written() {
    trycmd::TestCases::new().env("NO_COLOR", "1").case("tests/cmd/*.trycmd");
}
