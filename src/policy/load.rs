//! Layers: presets and files that a policy extends, the policy itself, and a profile, merged in this order.

use super::tree::{self, Node, Value};
use super::waivers::{self, Attestation, Waiver};
use super::{Mistakes, PRESET_FILES, PRESETS, Pattern, Policy, PolicyError, check, grammar};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// Reads a file that a policy names.
pub type Reader<'a> = dyn Fn(&str) -> Result<String, String> + 'a;

/// How many files may extend each other.
const MAX_CHAIN: usize = 8;
/// How many files a policy may name, all in all, and how many layers it may be laid together of.
const MAX_FILES: usize = 64;
const MAX_LAYERS: usize = 256;

/// A file that the policy was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// Path, or `preset:NAME`.
    pub path: String,
    /// SHA-256 of its text in hex.
    pub sha256: String,
}

/// What chooses a profile; all empty chooses none, unless a profile's rule fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Name of the profile; empty where none is named.
    pub name: String,
    /// Who named it: `--profile`, `SHIPWORTHY_PROFILE`, or the rule that fits.
    pub reason: String,
    /// Branch, for profiles that choose themselves.
    pub branch: String,
    /// Branch that the change is made for.
    pub base: String,
    /// Event.
    pub event: String,
    /// Values that the command line sets, as `categories/unit_tests/weight=20%`: they have the last word.
    pub set: Vec<String>,
}

/// A policy with everything that it extends, before a profile is chosen.
#[derive(Debug)]
pub struct Loaded {
    pub(super) name: String,
    pub(super) tree: Node,
    pub(super) waivers: Vec<Waiver>,
    pub(super) attestations: Vec<Attestation>,
    /// Every file that was read.
    pub files: Vec<PolicyFile>,
}

/// Loads a policy file or `preset:NAME` with all that it names; `read` answers the text of a path.
///
/// # Errors
/// Every mistake in the structure of a file, with its place.
pub fn load(name: &str, read: &Reader<'_>) -> Result<Loaded, Mistakes> {
    let mut files = Files { read, list: Vec::new(), known: HashMap::new(), layers: 0 };
    let tree = files.layer(name, &mut Vec::new(), None)?;
    Loaded { name: name.to_owned(), tree, waivers: Vec::new(), attestations: Vec::new(), files: files.list }
        .with_named_files(read)
}

/// The files that are read, with their digests.
struct Files<'a> {
    read: &'a Reader<'a>,
    list: Vec<PolicyFile>,
    /// The files that others extend, with all below them: each is read once, however often it is named.
    known: HashMap<String, Node>,
    /// How many were laid together.
    layers: usize,
}

impl Files<'_> {
    fn text(&mut self, name: &str, at: Option<&Node>) -> Result<String, PolicyError> {
        if self.list.len() >= MAX_FILES {
            let why = format!("the policy is made of more than {MAX_FILES} files");
            return Err(named_from(at, why));
        }
        let text = match name.strip_prefix("preset:") {
            Some(preset) => preset_text(preset, at)?.to_owned(),
            None => (self.read)(name).map_err(|why| named_from(at, why))?,
        };
        self.list.push(PolicyFile { path: name.to_owned(), sha256: digest(&text) });
        Ok(text)
    }

    /// A file with everything below it.
    fn layer(&mut self, name: &str, chain: &mut Vec<String>, at: Option<&Node>) -> Result<Node, Mistakes> {
        if chain.iter().any(|n| n == name) || chain.len() >= MAX_CHAIN {
            let why = format!("{name} extends itself: {} → {name}", chain.join(" → "));
            return Err(named_from(at, why).into());
        }
        self.layers = self.layers.saturating_add(1);
        if self.layers > MAX_LAYERS {
            return Err(named_from(at, format!("the policy extends more than {MAX_LAYERS} layers")).into());
        }
        if let Some(known) = self.known.get(name) {
            return Ok(known.clone());
        }
        let text = self.text(name, at)?;
        let mut own = tree::read(name, &text)?;
        grammar::check(&own, &grammar::POLICY)?;
        shorten(&mut own);
        let extends = own.take("extends");
        chain.push(name.to_owned());
        let mut base: Option<Node> = None;
        for parent in extends.iter().flat_map(Node::elements) {
            let path = beside(name, parent.scalar().unwrap_or_default());
            let layer = self.layer(&path, chain, Some(parent))?;
            match &mut base {
                Some(base) => base.merge(layer),
                None => base = Some(layer),
            }
        }
        chain.pop();
        let layer = match base {
            Some(mut base) => {
                base.merge(own);
                base
            }
            None => own,
        };
        self.known.insert(name.to_owned(), layer.clone());
        Ok(layer)
    }
}

