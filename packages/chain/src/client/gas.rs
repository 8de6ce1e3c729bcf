//! What gas costs.

use std::str::FromStr;

use cosmrs::tx::Fee;
use cosmrs::{Coin, Denom};
use cosmwasm_std::{Decimal, Uint128};

use super::error::ClientError;

/// Price of one unit of gas, written as `0.025ustake`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GasPrice {
    /// In units of the denom.
    pub amount: Decimal,
    /// What is paid with.
    pub denom: Denom,
}

impl GasPrice {
    /// The fee for so much gas. Rounded up: a node refuses one unit less than its minimum.
    pub fn fee_ceil(&self, gas: u64) -> Coin {
        let amount = Uint128::from(gas).mul_ceil(self.amount);
        Coin {
            denom: self.denom.clone(),
            amount: amount.u128(),
        }
    }

    /// The fee of a transaction with this gas limit, paid for `paid` units of gas. A chain refuses a
    /// coin of nothing, so a price of nothing is no coin.
    pub(super) fn fee_of(&self, gas_limit: u64, paid: u64) -> Fee {
        let coin = self.fee_ceil(paid);
        let mut fee = Fee::from_amount_and_gas(coin, gas_limit);
        fee.amount.retain(|coin| coin.amount > 0);
        fee
    }
}

impl FromStr for GasPrice {
    type Err = ClientError;

    fn from_str(text: &str) -> Result<Self, ClientError> {
        let refused =
            || ClientError::BadInput(format!("'{text}' is no gas price like 0.025ustake"));
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(refused)?;
        let (amount, denom) = text.split_at(end);
        // Above that, a typing error would spend more than an account has.
        let most = Decimal::from_ratio(u64::MAX, 1u8);
        let amount = amount.parse::<Decimal>().map_err(|_| refused())?;
        if amount > most {
            return Err(refused());
        }
        Ok(Self {
            amount,
            denom: denom.parse().map_err(|_| refused())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_rounded_up() {
        let price: GasPrice = "0.025ustake".parse().expect("a price");
        let cases = [(0, 0), (1, 1), (40, 1), (41, 2), (200_000, 5_000)];
        for (gas, fee) in cases {
            assert_eq!(price.fee_ceil(gas).amount, fee, "{gas}");
        }
        assert_eq!(price.fee_ceil(1).denom.as_ref(), "ustake");
        let free: GasPrice = "0ustake".parse().expect("a price");
        assert!(free.fee_of(200_000, 200_000).amount.is_empty());
        let fee = price.fee_of(7, 40);
        assert_eq!((fee.gas_limit, fee.amount[0].amount), (7, 1));
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for bad in [
            "",
            "ustake",
            "1",
            "1.2.3ustake",
            "-1ustake",
            "1e9ustake!",
            "1u s",
        ] {
            assert!(bad.parse::<GasPrice>().is_err(), "{bad}");
        }
    }
}
