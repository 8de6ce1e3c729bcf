//! The state of the suite before a transaction, as a file.

use perp_core::funding::INDEX_BOUND;
use perp_interface::feed::PriceUpdate;
use perp_interface::loss::LossTerms;
use perp_interface::market::{AccountResponse, LossResponse, MarketResponse};
use perp_interface::params::{validate_policy, QueueParams};
use perp_interface::queue::{IndexEntry, JobResponse};
use perp_interface::{AccountId, LossId, MarketId, Policy, Price, Side};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What [`State::format`] says.
pub const FORMAT: &str = "cw-perps state 1";

/// Costs and cash beyond this (2^90) are refused: nothing the market books comes near.
const AMOUNT_BOUND: i128 = 1 << 90;

/// Everything that decides whom a loss is taken from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// [`FORMAT`].
    pub format: String,
    /// Height of the block at whose end (or, on an embedded chain, in which) this was read.
    pub height: u64,
    /// Time of that block in seconds.
    pub time: u64,
    /// Where the contracts are.
    pub contracts: Contracts,
    /// All accounts, ascending.
    pub accounts: Vec<AccountResponse>,
    /// All markets, ascending, funding accrued to [`State::time`].
    pub markets: Vec<MarketResponse>,
    /// The feed's prices, of any age.
    pub prices: Vec<PriceUpdate>,
    /// Losses that are open.
    pub losses: Vec<LossResponse>,
    /// What the queue says besides its ranking.
    pub queue: QueueState,
    /// Records of the ranking that are not what the positions give, with the reason.
    pub old_keys: Vec<OldKey>,
}

/// Addresses. Events of other contracts are no receipts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contracts {
    /// perp-market.
    pub market: String,
    /// insurance-fund.
    pub fund: String,
    /// deleverage-queue.
    pub queue: String,
    /// price-feed.
    pub feed: String,
}

/// Parameters and jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueState {
    /// Parameters.
    pub params: QueueParams,
    /// Selection policy in force in each market.
    pub policies: Vec<MarketPolicy>,
    /// Open jobs.
    pub jobs: Vec<JobResponse>,
}

/// Selection policy of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketPolicy {
    /// The market.
    pub market: MarketId,
    /// The policy that the next loss there is frozen with.
    pub policy: Policy,
}

/// A record of the ranking that differs from what its position gives now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldKey {
    /// The account.
    pub account: AccountId,
    /// The market.
    pub market: MarketId,
    /// The side on which the position stands, or stood.
    pub side: Side,
    /// What the ranking holds; none: it does not know of the position.
    pub stored: Option<IndexEntry>,
    /// The market or the queue says that the account waits for a refresh.
    pub dirty: bool,
}

/// A state that cannot be one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StateError {
    /// Another kind of file.
    #[error("the state's format is '{0}', expected '{FORMAT}'")]
    Format(String),
    /// A position in a market that is not in the file.
    #[error("account {account} has a position in market {market}, which the state does not hold")]
    UnknownMarket {
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
    },
    /// The same number twice, or numbers that do not ascend.
    #[error("{what} {number} comes twice or out of order")]
    NotAscending {
        /// What is numbered.
        what: &'static str,
        /// Which.
        number: u64,
    },
    /// A number outside of what the contracts can hold.
    #[error("account {account}, market {market}: lots, cost or funding is out of range")]
    Position {
        /// The account.
        account: AccountId,
        /// The market.
        market: MarketId,
    },
    /// Cash or debts outside of what the contracts can hold.
    #[error("account {0}: cash is out of range")]
    Cash(AccountId),
    /// Terms or sums of a loss outside of what the contracts can hold.
    #[error("loss {0}: its terms or its sums are out of range")]
    Loss(LossId),
    /// Parameters that the contracts refuse.
    #[error("market {market}: {error}")]
    Params {
        /// The market.
        market: MarketId,
        /// Why.
        error: String,
    },
    /// Funding outside of what the contracts can hold.
    #[error("market {0}: cumulative funding is out of range")]
    Index(MarketId),
    /// A price that the contracts refuse.
    #[error("market {0}: the price is out of range")]
    Price(MarketId),
}