fn named_from(at: Option<&Node>, why: String) -> PolicyError {
    let help = "give the path of a policy file, or `preset:seven-stage`";
    match at {
        Some(node) => node.place.error(&why, "paths are relative to the file that names them"),
        None => PolicyError { message: why, help: help.to_owned() },
    }
}

fn preset_text(name: &str, at: Option<&Node>) -> Result<&'static str, PolicyError> {
    if let Some((_, text)) = PRESET_FILES.iter().find(|(n, _)| *n == name) {
        return Ok(text);
    }
    let message = if name == "automatic" {
        "the automatic policy is what judges without a policy: nothing can build on it".to_owned()
    } else {
        format!("there is no preset `{name}`")
    };
    let near = grammar::nearest(name, PRESETS.into_iter());
    let near =
        near.filter(|n| *n != name).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let help = format!("{near}presets are {}", grammar::list(PRESETS.into_iter()));
    Err(match at {
        Some(node) => node.place.error(&message, help),
        None => PolicyError { message, help },
    })
}

pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// A path as the file `from` names it.
pub(super) fn beside(from: &str, path: &str) -> String {
    let folder = from.rsplit_once('/').map(|(folder, _)| folder);
    let is_absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    let Some(folder) = folder.filter(|_| !is_absolute && !path.starts_with("preset:")) else {
        return path.to_owned();
    };
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|p| !matches!(*p, ".." | "")) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Brings short forms to their long ones, so that layers merge: `coverage.line: ">= 80%"`, `api: services/api/**`.
fn shorten(node: &mut Node) {
    let Value::Map(map) = &mut node.value else { return };
    for (key, (_, value)) in map {
        match key.as_str() {
            "criteria" => wrap_each(value, "target", &|n| matches!(n.value, Value::Scalar { .. })),
            "components" => {
                wrap_each(value, "paths", &|n| matches!(n.value, Value::Scalar { .. } | Value::List(_)));
            }
            "categories" | "profiles" => {
                let Value::Map(map) = &mut value.value else { continue };
                map.values_mut().for_each(|(_, node)| shorten(node));
            }
            _ => {}
        }
    }
}

fn wrap_each(node: &mut Node, key: &str, is_short: &dyn Fn(&Node) -> bool) {
    let Value::Map(map) = &mut node.value else { return };
    for (_, value) in map.values_mut().filter(|(_, value)| is_short(value)) {
        let place = value.place.clone();
        let long = [(key.to_owned(), (place.clone(), value.clone()))].into_iter().collect();
        *value = Node { place, value: Value::Map(long) };
    }
}

impl Loaded {
    /// Reads the files with waivers and attestations that the policy and its profiles name.
    fn with_named_files(mut self, read: &Reader<'_>) -> Result<Self, Mistakes> {
        let profiles = self.tree.get("profiles").into_iter().flat_map(Node::entries).map(|(.., node)| node);
        let layers: Vec<&Node> = std::iter::once(&self.tree).chain(profiles).collect();
        let list = std::mem::take(&mut self.files);
        let mut files = Files { read, list, known: HashMap::new(), layers: 0 };
        let (mut waivers, mut attestations) = (Vec::new(), Vec::new());
        for (key, layer) in layers.iter().flat_map(|l| [("waivers", l), ("attestations", l)]) {
            for node in layer.get(key).into_iter().flat_map(Node::elements) {
                let path = beside(node.place.file(), node.scalar().unwrap_or_default());
                if files.list.iter().any(|f| f.path == path) {
                    continue;
                }
                let text = files.text(&path, Some(node))?;
                match key {
                    "waivers" => waivers.extend(waivers::read_waivers(&path, &text)?),
                    _ => attestations.extend(waivers::read_attestations(&path, &text)?),
                }
            }
        }
        waivers::check_ids(&waivers)?;
        waivers::check_union(&waivers)?;
        let files = files.list;
        Ok(Self { waivers, attestations, files, ..self })
    }

