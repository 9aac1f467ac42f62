//! axe-core result: the rules of accessibility on one or more pages.
//!
//! **Written by** axe-core in any host: `@axe-core/cli`, `@axe-core/playwright`, `@axe-core/puppeteer`, cypress-axe,
//! jest-axe, the browser extension. **Versions** 3 and 4.
//!
//! ```json
//! {"testEngine": {"name": "axe-core", "version": "4.10.2"}, "url": "https://a/", "violations": [{"id": "image-alt",
//!  "impact": "critical", "tags": ["wcag2a", "wcag111"], "nodes": [{"target": ["img"]}]}],
//!  "passes": [], "incomplete": [], "inapplicable": []}
//! ```
//!
//! | shape | what is known |
//! |---|---|
//! | one result (reporters `v1`, `v2`) | everything |
//! | array of results (the command always writes one) | everything, a page each |
//! | reporter `no-passes` | violations only, no share of passed rules |
//! | reporter `raw`: array of rules with their own `violations`, `passes`, … | rules of one page without a URL |
//! | bare array of rules, as cypress-axe hands to its callback | counts; taken for violations, as nothing says otherwise |
//!
//! A rule may stand in several lists; the worst counts: violation, then incomplete, then pass. The impact of a pass is
//! not looked at (it is not null where the rule also failed). What makes a page incomplete: a rule that crashed (an
//! `error`, a check `error-occurred`, before 4.11 an entry without nodes), a frame that was not tested, fewer than
//! five rules that applied. No rule at all means that nothing was tested.
//!
//! **Dropped**: HTML of elements, the texts of checks, rules that do not apply.

use super::super::read::fault::{Fault, Read};
use super::super::read::head::{Head, Outline};
use super::super::read::json::{Json, Shape};
use super::super::{Format, Reading};
use crate::evidence::pages::{Engine, Impact, Page, RuleResult, RuleVerdict, no_page};
use crate::evidence::state::Diagnostic;
use crate::evidence::text::shorten;
use crate::evidence::{Kind, State};
use rustc_hash::FxHashMap;

/// axe-core result.
pub(crate) const FORMAT: Format = Format {
    id: "axe",
    title: "axe-core result",
    kind: Kind::Web,
    written_by: "axe-core, @axe-core/cli, @axe-core/playwright, cypress-axe, jest-axe",
    elements: &[],
    sniff,
    parse,
};

/// What is kept of titles, URLs and selectors.
const MAX_TEXT: usize = 1024;
/// Selectors that are kept of a rule.
const MAX_TARGETS: usize = 3;
/// Fewer rules than this that apply are no test of a page (an error page has about that many).
const MIN_RULES: usize = 5;

fn sniff(head: &Head<'_>) -> bool {
    let Some(outline) = head.json() else { return false };
    is_page(outline) || outline.first().is_some_and(|first| is_page(first) || is_raw(first) || is_rule(first))
}

fn is_page(outline: &Outline) -> bool {
    let lists = outline.get("violations").is_some_and(Outline::is_array);
    let rules = ["passes", "incomplete", "inapplicable"].iter().any(|key| outline.has(&[key]));
    let axe =
        outline.has(&["testEngine"]) || (outline.has(&["url"]) && (rules || outline.has(&["toolOptions"])));
    let rule = outline
        .get("violations")
        .and_then(Outline::first)
        .is_none_or(|v| v.has(&["id"]) || !v.has(&["nodes"]));
    lists && rule && (axe || outline.has(&["passes", "incomplete", "inapplicable"]))
        || outline.has(&["testEngine", "testRunner"]) && (rules || outline.has(&["violations"]))
}

fn is_raw(outline: &Outline) -> bool {
    outline.has(&["id"])
        && (outline.has(&["pageLevel"]) || outline.has(&["result"]))
        && ["violations", "passes", "incomplete"]
            .iter()
            .any(|key| outline.get(key).is_some_and(Outline::is_array))
}

fn is_rule(outline: &Outline) -> bool {
    outline.has(&["id"])
        && outline.get("nodes").is_some_and(Outline::is_array)
        && (outline.has(&["helpUrl"]) || outline.has(&["impact", "tags"]))
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    "axe-core".clone_into(&mut reading.producer.name);
    let mut json = Json::new(reading.text, &reading.damage);
    let mut file = File::default();
    let outcome = file.read(&mut json);
    file.finish(outcome.is_ok(), reading);
    outcome?;
    json.end("result")
}

