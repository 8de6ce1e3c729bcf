//! Units of work: what a keeper sends, one message and one transaction each.

use std::fmt;

use perp_interface::feed::{self, PriceUpdate};
use perp_interface::governance::ApplyPending;
use perp_interface::queue::{ContinueDeleverage, PublishLights};
use perp_interface::{fund, market, queue, AccountId, LossId, MarketId, Side};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kinds of work, the most urgent first.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Kind {
    /// New prices: everything else is decided by them.
    SetPrices,
    /// The next step of the first job of the queue.
    ContinueDeleverage,
    /// A loss that waits for the fund, or of whose end the fund was not told.
    ResumeLoss,
    /// A loss that the queue does not move.
    ForceLoss,
    /// An account below maintenance.
    Liquidate,
    /// A change of parameters that is due.
    ApplyPending,
    /// Accounts that the queue was not told of.
    Refresh,
    /// Fees of a market.
    CollectFees,
    /// Lights of a ranking.
    PublishLights,
    /// The keeper's own bounties.
    PayOwed,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::SetPrices,
        Self::ContinueDeleverage,
        Self::ResumeLoss,
        Self::ForceLoss,
        Self::Liquidate,
        Self::ApplyPending,
        Self::Refresh,
        Self::CollectFees,
        Self::PublishLights,
        Self::PayOwed,
    ];

    /// Its name, as in messages and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SetPrices => "set_prices",
            Self::ContinueDeleverage => "continue_deleverage",
            Self::ResumeLoss => "resume_loss",
            Self::ForceLoss => "force_loss",
            Self::Liquidate => "liquidate",
            Self::ApplyPending => "apply_pending",
            Self::Refresh => "refresh",
            Self::CollectFees => "collect_fees",
            Self::PublishLights => "publish_lights",
            Self::PayOwed => "pay_owed",
        }
    }
}

/// One of the four contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contract {
    /// perp-market.
    Market,
    /// insurance-fund.
    Fund,
    /// deleverage-queue.
    Queue,
    /// price-feed.
    Feed,
}

/// Where the contracts are.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Contracts {
    /// The address of one.
    pub fn of(&self, contract: Contract) -> &str {
        match contract {
            Contract::Market => &self.market,
            Contract::Fund => &self.fund,
            Contract::Queue => &self.queue,
            Contract::Feed => &self.feed,
        }
    }
}

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// Sends prices; at least one.
    SetPrices(Vec<PriceUpdate>),
    /// Makes the next step of a job.
    ContinueDeleverage {
        /// The loss.
        loss_id: LossId,
        /// Units of work; none: as many as the queue allows.
        limit: Option<u32>,
    },
    /// Asks the fund again about a loss, or tells it again of its end.
    ResumeLoss(LossId),
    /// Closes a loss at the mark.
    ForceLoss {
        /// The loss.
        loss_id: LossId,
        /// Counterparties, in rank order.
        accounts: Vec<AccountId>,
    },
    /// Liquidates an account.
    Liquidate(AccountId),
    /// Makes the next step of a change.
    ApplyPending {
        /// At this contract.
        contract: Contract,
        /// Of this market; none: of the contract itself.
        market: Option<MarketId>,
    },
    /// Has accounts sent to the queue again; at least one.
    Refresh(Vec<AccountId>),
    /// Sends a market's fees to the fund.
    CollectFees(MarketId),
    /// Publishes the lights of a ranking.
    PublishLights(MarketId, Side),
    /// Has the fund pay what it owes to this address.
    PayOwed(String),
}

/// What makes two works the same: nothing is sent while another with its key is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Its kind.
    pub kind: Kind,
    /// Which one of the kind.
    pub of: u64,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.of)
    }
}

/// Markets are 16 bits wide; one more for "none".
const MARKET_BITS: u32 = 17;

