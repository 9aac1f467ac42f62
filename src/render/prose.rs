//! Markdown that stands inside a report: help of rules, notes of policies, steps by hand.
//!
//! It is as untrusted as any other text. Raw HTML becomes text, images become their alternative text, links
//! keep only schemes that a page may link to, headings become bold lines so that the outline stays the
//! page's own.

use super::escape;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// Markdown as safe HTML.
#[must_use]
pub fn to_html(text: &str) -> String {
    let text = escape::visible(text);
    let mut links = Vec::new();
    let events: Vec<Event<'_>> = events(&text).flat_map(|event| tame(event, &mut links)).collect();
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    html::push_html(&mut out, events.into_iter());
    escape::disarm_markup(&out)
}

fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// An event without its powers. `links` remembers, from the outside in, which open links are kept.
fn tame<'a>(event: Event<'a>, links: &mut Vec<bool>) -> Vec<Event<'a>> {
    match event {
        Event::Html(raw) | Event::InlineHtml(raw) => vec![Event::Text(raw)],
        Event::Start(Tag::HtmlBlock) => vec![Event::Start(Tag::Paragraph)],
        Event::End(TagEnd::HtmlBlock) => vec![Event::End(TagEnd::Paragraph)],
        Event::Start(Tag::Heading { .. }) => vec![Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)],
        Event::End(TagEnd::Heading(_)) => vec![Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)],
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => Vec::new(),
        Event::Start(Tag::Link { dest_url, .. }) => {
            let kept = escape::is_link(&dest_url);
            links.push(kept);
            if kept { vec![Event::InlineHtml(anchor(&dest_url))] } else { Vec::new() }
        }
        Event::End(TagEnd::Link) => {
            if links.pop() == Some(true) {
                vec![Event::InlineHtml("</a>".into())]
            } else {
                Vec::new()
            }
        }
        Event::Start(Tag::CodeBlock(_)) => {
            vec![Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Indented))]
        }
        // The HTML writer would set an alignment by a style attribute, which the page's policy forbids.
        Event::Start(Tag::Table(columns)) => {
            vec![Event::Start(Tag::Table(vec![pulldown_cmark::Alignment::None; columns.len()]))]
        }
        other => vec![other],
    }
}

fn anchor(uri: &str) -> CowStr<'static> {
    format!("<a href=\"{}\" rel=\"noopener noreferrer\">", escape::html(uri)).into()
}

/// Plain text as safe HTML, with code where the text itself sets it between backticks. Nothing else is markup.
#[must_use]
pub fn ticks(text: &str) -> String {
    with_code(text, |code| format!("<code>{}</code>", escape::html(code)), escape::html)
}

/// The same as Markdown of one line.
#[must_use]
pub fn ticks_in_markdown(text: &str) -> String {
    with_code(&escape::one_line(text), escape::markdown_code, escape::markdown)
}

fn with_code(text: &str, code: impl Fn(&str) -> String, plain: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    let mut rest = text;
    while let Some((before, inside, after)) = next_code(rest) {
        keep_spaces(before, &plain, &mut out);
        out.push_str(&code(inside));
        rest = after;
    }
    keep_spaces(rest, &plain, &mut out);
    out
}

/// What stands before, between and after the next pair of backticks on one line.
fn next_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    (!code.trim().is_empty() && !code.contains('\n')).then_some((before, code, after))
}

/// Markdown of one line as Markdown that cannot leave its line: text, emphasis and code stay, all else is text.
#[must_use]
pub fn to_markdown(text: &str) -> String {
    inline(text, escape::markdown_code, escape::markdown, "**")
}

/// Markdown as plain text of one line.
#[must_use]
pub fn to_text(text: &str) -> String {
    inline(text, |code| format!("`{code}`"), escape::one_line, "")
}

fn inline(text: &str, code: impl Fn(&str) -> String, plain: impl Fn(&str) -> String, strong: &str) -> String {
    let text = escape::visible(text);
    let mut out = String::new();
    // What comes in pieces is one text: a link must not be put together behind the border.
    let mut piece = String::new();
    for event in events(&text) {
        match event {
            Event::Text(t) | Event::Html(t) | Event::InlineHtml(t) => piece.push_str(&t),
            Event::Code(t) => {
                keep_spaces(&std::mem::take(&mut piece), &plain, &mut out);
                out.push_str(&code(&t));
            }
            Event::Start(Tag::Strong) | Event::End(TagEnd::Strong) if !strong.is_empty() => {
                keep_spaces(&std::mem::take(&mut piece), &plain, &mut out);
                out.push_str(strong);
            }
            event if parts(&event) => piece.push(' '),
            _ => {}
        }
    }
    keep_spaces(&piece, &plain, &mut out);
    out.trim().to_owned()
}

