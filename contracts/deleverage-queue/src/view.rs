//! At what a ranking is looked at: given by who asks, or as the market says now.

use cosmwasm_std::{Deps, Storage};
use perp_core::histogram::Histogram;
use perp_core::lights::View;
use perp_core::score::base;
use perp_interface::market::{MarkResponse, MarketQuery, QueryMsg};
use perp_interface::{PerLot, Price};

use crate::error::{ContractError, ContractResult};
use crate::state::{links, policy_of, RankingId, CLASS};

/// Mark and funding of a market. What is not given is asked of the market.
///
/// # Errors
/// `NotConnected`; `MarketUnanswered`.
pub fn moment(
    deps: Deps,
    ranking: RankingId,
    (mark, index): (Option<Price>, Option<PerLot>),
) -> ContractResult<MarkResponse> {
    if let (Some(mark), Some(index)) = (mark, index) {
        return Ok(MarkResponse { mark, index });
    }
    let market = ranking.market;
    let query = QueryMsg::Mark(MarketQuery { market });
    let of = links(deps.storage)?.market;
    let now: MarkResponse = deps.querier.query_wasm_smart(of, &query).map_err(|error| {
        ContractError::MarketUnanswered {
            market,
            reason: error.to_string(),
        }
    })?;
    Ok(MarkResponse {
        mark: mark.unwrap_or(now.mark),
        index: index.unwrap_or(now.index),
    })
}

/// How a ranking is looked at then, under the policy in force.
///
/// # Errors
/// `PriceOutOfRange`; `Overflow`.
pub fn view(
    storage: &dyn Storage,
    ranking: RankingId,
    moment: &MarkResponse,
) -> ContractResult<View> {
    let policy = policy_of(storage, ranking.market)?;
    let base = base(ranking.side, Price::new(moment.mark.0)?, moment.index)?;
    Ok(View { policy, base })
}

/// The histograms of a ranking: one record of each occupied class.
pub fn histograms(
    storage: &dyn Storage,
    ranking: RankingId,
) -> impl Iterator<Item = ContractResult<(u16, Histogram)>> + '_ {
    CLASS
        .of(storage, ranking)
        .map(|row| row.map(|(class, record)| (class, record.histogram)))
}