/// The four lists of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bucket {
    Violations,
    Incomplete,
    Passes,
    Inapplicable,
}

impl Bucket {
    fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "violations" => Self::Violations,
            "incomplete" => Self::Incomplete,
            "passes" => Self::Passes,
            "inapplicable" => Self::Inapplicable,
            _ => return None,
        })
    }

    const fn verdict(self) -> Option<RuleVerdict> {
        match self {
            Self::Violations => Some(RuleVerdict::Fail),
            Self::Incomplete => Some(RuleVerdict::Review),
            Self::Passes => Some(RuleVerdict::Pass),
            Self::Inapplicable => None,
        }
    }
}

/// One page while it is read.
#[derive(Debug, Default)]
struct Audit {
    version: String,
    url: String,
    time: String,
    rules: Vec<RuleResult>,
    by_id: FxHashMap<String, usize>,
    /// Lists that are there.
    lists: [bool; 4],
    /// Rules in any list, those that do not apply included.
    seen: u64,
    crashed: Vec<String>,
    untested_frames: bool,
    only_rules: bool,
    is_jsdom: bool,
    /// Entries of a list that are no rules.
    odd: u64,
}

/// What was read of a file.
#[derive(Debug, Default)]
struct File {
    pages: Vec<Audit>,
    /// Rules without a page: reporter `raw`, or a bare array.
    loose: Audit,
    is_raw: bool,
    is_bare: bool,
    odd: u64,
}

/// One entry of a list or of an array.
#[derive(Debug)]
struct Entry {
    rule: RuleResult,
    /// Nodes were listed, if none.
    has_nodes: bool,
    crashed: bool,
    /// Lists of the entry itself, as reporter `raw` writes them: nodes and whether one crashed.
    lists: Vec<(Bucket, Nodes)>,
    result: Option<Bucket>,
}

/// The elements that a rule speaks of.
#[derive(Debug, Default)]
struct Nodes {
    count: u32,
    worst: Option<Impact>,
    targets: Vec<String>,
    crashed: bool,
}

impl Nodes {
    fn read(json: &mut Json<'_>) -> Read<Self> {
        let mut nodes = Self::default();
        json.array(|json, _| {
            nodes.count = nodes.count.saturating_add(1);
            json.object(|json, key| nodes.property(json, key)).map(drop)
        })?;
        Ok(nodes)
    }

