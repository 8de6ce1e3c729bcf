//! `Headroom`: what could be drawn for a market now.

use cosmwasm_std::{to_json_binary, Binary, Deps, Env};
use perp_interface::fund::{HeadroomQuery, HeadroomResponse};
use perp_interface::Quote;

use crate::error::ContractResult;
use crate::state::{CAPITAL, CONFIG, DRAWS, MARKETS};
use crate::trigger::moment;

/// As the next call for cover would find it: the stop is looked at first.
pub fn headroom(deps: Deps, env: &Env, msg: &HeadroomQuery) -> ContractResult<Binary> {
    let limits = CONFIG.load(deps.storage)?.params.limits();
    let capital = CAPITAL.load(deps.storage)?.available()?;
    let mut draws = DRAWS.load(deps.storage)?;
    let window = MARKETS.may_load(deps.storage, msg.market)?;
    let at = moment(env);
    draws.drawdown.evaluate(at.time, capital, &limits)?;
    let room = draws.headroom(&window.unwrap_or_default(), capital, at, &limits)?;
    let peak = draws.drawdown.peak(at.time, capital);
    Ok(to_json_binary(&HeadroomResponse {
        payable: room.payment(Quote(i128::MAX)),
        capital: room.capital,
        per_loss: room.per_loss,
        block: room.block,
        window: room.window,
        market: room.market,
        drawdown: room.drawdown,
        tripped: room.tripped,
        peak,
        trip_line: limits.trip_line_ceil(peak)?,
        resume_line: limits.resume_line_ceil(peak)?,
    })?)
}
