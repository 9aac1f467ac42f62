//! The tool of a run with its parts, their rules and notification descriptors, and how results refer to them.

use super::super::super::read::fault::Read;
use super::super::super::read::json::{Json, Shape};
use super::grade::{Traits, level_word};
use super::message;
use crate::evidence::findings::Level;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// A rule, or the description of a notification.
#[derive(Debug, Default)]
pub(super) struct Descriptor<'a> {
    /// The key of the rule in the object of rules that versions 1.0.0 and 2.0.0 write.
    pub(super) key: String,
    pub(super) id: Cow<'a, str>,
    pub(super) guid: Cow<'a, str>,
    pub(super) former_ids: Vec<Cow<'a, str>>,
    pub(super) level: Option<Level>,
    pub(super) name: Cow<'a, str>,
    pub(super) short: Cow<'a, str>,
    pub(super) full: Cow<'a, str>,
    pub(super) help: Cow<'a, str>,
    pub(super) uri: Cow<'a, str>,
    pub(super) messages: Vec<(String, Cow<'a, str>)>,
    pub(super) traits: Traits<'a>,
}

/// The driver or an extension.
#[derive(Debug, Default)]
pub(super) struct Component<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) version: Cow<'a, str>,
    guid: Cow<'a, str>,
    pub(super) rules: Vec<Descriptor<'a>>,
    pub(super) notifications: Vec<Descriptor<'a>>,
    pub(super) messages: Vec<(String, Cow<'a, str>)>,
    by_id: FxHashMap<String, usize>,
}

/// A reference to a component.
#[derive(Debug, Default)]
pub(super) struct ComponentReference<'a> {
    name: Cow<'a, str>,
    guid: Cow<'a, str>,
    index: Option<usize>,
}

/// A reference to a descriptor, as results, overrides and notifications write it.
#[derive(Debug, Default)]
pub(super) struct Reference<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) key: Cow<'a, str>,
    pub(super) guid: Cow<'a, str>,
    pub(super) index: Option<usize>,
    pub(super) component: Option<ComponentReference<'a>>,
}

/// The place of a rule: component (0 is the driver) and index.
pub(super) type Slot = (usize, usize);

/// What looking up a rule gave.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lookup {
    pub(super) slot: Option<Slot>,
    /// The index or the component that the reference names is not there, or the id there is another one.
    pub(super) contradicts: bool,
}

/// An index; nothing for -1, which means none.
pub(super) fn index(json: &mut Json<'_>) -> Read<Option<usize>> {
    Ok(json.whole()?.and_then(|n| usize::try_from(n).ok()))
}

/// A text as a string or as an object with `text`; Markdown where it is preferred or alone.
pub(super) fn text<'a>(json: &mut Json<'a>, prefer_markdown: bool) -> Read<Cow<'a, str>> {
    if json.shape()? == Shape::String {
        return json.text();
    }
    let (mut plain, mut markdown) = (Cow::default(), Cow::default());
    json.object(|json, key| {
        match key {
            "text" => plain = json.text()?,
            "markdown" => markdown = json.text()?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(if plain.is_empty() || (prefer_markdown && !markdown.is_empty()) { markdown } else { plain })
}

/// An object of texts by their ids.
fn texts<'a>(json: &mut Json<'a>, into: &mut Vec<(String, Cow<'a, str>)>) -> Read<()> {
    json.object(|json, id| {
        into.push((id.to_owned(), text(json, false)?));
        Ok(())
    })
    .map(drop)
}

impl<'a> Descriptor<'a> {
    fn read(json: &mut Json<'a>, key: &str) -> Read<Self> {
        let mut rule = Self { key: key.to_owned(), ..Self::default() };
        json.object(|json, key| rule.property(json, key))?;
        Ok(rule)
    }

    fn property(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "id" => self.id = json.scalar()?.unwrap_or_default(),
            "guid" => self.guid = json.text()?,
            "deprecatedIds" => {
                json.array(|json, _| {
                    self.former_ids.push(json.text()?);
                    Ok(())
                })?;
            }
            "defaultLevel" => self.level = level_word(&json.text()?).level,
            "defaultConfiguration" | "configuration" => {
                json.object(|json, key| {
                    if matches!(key, "level" | "defaultLevel") {
                        self.level = level_word(&json.text()?).level;
                    }
                    Ok(())
                })?;
            }
            "name" => self.name = text(json, false)?,
            "shortDescription" => self.short = text(json, false)?,
            "fullDescription" => self.full = text(json, false)?,
            "help" => self.help = text(json, true)?,
            "helpUri" | "helpLocation" => self.uri = uri(json)?,
            "messageStrings" | "messageFormats" => texts(json, &mut self.messages)?,
            "properties" => self.traits.read(json)?,
            "relationships" | "taxa" => self.traits.read_taxa(json)?,
            _ => {}
        }
        Ok(())
    }

    /// The first of the texts that say in one line what the rule is about.
    pub(super) fn title(&self) -> &str {
        [&self.short, &self.full, &self.name]
            .into_iter()
            .find(|t| !t.trim().is_empty())
            .map_or("", |t| t.trim())
    }

    fn answers_to(&self, reference: &Reference<'_>) -> bool {
        let id = reference.id.as_ref();
        if id.is_empty() || self.id.is_empty() || (!self.guid.is_empty() && self.guid == reference.guid) {
            return true;
        }
        let below = |own: &str| {
            id.get(..own.len()).is_some_and(|head| head.eq_ignore_ascii_case(own))
                && id.as_bytes().get(own.len()).is_none_or(|b| *b == b'/')
        };
        below(&self.id) || self.former_ids.iter().any(|old| below(old))
    }
}

/// A link as a string, or as the location object of 2.0.0.
fn uri<'a>(json: &mut Json<'a>) -> Read<Cow<'a, str>> {
    if json.shape()? == Shape::String {
        return json.text();
    }
    let mut uri = Cow::default();
    json.object(|json, key| {
        if key == "uri" {
            uri = json.text()?;
        }
        Ok(())
    })?;
    Ok(uri)
}

