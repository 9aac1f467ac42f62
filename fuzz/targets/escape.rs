//! Text of an artifact on its way to each output: it stays text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shipworthy::render::{escape, prose};

fuzz_target!(|text: &str| {
    assert!(!escape::html(text).contains(['<', '>', '"']));
    assert!(!escape::xml(text).contains(['<', '>', '"']));
    assert!(!escape::one_line(text).contains(['\n', '\r']));
    for printed in [escape::terminal(text), escape::visible(text)] {
        assert!(!printed.contains(['\u{1b}', '\u{202e}']));
    }
    let _lines = (escape::markdown(text), escape::markdown_code(text), escape::markdown_fence(text));
    let _commands = escape::disarm_command(text);
    let html = prose::to_html(text);
    assert!(!html.contains("<script") && !html.contains("<img"));
    let _other = (prose::to_markdown(text), prose::to_text(text), prose::ticks_in_markdown(text));
});
