//! Did the tool do its work? A failed run must never read as a clean one.

use super::super::super::Reading;
use super::super::super::read::fault::Read;
use super::super::super::read::json::Json;
use super::grade::level_word;
use super::place::Place;
use super::tooling::{Reference, Slot, Tooling, text};
use crate::evidence::State;
use crate::evidence::findings::Level;
use crate::evidence::state::Diagnostic;
use crate::evidence::text::shorten;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// What is shown of a notification.
const MAX_NOTICE: usize = 200;

/// A setting of a rule or notification for one invocation.
#[derive(Debug, Default)]
struct Override<'a> {
    descriptor: Reference<'a>,
    level: Option<Level>,
}

/// The overrides by what they name; the first of each counts. Places in the lists of the invocation.
#[derive(Debug, Default)]
struct Overridden {
    rule_by_id: FxHashMap<String, (usize, Option<Slot>)>,
    rule_by_slot: FxHashMap<Slot, usize>,
    notice_by_id: FxHashMap<String, usize>,
    notice_by_index: FxHashMap<usize, usize>,
    /// Of overrides that name no id.
    notice_by_index_alone: FxHashMap<usize, usize>,
}

/// What the tool says about its own work.
#[derive(Debug, Default)]
struct Notice<'a> {
    level: Option<Level>,
    descriptor: Reference<'a>,
    text: Cow<'a, str>,
}

/// One run of the tool.
#[derive(Debug, Default)]
pub(super) struct Invocation<'a> {
    successful: Option<bool>,
    exit_code: Option<i64>,
    failure: String,
    notices: Vec<Notice<'a>>,
    rule_overrides: Vec<Override<'a>>,
    notice_overrides: Vec<Override<'a>>,
    overridden: Overridden,
    pub(super) working_directory: Cow<'a, str>,
    pub(super) time: Cow<'a, str>,
}

impl<'a> Invocation<'a> {
    pub(super) fn read(json: &mut Json<'a>) -> Read<Self> {
        let mut invocation = Self::default();
        json.object(|json, key| invocation.property(json, key))?;
        Ok(invocation)
    }

