//! Lighthouse result: scores, metrics and accessibility audits of one page or of the steps of a user flow.
//!
//! **Written by** the Lighthouse command (`--output=json`), Lighthouse CI (`lhr-*.json`, `*.report.json`), Chrome's
//! `DevTools`, `PageSpeed` Insights (the answer wraps the result) and Lighthouse user flows.
//!
//! **Versions** 3 to 13. What changed on the way: `rawValue` became `numericValue` (5), `emulatedFormFactor` became
//! `formFactor` (7), `finalDisplayedUrl` came (10), `pwa` went (12).
//!
//! ```json
//! {"lighthouseVersion": "13.0.0", "requestedUrl": "https://a/", "finalDisplayedUrl": "https://a/",
//!  "audits": {"image-alt": {"score": 1, "scoreDisplayMode": "binary"}},
//!  "categories": {"accessibility": {"score": 1, "auditRefs": [{"id": "image-alt", "weight": 10}]}}}
//! ```
//!
//! A flow is `{"steps": [{"name": …, "lhr": …}]}`, a `PageSpeed` answer `{"lighthouseResult": …}`.
//!
//! **Nothing unmeasured passes.** The command writes a result also where the page could not be loaded
//! (`runtimeError`; 3 and 4 write `NO_ERROR` where there was none), and calls a category without weights 0. So every
//! category is computed again from its audits; one that has no weight is unscored, and one that does not follow from
//! its audits makes the page incomplete, as do audits with weight that failed to run, a page other than the one asked
//! for, and a page with an error status.
//!
//! **Dropped**: screenshots, traces, translations, details of audits other than accessibility.

use super::super::read::damage::DamageLog;
use super::super::read::fault::Read;
use super::super::read::head::{Head, Outline};
use super::super::read::json::{Json, Shape};
use super::super::{Format, Reading};
use crate::evidence::exact::{self, Exact};
use crate::evidence::pages::{Engine, Impact, Page, RuleResult, RuleVerdict, is_other_page, no_page};
use crate::evidence::state::Diagnostic;
use crate::evidence::text::shorten;
use crate::evidence::{Kind, State};
use num_traits::{Signed as _, Zero as _};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Lighthouse result.
pub(crate) const FORMAT: Format = Format {
    id: "lighthouse",
    title: "Lighthouse result",
    kind: Kind::Web,
    written_by: "Lighthouse, Lighthouse CI, PageSpeed Insights",
    elements: &[],
    sniff,
    parse,
};

/// What is kept of URLs, titles and selectors.
const MAX_TEXT: usize = 1024;
/// Selectors that are kept of an audit.
const MAX_TARGETS: usize = 3;

/// Audits that are page metrics, under their names in all versions.
const METRICS: [(&str, &str); 9] = [
    ("largest-contentful-paint", "web.lcp"),
    ("first-contentful-paint", "web.fcp"),
    ("cumulative-layout-shift", "web.cls"),
    ("total-blocking-time", "web.tbt"),
    ("speed-index", "web.si"),
    ("interaction-to-next-paint", "web.inp"),
    ("experimental-interaction-to-next-paint", "web.inp"),
    ("server-response-time", "web.ttfb"),
    ("time-to-first-byte", "web.ttfb"),
];

fn sniff(head: &Head<'_>) -> bool {
    let result = |o: &Outline| {
        o.has(&["lighthouseVersion"])
            && ["audits", "categories", "runtimeError"].iter().any(|key| o.has(&[key]))
    };
    head.json().is_some_and(|outline| {
        result(outline)
            || outline.first().is_some_and(result)
            || outline.get("lighthouseResult").is_some_and(|o| matches!(o, Outline::Object(_)))
            || outline.get("steps").and_then(Outline::first).is_some_and(|step| step.has(&["lhr"]))
            // The two keys of a user flow, the steps damaged.
            || matches!(outline, Outline::Object(keys) if keys.len() == 2
                && outline.has(&["steps", "name"])
                && !outline.get("steps").is_some_and(Outline::is_array))
    })
}

fn parse(reading: &mut Reading<'_>) -> Read<()> {
    "lighthouse".clone_into(&mut reading.producer.name);
    let mut json = Json::new(reading.text, &reading.damage);
    let mut file = File::default();
    let outcome = file.read(&mut json);
    file.finish(reading);
    outcome?;
    json.end("result")
}

