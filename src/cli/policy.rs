//! `shipworthy policy`: check, show, compare and try policies without judging anything for real.

mod attempt;

use super::source::{PolicyArgs, load_checked, read_file};
use super::{Exit, Failure, Outcome};
use crate::policy::diff::{Strictness, diff, overall};
use crate::policy::measures::MEASURES;
use crate::policy::{self, Chosen, Direction, Loaded, Policy, SchemaOf, schema};
use std::io::Write;

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

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    match &args.command {
        Command::Check(args) => check(args, out),
        Command::Show(args) => show(args, out),
        Command::Schema(args) => print_schema(args, out),
        Command::Measures => measures(out),
        Command::Diff(args) => compare(args, out),
        Command::Try(args) => attempt::run(args, out),
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
        let (loaded, policy) = load_checked(&name, &read_file, &chosen)?;
        Ok((loaded, policy, chosen))
    }
}

fn check(args: &FileArgs, out: &mut dyn Write) -> Outcome {
    let (loaded, policy, chosen) = args.load()?;
    // Without a named profile every one of them has to hold.
    let others = if chosen.name.is_empty() { loaded.profiles() } else { Vec::new() };
    for profile in &others {
        loaded.policy(&named(Some(profile)))?;
    }
    for warning in &policy.warnings {
        writeln!(out, "warning: {}\n  help: {}", warning.message, warning.help)?;
    }
    let criteria: usize = policy.categories.iter().map(|c| c.criteria.len()).sum();
    let requirements =
        policy.contract.len().saturating_add(policy.categories.iter().map(|c| c.evidence.len()).sum());
    writeln!(
        out,
        "{}: {} with {}, {} of evidence, {}{}",
        policy.name,
        count(policy.categories.len(), "category", "categories"),
        count(criteria, "criterion", "criteria"),
        count(requirements, "requirement", "requirements"),
        count(policy.waivers.len(), "waiver", "waivers"),
        if others.is_empty() { String::new() } else { format!("; profiles {}", others.join(", ")) },
    )?;
    Ok(Exit::Deploy)
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn show(args: &ShowArgs, out: &mut dyn Write) -> Outcome {
    let (loaded, _, chosen) = args.file.load()?;
    for line in loaded.shown(&chosen)? {
        let text = format!("{}{}", "  ".repeat(line.depth), line.text);
        if args.origin && !line.origin.is_empty() {
            writeln!(out, "{text:<56} # {}", line.origin)?;
        } else {
            writeln!(out, "{text}")?;
        }
    }
    Ok(Exit::Deploy)
}

fn print_schema(args: &SchemaArgs, out: &mut dyn Write) -> Outcome {
    let of = match args.of.as_str() {
        "waivers" => SchemaOf::Waivers,
        "attestations" => SchemaOf::Attestations,
        _ => SchemaOf::Policy,
    };
    writeln!(out, "{:#}", schema(of))?;
    Ok(Exit::Deploy)
}

fn measures(out: &mut dyn Write) -> Outcome {
    for measure in MEASURES {
        let bound = if measure.direction == Direction::Higher { ">=" } else { "<=" };
        let example = format!("{bound} {}", measure.example());
        writeln!(out, "{:<26} {:<40} {example:<12} {}", measure.id, measure.title, measure.kind.name())?;
    }
    Ok(Exit::Deploy)
}

fn compare(args: &DiffArgs, out: &mut dyn Write) -> Outcome {
    let chosen = named(args.profile.as_ref());
    let (old, _) = load_of(&args.old, &chosen)?;
    let (new, _) = load_of(&args.new, &chosen)?;
    let mut profiles = vec![args.profile.clone().unwrap_or_default()];
    if args.profile.is_none() {
        let both = old.profiles().into_iter().filter(|p| new.profiles().contains(p));
        profiles.extend(both);
    }
    let mut loosened = false;
    for profile in profiles {
        let chosen = named(Some(&profile).filter(|p| !p.is_empty()));
        let changes = diff(&policy_of(&args.old, &old, &chosen)?, &policy_of(&args.new, &new, &chosen)?);
        let under = if profile.is_empty() { String::new() } else { format!(" under profile {profile}") };
        let verdict = match overall(&changes) {
            None => "asks for the same as",
            Some(Strictness::Tighter) => "is tighter than",
            Some(Strictness::Looser) => "is looser than",
            Some(Strictness::Other) => "is neither tighter nor looser than",
        };
        loosened |= !matches!(overall(&changes), None | Some(Strictness::Tighter));
        writeln!(out, "{}{under} {verdict} {}", args.new, args.old)?;
        for change in &changes {
            let word = match change.strictness {
                Strictness::Tighter => "tighter",
                Strictness::Looser => "looser",
                Strictness::Other => "other",
            };
            writeln!(out, "  {word:<8} {}: {}", change.subject, change.text)?;
        }
    }
    Ok(if args.exit_code && loosened { Exit::Remediate } else { Exit::Deploy })
}

/// Loads a policy for comparison; the automatic one is no file.
fn load_of(name: &str, chosen: &Chosen) -> Result<(Loaded, Policy), Failure> {
    let file = if name == "preset:automatic" { "preset:seven-stage" } else { name };
    let loaded = policy::load(file, &read_file)?;
    let policy = policy_of(name, &loaded, chosen)?;
    Ok((loaded, policy))
}

fn policy_of(name: &str, loaded: &Loaded, chosen: &Chosen) -> Result<Policy, Failure> {
    if name == "preset:automatic" { Ok(Policy::automatic()?) } else { Ok(loaded.policy(chosen)?) }
}
