//! Any file under names that promise different things: told apart, read, and never a panic that is swallowed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shipworthy::formats::read;
use shipworthy::formats::read::encoding::decode;

fuzz_target!(|data: &[u8]| {
    let text = decode(data).text;
    for name in ["a.xml", "a.json", "lcov.info", "a.jtl", "a"] {
        let (_, reading) = read(name, &text);
        assert!(reading.diagnostics.iter().all(|d| d.code != "internal.reader-panic"));
    }
});
