//! One result, as slices of the text, until its run is known.

use super::super::super::read::fault::Read;
use super::super::super::read::json::{Json, Shape};
use super::grade::{ResultKind, Traits, kind_word, level_word};
use super::place::Place;
use super::tooling::{Reference, index};
use crate::evidence::findings::Level;
use std::borrow::Cow;

/// A result before it is resolved.
#[derive(Debug, Default)]
pub(super) struct Raw<'a> {
    pub(super) rule: Reference<'a>,
    pub(super) message: Message<'a>,
    pub(super) place: Place<'a>,
    pub(super) fingerprint: Cow<'a, str>,
    pub(super) invocation: Option<usize>,
    pub(super) level: Option<Level>,
    pub(super) odd_level: bool,
    pub(super) kind: Option<ResultKind>,
    level_kind: Option<ResultKind>,
    pub(super) suppressed: bool,
    pub(super) absent: bool,
    pub(super) justification: Option<Box<str>>,
    pub(super) traits: Option<Box<Traits<'a>>>,
    target: Option<Box<Place<'a>>>,
}

/// A message: its text, or an id and arguments.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) id: Cow<'a, str>,
    pub(super) arguments: Vec<Cow<'a, str>>,
}

impl<'a> Raw<'a> {
    /// Reads one result; nothing where the element is no object.
    pub(super) fn read(json: &mut Json<'a>) -> Read<Option<Self>> {
        let mut raw = Self::default();
        if !json.object(|json, key| raw.property(json, key))? {
            return Ok(None);
        }
        raw.kind = raw.kind.or(raw.level_kind);
        if !raw.place.is_known()
            && let Some(target) = raw.target.take()
        {
            raw.place = *target;
        }
        Ok(Some(raw))
    }

    fn property(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "ruleId" => self.rule.id = json.scalar()?.unwrap_or_default(),
            "ruleKey" => self.rule.key = json.scalar()?.unwrap_or_default(),
            "ruleIndex" => self.rule.index = index(json)?.or(self.rule.index),
            "rule" => self.read_rule(json)?,
            "level" => {
                let at = json.at();
                let word = level_word(&json.text()?);
                if word.odd && word.level.is_none() {
                    json.unusable(at, "a level of SARIF");
                }
                (self.level, self.level_kind, self.odd_level) = (word.level, word.kind, word.odd);
            }
            "kind" => self.kind = json.string()?.map(|word| kind_word(&word)),
            "message" | "formattedRuleMessage" => self.message.read(json)?,
            "ruleMessageId" => self.message.id = json.text()?,
            "locations" => self.read_locations(json)?,
            "analysisTarget" => {
                let mut place = Place::default();
                place.artifact(json)?;
                self.target = Some(Box::new(place));
            }
            "suppressions" | "suppressionStates" => self.read_suppressions(json)?,
            "baselineState" => self.absent = json.text()?.eq_ignore_ascii_case("absent"),
            "fingerprints" => self.read_fingerprints(json, &|_| true)?,
            "partialFingerprints" if self.fingerprint.is_empty() => {
                self.read_fingerprints(json, &is_trusted)?;
            }
            "provenance" => {
                json.object(|json, key| {
                    if key == "invocationIndex" {
                        self.invocation = index(json)?;
                    }
                    Ok(())
                })?;
            }
            "properties" => self.read_traits(json, Traits::read)?,
            "taxa" => self.read_traits(json, Traits::read_taxa)?,
            _ => {}
        }
        Ok(())
    }

    fn read_rule(&mut self, json: &mut Json<'a>) -> Read<()> {
        let rule = Reference::read(json)?;
        if self.rule.id.is_empty() {
            self.rule.id = rule.id;
        }
        self.rule.index = self.rule.index.or(rule.index);
        self.rule.guid = rule.guid;
        self.rule.component = rule.component;
        Ok(())
    }

    fn read_traits(
        &mut self,
        json: &mut Json<'a>,
        read: impl FnOnce(&mut Traits<'a>, &mut Json<'a>) -> Read<()>,
    ) -> Read<()> {
        let mut traits = self.traits.take().map_or_else(Traits::default, |t| *t);
        let outcome = read(&mut traits, json);
        if !traits.is_plain() {
            self.traits = Some(Box::new(traits));
        }
        outcome
    }

    /// Several locations are one finding at the first place that names an artifact.
    fn read_locations(&mut self, json: &mut Json<'a>) -> Read<()> {
        json.array(|json, _| {
            if self.place.is_known() {
                return json.skip();
            }
            let place = Place::of_location(json)?;
            if place.is_known() {
                self.place = place;
            }
            Ok(())
        })
        .map(drop)
    }

    /// Suppressed where there is an entry and every entry is accepted.
    fn read_suppressions(&mut self, json: &mut Json<'a>) -> Read<()> {
        let (mut entries, mut all_accepted, mut why) = (0_u32, true, String::new());
        json.array(|json, _| {
            entries = entries.saturating_add(1);
            if json.shape()? == Shape::String {
                // 1.0.0 and 2.0.0: `suppressedInSource`, `suppressedExternally`.
                all_accepted &= json.text()?.to_ascii_lowercase().starts_with("suppressed");
                return Ok(());
            }
            all_accepted &= read_suppression(json, &mut why)?;
            Ok(())
        })?;
        self.suppressed |= entries > 0 && all_accepted;
        if !why.is_empty() {
            self.justification = Some(why.into_boxed_str());
        }
        Ok(())
    }

    /// The first value whose name is trusted; `BlackDuck` wraps values into objects.
    fn read_fingerprints(&mut self, json: &mut Json<'a>, trusted: &dyn Fn(&str) -> bool) -> Read<()> {
        let mut found: Cow<'a, str> = Cow::default();
        json.object(|json, key| {
            let preferred = key.starts_with("primaryLocationLineHash");
            if !trusted(key) || (!found.is_empty() && !preferred) {
                return json.skip();
            }
            let mut value = Cow::default();
            if json.shape()? == Shape::Object {
                json.object(|json, key| {
                    if key == "value" {
                        value = json.scalar()?.unwrap_or_default();
                    }
                    Ok(())
                })?;
            } else {
                value = json.scalar()?.unwrap_or_default();
            }
            if !value.is_empty() {
                found = value;
            }
            Ok(())
        })?;
        if !found.is_empty() {
            self.fingerprint = found;
        }
        Ok(())
    }
}

