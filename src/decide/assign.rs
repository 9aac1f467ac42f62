//! Which category each item speaks for under a policy, and which items are too old for it.

use super::{Context, requirements};
use crate::evidence::category::{Assigned, infer};
use crate::evidence::time::moment;
use crate::evidence::{Diagnostic, Evidence, Item, Kind, State};
use crate::policy::{Policy, Requirement};

/// Seconds that clocks and unnamed time zones may put a file into the future.
const CLOCKS_DIFFER: i64 = 86_400;

/// Gives every item its category: the first category of the policy whose `evidence:` it fits, else by what it is.
/// A category that names its evidence takes nothing else. Items older than a requirement allows become stale.
pub fn assign(policy: &Policy, evidence: &mut Evidence, context: &Context) {
    for item in &mut evidence.items {
        age(policy, item, context);
        let fits = |r: &&Requirement| r.matches(&item.path, item.kind, &item.producer.name);
        let named = policy.categories.iter().filter_map(|c| c.evidence.iter().find(fits).map(|r| (c, r)));
        let named: Vec<_> = named.collect();
        if let Some((category, requirement)) = named.first() {
            item.category = Some(Assigned::new(&category.id, format!("named at {}", requirement.origin)));
            if let Some((other, also)) = named.get(1) {
                let message = format!(
                    "two categories name it: `{}` takes it ({}), `{}` does not get it ({})",
                    category.id, requirement.origin, other.id, also.origin
                );
                let help = "make the paths of the two tell their files apart";
                item.diagnostics.push(Diagnostic::warning("policy.overlap", message).help(help));
            }
            continue;
        }
        let known = |a: &Assigned| policy.categories.iter().any(|c| c.id == a.category);
        if let Some(told) = item.category.take_if(|a| !known(a)) {
            // A run may name a category that the policy has not: what it left must not be lost by a slip of the pen.
            item.category = infer(item);
            if item.category.as_ref().is_some_and(known) {
                let message =
                    format!("its run says `{}`, and the policy has no such category", told.category);
                item.diagnostics.push(Diagnostic::warning("category.unknown", message));
            }
        }
        item.category = by_what_it_is(policy, item);
    }
}

/// The category that an item speaks for by what it is, else the category with the name of its kind: `tests`,
/// `coverage`, `findings`, `web`. Coverage is at home with the unit tests only where nothing has its own name.
fn by_what_it_is(policy: &Policy, item: &Item) -> Option<Assigned> {
    let open = |a: &Assigned| policy.categories.iter().any(|c| c.id == a.category && c.evidence.is_empty());
    let kind = || {
        let name = item.kind?.name();
        Some(Assigned::new(name, "the category has the name of its kind")).filter(open)
    };
    let inferred = || item.category.clone().filter(open);
    if item.kind == Some(Kind::Coverage) && item.category == infer(item) {
        return kind().or_else(inferred);
    }
    inferred().or_else(kind)
}

/// A file that cannot say when it was made cannot show that it is new enough.
fn age(policy: &Policy, item: &mut Item, context: &Context) {
    let fits = |r: &&Requirement| r.matches(&item.path, item.kind, &item.producer.name);
    let limits = requirements(policy).map(|(_, r)| r).filter(fits).filter_map(|r| Some((r.max_age?, r)));
    let Some((seconds, requirement)) = limits.min_by_key(|(seconds, _)| *seconds) else { return };
    if item.state != State::Ok {
        return;
    }
    let origin = &requirement.origin;
    let cause = match moment(&item.timestamp) {
        None => Some(format!(
            "it does not say when it was made, and it must be no older than {} ({origin})",
            span(seconds)
        )),
        Some(made) => {
            let age = context.as_of.as_second().saturating_sub(made.as_second());
            if age < -CLOCKS_DIFFER {
                Some(format!("it says that it was made {} from now ({origin})", span(age.saturating_neg())))
            } else {
                (age > seconds).then(|| {
                    format!(
                        "made {} ago, and it must be no older than {} ({origin})",
                        span(age),
                        span(seconds)
                    )
                })
            }
        }
    };
    if let Some(cause) = cause {
        item.state = State::Stale;
        item.cause = cause;
    }
}

/// `3 days`, `5 hours`, `90 minutes`.
fn span(seconds: i64) -> String {
    match seconds {
        172_800.. => format!("{} days", seconds / 86_400),
        7_200.. => format!("{} hours", seconds / 3_600),
        _ => format!("{} minutes", seconds / 60),
    }
}
