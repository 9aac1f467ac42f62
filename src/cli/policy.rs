//! `shipworthy policy`: check, show, compare and try policies without judging anything for real.

mod attempt;

use super::console::{Console, say};
use super::source::{Files, PolicyArgs, load_checked};
use super::{Exit, Failure, Outcome};
use crate::policy::diff::{Strictness, diff, overall};
use crate::policy::measures::MEASURES;
use crate::policy::{self, Chosen, Direction, Loaded, Policy, SchemaOf, schema};
use crate::render::escape::{one_line, terminal_lines};
use crate::render::hostile::{Encoded, Hostile, Log, encoded};

/// Check, show, compare and try policies
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Say every mistake of a policy with its place, and what is odd about it
    Check(FileArgs),
    /// Print the effective policy: presets, files and profile laid over each other
    Show(ShowArgs),
    /// Print the JSON Schema that editors complete by
    Schema(SchemaArgs),
    /// List the measures that criteria can name
    Measures,
    /// Say what the second policy asks for beside the first: tighter, looser, other
    Diff(DiffArgs),
    /// Say what a policy would have decided on earlier reports, or on assumptions, without any artifact
    Try(attempt::Args),
}

/// A policy and a profile of it.
#[derive(Debug, clap::Args)]
struct FileArgs {
    /// Policy file, or `preset:NAME`; by default shipworthy.yml here or in .github
    file: Option<String>,
    /// Profile of the policy
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Say behind each value which file and line it comes from
    #[arg(long)]
    origin: bool,
}

#[derive(Debug, clap::Args)]
struct SchemaArgs {
    /// Which language
    #[arg(default_value = "policy", value_parser = ["policy", "waivers", "attestations"])]
    of: String,
}

