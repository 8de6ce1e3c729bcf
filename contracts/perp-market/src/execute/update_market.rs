//! Replaces a market's parameters.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use perp_interface::event::ParamsUpdated;
use perp_interface::market::UpdateMarket;

use crate::coins::no_coins;
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::state::{assert_authority, Listing, LISTINGS, MARKETS};

/// Funding is accrued at the old rate first.
pub fn update_market(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: UpdateMarket,
) -> ContractResult<Response> {
    no_coins(info)?;
    assert_authority(deps.storage, &info.sender)?;
    msg.params.validate()?;
    let mut ledger = Ledger::new(env.block.time.seconds());
    ledger.load_market(deps.storage, msg.market)?;
    let market = ledger.market(msg.market)?;
    let actual = market.listing.version;
    if msg.expected_version != actual {
        return Err(ContractError::VersionMismatch {
            expected: msg.expected_version,
            actual,
        });
    }
    let listing = Listing {
        symbol: market.listing.symbol.clone(),
        version: actual + 1,
        params: msg.params,
    };
    MARKETS.save(deps.storage, msg.market, &market.state)?;
    LISTINGS.save(deps.storage, msg.market, &listing)?;
    Ok(Response::new().add_event(ParamsUpdated {
        version: listing.version,
    }))
}