impl Work {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::SetPrices(_) => Kind::SetPrices,
            Self::ContinueDeleverage { .. } => Kind::ContinueDeleverage,
            Self::ResumeLoss(_) => Kind::ResumeLoss,
            Self::ForceLoss { .. } => Kind::ForceLoss,
            Self::Liquidate(_) => Kind::Liquidate,
            Self::ApplyPending { .. } => Kind::ApplyPending,
            Self::Refresh(_) => Kind::Refresh,
            Self::CollectFees(_) => Kind::CollectFees,
            Self::PublishLights(..) => Kind::PublishLights,
            Self::PayOwed(_) => Kind::PayOwed,
        }
    }

    /// Its key. Limits and lists are no part of it: another step size is still the same step.
    /// Newer prices are another work: an older one that comes late is refused by the feed.
    pub fn key(&self) -> Key {
        let of = match self {
            Self::SetPrices(prices) => prices.iter().map(|p| p.publish_time).max().unwrap_or(0),
            Self::ContinueDeleverage { loss_id, .. }
            | Self::ResumeLoss(loss_id)
            | Self::ForceLoss { loss_id, .. } => *loss_id,
            Self::Liquidate(account) => *account,
            Self::ApplyPending { contract, market } => {
                let market = market.map_or(0, |market| u64::from(market) + 1);
                ((*contract as u64) << MARKET_BITS) + market
            }
            Self::Refresh(_) | Self::PayOwed(_) => 0,
            Self::CollectFees(market) => u64::from(*market),
            Self::PublishLights(market, side) => {
                2 * u64::from(*market) + u64::from(*side == Side::Short)
            }
        };
        Key {
            kind: self.kind(),
            of,
        }
    }

    /// The contract that it calls.
    pub const fn contract(&self) -> Contract {
        match self {
            Self::SetPrices(_) => Contract::Feed,
            Self::ContinueDeleverage { .. } | Self::Refresh(_) | Self::PublishLights(..) => {
                Contract::Queue
            }
            Self::ResumeLoss(_)
            | Self::ForceLoss { .. }
            | Self::Liquidate(_)
            | Self::CollectFees(_) => Contract::Market,
            Self::ApplyPending { contract, .. } => *contract,
            Self::PayOwed(_) => Contract::Fund,
        }
    }

    /// The message of it, in JSON.
    ///
    /// # Errors
    /// If it has no JSON form.
    pub fn message(&self) -> serde_json::Result<Value> {
        match self.clone() {
            Self::SetPrices(prices) => of(&feed::ExecuteMsg::SetPrices(feed::SetPrices { prices })),
            Self::ContinueDeleverage { loss_id, limit } => {
                let msg = ContinueDeleverage { loss_id, limit };
                of(&queue::ExecuteMsg::ContinueDeleverage(msg))
            }
            Self::ResumeLoss(loss_id) => of(&market::ExecuteMsg::ResumeLoss(market::ResumeLoss {
                loss_id,
            })),
            Self::ForceLoss { loss_id, accounts } => {
                let msg = market::ForceLoss { loss_id, accounts };
                of(&market::ExecuteMsg::ForceLoss(msg))
            }
            Self::Liquidate(account) => of(&market::ExecuteMsg::Liquidate(market::Liquidate {
                account,
            })),
            Self::ApplyPending { contract, market } => {
                let msg = ApplyPending { market };
                match contract {
                    Contract::Market => of(&market::ExecuteMsg::ApplyPending(msg)),
                    Contract::Fund => of(&fund::ExecuteMsg::ApplyPending(msg)),
                    Contract::Queue => of(&queue::ExecuteMsg::ApplyPending(msg)),
                    Contract::Feed => of(&feed::ExecuteMsg::ApplyPending(msg)),
                }
            }
            Self::Refresh(accounts) => of(&queue::ExecuteMsg::Refresh(queue::Refresh { accounts })),
            Self::CollectFees(market) => {
                of(&market::ExecuteMsg::CollectFees(market::CollectFees {
                    market,
                }))
            }
            Self::PublishLights(market, side) => {
                of(&queue::ExecuteMsg::PublishLights(PublishLights {
                    market,
                    side,
                }))
            }
            Self::PayOwed(to) => of(&fund::ExecuteMsg::PayOwed(fund::PayOwed { to })),
        }
    }
}

fn of(msg: &impl Serialize) -> serde_json::Result<Value> {
    serde_json::to_value(msg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_works_apart_and_step_sizes_not() {
        let step = |limit| Work::ContinueDeleverage { loss_id: 7, limit };
        assert_eq!(step(None).key(), step(Some(3)).key());
        let apply = |contract, market| Work::ApplyPending { contract, market }.key();
        let all = [
            apply(Contract::Market, None),
            apply(Contract::Market, Some(0)),
            apply(Contract::Market, Some(u16::MAX)),
            apply(Contract::Fund, None),
            apply(Contract::Queue, Some(1)),
            Work::PublishLights(1, Side::Long).key(),
            Work::PublishLights(1, Side::Short).key(),
            Work::PublishLights(2, Side::Long).key(),
            Work::ResumeLoss(7).key(),
            step(None).key(),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn kinds_are_named_as_they_are_written() {
        for kind in Kind::ALL {
            let written = serde_json::to_value(kind).expect("JSON");
            assert_eq!(written, kind.name());
        }
        assert!(Kind::ALL.is_sorted());
    }

    #[test]
    fn a_message_is_what_the_contract_takes() {
        let work = Work::ContinueDeleverage {
            loss_id: 7,
            limit: Some(3),
        };
        let message = work.message().expect("JSON");
        let read: queue::ExecuteMsg = serde_json::from_value(message).expect("the queue's");
        let expected = ContinueDeleverage {
            loss_id: 7,
            limit: Some(3),
        };
        assert_eq!(read, queue::ExecuteMsg::ContinueDeleverage(expected));
    }
}
