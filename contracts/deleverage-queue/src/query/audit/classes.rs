//! The class records and the bitmap of a side against its records.

use std::collections::BTreeSet;

use cosmwasm_std::{Order, Storage};
use perp_interface::queue::AuditFinding;

use super::Page;
use crate::error::{ContractError, ContractResult};
use crate::index::occupied;
use crate::state::{class_key, from_class_key, RankingId, CLASS, RANKING};

/// All classes at once: there are a few hundred.
pub(super) fn check(
    storage: &dyn Storage,
    ranking: RankingId,
    page: &mut Page,
) -> ContractResult<()> {
    let side = ranking.side;
    let bits = occupied(storage, ranking)?.0;
    let mut totals = BTreeSet::new();
    for row in CLASS.range(storage, class_key(ranking, 0)..=class_key(ranking, 0x7fff)) {
        match row {
            Ok((key, _)) => {
                totals.insert(from_class_key(key).1);
            }
            Err(ContractError::ClassUnreadable { class, .. }) => {
                totals.insert(class);
                page.findings
                    .push(AuditFinding::UnreadableClass { side, class });
            }
            Err(other) => return Err(other),
        }
    }
    // A class that has neither totals nor a bit has shown in the scan of its records.
    for class in bits.union(&totals).copied() {
        let mut records =
            RANKING
                .prefix(class_key(ranking, class))
                .keys(storage, None, None, Order::Ascending);
        let is_occupied = records.next().is_some();
        if totals.contains(&class) && !is_occupied {
            page.findings.push(AuditFinding::StrayClass { side, class });
        }
        if bits.contains(&class) && !is_occupied {
            page.findings.push(AuditFinding::StrayBit { side, class });
        }
        if !bits.contains(&class) && is_occupied {
            page.findings.push(AuditFinding::MissingBit { side, class });
        }
        page.checked += 1;
    }
    Ok(())
}
