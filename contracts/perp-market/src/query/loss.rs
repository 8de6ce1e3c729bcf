//! Losses with all their sums.

use cosmwasm_std::{Deps, Order};
use cw_storage_plus::Bound;
use perp_interface::market::{GatesResponse, LossResponse, LossesQuery, LossesResponse};
use perp_interface::LossId;

use super::page;
use crate::error::{ContractError, ContractResult};
use crate::state::{Loss, BANKRUPTCIES, LOSSES};

/// One loss.
pub fn loss(deps: Deps<'_>, loss_id: LossId) -> ContractResult<LossResponse> {
    let loss = LOSSES
        .may_load(deps.storage, loss_id)?
        .ok_or(ContractError::UnknownLoss { loss_id })?;
    Ok(response(loss))
}

/// A page of losses.
pub fn losses(deps: Deps<'_>, query: &LossesQuery) -> ContractResult<LossesResponse> {
    let start = query.start_after.map(Bound::exclusive);
    let losses = LOSSES
        .range(deps.storage, start, None, Order::Ascending)
        .take(page(query.limit, 30, 100))
        .map(|item| Ok(response(item?.1)))
        .collect::<ContractResult<_>>()?;
    Ok(LossesResponse { losses })
}

/// Markets that open losses gate. A market is gated by one account, so that there are no more rows than
/// markets.
pub fn gates(deps: Deps<'_>) -> ContractResult<GatesResponse> {
    let (mut markets, mut losses) = (Vec::new(), Vec::new());
    for row in BANKRUPTCIES.range(deps.storage, None, None, Order::Ascending) {
        let (_, bankruptcy) = row?;
        markets.extend(bankruptcy.gated);
        losses.extend(bankruptcy.losses);
    }
    markets.sort_unstable();
    losses.sort_unstable();
    Ok(GatesResponse { markets, losses })
}

fn response(loss: Loss) -> LossResponse {
    LossResponse {
        terms: loss.terms,
        account: loss.account,
        need: loss.need,
        lots: loss.lots,
        slippage: loss.slippage,
        fund_used: loss.fund_used,
        adl_taken: loss.adl_taken,
        haircut: loss.haircut,
        bad_debt: loss.bad_debt,
        book_lots: loss.book_lots,
        adl_lots: loss.adl_lots,
        lots_left: loss.fold.1,
        need_left: loss.fold.2,
        fills: loss.fills,
        steps: loss.steps,
        pass: loss.fold.0,
        closed: loss.closed,
    }
}
