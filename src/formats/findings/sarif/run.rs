//! One run: everything that it holds, and its results resolved once all of it is known.

use super::super::super::Reading;
use super::super::super::read::fault::Read;
use super::super::super::read::json::{Json, Shape};
use super::grade::{self, LevelSource, ResultKind};
use super::health::Invocation;
use super::message;
use super::place::Places;
use super::result::Raw;
use super::tooling::{Component, Descriptor, Slot, Tooling, descriptors};
use crate::evidence::State;
use crate::evidence::findings::{Class, Disposition, Finding, Findings, Level, Rule, Tool};
use crate::evidence::state::Diagnostic;
use crate::evidence::text::{Span, shorten};
use rustc_hash::{FxHashMap, FxHashSet};

/// What is kept of a message.
const MAX_MESSAGE: usize = 1024;
/// What is kept of a rule's help.
const MAX_HELP: usize = 4096;
/// What is kept of ids, titles, paths and links.
const MAX_NAME: usize = 1024;

/// What has become of `results`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Results {
    #[default]
    Absent,
    Null,
    Listed,
}

/// A run as it is read.
#[derive(Debug, Default)]
pub(super) struct Run<'a> {
    is_object: bool,
    has_tool: bool,
    tooling: Tooling<'a>,
    results: Vec<Raw<'a>>,
    listed: Results,
    /// Elements of `results` that are no objects.
    odd_results: u64,
    invocations: Vec<Invocation<'a>>,
    /// Notifications of version 1.0.0, which stand in the run.
    own: Invocation<'a>,
    places: Places<'a>,
    external: bool,
    external_results: bool,
    /// Name of the tool, cut.
    tool: String,
}

/// Where resolved results go: the findings of the file, with equal texts stored once.
#[derive(Debug, Default)]
pub(super) struct Sink {
    findings: Findings,
    spans: FxHashMap<Box<str>, Span>,
    rules: FxHashSet<String>,
}

impl Sink {
    pub(super) fn into_findings(self) -> Findings {
        self.findings
    }

    /// Stores a text that comes again and again.
    fn intern(&mut self, text: &str) -> Span {
        if text.is_empty() {
            return Span::default();
        }
        if let Some(span) = self.spans.get(text) {
            return *span;
        }
        let span = self.findings.text.push(text);
        self.spans.insert(text.into(), span);
        span
    }