    fn property(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        match key {
            "impact" => self.worst = self.worst.max(impact(json)?),
            "none" => {
                json.array(|json, _| {
                    json.object(|json, key| {
                        if key == "id" {
                            self.crashed |= json.text()? == "error-occurred";
                        }
                        Ok(())
                    })
                    .map(drop)
                })?;
            }
            "target" if self.targets.len() < MAX_TARGETS => self.target(json)?,
            "node" if self.targets.len() < MAX_TARGETS => {
                json.object(|json, key| if key == "selector" { self.target(json) } else { json.skip() })?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A selector for each frame on the way; one of them may be a list, for shadow trees.
    fn target(&mut self, json: &mut Json<'_>) -> Read<()> {
        let mut parts: Vec<String> = Vec::new();
        if json.shape()? == Shape::String {
            parts.push(json.text()?.into_owned());
        } else {
            json.array(|json, _| {
                if json.shape()? == Shape::Array {
                    let mut inner = Vec::new();
                    json.array(|json, _| {
                        inner.push(json.text()?.into_owned());
                        Ok(())
                    })?;
                    parts.push(inner.join(" >>> "));
                } else {
                    parts.push(json.text()?.into_owned());
                }
                Ok(())
            })?;
        }
        self.targets.push(shorten(&parts.join(" » "), MAX_TEXT));
        Ok(())
    }
}

/// An impact; `null` for a rule that did not fail. A word that axe does not have is damage.
fn impact(json: &mut Json<'_>) -> Read<Option<Impact>> {
    let at = json.at();
    let Some(word) = json.or_null(Json::string)? else { return Ok(None) };
    let impact = Impact::of_word(&word);
    if impact.is_none() {
        json.unusable(at, "an impact");
    }
    Ok(impact)
}

impl Entry {
    /// Reads a rule; nothing where the element is no object.
    fn read(json: &mut Json<'_>) -> Read<Option<Self>> {
        let mut entry = Self {
            rule: RuleResult::new("", RuleVerdict::Pass),
            has_nodes: false,
            crashed: false,
            lists: Vec::new(),
            result: None,
        };
        let is_object = json.object(|json, key| entry.property(json, key))?;
        Ok(is_object.then_some(entry))
    }

    fn property(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        let rule = &mut self.rule;
        match key {
            "id" => rule.id = shorten(&json.text()?, MAX_TEXT),
            "impact" => rule.impact = impact(json)?.or(rule.impact),
            "help" => rule.title = shorten(&json.text()?, MAX_TEXT),
            "helpUrl" => {
                let uri = json.text()?;
                if (uri.starts_with("https://") || uri.starts_with("http://")) && uri.len() <= MAX_TEXT {
                    rule.uri = uri.into_owned();
                }
            }
            "tags" => {
                json.array(|json, _| {
                    rule.tag(&json.text()?);
                    Ok(())
                })?;
            }
            "error" => self.crashed |= json.shape()? == Shape::Object,
            "result" => self.result = bucket_of_result(&json.text()?),
            "nodes" => {
                let nodes = Nodes::read(json)?;
                self.has_nodes = nodes.count > 0;
                self.crashed |= nodes.crashed;
                (rule.nodes, rule.targets) = (nodes.count, nodes.targets);
                rule.impact = rule.impact.or(nodes.worst);
            }
            _ => {
                if let Some(bucket) = Bucket::of_key(key) {
                    self.lists.push((bucket, Nodes::read(json)?));
                }
            }
        }
        Ok(())
    }
}

/// The `result` of a rule under reporter `raw`.
fn bucket_of_result(word: &str) -> Option<Bucket> {
    Some(match word {
        "failed" | "violations" | "violation" => Bucket::Violations,
        "cantTell" | "incomplete" => Bucket::Incomplete,
        "passed" | "passes" => Bucket::Passes,
        "inapplicable" => Bucket::Inapplicable,
        _ => return None,
    })
}

impl File {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        if json.shape()? != Shape::Array {
            return self.page(json);
        }
        json.array(|json, _| match shape_of(json)? {
            Element::Page => self.page(json),
            Element::Raw => {
                self.is_raw = true;
                self.loose.raw(json)
            }
            Element::Rule => {
                self.is_bare = true;
                self.loose.entry(json, Bucket::Violations)
            }
            Element::Other => {
                self.odd = self.odd.saturating_add(1);
                json.skip()
            }
        })
        .map(drop)
    }

    fn page(&mut self, json: &mut Json<'_>) -> Read<()> {
        let mut audit = Audit::default();
        let outcome = json.object(|json, key| audit.property(json, key));
        self.pages.push(audit);
        outcome.map(drop)
    }

    fn finish(mut self, whole: bool, reading: &mut Reading<'_>) {
        if self.is_raw || self.is_bare {
            self.loose.lists = [self.is_raw; 4];
            self.pages.push(self.loose);
        }
        if self.is_bare {
            let message = "the rules do not say which list they come from: taken for violations";
            reading.remark(Diagnostic::warning("axe.bare-rules", message));
        }
        if self.odd > 0 {
            reading.mark(State::Incomplete, format!("{} elements are no results of axe", self.odd));
        }
        if let Some(first) = self.pages.first() {
            reading.producer.version.clone_from(&first.version);
            reading.timestamp.clone_from(&first.time);
        }
        let last = self.pages.len().saturating_sub(1);
        for (at, audit) in self.pages.into_iter().enumerate() {
            audit.remarks(reading);
            let page = audit.into_page(whole || at < last);
            if page.state != State::Ok {
                let name = if page.url.is_empty() { "the page" } else { &page.url };
                reading.mark(page.state, format!("{name}: {}", page.cause));
            }
            reading.facts.pages.push(page);
        }
    }
}

/// What an element of the outer array is.
enum Element {
    Page,
    Raw,
    Rule,
    Other,
}

/// Looks at the keys of the next element without reading it.
fn shape_of(json: &Json<'_>) -> Read<Element> {
    let mut look = json.look();
    if look.shape()? != Shape::Object {
        return Ok(Element::Other);
    }
    let (mut is_page, mut raw, mut has_id, mut has_nodes) = (false, false, false, false);
    // A fault shows again when the element is read; what was seen before it tells the shape.
    let _ = look.object(|look, key| {
        match key {
            "testEngine" | "url" | "testRunner" | "toolOptions" | "testEnvironment" => is_page = true,
            "id" => has_id = true,
            "nodes" => has_nodes = true,
            _ => raw |= Bucket::of_key(key).is_some(),
        }
        if is_page {
            return Err(Fault::limit(look.at(), "seen enough"));
        }
        look.skip()
    });
    Ok(match (is_page, has_id, has_nodes, raw) {
        (true, ..) | (false, false, _, true) => Element::Page,
        (_, true, true, _) => Element::Rule,
        (_, true, false, _) => Element::Raw,
        _ => Element::Other,
    })
}

impl Audit {
    fn property(&mut self, json: &mut Json<'_>, key: &str) -> Read<()> {
        match key {
            "url" => self.url = shorten(&json.text()?, MAX_TEXT),
            "timestamp" => self.time = shorten(&json.text()?, 64),
            "testEngine" => {
                json.object(|json, key| {
                    if key == "version" {
                        self.version = shorten(&json.text()?, 64);
                    }
                    Ok(())
                })?;
            }
            "testEnvironment" => {
                json.object(|json, key| {
                    if key == "userAgent" {
                        self.is_jsdom = json.text()?.contains("jsdom");
                    }
                    Ok(())
                })?;
            }
            "toolOptions" => {
                json.object(|json, key| {
                    if key == "runOnly" {
                        self.only_rules = json.raw()?.contains("\"rule");
                    }
                    Ok(())
                })?;
            }
            _ => {
                if let Some(bucket) = Bucket::of_key(key) {
                    if let Some(listed) = self.lists.get_mut(bucket as usize) {
                        *listed |= json.shape()? == Shape::Array;
                    }
                    json.array(|json, _| self.entry(json, bucket))?;
                }
            }
        }
        Ok(())
    }

    fn entry(&mut self, json: &mut Json<'_>, bucket: Bucket) -> Read<()> {
        let Some(entry) = Entry::read(json)? else {
            self.odd = self.odd.saturating_add(1);
            return Ok(());
        };
        let no_nodes = bucket == Bucket::Incomplete && !entry.has_nodes;
        if bucket != Bucket::Inapplicable && (entry.crashed || no_nodes) {
            self.crashed.push(entry.rule.id.clone());
        }
        self.add(entry.rule, bucket);
        Ok(())
    }

    /// One rule of reporter `raw`, with lists of its own.
    fn raw(&mut self, json: &mut Json<'_>) -> Read<()> {
        let Some(mut entry) = Entry::read(json)? else { return Ok(()) };
        let lists = std::mem::take(&mut entry.lists);
        let mut filled = lists.into_iter().filter(|(_, nodes)| nodes.count > 0).peekable();
        if entry.crashed {
            self.crashed.push(entry.rule.id.clone());
        }
        if filled.peek().is_none() {
            self.add(entry.rule, entry.result.unwrap_or(Bucket::Inapplicable));
            return Ok(());
        }
        for (bucket, nodes) in filled {
            if nodes.crashed {
                self.crashed.push(entry.rule.id.clone());
            }
            let mut rule = entry.rule.clone();
            rule.impact = nodes.worst.or(rule.impact);
            (rule.nodes, rule.targets) = (nodes.count, nodes.targets);
            self.add(rule, bucket);
        }
        Ok(())
    }

    /// Adds what one list says of a rule; the worst list counts.
    fn add(&mut self, mut rule: RuleResult, bucket: Bucket) {
        self.seen = self.seen.saturating_add(1);
        let Some(verdict) = bucket.verdict() else { return };
        rule.verdict = verdict;
        if verdict == RuleVerdict::Pass {
            rule.impact = None;
        }
        self.untested_frames |= verdict == RuleVerdict::Review && rule.id == "frame-tested";
        match self.by_id.get(&rule.id).and_then(|at| self.rules.get_mut(*at)) {
            Some(known) if known.verdict < verdict => *known = rule,
            Some(known) if known.verdict == verdict => {
                known.impact = known.impact.max(rule.impact);
                known.nodes = known.nodes.saturating_add(rule.nodes);
            }
            Some(_) => {}
            None => {
                self.by_id.insert(rule.id.clone(), self.rules.len());
                self.rules.push(rule);
            }
        }
    }

    fn remarks(&self, reading: &mut Reading<'_>) {
        if self.is_jsdom {
            let message = "jsdom has no layout: colour contrast and sizes were not tested";
            reading.remark(Diagnostic::warning("axe.no-layout", message));
        }
        if self.only_rules {
            let message = "only a part of the rules was asked for (`runOnly`)";
            reading.remark(Diagnostic::info("axe.run-only", message));
        }
    }

    fn into_page(self, whole: bool) -> Page {
        let mut page = Page::new(Engine::Axe);
        page.has_passes = self.lists.get(Bucket::Passes as usize).copied().unwrap_or(false);
        if !whole {
            page.mark(State::Truncated, "the result ends in the middle");
        } else if let Some(why) = no_page(&self.url) {
            page.mark(State::Crashed, why);
        }
        if whole {
            self.judge(&mut page);
        }
        page.version = self.version;
        page.url = self.url;
        page.rules = self.rules;
        page
    }

    /// Was enough of the page tested?
    fn judge(&self, page: &mut Page) {
        let has_any_list = self.lists.contains(&true) || self.seen > 0;
        let applied = self.rules.len();
        if !has_any_list {
            page.mark(State::Unreadable, "the result has no list of rules");
        } else if self.lists.contains(&true) && !self.lists.first().copied().unwrap_or(false) {
            page.mark(State::Incomplete, "the result has no list `violations`");
        } else if self.lists == [true; 4] && self.seen == 0 {
            page.mark(State::Noop, "no rule was run");
        } else if page.has_passes && applied < MIN_RULES {
            page.mark(State::Incomplete, format!("too few rules applied: {applied} of at least {MIN_RULES}"));
        }
        if !self.crashed.is_empty() {
            page.mark(
                State::Incomplete,
                format!("rules that crashed: {}", shorten(&self.crashed.join(", "), 200)),
            );
        }
        if self.untested_frames {
            page.mark(State::Incomplete, "a frame was not tested");
        }
        if self.odd > 0 {
            page.mark(State::Incomplete, format!("{} entries are no rules", self.odd));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::read;
    use super::*;

    fn rules(prefix: &str, count: usize) -> String {
        let rule = |n: usize| {
            format!(r#"{{"id":"{prefix}{n}","impact":null,"tags":["wcag2a"],"nodes":[{{"target":["a"]}}]}}"#)
        };
        (0..count).map(rule).collect::<Vec<_>>().join(",")
    }

    fn result(url: &str, violations: &str, incomplete: &str, passes: &str) -> String {
        format!(
            r#"{{"testEngine":{{"name":"axe-core","version":"4.10.2"}},"url":"{url}","timestamp":"2026-01-01","violations":[{violations}],"incomplete":[{incomplete}],"passes":[{passes}],"inapplicable":[]}}"#
        )
    }

    const BAD: &str = r#"{"id":"image-alt","impact":"critical","tags":["wcag2a","wcag111"],"help":"<img>","helpUrl":"javascript:x","nodes":[{"impact":"serious","target":["iframe",["host","img"]]}]}"#;

    fn parsed(text: &str) -> Reading<'_> {
        let (format, reading) = read("x.json", text);
        assert_eq!(format.map(|f| f.id), Some("axe"), "{text}");
        reading
    }

    #[test]
    fn a_result_is_read() {
        let text = result("http://a/", BAD, "", &rules("p", 6));
        let reading = parsed(&text);
        let page = &reading.facts.pages[0];
        assert_eq!((reading.state, page.violations(), page.rules.len()), (State::Ok, [0, 0, 0, 1], 7));
        let rule = &page.rules[0];
        assert_eq!(
            (rule.wcag, rule.criteria.as_slice(), rule.uri.as_str()),
            (true, &["1.1.1".to_owned()][..], "")
        );
        assert_eq!(rule.targets, ["iframe » host >>> img"]);
        assert_eq!(
            (page.version.as_str(), page.url.as_str(), page.has_passes),
            ("4.10.2", "http://a/", true)
        );
    }

    #[test]
    fn a_rule_in_several_lists_has_the_worst_verdict_and_passes_have_no_impact() {
        let pass = BAD.replace("\"critical\"", "\"minor\"");
        let text = result("http://a/", BAD, BAD, &format!("{pass},{}", rules("p", 5)));
        let reading = parsed(&text);
        let page = &reading.facts.pages[0];
        assert_eq!((page.rules.len(), page.violations(), page.incomplete()), (6, [0, 0, 0, 1], 0));
        let passes = result("http://a/", "", "", &format!("{pass},{}", rules("p", 5)));
        assert_eq!(parsed(&passes).facts.pages[0].violations(), [0; 4]);
    }

    #[test]
    fn pages_that_were_not_tested_are_not_ok() {
        let passes = rules("p", 6);
        let crashed = r#"{"id":"x","error":{"message":"m"},"nodes":[{"target":["a"]}]}"#;
        let check = r#"{"id":"x","nodes":[{"none":[{"id":"error-occurred"}]}]}"#;
        for (text, want) in [
            (result("http://a/", "", "", &passes), State::Ok),
            (result("http://a/", "", "", ""), State::Noop),
            (result("http://a/", "", "", &rules("p", 4)), State::Incomplete),
            (result("chrome-error://chromewebdata/", "", "", &passes), State::Crashed),
            (result("about:blank", "", "", &passes), State::Crashed),
            (result("data:text/html,x", "", "", &passes), State::Crashed),
            (result("http://a/", "", crashed, &passes), State::Incomplete),
            (result("http://a/", "", check, &passes), State::Incomplete),
            (result("http://a/", "", r#"{"id":"x","nodes":[]}"#, &passes), State::Incomplete),
            (result("http://a/", "", r#"{"id":"frame-tested","nodes":[{}]}"#, &passes), State::Incomplete),
            (result("http://a/", "null", "", &passes), State::Incomplete),
        ] {
            assert_eq!(parsed(&text).state, want, "{text}");
        }
    }

    #[test]
    fn an_array_holds_pages() {
        let good = result("http://a/", "", "", &rules("p", 6));
        let text = format!("[{good},{}]", result("http://b/", BAD, "", &rules("p", 6)));
        let reading = parsed(&text);
        let urls: Vec<_> = reading.facts.pages.iter().map(|p| (p.url.as_str(), p.violations()[3])).collect();
        assert_eq!((reading.state, urls), (State::Ok, vec![("http://a/", 0), ("http://b/", 1)]));
        let odd = format!("[{good},null]");
        assert_eq!(parsed(&odd).state, State::Incomplete);
    }

    #[test]
    fn without_passes_only_violations_are_known() {
        let text = format!(r#"{{"testEngine":{{"version":"4"}},"url":"http://a/","violations":[{BAD}]}}"#);
        let reading = parsed(&text);
        assert_eq!((reading.state, reading.facts.pages[0].has_passes), (State::Ok, false));
    }

    #[test]
    fn raw_rules_are_one_page() {
        let raw = |id: &str, list: &str| {
            let empty = ["violations", "passes", "incomplete", "inapplicable"];
            let empty: String =
                empty.iter().filter(|l| **l != list).map(|l| format!(r#""{l}":[],"#)).collect();
            format!(
                r#"{{"id":"{id}","result":"inapplicable","pageLevel":false,"impact":"serious",{empty}"{list}":[{{"node":{{"selector":["a"]}},"impact":"minor"}}]}}"#
            )
        };
        let mut all = vec![raw("v", "violations")];
        all.extend((0..5).map(|n| raw(&format!("p{n}"), "passes")));
        all.push(
            r#"{"id":"n","result":"inapplicable","pageLevel":false,"violations":[],"passes":[]}"#.to_owned(),
        );
        let text = format!("[{}]", all.join(","));
        let reading = parsed(&text);
        assert_eq!((reading.facts.pages.len(), reading.state), (1, State::Ok));
        let page = &reading.facts.pages[0];
        assert_eq!((page.rules.len(), page.violations()), (6, [1, 0, 0, 0]));
    }

    #[test]
    fn bare_rules_are_taken_for_violations() {
        let text = format!("[{BAD}]");
        let reading = parsed(&text);
        assert_eq!(
            (reading.facts.pages[0].violations(), reading.facts.pages[0].has_passes),
            ([0, 0, 0, 1], false)
        );
        assert!(reading.diagnostics.iter().any(|d| d.code == "axe.bare-rules"));
    }

    #[test]
    fn no_prefix_reads_as_ok_and_other_files_are_not_claimed() {
        let text = format!("[{}]", result("http://a/", BAD, "", &rules("p", 6)));
        for end in 0..text.len() {
            assert_ne!(read("x.json", text.get(..end).unwrap()).1.state, State::Ok, "{end}");
        }
        for other in [
            "[]",
            "{}",
            r#"{"violations":[]}"#,
            r#"[{"code":"c","type":"error","selector":"a"}]"#,
            r#"[{"filePath":"a.js","messages":[]}]"#,
            r#"{"vulnerabilities":{}}"#,
        ] {
            assert!(read("x.json", other).0.is_none(), "{other}");
        }
    }
}
