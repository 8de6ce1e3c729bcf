//! Coins at the boundary: converted once, checked.

use cosmwasm_std::{Coin, MessageInfo, Uint128};
use perp_interface::Quote;

use crate::error::{ContractError, ContractResult};

/// Exclusive bound of every amount that enters or leaves.
pub const AMOUNT_BOUND: i128 = 1 << 100;

/// Checks an amount: 1..2^100.
pub fn checked_amount(amount: Quote) -> ContractResult<Quote> {
    if amount.0 < 1 || amount.0 >= AMOUNT_BOUND {
        return Err(ContractError::AmountOutOfRange {
            amount: amount.to_string(),
        });
    }
    Ok(amount)
}

/// The one coin of `denom` that must be attached.
pub fn one_coin(info: &MessageInfo, denom: &str) -> ContractResult<Quote> {
    match info.funds.as_slice() {
        [coin] if coin.denom == denom => {
            let refuse = || ContractError::AmountOutOfRange {
                amount: coin.amount.to_string(),
            };
            let amount = Uint128::try_from(coin.amount).map_err(|_| refuse())?;
            checked_amount(Quote::from_unsigned(amount.u128()).map_err(|_| refuse())?)
        }
        coins => Err(ContractError::WrongFunds {
            denom: denom.to_owned(),
            coins: list(coins),
        }),
    }
}

/// No coin may be attached.
pub fn no_coins(info: &MessageInfo) -> ContractResult<()> {
    if info.funds.is_empty() {
        return Ok(());
    }
    Err(ContractError::NoFundsExpected {
        coins: list(&info.funds),
    })
}

/// A coin of a positive amount.
pub fn coin_of(amount: Quote, denom: &str) -> Coin {
    Coin::new(amount.to_unsigned(), denom)
}

fn list(coins: &[Coin]) -> String {
    if coins.is_empty() {
        return "none".to_owned();
    }
    let texts: Vec<_> = coins.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