    /// Names of the profiles, in order.
    #[must_use]
    pub fn profiles(&self) -> Vec<String> {
        self.tree
            .get("profiles")
            .into_iter()
            .flat_map(Node::entries)
            .map(|(name, ..)| name.to_owned())
            .collect()
    }

    /// SHA-256 over every file that the policy was read from; of a single file that of its text.
    #[must_use]
    pub fn digest(&self) -> String {
        match self.files.as_slice() {
            [only] => only.sha256.clone(),
            all => {
                digest(&all.iter().fold(String::new(), |text, f| format!("{text}{}  {}\n", f.sha256, f.path)))
            }
        }
    }

    /// The effective tree under a profile, and the profile that was chosen.
    pub(super) fn effective(&self, wanted: &Chosen) -> Result<(Node, Chosen), Mistakes> {
        let mut tree = self.tree.clone();
        let profiles = tree.take("profiles");
        let chosen = choose(profiles.as_ref(), wanted)?;
        if let Some(mut profile) = profiles.and_then(|mut p| p.take(&chosen.name)) {
            profile.take("when");
            tree.merge(profile);
        }
        for text in &chosen.set {
            tree.merge(set(text)?);
        }
        Ok((tree, chosen))
    }

    /// The checked policy under a profile.
    ///
    /// # Errors
    /// Every mistake, with its place.
    pub fn policy(&self, wanted: &Chosen) -> Result<Policy, Mistakes> {
        if self.name == "preset:automatic" {
            return Policy::automatic();
        }
        let (tree, chosen) = self.effective(wanted)?;
        check::check(self, &tree, chosen)
    }
}

/// `deploy_at=90` as a layer of its own.
fn set(text: &str) -> Result<Node, Mistakes> {
    let source = format!("--set {text}");
    let Some((path, value)) = text.split_once('=') else {
        return Err(PolicyError {
            message: format!("{source} sets nothing"),
            help: "write for example `--set deploy_at=90`".to_owned(),
        }
        .into());
    };
    let quoted: Vec<String> =
        path.split('/').map(|key| format!("{{ {}: ", serde_json::Value::from(key))).collect();
    let mut layer =
        tree::read_option(&source, &format!("{}{value}{}", quoted.concat(), " }".repeat(quoted.len())))?;
    grammar::check(&layer, &grammar::PROFILE)?;
    shorten(&mut layer);
    layer.forget_lines();
    Ok(layer)
}

fn choose(profiles: Option<&Node>, wanted: &Chosen) -> Result<Chosen, Mistakes> {
    let named = || profiles.into_iter().flat_map(Node::entries);
    if !wanted.name.is_empty() {
        if named().any(|(name, ..)| name == wanted.name) {
            return Ok(wanted.clone());
        }
        let near = grammar::nearest(&wanted.name, named().map(|(name, ..)| name));
        let known = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if named().next().is_none() => "the policy has no `profiles:`".to_owned(),
            None => format!("its profiles are {}", grammar::list(named().map(|(name, ..)| name))),
        };
        let message = format!("the policy has no profile `{}` ({})", wanted.name, wanted.reason);
        return Err(PolicyError { message, help: known }.into());
    }
    for (name, place, profile) in named() {
        let Some(when) = profile.get("when") else { continue };
        if when.entries().next().is_none() {
            return Err(place
                .error(
                    "this profile's condition is empty, so it would always apply",
                    "name a `branch:`, a `base:` or an `event:`",
                )
                .into());
        }
        let fit = [
            fits(when.get("branch"), Pattern::branch, &wanted.branch)?,
            fits(when.get("base"), Pattern::branch, &wanted.base)?,
            fits(when.get("event"), Pattern::event, &wanted.event)?,
        ];
        if fit.iter().all(|fits| *fits) {
            let reason = format!("its `when` fits ({})", when.place.origin());
            return Ok(Chosen { name: name.to_owned(), reason, ..wanted.clone() });
        }
    }
    Ok(Chosen { name: String::new(), reason: String::new(), ..wanted.clone() })
}

