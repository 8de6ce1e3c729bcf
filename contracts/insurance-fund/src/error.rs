//! What the fund refuses.

use cosmwasm_std::{Addr, StdError, Uint256};
use cw_utils::ParseReplyError;
use perp_core::error::MathError;
use perp_governance::GovernanceError;
use perp_interface::fund::Tranche;
use perp_interface::{LossId, MarketId, ParamError, Quote, Shares};
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
    /// Authority, guardian, notices, pauses, migrations.
    #[error(transparent)]
    Governance(#[from] GovernanceError),
    /// Staking is stopped by authority or guardian.
    #[error("paused: staking is stopped")]
    Paused,
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
    /// Money may neither leave nor come in for shares while losses are worked off.
    #[error("loss_open: {open_losses} losses of tranche {tranche} are open")]
    LossOpen {
        /// The tranche.
        tranche: Tranche,
        /// How many.
        open_losses: u64,
    },
    /// Money may not leave while a market of the tranche has a loss that the fund was not told of.
    #[error(
        "loss_not_booked: market {market} has an open loss that the fund does not know, see ResumeLoss; until {until}"
    )]
    LossNotBooked {
        /// The market.
        market: MarketId,
        /// From when money may leave all the same, in seconds; 0: not before it is booked.
        until: u64,
    },
    /// The market does not say whether a loss is open.
    #[error("market_silent: until {until} nothing leaves, as long as the market does not answer: {reason}")]
    MarketSilent {
        /// From when money may leave all the same, in seconds; 0: not before the market answers.
        until: u64,
        /// Its error.
        reason: String,
    },
    /// The market runs other code than governance has approved.
    #[error("code_mismatch: the market runs code {actual}, {expected} is expected")]
    CodeMismatch {
        /// What was expected.
        expected: u64,
        /// What the chain says.
        actual: u64,
    },
    /// No market was ever registered for it.
    #[error("unknown_tranche: {tranche}")]
    UnknownTranche {
        /// The tranche.
        tranche: Tranche,
    },
    /// The market may not draw.
    #[error("not_registered: market {market}")]
    NotRegistered {
        /// The market.
        market: MarketId,
    },
    /// A gift to the staked layer would belong to nobody.
    #[error("no_stakers: nobody has shares of tranche {tranche}")]
    NoStakers {
        /// The tranche.
        tranche: Tranche,
    },
    /// A share is worth so little that a new stake would swamp all others.
    #[error("pool_wiped: a share of tranche {tranche} is worth {price_ppm} millionths of its first price")]
    PoolWiped {
        /// The tranche.
        tranche: Tranche,
        /// Its share price.
        price_ppm: u128,
    },
    /// A stake below the least, or too small for a share.
    #[error("stake_too_small: {amount} is below {min}")]
    StakeTooSmall {
        /// What was attached.
        amount: Quote,
        /// Least stake.
        min: Quote,
    },
    /// The price has moved beyond what the staker accepts.
    #[error("too_few_shares: {shares}, at least {min} are accepted")]
    TooFewShares {
        /// What the stake would get.
        shares: Shares,
        /// What the staker accepts.
        min: Shares,
    },
    /// Shares that the staker does not have, or none.
    #[error("shares_out_of_range: {shares} is not within 1..={max}")]
    SharesOutOfRange {
        /// What was asked for.
        shares: Shares,
        /// What the staker has without a request.
        max: Shares,
    },
    /// The staker has as many open requests as there may be.
    #[error("too_many_requests: {open} are open, at most {max}")]
    TooManyRequests {
        /// How many are open.
        open: u32,
        /// Most.
        max: u32,
    },
    /// No such open request of the sender.
    #[error("unknown_request: {request}")]
    UnknownRequest {
        /// Its number.
        request: u64,
    },
    /// The cooldown is not over.
    #[error("cooling_down: request {request} may be claimed from {from}, now is {now}")]
    CoolingDown {
        /// Its number.
        request: u64,
        /// From when, in seconds.
        from: u64,
        /// Block time.
        now: u64,
    },
    /// It was not claimed in time. Cancel it and ask again.
    #[error("request_expired: request {request} could be claimed until {until}, now is {now}")]
    RequestExpired {
        /// Its number.
        request: u64,
        /// Until when, in seconds.
        until: u64,
        /// Block time.
        now: u64,
    },
    /// Nothing is booked for the address.
    #[error("nothing_owed: to {to}")]
    NothingOwed {
        /// The address.
        to: Addr,
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
#[path = "error_tests.rs"]
mod tests;
