//! `BookBounty`: somebody has executed fills of a loss.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response};
use perp_interface::event::BountyBooked;
use perp_interface::fund::{self, BookBounty};
use perp_interface::Quote;

use crate::error::{ContractError, ContractResult};
use crate::state::{load_tranche, owe, BOUNTIES, CONFIG, TERMS, TRANCHES};
use crate::{code, coins};

/// Books what the cap of the loss and the purse of the tranche allow; an empty purse is no error, because
/// fills must not depend on it. No loss draws from the purse and no bounty from capital.
pub fn book_bounty(
    deps: DepsMut,
    info: &MessageInfo,
    msg: &BookBounty,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let config = CONFIG.load(deps.storage)?;
    let connections = config.require_market(&info.sender)?;
    if msg.amount < Quote::ZERO {
        return Err(ContractError::NegativeAmount {
            name: "amount",
            amount: msg.amount,
        });
    }
    let to = deps.api.addr_validate(&msg.to)?;
    let approved = code::is_approved(deps.querier, connections)?;
    let terms = TERMS.may_load(deps.storage, msg.market)?;
    let Some(terms) = terms.filter(|_| approved) else {
        return Ok(Response::new());
    };
    let tranche = fund::Tranche::from_key(terms.0);
    let (key, stored) = load_tranche(deps.storage, tranche)?;
    let paid = BOUNTIES
        .may_load(deps.storage, msg.loss_id)?
        .unwrap_or_default();
    let room = config.params.bounty_per_loss_cap.minus(paid)?.or_zero();
    let amount = msg.amount.min(room).min(stored.layers.bounties);
    if amount == Quote::ZERO {
        return Ok(Response::new());
    }

    TRANCHES.save(deps.storage, key, &stored.pay_bounty(amount)?)?;
    BOUNTIES.save(deps.storage, msg.loss_id, &paid.plus(amount)?)?;
    owe(deps.storage, &to, amount)?;
    Ok(Response::new().add_event(Event::from(BountyBooked {
        loss_id: msg.loss_id,
        market: msg.market,
        tranche,
        to: to.into_string(),
        fills: msg.fills,
        amount,
    })))
}