/// `gitleaks` writes who committed what and when: that changes with history and is nobody's business.
fn is_trusted(name: &str) -> bool {
    !["commitsha", "email", "author", "date", "commitmessage"].contains(&name.to_ascii_lowercase().as_str())
}

/// Reads one suppression; answers whether it is accepted. An unknown status is not.
fn read_suppression(json: &mut Json<'_>, why: &mut String) -> Read<bool> {
    let (mut accepted, mut has_kind, mut until) = (true, false, String::new());
    let at = json.at();
    let is_object = json.object(|json, key| {
        match key {
            "status" | "state" => {
                let (at, status) = (json.at(), json.string()?.unwrap_or_default().to_ascii_lowercase());
                if !matches!(status.as_str(), "accepted" | "underreview" | "rejected") {
                    json.unusable(at, "a status of a suppression");
                }
                accepted = status == "accepted";
            }
            "kind" => {
                let (at, kind) = (json.at(), json.string()?.unwrap_or_default());
                has_kind = matches!(kind.as_ref(), "inSource" | "external");
                if !has_kind {
                    json.unusable(at, "a kind of suppression");
                }
            }
            "justification" => {
                let text = json.text()?;
                if why.is_empty() {
                    why.push_str(&text);
                }
            }
            "properties" => {
                json.object(|json, key| {
                    if key == "expiryUtc" {
                        until = json.text()?.into_owned();
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    if !until.is_empty() {
        why.push_str(if why.is_empty() { "until " } else { " (until " });
        why.push_str(&until);
        if why.contains(" (until ") {
            why.push(')');
        }
    }
    if is_object && !has_kind {
        json.damaged(at, "a suppression without a kind");
    }
    Ok(is_object && accepted)
}

impl<'a> Message<'a> {
    /// A string (1.0.0), or an object under the names of any version.
    fn read(&mut self, json: &mut Json<'a>) -> Read<()> {
        if json.shape()? == Shape::String {
            self.text = json.text()?;
            return Ok(());
        }
        let mut markdown = Cow::default();
        json.object(|json, key| {
            match key {
                "text" => self.text = json.text()?,
                "markdown" => markdown = json.text()?,
                "id" | "messageId" | "formatId" => self.id = json.scalar()?.unwrap_or_default(),
                "arguments" => {
                    json.array(|json, _| {
                        self.arguments.push(json.scalar()?.unwrap_or_default());
                        Ok(())
                    })?;
                }
                _ => {}
            }
            Ok(())
        })?;
        if self.text.is_empty() && self.id.is_empty() {
            self.text = markdown;
        }
        Ok(())
    }
}
