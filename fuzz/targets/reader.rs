//! One reader on its own: the one that `FORMAT` names, else each of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shipworthy::formats::read::encoding::decode;
use shipworthy::formats::{FORMATS, Reading};

fuzz_target!(|data: &[u8]| {
    let text = decode(data).text;
    let wanted = std::env::var("FORMAT").ok();
    for format in FORMATS.iter().filter(|f| wanted.as_ref().is_none_or(|id| f.id == id)) {
        let mut reading = Reading::new("input", &text);
        let _fault = (format.parse)(&mut reading);
    }
});