impl State {
    /// Refuses what no chain can answer, so that nothing later overflows.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn validate(&self) -> Result<(), StateError> {
        if self.format != FORMAT {
            return Err(StateError::Format(self.format.clone()));
        }
        ascending("account", self.accounts.iter().map(|a| a.account))?;
        ascending("market", self.markets.iter().map(|m| m.market.into()))?;
        ascending("loss", self.losses.iter().map(|l| l.terms.loss_id))?;
        for market in &self.markets {
            if !(-INDEX_BOUND..INDEX_BOUND).contains(&market.index.0) {
                return Err(StateError::Index(market.market));
            }
            market.params.validate().map_err(|e| StateError::Params {
                market: market.market,
                error: e.to_string(),
            })?;
        }
        for update in &self.prices {
            Price::new(update.price.0).map_err(|_| StateError::Price(update.market))?;
        }
        self.check_losses()?;
        self.accounts.iter().try_for_each(|a| self.check(a))
    }

    fn check_losses(&self) -> Result<(), StateError> {
        for policy in &self.queue.policies {
            let market = policy.market;
            validate_policy(&policy.policy).map_err(|e| StateError::Params {
                market,
                error: e.to_string(),
            })?;
        }
        for loss in &self.losses {
            let sums = [
                loss.need,
                loss.slippage,
                loss.fund_used,
                loss.adl_taken,
                loss.haircut,
                loss.bad_debt,
                loss.need_left,
            ];
            let in_range = sums.iter().all(|sum| is_amount(sum.0)) && are_terms(&loss.terms);
            if !in_range {
                return Err(StateError::Loss(loss.terms.loss_id));
            }
        }
        for job in &self.queue.jobs {
            if !are_terms(&job.terms) || validate_policy(&job.policy).is_err() {
                return Err(StateError::Loss(job.terms.loss_id));
            }
        }
        let is_bounded = |old: &&OldKey| {
            let stored = old.stored.as_ref();
            stored.is_none_or(|key| {
                is_amount(key.entry.0) && key.lots.0 < perp_core::units::LOTS_BOUND
            })
        };
        match self.old_keys.iter().find(|old| !is_bounded(old)) {
            Some(old) => Err(StateError::Position {
                account: old.account,
                market: old.market,
            }),
            None => Ok(()),
        }
    }

    fn check(&self, account: &AccountResponse) -> Result<(), StateError> {
        let id = account.account;
        let debts = account.debts.iter().map(|d| d.amount.0);
        if !debts.chain([account.cash.0]).all(is_amount) {
            return Err(StateError::Cash(id));
        }
        ascending(
            "market of a position",
            account.positions.iter().map(|p| p.market.into()),
        )?;
        for position in &account.positions {
            let market = position.market;
            if !self.markets.iter().any(|m| m.market == market) {
                return Err(StateError::UnknownMarket {
                    account: id,
                    market,
                });
            }
            let in_range = (1..perp_core::units::LOTS_BOUND).contains(&position.lots.0)
                && is_amount(position.cost.0)
                && (-INDEX_BOUND..INDEX_BOUND).contains(&position.index.0);
            if !in_range {
                return Err(StateError::Position {
                    account: id,
                    market,
                });
            }
        }
        Ok(())
    }
}

/// Whether the market can book so much.
pub(super) const fn is_amount(amount: i128) -> bool {
    amount > -AMOUNT_BOUND && amount < AMOUNT_BOUND
}

/// Whether a loss can have been frozen with these terms.
pub(super) fn are_terms(terms: &LossTerms) -> bool {
    Price::new(terms.mark.0).is_ok() && terms.index.0 > -INDEX_BOUND && terms.index.0 < INDEX_BOUND
}

fn ascending(what: &'static str, numbers: impl Iterator<Item = u64>) -> Result<(), StateError> {
    let mut last = None;
    for number in numbers {
        if last.is_some_and(|last| last >= number) {
            return Err(StateError::NotAscending { what, number });
        }
        last = Some(number);
    }
    Ok(())
}