    /// The place of a tool in the list; the same tool in several runs is one.
    fn tool(&mut self, tool: Tool) -> u16 {
        let tools = &mut self.findings.tools;
        let at = tools.iter().position(|t| *t == tool).unwrap_or_else(|| {
            if tools.len() < usize::from(u16::MAX) {
                tools.push(tool);
            }
            tools.len().saturating_sub(1)
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }
}

/// What resolving a run turned up.
#[derive(Debug, Default)]
struct Odd {
    rules: u64,
    levels: u64,
}

impl<'a> Run<'a> {
    /// Reads a run; what was read before a fault stays.
    pub(super) fn read(&mut self, json: &mut Json<'a>) -> Read<()> {
        self.is_object = json.shape()? == Shape::Object;
        json.object(|json, key| self.property(json, key)).map(drop)
    }

    fn property(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "tool" => self.read_tool(json)?,
            "rules" => descriptors(json, &mut self.tooling.driver.rules)?,
            "resources" => {
                json.object(|json, key| match key {
                    "rules" | "messageStrings" => self.tooling.driver.property(json, key),
                    _ => json.skip(),
                })?;
            }
            "results" => self.read_results(json)?,
            "invocations" => {
                json.array(|json, _| {
                    self.invocations.push(Invocation::read(json)?);
                    Ok(())
                })?;
            }
            "invocation" => self.invocations.push(Invocation::read(json)?),
            "toolNotifications" | "configurationNotifications" => self.own.property(json, key)?,
            "artifacts" | "files" => self.places.read_artifacts(json)?,
            "originalUriBaseIds" => self.places.read_bases(json)?,
            "externalPropertyFileReferences" | "externalPropertyFiles" | "externalFiles" => {
                json.object(|json, key| {
                    let is_empty = matches!(json.raw()?.trim(), "null" | "[]" | "{}");
                    self.external |= !is_empty;
                    self.external_results |= !is_empty && key == "results";
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    }

    fn read_tool(&mut self, json: &mut Json<'a>) -> Read<()> {
        let tooling = &mut self.tooling;
        self.has_tool |= json.object(|json, key| match key {
            "driver" => json.object(|json, key| tooling.driver.property(json, key)).map(drop),
            "extensions" => json
                .array(|json, _| {
                    tooling.extensions.push(Component::read(json)?);
                    Ok(())
                })
                .map(drop),
            _ => tooling.driver.property(json, key),
        })?;
        Ok(())
    }

    fn read_results(&mut self, json: &mut Json<'a>) -> Read<()> {
        match json.shape()? {
            Shape::Array => self.listed = Results::Listed,
            Shape::Null if self.listed == Results::Absent => self.listed = Results::Null,
            _ => {}
        }
        if self.listed == Results::Null && json.null()? {
            return Ok(());
        }
        json.array(|json, _| {
            match Raw::read(json)? {
                Some(raw) => self.results.push(raw),
                None => self.odd_results = self.odd_results.saturating_add(1),
            }
            Ok(())
        })
        .map(drop)
    }

    /// Resolves every result into `sink` and judges whether the tool did its work. A run that was not read to its
    /// end is not judged by what it lacks.
    pub(super) fn finish(mut self, whole: bool, reading: &mut Reading<'a>, sink: &mut Sink) {
        self.tooling.build_index();
        for invocation in &mut self.invocations {
            invocation.build_index(&self.tooling);
        }
        self.own.build_index(&self.tooling);
        let first = self.invocations.first();
        self.places.finish(first.map_or("", |i| i.working_directory.as_ref()));
        let driver = &self.tooling.driver;
        let tool = Tool {
            name: shorten(driver.name.trim(), MAX_NAME),
            version: shorten(driver.version.trim(), MAX_NAME),
        };
        self.tool.clone_from(&tool.name);
        if reading.producer.name.is_empty() {
            reading.producer.name = tool.name.to_lowercase();
            reading.producer.version.clone_from(&tool.version);
        }
        if let Some(time) =
            first.map(|i| i.time.as_ref()).filter(|t| !t.is_empty() && reading.timestamp.is_empty())
        {
            reading.timestamp = shorten(time, 64);
        }
        let label = if tool.name.is_empty() { "the tool".to_owned() } else { tool.name.clone() };
        if whole {
            self.judge(&label, reading);
        }
        let mut odd = Odd::default();
        let results = std::mem::take(&mut self.results);
        if self.has_tool || !results.is_empty() {
            let at = sink.tool(tool);
            for raw in &results {
                self.resolve(raw, at, sink, &mut odd);
            }
        }
        odd.report(reading);
    }

    fn judge(&self, tool: &str, reading: &mut Reading<'_>) {
        if !self.is_object {
            reading.mark(State::Unreadable, "an entry of `runs` is no run");
            return;
        }
        match self.listed {
            Results::Listed if self.results.is_empty() && !self.has_tool && !self.external_results => {
                reading.mark(State::Incomplete, "a run without results does not say which tool it is of");
            }
            Results::Listed => {}
            _ if self.external_results => {}
            Results::Null => {
                reading.mark(State::Crashed, format!("`results` is null: {tool} did not finish"));
            }
            Results::Absent => {
                reading.mark(State::Crashed, format!("`results` is missing: {tool} did not finish"));
            }
        }
        if self.external_results {
            reading.mark(State::Incomplete, "results stand in another file, which is not read");
        } else if self.external {
            let message = "parts of the run stand in other files, which are not read";
            reading.remark(Diagnostic::warning("sarif.external-properties", message));
        }
        if self.odd_results > 0 {
            reading
                .mark(State::Incomplete, format!("{} entries of `results` are no results", self.odd_results));
        }
        let explains = |raw: &Raw<'_>| {
            let slot = self.tooling.find(&raw.rule).slot;
            self.level(raw, slot, slot.and_then(|slot| self.tooling.rule(slot))).0 == Level::Error
        };
        let has_errors = self.results.iter().any(explains);
        for invocation in self.invocations.iter().chain([&self.own]) {
            invocation.judge(tool, &self.tooling, has_errors, reading);
        }
    }

    /// The invocation that a result belongs to: the one it names, or the only one.
    fn invocation(&self, raw: &Raw<'_>) -> Option<&Invocation<'a>> {
        match (raw.invocation, self.invocations.as_slice()) {
            (Some(index), all) => all.get(index),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// The level that the invocation sets for a rule, where it does.
    fn overridden(&self, raw: &Raw<'_>, slot: Option<Slot>) -> Option<Level> {
        self.invocation(raw)?.rule_level(&raw.rule, slot)
    }

    /// The effective level and where it comes from.
    fn level(
        &self,
        raw: &Raw<'_>,
        slot: Option<Slot>,
        rule: Option<&Descriptor<'_>>,
    ) -> (Level, LevelSource) {
        if raw.kind.unwrap_or_default() != ResultKind::Fail {
            return (Level::None, LevelSource::Kind);
        }
        if let Some(level) = raw.level {
            return (level, LevelSource::Result);
        }
        if let Some(level) = self.overridden(raw, slot) {
            return (level, LevelSource::Override);
        }
        match rule.and_then(|r| r.level) {
            Some(level) => (level, LevelSource::Rule),
            None => (Level::Warning, LevelSource::Default),
        }
    }

    fn resolve(&self, raw: &Raw<'a>, tool: u16, sink: &mut Sink, odd: &mut Odd) {
        let lookup = self.tooling.find(&raw.rule);
        odd.rules = odd.rules.saturating_add(u64::from(lookup.contradicts));
        odd.levels = odd.levels.saturating_add(u64::from(raw.odd_level));
        let rule = lookup.slot.and_then(|slot| self.tooling.rule(slot));
        let (level, source) = self.level(raw, lookup.slot, rule);
        let findings = &mut sink.findings;
        findings.read = findings.read.saturating_add(1);
        if let Some(count) = findings.by_level.get_mut(level as usize) {
            *count = count.saturating_add(1);
        }
        let kind = raw.kind.unwrap_or_default();
        if kind != ResultKind::Fail {
            findings.not_failing = findings.not_failing.saturating_add(1);
        }
        let disposition = match kind {
            ResultKind::NotFailing => return,
            ResultKind::Review => Disposition::Review,
            ResultKind::Fail if raw.absent => Disposition::Absent,
            ResultKind::Fail if raw.suppressed => Disposition::Suppressed,
            ResultKind::Fail => Disposition::Counted,
        };
        let id =
            [raw.rule.id.as_ref(), rule.map_or("", |r| r.id.as_ref()), rule.map_or("", |r| r.key.as_str())];
        let id = shorten(id.into_iter().find(|id| !id.is_empty()).unwrap_or_default(), MAX_NAME);
        let traits = (raw.traits.as_deref(), rule.map(|r| &r.traits));
        let class = grade::class(&self.tool, &id, traits.0, traits.1);
        let (severity, basis) = grade::severity(traits.0, traits.1, level, source, class);
        let message = self.message(raw, lookup.slot, rule, class);
        let finding = Finding {
            rule: sink.intern(&id),
            message: sink.findings.text.push(&message),
            path: sink.intern(&shorten(&self.places.path(&raw.place), MAX_NAME)),
            line: raw.place.line,
            tool,
            level,
            severity,
            basis: sink.intern(&basis),
            disposition,
            class,
            fingerprint: sink.findings.text.push(&shorten(&raw.fingerprint, MAX_NAME)),
            justification: sink.intern(&shorten(raw.justification.as_deref().unwrap_or_default(), MAX_NAME)),
        };
        sink.findings.list.push(finding);
        if let Some(rule) = rule.filter(|_| !sink.rules.contains(&id)) {
            sink.rules.insert(id.clone());
            sink.findings.rules.push(shown(rule, id));
        }
    }

    /// The message, from the result or the rule's strings, without location links, short, secrets masked.
    fn message(
        &self,
        raw: &Raw<'_>,
        slot: Option<Slot>,
        rule: Option<&Descriptor<'_>>,
        class: Class,
    ) -> String {
        let message = &raw.message;
        let looked_up = || {
            let id = message.id.as_ref();
            let component = self.tooling.component(slot.map_or(0, |(component, _)| component));
            rule.and_then(|r| r.messages.get(id).map(AsRef::as_ref))
                .or_else(|| component.and_then(|c| c.message(id)))
                .or_else(|| self.tooling.driver.message(id))
        };
        let text = if message.text.is_empty() {
            match looked_up() {
                Some(template) => message::fill(template, &message.arguments),
                None => rule.map_or("", |r| message::beginning(r.title())).to_owned(),
            }
        } else if message.arguments.is_empty() {
            message::beginning(&message.text).to_owned()
        } else {
            message::fill(&message.text, &message.arguments)
        };
        let text = message::without_location_links(text.trim());
        match class {
            Class::Secret => shorten(&message::masked(&text), MAX_MESSAGE),
            _ => shorten(&text, MAX_MESSAGE),
        }
    }
}

/// What is shown of a rule.
fn shown(rule: &Descriptor<'_>, id: String) -> Rule {
    let uri = rule.uri.trim();
    let is_web = uri.starts_with("https://") || uri.starts_with("http://");
    Rule {
        id,
        title: shorten(rule.title(), MAX_NAME),
        help: shorten(if rule.help.is_empty() { rule.full.trim() } else { rule.help.trim() }, MAX_HELP),
        uri: if is_web && uri.len() <= MAX_NAME { uri.to_owned() } else { String::new() },
    }
}

impl Odd {
    fn report(&self, reading: &mut Reading<'_>) {
        if self.rules > 0 {
            reading.remark(Diagnostic::warning(
                "sarif.rule-reference",
                format!(
                    "{} results refer to a rule that is not there or has another id; read by id",
                    self.rules
                ),
            ));
        }
        if self.levels > 0 {
            reading.remark(Diagnostic::warning(
                "sarif.unknown-level",
                format!("{} results have a level that SARIF does not know", self.levels),
            ));
        }
    }
}
