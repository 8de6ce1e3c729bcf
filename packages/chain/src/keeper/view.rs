//! What the chain says, all that a plan is made of.

use std::collections::{BTreeMap, BTreeSet};

use perp_interface::feed::PriceUpdate;
use perp_interface::market::{LossResponse, MarketResponse};
use perp_interface::params::FeedParams;
use perp_interface::queue::JobResponse;
use perp_interface::{AccountId, LossId, MarketId, Quote, Side};

use super::work::Contract;

/// An account below maintenance, by the market's own answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Liquidatable {
    /// The account.
    pub account: AccountId,
    /// Its equity.
    pub equity: Quote,
    /// Its maintenance requirement.
    pub maintenance: Quote,
    /// Locked, or in a market that is being deleveraged: it has to wait.
    pub gated: bool,
    /// Its cash and lots: what a liquidation changes, and a price does not.
    pub holdings: String,
}

/// A change of parameters that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// At this contract.
    pub contract: Contract,
    /// Of this market; none: of the contract itself.
    pub market: Option<MarketId>,
    /// When its next step may be made, in seconds.
    pub due: u64,
    /// Version of the parameters in force.
    pub version: u64,
}

/// When the lights of a ranking were published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lights {
    /// The market.
    pub market: MarketId,
    /// The side.
    pub side: Side,
    /// Height; none: never.
    pub published: Option<u64>,
}

/// An open loss.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenLoss {
    /// As the market answers it.
    pub loss: LossResponse,
    /// The height at which the fund heard of it.
    pub since: Option<u64>,
    /// Who could close it at the mark, in rank order; empty unless it was asked for.
    pub counterparties: Vec<AccountId>,
}

/// What the chain says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Height of the newest block.
    pub height: u64,
    /// Its time in seconds.
    pub time: u64,
    /// All markets, ascending.
    pub markets: Vec<MarketResponse>,
    /// Their prices, as far as they have one, and those of markets whose prices the keeper has.
    pub prices: BTreeMap<MarketId, PriceUpdate>,
    /// What the feed accepts.
    pub feed: FeedParams,
    /// Open losses, ascending.
    pub losses: Vec<OpenLoss>,
    /// Closed losses that the fund takes for open, ascending.
    pub untold: Vec<LossId>,
    /// Whether the queue answers; otherwise its jobs are not known.
    pub queue_answers: bool,
    /// The jobs of the queue, in the order in which they are worked off.
    pub jobs: Vec<JobResponse>,
    /// Most units of work of one step.
    pub step_limit: u32,
    /// Blocks without a step after which a loss may be forced.
    pub force_after: u64,
    /// Accounts below maintenance, the worst first.
    pub liquidatable: Vec<Liquidatable>,
    /// Accounts below maintenance by what the keeper knows, not gated, that were not read again this time.
    pub unread: usize,
    /// Accounts with positions that the keeper knows.
    pub known: usize,
    /// Accounts of which the queue was not told.
    pub dirty: BTreeSet<AccountId>,
    /// Changes that wait.
    pub pending: Vec<Pending>,
    /// Lights; empty unless they were asked for.
    pub lights: Vec<Lights>,
    /// Address of the keeper, if it has one.
    pub me: Option<String>,
    /// What the fund owes to it.
    pub owed: Quote,
    /// New prices that the feed would accept.
    pub new_prices: Vec<PriceUpdate>,
    /// What could not be read, in words.
    pub complaints: Vec<String>,
}
