//! `WithdrawCapital`: the authority takes capital out.

use cosmwasm_std::{BankMsg, DepsMut, Env, Event, MessageInfo, Response};
use perp_interface::event::FundWithdrawn;
use perp_interface::fund::WithdrawCapital;
use perp_interface::Quote;

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{CAPITAL, CONFIG, DRAWS};

/// Sends capital out. Not while a loss is open: capital must not run from losses that are
/// already there. A withdrawal is no loss: the peaks of the capital shrink with it.
pub fn withdraw_capital(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: &WithdrawCapital,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let config = CONFIG.load(deps.storage)?;
    config.require_authority(&info.sender)?;
    let to = deps.api.addr_validate(&msg.to)?;
    let amount = msg.amount;
    let mut capital = CAPITAL.load(deps.storage)?;
    if capital.open_losses > 0 {
        return Err(ContractError::LossOpen {
            open_losses: capital.open_losses,
        });
    }
    let max = capital.available()?;
    if amount <= Quote::ZERO || amount > max {
        return Err(ContractError::AmountOutOfRange { amount, max });
    }
    capital.withdrawn = capital.withdrawn.plus(amount)?;
    let available = capital.available()?;
    let mut draws = DRAWS.load(deps.storage)?;
    draws.drawdown.observe(env.block.time.seconds(), max);
    draws.drawdown.scale_floor(max, available)?;

    DRAWS.save(deps.storage, &draws)?;
    CAPITAL.save(deps.storage, &capital)?;
    let event = FundWithdrawn {
        to: to.to_string(),
        amount,
        capital: available,
    };
    Ok(Response::new()
        .add_event(Event::from(event))
        .add_message(BankMsg::Send {
            to_address: to.into_string(),
            amount: vec![coins::coin(amount, &config.denom)],
        }))
}
