//! Which category each item speaks for, under a policy.

use crate::evidence::Evidence;
use crate::evidence::category::Assigned;
use crate::policy::Policy;

/// Gives every item its category: the first category of the policy whose `evidence:` it fits, else by what it is.
/// A category that names its evidence takes nothing else.
pub fn assign(policy: &Policy, evidence: &mut Evidence) {
    for item in &mut evidence.items {
        let fits = |r: &&crate::policy::Requirement| r.matches(&item.path, item.kind, &item.producer.name);
        let named = policy.categories.iter().find_map(|c| c.evidence.iter().find(fits).map(|r| (c, r)));
        if let Some((category, requirement)) = named {
            item.category = Some(Assigned::new(&category.id, format!("named at {}", requirement.origin)));
            continue;
        }
        let inferred = item.category.take();
        item.category = inferred
            .filter(|a| policy.categories.iter().any(|c| c.id == a.category && c.evidence.is_empty()));
    }
}