/// True where one of the globs fits a value that is known, or nothing is written. A broken glob is a mistake and not
/// a rule that never fits.
fn fits(
    globs: Option<&Node>,
    read: fn(&str) -> Result<Pattern, String>,
    value: &str,
) -> Result<bool, PolicyError> {
    let Some(globs) = globs else { return Ok(true) };
    let mut found = false;
    for node in globs.elements() {
        let glob = read(node.scalar().unwrap_or_default())
            .map_err(|why| node.place.error(&why, "`*` stands for any text"))?;
        found |= !value.is_empty() && glob.fits(value);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_can_never_apply_are_mistakes() {
        for (text, help) in [
            ("refs/heads/main", "write `main`"),
            ("main, release/*", "write a list, `[\"main\", \"release/*\"]`"),
            ("refs/tags/v1", "this is none"),
        ] {
            assert!(Pattern::branch(text).unwrap_err().contains(help), "{text}");
        }
        assert!(Pattern::event("pull-request").unwrap_err().contains("write `pull_request`"));
        for (glob, branch) in [("main", "main"), ("release/*", "release/2"), ("{main,next}", "next")] {
            assert!(Pattern::branch(glob).unwrap().fits(branch), "{glob}");
        }
        assert!(Pattern::event("pull_*").unwrap().fits("pull_request_target"));
    }

    #[test]
    fn paths_are_relative_to_the_file_that_names_them() {
        for (from, path, want) in [
            ("policies/a.yml", "b.yml", "policies/b.yml"),
            ("policies/a.yml", "../b.yml", "b.yml"),
            ("a.yml", "x/b.yml", "x/b.yml"),
            ("../a.yml", "../b.yml", "../../b.yml"),
            ("/etc/a.yml", "./b.yml", "/etc/b.yml"),
            ("p/a.yml", "/etc/b.yml", "/etc/b.yml"),
            ("p/a.yml", "preset:minimal", "preset:minimal"),
        ] {
            assert_eq!(beside(from, path), want, "{path} from {from}");
        }
    }

    /// A reader that counts, of files that each extend the next one several times.
    fn fan(width: usize, depth: usize) -> (Result<Loaded, Mistakes>, usize) {
        let reads = std::cell::Cell::new(0_usize);
        let read = |path: &str| {
            reads.set(reads.get() + 1);
            let at: usize = path.trim_end_matches(".yml").parse().unwrap_or(depth);
            let next = vec![format!("{}.yml", at + 1); width].join(", ");
            let extends = if at < depth { format!("extends: [{next}]\n") } else { String::new() };
            let criteria = "categories: { a: { weight: 100%, criteria: { tests.failed: 0 } } }";
            Ok(format!("version: 1\n{extends}{criteria}\n"))
        };
        (load("0.yml", &read), reads.get())
    }

    #[test]
    fn a_file_that_is_extended_again_and_again_is_read_once() {
        let (loaded, reads) = fan(9, 6);
        assert_eq!((loaded.unwrap().files.len(), reads), (7, 7));
        let (refused, reads) = fan(1_000, 6);
        assert!(refused.unwrap_err().first().message.contains("256 layers"));
        assert!(reads <= 7, "{reads}");
    }

    #[test]
    fn a_policy_names_so_many_files_and_no_more() {
        let names: Vec<String> = (0..100).map(|n| format!("w{n}.yml")).collect();
        let text = format!("version: 1\nextends: preset:minimal\nwaivers: [{}]\n", names.join(", "));
        let read = |path: &str| Ok(if path == "p.yml" { text.clone() } else { "version: 1\n".to_owned() });
        let refused = load("p.yml", &read).unwrap_err();
        assert!(refused.first().message.contains("64 files"), "{refused}");
    }

    #[test]
    fn nothing_is_quoted_of_what_is_no_policy() {
        for text in [
            "AWS_SECRET=canary",
            "canary: [",
            "canary: 1\ncanary: 2\n",
            "- canary\n",
            "{\"type\": \"service_account\", \"private_key\": \"canary\"}",
            "version: canary\nkey: canary\n",
            "version: \"1.0.0\"\ncanary: x\n",
            "*canary",
            "a: *canary",
            "!canary x",
            "%canary",
        ] {
            let read = |path: &str| {
                let policy = "version: 1\nextends: other.yml\nwaivers: other.yml\n";
                Ok(if path == "p.yml" { policy.to_owned() } else { text.to_owned() })
            };
            for name in ["p.yml", "other.yml"] {
                let refused = load(name, &read).unwrap_err().to_string();
                assert!(!refused.contains("canary") && !refused.contains("1.0.0"), "{refused}");
            }
        }
    }
}