/// A file: one result, the steps of a flow, a wrapped result, or a list of results.
#[derive(Default)]
struct File<'a> {
    results: Vec<Lhr<'a>>,
    field: Vec<(&'static str, Exact)>,
}

impl<'a> File<'a> {
    fn read(&mut self, json: &mut Json<'a>) -> Read<()> {
        if json.shape()? == Shape::Array {
            return json.array(|json, _| self.one(json, "")).map(drop);
        }
        let mut bare = Lhr::default();
        let outcome = json.object(|json, key| match key {
            "steps" => json.array(|json, _| self.step(json)).map(drop),
            "lighthouseResult" => self.one(json, ""),
            "loadingExperience" => self.read_field(json),
            _ => bare.property(json, key),
        });
        if !bare.version.is_empty() || !bare.audits.is_empty() {
            bare.cut = outcome.is_err();
            self.results.push(bare);
        }
        outcome.map(drop)
    }

    fn step(&mut self, json: &mut Json<'a>) -> Read<()> {
        let (mut name, before) = (String::new(), self.results.len());
        json.object(|json, key| match key {
            "name" => {
                name = json.text()?.into_owned();
                Ok(())
            }
            "lhr" => self.one(json, "step"),
            _ => json.skip(),
        })?;
        for result in self.results.iter_mut().skip(before) {
            name.clone_into(&mut result.step);
        }
        if self.results.len() == before {
            let step = if name.is_empty() { "step".to_owned() } else { name };
            self.results.push(Lhr { step, ..Lhr::default() });
        }
        Ok(())
    }

    fn one(&mut self, json: &mut Json<'a>, step: &str) -> Read<()> {
        let mut result = Lhr { step: step.to_owned(), ..Lhr::default() };
        let outcome = json.object(|json, key| result.property(json, key));
        result.cut = outcome.is_err();
        self.results.push(result);
        outcome.map(drop)
    }

    /// What real visitors saw, in a `PageSpeed` answer: the only source of FID. Figures of the whole origin are not
    /// those of the page.
    fn read_field(&mut self, json: &mut Json<'a>) -> Read<()> {
        let (mut is_origin, mut figures) = (false, Vec::new());
        json.object(|json, key| {
            match key {
                "origin_fallback" => is_origin = json.boolean()?.unwrap_or(false),
                "metrics" => {
                    json.object(|json, key| {
                        let id = match key {
                            "FIRST_INPUT_DELAY_MS" => "web.fid",
                            "INTERACTION_TO_NEXT_PAINT" => "web.inp",
                            _ => return json.skip(),
                        };
                        json.object(|json, key| {
                            if key == "percentile" {
                                figures.extend(json.number_as("a number", exact::decimal)?.map(|n| (id, n)));
                            }
                            Ok(())
                        })
                        .map(drop)
                    })?;
                }
                _ => {}
            }
            Ok(())
        })?;
        if !is_origin {
            self.field = figures;
        }
        Ok(())
    }

    fn finish(self, reading: &mut Reading<'_>) {
        let several = self.results.len() > 1;
        if let Some(first) = self.results.first() {
            reading.producer.version = shorten(&first.version, 64);
            reading.timestamp = shorten(&first.time, 64);
        }
        let mut measured = 0_usize;
        let mut worst: Option<(State, String)> = None;
        for result in self.results {
            let mut page = result.into_page(reading);
            for (id, value) in &self.field {
                if page.metrics.iter().all(|(known, _)| known != id) {
                    page.metrics.push((*id, value.clone()));
                }
            }
            measured = measured.saturating_add(usize::from(page.state == State::Ok));
            if page.state != State::Ok && worst.as_ref().is_none_or(|(state, _)| page.state > *state) {
                let name = if page.step.is_empty() { page.key() } else { &page.step };
                let cause = if several && !name.is_empty() {
                    format!("{name}: {}", page.cause)
                } else {
                    page.cause.clone()
                };
                worst = Some((page.state, cause));
            }
            reading.facts.pages.push(page);
        }
        if let Some((state, cause)) = worst {
            // A step that was not measured leaves the others standing.
            reading.mark(if measured > 0 { State::Incomplete } else { state }, cause);
        }
    }
}

