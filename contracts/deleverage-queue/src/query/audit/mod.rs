//! `Audit`: the index against the market's positions and against itself, page by page.

mod classes;
mod positions;
mod records;

use cosmwasm_std::{to_json_binary, Binary, Deps, Env};
use perp_core::histogram::Histogram;
use perp_interface::queue::{
    AuditClasses, AuditCursor, AuditFinding, AuditQuery, AuditRecords, AuditResponse,
    HistogramBucket,
};
use perp_interface::{Lots, PerLot, Side};

use crate::error::ContractResult;
use crate::state::RankingId;

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 500;

/// What one page has found.
#[derive(Debug, Default)]
struct Page {
    checked: u32,
    findings: Vec<AuditFinding>,
}

/// Positions, then for each side records and classes.
pub fn audit(deps: Deps, env: &Env, msg: AuditQuery) -> ContractResult<Binary> {
    // A page of nothing would come again and again.
    let limit = msg.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT) as usize;
    let market = msg.market;
    let mut page = Page::default();
    let next = match msg.cursor {
        None => positions::check(deps, market, (None, limit), &mut page)?,
        Some(AuditCursor::Positions(at)) => {
            let start = Some(at.start_after);
            positions::check(deps, market, (start, limit), &mut page)?
        }
        Some(AuditCursor::Records(AuditRecords { side, last })) => {
            let ranking = RankingId { market, side };
            records::check(deps.storage, ranking, (last, limit), &mut page)?
        }
        Some(AuditCursor::Classes(AuditClasses { side })) => {
            let ranking = RankingId { market, side };
            classes::check(deps.storage, ranking, &mut page)?;
            (side == Side::Long).then_some(first_record(Side::Short))
        }
    };
    Ok(to_json_binary(&AuditResponse {
        height: env.block.height,
        checked: page.checked,
        findings: page.findings,
        next,
    })?)
}

/// The first page of a side's records.
const fn first_record(side: Side) -> AuditCursor {
    AuditCursor::Records(AuditRecords { side, last: None })
}

fn buckets(histogram: &Histogram) -> Vec<HistogramBucket> {
    histogram
        .buckets()
        .map(|bucket| HistogramBucket {
            low: PerLot(bucket.low),
            lots: Lots(bucket.lots),
        })
        .collect()
}
