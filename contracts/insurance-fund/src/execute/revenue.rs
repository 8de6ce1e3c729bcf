//! `Revenue`: fees and surplus of a market.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response, Storage};
use perp_interface::event::FundRevenue;
use perp_interface::fund::{Revenue, Tranche};
use perp_interface::params::SurplusRule;
use perp_interface::{MarketId, Quote};

use crate::error::{ContractError, ContractResult};
use crate::state::{load_tranche, owe, CONFIG, MARKETS, TERMS, TRANCHES};
use crate::{coins, rules, trigger};

/// Shares the coins among the layers of the market's tranche.
pub fn revenue(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: &Revenue,
) -> ContractResult<Response> {
    let config = CONFIG.load(deps.storage)?;
    config.require_market(&info.sender)?;
    let amount = coins::exactly_one(info, &config.denom)?;
    let market = msg.market;
    let open_interest = msg.open_interest.unwrap_or_default();
    if open_interest < Quote::ZERO {
        return Err(ContractError::NegativeAmount {
            name: "open_interest",
            amount: open_interest,
        });
    }
    let terms = TERMS.may_load(deps.storage, market)?;
    let tranche = match &terms {
        Some(terms) => Tranche::from_key(terms.0),
        None => without_terms(deps.storage, market),
    };
    let (key, stored) = load_tranche(deps.storage, tranche)?;
    let mut book = MARKETS.may_load(deps.storage, market)?.unwrap_or_default();
    book.paid_in = book.paid_in.plus(amount)?;
    let before = book.open_interest;
    book.open_interest = msg.open_interest.unwrap_or(before);
    let stored = match terms {
        Some(_) => stored.insure(before, book.open_interest)?,
        None => stored,
    };
    let rule = rules::revenue(deps.storage, &config.params, (key, &stored))?;
    let (stored, earned) = stored.earn(amount, &rule)?;
    let capital = stored.capital()?;

    MARKETS.save(deps.storage, market, &book)?;
    TRANCHES.save(deps.storage, key, &stored)?;
    let mut surplus_to = String::new();
    if let (SurplusRule::Address { address }, true) =
        (&config.params.surplus, earned.surplus > Quote::ZERO)
    {
        surplus_to.clone_from(address);
        owe(
            deps.storage,
            &deps.api.addr_validate(address)?,
            earned.surplus,
        )?;
    }
    let limits = config.params.limits();
    let trigger = trigger::look(deps.storage, env, (tranche, capital), &limits)?;
    let event = FundRevenue {
        market,
        tranche,
        amount,
        to_bounties: earned.bounties,
        to_staked: earned.staked,
        to_seed: earned.seed,
        surplus: earned.surplus,
        surplus_to,
        capital,
    };
    Ok(Response::new()
        .add_event(Event::from(event))
        .add_events(trigger))
}

/// Who may not draw any more still repairs the tranche of its own, if it had one.
fn without_terms(storage: &dyn Storage, market: MarketId) -> Tranche {
    let own = Tranche::Market(market);
    if TRANCHES.has(storage, own.key()) {
        return own;
    }
    Tranche::Shared
}
