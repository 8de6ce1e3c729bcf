//! `Headroom`, `HeadroomUnder`: what could be drawn for a market now.

use cosmwasm_std::{to_json_binary, Binary, Deps, Env};
use perp_interface::fund::{HeadroomQuery, HeadroomResponse, HeadroomUnderQuery, Tranche};
use perp_interface::{MarketId, Quote};

use crate::error::ContractResult;
use crate::state::{load_tranche, Config, CONFIG, DRAWS, MARKETS, TERMS};
use crate::trigger::moment;
use crate::{code, rules};

/// As the next call for cover would find it: the stop is looked at first.
pub fn headroom(deps: Deps, env: &Env, msg: &HeadroomQuery) -> ContractResult<Binary> {
    let config = CONFIG.load(deps.storage)?;
    Ok(to_json_binary(&of_market(deps, env, &config, msg.market)?)?)
}

/// As the next call for cover would find it if a change to these parameters had come into force now: it looks
/// at the stop too.
pub fn headroom_under(deps: Deps, env: &Env, msg: HeadroomUnderQuery) -> ContractResult<Binary> {
    msg.params.validate()?;
    let config = Config {
        params: *msg.params,
        ..CONFIG.load(deps.storage)?
    };
    Ok(to_json_binary(&of_market(deps, env, &config, msg.market)?)?)
}

/// What a market finds. One that may not draw finds nothing.
///
/// # Errors
/// `Std`, `Overflow`.
pub fn of_market(
    deps: Deps,
    env: &Env,
    config: &Config,
    market: MarketId,
) -> ContractResult<HeadroomResponse> {
    let approved = match &config.connections {
        Some(connections) => code::is_approved(deps.querier, connections)?,
        None => false,
    };
    let terms = TERMS.may_load(deps.storage, market)?;
    let Some(terms) = terms.filter(|_| approved) else {
        return Ok(NOTHING);
    };
    let tranche = Tranche::from_key(terms.0);
    let limits = rules::limits(&config.params, &terms);
    let (key, stored) = load_tranche(deps.storage, tranche)?;
    let capital = stored.capital()?;
    let mut draws = DRAWS.load(deps.storage, key)?;
    let book = MARKETS.may_load(deps.storage, market)?.unwrap_or_default();
    let at = moment(env);
    draws.drawdown.evaluate(at.time, capital, &limits)?;
    let mut room = draws.headroom(&book.window, capital, at, &limits)?;
    room.paid_in = rules::paid_in_room(&terms, &book)?;
    let peak = draws.drawdown.peak(at.time, capital);
    Ok(HeadroomResponse {
        tranche: Some(tranche),
        payable: room.payment(Quote(i128::MAX)),
        capital: room.capital,
        per_loss: room.per_loss,
        block: room.block,
        window: room.window,
        market: room.market,
        paid_in: room.paid_in,
        drawdown: room.drawdown,
        tripped: room.tripped,
        peak,
        trip_line: limits.trip_line_ceil(peak)?,
        resume_line: limits.resume_line_ceil(peak)?,
    })
}

const NOTHING: HeadroomResponse = HeadroomResponse {
    tranche: None,
    payable: Quote::ZERO,
    capital: Quote::ZERO,
    per_loss: Quote::ZERO,
    block: Quote::ZERO,
    window: Quote::ZERO,
    market: Quote::ZERO,
    paid_in: Quote::ZERO,
    drawdown: Quote::ZERO,
    tripped: false,
    peak: Quote::ZERO,
    trip_line: Quote::ZERO,
    resume_line: Quote::ZERO,
};
