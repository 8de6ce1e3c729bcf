//! What the feed refuses.

use cosmwasm_std::{Addr, StdError};
use perp_core::error::MathError;
use perp_governance::GovernanceError;
use perp_interface::{MarketId, ParamError};
use thiserror::Error;

/// Result of every handler of the feed.
pub type ContractResult<T> = Result<T, ContractError>;

/// A refusal. Its text starts with [`code`](Self::code); the numbers follow.
#[derive(Error, Debug)]
pub enum ContractError {
    /// Storage, serialisation or address validation.
    #[error("std: {0}")]
    Std(StdError),
    /// A price outside of 1..2^40, or a version that no longer fits.
    #[error(transparent)]
    Math(#[from] MathError),
    /// A parameter outside of its bounds.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Authority, guardian, notices, pauses, migrations.
    #[error(transparent)]
    Governance(#[from] GovernanceError),
    /// Somebody who may not feed.
    #[error("unauthorized: sender {sender} is not a feeder")]
    NotFeeder {
        /// Who called.
        sender: Addr,
    },
    /// Coins came with a message; the feed holds none.
    #[error("no_funds_expected: {coins} attached")]
    NoFundsExpected {
        /// What was attached.
        coins: String,
    },
    /// A message without a price.
    #[error("no_prices: at least one price is expected")]
    NoPrices,
    /// More prices than one message may carry.
    #[error("too_many_prices: {count} of at most {max}")]
    TooManyPrices {
        /// How many came.
        count: usize,
        /// How many may.
        max: usize,
    },
    /// A market twice in one message.
    #[error("duplicate_market: market {market} twice in one message")]
    DuplicateMarket {
        /// The market.
        market: MarketId,
    },
    /// An observation from too far in the future.
    #[error(
        "price_from_future: market {market} published at {publish_time}, latest allowed {latest}"
    )]
    PriceFromFuture {
        /// The market.
        market: MarketId,
        /// When it claims to have been observed.
        publish_time: u64,
        /// Latest publish time that is accepted now.
        latest: u64,
    },
    /// An observation that was too old when it was sent.
    #[error(
        "price_too_old: market {market} published at {publish_time}, earliest allowed {earliest}"
    )]
    PriceTooOld {
        /// The market.
        market: MarketId,
        /// When it was observed.
        publish_time: u64,
        /// Earliest publish time that is accepted now.
        earliest: u64,
    },
    /// An observation older than the stored one.
    #[error(
        "price_out_of_order: market {market} published at {publish_time}, stored price is of {stored}"
    )]
    PriceOutOfOrder {
        /// The market.
        market: MarketId,
        /// When it was observed.
        publish_time: u64,
        /// When the stored one was.
        stored: u64,
    },
    /// No price was ever set.
    #[error("unknown_market: market {market} has no price")]
    UnknownMarket {
        /// The market.
        market: MarketId,
    },
    /// The stored price is older than the reader allows.
    #[error("stale_price: market {market} is {age} s old, at most {max_age} s allowed")]
    StalePrice {
        /// The market.
        market: MarketId,
        /// Seconds since it was observed.
        age: u64,
        /// What the reader allows.
        max_age: u64,
    },
}

impl ContractError {
    /// The stable name of the refusal: the text before the first colon.
    pub fn code(&self) -> String {
        let mut text = self.to_string();
        if let Some(end) = text.find(':') {
            text.truncate(end);
        }
        text
    }
}

impl From<StdError> for ContractError {
    fn from(error: StdError) -> Self {
        Self::Std(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_starts_with_its_code_and_carries_the_numbers() {
        let sender = Addr::unchecked("sender");
        let expected = Addr::unchecked("gov");
        let market = 3;
        let table: [(&str, ContractError, &[&str]); 16] = [
            ("std", StdError::msg("broken").into(), &["broken"]),
            (
                "price_out_of_range",
                MathError::PriceOutOfRange { price: 0 }.into(),
                &["0"],
            ),
            (
                "param_out_of_bounds",
                ParamError::OutOfBounds {
                    name: "max_age",
                    value: 0,
                    min: 1,
                    max: 9,
                }
                .into(),
                &["max_age", "1..=9"],
            ),
            (
                "unauthorized",
                GovernanceError::Unauthorized {
                    sender: sender.clone(),
                    role: "authority",
                    expected,
                }
                .into(),
                &["sender", "gov"],
            ),
            (
                "unauthorized",
                ContractError::NotFeeder { sender },
                &["sender", "feeder"],
            ),
            (
                "version_mismatch",
                GovernanceError::VersionMismatch {
                    expected: 4,
                    actual: 5,
                }
                .into(),
                &["4", "5"],
            ),
            (
                "no_funds_expected",
                ContractError::NoFundsExpected {
                    coins: "5uusdc".to_string(),
                },
                &["5uusdc"],
            ),
            ("no_prices", ContractError::NoPrices, &[]),
            (
                "too_many_prices",
                ContractError::TooManyPrices { count: 7, max: 6 },
                &["7", "6"],
            ),
            (
                "duplicate_market",
                ContractError::DuplicateMarket { market },
                &["3"],
            ),
            (
                "price_from_future",
                ContractError::PriceFromFuture {
                    market,
                    publish_time: 11,
                    latest: 10,
                },
                &["3", "11", "10"],
            ),
            (
                "price_too_old",
                ContractError::PriceTooOld {
                    market,
                    publish_time: 11,
                    earliest: 12,
                },
                &["3", "11", "12"],
            ),
            (
                "price_out_of_order",
                ContractError::PriceOutOfOrder {
                    market,
                    publish_time: 11,
                    stored: 12,
                },
                &["3", "11", "12"],
            ),
            (
                "unknown_market",
                ContractError::UnknownMarket { market },
                &["3"],
            ),
            (
                "stale_price",
                ContractError::StalePrice {
                    market,
                    age: 61,
                    max_age: 60,
                },
                &["3", "61", "60"],
            ),
            (
                "overflow",
                MathError::Overflow { operation: "x" }.into(),
                &["x"],
            ),
        ];
        for (code, error, parts) in table {
            let text = error.to_string();
            assert_eq!(error.code(), code);
            assert!(text.starts_with(&format!("{code}: ")), "{text}");
            for part in parts {
                assert!(text.contains(part), "{text} names {part}");
            }
        }
    }
}
