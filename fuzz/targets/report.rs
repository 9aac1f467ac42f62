//! A report.json of anybody, in every output.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shipworthy::render::{Output, Templates, render};
use shipworthy::report::Report;

fuzz_target!(|data: &[u8]| {
    let Ok(report) = serde_json::from_slice::<Report>(data) else { return };
    for output in Output::ALL {
        let _error = render(output, &report, &Templates::default());
    }
});
