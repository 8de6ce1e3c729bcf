//! Exact fractions, for what is to be compared before any rounding.

use std::cmp::Ordering;

use cosmwasm_std::{Uint128, Uint256, Uint512};

#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    over: Uint256,
    under: Uint256,
}

impl Ratio {
    pub fn new(over: Uint256, under: Uint256) -> Self {
        assert!(!under.is_zero());
        Self { over, under }
    }

    pub fn floor(self) -> u128 {
        let whole = self.over / self.under;
        Uint128::try_from(whole).expect("below 2^128").u128()
    }

    fn products(self, other: Self) -> (Uint512, Uint512) {
        (
            self.over.full_mul(other.under),
            other.over.full_mul(self.under),
        )
    }
}

impl From<u128> for Ratio {
    fn from(whole: u128) -> Self {
        Self::new(whole.into(), Uint256::one())
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ratio {}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = self.products(*other);
        left.cmp(&right)
    }
}
