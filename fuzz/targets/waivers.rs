//! A file of waivers, and every line of it as a glob.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shipworthy::policy::{Chosen, Pattern, load};

const POLICY: &str = "version: 1\nextends: [preset:minimal]\nwaivers: w.yml\n";

fuzz_target!(|text: &str| {
    let read = |path: &str| Ok(if path == "w.yml" { text.to_owned() } else { POLICY.to_owned() });
    let _mistakes = load("shipworthy.yml", &read).and_then(|loaded| loaded.policy(&Chosen::default()));
    for line in text.lines().take(3) {
        for pattern in [Pattern::new(line), Pattern::name(line)].into_iter().flatten() {
            // What fits everything fits nearly everything.
            assert!(!pattern.is_everything() || pattern.is_nearly_everything());
        }
    }
});