/// True for what stands between two words: a line break, or the end of a block or a cell.
const fn parts(event: &Event<'_>) -> bool {
    match event {
        Event::SoftBreak | Event::HardBreak | Event::Rule => true,
        Event::End(end) => !matches!(
            end,
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image
        ),
        _ => false,
    }
}

/// Escapes `text`; white space at its ends stays as one space.
fn keep_spaces(text: &str, plain: impl Fn(&str) -> String, out: &mut String) {
    if text.starts_with(char::is_whitespace) && !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
    let inner = text.trim();
    out.push_str(&plain(inner));
    if text.ends_with(char::is_whitespace) && !inner.is_empty() {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_kept_and_headings_are_bold_lines() {
        assert_eq!(
            to_html("# A\n\nrun `npm test` **now**"),
            "<p><strong>A</strong></p>\n<p>run <code>npm test</code> <strong>now</strong></p>\n"
        );
    }

    #[test]
    fn raw_html_is_text_and_images_are_their_alternative_text() {
        let html = to_html("<script>alert(1)</script>\n\na <b onclick=x>b</b> ![alt <i>](http://x/y.png)");
        assert!(!html.contains("<script") && !html.contains("<b ") && !html.contains("<img"), "{html}");
        assert!(html.contains("&lt;script&gt;") && html.contains("alt"), "{html}");
    }

    #[test]
    fn only_known_schemes_become_links() {
        let html =
            to_html("[a](javascript:alert(1)) [b](data:text/html,x) [c](/rel) [d](https://e.org/?a=\"b)");
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert!(
            html.contains("href=\"https://e.org/?a=&quot;b\" rel=\"noopener noreferrer\">d</a>"),
            "{html}"
        );
        assert!(to_html("[a [b](javascript:x) c](https://e.org)").matches("<a ").count() <= 1);
    }

    #[test]
    fn only_pairs_of_backticks_are_code_in_plain_text() {
        assert_eq!(ticks("`a<b>` *is* `c`"), "<code>a&lt;b&gt;</code> *is* <code>c</code>");
        assert_eq!(ticks("one ` alone <i>"), "one ` alone &lt;i&gt;");
        assert_eq!(ticks("```"), "```");
        assert_eq!(ticks(" `a` `b`\n x"), "<code>a</code> <code>b</code> x");
        assert_eq!(ticks_in_markdown("run `a|b` and *c*"), r"run `a\|b` and &#42;c&#42;");
        assert_eq!(ticks_in_markdown("a `` b ``` c"), "a &#96;&#96; b &#96;&#96;&#96; c");
    }

    #[test]
    fn tables_have_no_style_attributes() {
        assert!(!to_html("| a |\n|:-:|\n| b |\n").contains("style"));
    }

    #[test]
    fn steps_keep_their_code_in_markdown_and_text() {
        let text = "run `a | b` on **x** [l](javascript:y) @me";
        assert_eq!(to_markdown(text), r"run `a \| b` on **x** l @&#8203;me");
        assert_eq!(to_text("run `a` on **x**\nnow"), "run `a` on x now");
        assert_eq!(to_text("one\n## two\n- three\n- *fo*ur"), "one two three four");
    }

    #[test]
    fn no_link_is_put_together_of_pieces() {
        for text in [
            "http&#58;//evil.example",
            "http:*//evil.example*",
            "http:[//evil.example](x)",
            "http:![//evil.example](x)",
            "http&colon;&sol;&sol;evil.example",
            "ht*tp://evil.example*",
            "http\\://evil.example",
            "w*ww.evil.example*",
            "&#64;org/team",
        ] {
            let line = to_markdown(text);
            assert!(!line.contains("http://") && !line.contains("www.") && !line.contains("@org"), "{line}");
            assert!(!pulldown_links(&line), "{line}");
        }
    }

    fn pulldown_links(line: &str) -> bool {
        events(line).any(|event| matches!(event, Event::Start(Tag::Link { .. })))
    }
}
