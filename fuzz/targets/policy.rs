//! A policy file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shipworthy::policy::Policy;

fuzz_target!(|text: &str| {
    let _mistakes = Policy::parse("shipworthy.yml", text);
});