/// One audit, as far as scores, metrics and accessibility need it.
#[derive(Debug, Default)]
struct Audit<'a> {
    score: Option<Exact>,
    mode: Cow<'a, str>,
    number: Option<&'a str>,
    title: Cow<'a, str>,
    description: Cow<'a, str>,
    debug: Option<&'a str>,
    items: Option<&'a str>,
}

/// A category with the weights of its audits.
#[derive(Debug, Default)]
struct Category {
    id: String,
    score: Option<Exact>,
    audits: Vec<(String, Exact)>,
}

/// One result as it is read.
#[derive(Debug, Default)]
struct Lhr<'a> {
    version: Cow<'a, str>,
    time: Cow<'a, str>,
    requested: Cow<'a, str>,
    /// Final URLs by how well they tell where the browser ended.
    reached: [Cow<'a, str>; 3],
    form_factor: String,
    error: String,
    step: String,
    audits: FxHashMap<String, Audit<'a>>,
    categories: Vec<Category>,
    cut: bool,
}

impl<'a> Audit<'a> {
    fn read(json: &mut Json<'a>) -> Read<Self> {
        let mut audit = Self::default();
        json.object(|json, key| {
            match key {
                "score" => audit.score = json.or_null(|json| json.number_as("a number", exact::decimal))?,
                "scoreDisplayMode" => audit.mode = json.text()?,
                "numericValue" => audit.number = json.number()?,
                // Before Lighthouse 5 it may be a boolean.
                "rawValue" if audit.number.is_none() && json.shape()? == Shape::Number => {
                    audit.number = json.number()?;
                }
                "title" => audit.title = json.text()?,
                "description" => audit.description = json.text()?,
                "details" => {
                    json.object(|json, key| {
                        match key {
                            "debugData" => audit.debug = Some(json.raw()?),
                            "items" => audit.items = Some(json.raw()?),
                            _ => {}
                        }
                        Ok(())
                    })?;
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(audit)
    }

    /// Not part of a score, whatever its weight says.
    fn is_unscored(&self) -> bool {
        matches!(self.mode.as_ref(), "manual" | "informative" | "notApplicable" | "not-applicable")
    }

    /// The audit as a rule of accessibility; nothing where it did not apply or did not run.
    fn rule(&self, id: &str, damage: &DamageLog) -> Option<RuleResult> {
        let score = self.score.as_ref().filter(|_| !self.is_unscored() && self.mode != "error")?;
        let verdict = if score.is_zero() { RuleVerdict::Fail } else { RuleVerdict::Pass };
        let mut rule = RuleResult::new(id, verdict);
        rule.title = shorten(&self.title, MAX_TEXT);
        rule.uri = link(&self.description);
        // The slices were skipped over once, so they are well-formed.
        let _ = self.debug.map(|text| read_debug(&mut Json::new(text, damage), &mut rule));
        let _ = self.items.map(|text| read_items(&mut Json::new(text, damage), &mut rule));
        Some(rule)
    }
}

fn read_debug(json: &mut Json<'_>, rule: &mut RuleResult) -> Read<()> {
    json.object(|json, key| {
        match key {
            "impact" => rule.impact = Impact::of_word(&json.text()?),
            "tags" => {
                json.array(|json, _| {
                    rule.tag(&json.text()?);
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })
    .map(drop)
}

fn read_items(json: &mut Json<'_>, rule: &mut RuleResult) -> Read<()> {
    json.array(|json, _| {
        rule.nodes = rule.nodes.saturating_add(1);
        if rule.targets.len() >= MAX_TARGETS {
            return json.skip();
        }
        json.object(|json, key| {
            if key != "node" {
                return json.skip();
            }
            json.object(|json, key| {
                if key == "selector" {
                    rule.targets.push(shorten(&json.text()?, MAX_TEXT));
                }
                Ok(())
            })
            .map(drop)
        })
        .map(drop)
    })
    .map(drop)
}

/// The first web link of a description in Markdown.
fn link(description: &str) -> String {
    let target =
        description.split_once("](").and_then(|(_, rest)| rest.split_once(')')).map_or("", |(t, _)| t);
    let is_web = target.starts_with("https://") || target.starts_with("http://");
    if is_web && target.len() <= MAX_TEXT { target.to_owned() } else { String::new() }
}

impl Category {
    fn read(json: &mut Json<'_>, id: &str) -> Read<Self> {
        let mut category = Self { id: id.to_owned(), ..Self::default() };
        json.object(|json, key| {
            match key {
                "score" => {
                    category.score = json.or_null(|json| json.number_as("a number", exact::decimal))?
                }
                "auditRefs" => {
                    json.array(|json, _| {
                        let (mut id, mut weight) = (String::new(), Exact::zero());
                        json.object(|json, key| {
                            match key {
                                "id" => id = json.text()?.into_owned(),
                                "weight" => {
                                    weight = json
                                        .number_as("a number", exact::decimal)?
                                        .unwrap_or_else(Exact::zero);
                                }
                                _ => {}
                            }
                            Ok(())
                        })?;
                        category.audits.push((id, weight));
                        Ok(())
                    })?;
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(category)
    }
}

/// What a category's audits say about its score.
enum Computed {
    Unscored,
    /// Audits with weight that gave no score.
    Unmeasured(Vec<String>),
    Score(Exact),
}

impl<'a> Lhr<'a> {
    fn property(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "lighthouseVersion" => self.version = json.scalar()?.unwrap_or_default(),
            "fetchTime" => self.time = json.text()?,
            "requestedUrl" => self.requested = json.text()?,
            "finalDisplayedUrl" => self.reached[0] = json.text()?,
            "finalUrl" => self.reached[1] = json.text()?,
            "mainDocumentUrl" => self.reached[2] = json.text()?,
            "configSettings" => {
                json.object(|json, key| {
                    if matches!(key, "formFactor" | "emulatedFormFactor") {
                        let word = json.text()?;
                        if matches!(word.as_ref(), "mobile" | "desktop") {
                            self.form_factor = word.into_owned();
                        }
                    }
                    Ok(())
                })?;
            }
            "runtimeError" => self.runtime_error(json)?,
            "audits" => {
                json.object(|json, id| {
                    let audit = Audit::read(json)?;
                    self.audits.insert(id.to_owned(), audit);
                    Ok(())
                })?;
            }
            "categories" => {
                json.object(|json, id| {
                    self.categories.push(Category::read(json, id)?);
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    }

    /// An error without a code is an error all the same.
    fn runtime_error(&mut self, json: &mut Json<'a>) -> Read<()> {
        let (mut code, mut message, mut is_empty) = (None, String::new(), true);
        json.or_null(|json| {
            json.object(|json, key| {
                is_empty = false;
                match key {
                    "code" => code = json.string()?.map(|code| shorten(&code, 100)),
                    "message" => message = shorten(&json.text()?, MAX_TEXT),
                    _ => {}
                }
                Ok(())
            })
            .map(Some)
        })?;
        self.error = match code {
            Some(code) => code,
            None if is_empty => String::new(),
            None if message.is_empty() => "an error without a code".to_owned(),
            None => message,
        };
        Ok(())
    }

    fn into_page(self, reading: &mut Reading<'_>) -> Page {
        let mut page = Page::new(Engine::Lighthouse);
        page.version = shorten(&self.version, 64);
        page.url =
            shorten(self.reached.iter().find(|url| !url.is_empty()).map_or("", AsRef::as_ref), MAX_TEXT);
        page.requested = shorten(&self.requested, MAX_TEXT);
        page.step = shorten(&self.step, MAX_TEXT);
        self.form_factor.clone_into(&mut page.form_factor);
        self.judge_page(&mut page);
        for category in &self.categories {
            let score = self.score(category, &mut page, reading);
            page.scores.push((category.id.clone(), score));
        }
        self.metrics(&mut page);
        self.rules(&mut page, &reading.damage);
        page
    }

    /// Was the page that was asked for loaded at all?
    fn judge_page(&self, page: &mut Page) {
        if self.cut {
            page.mark(State::Truncated, "the result ends in the middle");
            return;
        }
        if !self.error.is_empty() && self.error != "NO_ERROR" {
            page.mark(State::Crashed, format!("Lighthouse could not load the page: {}", self.error));
        }
        if let Some(why) = no_page(&page.url) {
            page.mark(State::Crashed, why);
        }
        if self.categories.is_empty() {
            page.mark(State::Noop, "no category was scored");
        }
        if is_other_page(&page.requested, &page.url) {
            page.mark(
                State::Incomplete,
                format!("asked for {}, measured {}: wrong page", page.requested, page.url),
            );
        }
        let status = self.audits.get("http-status-code");
        if status.is_some_and(|a| a.score.as_ref().is_some_and(num_traits::Zero::is_zero) && !a.is_unscored())
        {
            page.mark(State::Incomplete, "the page answered with an error status: wrong page");
        }
    }

    fn compute(&self, category: &Category) -> Computed {
        let (mut weights, mut sum, mut missing) = (Exact::zero(), Exact::zero(), Vec::new());
        for (id, weight) in category.audits.iter().filter(|(_, weight)| weight.is_positive()) {
            match self.audits.get(id) {
                Some(audit) if audit.is_unscored() => {}
                Some(Audit { score: Some(score), mode, .. }) if mode != "error" => {
                    weights += weight;
                    sum += weight * score;
                }
                _ => missing.push(id.clone()),
            }
        }
        if !missing.is_empty() {
            Computed::Unmeasured(missing)
        } else if weights.is_zero() {
            Computed::Unscored
        } else {
            Computed::Score(sum / weights)
        }
    }

    /// The score that may be believed.
    fn score(&self, category: &Category, page: &mut Page, reading: &mut Reading<'_>) -> Option<Exact> {
        if self.cut {
            return category.score.clone();
        }
        let id = &category.id;
        match (self.compute(category), &category.score) {
            (Computed::Unscored, _) => None,
            (Computed::Unmeasured(audits), written) => {
                let names = shorten(&audits.join(", "), 200);
                page.mark(State::Incomplete, format!("{id}: audits without a result: {names}"));
                written.clone()
            }
            (Computed::Score(computed), Some(written)) if (&computed - written).abs() <= one_hundredth() => {
                Some(written.clone())
            }
            (Computed::Score(computed), written) => {
                let said = written.as_ref().map_or("null".to_owned(), |w| exact::floor_decimal(w, 4));
                let message =
                    format!("{id} says {said}, its audits give {}", exact::floor_decimal(&computed, 4));
                reading.remark(Diagnostic::warning("lighthouse.score-differs", message));
                page.mark(State::Incomplete, format!("{id}: the score does not follow from its audits"));
                written.clone()
            }
        }
    }

    fn metrics(&self, page: &mut Page) {
        for (id, metric) in METRICS {
            let audit = self.audits.get(id).filter(|a| !matches!(a.mode.as_ref(), "error" | "notApplicable"));
            if let Some(value) = audit.and_then(|a| a.number).and_then(exact::decimal)
                && page.metrics.iter().all(|(known, _)| *known != metric)
            {
                page.metrics.push((metric, value));
            }
        }
    }

    fn rules(&self, page: &mut Page, damage: &DamageLog) {
        let Some(category) = self.categories.iter().find(|c| c.id == "accessibility") else { return };
        for (id, _) in &category.audits {
            page.rules.extend(self.audits.get(id).and_then(|audit| audit.rule(id, damage)));
        }
        // `has_passes` stays false: Lighthouse names the tags only of audits that failed, so that no share of
        // passed WCAG rules can be told.
    }
}

/// Lighthouse rounds scores to two decimals.
fn one_hundredth() -> Exact {
    Exact::new(1.into(), 100.into())
}

#[cfg(test)]
mod tests {
    use super::super::super::read;
    use super::*;

    const URLS: &str = r#""requestedUrl":"http://a/x","finalDisplayedUrl":"http://a/x""#;

    fn lhr(head: &str, audits: &str, categories: &str) -> String {
        format!(
            "{{\"lighthouseVersion\":\"13.0.0\",{head},\"audits\":{{{audits}}},\"categories\":{{{categories}}}}}"
        )
    }

    fn good(head: &str) -> String {
        lhr(head, r#""a":{"score":1},"b":{"score":0.5}"#, &category("seo", "0.75"))
    }

    fn category(id: &str, score: &str) -> String {
        format!(r#""{id}":{{"score":{score},"auditRefs":[{{"id":"a","weight":2}},{{"id":"b","weight":2}}]}}"#)
    }

    fn parsed(text: &str) -> Reading<'_> {
        let (format, reading) = read("x.json", text);
        assert_eq!(format.map(|f| f.id), Some("lighthouse"), "{text}");
        reading
    }

    fn state(text: &str) -> State {
        parsed(text).state
    }

    #[test]
    fn a_result_is_read() {
        let text = lhr(
            &format!(
                r#"{URLS},"fetchTime":"2026-01-01T00:00:00Z","configSettings":{{"formFactor":"desktop"}}"#
            ),
            r#""a":{"score":1},"b":{"score":0.5},"largest-contentful-paint":{"score":1,"scoreDisplayMode":"numeric","numericValue":1058.67915},
               "max-potential-fid":{"score":1,"numericValue":3},"interaction-to-next-paint":{"scoreDisplayMode":"notApplicable","score":null}"#,
            &category("seo", "0.75"),
        );
        let reading = parsed(&text);
        let page = &reading.facts.pages[0];
        assert_eq!(
            (reading.state, page.version.as_str(), page.form_factor.as_str()),
            (State::Ok, "13.0.0", "desktop")
        );
        assert_eq!(page.score("seo"), exact::decimal("0.75").as_ref());
        assert_eq!(page.metrics, [("web.lcp", exact::decimal("1058.67915").unwrap())]);
        assert_eq!(reading.timestamp, "2026-01-01T00:00:00Z");
    }

    #[test]
    fn old_names_are_read() {
        let text = lhr(
            r#""finalUrl":"http://a/x","configSettings":{"emulatedFormFactor":"mobile"},"runtimeError":{"code":"NO_ERROR"}"#,
            r#""a":{"score":1},"b":{"score":0.5},"speed-index":{"rawValue":12.5},"n":{"score":null,"scoreDisplayMode":"not-applicable"}"#,
            r#""pwa":{"score":0.75,"auditRefs":[{"id":"a","weight":2},{"id":"b","weight":2},{"id":"n","weight":9}]}"#,
        );
        let reading = parsed(&text);
        assert_eq!((reading.state, reading.facts.pages[0].form_factor.as_str()), (State::Ok, "mobile"));
        assert_eq!(reading.facts.pages[0].metrics, [("web.si", exact::decimal("12.5").unwrap())]);
    }

    #[test]
    fn a_page_that_was_not_measured_is_not_ok() {
        for (text, want) in [
            (good(URLS), State::Ok),
            (good(&format!(r#"{URLS},"runtimeError":{{"code":"NO_FCP","message":"m"}}"#)), State::Crashed),
            (
                good(r#""requestedUrl":"http://a/","finalUrl":"chrome-error://chromewebdata/""#),
                State::Crashed,
            ),
            (good(r#""finalUrl":"about:blank""#), State::Crashed),
            (good(r#""requestedUrl":"http://a/x","finalUrl":"http://a/login""#), State::Incomplete),
            (good(r#""requestedUrl":"http://a/x","finalUrl":"https://www.a/x/?q=1""#), State::Ok),
            (lhr(URLS, r#""a":{"score":1}"#, ""), State::Noop),
            (
                lhr(
                    URLS,
                    r#""a":{"score":1},"b":{"score":0.5},"http-status-code":{"score":0}"#,
                    &category("seo", "0.75"),
                ),
                State::Incomplete,
            ),
        ] {
            assert_eq!(state(&text), want, "{text}");
        }
    }

    #[test]
    fn a_score_must_follow_from_its_audits() {
        let audits = r#""a":{"score":1},"b":{"score":0.5}"#;
        for (score, want) in [
            ("0.75", State::Ok),
            ("0.76", State::Ok),
            ("0.77", State::Incomplete),
            ("1", State::Incomplete),
            ("null", State::Incomplete),
        ] {
            assert_eq!(state(&lhr(URLS, audits, &category("seo", score))), want, "{score}");
        }
        let differs = lhr(URLS, audits, &category("seo", "1"));
        assert!(parsed(&differs).diagnostics.iter().any(|d| d.code == "lighthouse.score-differs"));
        let trimmed = lhr(URLS, r#""a":{"score":1}"#, &category("seo", "1"));
        assert_eq!(state(&trimmed), State::Incomplete);
        let errored = lhr(
            URLS,
            r#""a":{"score":1},"b":{"score":null,"scoreDisplayMode":"error"}"#,
            &category("seo", "null"),
        );
        let reading = parsed(&errored);
        assert_eq!((reading.state, reading.facts.pages[0].score("seo")), (State::Incomplete, None));
    }

    #[test]
    fn a_category_without_weights_is_unscored_and_null_is_not_zero() {
        let unweighted = r#""performance":{"score":0,"auditRefs":[{"id":"a","weight":0}]}"#;
        let text = lhr(
            URLS,
            r#""a":{"score":1},"b":{"score":0}"#,
            &format!("{unweighted},{}", category("seo", "0.5")),
        );
        let reading = parsed(&text);
        assert_eq!(
            reading.facts.pages[0].scores,
            [("performance".to_owned(), None), ("seo".to_owned(), exact::decimal("0.5"))]
        );
        assert_eq!(reading.state, State::Ok);
    }

    #[test]
    fn steps_of_a_flow_are_pages() {
        let bad = good(&format!(r#"{URLS},"runtimeError":{{"code":"ERRORED_DOCUMENT_REQUEST"}}"#));
        let text = format!(
            r#"{{"steps":[{{"lhr":{},"name":"one"}},{{"name":"two","lhr":{bad}}},{{"name":"three"}}],"name":"flow"}}"#,
            good(URLS)
        );
        let reading = parsed(&text);
        let states: Vec<_> = reading.facts.pages.iter().map(|p| (p.step.as_str(), p.state)).collect();
        assert_eq!(states, [("one", State::Ok), ("two", State::Crashed), ("three", State::Noop)]);
        assert_eq!(reading.state, State::Incomplete);
        assert!(reading.cause.starts_with("two: "), "{}", reading.cause);
    }

    #[test]
    fn a_pagespeed_answer_brings_what_visitors_saw() {
        let field = r#"{"metrics":{"FIRST_INPUT_DELAY_MS":{"percentile":12}}}"#;
        let text = format!(r#"{{"loadingExperience":{field},"lighthouseResult":{}}}"#, good(URLS));
        let reading = parsed(&text);
        assert_eq!(reading.facts.pages[0].metrics, [("web.fid", exact::whole(12))]);
        assert_eq!(reading.state, State::Ok);
    }

    #[test]
    fn accessibility_audits_are_rules() {
        let text = lhr(
            URLS,
            r#""a":{"score":0,"title":"no <alt>","description":"see [doc](https://d/x).","scoreDisplayMode":"binary","details":{"items":[{"node":{"selector":"img"}},{"node":{}}],"debugData":{"impact":"critical","tags":["wcag2a","wcag111"]}}},
               "b":{"score":1,"scoreDisplayMode":"binary"},"c":{"score":null,"scoreDisplayMode":"manual"}"#,
            r#""accessibility":{"score":0.5,"auditRefs":[{"id":"a","weight":1},{"id":"b","weight":1},{"id":"c","weight":0}]}"#,
        );
        let reading = parsed(&text);
        let page = &reading.facts.pages[0];
        assert_eq!((page.rules.len(), page.violations()), (2, [0, 0, 0, 1]));
        let rule = &page.rules[0];
        assert_eq!(
            (rule.wcag, rule.criteria.as_slice(), rule.nodes, rule.uri.as_str()),
            (true, &["1.1.1".to_owned()][..], 2, "https://d/x")
        );
        assert_eq!(rule.targets, ["img"]);
    }

    #[test]
    fn no_prefix_reads_as_ok_and_other_files_are_not_claimed() {
        let text = good(URLS);
        for end in 0..text.len() {
            assert_ne!(read("x.json", text.get(..end).unwrap()).1.state, State::Ok, "{end}");
        }
        for other in [
            "[]",
            "{}",
            r#"{"lighthouseVersion":"13"}"#,
            r#"[{"auditId":"a","passed":true}]"#,
            r#"[{"url":"http://a","jsonPath":"/x","summary":{}}]"#,
        ] {
            assert!(read("x.json", other).0.is_none(), "{other}");
        }
    }
}
