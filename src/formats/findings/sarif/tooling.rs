//! The tool of a run with its parts, their rules and notification descriptors, and how results refer to them.

use super::super::super::read::fault::Read;
use super::super::super::read::json::{Json, Shape};
use super::grade::{Traits, level_word};
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
    pub(super) messages: Texts<'a>,
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
    pub(super) messages: Texts<'a>,
    by_id: FxHashMap<String, usize>,
    notifications_by_id: FxHashMap<String, usize>,
}

/// Texts by their ids; the first of an id counts.
pub(super) type Texts<'a> = FxHashMap<String, Cow<'a, str>>;

/// Former ids of a rule that are kept.
const MAX_FORMER_IDS: usize = 64;
/// Parts of an id that are dropped one after the other, to find the rule that it refines.
const MAX_ID_PARTS: usize = 16;

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
fn texts<'a>(json: &mut Json<'a>, into: &mut Texts<'a>) -> Read<()> {
    json.object(|json, id| {
        let text = text(json, false)?;
        into.entry(id.to_owned()).or_insert(text);
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
                    let id = json.text()?;
                    if self.former_ids.len() < MAX_FORMER_IDS {
                        self.former_ids.push(id);
                    }
                    Ok(())
                })?;
            }
            "defaultLevel" => self.level = level_word(&json.text()?).level,
            // In 1.0.0 `configuration` says whether the rule is on.
            "configuration" if json.shape()? == Shape::String => {}
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

    /// Its id, its key, and its former ids.
    fn ids(&self) -> impl Iterator<Item = &str> {
        let own = [self.id.as_ref(), self.key.as_str()].into_iter().filter(|id| !id.is_empty());
        own.chain(self.former_ids.iter().map(AsRef::as_ref))
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
        for (at, notification) in self.notifications.iter().enumerate().filter(|(_, n)| !n.id.is_empty()) {
            self.notifications_by_id.entry(notification.id.clone().into_owned()).or_insert(at);
        }
    }

    /// The rule with an id, or with what is left of the id when its last parts are dropped.
    fn rule_by_id(&self, id: &str) -> Option<usize> {
        shortenings(id).find_map(|id| self.by_id.get(id)).copied()
    }

    /// A message string that all rules share.
    pub(super) fn message(&self, id: &str) -> Option<&str> {
        self.messages.get(id).map(AsRef::as_ref)
    }
}

/// An id, and what is left of it when its last parts are dropped.
fn shortenings(id: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(id), |id| Some(id.rsplit_once('/')?.0)).take(MAX_ID_PARTS)
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
    /// The first component of a name, of a GUID, and the first rule of a GUID; GUIDs in lower case.
    by_name: FxHashMap<String, usize>,
    by_guid: FxHashMap<String, usize>,
    rule_by_guid: FxHashMap<String, Slot>,
    /// The first extension that knows an id.
    extension_of: FxHashMap<String, usize>,
}

impl<'a> Tooling<'a> {
    pub(super) fn build_index(&mut self) {
        self.driver.build_index();
        self.extensions.iter_mut().for_each(Component::build_index);
        let components = std::iter::once(&self.driver).chain(&self.extensions).enumerate();
        for (at, component) in components {
            self.by_name.entry(component.name.clone().into_owned()).or_insert(at);
            self.by_guid.entry(component.guid.to_ascii_lowercase()).or_insert(at);
            for (index, rule) in component.rules.iter().enumerate().filter(|(_, rule)| !rule.guid.is_empty())
            {
                self.rule_by_guid.entry(rule.guid.to_ascii_lowercase()).or_insert((at, index));
            }
            if at > 0 {
                component.rules.iter().flat_map(Descriptor::ids).for_each(|id| {
                    self.extension_of.entry(id.to_owned()).or_insert(at);
                });
            }
        }
    }

    /// A component by its place: 0 is the driver.
    pub(super) fn component(&self, at: usize) -> Option<&Component<'a>> {
        if at == 0 { Some(&self.driver) } else { self.extensions.get(at.saturating_sub(1)) }
    }

    pub(super) fn rule(&self, (component, at): Slot) -> Option<&Descriptor<'a>> {
        self.component(component)?.rules.get(at)
    }

    /// The component that a reference names by index, GUID or name; an error where it is not there.
    fn named(&self, reference: &ComponentReference<'_>) -> Result<usize, ()> {
        if let Some(index) = reference.index {
            return if index < self.extensions.len() { Ok(index.saturating_add(1)) } else { Err(()) };
        }
        if !reference.guid.is_empty()
            && let Some(at) = self.by_guid.get(&reference.guid.to_ascii_lowercase())
        {
            return Ok(*at);
        }
        if reference.name.is_empty() {
            return if reference.guid.is_empty() { Ok(0) } else { Err(()) };
        }
        self.by_name.get(reference.name.as_ref()).copied().ok_or(())
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
        let by_guid =
            if guid.is_empty() { None } else { self.rule_by_guid.get(&guid.to_ascii_lowercase()).copied() };
        let by_id = |at: usize| {
            let component = self.component(at)?;
            [reference.key.as_ref(), reference.id.as_ref()]
                .into_iter()
                .filter(|id| !id.is_empty())
                .find_map(|id| component.rule_by_id(id))
                .map(|index| (at, index))
        };
        let ids = [reference.key.as_ref(), reference.id.as_ref()].into_iter().filter(|id| !id.is_empty());
        let knows = ids.flat_map(shortenings).filter_map(|id| self.extension_of.get(id)).min();
        let elsewhere = || knows.filter(|_| !named).and_then(|at| by_id(*at));
        // Where no rule has the id, the rule at the index says more than nothing.
        Lookup { slot: by_guid.or_else(|| by_id(at)).or_else(elsewhere).or(by_index), contradicts }
    }

    /// The default level of a notification's descriptor.
    pub(super) fn notification_level(&self, reference: &Reference<'_>) -> Option<Level> {
        let at = reference.component.as_ref().map_or(Ok(0), |c| self.named(c)).ok()?;
        let known = &self.component(at)?.notifications;
        let by_index = reference.index.and_then(|i| known.get(i)).filter(|d| d.answers_to(reference));
        let by_id = || known.get(*self.component(at)?.notifications_by_id.get(reference.id.as_ref())?);
        by_index.or_else(by_id)?.level
    }
}