/// Rules as an array, or as the object keyed by rule that 1.0.0 and 2.0.0 write.
pub(super) fn descriptors<'a>(json: &mut Json<'a>, into: &mut Vec<Descriptor<'a>>) -> Read<()> {
    if json.shape()? == Shape::Object {
        return json
            .object(|json, key| {
                into.push(Descriptor::read(json, key)?);
                Ok(())
            })
            .map(drop);
    }
    json.array(|json, _| {
        into.push(Descriptor::read(json, "")?);
        Ok(())
    })
    .map(drop)
}

impl<'a> Component<'a> {
    pub(super) fn read(json: &mut Json<'a>) -> Read<Self> {
        let mut component = Self::default();
        json.object(|json, key| component.property(json, key))?;
        Ok(component)
    }

    /// One property of a tool component, under its name in any version.
    pub(super) fn property(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "name" => self.name = json.text()?,
            "version" => self.version = json.scalar()?.unwrap_or_default(),
            "semanticVersion" | "dottedQuadFileVersion" | "fileVersion" if self.version.is_empty() => {
                self.version = json.scalar()?.unwrap_or_default();
            }
            "guid" => self.guid = json.text()?,
            "rules" | "ruleDescriptors" | "rulesMetadata" => descriptors(json, &mut self.rules)?,
            "notifications" | "notificationDescriptors" | "notificationsMetadata" => {
                descriptors(json, &mut self.notifications)?;
            }
            "globalMessageStrings" | "messageStrings" => texts(json, &mut self.messages)?,
            _ => {}
        }
        Ok(())
    }

    fn build_index(&mut self) {
        for (at, rule) in self.rules.iter().enumerate() {
            for id in [rule.id.as_ref(), rule.key.as_str()].into_iter().filter(|id| !id.is_empty()) {
                self.by_id.entry(id.to_owned()).or_insert(at);
            }
        }
        // Former ids come last, so that they never hide a rule of today.
        for (at, rule) in self.rules.iter().enumerate() {
            for id in &rule.former_ids {
                self.by_id.entry(id.clone().into_owned()).or_insert(at);
            }
        }
    }

    /// The rule with an id, or with what is left of the id when its last parts are dropped.
    fn rule_by_id(&self, id: &str) -> Option<usize> {
        let mut id = id;
        loop {
            if let Some(at) = self.by_id.get(id) {
                return Some(*at);
            }
            id = id.rsplit_once('/')?.0;
        }
    }

    /// A message string that all rules share.
    pub(super) fn message(&self, id: &str) -> Option<&str> {
        message::by_id(&self.messages, id)
    }
}

