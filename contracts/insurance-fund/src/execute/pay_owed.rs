//! `PayOwed`: sends to an address what is booked for it.

use cosmwasm_std::{BankMsg, DepsMut, Event, MessageInfo, Response};
use perp_interface::event::OwedPaid;
use perp_interface::fund::PayOwed;

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{CONFIG, OWED, OWED_TOTAL};

/// One address for each message: one that can receive nothing holds up nobody but itself.
pub fn pay_owed(deps: DepsMut, info: &MessageInfo, msg: &PayOwed) -> ContractResult<Response> {
    coins::refuse(info)?;
    let denom = CONFIG.load(deps.storage)?.denom;
    let to = deps.api.addr_validate(&msg.to)?;
    let Some(amount) = OWED.may_load(deps.storage, &to)? else {
        return Err(ContractError::NothingOwed { to });
    };
    let total = OWED_TOTAL.load(deps.storage)?.minus(amount)?;

    OWED.remove(deps.storage, &to);
    OWED_TOTAL.save(deps.storage, &total)?;
    let event = OwedPaid {
        to: to.to_string(),
        amount,
    };
    Ok(Response::new()
        .add_event(Event::from(event))
        .add_message(BankMsg::Send {
            to_address: to.into_string(),
            amount: vec![coins::coin(amount, &denom)],
        }))
}
