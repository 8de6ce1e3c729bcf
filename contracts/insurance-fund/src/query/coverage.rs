//! `Coverage`: capital behind a market against what it insures.

use cosmwasm_std::{to_json_binary, Binary, Deps, Env};
use perp_core::target::of_open_interest_ceil;
use perp_core::wide::mul_div_floor;
use perp_interface::fund::{CoverageQuery, CoverageResponse};
use perp_interface::market::{self, MarkResponse, MarketQuery, MarketResponse};
use perp_interface::Quote;

use super::headroom;
use crate::error::{ContractError, ContractResult};
use crate::state::CONFIG;

/// Asks the market for open interest and mark.
pub fn coverage(deps: Deps, env: &Env, msg: &CoverageQuery) -> ContractResult<Binary> {
    if !(1..=10_000).contains(&msg.move_bps) {
        return Err(perp_interface::ParamError::OutOfBounds {
            name: "move_bps",
            value: msg.move_bps.into(),
            min: 1,
            max: 10_000,
        }
        .into());
    }
    let config = CONFIG.load(deps.storage)?;
    let room = headroom::of_market(deps, env, &config, msg.market)?;
    let connections = config
        .connections
        .as_ref()
        .ok_or(ContractError::NotConnected)?;
    let asked = || MarketQuery { market: msg.market };
    let state: MarketResponse = deps
        .querier
        .query_wasm_smart(&connections.market, &market::QueryMsg::Market(asked()))?;
    let mark: MarkResponse = deps
        .querier
        .query_wasm_smart(&connections.market, &market::QueryMsg::Mark(asked()))?;
    let open_interest = mark.mark.notional(state.open_interest)?;
    let stress_loss_bound = of_open_interest_ceil(open_interest, msg.move_bps)?;
    Ok(to_json_binary(&CoverageResponse {
        tranche: room.tranche,
        capital: room.capital,
        payable: room.payable,
        open_interest,
        of_open_interest_bps: ratio_floor(room.capital, open_interest)?,
        stress_loss_bound,
        of_stress_loss_bps: ratio_floor(room.capital, stress_loss_bound)?,
    })?)
}

fn ratio_floor(part: Quote, whole: Quote) -> ContractResult<Option<u64>> {
    if whole <= Quote::ZERO {
        return Ok(None);
    }
    let bps = mul_div_floor(part.to_unsigned(), 10_000, whole.to_unsigned())?;
    Ok(Some(u64::try_from(bps).unwrap_or(u64::MAX)))
}