impl<'a> ComponentReference<'a> {
    fn read(json: &mut Json<'a>) -> Read<Self> {
        let mut reference = Self::default();
        json.object(|json, key| {
            match key {
                "name" => reference.name = json.text()?,
                "guid" => reference.guid = json.text()?,
                "index" => reference.index = index(json)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(reference)
    }
}

impl<'a> Reference<'a> {
    pub(super) fn read(json: &mut Json<'a>) -> Read<Self> {
        let mut reference = Self::default();
        json.object(|json, key| reference.property(json, key))?;
        Ok(reference)
    }

    pub(super) fn property(&mut self, json: &mut Json<'a>, key: &str) -> Read<()> {
        match key {
            "id" => self.id = json.scalar()?.unwrap_or_default(),
            "guid" => self.guid = json.text()?,
            "index" => self.index = index(json)?,
            "toolComponent" if json.shape()? == Shape::Object => {
                self.component = Some(ComponentReference::read(json)?);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The driver and its extensions.
#[derive(Debug, Default)]
pub(super) struct Tooling<'a> {
    pub(super) driver: Component<'a>,
    pub(super) extensions: Vec<Component<'a>>,
}

impl<'a> Tooling<'a> {
    pub(super) fn build_index(&mut self) {
        self.driver.build_index();
        self.extensions.iter_mut().for_each(Component::build_index);
    }

    /// A component by its place: 0 is the driver.
    pub(super) fn component(&self, at: usize) -> Option<&Component<'a>> {
        if at == 0 { Some(&self.driver) } else { self.extensions.get(at.saturating_sub(1)) }
    }

    pub(super) fn rule(&self, (component, at): Slot) -> Option<&Descriptor<'a>> {
        self.component(component)?.rules.get(at)
    }

    fn components(&self) -> impl Iterator<Item = (usize, &Component<'a>)> {
        std::iter::once(&self.driver).chain(&self.extensions).enumerate()
    }

    /// The component that a reference names by index, GUID or name; an error where it is not there.
    fn named(&self, reference: &ComponentReference<'_>) -> Result<usize, ()> {
        if let Some(index) = reference.index {
            return if index < self.extensions.len() { Ok(index.saturating_add(1)) } else { Err(()) };
        }
        let by = |matches: &dyn Fn(&Component<'_>) -> bool| {
            self.components().find(|(_, c)| matches(c)).map(|(at, _)| at)
        };
        if !reference.guid.is_empty()
            && let Some(at) = by(&|c| c.guid.eq_ignore_ascii_case(&reference.guid))
        {
            return Ok(at);
        }
        if reference.name.is_empty() {
            return if reference.guid.is_empty() { Ok(0) } else { Err(()) };
        }
        by(&|c| c.name == reference.name).ok_or(())
    }

    /// Finds a rule: component, then index, GUID, id, shortened id, then the extensions where no component was
    /// named, and last the rule at an index that contradicts the id.
    pub(super) fn find(&self, reference: &Reference<'_>) -> Lookup {
        let component = reference.component.as_ref().map(|c| self.named(c));
        let mut contradicts = matches!(component, Some(Err(())));
        let (at, named) = match component {
            Some(Ok(at)) => (at, true),
            _ => (0, false),
        };
        let mut by_index = None;
        if let Some(index) = reference.index {
            by_index = self.rule((at, index)).map(|_| (at, index));
            match self.rule((at, index)) {
                Some(rule) if rule.answers_to(reference) => {
                    return Lookup { slot: Some((at, index)), contradicts };
                }
                _ => contradicts = true,
            }
        }
        let guid = reference.guid.as_ref();
        let by_guid = self.components().filter(|_| !guid.is_empty()).find_map(|(at, c)| {
            c.rules.iter().position(|r| r.guid.eq_ignore_ascii_case(guid)).map(|index| (at, index))
        });
        let by_id = |at: usize| {
            let component = self.component(at)?;
            [reference.key.as_ref(), reference.id.as_ref()]
                .into_iter()
                .filter(|id| !id.is_empty())
                .find_map(|id| component.rule_by_id(id))
                .map(|index| (at, index))
        };
        let elsewhere = || (1..=self.extensions.len()).filter(|_| !named).find_map(by_id);
        // Where no rule has the id, the rule at the index says more than nothing.
        Lookup { slot: by_guid.or_else(|| by_id(at)).or_else(elsewhere).or(by_index), contradicts }
    }

    /// The default level of a notification's descriptor.
    pub(super) fn notification_level(&self, reference: &Reference<'_>) -> Option<Level> {
        let at = reference.component.as_ref().map_or(Ok(0), |c| self.named(c)).ok()?;
        let known = &self.component(at)?.notifications;
        let by_index = reference.index.and_then(|i| known.get(i)).filter(|d| d.answers_to(reference));
        by_index.or_else(|| known.iter().find(|d| !d.id.is_empty() && d.id == reference.id))?.level
    }
}
