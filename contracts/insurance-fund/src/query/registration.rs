//! `Registration`, `Registrations`: on what terms markets draw.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order};
use cw_storage_plus::Bound;
use perp_interface::fund::{
    RegistrationQuery, RegistrationResponse, RegistrationsQuery, RegistrationsResponse, Tranche,
};
use perp_interface::MarketId;

use super::page;
use crate::error::{ContractError, ContractResult};
use crate::state::{Terms, MARKETS, TERMS};

/// One of them; a market that may not draw is an error.
pub fn registration(deps: Deps, msg: &RegistrationQuery) -> ContractResult<Binary> {
    let market = msg.market;
    let terms = TERMS
        .may_load(deps.storage, market)?
        .ok_or(ContractError::NotRegistered { market })?;
    Ok(to_json_binary(&response(deps, market, &terms)?)?)
}

/// A page.
pub fn registrations(deps: Deps, msg: &RegistrationsQuery) -> ContractResult<Binary> {
    let start = msg.start_after.map(Bound::exclusive);
    let registrations = TERMS
        .range(deps.storage, start, None, Order::Ascending)
        .take(page::limit(msg.limit))
        .map(|row| {
            let (market, terms) = row?;
            response(deps, market, &terms)
        })
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&RegistrationsResponse { registrations })?)
}

fn response(deps: Deps, market: MarketId, terms: &Terms) -> ContractResult<RegistrationResponse> {
    let book = MARKETS.may_load(deps.storage, market)?.unwrap_or_default();
    Ok(RegistrationResponse {
        market,
        tranche: Tranche::from_key(terms.0),
        window_cap: terms.1,
        paid_in_cap: terms.2,
        paid_in: book.paid_in,
        drawn: book.drawn,
        open_interest: book.open_interest,
    })
}
