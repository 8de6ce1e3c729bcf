//! What the queue refuses.

use cosmwasm_std::{Addr, StdError};
use cw_utils::ParseReplyError;
use perp_core::error::MathError;
use perp_governance::GovernanceError;
use perp_interface::{AccountId, LossId, MarketId, ParamError, Pass, Side};
use thiserror::Error;

/// Result of every handler of the queue.
pub type ContractResult<T> = Result<T, ContractError>;

/// A refusal. Its text starts with [`code`](Self::code); the numbers follow.
#[derive(Error, Debug)]
pub enum ContractError {
    /// Storage, serialisation or address validation.
    #[error("std: {0}")]
    Std(StdError),
    /// A number outside of its range.
    #[error(transparent)]
    Math(#[from] MathError),
    /// A parameter outside of its bounds.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Somebody else than the one contract or address that may send this.
    #[error("unauthorized: sender {sender} is not the {role} {expected}")]
    Unauthorized {
        /// Who called.
        sender: Addr,
        /// `authority`, `market` or `fund`.
        role: &'static str,
        /// Who may.
        expected: Addr,
    },
    /// The other contracts are not named yet.
    #[error("not_connected: market and fund are not named yet")]
    NotConnected,
    /// The other contracts are named once.
    #[error("already_connected: to market {market} and fund {fund}")]
    AlreadyConnected {
        /// The market.
        market: Addr,
        /// The fund.
        fund: Addr,
    },
    /// Authority, guardian, notices, pauses, migrations.
    #[error(transparent)]
    Governance(#[from] GovernanceError),
    /// Coins came with a message; the queue holds none.
    #[error("no_funds_expected: {coins} attached")]
    NoFundsExpected {
        /// What was attached.
        coins: String,
    },
    /// A refresh of nobody.
    #[error("no_accounts: at least one account is expected")]
    NoAccounts,
    /// More accounts than one refresh may name.
    #[error("too_many_accounts: {count} of at most {max}")]
    TooManyAccounts {
        /// How many came.
        count: usize,
        /// How many may.
        max: usize,
    },
    /// An account twice in one refresh.
    #[error("duplicate_account: account {account} twice in one message")]
    DuplicateAccount {
        /// The account.
        account: AccountId,
    },
    /// No such job is open.
    #[error("unknown_job: loss {loss_id} has no open job")]
    UnknownJob {
        /// The loss.
        loss_id: LossId,
    },
    /// Jobs are worked off in the order of their losses.
    #[error("job_not_first: loss {loss_id} waits for loss {first}")]
    JobNotFirst {
        /// The loss asked for.
        loss_id: LossId,
        /// The one that comes first.
        first: LossId,
    },
    /// The market's answer to the last step is still under way.
    #[error("job_in_flight: loss {loss_id} waits for the answer to a step")]
    JobInFlight {
        /// The loss.
        loss_id: LossId,
    },
    /// One job at a time in one market.
    #[error("market_has_job: market {market} deleverages loss {open}, loss {loss_id} must wait")]
    MarketHasJob {
        /// The market.
        market: MarketId,
        /// The loss of its open job.
        open: LossId,
        /// The refused one.
        loss_id: LossId,
    },
    /// A loss was reported again with other terms; they are frozen.
    #[error("terms_differ: loss {loss_id} is open with other terms")]
    TermsDiffer {
        /// The loss.
        loss_id: LossId,
    },
    /// A step without work.
    #[error("zero_limit: a step of loss {loss_id} needs a limit of at least 1")]
    ZeroLimit {
        /// The loss.
        loss_id: LossId,
    },
    /// The market answered an earlier pass than it was sent; passes only move forward.
    #[error(
        "pass_went_back: loss {loss_id} is in pass {}, the market answered {}",
        .sent.number(), .answered.number()
    )]
    PassWentBack {
        /// The loss.
        loss_id: LossId,
        /// The pass that was sent.
        sent: Pass,
        /// The pass that was answered.
        answered: Pass,
    },
    /// The stored bytes of a class are not a record.
    #[error("class_unreadable: class {class} of market {market} {side}")]
    ClassUnreadable {
        /// The market.
        market: MarketId,
        /// The side.
        side: Side,
        /// The class.
        class: u16,
    },
    /// The market did not say its mark and funding.
    #[error("market_unanswered: market {market}: {reason}")]
    MarketUnanswered {
        /// The market.
        market: MarketId,
        /// What it said instead.
        reason: String,
    },
    /// Lights of nobody.
    #[error("nothing_ranked: market {market} {side} has no positions")]
    NothingRanked {
        /// The market.
        market: MarketId,
        /// The side.
        side: Side,
    },
    /// A reply that no submessage of this contract asked for.
    #[error("unknown_reply: id {id}")]
    UnknownReply {
        /// Its id.
        id: u64,
    },
    /// The market's answer is not one.
    #[error("bad_answer: {reason}")]
    BadAnswer {
        /// What is wrong with it.
        reason: String,
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

impl From<ParseReplyError> for ContractError {
    fn from(error: ParseReplyError) -> Self {
        Self::BadAnswer {
            reason: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_starts_with_its_code_and_carries_the_numbers() {
        let who = |name: &str| Addr::unchecked(name);
        let loss_id = 41;
        let table: [(&str, ContractError, &[&str]); 23] = [
            ("std", StdError::msg("broken").into(), &["broken"]),
            (
                "overflow",
                MathError::Overflow { operation: "x" }.into(),
                &["x"],
            ),
            (
                "param_out_of_bounds",
                perp_interface::params::validate_policy(&perp_interface::Policy::of_breadth(0))
                    .expect_err("out of bounds")
                    .into(),
                &["breadth", "1..=10000"],
            ),
            (
                "unauthorized",
                ContractError::Unauthorized {
                    sender: who("mallory"),
                    role: "fund",
                    expected: who("the-fund"),
                },
                &["mallory", "fund", "the-fund"],
            ),
            ("not_connected", ContractError::NotConnected, &[]),
            (
                "already_connected",
                ContractError::AlreadyConnected {
                    market: who("m"),
                    fund: who("f"),
                },
                &["market m", "fund f"],
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
            ("no_accounts", ContractError::NoAccounts, &[]),
            (
                "too_many_accounts",
                ContractError::TooManyAccounts { count: 51, max: 50 },
                &["51", "50"],
            ),
            (
                "duplicate_account",
                ContractError::DuplicateAccount { account: 7 },
                &["7"],
            ),
            (
                "unknown_job",
                ContractError::UnknownJob { loss_id },
                &["41"],
            ),
            (
                "job_not_first",
                ContractError::JobNotFirst { loss_id, first: 3 },
                &["41", "3"],
            ),
            (
                "job_in_flight",
                ContractError::JobInFlight { loss_id },
                &["41"],
            ),
            (
                "market_has_job",
                ContractError::MarketHasJob {
                    market: 2,
                    open: 40,
                    loss_id,
                },
                &["2", "40", "41"],
            ),
            (
                "terms_differ",
                ContractError::TermsDiffer { loss_id },
                &["41"],
            ),
            ("zero_limit", ContractError::ZeroLimit { loss_id }, &["41"]),
            (
                "pass_went_back",
                ContractError::PassWentBack {
                    loss_id,
                    sent: Pass::AtMark,
                    answered: Pass::Profit,
                },
                &["41", "3", "1"],
            ),
            (
                "class_unreadable",
                ContractError::ClassUnreadable {
                    market: 2,
                    side: Side::Short,
                    class: 390,
                },
                &["2", "short", "390"],
            ),
            (
                "market_unanswered",
                ContractError::MarketUnanswered {
                    market: 2,
                    reason: "asleep".to_string(),
                },
                &["2", "asleep"],
            ),
            (
                "nothing_ranked",
                ContractError::NothingRanked {
                    market: 2,
                    side: Side::Long,
                },
                &["2", "long"],
            ),
            (
                "unknown_reply",
                ContractError::UnknownReply { id: 77 },
                &["77"],
            ),
            (
                "bad_answer",
                ParseReplyError::ParseFailure("odd".to_string()).into(),
                &["odd"],
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
