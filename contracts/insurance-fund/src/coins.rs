//! Coins that come with a message: the boundary between `Uint256` and [`Quote`].

use cosmwasm_std::{Coin, MessageInfo, Uint128};
use perp_interface::Quote;

use crate::error::{ContractError, ContractResult};

/// The amount of exactly one coin of `denom`, at least 1.
///
/// # Errors
/// `MissingFunds`, `WrongDenom`, `ExtraFunds`, `AmountTooLarge`, `AmountOutOfRange`.
pub fn exactly_one(info: &MessageInfo, denom: &str) -> ContractResult<Quote> {
    let coin = match info.funds.as_slice() {
        [coin] => coin,
        [] => {
            return Err(ContractError::MissingFunds {
                denom: denom.to_string(),
            })
        }
        coins => {
            return Err(ContractError::ExtraFunds {
                coins: listed(coins),
                denom: denom.to_string(),
            })
        }
    };
    if coin.denom != denom {
        return Err(ContractError::WrongDenom {
            denom: coin.denom.clone(),
            expected: denom.to_string(),
        });
    }
    let amount = amount_of(coin)?;
    if amount == Quote::ZERO {
        return Err(ContractError::AmountOutOfRange {
            amount,
            max: Quote(i128::MAX),
        });
    }
    Ok(amount)
}

/// Refuses coins: what is not booked could never leave again.
///
/// # Errors
/// `NoFundsExpected` with what was attached.
pub fn refuse(info: &MessageInfo) -> ContractResult<()> {
    if info.funds.is_empty() {
        return Ok(());
    }
    Err(ContractError::NoFundsExpected {
        coins: listed(&info.funds),
    })
}

/// A coin to send. Amounts that leave are never negative.
pub fn coin(amount: Quote, denom: &str) -> Coin {
    Coin::new(amount.to_unsigned(), denom)
}

fn amount_of(coin: &Coin) -> ContractResult<Quote> {
    Uint128::try_from(coin.amount)
        .ok()
        .and_then(|amount| Quote::from_unsigned(amount.u128()).ok())
        .ok_or(ContractError::AmountTooLarge {
            amount: coin.amount,
        })
}

fn listed(coins: &[Coin]) -> String {
    let coins: Vec<_> = coins.iter().map(Coin::to_string).collect();
    coins.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{Addr, Uint256};

    fn with(funds: &[(Uint256, &str)]) -> MessageInfo {
        MessageInfo {
            sender: Addr::unchecked("sender"),
            funds: funds
                .iter()
                .map(|(amount, denom)| Coin::new(*amount, *denom))
                .collect(),
        }
    }

    #[test]
    fn one_coin_of_the_right_denom_and_nothing_else() {
        let below = Uint256::from(i128::MAX.unsigned_abs());
        let amount = |amount: u128| Uint256::from(amount);
        let table = [
            (with(&[(amount(7), "uusdc")]), "7"),
            (
                with(&[(below, "uusdc")]),
                "170141183460469231731687303715884105727",
            ),
            (
                with(&[(below + Uint256::one(), "uusdc")]),
                "amount_too_large",
            ),
            (with(&[(Uint256::MAX, "uusdc")]), "amount_too_large"),
            (with(&[(amount(0), "uusdc")]), "amount_out_of_range"),
            (with(&[]), "missing_funds"),
            (with(&[(amount(7), "uatom")]), "wrong_denom"),
            (
                with(&[(amount(7), "uusdc"), (amount(7), "uatom")]),
                "extra_funds",
            ),
            (
                with(&[(amount(7), "uusdc"), (amount(7), "uusdc")]),
                "extra_funds",
            ),
        ];
        for (info, outcome) in table {
            let result = exactly_one(&info, "uusdc");
            let result = result.map_or_else(|e| e.code(), |amount| amount.to_string());
            assert_eq!(result, outcome, "{:?}", info.funds);
        }
    }

    #[test]
    fn refusals_name_what_was_attached() {
        let info = with(&[
            (Uint256::from(7u128), "uusdc"),
            (Uint256::from(8u128), "uatom"),
        ]);
        assert_eq!(
            refuse(&info).expect_err("coins").to_string(),
            "no_funds_expected: 7uusdc,8uatom attached"
        );
        assert_eq!(
            exactly_one(&info, "uusdc").expect_err("two").to_string(),
            "extra_funds: 7uusdc,8uatom attached, one coin of uusdc is expected"
        );
        refuse(&with(&[])).expect("none");
    }
}