    /// One property; in 1.0.0 the lists of notifications stand in the run itself.
    pub(super) fn property(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "executionSuccessful" | "toolExecutionSuccessful" => self.successful = json.boolean()?,
            "exitCode" => self.exit_code = json.or_null(Json::whole)?,
            "processStartFailureMessage" | "exitSignalName" | "exitSignalNumber" => {
                let said = json.scalar()?.unwrap_or_default();
                if !said.is_empty() && said != "0" {
                    self.failure = format!("{key}: {}", shorten(&said, MAX_NOTICE));
                }
            }
            "toolExecutionNotifications"
            | "toolConfigurationNotifications"
            | "toolNotifications"
            | "configurationNotifications" => {
                json.array(|json, _| {
                    self.notices.push(Notice::read(json)?);
                    Ok(())
                })?;
            }
            "ruleConfigurationOverrides" => overrides(json, &mut self.rule_overrides)?,
            "notificationConfigurationOverrides" => overrides(json, &mut self.notice_overrides)?,
            "workingDirectory" => {
                let mut place = Place::default();
                place.artifact(json)?;
                self.working_directory = place.uri;
            }
            "endTimeUtc" | "endTime" => self.time = json.text()?,
            "startTimeUtc" | "startTime" if self.time.is_empty() => self.time = json.text()?,
            _ => {}
        }
        Ok(())
    }

    /// Indexes the overrides, once the tooling has its own index.
    pub(super) fn build_index(&mut self, tooling: &Tooling<'_>) {
        let index = &mut self.overridden;
        for (at, Override { descriptor, .. }) in self.rule_overrides.iter().enumerate() {
            let slot = tooling.find(descriptor).slot;
            if !descriptor.id.is_empty() {
                index.rule_by_id.entry(descriptor.id.clone().into_owned()).or_insert((at, slot));
            }
            if let Some(slot) = slot {
                index.rule_by_slot.entry(slot).or_insert(at);
            }
        }
        for (at, Override { descriptor, .. }) in self.notice_overrides.iter().enumerate() {
            if let Some(number) = descriptor.index {
                index.notice_by_index.entry(number).or_insert(at);
            }
            match descriptor.index {
                Some(number) if descriptor.id.is_empty() => {
                    index.notice_by_index_alone.entry(number).or_insert(at);
                }
                _ if descriptor.id.is_empty() => {}
                _ => {
                    index.notice_by_id.entry(descriptor.id.clone().into_owned()).or_insert(at);
                }
            }
        }
    }

    /// The level that the invocation sets for a rule, where it does.
    pub(super) fn rule_level(&self, rule: &Reference<'_>, slot: Option<Slot>) -> Option<Level> {
        let index = &self.overridden;
        let exact = index.rule_by_id.get(rule.id.as_ref()).filter(|(_, own)| slot.is_none() || *own == slot);
        let at = exact.map(|(at, _)| at).or_else(|| index.rule_by_slot.get(&slot?))?;
        self.rule_overrides.get(*at)?.level
    }

    /// Judges one invocation of `tool`, whose results hold an error or not.
    pub(super) fn judge(
        &self,
        tool: &str,
        tooling: &Tooling<'_>,
        has_errors: bool,
        reading: &mut Reading<'_>,
    ) {
        self.judge_exit(tool, has_errors, reading);
        let levels =
            |wanted: Level| self.notices.iter().filter(move |notice| self.level(notice, tooling) == wanted);
        let errors = levels(Level::Error).count();
        if let Some(first) = levels(Level::Error).next() {
            let said = shorten(first.text.trim(), MAX_NOTICE);
            let help = "see the log of the tool; a scan that failed proves nothing";
            reading
                .remark(Diagnostic::error("sarif.tool-error", format!("{tool} reports: {said}")).help(help));
            if is_tool(tool, "bandit") {
                // Bandit writes one such entry for every file that it could not read.
                reading.mark(State::Incomplete, format!("{tool} skipped {errors} files: {said}"));
            } else {
                reading.mark(State::Crashed, format!("{tool} reports {errors} errors of its own: {said}"));
            }
        }
        let warnings = levels(Level::Warning).count();
        if warnings > 0 && is_tool(tool, "semgrep") {
            // Semgrep's warnings are files that it could not parse or gave up on.
            reading
                .mark(State::Incomplete, format!("{tool} could not look at all files: {warnings} warnings"));
        } else if let Some(first) = levels(Level::Warning).next() {
            let said = shorten(first.text.trim(), MAX_NOTICE);
            reading.remark(Diagnostic::info(
                "sarif.tool-warning",
                format!("{tool} reports {warnings} warnings of its own: {said}"),
            ));
        }
    }

    fn judge_exit(&self, tool: &str, has_errors: bool, reading: &mut Reading<'_>) {
        if !self.failure.is_empty() {
            reading.mark(State::Crashed, format!("{tool} did not run to its end: {}", self.failure));
        }
        if self.successful == Some(true) {
            return;
        }
        if self.successful.is_none() {
            // Nothing but the exit code tells: an error that was found explains it, nothing else does.
            if let Some(code) = self.exit_code.filter(|code| *code != 0 && !has_errors) {
                reading.mark(State::Crashed, format!("{tool} exited with {code}, but reports no error"));
            }
            return;
        }
        match self.exit_code {
            // SpotBugs sets bits: 1 found bugs, 2 missed classes, 4 failed. Any of them reads as not successful.
            Some(code) if is_tool(tool, "spotbugs") && (1..8).contains(&code) && code & 4 == 0 => {
                if code & 2 != 0 {
                    reading.mark(State::Incomplete, format!("{tool} missed classes (exit code {code})"));
                }
            }
            Some(code) => {
                reading.mark(State::Crashed, format!("{tool} says that it failed (exit code {code})"));
            }
            None => reading.mark(State::Crashed, format!("{tool} says that it failed")),
        }
    }

    fn level(&self, notice: &Notice<'_>, tooling: &Tooling<'_>) -> Level {
        let overridden = || self.notice_overrides.get(self.override_of(&notice.descriptor)?)?.level;
        let default = || tooling.notification_level(&notice.descriptor);
        notice.level.or_else(overridden).or_else(default).unwrap_or(Level::Warning)
    }
}

impl Invocation<'_> {
    /// The first override that names a notification: by id where both have one, else by index.
    fn override_of(&self, notice: &Reference<'_>) -> Option<usize> {
        let index = &self.overridden;
        if notice.id.is_empty() {
            return index.notice_by_index.get(&notice.index?).copied();
        }
        let by_index = notice.index.and_then(|number| index.notice_by_index_alone.get(&number));
        index.notice_by_id.get(notice.id.as_ref()).into_iter().chain(by_index).min().copied()
    }
}

fn is_tool(name: &str, tool: &str) -> bool {
    name.to_ascii_lowercase().contains(tool)
}

fn overrides<'a>(json: &mut Json<'a>, into: &mut Vec<Override<'a>>) -> Read<()> {
    json.array(|json, _| {
        let mut entry = Override::default();
        json.object(|json, key| {
            match key {
                "descriptor" | "notification" => entry.descriptor = Reference::read(json)?,
                "configuration" => {
                    json.object(|json, key| {
                        if key == "level" {
                            entry.level = level_word(&json.text()?).level;
                        }
                        Ok(())
                    })?;
                }
                _ => {}
            }
            Ok(())
        })?;
        into.push(entry);
        Ok(())
    })
    .map(drop)
}

impl<'a> Notice<'a> {
    fn read(json: &mut Json<'a>) -> Read<Self> {
        let mut notice = Self::default();
        json.object(|json, key| {
            match key {
                "level" => notice.level = level_word(&json.text()?).level,
                "message" => notice.text = text(json, false)?,
                "descriptor" => notice.descriptor = Reference::read(json)?,
                "id" if notice.descriptor.id.is_empty() => {
                    notice.descriptor.id = json.scalar()?.unwrap_or_default();
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(notice)
    }
}
