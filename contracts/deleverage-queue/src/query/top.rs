//! `Top`: the first positions of a ranking at any price, in exact order.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_core::merge::Ranked;
use perp_core::score::{base, order_key};
use perp_interface::queue::{RankedPosition, Top, TopResponse};
use perp_interface::{Lots, PerLot, Price};

use crate::error::ContractResult;
use crate::index::{walk, Origin};
use crate::state::{policy_of, RankingId};

const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 1_000;

/// Best first. Reads `classes + limit` records at the most, whatever the number of positions.
pub fn top(deps: Deps, msg: &Top) -> ContractResult<Binary> {
    let ranking = RankingId {
        market: msg.market,
        side: msg.side,
    };
    let base = base(msg.side, Price::new(msg.mark.0)?, msg.index)?;
    let limit = msg.limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT);
    let mut policy = policy_of(deps.storage, msg.market)?;
    policy.score = msg.score.unwrap_or(policy.score);
    let from = match msg.pass {
        Some(pass) => Origin::Pass(policy, pass),
        None => Origin::Head(policy.score),
    };
    let mut merge = walk(deps.storage, ranking, base, from)?;
    let mut positions = Vec::new();
    for rank in 1..=limit {
        let Some(ranked) = merge.next_ranked()? else {
            break;
        };
        positions.push(position(msg, rank, &ranked));
    }
    Ok(to_json_binary(&TopResponse {
        score: policy.score,
        positions,
        reads: merge.reads(),
    })?)
}

fn position(msg: &Top, rank: u32, ranked: &Ranked) -> RankedPosition {
    RankedPosition {
        rank,
        account: ranked.entry.account,
        lots: Lots(ranked.entry.lots),
        // A sign is its own inverse.
        entry: PerLot(order_key(msg.side, PerLot(ranked.entry.order))),
        class: ranked.class,
        profit_per_lot: PerLot(ranked.score.profit),
        collateral: PerLot(ranked.score.collateral as i128),
        score_ppm: ranked.score.ppm_floor(msg.mark),
    }
}
