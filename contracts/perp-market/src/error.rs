//! Errors. The text before the first colon is the stable code that clients match on.

use cosmwasm_std::StdError;
use perp_core::MathError;
use perp_governance::GovernanceError;
use perp_interface::{AccountId, LossId, Lots, MarketId, ParamError, Pass, Price, Quote};
use thiserror::Error;

/// Everything the market contract refuses.
#[derive(Error, Debug)]
pub enum ContractError {
    /// Storage, querier or serialisation.
    #[error("std: {0}")]
    Std(String),
    /// Arithmetic outside of its bounds.
    #[error("math_{0}")]
    Math(#[from] MathError),
    /// A parameter outside of its bounds.
    #[error("{0}")]
    Param(#[from] ParamError),
    /// The sender may not do this.
    #[error("unauthorized: sender {sender} is not the {role} {expected}")]
    Unauthorized {
        /// Who sent it.
        sender: String,
        /// What the sender would have to be.
        role: &'static str,
        /// Who that is.
        expected: String,
    },
    /// The other contracts are not named yet.
    #[error("not_connected: fund, queue and feed are not named yet")]
    NotConnected,
    /// They are, and cannot be changed.
    #[error("already_connected: fund, queue and feed are named")]
    AlreadyConnected,
    /// No coins are expected here.
    #[error("no_funds_expected: {coins} attached")]
    NoFundsExpected {
        /// What was attached.
        coins: String,
    },
    /// Exactly one coin of the settlement denom is expected here.
    #[error("wrong_funds: expected one coin of {denom}, got {coins}")]
    WrongFunds {
        /// The settlement denom.
        denom: String,
        /// What was attached.
        coins: String,
    },
    /// An amount of zero, or beyond 2^100.
    #[error("amount_out_of_range: {amount} is not within 1..2^100")]
    AmountOutOfRange {
        /// The refused amount.
        amount: String,
    },
    /// Authority, guardian, notices, pauses, migrations.
    #[error(transparent)]
    Governance(#[from] GovernanceError),
    /// Opening and increasing are stopped by authority or guardian; reducing is not.
    #[error("opening_paused: market {market} takes only reductions")]
    OpeningPaused {
        /// The market.
        market: MarketId,
    },
    /// Resting new orders is stopped by authority or guardian; resting what only reduces is not.
    #[error("resting_paused: market {market} rests only what reduces")]
    RestingPaused {
        /// The market.
        market: MarketId,
    },
    /// No such market.
    #[error("unknown_market: {market}")]
    UnknownMarket {
        /// The market.
        market: MarketId,
    },
    /// The number is taken.
    #[error("market_exists: {market}")]
    MarketExists {
        /// The market.
        market: MarketId,
    },
    /// A name that is empty or longer than 32 characters.
    #[error("symbol_length: {length} is not within 1..=32")]
    SymbolLength {
        /// Its length.
        length: usize,
    },
    /// No such account.
    #[error("unknown_account: {account}")]
    UnknownAccount {
        /// Number, or owner and subaccount.
        account: String,
    },
    /// The owner has as many accounts as one may have.
    #[error("too_many_accounts: one owner has at most {max}")]
    TooManyAccounts {
        /// Most.
        max: u32,
    },
    /// The account is frozen while its losses are worked off.
    #[error("account_locked: {account}")]
    AccountLocked {
        /// The account.
        account: AccountId,
    },
    /// The market is gated by an open loss.
    #[error("market_deleveraging: market {market} by account {by}")]
    MarketDeleveraging {
        /// The market.
        market: MarketId,
        /// Whose losses gate it.
        by: AccountId,
    },
    /// A job that is under way keeps its rules.
    #[error(
        "losses_open: account {by} has open losses: what waits for a market is applied after them"
    )]
    LossesOpen {
        /// One with open losses.
        by: AccountId,
    },
    /// The feed's price is too old for this.
    #[error("stale_price: market {market} is {age} s old, at most {max} s are accepted")]
    StalePrice {
        /// The market.
        market: MarketId,
        /// Age in seconds.
        age: u64,
        /// Accepted age.
        max: u64,
    },
    /// The feed did not answer with the prices asked for.
    #[error("feed: {reason}")]
    Feed {
        /// What it said.
        reason: String,
    },
    /// Too low for whole-number prices.
    #[error("price_too_low: market {market} at {price}, at least {least} is needed")]
    PriceTooLow {
        /// The market.
        market: MarketId,
        /// Its price.
        price: Price,
        /// Least price.
        least: u64,
    },
    /// Initial margin would not be met.
    #[error("insufficient_margin: usable equity {equity} is below the requirement {required}")]
    InsufficientMargin {
        /// Equity without gated profit.
        equity: Quote,
        /// What is required.
        required: Quote,
    },
    /// A reduction at a price that would leave the account less healthy.
    #[error("worse_health: usable equity less maintenance would fall from {before} to {after}")]
    WorseHealth {
        /// Before.
        before: Quote,
        /// After.
        after: Quote,
    },
    /// The account has less than nothing: all that is left to do is to liquidate it.
    #[error("bankrupt: account {account} has an equity of {equity}")]
    Bankrupt {
        /// The account.
        account: AccountId,
        /// Its equity.
        equity: Quote,
    },
    /// A reduction at a price that would leave less than nothing.
    #[error("reduces_to_bankruptcy: equity would fall from {before} to {after}")]
    ReducesToBankruptcy {
        /// Before.
        before: Quote,
        /// After.
        after: Quote,
    },
    /// More than may leave.
    #[error("exceeds_withdrawable: {amount} of {withdrawable}")]
    ExceedsWithdrawable {
        /// Asked for.
        amount: Quote,
        /// Allowed.
        withdrawable: Quote,
    },
    /// Below the least notional.
    #[error("below_min_notional: {notional} is below {least}")]
    BelowMinNotional {
        /// Of the order or position.
        notional: Quote,
        /// Of the market.
        least: Quote,
    },
    /// Too many lots open.
    #[error("open_interest_exceeded: {lots} of at most {most}")]
    OpenInterestExceeded {
        /// Would be open.
        lots: Lots,
        /// Of the market.
        most: Lots,
    },
    /// Positions in too many markets.
    #[error("too_many_positions: {count} of at most {most}")]
    TooManyPositions {
        /// Would be held.
        count: usize,
        /// Of the exchange.
        most: u32,
    },
    /// Too many resting orders of one account.
    #[error("too_many_orders: account {account} has {most}")]
    TooManyOrders {
        /// The account.
        account: AccountId,
        /// Of the exchange.
        most: u32,
    },
    /// The side of the book is full.
    #[error("book_full: market {market} has {most} orders on this side")]
    BookFull {
        /// The market.
        market: MarketId,
        /// Of the exchange.
        most: u32,
    },
    /// Reduce-only with nothing to reduce.
    #[error("nothing_to_reduce: account {account} has no opposite position in market {market}")]
    NothingToReduce {
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
    },
    /// No such order of this account.
    #[error("unknown_order: account {account} has no order {order_id}")]
    UnknownOrder {
        /// The account.
        account: AccountId,
        /// The order.
        order_id: u64,
    },
    /// The account is healthy.
    #[error(
        "not_liquidatable: account {account} has equity {equity}, maintenance is {maintenance}"
    )]
    NotLiquidatable {
        /// The account.
        account: AccountId,
        /// Its equity.
        equity: Quote,
        /// Its requirement.
        maintenance: Quote,
    },
    /// No such loss.
    #[error("unknown_loss: {loss_id}")]
    UnknownLoss {
        /// The loss.
        loss_id: LossId,
    },
    /// The loss is closed.
    #[error("loss_closed: {loss_id}")]
    LossClosed {
        /// The loss.
        loss_id: LossId,
    },
    /// The fund has paid for this loss before.
    #[error("already_covered: {loss_id}")]
    AlreadyCovered {
        /// The loss.
        loss_id: LossId,
    },
    /// Candidates of another pass.
    #[error("pass_mismatch: loss {loss_id} is in pass {expected:?}, not {got:?}")]
    PassMismatch {
        /// The loss.
        loss_id: LossId,
        /// Its pass.
        expected: Pass,
        /// Of the message.
        got: Pass,
    },
    /// The bankrupt account itself, or an account named twice.
    #[error("bad_candidate: account {account} of loss {loss_id}")]
    BadCandidate {
        /// The loss.
        loss_id: LossId,
        /// The account.
        account: AccountId,
    },
    /// The queue still has time.
    #[error("too_early: loss {loss_id} may be forced from height {from}, it is {height}")]
    TooEarly {
        /// The loss.
        loss_id: LossId,
        /// First height.
        from: u64,
        /// Now.
        height: u64,
    },
    /// Losses are worked off in the order of their numbers: one that waits for another is not
    /// silent.
    #[error("loss_not_first: loss {loss_id} waits for loss {first}")]
    LossNotFirst {
        /// The loss.
        loss_id: LossId,
        /// The oldest open one.
        first: LossId,
    },
    /// A list that is empty, too long, or names something twice.
    #[error("bad_list: {length} entries, 1..={most} different ones are accepted")]
    BadList {
        /// Its length.
        length: usize,
        /// Most.
        most: usize,
    },
    /// There are no fees to send.
    #[error("no_fees: market {market}")]
    NoFees {
        /// The market.
        market: MarketId,
    },
    /// The share of a bankrupt account did not end at zero: a bug, nothing is written.
    #[error("inexact: account {account} would keep {cash}")]
    Inexact {
        /// The account.
        account: AccountId,
        /// What would be left.
        cash: Quote,
    },
    /// A reply that this contract did not ask for.
    #[error("unknown_reply: {id}")]
    UnknownReply {
        /// Its id.
        id: u64,
    },
}

impl ContractError {
    /// The stable code: the text before the first colon.
    pub fn code(&self) -> String {
        let text = self.to_string();
        text.split(':').next().unwrap_or_default().to_owned()
    }
}

impl From<StdError> for ContractError {
    fn from(e: StdError) -> Self {
        Self::Std(e.to_string())
    }
}

/// Result of every fallible function of this contract.
pub type ContractResult<T> = Result<T, ContractError>;
