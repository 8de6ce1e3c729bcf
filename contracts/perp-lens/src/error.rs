//! What the lens refuses.

use cosmwasm_std::StdError;
use perp_core::change::ChangeError;
use perp_core::error::MathError;
use perp_governance::GovernanceError;
use perp_interface::{AccountId, Lots, MarketId, ParamError, Quote};
use thiserror::Error;

/// Result of every handler of the lens.
pub type ContractResult<T> = Result<T, ContractError>;

/// A refusal. Its text starts with [`code`](Self::code); the numbers follow.
#[derive(Error, Debug)]
pub enum ContractError {
    /// Storage, serialisation or address validation.
    #[error("std: {0}")]
    Std(StdError),
    /// A number outside of its bounds: lots of zero, a moved price of zero or of 2^40 and more.
    #[error(transparent)]
    Math(#[from] MathError),
    /// A migration that may not be made.
    #[error(transparent)]
    Governance(#[from] GovernanceError),
    /// A change that the contract would refuse, in its own words.
    #[error(transparent)]
    Change(#[from] ChangeError<ParamError>),
    /// One of the contracts did not answer.
    #[error("query_failed: the {contract} answered {reason}")]
    QueryFailed {
        /// Which one.
        contract: &'static str,
        /// What it said.
        reason: String,
    },
    /// The market is connected with another contract, or with none.
    #[error("other_suite: the market's {role} is {named}, not {given}")]
    OtherSuite {
        /// fund, queue or feed.
        role: &'static str,
        /// In the message.
        given: String,
        /// By the market.
        named: String,
    },
    /// Coins came with the message; nobody could ever get them out again.
    #[error("no_funds_expected: {coins} attached")]
    NoFundsExpected {
        /// What was attached.
        coins: String,
    },
    /// No such market.
    #[error("unknown_market: {market}")]
    UnknownMarket {
        /// The market.
        market: MarketId,
    },
    /// No such account.
    #[error("unknown_account: {account}")]
    UnknownAccount {
        /// The account.
        account: AccountId,
    },
    /// The account has nothing in this market that could be taken.
    #[error("no_position: account {account} has none in market {market}")]
    NoPosition {
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
    },
    /// More lots than a side of the market has.
    #[error("exceeds_open_interest: {lots} lots of {open} in market {market}")]
    ExceedsOpenInterest {
        /// Asked about.
        lots: Lots,
        /// Open on each side.
        open: Lots,
        /// The market.
        market: MarketId,
    },
    /// A need below zero.
    #[error("negative_need: {need}")]
    NegativeNeed {
        /// The need.
        need: Quote,
    },
    /// A fall by everything or more.
    #[error("move_out_of_range: {move_bps} bps is not above -10000")]
    MoveOutOfRange {
        /// The move.
        move_bps: i32,
    },
    /// A page of none, or of too many.
    #[error("limit_out_of_range: {limit} is not within 1..={most}")]
    LimitOutOfRange {
        /// The limit.
        limit: u32,
        /// Most allowed.
        most: u32,
    },
    /// The cursor of another question.
    #[error(
        "cursor_mismatch: the cursor is of market {market} moved by {move_bps} bps, not of this question"
    )]
    CursorMismatch {
        /// Of the cursor.
        market: MarketId,
        /// Of the cursor.
        move_bps: i32,
    },
    /// The cursor of a question about another kind of change.
    #[error("wrong_cursor: pages of this change do not go by {by}")]
    WrongCursor {
        /// What the cursor names.
        by: &'static str,
    },
}

impl ContractError {
    /// The stable name of the refusal: the text before the first colon.
    pub fn code(&self) -> String {
        let text = self.to_string();
        text.split(':').next().unwrap_or_default().to_owned()
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
        let table: [(&str, ContractError, &[&str]); 5] = [
            ("std", StdError::msg("broken").into(), &["broken"]),
            (
                "lots_out_of_range",
                MathError::LotsOutOfRange { lots: 0 }.into(),
                &["0"],
            ),
            (
                "exceeds_open_interest",
                ContractError::ExceedsOpenInterest {
                    lots: Lots(7),
                    open: Lots(5),
                    market: 3,
                },
                &["7", "5", "3"],
            ),
            (
                "move_out_of_range",
                ContractError::MoveOutOfRange { move_bps: -10_000 },
                &["-10000"],
            ),
            (
                "other_suite",
                ContractError::OtherSuite {
                    role: "fund",
                    given: "a".to_owned(),
                    named: "b".to_owned(),
                },
                &["fund", "a", "b"],
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
