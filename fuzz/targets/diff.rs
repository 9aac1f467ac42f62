//! A diff, as git writes it or does not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shipworthy::evidence::changes::Changes;

fuzz_target!(|text: &str| {
    let _error = Changes::parse(text);
});
