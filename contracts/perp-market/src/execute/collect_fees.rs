//! Sends a market's fees to the fund; its bad debt has the first claim on them.

use cosmwasm_std::{to_json_binary, DepsMut, Env, MessageInfo, Response, WasmMsg};
use perp_interface::event::FeesCollected;
use perp_interface::fund;
use perp_interface::market::CollectFees;
use perp_interface::Quote;

use crate::coins::{coin_of, no_coins};
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::prices::Marks;
use crate::state::{links, CONFIG};

/// Repaying bad debt moves no coins: they are here, and were owed twice.
pub fn collect_fees(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: CollectFees,
) -> ContractResult<Response> {
    no_coins(info)?;
    let (links, config) = (links(deps.storage)?, CONFIG.load(deps.storage)?);
    let mut ledger = Ledger::new(env.block.time.seconds());
    ledger.load_market(deps.storage, msg.market)?;
    // What an open loss cannot raise becomes bad debt, which has the first claim on these fees.
    if let Some(by) = ledger.market(msg.market)?.state.gate {
        let market = msg.market;
        return Err(ContractError::MarketDeleveraging { market, by });
    }
    // For the fund's target; fees must not wait for a price.
    let marks = Marks::query(
        deps.querier,
        &links.feed,
        &ledger.market_ids(),
        ledger.now(),
    );
    let mark = marks.and_then(|marks| marks.of_any_age(msg.market)).ok();
    let state = &mut ledger.market_mut(msg.market)?.state;
    let open_interest = mark
        .map(|mark| mark.notional(state.open_interest))
        .transpose()?;
    if state.fees.0 <= 0 {
        return Err(ContractError::NoFees { market: msg.market });
    }
    let to_bad_debt = state.fees.min(state.bad_debt);
    let to_fund = state.fees.minus(to_bad_debt)?;
    state.bad_debt = state.bad_debt.minus(to_bad_debt)?;
    state.fees = Quote::ZERO;
    ledger.save(deps.storage)?;
    let mut response = Response::new().add_event(FeesCollected {
        market: msg.market,
        to_bad_debt,
        to_fund,
    });
    if to_fund.0 > 0 {
        response = response.add_message(WasmMsg::Execute {
            contract_addr: links.fund.to_string(),
            msg: to_json_binary(&fund::ExecuteMsg::Revenue(fund::Revenue {
                market: msg.market,
                open_interest,
            }))?,
            funds: vec![coin_of(to_fund, &config.denom)],
        });
    }
    Ok(response)
}