#[derive(Debug, clap::Args)]
struct DiffArgs {
    /// The policy that is
    old: String,
    /// The policy that may be
    new: String,
    /// Profile of both
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Exit 1 where the new one is not at least as tight
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn run(args: &Args, console: &mut Console<'_>) -> Outcome {
    match &args.command {
        Command::Check(args) => check(args, console),
        Command::Show(args) => show(args, console),
        Command::Schema(args) => print_schema(args, console),
        Command::Measures => measures(console),
        Command::Diff(args) => compare(args, console),
        Command::Try(args) => attempt::run(args, console),
    }
}

fn named(profile: Option<&String>) -> Chosen {
    let name = profile.cloned().unwrap_or_default();
    Chosen {
        reason: if name.is_empty() { String::new() } else { "--profile".to_owned() },
        name,
        ..Chosen::default()
    }
}

impl FileArgs {
    fn load(&self) -> Result<(Loaded, Policy, Chosen), Failure> {
        let chosen = named(self.profile.as_ref());
        let name = PolicyArgs::find(self.file.as_deref())?;
        let files = Files::of(Some(&name));
        let (loaded, policy) = load_checked(&name, &|path| files.read(path), &chosen)?;
        Ok((loaded, policy, chosen))
    }
}

fn check(args: &FileArgs, console: &mut Console<'_>) -> Outcome {
    let (loaded, policy, chosen) = args.load()?;
    // Without a named profile every one of them has to hold.
    let others = if chosen.name.is_empty() { loaded.profiles() } else { Vec::new() };
    for profile in &others {
        loaded.policy(&named(Some(profile)))?;
    }
    for warning in &policy.warnings {
        let text = terminal_lines(&format!("warning: {}\n  help: {}", warning.message, warning.help));
        console.document(format!("{text}\n").as_bytes())?;
    }
    let criteria: usize = policy.categories.iter().map(|c| c.criteria.len()).sum();
    let requirements =
        policy.contract.len().saturating_add(policy.categories.iter().map(|c| c.evidence.len()).sum());
    let names = others.join(", ");
    say!(
        console,
        "{}: {} with {}, {} of evidence, {}{}{}",
        Hostile(&policy.name),
        count(policy.categories.len(), "category", "categories"),
        count(criteria, "criterion", "criteria"),
        count(requirements, "requirement", "requirements"),
        count(policy.waivers.len(), "waiver", "waivers"),
        if others.is_empty() { "" } else { "; profiles " },
        Hostile(&names)
    )?;
    Ok(Exit::Deploy)
}

fn count(n: usize, one: &'static str, many: &'static str) -> Encoded<Log> {
    encoded!(Log, "{} {}", n, if n == 1 { one } else { many })
}

fn show(args: &ShowArgs, console: &mut Console<'_>) -> Outcome {
    let (loaded, _, chosen) = args.file.load()?;
    for line in loaded.shown(&chosen)? {
        let text = format!("{}{}", "  ".repeat(line.depth), line.text);
        let text = if args.origin && !line.origin.is_empty() {
            format!("{text:<56} # {}", one_line(&line.origin))
        } else {
            text
        };
        console.document(format!("{}\n", terminal_lines(&text)).as_bytes())?;
    }
    Ok(Exit::Deploy)
}

fn print_schema(args: &SchemaArgs, console: &mut Console<'_>) -> Outcome {
    let of = match args.of.as_str() {
        "waivers" => SchemaOf::Waivers,
        "attestations" => SchemaOf::Attestations,
        _ => SchemaOf::Policy,
    };
    console.document(format!("{:#}\n", schema(of)).as_bytes())?;
    Ok(Exit::Deploy)
}

fn measures(console: &mut Console<'_>) -> Outcome {
    for measure in MEASURES {
        let bound = if measure.direction == Direction::Higher { ">=" } else { "<=" };
        let example = encoded!(Log, "{} {}", bound, Hostile(measure.example()));
        let kind = measure.kind.name();
        say!(console, "{:<26} {:<40} {:<12} {}", measure.id, measure.title, example, kind)?;
    }
    Ok(Exit::Deploy)
}

fn compare(args: &DiffArgs, console: &mut Console<'_>) -> Outcome {
    let chosen = named(args.profile.as_ref());
    let files = Files::of(Some(&args.old)).and_of(Some(&args.new));
    let (old, _) = load_of(&args.old, &files, &chosen)?;
    let (new, _) = load_of(&args.new, &files, &chosen)?;
    let mut profiles = vec![args.profile.clone().unwrap_or_default()];
    if args.profile.is_none() {
        let both = old.profiles().into_iter().filter(|p| new.profiles().contains(p));
        profiles.extend(both);
    }
    let mut loosened = false;
    for profile in profiles {
        let chosen = named(Some(&profile).filter(|p| !p.is_empty()));
        let changes = diff(&policy_of(&args.old, &old, &chosen)?, &policy_of(&args.new, &new, &chosen)?);
        let under = if profile.is_empty() { "" } else { " under profile " };
        let verdict = match overall(&changes) {
            None => "asks for the same as",
            Some(Strictness::Tighter) => "is tighter than",
            Some(Strictness::Looser) => "is looser than",
            Some(Strictness::Other) => "is neither tighter nor looser than",
        };
        loosened |= !matches!(overall(&changes), None | Some(Strictness::Tighter));
        let (new, old) = (Hostile(&args.new), Hostile(&args.old));
        say!(console, "{}{}{} {} {}", new, under, Hostile(&profile), verdict, old)?;
        for change in &changes {
            let word = match change.strictness {
                Strictness::Tighter => "tighter",
                Strictness::Looser => "looser",
                Strictness::Other => "other",
            };
            say!(console, "  {:<8} {}: {}", word, Hostile(&change.subject), Hostile(&change.text))?;
        }
    }
    Ok(if args.exit_code && loosened { Exit::Remediate } else { Exit::Deploy })
}

/// Loads a policy for comparison; the automatic one is no file.
fn load_of(name: &str, files: &Files, chosen: &Chosen) -> Result<(Loaded, Policy), Failure> {
    let file = if name == "preset:automatic" { "preset:seven-stage" } else { name };
    let loaded = policy::load(file, &|path| files.read(path))?;
    let policy = policy_of(name, &loaded, chosen)?;
    Ok((loaded, policy))
}

fn policy_of(name: &str, loaded: &Loaded, chosen: &Chosen) -> Result<Policy, Failure> {
    if name == "preset:automatic" { Ok(Policy::automatic()?) } else { Ok(loaded.policy(chosen)?) }
}
