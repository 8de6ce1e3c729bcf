//! What the fund refuses.

use cosmwasm_std::{Addr, StdError, Uint256};
use cw_utils::ParseReplyError;
use perp_core::error::MathError;
use perp_interface::{LossId, MarketId, ParamError, Quote};
use thiserror::Error;

/// Result of every handler of the fund.
pub type ContractResult<T> = Result<T, ContractError>;

/// A refusal. Its text starts with [`code`](Self::code); the numbers follow.
#[derive(Error, Debug)]
pub enum ContractError {
    /// Storage, serialisation or address validation.
    #[error("std: {0}")]
    Std(StdError),
    /// A sum outside of its range.
    #[error(transparent)]
    Math(#[from] MathError),
    /// A parameter outside of its bounds.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Somebody else than the one contract or account that may.
    #[error("unauthorized: sender {sender} is not the {role} {expected}")]
    Unauthorized {
        /// Who called.
        sender: Addr,
        /// `authority` or `market`.
        role: &'static str,
        /// Who may.
        expected: Addr,
    },
    /// The proposal was written against other parameters than those in force.
    #[error("version_mismatch: expected version {expected}, parameters are at {actual}")]
    VersionMismatch {
        /// Version in the message.
        expected: u64,
        /// Version in force.
        actual: u64,
    },
    /// Market and queue are not named yet.
    #[error("not_connected: market and queue are not named yet")]
    NotConnected,
    /// Market and queue were named before.
    #[error("already_connected: to market {market} and queue {queue}")]
    AlreadyConnected {
        /// The market.
        market: Addr,
        /// The queue.
        queue: Addr,
    },
    /// A settlement denom that no chain has.
    #[error("invalid_denom: '{denom}' is not a denom")]
    InvalidDenom {
        /// What was given.
        denom: String,
    },
    /// Coins came with a message that takes none.
    #[error("no_funds_expected: {coins} attached")]
    NoFundsExpected {
        /// What was attached.
        coins: String,
    },
    /// No coins came with a message that takes one.
    #[error("missing_funds: one coin of {denom} is expected")]
    MissingFunds {
        /// The settlement denom.
        denom: String,
    },
    /// A coin of another denom.
    #[error("wrong_denom: {denom} attached, {expected} is expected")]
    WrongDenom {
        /// What was attached.
        denom: String,
        /// The settlement denom.
        expected: String,
    },
    /// More than one coin.
    #[error("extra_funds: {coins} attached, one coin of {denom} is expected")]
    ExtraFunds {
        /// What was attached.
        coins: String,
        /// The settlement denom.
        denom: String,
    },
    /// An amount of coins that does not fit.
    #[error("amount_too_large: {amount} is not below 2^127")]
    AmountTooLarge {
        /// What was attached.
        amount: Uint256,
    },
    /// An amount of zero or less, or beyond what there is.
    #[error("amount_out_of_range: {amount} is not within 1..={max}")]
    AmountOutOfRange {
        /// What was asked for or attached.
        amount: Quote,
        /// Most that is possible.
        max: Quote,
    },
    /// An amount below zero where none can be.
    #[error("negative_amount: {name} = {amount}")]
    NegativeAmount {
        /// Field.
        name: &'static str,
        /// Its value.
        amount: Quote,
    },
    /// Neither lots nor need.
    #[error("nothing_to_cover: loss {loss_id} has neither lots nor need")]
    NothingToCover {
        /// The loss.
        loss_id: LossId,
    },
    /// Capital may not leave while losses are worked off.
    #[error("loss_open: {open_losses} losses are open")]
    LossOpen {
        /// How many.
        open_losses: u64,
    },
    /// The market has closed it.
    #[error("loss_closed: loss {loss_id} is closed")]
    LossClosed {
        /// The loss.
        loss_id: LossId,
    },
    /// The fund was never asked about it.
    #[error("unknown_loss: loss {loss_id}")]
    UnknownLoss {
        /// The loss.
        loss_id: LossId,
    },
    /// The same loss under another market.
    #[error("loss_market_mismatch: loss {loss_id} is of market {recorded}, not of {given}")]
    LossMarketMismatch {
        /// The loss.
        loss_id: LossId,
        /// Its market at the first call.
        recorded: MarketId,
        /// Its market in this call.
        given: MarketId,
    },
    /// More came back than was paid.
    #[error(
        "return_exceeds_payment: {amount} of loss {loss_id} after {returned} of {paid} came back"
    )]
    ReturnExceedsPayment {
        /// The loss.
        loss_id: LossId,
        /// What came now.
        amount: Quote,
        /// What had come before.
        returned: Quote,
        /// What was paid.
        paid: Quote,
    },
    /// The market answered `Cover` with nothing, or with something else than its result.
    #[error("cover_result: {0}")]
    CoverResult(#[from] ParseReplyError),
    /// A reply to no submessage of the fund.
    #[error("unknown_reply: id {id}")]
    UnknownReply {
        /// Its id.
        id: u64,
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

    /// Code, error, and what its text names.
    type Row = (&'static str, ContractError, &'static [&'static str]);

    fn of_parties() -> Vec<Row> {
        let address = Addr::unchecked;
        vec![
            (
                "unauthorized",
                ContractError::Unauthorized {
                    sender: address("someone"),
                    role: "market",
                    expected: address("another"),
                },
                &["someone", "market", "another"],
            ),
            (
                "version_mismatch",
                ContractError::VersionMismatch {
                    expected: 4,
                    actual: 5,
                },
                &["4", "5"],
            ),
            ("not_connected", ContractError::NotConnected, &[]),
            (
                "already_connected",
                ContractError::AlreadyConnected {
                    market: address("m"),
                    queue: address("q"),
                },
                &["market m", "queue q"],
            ),
            (
                "unknown_reply",
                ContractError::UnknownReply { id: 9 },
                &["9"],
            ),
        ]
    }

    fn of_amounts() -> Vec<Row> {
        let text = str::to_string;
        vec![
            ("std", StdError::msg("broken").into(), &["broken"]),
            (
                "overflow",
                MathError::Overflow { operation: "sum" }.into(),
                &["sum"],
            ),
            (
                "param_out_of_bounds",
                ParamError::OutOfBounds {
                    name: "cap",
                    value: 0,
                    min: 1,
                    max: 9,
                }
                .into(),
                &["cap", "1..=9"],
            ),
            (
                "invalid_denom",
                ContractError::InvalidDenom { denom: text("x") },
                &["'x'"],
            ),
            (
                "no_funds_expected",
                ContractError::NoFundsExpected {
                    coins: text("5uusdc"),
                },
                &["5uusdc"],
            ),
            (
                "missing_funds",
                ContractError::MissingFunds {
                    denom: text("uusdc"),
                },
                &["uusdc"],
            ),
            (
                "wrong_denom",
                ContractError::WrongDenom {
                    denom: text("uatom"),
                    expected: text("uusdc"),
                },
                &["uatom", "uusdc"],
            ),
            (
                "extra_funds",
                ContractError::ExtraFunds {
                    coins: text("5uusdc,6uatom"),
                    denom: text("uusdc"),
                },
                &["5uusdc,6uatom"],
            ),
            (
                "amount_too_large",
                ContractError::AmountTooLarge {
                    amount: Uint256::MAX,
                },
                &["115792"],
            ),
            (
                "amount_out_of_range",
                ContractError::AmountOutOfRange {
                    amount: Quote(8),
                    max: Quote(7),
                },
                &["8", "1..=7"],
            ),
            (
                "negative_amount",
                ContractError::NegativeAmount {
                    name: "need",
                    amount: Quote(-1),
                },
                &["need", "-1"],
            ),
        ]
    }

    fn of_losses() -> Vec<Row> {
        let loss_id = 77;
        vec![
            (
                "nothing_to_cover",
                ContractError::NothingToCover { loss_id },
                &["77"],
            ),
            (
                "loss_open",
                ContractError::LossOpen { open_losses: 3 },
                &["3"],
            ),
            (
                "loss_closed",
                ContractError::LossClosed { loss_id },
                &["77"],
            ),
            (
                "unknown_loss",
                ContractError::UnknownLoss { loss_id },
                &["77"],
            ),
            (
                "loss_market_mismatch",
                ContractError::LossMarketMismatch {
                    loss_id,
                    recorded: 1,
                    given: 2,
                },
                &["77", "of market 1", "of 2"],
            ),
            (
                "return_exceeds_payment",
                ContractError::ReturnExceedsPayment {
                    loss_id,
                    amount: Quote(5),
                    returned: Quote(6),
                    paid: Quote(10),
                },
                &["77", "5", "6", "10"],
            ),
            (
                "cover_result",
                ParseReplyError::ParseFailure("odd".to_string()).into(),
                &["odd"],
            ),
        ]
    }

    #[test]
    fn every_text_starts_with_its_code_and_carries_the_numbers() {
        let rows = [of_parties(), of_amounts(), of_losses()];
        for (code, error, parts) in rows.into_iter().flatten() {
            let text = error.to_string();
            assert_eq!(error.code(), code);
            assert!(text.starts_with(&format!("{code}: ")), "{text}");
            for part in parts {
                assert!(text.contains(part), "{text} names {part}");
            }
        }
    }
}
