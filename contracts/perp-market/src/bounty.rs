//! Bounties: the fund pays whoever executes fills of a loss.

use cosmwasm_std::{to_json_binary, SubMsg, WasmMsg};
use perp_core::bounty::earned;
use perp_interface::fund::{BookBounty, ExecuteMsg};
use perp_interface::Quote;

use crate::context::{payload, BOUNTY};
use crate::error::ContractResult;
use crate::state::{Links, Loss};

/// Tells the fund of the fills since there were `before`, and takes what they bring off what the loss may
/// still bring; nothing if they bring nothing. A fund that cannot hear it does not stop the fills.
pub fn book(
    links: &Links,
    loss: &mut Loss,
    (before, per_fill): (u32, Quote),
    keeper: &str,
) -> ContractResult<Option<SubMsg>> {
    let fills = loss.executed().saturating_sub(before);
    let amount = earned(per_fill, fills, loss.bounty_left)?;
    if amount == Quote::ZERO {
        return Ok(None);
    }
    loss.bounty_left = loss.bounty_left.minus(amount)?;
    let loss_id = loss.terms.loss_id;
    let message = WasmMsg::Execute {
        contract_addr: links.fund.to_string(),
        msg: to_json_binary(&ExecuteMsg::BookBounty(BookBounty {
            loss_id,
            market: loss.terms.market,
            to: keeper.to_owned(),
            fills,
            amount,
        }))?,
        funds: vec![],
    };
    Ok(Some(
        SubMsg::reply_on_error(message, BOUNTY).with_payload(payload(&loss_id)?),
    ))
}
