//! An archive of any kind, opened as a file is; no damage leaves nothing to be seen.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shipworthy::collect::collect;
use shipworthy::discover::{Limits, Request, discover};
use std::path::PathBuf;

fuzz_target!(|data: &[u8]| {
    let file = std::env::temp_dir().join(format!("shipworthy-fuzz-{}.zip", std::process::id()));
    std::fs::write(&file, data).expect("a temporary file");
    let limits = Limits { file_bytes: 16 << 20, archive_bytes: 64 << 20, ..Limits::default() };
    let request = Request { paths: vec![PathBuf::from(&file)], exclude: Vec::new(), limits };
    let evidence = collect(discover(&request), &limits);
    assert!(!evidence.items.is_empty());
});
