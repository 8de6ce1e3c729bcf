//! `WithdrawCapital`: the authority takes seed out.

use cosmwasm_std::{BankMsg, DepsMut, Env, Event, MessageInfo, Response};
use perp_governance::require_authority;
use perp_interface::event::FundWithdrawn;
use perp_interface::fund::WithdrawCapital;
use perp_interface::Quote;

use crate::error::{ContractError, ContractResult};
use crate::gate::{self, Leaver};
use crate::state::{load_tranche, CONFIG, TRANCHES};
use crate::{coins, trigger};

/// Sends seed out, never what stakers own. Not while a loss is open: capital must not run from losses that
/// are already there.
pub fn withdraw_capital(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: &WithdrawCapital,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let config = CONFIG.load(deps.storage)?;
    require_authority(deps.storage, &info.sender)?;
    let to = deps.api.addr_validate(&msg.to)?;
    let (tranche, amount) = (msg.tranche, msg.amount);
    let (key, stored) = load_tranche(deps.storage, tranche)?;
    gate::let_out(
        deps.as_ref(),
        env,
        &config,
        (tranche, &stored),
        Leaver::Protocol,
    )?;
    let max = stored.layers.seed;
    if amount <= Quote::ZERO || amount > max {
        return Err(ContractError::AmountOutOfRange { amount, max });
    }
    let before = stored.capital()?;
    let stored = stored.withdraw(amount)?;
    let capital = stored.capital()?;

    trigger::shrink(deps.storage, env, tranche, (before, capital))?;
    TRANCHES.save(deps.storage, key, &stored)?;
    let event = FundWithdrawn {
        tranche,
        to: to.to_string(),
        amount,
        capital,
    };
    Ok(Response::new()
        .add_event(Event::from(event))
        .add_message(BankMsg::Send {
            to_address: to.into_string(),
            amount: vec![coins::coin(amount, &config.denom)],
        }))
}
