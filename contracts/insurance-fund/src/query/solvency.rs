//! `Solvency`: what the fund holds against what it has booked.

use cosmwasm_std::{to_json_binary, Binary, Deps, Env, Order, Uint128};
use perp_interface::fund::SolvencyResponse;
use perp_interface::Quote;

use crate::error::{ContractError, ContractResult};
use crate::state::{CONFIG, OWED_TOTAL, TRANCHES};

/// Asks the bank, and adds up all tranches.
pub fn solvency(deps: Deps, env: &Env) -> ContractResult<Binary> {
    let denom = CONFIG.load(deps.storage)?.denom;
    let coin = deps.querier.query_balance(&env.contract.address, denom)?;
    let balance = Uint128::try_from(coin.amount)
        .ok()
        .and_then(|amount| Quote::from_unsigned(amount.u128()).ok())
        .ok_or(ContractError::AmountTooLarge {
            amount: coin.amount,
        })?;
    let (mut in_tranches, mut open_losses) = (Quote::ZERO, 0);
    for row in TRANCHES.range(deps.storage, None, None, Order::Ascending) {
        let (_, tranche) = row?;
        in_tranches = in_tranches.plus(tranche.booked()?)?;
        open_losses += tranche.open_losses;
    }
    let owed = OWED_TOTAL.load(deps.storage)?;
    let unbooked = balance.minus(in_tranches)?.minus(owed)?;
    Ok(to_json_binary(&SolvencyResponse {
        balance,
        in_tranches,
        owed,
        unbooked,
        solvent: unbooked >= Quote::ZERO,
        open_losses,
    })?)
}
